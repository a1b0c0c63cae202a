"""Sources of maps in files, one map each."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._util import checks
from ...sphere.coefficients import FEWER_ORDERS, n_coefficients
from ...sphere.grid import Grid
from ...sphere.transforms import ApproximationWarning, forward
from . import stamps
from .base import Part, UnusableMap, as_labels
from .contents import NUMPY, content, reason


class Files:
    """Maps in files, one each, identified by resolved paths and compared by content.

    A continued run computes the files that have changed again. Files that were moved or copied to
    another place are the same maps.

    Attributes
    ----------
    names : list of str
        As they were given.
    paths : list of str
        Absolute, without ``~``, since workers may have another working folder. Symbolic links are
        not resolved, since they may lead to other places on other machines.
    """

    def __init__(self, files: Iterable[str | Path], labels: Sequence[int] | None) -> None:
        self.names = _file_names(files)
        self.paths = [str(Path(name).expanduser().absolute()) for name in self.names]
        self._resolved = [str(Path(path).resolve()) for path in self.paths]
        first: dict[str, str] = {}
        for name, path in zip(self.names, self._resolved, strict=True):
            if path in first:
                raise ValueError(
                    f"files must differ: {first[path]!r} and {name!r} are both {path!r}"
                )
            first[path] = name
        self.labels = as_labels(labels, len(self.names))
        self.seeds: list[int | None] = [None] * len(self.names)

    def identities(self) -> list[Any]:
        """The resolved paths."""
        return list(self._resolved)

    def changed(self, start: int, stamped: Sequence[str]) -> list[bool]:
        """Which files have changed since they were stamped, or have appeared since then."""
        paths = self.paths[start : start + len(stamped)]
        return [stamps.changed(*pair) for pair in zip(paths, stamped, strict=True)]

    def moved(self, start: int, identities: Sequence[Any], stamped: Sequence[str]) -> bool:
        """Whether the files have the content of others, as after a folder was moved or copied.

        A file that was not read yet must have the same name.
        """
        changed = self.changed(start, stamped)
        names = zip(self._resolved[start:], identities, stamped, changed, strict=False)
        return all(
            path == old or (not differs if stamp else Path(path).name == Path(str(old)).name)
            for path, old, stamp, differs in names
        )


class Reader(ABC):
    """Some of the files, on a worker."""

    def __init__(self, start: int, paths: list[str]) -> None:
        self._start, self._paths = start, paths

    def stamp(self, i: int) -> str:
        """Size, times and digest of the file of map ``i``."""
        return stamps.stamp(self._paths[i - self._start])

    def read(self, i: int) -> NDArray:
        """Coefficients of the map in file ``i``; `UnusableMap` says why there are none."""
        try:
            return self.coefficients(self._paths[i - self._start])
        except MemoryError:
            raise
        except Exception as error:
            raise UnusableMap(reason(error)) from error

    @abstractmethod
    def coefficients(self, path: str) -> NDArray:
        """Those of one file; any error makes the map unusable."""


class MapFiles(Files):
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
        There are no files, one is named twice, lengths differ, ``grid`` is neither.

    Examples
    --------
    >>> import pathlib, tempfile, numpy as np, sphere_toolkit as st
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "sky.npy"
    >>> grid = st.Grid.gauss_legendre(16)
    >>> np.save(file, st.inverse(st.cmb.gaussian(16, seed=1), grid))
    >>> st.pipeline.MapFiles([file], grid).L
    16
    """

    def __init__(
        self, files: Iterable[str | Path], grid: Grid | int, labels: Sequence[int] | None = None
    ) -> None:
        super().__init__(files, labels)
        self.grid = grid if isinstance(grid, Grid) else None
        self.L = grid.L if isinstance(grid, Grid) else checks.integer("grid", grid, 1)

    def describe(self) -> dict[str, Any]:
        """Kind and grid; the store holds the names of the files beside it."""
        return {"kind": "npy", "L": self.L, "grid": repr(self.grid) if self.grid else None}

    def part(self, start: int, stop: int) -> Part:
        """The paths of the files: workers read them."""
        return _NpyReader(start, self.paths[start:stop], self.L, self.grid)


class _NpyReader(Reader):
    def __init__(self, start: int, paths: list[str], L: int, grid: Grid | None) -> None:
        super().__init__(start, paths)
        self._L, self._grid = L, grid

    def coefficients(self, path: str) -> NDArray:
        kind = content(path)
        if kind != NUMPY:
            raise ValueError(f"it is {kind}; expected {NUMPY}, as numpy.save makes")
        expected: tuple[int, ...] = (n_coefficients(self._L),)
        what = f"coefficients of L = {self._L}"
        if self._grid is not None:
            expected, what = self._grid.shape, f"samples on {self._grid!r}"
        with open(path, "rb") as stream:
            try:
                array = np.load(stream, allow_pickle=False)
            except ValueError as error:
                if "Object arrays" not in str(error):
                    raise
                raise ValueError(
                    f"it holds Python objects; expected numbers of shape {expected} ({what}): "
                    "convert the array with astype(float) or astype(complex) and save it again"
                ) from error
        if array.shape != expected:
            hint = ""
            if array.ndim > 1 and array.shape[1:] == expected:
                hint = "; a file holds one map: save each in its own"
            elif self._grid is None and array.ndim == 1:
                hint = f". {FEWER_ORDERS}"
            raise ValueError(
                f"it holds an array of shape {array.shape}, expected {expected} ({what}){hint}"
            )
        return array if self._grid is None else analyse(array, self._grid)


def analyse(samples: NDArray, grid: Grid) -> NDArray[np.complex128]:
    """Coefficients of samples, without the warning about power beyond the band-limit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ApproximationWarning)
        try:
            return forward(samples, grid, n_threads=1)
        except (TypeError, ValueError) as error:  # the argument f, for readers of a report
            raise ValueError(f"samples {str(error).removeprefix('f ')}") from error


def _file_names(files: Iterable[str | Path]) -> list[str]:
    if isinstance(files, str | Path):
        raise TypeError(
            f"files must be a sequence of paths, got {files!r}; those of a folder or a list are "
            "found by pipeline.find_files"
        )
    names = [str(file) for file in files]
    if not names:
        raise ValueError("files must name at least one file, got none")
    return names
