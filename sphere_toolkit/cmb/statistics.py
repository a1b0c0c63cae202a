"""A classical statistic of non-Gaussianity."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..sphere.beams import whiten
from ..sphere.coefficients import as_alm, band_limit
from ..sphere.grids.grid import Grid
from ..sphere.legendre import ring_weights
from ..sphere.transforms import inverse


def whitened_kurtosis(alm: ArrayLike, spectrum: ArrayLike) -> NDArray[np.float64]:
    r"""Excess kurtosis of a sky, whitened so that every degree has the same expected power.

    .. math:: x_{\ell m} = a_{\ell m} / \sqrt{C_\ell},
        \qquad k = \frac{\langle x^4 \rangle}{\langle x^2 \rangle^2} - 3

    with means over the sphere.

    Parameters
    ----------
    alm : array (..., L(L+1)/2), complex
    spectrum : array (L,)
        :math:`C_\ell` of the ensemble; degrees whose power is zero are left out.

    Returns
    -------
    array (...,), float64
        0 for a Gaussian sky, on average and up to terms of order :math:`L^{-2}`.

    Raises
    ------
    ValueError
        ``spectrum`` does not have one entry for each degree of ``alm``, is negative, not finite, or
        zero everywhere; a sky is zero.

    Notes
    -----
    The means are exact integrals, computed on a Gauss-Legendre grid that integrates the fourth
    power, so a rotated sky gives the same number to rounding.

    For skies made by `poisson_sources` the mean is close to :math:`1.38 f^2 L^2 / N` from
    L = 128 on. The closed form is
    :math:`\frac{3 f^2}{N}\, 4\pi \int K^4 / (\int K^2)^2` over the sphere, with
    :math:`K = \sum_{\ell \ge 2} \frac{2\ell+1}{4\pi} P_\ell`.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> L = 32
    >>> sky = st.cmb.gaussian(L, seed=1)
    >>> bool(abs(st.cmb.whitened_kurtosis(sky, st.cmb.angular_power_spectrum(L))) < 0.5)
    True
    """
    skies = as_alm(alm)
    L = band_limit(skies)
    white = whiten(skies, spectrum)
    values = [_kurtosis(sky, L) for sky in white.reshape(-1, white.shape[-1])]
    return np.array(values).reshape(skies.shape[:-1])


def _kurtosis(alm: NDArray, L: int) -> float:
    grid = Grid.gauss_legendre(2 * L)  # it integrates the fourth power, of degree 4(L - 1)
    square = inverse(alm, grid, n_threads=1)
    square *= square
    rings = ring_weights(grid.L, square.dtype) / (4 * np.pi)
    second = rings @ square.sum(axis=1)
    if second == 0:
        raise ValueError("alm must not be zero at every degree where spectrum is positive")
    fourth = rings @ np.einsum("ij,ij->i", square, square)
    return float(fourth / second**2 - 3)
