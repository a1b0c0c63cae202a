"""Coefficients of real signals: their layout, their check, and filters of their degrees.

The layout is healpy's: orders ``m >= 0`` one after another, each with the degrees
``ell = m .. L - 1``. Batch axes lead.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .._util import checks

FEWER_ORDERS = (
    "Coefficients of healpy with mmax < lmax go through st.from_healpy(alm, lmax, mmax) first"
)
# Up to this band-limit a filter keeps a factor for each coefficient: at most 64 MiB.
_LAID_OUT = 4096


def n_coefficients(L: int) -> int:
    """Number of coefficients with ``0 <= m <= ell < L``: ``L (L + 1) / 2``.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.n_coefficients(4)
    10
    """
    L = checks.integer("L", L, 1)
    return L * (L + 1) // 2


def band_limit(alm: ArrayLike) -> int:
    """The band-limit ``L`` of coefficients of shape ``(..., L(L+1)/2)``, from their number.

    Coefficients hold all orders up to the largest degree: in healpy's terms, mmax = lmax = L - 1.
    The number alone cannot tell them from others: with lmax = 30 and mmax = 5, healpy has the 171
    coefficients of L = 18. Bring such coefficients here with `from_healpy`.

    Raises
    ------
    ValueError
        The length of the last axis is no ``L(L+1)/2``.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.signals.earth_relief(32)
    >>> alm.shape, st.band_limit(alm)
    ((528,), 32)
    """
    shape = np.shape(alm)
    n = shape[-1] if shape else 0
    L = (isqrt(8 * n + 1) - 1) // 2
    if n == 0 or L * (L + 1) // 2 != n:
        below = L * (L + 1) // 2
        raise ValueError(
            f"alm must end in an axis of length L(L+1)/2, got shape {shape}; the nearest lengths "
            f"are {below} (L={L}) and {below + L + 1} (L={L + 1}). {FEWER_ORDERS}"
        )
    return L


def row_starts(L: int) -> NDArray[np.int64]:
    """Index of the first coefficient, ``ell = m``, of each order ``m < L``."""
    m = np.arange(L)
    return m * L - m * (m - 1) // 2


def orders(L: int) -> NDArray[np.int64]:
    """Order ``m`` of each coefficient, shape ``(L(L+1)/2,)``.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.orders(3)
    array([0, 0, 0, 1, 1, 2])
    """
    L = checks.integer("L", L, 1)
    return np.repeat(np.arange(L), np.arange(L, 0, -1))


def degrees(L: int) -> NDArray[np.int64]:
    """Degree ``ell`` of each coefficient, shape ``(L(L+1)/2,)``.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.degrees(3), st.orders(3)
    (array([0, 1, 2, 1, 2, 2]), array([0, 0, 0, 1, 1, 2]))
    """
    m = orders(L)
    return np.arange(m.size) - row_starts(L)[m] + m


def truncation_index(L: int, L_out: int) -> NDArray[np.int64]:
    """Where the coefficients of degree below ``L_out`` lie among those of degree below ``L``."""
    return row_starts(L)[orders(L_out)] + degrees(L_out) - orders(L_out)


def truncate(alm: ArrayLike, L_out: int) -> NDArray[np.complex128]:
    """The coefficients of degree ``ell < L_out``: an ideal low-pass filter.

    Parameters
    ----------
    alm : array (..., L(L+1)/2)
    L_out : int
        New band-limit, at most that of ``alm``.

    Returns
    -------
    array (..., L_out(L_out+1)/2), complex128
        A copy.

    Raises
    ------
    ValueError
        ``L_out`` is above the band-limit of ``alm`` (there is no zero padding), or ``alm`` is no
        valid set of coefficients.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> relief = st.signals.earth_relief(128)
    >>> smooth = st.truncate(relief, 16)
    >>> st.band_limit(smooth), f"{st.energy(smooth) / st.energy(relief):.0%} of the energy"
    (16, '92% of the energy')
    """
    alm = as_alm(alm)
    L = band_limit(alm)
    L_out = checks.integer("L_out", L_out, 1)
    if L_out > L:
        raise ValueError(f"L_out must be at most the band-limit of alm, {L}, got {L_out}")
    return alm[..., truncation_index(L, L_out)]


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

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> wave = st.signals.harmonic(8, degree=3, order=2)
    >>> float(st.norm(wave)), st.power_spectrum(wave).argmax().item()
    (1.0, 3)
    """
    L = checks.integer("L", L, 1)
    degree = checks.integer("degree", degree, 0, maximum=L - 1)
    order = checks.integer("order", order, -degree, maximum=degree)
    m = abs(order)
    alm = np.zeros(n_coefficients(L), np.complex128)
    # Im Y = (Y - conj Y) / 2i: the coefficient of Y is 1 / 2i, times the root of two.
    value = 1.0 if m == 0 else np.sqrt(0.5) * (1.0 if order > 0 else -1.0j)
    alm[m * L - m * (m - 1) // 2 + degree - m] = value
    return alm


def one_signal(
    alm: ArrayLike, L: int | None = None, dtype: type = np.complex128, name: str = "alm"
) -> NDArray:
    """`as_alm` for a single signal: a batch is refused, and the message calls it ``name``."""
    array = as_alm(alm, L, dtype)
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be one signal of shape (L(L+1)/2,), got a batch of shape {array.shape}"
        )
    return array


