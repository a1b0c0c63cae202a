"""Monopole and dipole of maps with holes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._util import checks
from ..grids.grid import Grid
from .mask import Mask, areas, as_mask, blanked, unit_vectors


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
    samples = checks.observed("f", blanked(f, mask))
    if samples.shape[samples.ndim - mask.samples.ndim :] != mask.grid.shape:
        raise ValueError(f"f must end in the mask's shape {mask.grid.shape}, got {samples.shape}")
    weight = (mask.samples * areas(mask.grid)).ravel()
    templates = _templates(mask.grid)[:, :n]
    normal = templates.T @ (weight[:, None] * templates)
    batch = samples.shape[: samples.ndim - mask.samples.ndim]
    right = (samples.reshape(*batch, -1) * weight) @ templates
    fitted: NDArray = np.linalg.lstsq(normal, right.reshape(-1, n).T, rcond=None)[0].T
    return fitted.reshape(*batch, n)


def _templates(grid: Grid) -> NDArray[np.float64]:
    return np.concatenate([np.ones((grid.n_samples, 1)), unit_vectors(grid)], axis=1)


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
