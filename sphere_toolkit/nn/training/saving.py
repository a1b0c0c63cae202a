"""Models in files: one line of JSON, then the arrays. No pickle."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import numpy as np

from .structure import decode, encode, templates

_FORMAT, _VERSION = "sphere_toolkit model", 2
_OPENING = f'{{"format": "{_FORMAT}", '.encode()


def save(
    path: str | os.PathLike[str], model: Any, metadata: Mapping[str, Any] | None = None
) -> None:
    """Write a model to a file, from which `load` rebuilds it.

    Parameters
    ----------
    path : path
        An existing file is replaced in one step, so that the file is always complete.
    model : eqx.Module
        Everything that belongs to it is saved: band-limit, `Standardisation`, names of classes. Its
        classes and functions must be registered. Those of `sphere_toolkit.nn`, `equinox.nn` and
        `jax.nn` are; register your own with `register`. A tuple, list or dictionary of models may
        be saved as well.
    metadata : mapping, optional
        Further information, such as the accuracy, for `read_metadata`; anything that JSON can hold
        (tuples come back as lists).

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    TypeError
        ``model`` is not a model, or a part of it is not registered, for example a lambda (the
        message names the part and says what to do); or JSON cannot hold ``metadata``.
    ValueError
        ``metadata`` holds NaN or an infinite number.

    Notes
    -----
    The file begins with one line of JSON: format, version, metadata, the model (names of its
    classes and functions, the fields of each, shapes and types of arrays) and a SHA-256 of
    everything. The arrays follow in NumPy's format. Loading runs no code from the file: names are
    looked up among the registered ones.

    Examples
    --------
    >>> import equinox as eqx, jax, tempfile, pathlib
    >>> import sphere_toolkit as st
    >>> model = st.nn.ZonalCNN(1, 8, 3, channels=(2,), key=jax.random.key(0))
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model"
    >>> st.nn.save(path, model, {"accuracy": 0.9})
    >>> eqx.tree_equal(st.nn.load(path), model).item(), st.nn.read_metadata(path)
    (True, {'accuracy': 0.9})
    """
    kept = dict(metadata or {})
    try:
        json.dumps(kept, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"metadata must be what JSON can hold: {error}") from None
    if not _holds_a_module(model):
        raise TypeError(
            f"model must be an eqx.Module, got {model!r} of type {type(model).__name__}"
        )
    write(Path(path), model, {"metadata": kept})


def load(path: str | os.PathLike[str]) -> Any:
    """Rebuild the model that `save` wrote, or the model in a checkpoint of `fit`.

    Parameters
    ----------
    path : path
        For a checkpoint the weights after its last epoch are read.

    Returns
    -------
    The model, equal to what was saved to the last bit.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file has another format or version, or is truncated or damaged; it holds a class or
        function that is not registered; or its weights are in double precision while JAX computes
        in single precision.

    Examples
    --------
    See `save`.
    """
    header, content = read(Path(path))
    try:
        arrays = parse(Path(path), content, templates(header["model"]))
        return decode(header["model"], arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} cannot be loaded: {error}") from error


def read_metadata(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The ``metadata`` that was given to `save`; empty if there was none.

    Raises
    ------
    FileNotFoundError, ValueError
        As `load`.

    Examples
    --------
    >>> import jax, pathlib, tempfile, sphere_toolkit as st
    >>> model = st.nn.ZonalCNN(1, 8, 3, channels=(2,), key=jax.random.key(0))
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model"
    >>> st.nn.save(path, model, {"accuracy": 0.9})
    >>> st.nn.read_metadata(path)
    {'accuracy': 0.9}
    """
    return read(Path(path))[0].get("metadata", {})


def _holds_a_module(tree: Any) -> bool:
    if isinstance(tree, dict):
        tree = list(tree.values())
    return isinstance(tree, eqx.Module) or (
        isinstance(tree, list | tuple) and any(map(_holds_a_module, tree))
    )


# --- the format, shared with checkpoints ------------------------------------------------------


def write(path: Path, model: Any, entries: Mapping[str, Any], more: Any = None) -> None:
    """Write ``model``, further ``entries`` of the header, and ``more`` arrays behind the model."""
    encoded, arrays = encode(model)
    check_folder(path)
    stream = io.BytesIO()
    eqx.tree_serialise_leaves(stream, (arrays, more))
    content = stream.getvalue()
    header = {"format": _FORMAT, "version": _VERSION, **entries, "model": encoded}
    header |= {"bytes": len(content)}
    header |= {"sha256": _digest(header, content)}
    _replace(path, json.dumps(header).encode() + b"\n" + content)


def check_folder(path: Path) -> None:
    """Raise unless ``path`` can be a file in an existing folder."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} for the file {path}")


def read(path: Path) -> tuple[dict[str, Any], bytes]:
    """Header and arrays (as bytes) of a file, after a check that it is complete."""
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
        raise ValueError(
            f"{path} has format version {version!r}, expected {_VERSION}: it was written by "
            "another version of sphere_toolkit"
        )
    if isinstance(size, int) and len(content) < size:
        raise ValueError(f"{path} is truncated: {len(content)} of {size} bytes of arrays are there")
    if _digest(header, content) != promised:
        raise ValueError(f"{path} is damaged: its content does not match its SHA-256")
    return header, content


def parse(path: Path, content: bytes, like: Any) -> Any:
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
    """Write a file completely or not at all, even if the machine stops meanwhile."""
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
