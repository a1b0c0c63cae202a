r"""Numbers that a linear classifier reads off a signal: none of them turns with the sky."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._scattering_coefficients import ScatteringCoefficients
from ..coefficients import band_limit, degrees, orders, power_spectrum
from ..grid import Grid
from ..harmonics import inverse


def log_spectrum(alm: NDArray) -> NDArray[np.float64]:
    r"""Logarithm of the power at each degree from 2 on, shape ``(..., L - 2)``.

    Monopole and dipole of a CMB map are zero.
    """
    return np.log(power_spectrum(alm)[..., 2:])


def whitened_kurtosis(alm: NDArray, spectrum: NDArray) -> float:
    r"""Excess kurtosis of a sky whose degrees have been given the same power.

    .. math:: x_{\ell m} = a_{\ell m} / \sqrt{C_\ell},
        \qquad \kappa = \frac{\langle x^4 \rangle}{\langle x^2 \rangle^2} - 3

    with means over the sphere: 0 for a Gaussian sky on average, and nearly the most that can be
    known where the sky was made from independent kicks or pixels.

    Parameters
    ----------
    alm : array (L(L+1)/2,), complex
    spectrum : array (L,)
        :math:`C_\ell` of the ensemble; degrees without power are left out.

    Notes
    -----
    Means are taken on the Gauss-Legendre grid of band-limit L, which integrates the square
    exactly. The fourth power has degrees beyond what the grid integrates exactly; what they add
    is noise, small beside the scatter from sky to sky.
    """
    L = band_limit(alm)
    weight = np.zeros(L)
    np.divide(1.0, np.sqrt(spectrum), out=weight, where=np.asarray(spectrum) > 0)
    grid = Grid.gauss_legendre(L)
    square = inverse(alm * weight[degrees(L)], grid, n_threads=1) ** 2
    ring_weight = np.polynomial.legendre.leggauss(L)[1] / 2
    second, fourth = (ring_weight @ f.mean(axis=-1) for f in (square, square**2))
    return float(fourth / second**2 - 3)


def log_path_means(S: ScatteringCoefficients) -> NDArray[np.float64]:
    """Logarithm of the mean of each path's image, shape ``(..., n_paths - 1)``.

    The empty path is left out: its image is the smoothed sky, whose mean has either sign.
    """
    rows = [i for i, path in enumerate(S.paths) if path]
    return np.log(S.alm[..., rows, 0].real / np.sqrt(4 * np.pi))


def degree_rms(alm: NDArray) -> NDArray[np.float64]:
    """RMS of the coefficients of each degree over a set of signals.

    Parameters
    ----------
    alm : array (n, channels, L(L+1)/2), complex

    Returns
    -------
    array (channels, L)
    """
    return np.sqrt(np.mean(power_spectrum(alm), axis=0))


def second_moments(alm: NDArray, rms: NDArray) -> NDArray[np.float64]:
    r"""Variances of images and their correlations with each other, every degree counting alike.

    .. math:: c_{pq} = \sum_{\ell \ge 1} \sum_m
          \frac{a_{p,\ell m}\, a^*_{q,\ell m}}{\sigma_{p\ell}\,\sigma_{q\ell}}

    An image has most of its degrees where the average has damped them most; dividing by the RMS
    :math:`\sigma_{p\ell}` of the training images at each degree makes all of them count.

    Parameters
    ----------
    alm : array (..., channels, L(L+1)/2), complex
    rms : array (channels, L)
        See `degree_rms`; degrees where it is 0 are left out.

    Returns
    -------
    array (..., channels + channels (channels - 1) / 2)
        :math:`\log c_{pp}`, then :math:`c_{pq} / \sqrt{c_{pp} c_{qq}}` for p < q.
    """
    L = rms.shape[-1]
    weight = np.zeros_like(rms)
    np.divide(1.0, rms, out=weight, where=rms > 0)
    weight[:, 0] = 0
    scaled = alm * (weight[:, degrees(L)] * np.where(orders(L) > 0, np.sqrt(2), 1))
    moments = np.real(scaled @ scaled.conj().swapaxes(-1, -2))
    variance = np.diagonal(moments, axis1=-2, axis2=-1)
    p, q = np.triu_indices(len(rms), k=1)
    correlation = moments[..., p, q] / np.sqrt(variance[..., p] * variance[..., q])
    return np.concatenate([np.log(variance), correlation], axis=-1)
