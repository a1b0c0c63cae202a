"""How the samples of each scheme become coefficients, and back: thin functions over ducc0.

Every transform between samples and coefficients in this package goes through `synthesise` and
`analyse`, or takes the two steps of `legendre` apart. Nothing here checks its arguments.

A signal of spin 0 has coefficients ``(n,)`` and samples ``(*grid.shape,)``. One of a higher spin
has coefficients ``(2, n)``, which are E and B, and samples ``(2, *grid.shape)``.
"""

from __future__ import annotations

import ducc0
import numpy as np
from numpy.typing import NDArray

from .coefficients import truncation_index
from .grids.grid import Grid
from .grids.rings import GEOMETRY
from .legendre import (
    fourier,
    inverse_fourier,
    inverse_legendre,
    legendre,
    mode_of,
    ring_series,
    ring_series_size,
    ring_weights,
)
from .spin import components

HEALPIX_ITERATIONS = 20
_HEALPIX_TOLERANCE = 1e-10


def synthesise(
    alm: NDArray, L: int, grid: Grid, out: NDArray, n_threads: int, spin: int = 0
) -> NDArray:
    """Samples of one signal of band-limit ``L <= grid.L``, written to ``out``.

    Of a signal with spin, ``alm`` may be E alone, ``(n,)``, which is faster than a B of zeros.
    """
    SYNTHESIS[grid.scheme](_signals(alm), L, grid, _maps(out, grid), n_threads, spin)
    return out


def analyse(f: NDArray, grid: Grid, L: int, out: NDArray, n_threads: int, spin: int = 0) -> float:
    """Coefficients of degree below ``L <= grid.L`` of one signal, written to ``out``.

    Returns how far they are from reproducing the samples, relative to their norm, where the
    quadrature is approximate (HEALPix), and 0 where it is exact.
    """
    residual = ANALYSIS[grid.scheme](_maps(f, grid), grid, L, _signals(out), n_threads, spin)
    out[..., :L].imag = 0  # order 0 of a real signal: ducc0 leaves rounding there on some grids
    return residual


def adjoint(f: NDArray, grid: Grid, L: int, out: NDArray, n_threads: int, spin: int = 0) -> NDArray:
    """Coefficients of degree below ``L`` of samples, by the transpose of `synthesise`.

    The sum of every sample times a harmonic, without any weights; written to ``out``.
    """
    n = len(components(spin)) + 1
    ducc0.sht.adjoint_synthesis(
        map=f.reshape(n, -1), spin=spin, lmax=L - 1, alm=_signals(out), nthreads=n_threads,
        **grid.rings._asdict(),
    )  # fmt: skip
    out[..., :L].imag = 0
    return out


def evaluate(alm: NDArray, L: int, grid: Grid, n_threads: int) -> NDArray:
    """Samples of spin 0 from coefficients of any band-limit: the transpose of `adjoint`.

    `synthesise` is faster, but only for what the grid carries.
    """
    samples = ducc0.sht.synthesis(
        alm=alm[None], spin=0, lmax=L - 1, nthreads=n_threads, **grid.rings._asdict()
    )
    return samples.reshape(grid.shape)


