"""Transforms on a Gauss-Legendre grid in two steps: Legendre along meridians, Fourier along rings.

ducc0 has both in one call, but its FFT module takes several rings at once through the vector
units, which halves the Fourier step. Nothing here checks its arguments.
"""

from __future__ import annotations

from functools import lru_cache

import ducc0
import numpy as np
from numpy.typing import NDArray

from .grid import Grid


def ring_series(grid: Grid, n: int, memory: NDArray) -> NDArray:
    """Room for the Fourier series of all rings of ``n`` signals, shape ``(grid.L + 1, n grid.L)``.

    There is a row for each order, because the Legendre step works order by order: with a row for
    each ring, two threads would write into the same cache lines and be hardly faster than one.
    Rows are an odd number of cache lines apart, because rows a power of two apart would compete
    for the same few places in the cache.
    """
    rows = memory[: ring_series_size(grid, n)].reshape(grid.L + 1, -1)
    return rows[:, : n * grid.L]


def ring_series_size(grid: Grid, n: int) -> int:
    """Complex numbers that `ring_series` needs."""
    return (grid.L + 1) * 4 * (-(-n * grid.L // 4) | 1)


def legendre(
    alm: NDArray, L: int, grid: Grid, rings: NDArray, n_threads: int, spin: int = 0
) -> None:
    """Fourier series along the rings from coefficients of band-limit ``L``, to ``rings[:L]``.

    Of spin 0 ``alm`` is one signal. Of a higher spin, at most ``L - 1``, it is E and B, shape
    ``(2, n)``, or E alone, ``(1, n)`` or ``(n,)``, which is faster; ``rings`` holds the two
    components of the signal, each with its ``grid.L`` columns.
    """
    alm = np.atleast_2d(alm)
    ducc0.sht.alm2leg(
        alm=alm, spin=spin, lmax=L - 1, theta=grid.theta, leg=_components(rings, L, grid),
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
    rings: NDArray, grid: Grid, L: int, out: NDArray, n_threads: int, spin: int = 0
) -> NDArray:
    """Coefficients of degree below ``L`` from weighted Fourier series, shapes as in `legendre`.

    Zero below the spin.
    """
    alm = np.atleast_2d(out)
    ducc0.sht.leg2alm(
        leg=_components(rings, L, grid), spin=spin, lmax=L - 1, theta=grid.theta, alm=alm,
        mode=mode_of(alm, spin), nthreads=n_threads,
    )  # fmt: skip
    return out


def _components(rings: NDArray, L: int, grid: Grid) -> NDArray:
    """The orders below ``L`` as ducc0 wants them: component, ring, order. A view."""
    return rings[:L].reshape(L, -1, grid.L).transpose(1, 2, 0)


def mode_of(alm: NDArray, spin: int) -> str:
    """ducc0's name for coefficients ``(1, n)`` or ``(2, n)``."""
    return "GRAD_ONLY" if spin and len(alm) == 1 else "STANDARD"


@lru_cache(maxsize=64)
def ring_weights(n: int, dtype: np.dtype, signals: int = 1) -> NDArray:
    """Quadrature weight of one sample on each of ``n`` Gauss-Legendre rings, for each signal."""
    weights = ducc0.sht.get_gridweights("GL", n) / (2 * n)
    return np.tile(weights.astype(dtype), signals)
