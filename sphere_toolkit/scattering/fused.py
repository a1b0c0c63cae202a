"""What every nonlinearity shares: it is fused with the transforms around it, ring by ring."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._util.threads import each
from ..sphere.coefficients import degrees
from ..sphere.grid import Grid
from ..sphere.legendre import (
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

# A block of rings and its Fourier series fit the second-level cache; the FFT wants 16 at once.
_SAMPLES_PER_BLOCK = 1 << 15
_MIN_RINGS_PER_BLOCK = 16
# Fourier series of more numbers than this are worked on in groups of rings, one after another.
_SERIES_AT_ONCE = 1 << 25

Load = Callable[[int, NDArray], NDArray]
"""Fills an array with the samples of the series of this number, and returns it."""


class Part(NamedTuple):
    """One of the signals that a nonlinearity looks at: the wavelet coefficients, of some spin.

    Attributes
    ----------
    spin : int
    weight : array (L,) or None
        Factor for each degree; None for 1.
    source : slice
        Which of E and B it is made of, where the wavelet coefficients have a spin themselves.
    flipped : bool
        Whether the sign of B is changed, as for a negative spin.
    """

    spin: int
    weight: NDArray[np.float64] | None = None
    source: slice = slice(None)
    flipped: bool = False

    @property
    def n_series(self) -> int:
        """Real signals on the sphere: a signal with spin has two components."""
        return 2 if self.spin else 1


class Transforms(NamedTuple):
    """Syntheses, and the analyses after them.

    Attributes
    ----------
    L : int
        Band-limit of the coefficients that are synthesised.
    spins : tuple of int
        A synthesis of each of these spins.
    grid : Grid
    L_analysed : int
        Degrees below it are analysed afterwards.
    spins_analysed : tuple of int
        An analysis of each of these spins.
    """

    L: int
    spins: tuple[int, ...]
    grid: Grid
    L_analysed: int
    spins_analysed: tuple[int, ...]


class Nonlinearity(ABC):
    """What acts on the wavelet coefficients of one scale. It commutes with every rotation.

    Its result has no band-limit, unless it is a polynomial, and aliases on any grid. That is the
    only source of a scattering network's equivariance error.

    Attributes
    ----------
    name : str
        What a user calls it; `nonlinearity_of` understands it.
    spins : tuple of int
        Spins of the signals that it returns.
    """

    name: str
    spins: tuple[int, ...] = (0,)

    def rings(self, L: int, L_analysed: int, oversampling: float) -> int:
        """Rings of the grid on which it is taken, for wavelet coefficients of band-limit ``L``."""
        return ceil(oversampling * L)

    @abstractmethod
    def transforms(
        self, L: int, grid: Grid, L_out: int, spin: int, spins_out: tuple[int, ...]
    ) -> list[Transforms]:
        """The harmonic transforms that it costs."""

    @abstractmethod
    def memory(self, L: int, grid: Grid, n: int, spin: int = 0) -> int:
        """Complex numbers that `analyse` needs to work in, for ``n`` signals."""

    @abstractmethod
    def n_series(self, L: int, spin: int = 0) -> int:
        """Real signals on the sphere that `analyse` holds for each signal."""

    @abstractmethod
    def analyse(
        self,
        alm: NDArray,
        L: int,
        grid: Grid,
        L_out: int,
        out: NDArray,
        n_threads: int,
        memory: NDArray,
        spin: int = 0,
    ) -> NDArray:
        """Coefficients of degree below ``L_out`` of what it makes of signals sampled on ``grid``.

        Nothing is checked.

        Parameters
        ----------
        alm, L
            The signals, shape ``(n, 1, n_coefficients(L))``, or (E, B) of a spin above 0:
            ``(n, 2, n_coefficients(L))``.
        grid : Grid
            Gauss-Legendre.
        L_out, out
            The result, shape ``(n, k, n_coefficients(L_out))``: the scalar, then (E, B) of the
            next of ``spins`` as far as there is room; all below ``L_out``.
        n_threads : int
        memory : complex array
            To work in, as large as `memory` says.
        spin : int, default 0
        """

    @abstractmethod
    def samples(self, alm: NDArray, L: int, grid: Grid, n_threads: int, spin: int = 0) -> NDArray:
        """The scalar that it makes of one signal, sampled on a Gauss-Legendre grid.

        ``alm`` has shape ``(1, n_coefficients(L))``, or ``(2, n_coefficients(L))`` for (E, B).
        """


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

    def transforms(
        self, L: int, grid: Grid, L_out: int, spin: int, spins_out: tuple[int, ...]
    ) -> list[Transforms]:
        """Syntheses of all parts, and the analyses."""
        spins = tuple(part.spin for part in self.parts(L, spin))
        return [Transforms(L, spins, grid, L_out, spins_out)]

    def memory(self, L: int, grid: Grid, n: int, spin: int = 0) -> int:
        """For the Fourier series of all real signals, on the rings of the largest group."""
        columns = n * self.n_series(L, spin)
        most = max(n_rings for _, n_rings in _groups(grid, columns))
        return ring_series_size(grid.L + 1, columns * most)

    def n_series(self, L: int, spin: int = 0) -> int:
        """As many as go in, or come out."""
        n_in = sum(part.n_series for part in self.parts(L, spin))
        return max(n_in, sum(2 if spin else 1 for spin in self.spins))

    def analyse(
        self,
        alm: NDArray,
        L: int,
        grid: Grid,
        L_out: int,
        out: NDArray,
        n_threads: int,
        memory: NDArray,
        spin: int = 0,
    ) -> NDArray:
        """See `Nonlinearity`."""
        parts = self.parts(L, spin)
        k, n = self.n_series(L, spin), len(alm)
        n_in, n_out = sum(part.n_series for part in parts), out.shape[1]
        groups = _groups(grid, k * n)
        if len(groups) > 1:
            out[:] = 0
        for rings, n_rings in groups:
            theta = grid.theta[rings]
            series = ring_series(grid.L + 1, k * n * n_rings, memory)
            series = series.reshape(grid.L + 1, k, n, n_rings)
            _spread(alm, L, theta, parts, series, n_threads)
            weights = np.tile(ring_weights(grid.L, out.real.dtype)[rings], n)
            self._act(series, weights, L, L_out, n_in, n_out, n_threads)
            collect = inverse_legendre if len(groups) == 1 else add_inverse_legendre
            first = 0
            for spin_out in self.spins:
                if first == n_out:
                    break
                both = slice(first, first + (2 if spin_out else 1))
                for i, target in enumerate(out):
                    collect(series[:, both, i], theta, L_out, target[both], n_threads, spin_out)
                first = both.stop
        return out

    def _act(
        self,
        series: NDArray,
        weights: NDArray,
        L: int,
        L_out: int,
        n_in: int,
        n_out: int,
        n_threads: int,
    ) -> None:
        """Weighted Fourier series of the result in the place of those of all parts."""

        def rectify(some: slice, load: Load, like: NDArray) -> None:
            for i, samples in enumerate(self.combine(load, n_in, like, n_out)):
                inverse_fourier(samples, weights[some], L_out, _columns(series, i)[:, some], 1)

        _by_blocks(series, L, weights.dtype, n_threads, rectify)

    def samples(self, alm: NDArray, L: int, grid: Grid, n_threads: int, spin: int = 0) -> NDArray:
        """See `Nonlinearity`."""
        n = self.n_series(L, spin)
        shape = grid.L + 1, n * grid.L
        series = ring_series(*shape, np.empty(ring_series_size(*shape), alm.dtype))
        series = series.reshape(grid.L + 1, n, 1, grid.L)
        parts = self.parts(L, spin)
        _spread(alm[None], L, grid.theta, parts, series, n_threads)
        out = np.empty(grid.shape, alm.real.dtype)

        def keep(some: slice, load: Load, like: NDArray) -> None:
            out.T[:, some] = self.combine(load, sum(part.n_series for part in parts), like, 1)[0]

        _by_blocks(series, L, out.dtype, n_threads, keep)
        return out


def _groups(grid: Grid, columns: int) -> list[tuple[slice | NDArray[np.intp], int]]:
    """Groups of rings whose Fourier series, ``columns`` a ring, are few enough; how many rings."""
    most = max(2, _SERIES_AT_ONCE // ((grid.L + 1) * columns))
    groups = ring_groups(grid.L, most)
    return [(rings, len(grid.theta[rings])) for rings in groups]


def _spread(
    alm: NDArray,
    L: int,
    theta: NDArray,
    parts: tuple[Part, ...],
    series: NDArray,
    n_threads: int,
) -> None:
    """Fourier series along the rings of every part of every signal: the Legendre step."""
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


def _by_blocks(
    series: NDArray,
    L: int,
    dtype: np.dtype,
    n_threads: int,
    use: Callable[[slice, Load, NDArray], None],
) -> None:
    """Call ``use`` for a few rings at a time, with what loads their samples and room for them.

    ``series`` has shape ``(grid.L + 1, n_series, n, n_rings)``; the rings of all ``n`` signals are
    treated alike.
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
                return fourier(_columns(series, i)[:, some], L, samples, 1)

            use(some, load, room[:, : some.stop - some.start])

    each(use_share, n_threads, n_threads)


def _columns(series: NDArray, i: int) -> NDArray:
    """The Fourier series of number ``i`` of all signals side by side. A view."""
    return series[:, i].reshape(len(series), -1)


def root_of_squares(load: Load, n_series: int, like: NDArray) -> NDArray:
    """The root of the sum of the squares of all series, in ``like``."""
    total = sum_of_squares(load, n_series, like)
    return np.sqrt(total, out=total)


def sum_of_squares(load: Load, n_series: int, like: NDArray) -> NDArray:
    """The sum of the squares of all series, in ``like``."""
    total, scratch = load(0, like), np.empty_like(like)
    np.square(total, out=total)
    for i in range(1, n_series):
        load(i, scratch)
        np.square(scratch, out=scratch)
        total += scratch
    return total
