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


def legendre(alm: NDArray, L: int, grid: Grid, rings: NDArray, n_threads: int) -> None:
    """Fourier series along the rings from coefficients of band-limit ``L``, to ``rings[:L]``."""
    ducc0.sht.alm2leg(
        alm=alm[None], spin=0, lmax=L - 1, theta=grid.theta, leg=rings[:L].T[None],
        nthreads=n_threads,
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


def inverse_legendre(rings: NDArray, grid: Grid, L: int, out: NDArray, n_threads: int) -> NDArray:
    """Coefficients of degree below ``L`` from weighted Fourier series."""
    ducc0.sht.leg2alm(
        leg=rings[:L].T[None], spin=0, lmax=L - 1, theta=grid.theta, alm=out[None],
        nthreads=n_threads,
    )  # fmt: skip
    return out


@lru_cache(maxsize=64)
def ring_weights(n: int, dtype: np.dtype, signals: int = 1) -> NDArray:
    """Quadrature weight of one sample on each of ``n`` Gauss-Legendre rings, for each signal."""
    weights = ducc0.sht.get_gridweights("GL", n) / (2 * n)
    return np.tile(weights.astype(dtype), signals)