class DegreeFilter:
    """Multiply every degree by its value of a window, and drop the degrees from ``L_out`` on.

    Up to an output of `_LAID_OUT` degrees index and factors are laid out once, per coefficient;
    above they would take as much memory as the signal, and calls go order by order. Calls make no
    checks.

    Parameters
    ----------
    window : array (>= L_out,)
    L : int
        Band-limit of what comes in.
    L_out : int
        Band-limit of what goes out, at most ``L``.
    dtype : dtype, default float64
        Precision of the factors.
    """

    def __init__(self, window: NDArray, L: int, L_out: int, dtype: DTypeLike = np.float64) -> None:
        self.L, self.L_out = L, L_out
        self._window = window[:L_out].astype(dtype)
        self._laid_out = L_out <= _LAID_OUT
        if self._laid_out:
            self._factor = self._window[degrees(L_out)]
            self._index = truncation_index(L, L_out) if L_out < L else None

    def __call__(self, alm: NDArray, out: NDArray | None = None) -> NDArray:
        """The filtered coefficients, ``(..., n_coefficients(L_out))``, in ``out`` if given."""
        if not self._laid_out:
            if out is None:
                out = np.empty((*alm.shape[:-1], n_coefficients(self.L_out)), alm.dtype)
            for row, row_out, factor in self._rows():
                np.multiply(alm[..., row], factor, out=out[..., row_out])
            return out
        if self._index is None:
            return np.multiply(alm, self._factor, out=out)
        # The indices are ours: "clip" only spares numpy the buffering that its check needs.
        out = np.take(alm, self._index, axis=-1, out=out, mode="clip")
        out *= self._factor
        return out

    def add_back(self, part: NDArray, total: NDArray) -> None:
        """The transposed operation: add filtered ``part`` to its degrees in ``total``."""
        if not self._laid_out:
            for row, row_out, factor in self._rows():
                total[..., row] += part[..., row_out] * factor
            return
        total[..., slice(None) if self._index is None else self._index] += part * self._factor

    def _rows(self) -> Iterator[tuple[slice, slice, NDArray]]:
        """Where each order lies before and after, and its factors."""
        starts = zip(row_starts(self.L), row_starts(self.L_out), strict=False)
        for m, (start, start_out) in enumerate(starts):
            n = self.L_out - m
            yield slice(start, start + n), slice(start_out, start_out + n), self._window[m:]


def as_alm(alm: ArrayLike, L: int | None = None, dtype: type = np.complex128) -> NDArray:
    """``alm`` as a checked complex array of a real signal, of band-limit ``L`` if given.

    Raises
    ------
    TypeError
        ``alm`` is not complex, or carries a unit.
    ValueError
        Its length fits no band-limit or another one, values are masked, NaN, infinite or beyond
        the range of ``dtype``, or a coefficient of order 0 is not real.
    """
    array = checks.numeric("alm", alm)
    if array.dtype.kind != "c":
        raise TypeError(f"alm must be complex, got dtype {array.dtype}; samples go to forward()")
    found = band_limit(array)
    if L is not None and found != L:
        raise ValueError(
            f"alm must hold {n_coefficients(L)} coefficients (L={L}), "
            f"got {array.shape[-1]} (L={found}). {FEWER_ORDERS}"
        )
    converted = checks.converted("alm", array, dtype)
    zonal = converted[..., :found]
    if zonal.imag.any():
        # Rounding in rotations or in other packages is no reason to refuse.
        tolerance = 1e-5 if array.dtype == np.complex64 else 1e-10
        worst = float(np.abs(zonal.imag).max(initial=0.0))
        if worst > tolerance * float(np.abs(converted).max()):
            raise ValueError(
                "alm of order m = 0 must be real, as for every real signal; "
                f"got an imaginary part of {worst:.3g}. Their order is that of healpy with "
                "mmax = lmax; others go through st.from_healpy or st.from_pyssht"
            )
    return converted
