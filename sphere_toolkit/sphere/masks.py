"""Masks: which samples of a grid are known, and what follows for maps that have holes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import ducc0
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from .._util import checks
from .coefficients import degrees, n_coefficients
from .grid import Grid, same_points
from .labelled import sampled
from .schemes import adjoint

APODISATIONS = ("cosine", "c2")


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
            raise ValueError(
                "samples of a mask must lie in [0, 1], 1 for what is known, got values in "
                f"[{array.min():.4g}, {array.max():.4g}]"
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
        return ducc0.sht.synthesis(
            alm=(alm * window)[None], spin=0, lmax=L - 1, nthreads=1, **onto.rings._asdict()
        ).reshape(onto.shape)

    return np.clip(smeared(values * areas(grid)) / smeared(areas(grid)), 0, 1)


def as_mask(mask: object, grid: Grid | None = None) -> Mask:
    """The mask itself, on ``grid`` if given; an error that says how to make one for all else."""
    if not isinstance(mask, Mask):
        raise TypeError(
            f"mask must be a Mask: st.masks.Mask(samples, grid) or st.masks.read(file); got a "
            f"{type(mask).__name__}"
        )
    if grid is not None and not same_points(mask.grid, grid):
        raise ValueError(f"mask must lie on the grid of the samples, {grid!r}, got {mask!r}")
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


def _spacing(grid: Grid) -> float:
    """An angle within which every sample has neighbours on all sides, in radians."""
    if grid.nside is not None:
        return float(np.sqrt(4 * np.pi / grid.n_samples))
    theta = np.concatenate([[-grid.theta[0]], grid.theta, [2 * np.pi - grid.theta[-1]]])
    return max(float(np.diff(theta).max()), 2 * np.pi / grid.shape[1])


def _points(grid: Grid) -> NDArray[np.float64]:
    """Unit vectors of all samples, shape ``(n_samples, 3)``."""
    theta, phi = (angle.ravel() for angle in grid.mesh())
    return np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)


def distances(mask: Mask, most: float = np.pi) -> NDArray[np.float64]:
    """Angle from each sample to the nearest that the mask leaves out, in radians.

    Parameters
    ----------
    mask : Mask
    most : float
        Angles beyond it are given as it: a small one is faster.

    Returns
    -------
    array (*grid.shape)
        Between the centres of samples; 0 for those that are left out.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(32)
    >>> mask = st.masks.Mask(grid.theta < 1, grid)
    >>> f"{st.masks.distances(mask)[0]:.2f}"
    '1.00'
    """
    far = np.full(mask.grid.n_samples, float(most))
    out = ~mask.keeps.ravel()
    far[out] = 0.0
    if out.any() and not out.all():
        points = _points(mask.grid)
        kept = points[~out]
        edge = points[out]
        # The nearest sample that is left out has neighbours that are kept.
        near, _ = KDTree(kept).query(edge, distance_upper_bound=3 * _spacing(mask.grid))
        chord, _ = KDTree(edge[np.isfinite(near)]).query(
            kept, distance_upper_bound=2 * np.sin(min(most, np.pi) / 2) * (1 + 1e-12)
        )
        far[~out] = np.minimum(2 * np.arcsin(np.minimum(chord / 2, 1.0)), most)
    return far.reshape(mask.grid.shape)


def apodise(mask: Mask, width: float, kind: str = "c2") -> Mask:
    r"""Let a mask fall smoothly to 0 within an angle from its edges, inside what it keeps.

    .. math:: w = \tfrac12 (1 - \cos \pi x) \quad\text{("cosine")}, \qquad
              w = x - \frac{\sin 2\pi x}{2\pi} \quad\text{("c2")}, \qquad
              x = \min(\theta / \text{width}, 1)

    with the angle :math:`\theta` to the nearest sample that is left out.

    Parameters
    ----------
    mask : Mask
    width : float
        Radians.
    kind : {"c2", "cosine"}
        The first has two continuous derivatives, the second one.

    Returns
    -------
    Mask
        The mask times w.

    Raises
    ------
    TypeError, ValueError
        ``width`` is not positive, ``kind`` unknown, ``mask`` no mask.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(32)
    >>> mask = st.masks.Mask(grid.theta < 1, grid)
    >>> soft = st.masks.apodise(mask, np.radians(10))
    >>> f"{mask.fraction:.2f} {soft.fraction:.2f}"
    '0.23 0.20'
    """
    mask = as_mask(mask)
    width = checks.real("width", width, above=0, maximum=np.pi)
    x = distances(mask, width) / width
    if checks.choice("kind", kind, APODISATIONS) == "cosine":
        weight = (1 - np.cos(np.pi * x)) / 2
    else:
        weight = x - np.sin(2 * np.pi * x) / (2 * np.pi)
    return Mask(mask.samples * np.clip(weight, 0, 1), mask.grid)


def erode(mask: Mask, angle: float) -> Mask:
    """Leave out, too, what lies within an angle of a sample that is left out.

    Parameters
    ----------
    mask : Mask
    angle : float
        Radians; for a wavelet see `sphere_toolkit.masks.reach`.

    Returns
    -------
    Mask

    Raises
    ------
    TypeError, ValueError
        ``angle`` is negative or beyond pi, or nothing is left.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(32)
    >>> st.masks.erode(st.masks.Mask(grid.theta < 1, grid), 0.5).grid.theta[0] < 0.5
    np.True_
    """
    mask = as_mask(mask)
    angle = checks.real("angle", angle, minimum=0, maximum=np.pi)
    # A distance that rounding has shortened still counts as beyond.
    left = mask.samples * (distances(mask, min(angle + 0.1, np.pi)) > angle)
    if not left.any():
        raise ValueError(
            f"nothing is left of {mask!r} beyond {np.degrees(angle):.3g} degrees from its edges"
        )
    return Mask(left, mask.grid)


def fit_dipole(f: ArrayLike, mask: Mask) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Monopole and dipole of what is known of a map, by least squares.

    .. math:: \min_{c, d} \int w \left(f - c - d \cdot \hat n\right)^2 d\omega

    over the mask :math:`w`.

    Parameters
    ----------
    f : array (..., *grid.shape)
        May be missing (masked, NaN, UNSEEN) where the mask is 0.
    mask : Mask
        On the grid of ``f``.

    Returns
    -------
    monopole : array (...,)
        Unit of ``f``.
    dipole : array (..., 3)
        Along x, y and z, unit of ``f``.

    Raises
    ------
    TypeError, ValueError
        ``f`` is complex, has another shape, or is missing where the mask keeps it.

    Notes
    -----
    As ``healpy.fit_dipole``, but with a mask; the other degrees of the map add to the result if
    the mask is not the whole sphere.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(16)
    >>> monopole, dipole = st.masks.fit_dipole(
    ...     3 + 2 * np.cos(grid.theta), st.masks.Mask(grid.theta < 2, grid)
    ... )
    >>> round(float(monopole), 12), (dipole.round(12) + 0).tolist()
    (3.0, [0.0, 0.0, 2.0])
    """
    fitted = _fit(f, as_mask(mask), 4)
    return fitted[..., 0], fitted[..., 1:]


