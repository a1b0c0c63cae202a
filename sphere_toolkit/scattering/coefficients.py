"""Scattering coefficients with the names of their paths."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, overload
from zipfile import BadZipFile, is_zipfile

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .._util import checks
from .._util.extras import explained
from ..sphere.coefficients import band_limit
from ..sphere.grids.grid import Grid
from ..sphere.spectra import squared_norm
from ..sphere.transforms import inverse
from . import masked
from .html import as_html
from .paths import Path, as_path, as_paths

if TYPE_CHECKING:
    from .labelled import DataArray

_FORMAT = "sphere_toolkit scattering coefficients 1"


class ScatteringCoefficients:
    """One small spherical image per path, labelled.

    Made by a `ScatteringTransform`, by `load`, or from arrays. ``S[path]`` is the image of a path;
    ``S[0]``, ``S[:10]`` or ``S[mask]`` are signals of a batch; ``np.asarray(S)`` is ``S.alm``.

    Parameters
    ----------
    alm : array (..., n_paths, n_coefficients(L)), complex64 or complex128
        The images as alm, in the order of ``paths``.
    paths : sequence of tuples
        Of scales, or of scales and spins: ``(7, 5)``, ``(7, (5, 2))``.
    parameters : dict, optional
        What defined the transform (see `ScatteringTransform.parameters`).
    weights : array (n_paths, 2 L, 4 L), optional
        Of a masked signal: what each place counts in the means of each path, in [0, 1], on the
        Gauss-Legendre grid of band-limit 2 L.

    Attributes
    ----------
    alm, paths, parameters, weights
    L : int
        Band-limit of the images.
    area : array (n_paths,)
        Share of the sphere that the means of each path are taken over, the mean of its weights: 1
        without a mask.

    Raises
    ------
    ValueError
        The number of paths is not that of ``alm``, or its length fits no band-limit; weights have
        another shape or lie outside [0, 1].

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> S = st.ScatteringTransform(L=32, J_min=2)(st.signals.earth_relief(32))
    >>> share = S.energy_by_depth() / S.energy().sum()
    >>> print([f"{s:.1%}" for s in share])
    ['74.7%', '24.6%', '0.8%']
    """

    def __init__(
        self,
        alm: ArrayLike,
        paths: Sequence[Path],
        parameters: dict[str, Any] | None = None,
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        alm = checks.numeric("alm", alm)
        paths = as_paths(paths)
        if alm.ndim < 2 or alm.shape[-2] != len(paths):
            raise ValueError(
                f"alm must have shape (..., {len(paths)}, n) for {len(paths)} paths, "
                f"got {alm.shape}"
            )
        self.alm = alm
        self.paths = paths
        self.parameters = dict(parameters or {})
        self.L = band_limit(alm)
        self.weights = None if weights is None else masked.as_weights(weights, len(paths), self.L)
        self.area = np.ones(len(paths))
        if self.weights is not None:
            self.area = masked.area(self.weights, self.L)

    def __repr__(self) -> str:
        depths = sorted({len(path) for path in self.paths})
        span = (
            f"{depths[0]}..{depths[-1]}" if len(depths) > 1 else f"{depths[0] if depths else '-'}"
        )
        over = ""
        if self.weights is not None:
            ends = [f"{end:.0%}" for end in (self.area.min(), self.area.max())]
            over = f", over {' to '.join(dict.fromkeys(ends))} of the sphere"
        return (
            f"ScatteringCoefficients({len(self.paths)} paths of depth {span}, L={self.L}, "
            f"batch shape {self.batch_shape}{over})"
        )

    def _repr_html_(self) -> str:
        return as_html(self)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray:
        return np.array(self.alm, dtype=dtype, copy=copy)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the batch of signals; ``()`` for one."""
        return self.alm.shape[:-2]

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __contains__(self, path: object) -> bool:
        return path in self.paths

    @overload
    def __getitem__(self, key: Path) -> NDArray: ...
    @overload
    def __getitem__(self, key: int | slice | NDArray) -> ScatteringCoefficients: ...
    def __getitem__(self, key: Any) -> Any:
        """The image of a path as alm, shape ``(..., n_coefficients(L))``, or signals of a batch.

        Parameters
        ----------
        key : tuple, or int, slice or array
            A path; or what picks signals along the first axis of a batch, which are
            `ScatteringCoefficients` again.

        Raises
        ------
        TypeError
            An int, slice or array where there is no batch.
        ValueError
            An unknown path; the message lists those that there are.
        IndexError
            The batch has no such signal.
        """
        if isinstance(key, tuple | list | str):
            return self.alm[..., self.paths.index(as_path(key, self.paths)), :]
        if not self.batch_shape:
            raise TypeError(
                f"one signal has no batch to index with {key!r}; the path of one scale is a tuple: "
                f"S[({key},)]"
            )
        return ScatteringCoefficients(self.alm[key], self.paths, self.parameters, self.weights)

    def at_depth(self, depth: int) -> ScatteringCoefficients:
        """Only the paths of ``depth`` scales.

        Raises
        ------
        ValueError
            There are none.
        """
        checks.choice("depth", depth, sorted({len(path) for path in self.paths}))
        rows = [i for i, path in enumerate(self.paths) if len(path) == depth]
        return ScatteringCoefficients(
            self.alm[..., rows, :],
            [self.paths[i] for i in rows],
            self.parameters,
            None if self.weights is None else self.weights[rows],
        )

    def means(self) -> NDArray[np.float64]:
        """Mean of each path's image over the sphere, shape ``(..., n_paths)``, unit of the signal.

        Exact, and invariant under rotations of the signal up to the aliasing of the nonlinearity.
        Of a masked signal the mean with the `weights`: over what is known at the scales of each
        path. NaN if that is nothing.
        """
        if self.weights is not None:
            return masked.weighted_means(self.alm, self.weights, self.L)
        return self.alm[..., 0].real.astype(np.float64) / np.sqrt(4 * np.pi)

    def second_moments(self) -> NDArray[np.float64]:
        """Mean square of each path's image over the sphere, ``(..., n_paths)``, squared unit.

        Exact: the energy over the area of the sphere. With `means`, the variance of an image is
        ``S.second_moments() - S.means() ** 2``. Of a masked signal weighted, as `means` are.
        """
        if self.weights is not None:
            alm = self.alm.astype(np.complex128, copy=False)
            return masked.weighted_squares(alm, self.weights, self.L)
        return self.energy() / (4 * np.pi)

    def energy(self) -> NDArray[np.float64]:
        """Energy of each path's image, shape ``(..., n_paths)``, squared unit of the signal.

        Of a masked signal what the whole sphere would have with the known part's `second_moments`.
        """
        if self.weights is not None:
            return 4 * np.pi * self.second_moments()
        return squared_norm(self.alm.astype(np.complex128, copy=False), self.L)

    def energy_by_depth(self) -> NDArray[np.float64]:
        """Energy summed over the paths of each depth 0, 1, ...; shape ``(..., depth + 1)``."""
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

    def to_xarray(
        self, grid: Grid | None = None, *, dims: Iterable[str] | None = None
    ) -> DataArray:
        """The coefficients, or the images on a grid, as a labelled array.

        Parameters
        ----------
        grid : Grid, optional
            Where to sample the images; by default their coefficients.
        dims : iterable of str, optional
            Names of the batch axes; ``batch_0, batch_1, ...`` by default.

        Returns
        -------
        xarray.DataArray
            Dimensions ``batch_0, ..., path, coefficient``, with the coordinates ``path`` (as text:
            ``"7,5"``, ``"7,5:2"`` with a spin, empty for the average), ``depth``, ``degree`` and
            ``order``, and the parameters of the transform as attributes. Of a masked signal
            the coordinate ``area`` of each path, too. With a grid, real samples
            with ``lat`` and ``lon`` in degrees instead of ``coefficient``, as of
            `sphere_toolkit.to_xarray`; netCDF stores these alone, since coefficients are complex.

        Raises
        ------
        ValueError
            ``dims`` are not as many as the batch axes, or the grid carries a lower band-limit.
        ModuleNotFoundError
            xarray is not installed; the message names the extra that has it.

        Examples
        --------
        >>> import sphere_toolkit as st
        >>> S = st.ScatteringTransform(L=32, J_min=2)(st.signals.earth_relief(32))
        >>> bool(S.to_xarray().sel(path="5,3", coefficient=0) == S[(5, 3)][0])
        True
        >>> smooth = S.to_xarray(st.Grid.equiangular(37, 72)).sel(path="")
        >>> bool(smooth.sel(lat=45, lon=90) > smooth.sel(lat=0, lon=210))  # Asia, the Pacific
        True
        """
        try:
            from .labelled import as_xarray
        except ModuleNotFoundError as error:
            raise explained(error, "to_xarray") from error
        return as_xarray(self, grid, dims)

    def save(self, file: str | FilePath) -> None:
        """Write everything to an ``.npz`` file, without pickle.

        The file appears complete or not at all.

        Raises
        ------
        FileNotFoundError
            The folder does not exist.
        ValueError
            The name does not end in ``.npz``.
        """
        target = FilePath(file)
        if target.suffix != ".npz":
            raise ValueError(f"file must end in .npz, got {str(file)!r}")
        if not target.parent.is_dir():
            raise FileNotFoundError(
                f"there is no folder {str(target.parent)!r} for the file {str(file)!r}"
            )
        header = {"format": _FORMAT, "paths": self.paths, "parameters": self.parameters}
        partial = target.with_name(target.name + ".partial")
        try:
            with partial.open("wb") as stream:
                arrays = {"alm": self.alm, "header": np.array(json.dumps(header))}
                if self.weights is not None:
                    arrays["weights"] = self.weights
                np.savez(stream, **arrays)  # type: ignore[arg-type]
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

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
            with open(file, "rb") as stream:
                if not is_zipfile(stream):
                    raise ValueError("it is no .npz file, or is cut off")
                stream.seek(0)
                with np.load(stream, allow_pickle=False) as content:
                    header = json.loads(str(content["header"]))
                    if header["format"] != _FORMAT:
                        raise ValueError(f"format {header['format']!r}, expected {_FORMAT!r}")
                    weights = content.get("weights")
                    return cls(content["alm"], header["paths"], header["parameters"], weights)
        except (BadZipFile, KeyError, ValueError, EOFError, TypeError, AttributeError) as error:
            raise ValueError(f"{file} holds no scattering coefficients: {error}") from error
