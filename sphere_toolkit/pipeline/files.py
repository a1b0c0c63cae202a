"""Maps in files: NumPy arrays and HEALPix tables."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..grid import Grid
from ..harmonics import ApproximationWarning, forward
from . import stamps
from .sources import Part, UnusableMap, as_labels


class _Files:
    """Maps in files, one each: known by resolved path, compared by what the files hold.

    Attributes
    ----------
    names : list of str
        As they were given.
    paths : list of str
        Absolute, without symbolic links: workers may run in another folder.
    """

    def __init__(self, files: Iterable[str | Path], labels: Sequence[int] | None) -> None:
        self.names = _file_names(files)
        self.paths = [str(Path(name).expanduser().resolve()) for name in self.names]
        first: dict[str, str] = {}
        for name, path in zip(self.names, self.paths, strict=True):
            if path in first:
                raise ValueError(f"files must differ: {first[path]!r} and {name!r} are both {path}")
            first[path] = name
        self.labels = as_labels(labels, len(self.names))
        self.seeds: list[int | None] = [None] * len(self.names)

    def identities(self) -> list[Any]:
        """The resolved paths."""
        return list(self.paths)

    def changed(self, start: int, stamped: Sequence[str]) -> list[bool]:
        """Which files hold something else than when they were stamped, or hold something now."""
        paths = self.paths[start : start + len(stamped)]
        return [stamps.changed(*pair) for pair in zip(paths, stamped, strict=True)]


class _Reader:
    """Some of the files, on a worker."""

    def __init__(self, start: int, paths: list[str]) -> None:
        self._start, self._paths = start, paths

    def stamp(self, i: int) -> str:
        """Size, times and digest of the file of map ``i``."""
        return stamps.stamp(self._paths[i - self._start])


class MapFiles(_Files):
    """Maps in ``.npy`` files, one each.

    Parameters
    ----------
    files : sequence of paths
        Real samples of shape ``grid.shape``, or, with a band-limit for a grid, complex alm.
    grid : Grid or int
        Where the samples lie; or the band-limit of coefficients.
    labels : sequence of int, optional

    Raises
    ------
    TypeError, ValueError
        There are no files, lengths differ, ``grid`` is neither.
    """

    def __init__(
        self, files: Iterable[str | Path], grid: Grid | int, labels: Sequence[int] | None = None
    ) -> None:
        super().__init__(files, labels)
        self.grid = grid if isinstance(grid, Grid) else None
        self.L = grid.L if isinstance(grid, Grid) else _checks.integer("grid", grid, 1)

    def describe(self) -> dict[str, Any]:
        """Kind and grid; the store holds the names of the files beside it."""
        return {"kind": "npy", "L": self.L, "grid": repr(self.grid) if self.grid else None}

    def part(self, start: int, stop: int) -> Part:
        """The paths of the files: workers read them."""
        return _NpyFiles(start, self.paths[start:stop], self.grid)


class _NpyFiles(_Reader):
    def __init__(self, start: int, paths: list[str], grid: Grid | None) -> None:
        super().__init__(start, paths)
        self._grid = grid

    def read(self, i: int) -> NDArray:
        try:
            with open(self._paths[i - self._start], "rb") as stream:
                content = np.load(stream, allow_pickle=False)
            return content if self._grid is None else _analyse(content, self._grid)
        except MemoryError:
            raise
        except Exception as error:
            raise UnusableMap(f"{type(error).__name__}: {error}") from error


class HealpixFiles(_Files):
    """HEALPix maps in FITS files, one each, as healpy writes them.

    Parameters
    ----------
    files : sequence of paths
    L : int, optional
        Band-limit of the coefficients, ``2 * nside`` by default.
    labels : sequence of int, optional
    unit : str, optional
        The unit that the files must have; that of the first readable one by default.
    ordering : {"RING", "NESTED"}, optional
        For files whose header does not say. Where it does, it must agree.
    field : int, default 0
        Column of the table; 0 is temperature in files with polarisation.

    Attributes
    ----------
    grid : Grid
    unit : str or None
        None if the files do not say.

    Raises
    ------
    TypeError, ValueError
        There are no files or none can be read; the first one contradicts ``unit`` or
        ``ordering``; ``L`` is out of range.

    Notes
    -----
    Maps of nested order are brought to ring order. A map that is masked in part (UNSEEN), of
    another resolution or another unit than the first is listed as unusable.

    The coefficients are the least-squares fit below ``L`` (see `sphere_toolkit.forward`); what
    a map holds at higher degrees is left out, without the warning that `forward` would give.
    """

    def __init__(
        self,
        files: Iterable[str | Path],
        L: int | None = None,
        labels: Sequence[int] | None = None,
        unit: str | None = None,
        ordering: str | None = None,
        field: int = 0,
    ) -> None:
        super().__init__(files, labels)
        self.ordering = _checks.choice("ordering", ordering, (None, "RING", "NESTED"))
        self.field = _checks.integer("field", field, 0)
        first, header = self._first()
        if unit is not None and header.unit not in (None, unit):
            raise ValueError(f"unit must be that of the files: {first} says {header.unit!r}, "
                             f"got {unit!r}")  # fmt: skip
        if ordering is not None and header.ordering not in (None, ordering):
            raise ValueError(f"ordering must be that of the files: {first} says "
                             f"{header.ordering!r}, got {ordering!r}")  # fmt: skip
        self.unit = header.unit if unit is None else unit
        self.grid = Grid.healpix(header.nside, L)
        self.L = self.grid.L

    def _first(self) -> tuple[str, _Header]:
        """Name and header of the first file that can be read."""
        reasons = []
        for name, path in zip(self.names, self.paths, strict=True):
            try:
                return name, _read_healpix(path, self.field)[1]
            except Exception as error:
                reasons.append(f"{name}: {type(error).__name__}: {error}")
        raise ValueError(f"files must hold HEALPix maps; none can be read: {reasons[0]}")

    def describe(self) -> dict[str, Any]:
        """Kind, resolution, unit; the store holds the names of the files beside it."""
        return {
            "kind": "healpix", "L": self.L, "nside": self.grid.nside, "unit": self.unit,
            "ordering": self.ordering, "field": self.field,
        }  # fmt: skip

    def part(self, start: int, stop: int) -> Part:
        """The paths of the files: workers read them."""
        expected = _Header(self.grid.nside or 0, self.unit, self.ordering)
        return _FitsFiles(start, self.paths[start:stop], self.grid, expected, self.field)


class _Header(NamedTuple):
    """What a HEALPix file says of its map; None where it says nothing."""

    nside: int
    unit: str | None
    ordering: str | None


class _FitsFiles(_Reader):
    def __init__(
        self, start: int, paths: list[str], grid: Grid, expected: _Header, field: int
    ) -> None:
        super().__init__(start, paths)
        self._grid, self._expected, self._field = grid, expected, field

    def read(self, i: int) -> NDArray:
        try:
            samples, header = _read_healpix(self._paths[i - self._start], self._field)
            for name, said, expected in zip(header._fields, header, self._expected, strict=True):
                if None not in (said, expected) and said != expected:
                    raise ValueError(f"{name} is {said!r}, expected {expected!r}")
            ordering = header.ordering or self._expected.ordering
            if ordering is None:
                raise ValueError("the header has no ORDERING; state ordering='RING' or 'NESTED'")
            return _analyse(_to_ring(samples, ordering), self._grid)
        except MemoryError:
            raise
        except Exception as error:
            raise UnusableMap(f"{type(error).__name__}: {error}") from error


def _read_healpix(name: str, field: int) -> tuple[NDArray[np.float64], _Header]:
    """Pixels in the order of the file, and its header."""
    import healpy  # loads matplotlib: not before it is needed

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of astropy, about headers that it mends
        samples, entries = healpy.read_map(name, field, np.float64, nest=None, h=True)
    header = {key: str(value).strip() for key, value in entries}
    masked = np.count_nonzero(samples == healpy.UNSEEN)
    if masked:
        raise ValueError(f"{masked} of {samples.size} pixels are masked (UNSEEN)")
    ordering = header.get("ORDERING", "").upper() or None
    if ordering == "NEST":
        ordering = "NESTED"
    _checks.choice("ORDERING", ordering, (None, "RING", "NESTED"))
    unit = header.get(f"TUNIT{field + 1}") or None
    return samples, _Header(healpy.get_nside(samples), unit, ordering)


def _to_ring(samples: NDArray[np.float64], ordering: str) -> NDArray[np.float64]:
    if ordering == "RING":
        return samples
    import healpy

    return healpy.reorder(samples, n2r=True)


def _analyse(samples: NDArray, grid: Grid) -> NDArray[np.complex128]:
    with warnings.catch_warnings():
        # What a map holds beyond the band-limit is left out on purpose.
        warnings.simplefilter("ignore", ApproximationWarning)
        return forward(samples, grid, n_threads=1)


def _file_names(files: Iterable[str | Path]) -> list[str]:
    if isinstance(files, str | Path):
        raise TypeError(f"files must be a sequence of paths, got {files!r}")
    names = [str(file) for file in files]
    if not names:
        raise ValueError("files must name at least one file, got none")
    return names
