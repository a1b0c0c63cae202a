"""The nonlinearities of a scattering network, fused with the transforms around them.

A new one is a subclass of `Pointwise` with a name and a rule for samples, listed in
`NONLINEARITIES`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._util import checks
from .._util.threads import each
from ..sphere.coefficients import degrees
from ..sphere.grid import Grid
from ..sphere.legendre import (
    fourier,
    inverse_fourier,
    inverse_legendre,
    legendre,
    ring_series,
    ring_series_size,
    ring_weights,
)
from ..wavelets.angular import one_sided_shares

# A block of rings and its Fourier series fit the second-level cache; the FFT wants 16 at once.
_SAMPLES_PER_BLOCK = 1 << 15
_MIN_RINGS_PER_BLOCK = 16
_MAX_ORDER = 8

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

    def n_series(self, L: int, spin: int = 0) -> int:
        """Real signals on the sphere that `analyse` holds for each signal."""
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
        rings: NDArray,
        spin: int = 0,
    ) -> NDArray:
        """Coefficients of degree below ``L_out`` of what it makes of signals sampled on ``grid``.

        The same as synthesis, `combine` and analysis one after another, but a few rings at a
        time: they stay in the cache between the three, and the samples of the whole sphere are
        never held. Nothing is checked.

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
        rings : complex array (grid.L + 1, n_series n grid.L)
            To work in: see `ring_series`, with `n_series` for each signal.
        spin : int, default 0
        """
        parts = self.parts(L, spin)
        series = rings.reshape(len(rings), -1, len(alm), grid.L)
        _spread(alm, L, grid, parts, series, n_threads)
        n_in, n_out = sum(part.n_series for part in parts), out.shape[1]
        weights = ring_weights(grid.L, out.real.dtype, len(alm))

        def rectify(some: slice, load: Load, like: NDArray) -> None:
            for i, samples in enumerate(self.combine(load, n_in, like, n_out)):
                inverse_fourier(samples, weights[some], L_out, _columns(series, i)[:, some], 1)

        _by_blocks(series, L, out.real.dtype, n_threads, rectify)
        first = 0
        for spin_out in self.spins:
            if first == n_out:
                break
            both = slice(first, first + (2 if spin_out else 1))
            for i, target in enumerate(out):
                inverse_legendre(series[:, both, i], grid, L_out, target[both], n_threads, spin_out)
            first = both.stop
        return out

    def samples(self, alm: NDArray, L: int, grid: Grid, n_threads: int, spin: int = 0) -> NDArray:
        """The scalar that it makes of one signal, sampled on a Gauss-Legendre grid.

        ``alm`` has shape ``(1, n_coefficients(L))``, or ``(2, n_coefficients(L))`` for (E, B).
        """
        n = self.n_series(L, spin)
        memory = np.empty(ring_series_size(grid, n), alm.dtype)
        series = ring_series(grid, n, memory).reshape(grid.L + 1, n, 1, grid.L)
        parts = self.parts(L, spin)
        _spread(alm[None], L, grid, parts, series, n_threads)
        out = np.empty(grid.shape, alm.real.dtype)

        def keep(some: slice, load: Load, like: NDArray) -> None:
            out.T[:, some] = self.combine(load, sum(part.n_series for part in parts), like, 1)[0]

        _by_blocks(series, L, out.dtype, n_threads, keep)
        return out


def _spread(
    alm: NDArray, L: int, grid: Grid, parts: tuple[Part, ...], series: NDArray, n_threads: int
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
            legendre(weighted[part.source], L, grid, series[:, both, i], n_threads, part.spin)
        first = both.stop


def _by_blocks(
    series: NDArray,
    L: int,
    dtype: np.dtype,
    n_threads: int,
    use: Callable[[slice, Load, NDArray], None],
) -> None:
    """Call ``use`` for a few rings at a time, with what loads their samples and room for them.

    ``series`` has shape ``(grid.L + 1, n_series, n, grid.L)``; the rings of all ``n`` signals are
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


class Pointwise(Nonlinearity):
    """A nonlinearity that acts on each sample by itself."""

    @abstractmethod
    def rectify(self, samples: NDArray) -> None:
        """Replace real samples, of any shape, by what the nonlinearity makes of them."""

    def combine(self, load: Load, n_series: int, like: NDArray, n_out: int) -> list[NDArray]:
        """The rectified samples."""
        self.rectify(load(0, like))
        return [like]


class Modulus(Pointwise):
    r""":math:`|x|`, the nonlinearity of the published network: keeps energy, does not expand."""

    name = "modulus"

    def rectify(self, samples: NDArray) -> None:
        """Take the modulus in place."""
        np.abs(samples, out=samples)

    def combine(self, load: Load, n_series: int, like: NDArray, n_out: int) -> list[NDArray]:
        """The modulus of real samples, or of the two components of a signal with spin."""
        if n_series == 1:
            return super().combine(load, n_series, like, n_out)
        return [_root_of_squares(load, n_series, like)]


class Square(Pointwise):
    r""":math:`x^2`: exactly equivariant at an oversampling of 2, but neither stable nor linear."""

    name = "square"

    def rectify(self, samples: NDArray) -> None:
        """Square in place."""
        np.square(samples, out=samples)


