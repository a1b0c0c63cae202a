"""Tables of FITS files that hold HEALPix maps."""

from __future__ import annotations

import os
import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._util import checks
from .contents import COMPRESSED, FITS, content
from .statements import coordinates, stated

Field = int | str
POLARISED = ("E", "B")
"""Fields that are computed from the columns Q and U."""
_STOKES = re.compile(r"(STOKES[^A-Z0-9]*)?[QU](?![A-Z0-9])")
"""How names of the columns Q and U begin: Q, Q_POLARISATION, U_STOKES, STOKES_U; not QUALITY."""
_EXPECTED = "expected a table with a HEALPix map, as healpy.write_map makes"


class Header(NamedTuple):
    """What a HEALPix file states about its map; None where it states nothing."""

    nside: int
    unit: str | None
    coordinates: str | None
    ordering: str | None


@contextmanager
def table(path: str, hdu: int | str | None = None) -> Iterator[Any]:
    """A table of a FITS file, by default the first; an error says what the file holds instead."""
    from astropy.io import fits

    kind = content(path)
    if kind not in (FITS, *COMPRESSED):
        raise ValueError(f"it is {kind}; expected a FITS file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy warns about headers that it repairs
        try:
            with fits.open(path, memmap=False) as units:
                found = _chosen(units, hdu)
                end = found.fileinfo()["datLoc"] + found.size
                if kind == FITS and end > os.path.getsize(path):
                    raise ValueError(f"it is cut off: {os.path.getsize(path)} bytes of {end}")
                yield found
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(f"it is cut off or damaged: {error}") from error


def _chosen(units: Any, hdu: int | str | None) -> Any:
    if hdu is None:
        found = next((unit for unit in units if _is_table(unit)), None)
        if found is None:
            raise ValueError(f"it holds {_others(units)} and no table; {_EXPECTED}")
        return found
    try:
        found = units[hdu]
    except (IndexError, KeyError):
        found = None
    if found is None or not _is_table(found):
        numbers = [i for i, unit in enumerate(units) if _is_table(unit)]
        known = ", ".join(f"{i} ({units[i].name})" for i in numbers) or "of which it has none"
        raise ValueError(f"hdu must be one of its tables, {known}, got {hdu!r}")
    return found


def _is_table(unit: Any) -> bool:
    from astropy.io import fits

    return isinstance(unit, fits.BinTableHDU) and not isinstance(unit, fits.CompImageHDU)


def _others(units: Any) -> str:
    """The images of a FITS file."""
    shapes = [str(unit.shape) for unit in units if getattr(unit, "shape", ())]
    return f"images of shape {', '.join(shapes)}" if shapes else "no data (is it cut off?)"


def read_header(table: Any, field: Field) -> Header:
    """What a table states about one of its maps."""
    header, column = table.header, _columns(table, field)[0]
    n, nside = _n_pixels(table, column), header.get("NSIDE")
    if nside is None and not _partial(header):
        nside = round((n / 12) ** 0.5)
    try:
        nside = checks.integer("NSIDE", int(nside), 1)
    except (TypeError, ValueError):
        raise ValueError(f"the header must state NSIDE, an integer >= 1, got {nside!r}") from None
    if not _partial(header) and n != 12 * nside**2:
        raise ValueError(f"column {column.name} has {n} pixels, expected 12 nside^2 with nside = "
                         f"{nside}; {_EXPECTED}")  # fmt: skip
    ordering = stated(header.get("ORDERING"))
    if ordering is not None:
        ordering = {"NEST": "NESTED"}.get(ordering.upper(), ordering.upper())
        checks.choice("ORDERING", ordering, ("RING", "NESTED"))
    return Header(nside, stated(column.unit), coordinates(header.get("COORDSYS")), ordering)


def stokes(table: Any, field: Field) -> str | None:
    """The name of the column of a field if it is one of Stokes' Q and U, going by that name.

    For "E" and "B", which are made of both, None.
    """
    first, *more = _columns(table, field)
    return str(first.name) if not more and _STOKES.match(first.name.upper()) else None


def _n_pixels(table: Any, column: Any) -> int:
    """Entries of a column; a row may hold many."""
    return column.format.repeat * table.header["NAXIS2"]


def _partial(header: Any) -> bool:
    """Whether a table holds the numbers of its pixels in its first column."""
    said = {str(header.get(key, "")).strip().upper() for key in ("OBJECT", "INDXSCHM")}
    return bool(said & {"PARTIAL", "EXPLICIT"})


def _columns(table: Any, field: Field) -> list[Any]:
    """The column of a field; of "E" and "B" the columns Q and U."""
    columns = list(table.columns)[_partial(table.header) :]
    if isinstance(field, str) and field.upper() in POLARISED:
        return [_named(columns, part, f" for the field {field!r}") for part in "QU"]
    if isinstance(field, str):
        return [_named(columns, field)]
    if field >= len(columns):
        raise ValueError(
            f"field must be one of the columns 0 to {len(columns) - 1} ({_names(columns)}), "
            f"got {field}"
        )
    return [columns[field]]


def _named(columns: list[Any], name: str, why: str = "") -> Any:
    """The column of a name, or the only one whose name begins like that."""
    same = [column for column in columns if column.name.upper() == name.upper()]
    alike = [column for column in columns if column.name.upper().startswith(name.upper())]
    found = same or alike
    if len(found) != 1:
        raise ValueError(
            f"field must be one of the columns ({_names(columns)}), their number or the beginning "
            f"of their name, got {name!r}{why}, which fits {len(found)} of them"
        )
    return found[0]


def _names(columns: list[Any]) -> str:
    return ", ".join(column.name for column in columns)


def read_samples(table: Any, field: Field, holes: bool = False) -> NDArray[np.float64]:
    """Pixels of a field in the order of the file; of "E" and "B" Q and U, (2, n).

    Pixels that the header marks as missing are an error or, with ``holes``, NaN.
    """
    maps = [_samples(table, column, holes) for column in _columns(table, field)]
    if len(maps) == 1:
        return maps[0]
    said = (stated(table.header.get("POLCCONV")) or "COSMO").upper()
    checks.choice("POLCCONV", said, ("COSMO", "IAU"))
    q, u = maps
    return np.stack([q, u if said == "COSMO" else -u])


def _samples(table: Any, column: Any, holes: bool) -> NDArray[np.float64]:
    samples = np.asarray(table.data.field(column.name), np.float64).ravel()
    if _partial(table.header):
        pixels = np.asarray(table.data.field(0), np.intp).ravel()
        seen, samples = samples, np.full(12 * int(table.header["NSIDE"]) ** 2, checks.UNSEEN)
        if pixels.min(initial=0) < 0 or pixels.max(initial=0) >= samples.size:
            raise ValueError(f"the numbers of its pixels must be from 0 to {samples.size - 1}, got "
                             f"{pixels.min()} to {pixels.max()}")  # fmt: skip
        samples[pixels] = seen
    marks = {"BAD_DATA": _number(table.header.get("BAD_DATA"))}
    if column.null not in (None, ""):
        marks["TNULL"] = column.null * (column.bscale or 1) + (column.bzero or 0)
    for name, mark in marks.items():
        # Single precision may have rounded the mark.
        missing = np.isclose(samples, np.nan if mark is None else mark, 1e-6, 0)
        if holes:
            samples = np.where(missing, np.nan, samples)
        elif missing.any():
            raise ValueError(
                f"{np.count_nonzero(missing)} of {samples.size} pixels are marked as missing by "
                f"the header ({name} = {mark:g}). Give a mask, or fill them first"
            )
    return samples


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        raise ValueError(f"BAD_DATA of the header must be a number, got {value!r}") from None
