"""Coordinates beside the coefficients of a store, for xarray; the package itself reads none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.core.array_spec import ArrayConfig
from zarr.storage import MemoryStore, StorePath

from ..scattering.paths import as_paths, axes
from ..sphere.coefficients import band_limit
from .folder import COORDINATE, HEADER, TEXTS, edit, holds, put
from .sources.base import LABEL, as_array

_PLAIN = re.compile(r"[A-Za-z]\w*")  # what a list of names with spaces between them can hold
_TAKEN = {"alm", "coefficient", *TEXTS}


def write_coordinates(path: Path, header: dict[str, Any]) -> None:
    """Write those coordinates of the store at ``path`` that it lacks or has otherwise.

    An interruption may leave some of them behind the header; the next run mends them.
    """
    alm = json.loads((path / "alm" / HEADER).read_text(encoding="utf-8"))
    arrays = _arrays(header, band_limit(np.broadcast_to(0j, alm["shape"][1:])))
    for name, (axis, values) in arrays.items():
        for file, content in _files(axis, values).items():
            if not holds(path / name / file, content):
                put(path / name / file, content)
    # An axis finds the coordinate of its own name by itself.
    others = " ".join(name for name, (axis, _) in arrays.items() if name != axis)
    if alm.get("attributes", {}).get("coordinates") != others:
        edit(path / "alm" / HEADER, {"attributes": {"coordinates": others}})


def _arrays(header: dict[str, Any], L_out: int) -> dict[str, tuple[str, NDArray]]:
    """By name, the axis and the values of each coordinate.

    A column of labels whose name is no plain word, or is taken, is in the header only.
    """
    maps = header["maps"]
    names = np.array(maps["names"], object)  # of any length, one beside the other
    arrays = {"map": ("map", names), **axes(as_paths(header["paths"]), L_out)}
    taken = {name.casefold() for name in (*_TAKEN, *arrays)}  # also where case is not told apart
    for name, labels in {LABEL: maps["labels"], **maps.get("targets", {})}.items():
        given = any(label is not None for label in labels)
        if given and _PLAIN.fullmatch(name) and name.casefold() not in taken:
            arrays[name] = "map", as_array(labels)
            taken.add(name.casefold())
    return arrays


def _files(axis: str, values: NDArray) -> dict[str, bytes]:
    """The files of an array with one chunk, the metadata first, by which the folder is known."""
    if values.dtype.kind in "UO":
        # Names of files may hold bytes that are no text.
        texts = [str(one).encode("utf-8", "backslashreplace").decode() for one in values]
        values = np.array(texts, np.dtypes.StringDType())
    memory: dict[str, Any] = {}
    array = zarr.create_array(
        StorePath(MemoryStore(memory)),
        shape=values.shape,
        chunks=values.shape,
        dtype="string" if values.dtype.kind == "T" else values.dtype,
        compressors=None,
        config=ArrayConfig(order="C", write_empty_chunks=True),
        attributes={"kind": COORDINATE},
        dimension_names=(axis,),
    )
    array[:] = values
    files = {key: content.to_bytes() for key, content in memory.items()}
    return {HEADER: files.pop(HEADER), **files}