def adjoint_of_analysis(
    alm: NDArray, L: int, grid: Grid, out: NDArray, n_threads: int, spin: int = 0
) -> NDArray:
    """Samples of coefficients of degree below ``L``, by the transpose of `analyse`.

    Of the grids whose analysis is exact: on HEALPix it is no single sum.
    """
    if _is_plain(grid):
        synthesise(alm, L, grid, out, n_threads, spin)
        out *= ring_weights(grid.L, out.dtype)[:, None]
        return out
    alm = _signals(alm)
    n_degrees = _degrees_analysed(grid)
    if n_degrees > L:
        room = np.zeros((len(alm), L * n_degrees - L * (L - 1) // 2), alm.dtype)
        room[:, truncation_index(n_degrees, L)] = alm
        alm = room
    ducc0.sht.adjoint_analysis_2d(
        alm=alm, spin=spin, lmax=n_degrees - 1, mmax=L - 1, geometry=GEOMETRY[grid.scheme],
        map=_maps(out, grid), phi0=grid.phi0, nthreads=n_threads,
    )  # fmt: skip
    return out


def _signals(alm: NDArray) -> NDArray:
    """Coefficients with an axis for E and B, or for one signal. A view."""
    return alm.reshape(-1, alm.shape[-1])


def _maps(f: NDArray, grid: Grid) -> NDArray:
    """Samples with an axis for the components, one or two. A view."""
    return f.reshape(-1, *grid.shape)


def _is_plain(grid: Grid) -> bool:
    """Whether a grid is the Gauss-Legendre grid of ``L`` rings and ``2L`` longitudes from 0."""
    return grid.scheme == "gauss-legendre" and grid.n_theta is None


def _synthesise_gauss_legendre(
    alm: NDArray, L: int, grid: Grid, maps: NDArray, n_threads: int, spin: int
) -> None:
    if not _is_plain(grid):
        return _synthesise_whole(alm, L, grid, maps, n_threads, spin)
    rings = _rings(len(maps), grid, alm.dtype)
    legendre(alm, L, grid.theta, rings, n_threads, spin)
    fourier(rings, L, _columns(maps), n_threads)
    return None


def _analyse_gauss_legendre(
    maps: NDArray, grid: Grid, L: int, alm: NDArray, n_threads: int, spin: int
) -> float:
    if not _is_plain(grid):
        return _analyse_whole(maps, grid, L, alm, n_threads, spin)
    rings = _rings(len(maps), grid, alm.dtype)
    inverse_fourier(
        _columns(maps), ring_weights(grid.L, maps.dtype, len(maps)), L, rings, n_threads
    )
    inverse_legendre(rings, grid.theta, L, alm, n_threads, spin)
    return 0.0


def _rings(n: int, grid: Grid, dtype: np.dtype) -> NDArray:
    shape = grid.L + 1, n * grid.L
    return ring_series(*shape, np.empty(ring_series_size(*shape), dtype))


def _columns(maps: NDArray) -> NDArray:
    """A column for each ring, those of the second component after those of the first. A view."""
    return maps.reshape(-1, maps.shape[-1]).T


def _synthesise_whole(
    alm: NDArray, L: int, grid: Grid, maps: NDArray, n_threads: int, spin: int
) -> None:
    ducc0.sht.synthesis_2d(
        alm=alm, spin=spin, lmax=L - 1, geometry=GEOMETRY[grid.scheme], map=maps,
        mode=mode_of(alm, spin), phi0=grid.phi0, nthreads=n_threads,
    )  # fmt: skip


def _degrees_analysed(grid: Grid) -> int:
    return grid.shape[0] - (grid.scheme == "clenshaw-curtis")


def _analyse_whole(
    maps: NDArray, grid: Grid, L: int, alm: NDArray, n_threads: int, spin: int
) -> float:
    # All degrees that the rings carry, even where fewer are asked for: ducc0 would take fewer
    # rings for them, and mistake higher degrees of the signal for them.
    n_degrees = _degrees_analysed(grid)
    room = alm
    if n_degrees > L:
        room = np.empty((len(alm), L * n_degrees - L * (L - 1) // 2), alm.dtype)
    ducc0.sht.analysis_2d(
        map=maps, spin=spin, lmax=n_degrees - 1, mmax=L - 1, geometry=GEOMETRY[grid.scheme],
        alm=room, phi0=grid.phi0, nthreads=n_threads,
    )  # fmt: skip
    if n_degrees > L:
        np.take(room, truncation_index(n_degrees, L), axis=-1, out=alm)
    return 0.0


def _synthesise_healpix(
    alm: NDArray, L: int, grid: Grid, maps: NDArray, n_threads: int, spin: int
) -> None:
    ducc0.sht.synthesis(
        alm=alm, spin=spin, lmax=L - 1, map=maps, mode=mode_of(alm, spin), nthreads=n_threads,
        **grid.rings._asdict(),
    )  # fmt: skip


def _analyse_healpix(
    maps: NDArray, grid: Grid, L: int, alm: NDArray, n_threads: int, spin: int
) -> float:
    _, _, _, residual, _ = ducc0.sht.pseudo_analysis(
        map=maps, spin=spin, lmax=L - 1, alm=alm, nthreads=n_threads,
        maxiter=HEALPIX_ITERATIONS, epsilon=_HEALPIX_TOLERANCE, **grid.rings._asdict(),
    )  # fmt: skip
    return float(residual)


# One entry for each scheme of `Grid`.
SYNTHESIS = {
    "gauss-legendre": _synthesise_gauss_legendre,
    "mcewen-wiaux": _synthesise_whole,
    "clenshaw-curtis": _synthesise_whole,
    "fejer": _synthesise_whole,
    "healpix": _synthesise_healpix,
}
ANALYSIS = {
    "gauss-legendre": _analyse_gauss_legendre,
    "mcewen-wiaux": _analyse_whole,
    "clenshaw-curtis": _analyse_whole,
    "fejer": _analyse_whole,
    "healpix": _analyse_healpix,
}
