"""Nonlinearities of samples, fused with the transforms around them, ring by ring."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._util.threads import each
from ...sphere.coefficients import degrees
from ...sphere.grid import Grid
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
from .base import NEVER, Kept, Nonlinearity, Part, Transforms

# A block of rings and its Fourier series fit the second-level cache; the FFT wants 16 at once.
_SAMPLES_PER_BLOCK = 1 << 15
_MIN_RINGS_PER_BLOCK = 16
# Fourier series of more numbers than this are worked on in groups of rings, one after another.
_SERIES_AT_ONCE = 1 << 25
_PADDING = 8

Load = Callable[[int, NDArray], NDArray]
"""Fills an array with the samples of the series of this number, and returns it."""

Act = Callable[[Load, NDArray, slice], Iterable[NDArray]]


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
        return sum(part.n_series for part in self.parts)


class OnSamples(Nonlinearity):
    """A nonlinearity of the samples at each point, fused with the transforms around it.

    The same as synthesis, `combine` and analysis one after another, but a few rings at a time: they
    stay in the cache between the three, and the samples of the whole sphere are never held.
    """

    def parts(self, L: int, spin: int) -> tuple[Part, ...]:
        """The signals that it combines, for wavelet coefficients of this band-limit and spin."""
        return (Part(spin),)

    @abstractmethod
    def combine(self, load: Load, n_series: int, like: NDArray, n_out: int) -> list[NDArray]:
        """Samples of the first ``n_out`` signals that it returns, from those of all parts.

        Parameters
        ----------
        load : function
        n_series : int
            Signals that ``load`` knows, in the order of `parts`.
        like : real array
            Shape and type of the samples; to be overwritten.
        n_out : int
            Real signals that are asked for: 1, or more where ``spins`` has more.
        """

    @abstractmethod
    def pull(self, values: NDArray, cotangents: NDArray) -> NDArray:
        """The transposed derivative of `combine` at samples ``(n_series, ...)`` of all parts.

        ``cotangents`` has shape ``(n_out, ...)``, the result that of ``values``. Where there is no
        derivative, as at a zero of the modulus, 0 stands for it.
        """

    @abstractmethod
    def push(self, values: NDArray, tangents: NDArray, n_out: int) -> NDArray:
        """The derivative of `combine`: shape ``(n_out, ...)``; ``tangents`` as ``values``."""

    def transforms(
        self, L: int, grid: Grid, L_out: int, spin: int, spins_out: tuple[int, ...]
    ) -> list[Transforms]:
        """Syntheses of all parts, and the analyses."""
        spins = tuple(part.spin for part in self.parts(L, spin))
        return [Transforms(L, spins, grid, L_out, spins_out)]

    def memory(self, L: int, grid: Grid, n: int, spin: int = 0) -> int:
        """For the Fourier series of all real signals, on the rings of the largest group."""
        return _memory(grid, n * self.n_series(L, spin))

    def n_series(self, L: int, spin: int = 0) -> int:
        """As many as go in, or come out."""
        n_in = sum(part.n_series for part in self.parts(L, spin))
        return max(n_in, sum(2 if spin else 1 for spin in self.spins))

    def _result(self, out: NDArray, L_out: int) -> Series:
        """The scalar, then E and B of the next spins as far as there is room for them."""
        parts: list[Part] = []
        first = 0
        for spin in self.spins:
            if first == out.shape[1]:
                break
            parts.append(Part(spin, source=slice(first, first + (2 if spin else 1))))
            first = parts[-1].source.stop
        return Series(out, L_out, tuple(parts))

    def analyse(
        self, alm: NDArray, L: int, grid: Grid, L_out: int, out: NDArray, n_threads: int,
        memory: NDArray, spin: int = 0, kept: Kept | None = None,
    ) -> NDArray:  # fmt: skip
        """See `Nonlinearity`."""
        source, result = Series(alm, L, self.parts(L, spin)), self._result(out, L_out)
        if kept is not None:
            # The padding keeps rows from competing for the same places in the cache.
            shape = source.n_series, 2 * grid.L, len(alm) * grid.L + _PADDING
            kept[self.name] = np.empty(shape, self._dtype_kept(source.n_series, alm.real.dtype))

        def act(load: Load, like: NDArray, some: slice) -> Iterable[NDArray]:
            if kept is not None:
                samples = _loaded(load, source.n_series, like)
                kept[self.name][:, :, some] = self.remembered(samples)
                load = _copying(samples)
            return self.combine(load, source.n_series, like, result.n_series)

        through_samples([source], act, result, grid, n_threads, memory)
        return out

    def pull_back(
        self, alm: NDArray, L: int, grid: Grid, L_out: int, cotangent: NDArray, n_threads: int,
        spin: int = 0, kept: Kept | None = None,
    ) -> NDArray:  # fmt: skip
        """See `Nonlinearity`."""
        source, given = Series(alm, L, self.parts(L, spin)), self._result(cotangent, L_out)
        result = Series(np.zeros_like(alm), L, source.parts)

        def act(load: Load, like: NDArray, some: slice) -> Iterable[NDArray]:
            if kept:
                values = kept[self.name][:, :, some]
                return self.pull(values, _loaded(load, given.n_series, like))
            samples = _loaded(load, source.n_series + given.n_series, like)
            return self.pull(samples[: source.n_series], samples[source.n_series :])

        _with_memory([given] if kept else [source, given], act, result, grid, n_threads)
        return result.alm

    def push_forward(
        self, alm: NDArray, L: int, grid: Grid, L_out: int, tangent: NDArray, out: NDArray,
        n_threads: int, spin: int = 0,
    ) -> NDArray:  # fmt: skip
        """See `Nonlinearity`."""
        source, result = Series(alm, L, self.parts(L, spin)), self._result(out, L_out)
        n = source.n_series

        def act(load: Load, like: NDArray, some: slice) -> Iterable[NDArray]:
            samples = _loaded(load, 2 * n, like)
            return self.push(samples[:n], samples[n:], result.n_series)

        _with_memory([source, source._replace(alm=tangent)], act, result, grid, n_threads)
        return out

    def remembered(self, values: NDArray) -> NDArray:
        """What `pull` needs of the samples of all parts."""
        return values

    def n_bytes_kept(self, L: int, grid: Grid, n: int, dtype: np.dtype, spin: int = 0) -> int:
        """See `Nonlinearity`."""
        if len(_groups(grid, n * self.n_series(L, spin))) > 1:
            return NEVER
        n_series = sum(part.n_series for part in self.parts(L, spin))
        return n * n_series * grid.n_samples * self._dtype_kept(n_series, dtype).itemsize

    def _dtype_kept(self, n_series: int, dtype: np.dtype) -> np.dtype:
        return self.remembered(np.empty((n_series, 0), dtype)).dtype

    def samples(self, alm: NDArray, L: int, grid: Grid, n_threads: int, spin: int = 0) -> NDArray:
        """See `Nonlinearity`."""
        source = Series(alm[None], L, self.parts(L, spin))
        shape = grid.L + 1, source.n_series * grid.L
        series = ring_series(*shape, np.empty(ring_series_size(*shape), alm.dtype))
        series = series.reshape(grid.L + 1, source.n_series, 1, grid.L)
        _spread(source, grid.theta, series, n_threads)
        out = np.empty(grid.shape, alm.real.dtype)

        def keep(some: slice, load: Load, like: NDArray) -> None:
            out.T[:, some] = self.combine(load, source.n_series, like, 1)[0]

        _by_blocks(series, [L] * source.n_series, out.dtype, n_threads, keep)
        return out


def through_samples(
    sources: Sequence[Series],
    act: Act,
    result: Series,
    grid: Grid,
    n_threads: int,
    memory: NDArray,
) -> None:
    """Synthesise all parts of all sources, let ``act`` combine the samples, analyse what it gives.

    ``act`` gets what loads the samples of a series by its number, an array like them, and which
    rings they are; it returns those of all parts of the result, which are added up where they
    share coefficients.
    """
    out = result.alm
    n, k = len(out), max(sum(source.n_series for source in sources), result.n_series)
    limits = [source.L for source in sources for _ in range(source.n_series)]
    groups = _groups(grid, k * n)
    if len(groups) > 1:
        out[:] = 0
    for rings, n_rings in groups:
        theta = grid.theta[rings]
        series = ring_series(grid.L + 1, k * n * n_rings, memory)
        series = series.reshape(grid.L + 1, k, n, n_rings)
        first = 0
        for source in sources:
            _spread(source, theta, series[:, first:], n_threads)
            first += source.n_series
        weights = np.tile(ring_weights(grid.L, out.real.dtype)[rings], n)

        def use(
            some: slice, load: Load, like: NDArray, series: NDArray = series,
            weights: NDArray = weights,
        ) -> None:  # fmt: skip
            for i, samples in enumerate(act(load, like, some)):
                inverse_fourier(samples, weights[some], result.L, _columns(series, i)[:, some], 1)

        _by_blocks(series, limits, out.real.dtype, n_threads, use)
        _gather(series, theta, result, n_threads, add=len(groups) > 1)


def _with_memory(
    sources: Sequence[Series],
    act: Act,
    result: Series,
    grid: Grid,
    n_threads: int,
) -> None:
    """`through_samples` with memory of its own."""
    k = max(sum(source.n_series for source in sources), result.n_series)
    memory = np.empty(_memory(grid, k * len(result.alm)), result.alm.dtype)
    through_samples(sources, act, result, grid, n_threads, memory)


def _memory(grid: Grid, columns: int) -> int:
    most = max(n_rings for _, n_rings in _groups(grid, columns))
    return ring_series_size(grid.L + 1, columns * most)


def _loaded(load: Load, n: int, like: NDArray) -> NDArray:
    samples = np.empty((n, *like.shape), like.dtype)
    for i, one in enumerate(samples):
        load(i, one)
    return samples


def _copying(samples: NDArray) -> Load:
    def load(i: int, out: NDArray) -> NDArray:
        np.copyto(out, samples[i])
        return out

    return load


def _groups(grid: Grid, columns: int) -> list[tuple[slice | NDArray[np.intp], int]]:
    """Groups of rings whose Fourier series, ``columns`` a ring, are few enough; how many rings."""
    most = max(2, _SERIES_AT_ONCE // ((grid.L + 1) * columns))
    groups = ring_groups(grid.L, most)
    return [(rings, len(grid.theta[rings])) for rings in groups]


def _spread(source: Series, theta: NDArray, series: NDArray, n_threads: int) -> None:
    """Fourier series along the rings of every part of every signal: the Legendre step."""
    alm, L, parts = source
    first = 0
    scratch = np.empty_like(alm[0])
    for part in parts:
        both = slice(first, first + part.n_series)
        factor = None if part.weight is None else part.weight[degrees(L)].astype(alm.real.dtype)
        for i, signal in enumerate(alm):
            weighted = signal if factor is None else np.multiply(signal, factor, out=scratch)
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


def sum_of_squares(load: Load, n_series: int, like: NDArray) -> NDArray:
    """The sum of the squares of all series, in ``like``."""
    total, scratch = load(0, like), np.empty_like(like)
    np.square(total, out=total)
    for i in range(1, n_series):
        load(i, scratch)
        np.square(scratch, out=scratch)
        total += scratch
    return total


class RootOfSquares(OnSamples):
    """The norm of the vector of all series at each point."""

    def combine(self, load: Load, n_series: int, like: NDArray, n_out: int) -> list[NDArray]:
        """The root of the sum of squares."""
        total = sum_of_squares(load, n_series, like)
        return [np.sqrt(total, out=total)]

    def pull(self, values: NDArray, cotangents: NDArray) -> NDArray:
        """See `OnSamples`."""
        return values * (cotangents[0] * reciprocal(norm(values)))

    def push(self, values: NDArray, tangents: NDArray, n_out: int) -> NDArray:
        """See `OnSamples`."""
        return (values * tangents).sum(axis=0, keepdims=True) * reciprocal(norm(values))


def norm(values: NDArray) -> NDArray:
    """Norms of vectors along the first axis."""
    if len(values) == 1:
        return np.abs(values[0])
    total = np.square(values[0])
    for one in values[1:]:
        total += np.square(one)
    return np.sqrt(total, out=total)


def reciprocal(values: NDArray) -> NDArray:
    """1 over the values, and 0 for those that are not positive."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)
