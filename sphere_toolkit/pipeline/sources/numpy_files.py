"""Maps in files of NumPy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._util import checks
from ...sphere.coefficients import FEWER_ORDERS, n_coefficients
from ...sphere.grids.grid import Grid
from .base import Labels, Part
from .contents import NUMPY, content
from .files import Files, Pick, Reader, file_names, to_ring
from .masking import Preparation


class MapFiles(Files):
    """Maps in ``.npy`` files, one or many in each.

    Parameters
    ----------
    files : sequence of paths
        Real samples of shape ``grid.shape``, or, with a band-limit for a grid, complex alm; or a
        stack of them along a first axis, whose maps are named ``file[0]``, ``file[1]``, ...
    grid : Grid or int
        Where the samples lie; or the band-limit of coefficients.
    labels : sequence, or dict of sequences, optional
        As of `Arrays`, in the order of ``names``.
    unit : str, optional
        The unit of the numbers, to be kept with the coefficients.
    ordering : {"RING", "NESTED"}, default "RING"
        Of samples on a HEALPix grid.
    mask, beam, pixel_window : optional
        As of `HealpixFiles`. Samples on another grid than HEALPix state the nside of
        ``pixel_window``, as in "apply,32".

    Raises
    ------
    TypeError, ValueError
        There are no files, one is named twice, lengths differ, ``grid`` is neither.

    Examples
    --------
    >>> import pathlib, tempfile, numpy as np, sphere_toolkit as st
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "skies.npy"
    >>> grid = st.Grid.gauss_legendre(16)
    >>> np.save(file, [st.inverse(st.cmb.gaussian(16, seed=i), grid) for i in range(3)])
    >>> source = st.pipeline.MapFiles([file], grid)
    >>> source.L, len(source.names)
    (16, 3)
    """

    def __init__(
        self,
        files: Iterable[str | Path],
        grid: Grid | int,
        labels: Labels | None = None,
        unit: str | None = None,
        ordering: str = "RING",
        mask: str | Path | None = None,
        beam: float | None = None,
        pixel_window: str | None = None,
    ) -> None:
        self.grid = grid if isinstance(grid, Grid) else None
        self.L = grid.L if isinstance(grid, Grid) else checks.integer("grid", grid, 1)
        self.unit = unit
        self.ordering = checks.choice("ordering", ordering, ("RING", "NESTED"))
        if ordering != "RING" and (self.grid is None or self.grid.nside is None):
            raise ValueError(f"ordering={ordering!r} is for HEALPix samples, got grid={grid!r}")
        self.preparation = Preparation.of(mask, beam, pixel_window, self.grid, self.L)
        super().__init__(self._maps(file_names(files)), labels)

    @property
    def _shape(self) -> tuple[int, ...]:
        """Shape of one map."""
        return self.grid.shape if self.grid else (n_coefficients(self.L),)

    def _maps(self, files: list[str]) -> Iterator[tuple[str, Pick]]:
        for file in files:
            shape = array_shape(file)
            if shape and shape[0] and shape[1:] == self._shape:
                yield from ((file, i) for i in range(shape[0]))
            else:
                yield file, None

    def describe(self) -> dict[str, Any]:
        """Kind and grid; the store holds the names of the files beside it."""
        stated = {"unit": self.unit, "ordering": None if self.ordering == "RING" else self.ordering}
        given = {key: value for key, value in stated.items() if value is not None}
        grid = repr(self.grid) if self.grid else None
        return {"kind": "npy", "L": self.L, "grid": grid} | given | self.preparation.describe()

    def part(self, start: int, stop: int) -> Part:
        """The paths of the files: workers read them."""
        rows = slice(start, stop)
        return _NpyReader(
            start, self.paths[rows], self._picks[rows], self.L, self.grid, self.ordering,
            self.preparation,
        )  # fmt: skip


def array_shape(file: str | Path) -> tuple[int, ...] | None:
    """Shape of the array in a ``.npy`` file; None if the file cannot be read."""
    try:
        return np.load(Path(file).expanduser(), mmap_mode="r").shape
    except (OSError, ValueError, EOFError, AttributeError):
        return None


class _NpyReader(Reader):
    def __init__(
        self, start: int, paths: list[str], picks: list[Pick], L: int, grid: Grid | None,
        ordering: str, preparation: Preparation,
    ) -> None:  # fmt: skip
        super().__init__(start, paths, picks)
        self._L, self._grid, self._ordering = L, grid, ordering
        self._preparation = preparation

    def coefficients(self, path: str, pick: Pick) -> NDArray:
        kind = content(path)
        if kind != NUMPY:
            raise ValueError(f"it is {kind}; expected {NUMPY}, as numpy.save makes")
        expected: tuple[int, ...] = (n_coefficients(self._L),)
        what = f"coefficients of L = {self._L}"
        if self._grid is not None:
            expected, what = self._grid.shape, f"samples on {self._grid!r}"
        array = _loaded(path, f"{expected} ({what})", pick is not None)
        if isinstance(pick, int):
            if array.shape[1:] != expected or pick >= len(array):
                raise ValueError(
                    f"it holds an array of shape {array.shape}, expected {pick + 1} maps or more "
                    f"of shape {expected} ({what})"
                )
            array = np.array(array[pick])
        if array.shape != expected:
            hint = f". {FEWER_ORDERS}" if self._grid is None and array.ndim == 1 else ""
            raise ValueError(
                f"it holds an array of shape {array.shape}, expected {expected}, or a stack of "
                f"them ({what}){hint}"
            )
        if self._grid is None:
            return self._preparation.smoothed(array)
        if self._grid.nside is not None:
            array = to_ring(array, self._ordering)
        return self._preparation.analysed(array, self._grid)


def _loaded(path: str, expected: str, mapped: bool) -> NDArray:
    """The array of a file; ``mapped`` reads only what is used."""
    try:
        if mapped:
            return np.load(path, mmap_mode="r", allow_pickle=False)
        with open(path, "rb") as stream:
            return np.load(stream, allow_pickle=False)
    except ValueError as error:
        if "Object arrays" not in str(error):
            raise
        raise ValueError(
            f"it holds Python objects; expected numbers of shape {expected}: convert the array "
            "with astype(float) or astype(complex) and save it again"
        ) from error
