"""Masks: which samples of a grid are known, and what follows for maps that have holes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._util import checks
from ..coefficients import degrees, n_coefficients
from ..grids.grid import Grid, same_points
from ..grids.labelled import sampled
from ..schemes import adjoint, evaluate


@dataclass(frozen=True, eq=False, repr=False)
class Mask:
    """Which samples of a grid are known: 1 where they are, 0 where not, or a weight in between.

    Parameters
    ----------
    samples : array (*grid.shape) or xarray.DataArray, bool or real
        Numbers in [0, 1]. **1, or True, keeps a sample**, as in the masks of microwave maps. Those
        of NumPy's masked arrays mean the opposite: ``Mask(~f.mask, grid)``, or `known`.
    grid : Grid

    Attributes
    ----------
    samples : array (*grid.shape), float64
        Read-only.
    grid

    Raises
    ------
    TypeError, ValueError
        ``samples`` are not real or have another shape, lie outside [0, 1], or are 0 everywhere.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(16)
    >>> st.masks.Mask(np.abs(np.cos(grid.theta)) > 0.3, grid)  # without a band along the equator
    Mask(68.8 % of the sphere, on Grid(healpix, nside=16, L=32, 3072 samples, approximate))
    """

    samples: NDArray
    grid: Grid

    def __post_init__(self) -> None:
        checks.instance("grid", self.grid, Grid)
        array = np.asarray(sampled(self.samples, self.grid)[0])
        array = (
            array.astype(np.float64) if array.dtype == bool else checks.numeric("samples", array)
        )
        if array.dtype.kind == "c":
            raise TypeError(f"samples of a mask must be real, got dtype {array.dtype}")
        if array.shape != self.grid.shape:
            raise ValueError(
                f"samples of a mask must have the grid's shape {self.grid.shape}, got {array.shape}"
            )
        array = checks.converted("samples", array, np.float64)
        if array.min() < 0 or array.max() > 1:
            holes = checks.marked(array).any()
            hint = "; a map with holes has the mask st.masks.known(map, grid)" if holes else ""
            raise ValueError(
                "samples of a mask must lie in [0, 1], 1 for what is known, got values in "
                f"[{array.min():.4g}, {array.max():.4g}]{hint}"
            )
        if not array.any():
            raise ValueError("a mask must keep at least one sample, got 0 everywhere")
        array = array.copy()
        array.flags.writeable = False
        object.__setattr__(self, "samples", array)

    def __repr__(self) -> str:
        return f"Mask({100 * self.fraction:.3g} % of the sphere, on {self.grid!r})"

    @cached_property
    def keeps(self) -> NDArray[np.bool_]:
        """Whether a sample is known, to any extent; shape ``grid.shape``."""
        return self.samples > 0

    @cached_property
    def fraction(self) -> float:
        """The mean of the mask over the sphere: the share of its area that is known."""
        return float((self.samples * areas(self.grid)).sum() / (4 * np.pi))


def areas(grid: Grid) -> NDArray[np.float64]:
    """`Grid.weights` of every sample, shape ``grid.shape``."""
    weights = grid.weights if grid.scheme == "healpix" else grid.weights[:, None]
    return np.broadcast_to(weights, grid.shape)


def averaged(
    values: NDArray, grid: Grid, kernel: NDArray, onto: Grid | None = None
) -> NDArray[np.float64]:
    """Mean of values in [0, 1] around every sample of ``onto``, by default of ``grid``.

    ``kernel`` is a window on the degrees; its zonal function is nowhere negative. Sums over samples
    stand for integrals, and the mean of ones is 1.
    """
    onto = grid if onto is None else onto
    L = len(kernel)
    window = kernel[degrees(L)]

    def smeared(weights: NDArray) -> NDArray[np.float64]:
        alm = adjoint(weights, grid, L, np.empty(n_coefficients(L), np.complex128), 1)
        return evaluate(alm * window, L, onto, 1)

    return np.clip(smeared(values * areas(grid)) / smeared(areas(grid)), 0, 1)


def as_mask(mask: object, grid: Grid | None = None) -> Mask:
    """The mask itself, on ``grid`` if given; an error that says how to make one for all else."""
    if not isinstance(mask, Mask):
        raise TypeError(
            f"mask must be a Mask: st.masks.Mask(samples, grid) or st.masks.read(file); got "
            f"{type(mask).__name__}"
        )
    if grid is not None and not same_points(mask.grid, grid):
        hint = ""
        if mask.grid.nside != grid.nside and grid.nside and mask.grid.nside:
            hint = (
                f". To keep what is wholly known: st.masks.Mask(healpy.ud_grade(mask.samples, "
                f"{grid.nside}) == 1, grid)"
            )
        raise ValueError(f"mask must lie on the grid of the samples, {grid!r}, got {mask!r}{hint}")
    return mask


def known(f: ArrayLike, grid: Grid | None = None) -> Mask:
    """The mask of what is known of a map: not masked, not NaN or infinite, and no UNSEEN.

    Parameters
    ----------
    f : array (*grid.shape)
        A NumPy masked array, a map of healpy with UNSEEN pixels, or an array with NaN.
    grid : Grid, optional
        May be omitted for an xarray with latitudes and longitudes, as in `sphere_toolkit.forward`.

    Returns
    -------
    Mask

    Raises
    ------
    TypeError, ValueError
        ``f`` is complex, has another shape, or nothing of it is known.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(16)
    >>> f = np.where(grid.theta < 1, st.inverse(st.cmb.gaussian(32, seed=1), grid), -1.6375e30)
    >>> mask = st.masks.known(f, grid)
    >>> f"{mask.fraction:.2f}", st.forward(f, grid, mask=mask).shape
    ('0.24', (528,))
    """
    f, grid = sampled(f, grid)
    array, missing = _with_holes(f)
    values = np.where(missing, 0, array)
    return Mask(~missing & ~checks.marked(values), grid)


def blanked(f: ArrayLike, mask: Mask) -> NDArray:
    """``f`` with 0 where the mask is; a ValueError if samples are missing elsewhere.

    ``f`` has shape (..., *grid.shape), or another, which is left for others to refuse.
    """
    array, missing = _with_holes(f)
    if array.shape[array.ndim - mask.samples.ndim :] != mask.samples.shape:
        return array
    bad = int(np.count_nonzero(missing & mask.keeps))
    if bad:
        raise ValueError(
            f"f must be known where the mask keeps it, got {bad} of {array.size} samples there "
            "that are masked, NaN or infinite. Multiply the mask by that of st.masks.known(f, grid)"
        )
    return np.where(mask.keeps, array, 0)


def _with_holes(f: ArrayLike) -> tuple[NDArray, NDArray[np.bool_]]:
    """The numbers of ``f``, and where they are masked or not finite."""
    hidden: NDArray[np.bool_] | bool = False
    if isinstance(f, np.ma.MaskedArray):
        hidden, f = np.ma.getmaskarray(f), f.data
    array = checks.numeric("f", f)
    if array.dtype.kind == "c":
        raise TypeError(f"f must be real, got dtype {array.dtype}")
    return array, hidden | ~np.isfinite(array)


def unit_vectors(grid: Grid) -> NDArray[np.float64]:
    """Unit vectors of all samples, shape ``(n_samples, 3)``."""
    theta, phi = (angle.ravel() for angle in grid.mesh())
    return np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)
