r"""Numbers that a linear classifier reads off a signal: none of them changes as the sky turns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..scattering.coefficients import ScatteringCoefficients
from ..sphere.coefficients import degrees, orders
from ..sphere.spectra import power_spectrum


def log_spectrum(alm: NDArray) -> NDArray[np.float64]:
    r"""Logarithm of the power at each degree from 2 on, shape ``(..., L - 2)``.

    Monopole and dipole of a CMB map are zero.
    """
    return np.log(power_spectrum(alm)[..., 2:])


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
