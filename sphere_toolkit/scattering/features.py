"""Rotation-invariant features of signals, for linear classifiers.

Spectra are exactly invariant. Features of scattering coefficients are invariant up to the aliasing
of the nonlinearity; see `equivariance_error`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..sphere.coefficients import as_alm, band_limit, degrees, orders
from ..sphere.spectra import power_spectrum
from .coefficients import ScatteringCoefficients


def log_spectrum(alm: ArrayLike) -> NDArray[np.float64]:
    r"""Logarithm of the power spectrum, from degree 2 on: shape ``(..., L - 2)``.

    Monopole and dipole are left out: those of a CMB map are zero.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is not a valid set of coefficients, or a degree has no power.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.scattering.features.log_spectrum(st.cmb.gaussian(32, seed=0)).shape
    (30,)
    """
    return _log("the power of every degree", power_spectrum(alm)[..., 2:])


def log_path_means(S: ScatteringCoefficients) -> NDArray[np.float64]:
    """Logarithm of the mean of each path's image, shape ``(..., n_paths - 1)``.

    The empty path is left out: its image is the smoothed signal, whose mean may have either sign.

    Raises
    ------
    ValueError
        A mean is zero, as for a signal without energy on a path.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> S = st.ScatteringTransform(L=32, J_min=2)(st.cmb.gaussian(32, seed=0))
    >>> st.scattering.features.log_path_means(S).shape, len(S.paths)
    ((10,), 11)
    """
    rows = [i for i, path in enumerate(S.paths) if path]
    return _log("the mean of every path", S.means()[..., rows])


def degree_rms(alm: ArrayLike) -> NDArray[np.float64]:
    r"""Root mean square of the coefficients of each degree over a set of signals.

    .. math:: \sigma_{p\ell} = \Big\langle
        \frac{1}{2\ell+1} \sum_m |a_{p,\ell m}|^2 \Big\rangle^{1/2}

    Parameters
    ----------
    alm : array (n, channels, L(L+1)/2), complex

    Returns
    -------
    array (channels, L)
        Unit of ``alm``.
    """
    return np.sqrt(np.mean(power_spectrum(alm), axis=0))


def whitened_moments(alm: ArrayLike, rms: NDArray) -> NDArray[np.float64]:
    r"""Variances of whitened images and the correlations between them.

    .. math:: c_{pq} = \sum_{\ell \ge 1} \sum_m
          \frac{a_{p,\ell m}\, a^*_{q,\ell m}}{\sigma_{p\ell}\,\sigma_{q\ell}}

    Most coefficients of a scattering image have high degrees, where the average has damped them.
    Division by the RMS :math:`\sigma_{p\ell}` of each degree gives all of them the same weight.

    Parameters
    ----------
    alm : array (..., channels, L(L+1)/2), complex
    rms : array (channels, L)
        Of training signals, by `degree_rms`. Degrees where it is 0 are left out.

    Returns
    -------
    array (..., channels + channels (channels - 1) / 2)
        :math:`\log c_{pp}`, then :math:`c_{pq} / \sqrt{c_{pp} c_{qq}}` for p < q.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is not a valid set of coefficients, ``rms`` has another shape, or an image is
        constant.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> features = st.scattering.features
    >>> S = st.ScatteringTransform(L=32, J_min=2)(st.cmb.gaussian(32, seed=0, n=5))
    >>> features.whitened_moments(S.alm, features.degree_rms(S.alm)).shape
    (5, 66)
    """
    alm = as_alm(alm)
    L = band_limit(alm)
    if alm.ndim < 2 or np.shape(rms) != (alm.shape[-2], L):
        raise ValueError(
            f"rms must have shape (channels, L) for alm of shape (..., channels, L(L+1)/2), got "
            f"{np.shape(rms)} for {alm.shape}"
        )
    weight = np.zeros_like(rms)
    np.divide(1.0, rms, out=weight, where=rms > 0)
    weight[:, 0] = 0
    scaled = alm * (weight[:, degrees(L)] * np.where(orders(L) > 0, np.sqrt(2), 1))
    moments = np.real(scaled @ scaled.conj().swapaxes(-1, -2))
    variance = np.diagonal(moments, axis1=-2, axis2=-1)
    logarithm = _log("the variance of every image", variance)
    p, q = np.triu_indices(len(rms), k=1)
    correlation = moments[..., p, q] / np.sqrt(variance[..., p] * variance[..., q])
    return np.concatenate([logarithm, correlation], axis=-1)


def _log(what: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm, or an error if a value is not positive."""
    if not (values > 0).all():
        n = np.count_nonzero(~(values > 0))
        raise ValueError(
            f"{what} must be positive to take its logarithm, got {n} of {values.size} values that "
            f"are not, the lowest {values.min():.3g}"
        )
    return np.log(values)