def remove_dipole(f: ArrayLike, mask: Mask) -> NDArray[np.float64]:
    """A map without the monopole and dipole that `fit_dipole` finds.

    Parameters
    ----------
    f : array (..., *grid.shape)
    mask : Mask

    Returns
    -------
    array (..., *grid.shape)
        0 where the mask is.

    Raises
    ------
    TypeError, ValueError
        As of `fit_dipole`.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(16)
    >>> f = st.masks.remove_dipole(3 + 2 * grid.theta, st.masks.Mask(grid.theta < 2, grid))
    >>> f.shape, bool(f[-1] == 0)
    ((3072,), True)
    """
    return _without(f, as_mask(mask), 4)


def remove_monopole(f: ArrayLike, mask: Mask) -> NDArray[np.float64]:
    """A map without its mean over the mask: as `remove_dipole`, for the monopole alone.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(16)
    >>> mask = st.masks.Mask(grid.theta < 2, grid)
    >>> f = st.masks.remove_monopole(3 + np.cos(grid.theta), mask)
    >>> bool(abs(f.sum()) < 1e-9)
    True
    """
    return _without(f, as_mask(mask), 1)


def _fit(f: ArrayLike, mask: Mask, n: int) -> NDArray[np.float64]:
    """Least-squares amplitudes of the first ``n`` of 1, x, y, z, shape ``(..., n)``."""
    samples = checks.converted("f", blanked(f, mask), np.float64)
    if samples.shape[samples.ndim - mask.samples.ndim :] != mask.grid.shape:
        raise ValueError(f"f must end in the mask's shape {mask.grid.shape}, got {samples.shape}")
    checks.observed("f", samples)
    weight = (mask.samples * areas(mask.grid)).ravel()
    templates = _templates(mask.grid)[:, :n]
    normal = templates.T @ (weight[:, None] * templates)
    batch = samples.shape[: samples.ndim - mask.samples.ndim]
    right = (samples.reshape(*batch, -1) * weight) @ templates
    fitted: NDArray = np.linalg.lstsq(normal, right.reshape(-1, n).T, rcond=None)[0].T
    return fitted.reshape(*batch, n)


def _templates(grid: Grid) -> NDArray[np.float64]:
    return np.concatenate([np.ones((grid.n_samples, 1)), _points(grid)], axis=1)


def _without(f: ArrayLike, mask: Mask, n: int) -> NDArray[np.float64]:
    fitted = _fit(f, mask, n)
    samples = checks.converted("f", blanked(f, mask), np.float64)
    model = dipole_map(fitted[..., 0], fitted[..., 1:], mask.grid)
    return np.where(mask.keeps, samples - model, 0.0)


def dipole_map(monopole: NDArray, dipole: NDArray, grid: Grid) -> NDArray[np.float64]:
    """Samples of a monopole and of a dipole along x, y, z, of which the last may be left out."""
    amplitudes = np.concatenate([monopole[..., None], dipole], axis=-1)
    values = amplitudes @ _templates(grid)[:, : amplitudes.shape[-1]].T
    return values.reshape(*amplitudes.shape[:-1], *grid.shape)
