"""Scattering coefficients with the names of their paths."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..sphere.coefficients import band_limit, squared_norm
from ..sphere.grid import Grid
from ..sphere.transforms import inverse

Path = tuple[int, ...]
_FORMAT = "sphere_toolkit scattering coefficients 1"


def as_path(path: object, known: Sequence[Path]) -> Path:
    """``path`` as one of the ``known`` tuples of scales."""
    if isinstance(path, int | np.integer):
        raise TypeError(f"a path is a tuple of scales: write ({path},), not {path}")
    if not isinstance(path, tuple | list):
        raise TypeError(f"a path is a tuple of scales such as (9, 7), got {path!r}")
    wanted = tuple(path)
    if wanted not in known:
        shown = ", ".join(map(str, known[:12])) + (", ..." if len(known) > 12 else "")
        raise ValueError(f"path must be one of {shown} (strictly decreasing), got {wanted!r}")
    return wanted


class ScatteringCoefficients:
    """One small spherical image per path, labelled.

    Made by a `ScatteringTransform`, by `load`, or from arrays.

    Parameters
    ----------
    alm : array (..., n_paths, n_coefficients(L)), complex64 or complex128
        The images as alm, in the order of ``paths``.
    paths : sequence of tuples of int
    parameters : dict, optional
        What defined the transform (see `ScatteringTransform.parameters`).

    Attributes
    ----------
    alm, paths, parameters
    L : int
        Band-limit of the images.

    Raises
    ------
    ValueError
        The number of paths is not that of ``alm``, or its length fits no band-limit.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> S = st.ScatteringTransform(L=32, J_min=2)(st.signals.earth_relief(32))
    >>> share = S.energy_by_order() / S.energy().sum()
    >>> print([f"{s:.1%}" for s in share])
    ['74.7%', '24.6%', '0.8%']
    """

    def __init__(
        self, alm: NDArray, paths: Sequence[Path], parameters: dict[str, Any] | None = None
    ) -> None:
        alm = np.asarray(alm)
        paths = tuple(tuple(int(j) for j in path) for path in paths)
        if alm.ndim < 2 or alm.shape[-2] != len(paths):
            raise ValueError(
                f"alm must have shape (..., {len(paths)}, n) for {len(paths)} paths, "
                f"got {alm.shape}"
            )
        self.alm = alm
        self.paths = paths
        self.parameters = dict(parameters or {})
        self.L = band_limit(alm)

    def __repr__(self) -> str:
        orders = sorted({len(path) for path in self.paths})
        span = (
            f"{orders[0]}..{orders[-1]}" if len(orders) > 1 else f"{orders[0] if orders else '-'}"
        )
        return (
            f"ScatteringCoefficients({len(self.paths)} paths of order {span}, L={self.L}, "
            f"batch shape {self.alm.shape[:-2]})"
        )

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __contains__(self, path: object) -> bool:
        return path in self.paths

    def __getitem__(self, path: Path) -> NDArray:
        """The image of one path as alm, shape ``(..., n_coefficients(L))``."""
        return self.alm[..., self.paths.index(as_path(path, self.paths)), :]

    def order(self, m: int) -> ScatteringCoefficients:
        """Only the paths of length ``m``.

        Raises
        ------
        ValueError
            There are none.
        """
        _checks.choice("order", m, sorted({len(path) for path in self.paths}))
        rows = [i for i, path in enumerate(self.paths) if len(path) == m]
        return ScatteringCoefficients(
            self.alm[..., rows, :], [self.paths[i] for i in rows], self.parameters
        )

    def energy(self) -> NDArray[np.float64]:
        """Energy of each path's image, shape ``(..., n_paths)``, squared unit of the signal."""
        return squared_norm(self.alm.astype(np.complex128, copy=False), self.L)

    def energy_by_order(self) -> NDArray[np.float64]:
        """Energy summed over the paths of each length 0, 1, ...; shape ``(..., depth + 1)``."""
        energy = self.energy()
        lengths = np.array([len(path) for path in self.paths])
        return np.stack(
            [energy[..., lengths == m].sum(axis=-1) for m in range(lengths.max() + 1)], axis=-1
        )

    def maps(self, grid: Grid | None = None) -> NDArray[np.float64]:
        """The images as samples, shape ``(..., n_paths, *grid.shape)``.

        Parameters
        ----------
        grid : Grid, optional
            The Gauss-Legendre grid of band-limit ``L`` by default.
        """
        return inverse(self.alm, Grid.gauss_legendre(self.L) if grid is None else grid)

    def save(self, file: str | FilePath) -> None:
        """Write everything to an ``.npz`` file, without pickle.

        The file appears complete or not at all.
        """
        target = FilePath(file)
        if target.suffix != ".npz":
            raise ValueError(f"file must end in .npz, got {str(file)!r}")
        header = {"format": _FORMAT, "paths": self.paths, "parameters": self.parameters}
        partial = target.with_name(target.name + ".partial")
        with partial.open("wb") as stream:
            np.savez(stream, alm=self.alm, header=np.array(json.dumps(header)))
        partial.replace(target)

    @classmethod
    def load(cls, file: str | FilePath) -> ScatteringCoefficients:
        """Read what `save` wrote.

        Raises
        ------
        FileNotFoundError
            There is no such file.
        ValueError
            The file is damaged or holds something else.
        """
        try:
            with open(file, "rb") as stream, np.load(stream, allow_pickle=False) as content:
                header = json.loads(str(content["header"]))
                if header["format"] != _FORMAT:
                    raise ValueError(f"format {header['format']!r}, expected {_FORMAT!r}")
                return cls(content["alm"], header["paths"], header["parameters"])
        except (BadZipFile, KeyError, ValueError, EOFError, TypeError, AttributeError) as error:
            raise ValueError(f"{file} holds no scattering coefficients: {error}") from error
