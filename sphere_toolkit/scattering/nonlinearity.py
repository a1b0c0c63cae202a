"""The nonlinearities of a scattering network.

A new one is a subclass of `Pointwise` with a name and a rule for samples, listed in
`NONLINEARITIES`.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from functools import lru_cache
from math import ceil

import ducc0
import numpy as np
from numpy.typing import NDArray

from .._util import checks
from ..sphere.coefficients import degrees, n_coefficients
from ..sphere.grid import Grid
from ..sphere.schemes import analyse, synthesise
from ..wavelets.angular import one_sided_shares
from .fused import Load, Nonlinearity, OnSamples, Part, Transforms, root_of_squares, sum_of_squares

_MAX_ORDER = 8


class Pointwise(OnSamples):
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
        return [root_of_squares(load, n_series, like)]


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


class Envelope(OnSamples):
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
    :math:`-(N + 5/2)`. Chapter 08 of the course derives and measures both.

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
        return [root_of_squares(load, n_series, like)]


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


class LocalRMS(Nonlinearity):
    r"""The root mean square around each point: the cheapest and smoothest of all.

    .. math:: U(\omega)^2 = (h \star W^2)(\omega) = \int h(\omega \cdot \omega')\,
              W(\omega')^2\, d\omega'

    with a zonal kernel :math:`h \ge 0` whose integral is 1 and whose band-limit is that of W times
    ``detail``. :math:`W^2` has a band-limit, so that its mean is exact, and U is smooth, because a
    mean of squares over several waves hardly comes near zero: nothing but the root aliases.

    Parameters
    ----------
    detail : float, default 0.75
        The band-limit of :math:`U^2` over that of W, above 0 and at most 1. A smaller one sees less
        of how the strength of a scale varies; a larger one costs more.

    Raises
    ------
    TypeError, ValueError
        ``detail`` is no number or out of range.

    Notes
    -----
    :math:`\|U\| = \|W\|`, and U does not expand distances, because it is the norm of W weighted by
    h around each point; it commutes with rotations. So it meets what the theorems on scattering
    ask of a nonlinearity, as the envelope does. On a single degree the square of an `Envelope` is
    a filtered :math:`W^2`, too, but by a kernel that takes both signs. The kernel here is the
    square of a zonal function with the coefficients :math:`\cos(\pi \ell / 2 B)`, :math:`\ell < B`,
    B half its band-limit.

    Linear classifiers tell skies apart by its moments at least as well as by those of the envelope
    (``benchmarks/results/gaussianity-cmb128-laptop-rms.json``).

    It is taken on a grid of ``oversampling`` times the band-limit of :math:`U^2`.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> scatter = st.ScatteringTransform(64, J_min=3, nonlinearity="rms")
    >>> relief = st.signals.earth_relief(64)
    >>> f"{scatter(relief).energy().sum() / st.energy(relief):.4f} of the energy kept"
    '0.9997 of the energy kept'
    """

    def __init__(self, detail: float = 0.75) -> None:
        self.detail = checks.real("detail", detail, above=0.0, maximum=1.0)

    @property
    def name(self) -> str:  # type: ignore[override]
        """``"rms"`` for the default, else as in ``"rms(0.5)"``."""
        return "rms" if self.detail == 0.75 else f"rms({self.detail!r})"

    def __repr__(self) -> str:
        return f"LocalRMS(detail={self.detail!r})"

    def __eq__(self, other: object) -> bool:
        return self.detail == other.detail if isinstance(other, LocalRMS) else NotImplemented

    def __hash__(self) -> int:
        return hash((LocalRMS, self.detail))

    def band_limit(self, L: int) -> int:
        """Band-limit of the mean square, for wavelet coefficients of band-limit ``L``."""
        return ceil(self.detail * L)

    def rings(self, L: int, L_analysed: int, oversampling: float) -> int:
        """For the root: as many as the mean square needs, times the oversampling."""
        return max(L_analysed, ceil(oversampling * self.band_limit(L)))

    def _for_squares(self, L: int) -> Grid:
        """Where squares are taken: their mean is exact there."""
        return Grid.gauss_legendre(ducc0.fft.good_size(L + self.band_limit(L) // 2 + 1))

    def transforms(
        self, L: int, grid: Grid, L_out: int, spin: int, spins_out: tuple[int, ...]
    ) -> list[Transforms]:
        """Those of the squares, and those of the root."""
        Q = self.band_limit(L)
        return [
            *_SQUARES.transforms(L, self._for_squares(L), Q, spin, (0,)),
            *_ROOT.transforms(Q, grid, L_out, 0, spins_out),
        ]

    def n_series(self, L: int, spin: int = 0) -> int:
        """As many as the squares need."""
        return _SQUARES.n_series(L, spin)

    def memory(self, L: int, grid: Grid, n: int, spin: int = 0) -> int:
        """For the mean squares, and for the series of one of the two steps."""
        Q = self.band_limit(L)
        steps = _SQUARES.memory(L, self._for_squares(L), n, spin), _ROOT.memory(Q, grid, n)
        return n * n_coefficients(Q) + max(steps)

    def _mean_squares(
        self, alm: NDArray, L: int, n_threads: int, memory: NDArray, spin: int
    ) -> NDArray:
        """Coefficients of the mean square of each signal."""
        Q = self.band_limit(L)
        n = len(alm) * n_coefficients(Q)
        mean = memory[:n].reshape(len(alm), 1, -1)
        _SQUARES.analyse(alm, L, self._for_squares(L), Q, mean, n_threads, memory[n:], spin)
        mean *= _kernel(Q)[degrees(Q)].astype(alm.real.dtype)
        return mean

    def analyse(
        self, alm: NDArray, L: int, grid: Grid, L_out: int, out: NDArray, n_threads: int,
        memory: NDArray, spin: int = 0,
    ) -> NDArray:  # fmt: skip
        """Squares, their mean, and its root."""
        mean = self._mean_squares(alm, L, n_threads, memory, spin)
        rest = memory[mean.size :]
        return _ROOT.analyse(mean, self.band_limit(L), grid, L_out, out, n_threads, rest)

    def samples(self, alm: NDArray, L: int, grid: Grid, n_threads: int, spin: int = 0) -> NDArray:
        """The root on a grid."""
        memory: NDArray = np.empty(self.memory(L, grid, 1, spin), alm.dtype)
        mean = self._mean_squares(alm[None], L, n_threads, memory, spin)
        return _ROOT.samples(mean[0], self.band_limit(L), grid, n_threads)


class _SumOfSquares(OnSamples):
    name = "sum of squares"

    def combine(self, load: Load, n_series: int, like: NDArray, n_out: int) -> list[NDArray]:
        return [sum_of_squares(load, n_series, like)]


class _Root(Pointwise):
    name = "root"

    def rectify(self, samples: NDArray) -> None:
        np.maximum(samples, 0, out=samples)  # rounding may leave them below
        np.sqrt(samples, out=samples)


_SQUARES, _ROOT = _SumOfSquares(), _Root()


@lru_cache(maxsize=64)
def _kernel(L: int) -> NDArray[np.float64]:
    """A window on the degrees below ``L`` whose zonal kernel is nowhere negative; 1 at degree 0."""
    B = (L + 1) // 2
    ell = np.arange(L)
    alm = np.zeros(n_coefficients(L), np.complex128)
    alm[:B] = np.sqrt(2 * ell[:B] + 1) * np.cos(np.pi / 2 * ell[:B] / B)
    grid = Grid.gauss_legendre(L)
    root = np.empty(grid.shape)
    synthesise(alm, L, grid, root, 1)
    analyse(root * root, grid, L, alm, 1)
    return alm[:L].real / np.sqrt(2 * ell + 1) / alm[0].real


NONLINEARITIES: dict[str, Nonlinearity] = {
    rho.name: rho for rho in (Modulus(), Square(), ReLU(), Envelope(), LocalRMS())
}
"""Every nonlinearity by its name; with other parameters some have names of their own."""


def nonlinearity_of(chosen: str | Nonlinearity) -> Nonlinearity:
    """The nonlinearity itself, or that of a name; a ValueError that lists all for another name."""
    if isinstance(chosen, Nonlinearity):
        return chosen
    if order := re.fullmatch(r"envelope\((\d+)\)", str(chosen)):
        return Envelope(int(order[1]))
    if detail := re.fullmatch(r"rms\((\d*\.?\d+)\)", str(chosen)):
        return LocalRMS(float(detail[1]))
    return NONLINEARITIES[checks.choice("nonlinearity", chosen, NONLINEARITIES)]
