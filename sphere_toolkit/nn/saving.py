"""Models in files: one line of JSON, then the arrays. No pickle."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import equinox as eqx
import jax
import numpy as np

from ._structure import describe, differences

Model = TypeVar("Model")

_FORMAT, _VERSION = "sphere_toolkit model", 1
_OPENING = f'{{"format": "{_FORMAT}", '.encode()


def save(
    path: str | os.PathLike[str], model: Any, hyperparameters: Mapping[str, Any] | None = None
) -> None:
    """Write a model to a file, which `load` reads.

    Parameters
    ----------
    path : path
        An existing file is replaced, in one step: there is never half a file.
    model : eqx.Module
        Any tree of arrays.
    hyperparameters : mapping, optional
        What the model was made with, kept for `hyperparameters`; anything that JSON can hold
        (tuples come back as lists).

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    TypeError, ValueError
        JSON cannot hold ``hyperparameters``.

    Notes
    -----
    The file begins with one line of JSON: format, version, hyperparameters, the structure of the
    model (classes, shapes and types of arrays, constants) and a SHA-256 of it all. Then follow
    the arrays in NumPy's format, in the order of the tree, as Equinox serialises them. Nothing
    in it can run code.

    Examples
    --------
    >>> import equinox as eqx, jax, tempfile, pathlib
    >>> import sphere_toolkit as st
    >>> sizes = dict(in_size=4, out_size=3, width_size=8, depth=1)
    >>> model = eqx.nn.MLP(**sizes, key=jax.random.key(0))
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model"
    >>> st.nn.save(path, model, sizes)
    >>> like = eqx.nn.MLP(**st.nn.hyperparameters(path), key=jax.random.key(1))
    >>> eqx.tree_equal(st.nn.load(path, like), model).item()
    True
    """
    kept = dict(hyperparameters or {})
    try:
        json.dumps(kept, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"hyperparameters must be what JSON can hold: {error}") from None
    write(Path(path), model, {"hyperparameters": kept})


def load(path: str | os.PathLike[str], like: Model) -> Model:
    """Read a model that `save` wrote, or the model in a checkpoint of `fit`.

    Parameters
    ----------
    path : path
        Of a checkpoint the weights after its last epoch are taken.
    like : eqx.Module
        A model of the same architecture, whatever its weights; `eqx.filter_eval_shape` makes
        one without weights.

    Returns
    -------
    A model like ``like`` with the arrays of the file.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file is foreign, truncated, damaged or of a later version; or it holds another
        architecture: the first differences are named.
    """
    header, content = read(Path(path))
    check_architecture(Path(path), header, like)
    return arrays(Path(path), content, like)


def hyperparameters(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What was given to `save` as ``hyperparameters``; empty if nothing was.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file is foreign, truncated, damaged or of a later version.
    """
    return read(Path(path))[0].get("hyperparameters", {})


# --- the format, shared with checkpoints ------------------------------------------------------


def write(path: Path, model: Any, entries: Mapping[str, Any], more: Any = None) -> None:
    """A file with ``model``, further header ``entries`` and ``more`` arrays behind the model."""
    stream = io.BytesIO()
    eqx.tree_serialise_leaves(stream, (model, more))
    content = stream.getvalue()
    header = {"format": _FORMAT, "version": _VERSION, "structure": describe(model), **entries}
    header |= {"bytes": len(content)}
    header |= {"sha256": _digest(header, content)}
    _replace(path, json.dumps(header).encode() + b"\n" + content)


def read(path: Path) -> tuple[dict[str, Any], bytes]:
    """Header and arrays (as bytes) of a file, if it is whole."""
    with open(path, "rb") as stream:
        if stream.read(len(_OPENING)) != _OPENING:
            raise ValueError(f"{path} is no model of sphere_toolkit: it does not begin like one")
        line, content = stream.readline(), stream.read()
    try:
        header = json.loads(_OPENING + line)
        version, promised, size = header["version"], header.pop("sha256"), header["bytes"]
    except (ValueError, KeyError):
        raise ValueError(f"{path} is damaged: its first line cannot be read") from None
    if version != _VERSION:
        raise ValueError(f"{path} has format version {version!r}, expected {_VERSION}")
    if isinstance(size, int) and len(content) < size:
        raise ValueError(f"{path} is truncated: {len(content)} of {size} bytes of arrays are there")
    if _digest(header, content) != promised:
        raise ValueError(f"{path} is damaged: its content does not match its SHA-256")
    return header, content


def check_architecture(path: Path, header: Mapping[str, Any], model: Any) -> None:
    """Raise unless the file was written from a model built like ``model``."""
    found = differences(header["structure"], describe(model), "the model")
    if found:
        raise ValueError(f"{path} holds another architecture: {found}")


def arrays(path: Path, content: bytes, like: Model) -> Model:
    """The tree ``like`` with the first arrays of ``content``."""
    try:
        return eqx.tree_deserialise_leaves(io.BytesIO(content), like)
    except (RuntimeError, ValueError, EOFError) as error:
        # Whole, and of the right structure: so it was not written by `write`.
        reason: BaseException = error
        while reason.__cause__ is not None:  # Equinox adds the path of the array, twice
            reason = reason.__cause__
        raise ValueError(f"{path} does not hold the arrays it lists: {reason}") from error


def _digest(header: Mapping[str, Any], content: bytes) -> str:
    return hashlib.sha256(json.dumps(header).encode() + content).hexdigest()


def _replace(path: Path, content: bytes) -> None:
    """Put a file in place whole or not at all, even if the machine stops on the way."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def fingerprint(tree: Any) -> str:
    """SHA-256 (its beginning) of all arrays of a tree, with their types and shapes."""
    digest = hashlib.sha256()
    for leaf in map(np.asarray, jax.tree.leaves(tree)):
        digest.update(f"{leaf.dtype}{leaf.shape}".encode())
        digest.update(np.ascontiguousarray(leaf).data)
    return digest.hexdigest()[:16]
