"""Synthesis, something done to the samples, analysis: a few rings at a time.

The samples stay in the cache between the three, and those of the whole sphere are never held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._util.threads import each
from ...sphere.coefficients import degrees
from ...sphere.grids.grid import Grid
from ...sphere.legendre import (
    add_inverse_legendre,
    fourier,
    inverse_fourier,
    inverse_legendre,
    legendre,
    ring_groups,
    ring_series,
    ring_series_size,
    ring_weights,
)
from .base import Part

# A block of rings and its Fourier series fit the second-level cache; the FFT wants 16 at once.
_SAMPLES_PER_BLOCK = 1 << 15
_MIN_RINGS_PER_BLOCK = 16
# Fourier series of more numbers than this are worked on in groups of rings, one after another.
_SERIES_AT_ONCE = 1 << 25

Load = Callable[[int, NDArray], NDArray]
"""Fills an array with the samples of the series of this number, and returns it."""

Act = Callable[[Load, NDArray, slice], Iterable[NDArray]]
"""What is done to the samples of some rings; see `through_samples`."""


class Series(NamedTuple):
    """Coefficients of signals of which samples are taken, or which are made of samples.

    Attributes
    ----------
    alm : array (n, k, n_coefficients(L))
    L : int
    parts : tuple of Part
    """

    alm: NDArray
    L: int
    parts: tuple[Part, ...]

    @property
    def n_series(self) -> int:
        """Real signals on the sphere that the parts of one signal are."""
        n = 0
        for part in self.parts:  # twice as fast as sum(), and asked for at every node
            n += part.n_series
        return n


def through_samples(
    sources: Sequence[Series],
    act: Act,
    result: Series,
    grid: Grid,
    n_threads: int,
    memory: NDArray | None = None,
) -> None:
    """Synthesise all parts of all sources, let ``act`` combine the samples, analyse what it gives.

    ``act`` gets what loads the samples of a series by its number, an array like them, and which
    rings they are; it returns those of all parts of the result, which are added up where they
    share coefficients.
    """
    out = result.alm
    limits = [source.L for source in sources for _ in range(source.n_series)]
    n, k = len(out), max(len(limits), result.n_series)
    groups = _groups(grid, k * n)
    if memory is None:
        memory = np.empty(memory_of(grid, k * n), out.dtype)
    if len(groups) > 1:
        out[:] = 0
    for rings, n_rings in groups:
        theta = grid.theta[rings]
        series = ring_series(grid.L + 1, k * n * n_rings, memory)
        series = series.reshape(grid.L + 1, k, n, n_rings)
        _spread(sources, theta, series, n_threads)
        weights = ring_weights(grid.L, out.real.dtype, n)
        if len(groups) > 1:
            weights = weights.reshape(n, -1)[:, rings].ravel()

        def use(
            some: slice, load: Load, like: NDArray, series: NDArray = series,
            weights: NDArray = weights,
        ) -> None:  # fmt: skip
            for i, samples in enumerate(act(load, like, some)):
                inverse_fourier(samples, weights[some], result.L, _columns(series, i)[:, some], 1)

        _by_blocks(series, limits, out.real.dtype, n_threads, use)
        _gather(series, theta, result, n_threads, add=len(groups) > 1)


def memory_of(grid: Grid, columns: int) -> int:
    """Complex numbers to work in, for so many Fourier series of a ring."""
    most = max(n_rings for _, n_rings in _groups(grid, columns))
    return ring_series_size(grid.L + 1, columns * most)


def loaded(load: Load, n: int, like: NDArray) -> NDArray:
    """The samples of all series, ``(n, *like.shape)``."""
    samples = np.empty((n, *like.shape), like.dtype)
    for i, one in enumerate(samples):
        load(i, one)
    return samples


def copying(samples: NDArray) -> Load:
    """What loads samples that are there already."""

    def load(i: int, out: NDArray) -> NDArray:
        np.copyto(out, samples[i])
        return out

    return load


def _groups(grid: Grid, columns: int) -> list[tuple[slice | NDArray[np.intp], int]]:
    """Groups of rings whose Fourier series, ``columns`` a ring, are few enough; how many rings."""
    most = max(2, _SERIES_AT_ONCE // ((grid.L + 1) * columns))
    if most >= grid.L:
        return [(slice(None), grid.L)]
    groups = ring_groups(grid.L, most)
    return [(rings, grid.L if isinstance(rings, slice) else len(rings)) for rings in groups]


def at_once(grid: Grid, columns: int) -> bool:
    """Whether all rings are worked on together, with so many Fourier series of a ring."""
    return len(_groups(grid, columns)) == 1


def on_grid(source: Series, grid: Grid, use: Act, out: NDArray, n_threads: int) -> NDArray:
    """The first samples that ``use`` returns for one signal, on the whole grid, to ``out``."""
    shape = grid.L + 1, source.n_series * grid.L
    series = ring_series(*shape, np.empty(ring_series_size(*shape), source.alm.dtype))
    series = series.reshape(grid.L + 1, source.n_series, 1, grid.L)
    _spread([source], grid.theta, series, n_threads)

    def keep(some: slice, load: Load, like: NDArray) -> None:
        out.T[:, some] = next(iter(use(load, like, some)))

    _by_blocks(series, [source.L] * source.n_series, out.dtype, n_threads, keep)
    return out


def _spread(sources: Sequence[Series], theta: NDArray, series: NDArray, n_threads: int) -> None:
    """Fourier series along the rings of every part of every signal: the Legendre step."""
    first, scratch = 0, None
    for (alm, L, _), part in [(source, part) for source in sources for part in source.parts]:
        both = slice(first, first + part.n_series)
        factor = None if part.weight is None else part.weight[degrees(L)].astype(alm.real.dtype)
        for i, signal in enumerate(alm):
            weighted = signal
            if factor is not None:
                weighted = scratch = np.multiply(signal, factor, out=scratch)
            if part.flipped:
                np.negative(weighted[1], out=weighted[1])
            legendre(weighted[part.source], L, theta, series[:, both, i], n_threads, part.spin)
        first = both.stop


def _gather(series: NDArray, theta: NDArray, result: Series, n_threads: int, add: bool) -> None:
    """Coefficients from the Fourier series of all parts: the transpose of `_spread`."""
    alm, L, parts = result
    collect = add_inverse_legendre if add else inverse_legendre
    first = 0
    for part in parts:
        both = slice(first, first + part.n_series)
        first = both.stop
        for i, signal in enumerate(alm):
            target, own = signal[part.source], series[:, both, i]
            if part.weight is None:
                collect(own, theta, L, target, n_threads, part.spin)
                continue
            found = inverse_legendre(own, theta, L, np.empty_like(target), n_threads, part.spin)
            if part.flipped:
                np.negative(found[1], out=found[1])
            found *= part.weight[degrees(L)].astype(found.real.dtype)
            target += found


def _by_blocks(
    series: NDArray,
    limits: Sequence[int],
    dtype: np.dtype,
    n_threads: int,
    use: Callable[[slice, Load, NDArray], None],
) -> None:
    """Call ``use`` for a few rings at a time, with what loads their samples and room for them.

    ``series`` has shape ``(grid.L + 1, n_series, n, n_rings)``; the rings of all ``n`` signals are
    treated alike. Series number ``i`` has the band-limit ``limits[i]``.
    """
    n_longitudes = 2 * (len(series) - 1)
    n_rings = series.shape[2] * series.shape[3]
    count = max(_MIN_RINGS_PER_BLOCK, _SAMPLES_PER_BLOCK // n_longitudes)
    share = -(-n_rings // n_threads)

    def use_share(thread: int) -> None:
        room = np.empty((n_longitudes, min(count, share)), dtype)
        end = min(n_rings, (thread + 1) * share)
        for start in range(thread * share, end, count):
            some = slice(start, min(end, start + count))

            def load(i: int, samples: NDArray, some: slice = some) -> NDArray:
                return fourier(_columns(series, i)[:, some], limits[i], samples, 1)

            use(some, load, room[:, : some.stop - some.start])

    each(use_share, n_threads, n_threads)


def _columns(series: NDArray, i: int) -> NDArray:
    """The Fourier series of number ``i`` of all signals side by side. A view."""
    return series[:, i].reshape(len(series), -1)
