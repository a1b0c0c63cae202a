"""Signals to look at: the Earth, noise, and shapes that make one phenomenon obvious.

Every function returns coefficients (alm); ``st.inverse(alm, grid)`` samples them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO

import ducc0
import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _checks, data
from ._digits import digits, project
from .coefficients import degrees, n_coefficients, truncate

__all__ = [
    "EARTH_MAX_L",
    "band_limited_noise",
    "digits",
    "earth_relief",
    "gaussian",
    "harmonic",
    "project",
    "ring",
    "spots",
]

EARTH_MAX_L = 270


def earth_relief(L: int) -> NDArray[np.complex128]:
    """The Earth's relief: height of land and depth of the sea, in metres.

    Parameters
    ----------
    L : int
        Band-limit, at most 270.

    Returns
    -------
    array (L(L+1)/2,), complex128
        Metres above sea level; negative below. North pole at colatitude 0, Greenwich at
        longitude 0.

    Raises
    ------
    TypeError, ValueError
        ``L`` is no integer in 1..270.

    Notes
    -----
    From ETOPO5 (NOAA, public domain), every fourth sample: 541 x 1080 samples 20 arc minutes
    apart. They form a Clenshaw-Curtis grid with both poles, on which the analysis up to
    L = 270 is exact for a band-limited signal; relief finer than that aliases.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.signals.earth_relief(64)
    >>> mean_height = alm[0].real / (4 * 3.141592653589793) ** 0.5
    >>> print(f"{mean_height:.0f} m")
    -2388 m
    """
    L = _checks.integer("L", L, 1, maximum=EARTH_MAX_L)
    return truncate(_earth_relief(), L)


@lru_cache(maxsize=1)
def _earth_relief() -> NDArray[np.complex128]:
    south_first = np.load(BytesIO(data.read("earth_relief_20min.npz")))["arr_0"]
    heights = np.ascontiguousarray(south_first[::-1], dtype=np.float64)
    alm = ducc0.sht.analysis_2d(map=heights[None], spin=0, lmax=EARTH_MAX_L - 1, geometry="CC")[0]
    alm[:EARTH_MAX_L].imag = 0  # rounding
    alm.flags.writeable = False
    return alm


def gaussian(
    spectrum: ArrayLike, rng: np.random.Generator | int | None = None, n: int | None = None
) -> NDArray[np.complex128]:
    r"""An isotropic Gaussian random field with a given ensemble power spectrum.

    Parameters
    ----------
    spectrum : array (L,)
        :math:`C_\ell \ge 0`.
    rng : numpy Generator or seed
    n : int, optional
        Number of fields; a single one without a batch axis by default.

    Returns
    -------
    array ([n,] L(L+1)/2), complex128
        Root of the unit of ``spectrum``. The mean of each field's spectrum over many fields
        is ``spectrum``.

    Raises
    ------
    ValueError
        ``spectrum`` is not one-dimensional, negative or not finite.
    """
    spectrum = _checks.numeric("spectrum", spectrum)
    if spectrum.ndim != 1 or spectrum.dtype.kind == "c" or spectrum.size == 0:
        raise ValueError(
            f"spectrum must be real of shape (L,), got {spectrum.dtype} {spectrum.shape}"
        )
    _checks.finite("spectrum", spectrum)
    if (spectrum < 0).any():
        raise ValueError(f"spectrum must not be negative, got a minimum of {spectrum.min():.3g}")
    rng = np.random.default_rng(rng)
    L = spectrum.size
    shape = (n_coefficients(L),) if n is None else (_checks.integer("n", n, 0), n_coefficients(L))
    alm = rng.standard_normal((*shape, 2)).view(np.complex128)[..., 0]
    alm *= np.sqrt(0.5)  # for m > 0 the unit variance is shared by two real parts
    alm[..., :L] = alm[..., :L].real * np.sqrt(2.0)
    alm *= np.sqrt(spectrum)[degrees(L)]
    return alm


def band_limited_noise(
    L: int, rng: np.random.Generator | int | None = None, slope: float = 0.0, n: int | None = None
) -> NDArray[np.complex128]:
    r"""Gaussian noise with the spectrum :math:`C_\ell \propto (\ell + 1)^{\text{slope}}`.

    Parameters
    ----------
    L : int
        Band-limit.
    rng : numpy Generator or seed
    slope : float, default 0
        0 is white noise; -2 looks like clouds, -3 like mountains.
    n : int, optional
        Number of fields.

    Returns
    -------
    array ([n,] L(L+1)/2), complex128
        Scaled to an expected variance of 1 at every point of the sphere.

    Raises
    ------
    TypeError, ValueError
        ``L`` is no positive integer, ``slope`` is not finite.
    """
    ell = np.arange(_checks.integer("L", L, 1))
    spectrum = (ell + 1.0) ** _checks.real("slope", slope)
    variance = (spectrum * (2 * ell + 1)).sum() / (4 * np.pi)
    return gaussian(spectrum / variance, rng, n)


def harmonic(L: int, degree: int, order: int) -> NDArray[np.complex128]:
    r"""One real spherical harmonic of unit energy.

    Order 0 is zonal; ``order > 0`` is :math:`\sqrt2\,\mathrm{Re}\,Y_{\ell m}`, which varies as
    :math:`\cos m\varphi`; ``order < 0`` is :math:`\sqrt2\,\mathrm{Im}\,Y_{\ell |m|}`, as
    :math:`\sin |m|\varphi`.

    Parameters
    ----------
    L, degree, order : int
        ``0 <= degree < L`` and ``-degree <= order <= degree``.

    Returns
    -------
    array (L(L+1)/2,), complex128
    """
    L = _checks.integer("L", L, 1)
    degree = _checks.integer("degree", degree, 0, maximum=L - 1)
    order = _checks.integer("order", order, -degree, maximum=degree)
    m = abs(order)
    alm = np.zeros(n_coefficients(L), np.complex128)
    # Im Y = (Y - conj Y) / 2i: the coefficient of Y is 1 / 2i, times the root of two.
    value = 1.0 if m == 0 else np.sqrt(0.5) * (1.0 if order > 0 else -1.0j)
    alm[m * L - m * (m - 1) // 2 + degree - m] = value
    return alm


def spots(
    L: int,
    positions: Sequence[tuple[float, float]] = ((0.6, 0.5), (1.4, 2.6), (2.2, 4.7)),
    width: float = 0.1,
) -> NDArray[np.complex128]:
    r"""Round spots: a unit of heat at each position, after it has spread to ``width``.

    .. math:: f_{\ell m} = 2\pi\sigma^2 \sum_i e^{-\ell(\ell+1)\sigma^2/2}\, Y^*_{\ell m}(\omega_i)

    Parameters
    ----------
    L : int
        Band-limit.
    positions : sequence of (colatitude, longitude)
        Radians.
    width : float, default 0.1
        Standard deviation :math:`\sigma` in radians; the peak is close to 1 while it is small.

    Returns
    -------
    array (L(L+1)/2,), complex128
        Exact coefficients, cut at L (3e-2 of the peak is lost at ``L = 2.6 / width``).

    Raises
    ------
    TypeError, ValueError
        A position is no pair with a colatitude in [0, pi], ``width`` is not positive.
    """
    L = _checks.integer("L", L, 1)
    where = _checks.numeric("positions", positions).astype(np.float64)
    if where.ndim != 2 or where.shape[1] != 2 or len(where) == 0:
        raise ValueError(f"positions must have shape (n, 2) with n >= 1, got {where.shape}")
    _checks.finite("positions", where)
    if where[:, 0].min() < 0 or where[:, 0].max() > np.pi:
        raise ValueError(f"colatitudes must lie in [0, pi], got {where[:, 0].tolist()}")
    where[:, 1] %= 2 * np.pi
    alm = ducc0.sht.adjoint_synthesis_general(
        map=np.ones((1, len(where))), loc=where, spin=0, lmax=L - 1, epsilon=1e-13
    )[0]
    alm[:L].imag = 0  # rounding
    return alm * _heat(L, width)


def ring(L: int, colatitude: float = 1.0, width: float = 0.08) -> NDArray[np.complex128]:
    r"""A ring around the north pole: the average of `spots` over all longitudes, of height 1.

    Parameters
    ----------
    L : int
        Band-limit.
    colatitude : float, default 1.0
        Of the ring's crest, radians.
    width : float, default 0.08
        Standard deviation in radians; the height is close to 1 while it is small.

    Returns
    -------
    array (L(L+1)/2,), complex128
        Exact coefficients, cut at L; only the order 0 is there.

    Raises
    ------
    TypeError, ValueError
        ``colatitude`` lies outside (0, pi), ``width`` is not positive.
    """
    colatitude = _checks.real("colatitude", colatitude, above=0.0)
    if colatitude >= np.pi:
        raise ValueError(f"colatitude must lie below pi, got {colatitude}")
    alm = spots(L, [(colatitude, 0.0)], width)
    alm[L:] = 0
    return alm * np.sqrt(2 * np.pi) * np.sin(colatitude) / width


def _heat(L: int, width: float) -> NDArray[np.float64]:
    width = _checks.real("width", width, above=0.0)
    ell = degrees(L)
    return 2 * np.pi * width**2 * np.exp(-ell * (ell + 1) * width**2 / 2)
