"""Transforms on a Gauss-Legendre grid in two steps: Legendre along meridians, Fourier along rings.

ducc0 has both in one call, but its FFT module takes several rings at once through the vector
units, which halves the Fourier step. Nothing here checks its arguments.
"""

from __future__ import annotations

from functools import lru_cache

import ducc0
import numpy as np
from numpy.typing import NDArray

from .grids.rings import areas

# Small enough that their coefficients are few, large enough for all threads.
_ORDERS_AT_ONCE = 256
# The type in which ducc0 takes orders and places: unsigned since 0.42, signed before.
_NEW = tuple(map(int, ducc0.__version__.split(".")[:2])) >= (0, 42)
_INDEX = np.uintp if _NEW else np.intp


def ring_series(n_orders: int, n_rings: int, memory: NDArray) -> NDArray:
    """Room for the Fourier series of rings, shape ``(n_orders, n_rings)``.

    There is a row for each order, because the Legendre step works order by order: with a row for
    each ring, two threads would write into the same cache lines and be hardly faster than one.
    Rows are an odd number of cache lines apart, because rows a power of two apart would compete
    for the same few places in the cache.
    """
    rows = memory[: ring_series_size(n_orders, n_rings)].reshape(n_orders, -1)
    return rows[:, :n_rings]


def ring_series_size(n_orders: int, n_rings: int) -> int:
    """Complex numbers that `ring_series` needs."""
    return n_orders * 4 * (-(-n_rings // 4) | 1)


def ring_groups(n: int, most: int) -> list[slice] | list[NDArray[np.intp]]:
    """Indices of ``n`` rings in groups of about ``most``, or one slice where all fit.

    The Legendre step computes a ring and its mirror image at the other side of the equator
    together, so a group holds both.
    """
    count = -(-n // most)
    if count == 1:
        return [slice(None)]
    halves = np.array_split(np.arange((n + 1) // 2), count)
    return [np.union1d(north, n - 1 - north) for north in halves]


def legendre(
    alm: NDArray, L: int, theta: NDArray, rings: NDArray, n_threads: int, spin: int = 0
) -> None:
    """Fourier series along the rings from coefficients of band-limit ``L``, to ``rings[:L]``.

    Of spin 0 ``alm`` is one signal, shape ``(1, n)``. Of a higher spin, at most ``L - 1``, it is E
    and B, shape ``(2, n)``, or E alone, ``(1, n)``, which is faster; ``rings`` holds the two
    components of the signal, each with a column for each of the colatitudes ``theta``.
    """
    ducc0.sht.alm2leg(
        alm=alm, spin=spin, lmax=L - 1, theta=theta, leg=_components(rings, L, theta),
        mode=mode_of(alm, spin), nthreads=n_threads,
    )  # fmt: skip


def fourier(rings: NDArray, L: int, samples: NDArray, n_threads: int) -> NDArray:
    """Samples, a column for each ring, from their Fourier series below order ``L``."""
    rings[L:] = 0
    return ducc0.fft.c2r(
        rings, axes=(0,), lastsize=samples.shape[0], forward=False, out=samples, nthreads=n_threads
    )


def inverse_fourier(
    samples: NDArray, weights: NDArray, L: int, rings: NDArray, n_threads: int
) -> None:
    """Fourier series below order ``L`` from samples, with the quadrature ``weights`` in them."""
    ducc0.fft.r2c(samples, axes=(0,), out=rings, nthreads=n_threads)
    rings[:L] *= weights


def inverse_legendre(
    rings: NDArray, theta: NDArray, L: int, alm: NDArray, n_threads: int, spin: int = 0
) -> NDArray:
    """Coefficients of degree below ``L`` from weighted Fourier series, shapes as in `legendre`.

    Zero below the spin.
    """
    ducc0.sht.leg2alm(
        leg=_components(rings, L, theta), spin=spin, lmax=L - 1, theta=theta, alm=alm,
        mode=mode_of(alm, spin), nthreads=n_threads,
    )  # fmt: skip
    return alm


def add_inverse_legendre(
    rings: NDArray, theta: NDArray, L: int, alm: NDArray, n_threads: int, spin: int = 0
) -> None:
    """What `inverse_legendre` gives for these rings, added to ``out``, some orders at a time."""
    legs = _components(rings, L, theta)
    for start in range(0, L, _ORDERS_AT_ONCE):
        m = np.arange(start, min(L, start + _ORDERS_AT_ONCE), dtype=_INDEX)
        # Order m begins at m (2L + 1 - m) / 2; ducc0 asks where its degree 0 would be.
        first = m * (2 * L - 1 - m) // 2
        offset = first[0]
        part = np.zeros((len(alm), int(first[-1] - offset) + L), alm.dtype)
        ducc0.sht.leg2alm(
            leg=legs[:, :, start : start + len(m)], spin=spin, lmax=L - 1, theta=theta, alm=part,
            mval=m, mstart=first - offset, mode=mode_of(alm, spin), nthreads=n_threads,
        )  # fmt: skip
        alm[:, offset + m[0] : offset + part.shape[1]] += part[:, m[0] :]


def _components(rings: NDArray, L: int, theta: NDArray) -> NDArray:
    """The orders below ``L`` as ducc0 wants them: component, ring, order. A view."""
    return rings[:L].reshape(L, -1, len(theta)).transpose(1, 2, 0)


def mode_of(alm: NDArray, spin: int) -> str:
    """ducc0's name for coefficients ``(1, n)`` or ``(2, n)``."""
    return "GRAD_ONLY" if spin and len(alm) == 1 else "STANDARD"


@lru_cache(maxsize=64)
def ring_weights(n: int, dtype: np.dtype, signals: int = 1) -> NDArray:
    """Quadrature weight of one sample on each of ``n`` Gauss-Legendre rings, for each signal."""
    weights = areas("gauss-legendre", n) / (2 * n)
    return np.tile(weights.astype(dtype), signals)
