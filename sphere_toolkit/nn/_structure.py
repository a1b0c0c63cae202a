"""What a model is made of, in words: to tell one architecture from another."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import equinox as eqx

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_SHOWN = 3


def describe(tree: Any, path: str = "") -> dict[str, str]:
    """Every part of a model by its path: classes, types and shapes of arrays, constants.

    The values of arrays are no part of it. It does not change from one process to the next, and
    holds static fields too, which the leaves of the tree do not show.
    """
    found = {path: _in_words(tree)}
    for step, part in _parts(tree):
        found |= describe(part, path + step)
    return found


def _parts(tree: Any) -> list[tuple[str, Any]]:
    if isinstance(tree, eqx.Module):
        return [(f".{field.name}", getattr(tree, field.name)) for field in dataclasses.fields(tree)]
    if isinstance(tree, list | tuple):
        return [(f"[{i}]", part) for i, part in enumerate(tree)]
    if isinstance(tree, Mapping):
        return [(f"[{key!r}]", part) for key, part in tree.items()]
    return []


def _in_words(part: Any) -> str:
    if _parts(part):
        return type(part).__name__
    if hasattr(part, "shape") and hasattr(part, "dtype"):
        return f"{part.dtype}[{','.join(map(str, part.shape))}]"
    if callable(part) and hasattr(part, "__name__"):  # jax.nn.relu has no other useful name
        return str(part.__name__)
    words = _ADDRESS.sub("", repr(part))
    if len(words) > 80:
        words = f"{words[:60]}… ({hashlib.sha256(words.encode()).hexdigest()[:8]})"
    return words


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
