"""HEALPix maps in FITS tables."""

from __future__ import annotations

import os
import warnings
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._util import checks
from ...sphere.grid import Grid
from .base import Part
from .contents import COMPRESSED, FITS, content, reason
from .files import Files, Reader, analyse
from .statements import coordinates, same_unit, stated

_EXPECTED = "expected a table with a HEALPix map, as healpy.write_map makes"


class Header(NamedTuple):
    """What a HEALPix file states about its map; None where it states nothing."""

    nside: int
    unit: str | None
    coordinates: str | None
    ordering: str | None


class HealpixFiles(Files):
    """HEALPix maps in FITS files, one each, as healpy writes them.

    Parameters
    ----------
    files : sequence of paths
    L : int, optional
        Band-limit of the coefficients, ``2 * nside`` by default.
    labels : sequence of int, optional
    unit : str, optional
        The unit that the files must have; by default that of the first file that states a unit.
    ordering : {"RING", "NESTED"}, optional
        The ordering of files whose header does not state it; other files must agree with it.
    field : int, default 0
        Column of the map, from 0; 0 is temperature in files with polarisation. The column of
        pixel numbers in files of a partial sky is not counted.
    coordinates : {"G", "E", "C"}, optional
        The system that the files must have (galactic, ecliptic, celestial); by default that of
        the first file that states a system.

    Attributes
    ----------
    grid : Grid
    unit, coordinates : str or None
        None if no file states it.

    Raises
    ------
    TypeError, ValueError
        There are no files or none can be read; a file contradicts ``unit``, ``coordinates`` or
        ``ordering`` (the first file that states each is compared); ``L`` or ``field`` is out of
        range.

    Notes
    -----
    Maps of nested order are converted to ring order. A map is listed as unusable, with the reason,
    if it is partly masked (UNSEEN, the ``BAD_DATA`` or ``TNULL`` of its header, NaN), if its
    resolution is not that of the first readable file, or if its unit or coordinate system is not
    that of the first file that states one. Units are compared by meaning (``uK_CMB`` is ``muK``),
    and nothing is converted. A file that states no unit or system is assumed to have that of the
    others.

    The coefficients are the least-squares fit below ``L`` (see `sphere_toolkit.forward`). Higher
    degrees of a map are left out, without the warning of `forward`.

    Examples
    --------
    >>> import healpy, pathlib, tempfile, sphere_toolkit as st
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "sky.fits"
    >>> sky = st.inverse(st.cmb.gaussian(16, seed=1), st.Grid.healpix(8))
    >>> healpy.write_map(file, sky, column_units="uK")
    >>> st.pipeline.HealpixFiles([file], L=16).L
    16
    """

    def __init__(
        self,
        files: Iterable[str | Path],
        L: int | None = None,
        labels: Sequence[int] | None = None,
        unit: str | None = None,
        ordering: str | None = None,
        field: int = 0,
        coordinates: str | None = None,
    ) -> None:
        super().__init__(files, labels)
        self.ordering = checks.choice("ordering", ordering, (None, "RING", "NESTED"))
        self.field = checks.integer("field", field, 0)
        checks.choice("coordinates", coordinates, (None, "G", "E", "C"))
        first: dict[str, tuple[str, Any]] = {}  # of each statement: the file that makes it
        for name, header in self._headers():
            for key, value in header._asdict().items():
                if value is not None and key not in first:
                    first[key] = name, value
            if {"unit", "coordinates"} <= first.keys():
                break
        asked = {"unit": unit, "coordinates": coordinates, "ordering": ordering}
        for key, value in asked.items():
            name, said = first.get(key, ("", None))
            if not _agree(key, said, value):
                raise ValueError(f"{key} must be that of the files: {name} says {said!r}, "
                                 f"got {value!r}")  # fmt: skip
        self.unit = unit or first.get("unit", ("", None))[1]
        self.coordinates = coordinates or first.get("coordinates", ("", None))[1]
        self.grid = Grid.healpix(first["nside"][1], L)
        self.L = self.grid.L

    def _headers(self) -> Iterator[tuple[str, Header]]:
        """Names and headers of the files that can be read."""
        problems = []
        for name, path in zip(self.names, self.paths, strict=True):
            try:
                with _table(path) as table:
                    header = _header(table, self.field)
            except Exception as error:
                problems.append(f"{name}: {reason(error)}")
            else:
                yield name, header
        if len(problems) == len(self.names):
            raise ValueError(f"files must hold HEALPix maps; none can be read: {problems[0]}")

    def describe(self) -> dict[str, Any]:
        """Kind, resolution, unit; the store holds the names of the files beside it."""
        return {
            "kind": "healpix", "L": self.L, "nside": self.grid.nside, "unit": self.unit,
            "coordinates": self.coordinates, "ordering": self.ordering, "field": self.field,
        }  # fmt: skip

    def part(self, start: int, stop: int) -> Part:
        """The paths of the files: workers read them."""
        expected = Header(self.grid.nside or 0, self.unit, self.coordinates, self.ordering)
        return _FitsReader(start, self.paths[start:stop], self.grid, expected, self.field)


