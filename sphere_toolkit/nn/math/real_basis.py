"""Coefficients of a real signal as real numbers: ``alm`` and rows.

Rows are the real numbers of all degrees one after another, at l*l + l + m for the orders -l..l.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import jax
import numpy as np
from numpy.typing import NDArray

from ...sphere.coefficients import band_limit, degrees, orders

AnyArray = TypeVar("AnyArray", jax.Array, NDArray)


@cache
def _places(L: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The row of the real part of each coefficient of ``alm``, and that of its imaginary part."""
    # int32: JAX caches constants by identity, and int64 would return in the wrong precision.
    ell, m = degrees(L).astype(np.int32), orders(L).astype(np.int32)
    return ell * ell + ell + m, ell * ell + ell - m


def alm_to_rows(alm: AnyArray) -> AnyArray:
    """``alm`` (..., L(L+1)/2) as real rows (..., L*L). NumPy stays NumPy, JAX stays JAX."""
    L = band_limit(alm)
    real, imaginary = _places(L)
    source = np.empty(L * L, dtype=np.int64)
    source[imaginary] = np.arange(imaginary.size) + real.size
    source[real] = np.arange(real.size)  # at order 0 both places are one, and the real part wins
    factor = np.full(L * L, np.sqrt(2))
    factor[imaginary] *= -1
    factor[real[:L]] = 1
    parts = alm.__array_namespace__().concatenate([alm.real, alm.imag], axis=-1)
    return parts[..., source] * factor.astype(parts.dtype)


def rows_to_alm(rows: AnyArray) -> AnyArray:
    """Real rows (..., L*L) as ``alm`` (..., L(L+1)/2): the inverse of `alm_to_rows`."""
    L = int(np.sqrt(rows.shape[-1]))
    real, imaginary = _places(L)
    order_0 = orders(L) == 0
    plus = np.where(order_0, 1, np.sqrt(0.5)).astype(rows.dtype)
    minus = np.where(order_0, 0, -np.sqrt(0.5)).astype(rows.dtype)
    return rows[..., real] * plus + 1j * (rows[..., imaginary] * minus)
