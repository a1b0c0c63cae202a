"""Coefficients in other layouts: healpy with fewer orders, pyssht, and rows of real numbers.

Rows are the real numbers of all degrees one after another, at l*l + l + m for the orders -l..l:
the coefficients of the real spherical harmonics. Their scalar product is that on the sphere.
"""

from __future__ import annotations

from functools import cache
from math import isqrt
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from .coefficients import as_alm, band_limit, degrees, n_coefficients, orders

AnyArray = TypeVar("AnyArray", bound=Any)  # of NumPy or of JAX


def from_healpy(alm: ArrayLike, lmax: int, mmax: int | None = None) -> NDArray[np.complex128]:
    """Coefficients from healpy, which may leave out the orders above ``mmax``.

    Parameters
    ----------
    alm : array (..., (mmax + 1) (lmax + 1) - mmax (mmax + 1) / 2), complex
        As of ``healpy.map2alm(..., lmax, mmax)``.
    lmax : int
        Largest degree.
    mmax : int, optional
        Largest order, ``lmax`` by default.

    Returns
    -------
    array (..., L(L+1)/2), complex128
        Of band-limit ``L = lmax + 1``; orders above ``mmax`` are zero. With ``mmax = lmax`` a
        copy, since that is the layout of this package.

    Raises
    ------
    TypeError, ValueError
        ``lmax`` or ``mmax`` is out of range, the length is another, or ``alm`` is no valid set of
        coefficients of a real signal.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> few = np.ones(171, complex)  # also the number of coefficients of L = 18
    >>> st.from_healpy(few, lmax=30, mmax=5).shape, st.n_coefficients(31)
    ((496,), 496)
    """
    lmax = checks.integer("lmax", lmax, 0)
    mmax = lmax if mmax is None else checks.integer("mmax", mmax, 0, maximum=lmax)
    array = checks.numeric("alm", alm)
    expected = (mmax + 1) * (lmax + 1) - mmax * (mmax + 1) // 2
    if array.ndim == 0 or array.shape[-1] != expected:
        raise ValueError(
            f"alm must end in an axis of length {expected} for lmax={lmax} and mmax={mmax}, "
            f"got shape {array.shape}"
        )
    # Orders come one after another, so the ones that are left out are the last.
    full = np.zeros((*array.shape[:-1], n_coefficients(lmax + 1)), array.dtype)
    full[..., :expected] = array
    return as_alm(full)


def to_pyssht(alm: ArrayLike) -> NDArray[np.complex128]:
    r"""Coefficients in the layout of pyssht: all orders, index :math:`\ell^2 + \ell + m`.

    Parameters
    ----------
    alm : array (..., L(L+1)/2), complex

    Returns
    -------
    array (..., L*L), complex128

    Raises
    ------
    TypeError, ValueError
        ``alm`` is no valid set of coefficients.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> flm = st.to_pyssht(st.signals.earth_relief(32))
    >>> flm.shape, bool(flm[2 * 2 + 2 - 1] == -flm[2 * 2 + 2 + 1].conj())
    ((1024,), True)
    """
    alm = as_alm(alm)
    L = band_limit(alm)
    ell, m = degrees(L), orders(L)
    flm = np.empty((*alm.shape[:-1], L * L), np.complex128)
    flm[..., ell * ell + ell - m] = (-1.0) ** m * alm.conj()
    flm[..., ell * ell + ell + m] = alm
    return flm


def from_pyssht(flm: ArrayLike) -> NDArray[np.complex128]:
    r"""Coefficients from the layout of pyssht, which must be those of a real signal.

    Parameters
    ----------
    flm : array (..., L*L), complex

    Returns
    -------
    array (..., L(L+1)/2), complex128

    Raises
    ------
    ValueError
        The length is no square, a value is not finite, or the signal is not real, that is,
        :math:`f_{\ell,-m} \ne (-1)^m f^*_{\ell m}` by more than 1e-10 of the largest value.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> relief = st.signals.earth_relief(32)
    >>> bool((st.from_pyssht(st.to_pyssht(relief)) == relief).all())
    True
    """
    flm = checks.converted("flm", checks.numeric("flm", flm), np.complex128)
    n = flm.shape[-1] if flm.ndim else 0
    L = isqrt(n)
    if n == 0 or L * L != n:
        raise ValueError(f"flm must end in an axis of length L*L, got shape {flm.shape}")
    ell, m = degrees(L), orders(L)
    alm = flm[..., ell * ell + ell + m]
    mirrored = (-1.0) ** m * flm[..., ell * ell + ell - m].conj()
    worst = float(np.abs(alm - mirrored).max(initial=0.0))
    if worst > 1e-10 * float(np.abs(flm).max(initial=0.0)):
        raise ValueError(
            "flm must be the coefficients of a real signal, f_(l,-m) = (-1)^m conj(f_(l,m)); "
            f"got a difference of {worst:.3g}"
        )
    return alm


@cache
def _places(L: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row of the real part of each coefficient of ``alm``, and that of its imaginary part."""
    ell, m = degrees(L), orders(L)
    return ell * ell + ell + m, ell * ell + ell - m


def parts_to_rows(L: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Each row is a factor times one of the real parts of ``alm`` and, behind them, imaginary ones.

    Returns the place of this part and the factor.
    """
    real, imaginary = _places(L)
    source = np.empty(L * L, dtype=np.int64)
    source[imaginary] = np.arange(imaginary.size) + real.size
    source[real] = np.arange(real.size)  # at order 0 both places are one, and the real part wins
    factor = np.full(L * L, np.sqrt(2))
    factor[imaginary] *= -1
    factor[real[:L]] = 1
    return source, factor


def rows_to_parts(L: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The inverse of `parts_to_rows`: the row behind each part, and the factor."""
    order_0 = orders(L) == 0
    plus, minus = np.where(order_0, 1, np.sqrt(0.5)), np.where(order_0, 0, -np.sqrt(0.5))
    return np.concatenate(_places(L)), np.concatenate([plus, minus])


def alm_to_rows(alm: AnyArray) -> AnyArray:
    """``alm`` (..., L(L+1)/2) as real rows (..., L*L). NumPy stays NumPy, JAX stays JAX."""
    source, factor = parts_to_rows(band_limit(alm))
    parts = alm.__array_namespace__().concatenate([alm.real, alm.imag], axis=-1)
    return parts[..., source] * factor.astype(parts.dtype)


def rows_to_alm(rows: AnyArray) -> AnyArray:
    """Real rows (..., L*L) as ``alm`` (..., L(L+1)/2): the inverse of `alm_to_rows`."""
    source, factor = rows_to_parts(isqrt(rows.shape[-1]))
    parts = rows[..., source] * factor.astype(rows.dtype)
    return parts[..., : source.size // 2] + 1j * parts[..., source.size // 2 :]