class _FitsReader(Reader):
    def __init__(
        self, start: int, paths: list[str], grid: Grid, expected: Header, field: int
    ) -> None:
        super().__init__(start, paths)
        self._grid, self._expected, self._field = grid, expected, field

    def coefficients(self, path: str) -> NDArray:
        with _table(path) as table:
            header = _header(table, self._field)
            for key, expected in self._expected._asdict().items():
                said = getattr(header, key)
                if not _agree(key, said, expected):
                    raise ValueError(f"{key} is {said!r}, expected {expected!r}")
            ordering = header.ordering or self._expected.ordering
            if ordering is None:
                raise ValueError(
                    "the header has no ORDERING; state ordering='RING' or 'NESTED' (--ordering)"
                )
            samples = _samples(table, self._field)
        return analyse(_to_ring(samples, ordering), self._grid)


def _agree(key: str, said: Any, expected: Any) -> bool:
    if said is None or expected is None:
        return True
    return same_unit(said, expected) if key == "unit" else said == expected


@contextmanager
def _table(path: str) -> Iterator[Any]:
    """The first table of a FITS file; if there is none, an error that says what the file holds."""
    from astropy.io import fits

    kind = content(path)
    if kind not in (FITS, *COMPRESSED):
        raise ValueError(f"it is {kind}; expected a FITS file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy warns about headers that it repairs
        try:
            with fits.open(path, memmap=False) as units:
                table = next((unit for unit in units if _is_table(unit)), None)
                if table is None:
                    raise ValueError(f"it holds {_others(units)} and no table; {_EXPECTED}")
                end = table.fileinfo()["datLoc"] + table.size
                if kind == FITS and end > os.path.getsize(path):
                    raise ValueError(f"it is cut off: {os.path.getsize(path)} bytes of {end}")
                yield table
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(f"it is cut off or damaged: {error}") from error


def _is_table(unit: Any) -> bool:
    from astropy.io import fits

    return isinstance(unit, fits.BinTableHDU) and not isinstance(unit, fits.CompImageHDU)


def _others(units: Any) -> str:
    """The images of a FITS file."""
    shapes = [str(unit.shape) for unit in units if getattr(unit, "shape", ())]
    return f"images of shape {', '.join(shapes)}" if shapes else "no data (is it cut off?)"


def _header(table: Any, field: int) -> Header:
    header, column = table.header, _column(table, field)
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


def _n_pixels(table: Any, column: Any) -> int:
    """Entries of a column; a row may hold many."""
    return column.format.repeat * table.header["NAXIS2"]


def _partial(header: Any) -> bool:
    """Whether a table holds the numbers of its pixels in its first column."""
    said = {str(header.get(key, "")).strip().upper() for key in ("OBJECT", "INDXSCHM")}
    return bool(said & {"PARTIAL", "EXPLICIT"})


def _column(table: Any, field: int) -> Any:
    """Column of a field."""
    columns = list(table.columns)[_partial(table.header) :]
    if field >= len(columns):
        raise ValueError(
            f"field must be one of the columns 0 to {len(columns) - 1} "
            f"({', '.join(column.name for column in columns)}), got {field}"
        )
    return columns[field]


def _samples(table: Any, field: int) -> NDArray[np.float64]:
    """Pixels in the order of the file; an error if the header marks any of them as missing."""
    import healpy  # loads matplotlib: not before it is needed

    column = _column(table, field)
    samples = healpy.read_map(table, field, np.float64, nest=None)
    marks = {"BAD_DATA": _number(table.header.get("BAD_DATA"))}
    if column.null not in (None, ""):
        marks["TNULL"] = column.null * (column.bscale or 1) + (column.bzero or 0)
    for name, mark in marks.items():
        # Single precision may have rounded the mark.
        masked = 0 if mark is None else np.count_nonzero(np.isclose(samples, mark, 1e-6, 0))
        if masked:
            raise ValueError(
                f"{masked} of {samples.size} pixels are marked as missing by the header "
                f"({name} = {mark:g}). Fill them first"
            )
    return samples


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        raise ValueError(f"BAD_DATA of the header must be a number, got {value!r}") from None


def _to_ring(samples: NDArray[np.float64], ordering: str) -> NDArray[np.float64]:
    if ordering == "RING":
        return samples
    import healpy

    return healpy.reorder(samples, n2r=True)