class ReLU(Pointwise):
    r""":math:`\max(x, 0)`: half the sum of the signal and of its modulus."""

    name = "relu"

    def rectify(self, samples: NDArray) -> None:
        """Replace negative samples by zero in place."""
        np.maximum(samples, 0, out=samples)


class Envelope(Nonlinearity):
    r"""The Riesz envelope: the modulus of a wave without its kinks.

    With :math:`W_n` the signal of spin n that has the harmonic coefficients of the wavelet
    coefficients W (their n-th Riesz transform),

    .. math::

        U = \Big(\sum_{n=0}^{N} c_n |W_n|^2\Big)^{1/2}, \qquad
        c_0 = b_0, \quad c_n = 2 b_n, \quad b_n = \binom{2N}{N+n} \Big/ 4^N .

    It is the root mean square over all directions of the response of a complex, one-sided,
    directional wavelet. The modulus of a real wave hums at twice its frequency and has a kink
    along every zero line; the envelope has neither, for two waves interfere in :math:`U^2` with
    the weight :math:`\cos^{2N}(\Delta/2)`, where :math:`\Delta` is the angle between their
    directions. The order 0 is the modulus, the order 1 the amplitude of the monogenic signal.

    Parameters
    ----------
    order : int, default 1
        N, from 0 to 8. It costs 2 N + 1 syntheses in the place of one.

    Raises
    ------
    TypeError, ValueError
        ``order`` is no integer or out of range.

    Notes
    -----
    :math:`\|U\| = \|W\|`, because every :math:`W_n` has the energy of W; degrees below n, which
    :math:`W_n` lacks, have their weights scaled to a sum of 1. U does not expand distances, because
    it is the norm of a vector at each point; and it commutes with rotations. So it meets what the
    theorems on scattering ask of a nonlinearity.

    It has no band-limit either, but aliases less: for a random signal the spectrum of U falls like
    :math:`\ell^{-(5 + 2N)}`, so the equivariance error like the oversampling to the power
    :math:`-(N + 5/2)`. Chapter 11 of the course derives and measures both.

    Source of the idea: Felsberg & Sommer 2001 (the monogenic signal, in the plane).

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.ScatteringTransform(64, J_min=3, nonlinearity=st.Envelope(2)).nonlinearity
    'envelope(2)'
    """

    def __init__(self, order: int = 1) -> None:
        self.order = checks.integer("order", order, 0, maximum=_MAX_ORDER)

    @property
    def name(self) -> str:  # type: ignore[override]
        """``"envelope"`` for the order 1, ``"envelope(2)"`` for the order 2."""
        return "envelope" if self.order == 1 else f"envelope({self.order})"

    def __repr__(self) -> str:
        return f"Envelope(order={self.order})"

    def __eq__(self, other: object) -> bool:
        return self.order == other.order if isinstance(other, Envelope) else NotImplemented

    def __hash__(self) -> int:
        return hash((Envelope, self.order))

    def parts(self, L: int, spin: int) -> tuple[Part, ...]:
        """The Riesz transforms."""
        return riesz_parts(self.order, L, spin)

    def combine(self, load: Load, n_series: int, like: NDArray, n_out: int) -> list[NDArray]:
        """The root of the sum of squares."""
        return [_root_of_squares(load, n_series, like)]


@lru_cache(maxsize=64)
def riesz_parts(order: int, L: int, spin: int = 0) -> tuple[Part, ...]:
    """The Riesz transforms of a signal up to an order, each with the root of its weight.

    Those of a scalar to the spins n and -n have the same modulus and count once; a signal with spin
    goes to all spins from ``spin - order`` to ``spin + order``.
    """
    parts = []
    for n, share in enumerate(one_sided_shares(order + 1, L, spin), start=spin - order):
        if abs(n) >= L or (n < 0 and spin == 0):
            continue
        weight = np.sqrt(2 * share if n and spin == 0 else share)
        if n == 0 and spin:
            parts += [Part(0, weight, slice(i, i + 1)) for i in range(2)]
        else:
            parts.append(Part(abs(n), weight, flipped=n < 0))
    return tuple(parts)


def _root_of_squares(load: Load, n_series: int, like: NDArray) -> NDArray:
    total, scratch = load(0, like), np.empty_like(like)
    np.square(total, out=total)
    for i in range(1, n_series):
        load(i, scratch)
        np.square(scratch, out=scratch)
        total += scratch
    return np.sqrt(total, out=total)


NONLINEARITIES: dict[str, Nonlinearity] = {
    rho.name: rho for rho in (Modulus(), Square(), ReLU(), Envelope())
}
"""Every nonlinearity by its name; an envelope of another order than 1 has a name of its own."""


def nonlinearity_of(chosen: str | Nonlinearity) -> Nonlinearity:
    """The nonlinearity itself, or that of a name; a ValueError that lists all for another name."""
    if isinstance(chosen, Nonlinearity):
        return chosen
    if order := re.fullmatch(r"envelope\((\d+)\)", str(chosen)):
        return Envelope(int(order[1]))
    return NONLINEARITIES[checks.choice("nonlinearity", chosen, NONLINEARITIES)]
