"""Gaussian random fields."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from ..sphere.coefficients import degrees, n_coefficients


def gaussian(
    spectrum: ArrayLike, seed: checks.Seed = None, n: int | None = None
) -> NDArray[np.complex128]:
    r"""An isotropic Gaussian random field with a given ensemble power spectrum.

    Parameters
    ----------
    spectrum : array (L,)
        :math:`C_\ell \ge 0`.
    seed : int or numpy.random.Generator, optional
        Other numbers at every call by default.
    n : int, optional
        Number of fields; by default a single one, without a batch axis.

    Returns
    -------
    array ([n,] L(L+1)/2), complex128
        Square root of the unit of ``spectrum``, which is the mean over many fields of their
        power spectra.

    Raises
    ------
    TypeError, ValueError
        ``spectrum`` is not one-dimensional, is negative or not finite; ``seed`` is neither a
        generator nor an integer >= 0.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> earth = st.signals.earth_relief(32)
    >>> twin = st.signals.gaussian(st.power_spectrum(earth), seed=1)  # with the Earth's spectrum
    >>> twin.shape == earth.shape
    True
    """
    spectrum = checks.numeric("spectrum", spectrum)
    if spectrum.ndim != 1 or spectrum.dtype.kind == "c" or spectrum.size == 0:
        raise ValueError(
            f"spectrum must be real of shape (L,), got {spectrum.dtype} {spectrum.shape}"
        )
    checks.finite("spectrum", spectrum)
    if (spectrum < 0).any():
        raise ValueError(f"spectrum must not be negative, got a minimum of {spectrum.min():.3g}")
    rng = checks.generator(seed)
    L = spectrum.size
    shape = (n_coefficients(L),) if n is None else (checks.integer("n", n, 0), n_coefficients(L))
    alm = rng.standard_normal((*shape, 2)).view(np.complex128)[..., 0]
    alm *= np.sqrt(0.5)  # for m > 0 the unit variance is shared by two real parts
    alm[..., :L] = alm[..., :L].real * np.sqrt(2.0)
    alm *= np.sqrt(spectrum)[degrees(L)]
    return alm


def band_limited_noise(
    L: int, seed: checks.Seed = None, slope: float = 0.0, n: int | None = None
) -> NDArray[np.complex128]:
    r"""Gaussian noise with the spectrum :math:`C_\ell \propto (\ell + 1)^{\text{slope}}`.

    Parameters
    ----------
    L : int
        Band-limit.
    seed, n
        As in `gaussian`.
    slope : float, default 0
        0 is white noise; -2 looks like clouds, -3 like mountains.

    Returns
    -------
    array ([n,] L(L+1)/2), complex128
        Scaled to an expected variance of 1 at every point of the sphere.

    Raises
    ------
    TypeError, ValueError
        ``L`` is not a positive integer, ``slope`` is not finite, ``seed`` or ``n`` is invalid.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> clouds = st.signals.band_limited_noise(32, seed=1, slope=-2)
    >>> C = st.power_spectrum(clouds)
    >>> bool(C[2] > 10 * C[30])
    True
    """
    ell = np.arange(checks.integer("L", L, 1))
    spectrum = (ell + 1.0) ** checks.real("slope", slope)
    variance = (spectrum * (2 * ell + 1)).sum() / (4 * np.pi)
    return gaussian(spectrum / variance, seed, n)
