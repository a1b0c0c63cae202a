"""Nonlinearities of the samples at each point, fused with the transforms around them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ...sphere.grids.grid import Grid
from .base import NEVER, Kept, Nonlinearity, Part, Transforms
from .engine import Load, Series, at_once, copying, loaded, memory_of, on_grid, through_samples

_PADDING = 8


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
        return memory_of(grid, n * self.n_series(L, spin))

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
        n, n_out = source.n_series, result.n_series
        if kept is not None:
            # The padding keeps rows from competing for the same places in the cache.
            shape = n, 2 * grid.L, len(alm) * grid.L + _PADDING
            kept[self.name] = np.empty(shape, self._dtype_kept(n, alm.real.dtype))

        def act(load: Load, like: NDArray, some: slice) -> Iterable[NDArray]:
            if kept is not None:
                samples = loaded(load, n, like)
                kept[self.name][:, :, some] = self.remembered(samples)
                load = copying(samples)
            return self.combine(load, n, like, n_out)

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
                return self.pull(values, loaded(load, given.n_series, like))
            samples = loaded(load, source.n_series + given.n_series, like)
            return self.pull(samples[: source.n_series], samples[source.n_series :])

        through_samples([given] if kept else [source, given], act, result, grid, n_threads)
        return result.alm

    def push_forward(
        self, alm: NDArray, L: int, grid: Grid, L_out: int, tangent: NDArray, out: NDArray,
        n_threads: int, spin: int = 0,
    ) -> NDArray:  # fmt: skip
        """See `Nonlinearity`."""
        source, result = Series(alm, L, self.parts(L, spin)), self._result(out, L_out)
        n = source.n_series

        def act(load: Load, like: NDArray, some: slice) -> Iterable[NDArray]:
            samples = loaded(load, 2 * n, like)
            return self.push(samples[:n], samples[n:], result.n_series)

        through_samples([source, source._replace(alm=tangent)], act, result, grid, n_threads)
        return out

    def remembered(self, values: NDArray) -> NDArray:
        """What `pull` needs of the samples of all parts."""
        return values

    def n_bytes_kept(self, L: int, grid: Grid, n: int, dtype: np.dtype, spin: int = 0) -> int:
        """See `Nonlinearity`."""
        if not at_once(grid, n * self.n_series(L, spin)):
            return NEVER
        n_series = sum(part.n_series for part in self.parts(L, spin))
        return n * n_series * grid.n_samples * self._dtype_kept(n_series, dtype).itemsize

    def _dtype_kept(self, n_series: int, dtype: np.dtype) -> np.dtype:
        return self.remembered(np.empty((n_series, 0), dtype)).dtype

    def samples(self, alm: NDArray, L: int, grid: Grid, n_threads: int, spin: int = 0) -> NDArray:
        """See `Nonlinearity`."""
        source = Series(alm[None], L, self.parts(L, spin))

        def act(load: Load, like: NDArray, some: slice) -> Iterable[NDArray]:
            return self.combine(load, source.n_series, like, 1)

        return on_grid(source, grid, act, np.empty(grid.shape, alm.real.dtype), n_threads)


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
