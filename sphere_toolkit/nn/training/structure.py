"""A model as JSON and a list of arrays, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from .. import registry
from ..math.constant import Constant
from ..math.precision import check_supported

_SHOWN = 3
_PLAIN = (type(None), bool, int, float, str)


def encode(tree: Any, path: str = "the model") -> tuple[Any, list[Any]]:
    """A model in types of JSON, and the list of its arrays to which these refer by index.

    Raises
    ------
    TypeError
        A part has no registered name; the message names the part and says what to do.
    """
    arrays: list[Any] = []

    def visit(part: Any, path: str) -> Any:
        if type(part) in _PLAIN:
            return part
        if isinstance(part, np.generic):
            return part.item()
        if isinstance(part, Constant):
            return {"constant": _listed(part.array, path, arrays)}
        if isinstance(part, jax.Array | np.ndarray):
            kind = "array" if isinstance(part, jax.Array) else "numpy"
            return {kind: _listed(part, path, arrays)}
        if type(part) in (list, tuple):
            items = [visit(item, f"{path}[{i}]") for i, item in enumerate(part)]
            return {type(part).__name__: items}
        if type(part) is dict and all(isinstance(key, str) for key in part):
            return {"dict": {key: visit(item, f"{path}[{key!r}]") for key, item in part.items()}}
        name = registry.name_of(type(part) if isinstance(part, eqx.Module) else part)
        if name is None:
            raise TypeError(_no_name(part, path))
        if not isinstance(part, eqx.Module):
            return {"function": name}
        fields = {f.name: getattr(part, f.name) for f in dataclasses.fields(part)}
        inside = {key: visit(value, f"{path}.{key}") for key, value in fields.items()}
        return {"class": name, "fields": inside}

    return visit(tree, path), arrays


def _listed(array: Any, path: str, arrays: list[Any]) -> dict[str, Any]:
    """The entry of an array in the header; the array itself goes to the end of ``arrays``."""
    if not (jnp.issubdtype(array.dtype, np.number) or jnp.issubdtype(array.dtype, np.bool_)):
        raise TypeError(f"{path} must hold numbers, got an array of dtype {array.dtype}")
    arrays.append(array)
    return {"index": len(arrays) - 1, "dtype": str(array.dtype), "shape": list(array.shape)}


def _no_name(part: Any, path: str) -> str:
    if isinstance(part, eqx.Module):
        name = type(part).__name__
        return (
            f"{path} is a {name}, a class that a file cannot name: register it, "
            f"nn.register({name}), here and before nn.load"
        )
    if callable(part):
        return (
            f"{path} is {getattr(part, '__name__', part)!r}, a function that a file cannot name: "
            'use a named activation such as "relu" or jax.nn.relu, or register it, '
            'nn.register(function, name="..."), here and before nn.load'
        )
    return (
        f"{path} is {part!r} of type {type(part).__name__}, which a file cannot hold: numbers, "
        "text, arrays, registered classes and functions, and tuples, lists and dictionaries of "
        "them can be saved"
    )


def templates(encoded: Any) -> list[Any]:
    """Templates with which `eqx.tree_deserialise_leaves` reads the arrays of an encoded model.

    Raises
    ------
    ValueError
        An array is in double precision while JAX computes in single precision.
    """
    found: dict[int, Any] = {}

    def visit(part: Any) -> None:
        if isinstance(part, list):
            for item in part:
                visit(item)
        if not isinstance(part, dict):
            return
        for kind in ("array", "numpy", "constant"):
            if isinstance(entry := part.get(kind), dict) and "index" in entry:
                found[entry["index"]] = _template(kind, entry)
                return
        for item in part.values():
            visit(item)

    visit(encoded)
    return [found[i] for i in range(len(found))]


def _template(kind: str, entry: Mapping[str, Any]) -> Any:
    dtype, shape = jnp.dtype(entry["dtype"]), tuple(entry["shape"])
    if kind != "array":
        return np.broadcast_to(np.zeros((), dtype), shape)  # takes no memory
    check_supported("the model has weights in", dtype)
    return jax.ShapeDtypeStruct(shape, dtype)


def decode(encoded: Any, arrays: Sequence[Any]) -> Any:
    """The model of an encoded one: the inverse of `encode`.

    Raises
    ------
    ValueError
        A class or function is not registered here, or a class has other fields here.
    """
    if isinstance(encoded, _PLAIN):
        return encoded
    match encoded:
        case {"constant": {"index": int(i)}}:
            return Constant(arrays[i])
        case {"array": {"index": int(i)}} | {"numpy": {"index": int(i)}}:
            return arrays[i]
        case {"list": list(items)}:
            return [decode(item, arrays) for item in items]
        case {"tuple": list(items)}:
            return tuple(decode(item, arrays) for item in items)
        case {"dict": dict(items)}:
            return {key: decode(item, arrays) for key, item in items.items()}
        case {"function": str(name)}:
            return _found(name)
        case {"class": str(name), "fields": dict(items)}:
            return _made(name, {key: decode(item, arrays) for key, item in items.items()})
    raise ValueError(f"it holds {str(encoded)[:60]!r}, which is no part of a model")


def _found(name: str) -> Any:
    thing = registry.find(name)
    if thing is None:
        raise ValueError(
            f"it holds {name!r}, which is not registered here: if it is yours, import or define "
            "it and call nn.register(...) as before nn.save"
        )
    return thing


def _made(name: str, fields: dict[str, Any]) -> Any:
    """An instance of a registered class with these fields."""
    cls = _found(name)
    if not isinstance(cls, type):
        raise ValueError(f"it holds {name!r} as a class, and here it is a function")
    expected = {field.name for field in dataclasses.fields(cls)}
    if expected != set(fields):
        raise ValueError(
            f"it holds a {name} with the fields {sorted(fields)}, here the class has "
            f"{sorted(expected)}: it was saved by another version"
        )
    made: Any = object.__new__(cls)
    for key, value in fields.items():
        object.__setattr__(made, key, value)
    return made


# --- in words -------------------------------------------------------------------------------


def describe(encoded: Any, path: str = "") -> dict[str, str]:
    """A description of each part of an encoded model, by its path, without the values of arrays."""
    match encoded:
        case {"class": name, "fields": parts}:
            steps = {f".{key}": part for key, part in parts.items()}
        case {"dict": parts}:
            name, steps = "dict", {f"[{key!r}]": part for key, part in parts.items()}
        case {"list": parts} | {"tuple": parts}:
            name, steps = "tuple or list", {f"[{i}]": part for i, part in enumerate(parts)}
        case {"array": array} | {"numpy": array} | {"constant": array}:
            return {path: f"{array['dtype']}[{','.join(map(str, array['shape']))}]"}
        case {"function": name}:
            return {path: name}
        case _:
            return {path: repr(encoded)}
    found = {path: name}
    for step, part in steps.items():
        found |= describe(part, path + step)
    return found


def differences(stored: Mapping[str, str], given: Mapping[str, str], what: str) -> str:
    """The first entries in which ``stored`` and ``given`` differ; empty if they do not.

    ``what`` names a part in messages about an entry that has no name of its own.
    """
    lines = []
    for path in [*given, *(path for path in stored if path not in given)]:
        if stored.get(path) != given.get(path):
            name = path.removeprefix(".") or what
            lines.append(
                f"{name} is {stored.get(path, 'missing')} in the file, "
                f"{given.get(path, 'missing')} here"
            )
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return "; ".join(lines[:_SHOWN]) + more
