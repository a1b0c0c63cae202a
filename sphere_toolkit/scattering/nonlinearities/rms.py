"""The root mean square around each point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import ducc0
import numpy as np
from numpy.typing import NDArray

from ..._util import checks
from ...sphere.coefficients import degrees, n_coefficients
from ...sphere.grids.grid import Grid
from ...sphere.schemes import analyse, synthesise
from .base import Kept, Nonlinearity, Transforms
from .engine import Load
from .fused import OnSamples, reciprocal, sum_of_squares
from .pointwise import Pointwise


@dataclass(frozen=True)
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

    detail: float = 0.75

    def __post_init__(self) -> None:
        detail = checks.real("detail", self.detail, above=0.0, maximum=1.0)
        object.__setattr__(self, "detail", detail)

    @property
    def name(self) -> str:  # type: ignore[override]
        """``"rms"`` for the default, else as in ``"rms(0.5)"``."""
        return "rms" if self.detail == 0.75 else f"rms({self.detail!r})"

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
        self, alm: NDArray, L: int, n_threads: int, memory: NDArray, spin: int,
        kept: Kept | None = None,
    ) -> NDArray:  # fmt: skip
        """Coefficients of the mean square of each signal."""
        Q = self.band_limit(L)
        n = len(alm) * n_coefficients(Q)
        mean = memory[:n].reshape(len(alm), 1, -1)
        squares = self._for_squares(L)
        _SQUARES.analyse(alm, L, squares, Q, mean, n_threads, memory[n:], spin, kept)
        mean *= kernel(Q)[degrees(Q)].astype(alm.real.dtype)
        return mean

    def analyse(
        self, alm: NDArray, L: int, grid: Grid, L_out: int, out: NDArray, n_threads: int,
        memory: NDArray, spin: int = 0, kept: Kept | None = None,
    ) -> NDArray:  # fmt: skip
        """Squares, their mean, and its root."""
        mean = self._mean_squares(alm, L, n_threads, memory, spin, kept)
        rest = memory[mean.size :]
        return _ROOT.analyse(mean, self.band_limit(L), grid, L_out, out, n_threads, rest, kept=kept)

    def n_bytes_kept(self, L: int, grid: Grid, n: int, dtype: np.dtype, spin: int = 0) -> int:
        """For both steps."""
        squares = _SQUARES.n_bytes_kept(L, self._for_squares(L), n, dtype, spin)
        return squares + _ROOT.n_bytes_kept(self.band_limit(L), grid, n, dtype)

    def pull_back(
        self, alm: NDArray, L: int, grid: Grid, L_out: int, cotangent: NDArray, n_threads: int,
        spin: int = 0, kept: Kept | None = None,
    ) -> NDArray:  # fmt: skip
        """Through the root, its mean and the squares."""
        Q, squares = self.band_limit(L), self._for_squares(L)
        if kept:
            mean = np.empty((len(alm), 1, n_coefficients(Q)), alm.dtype)  # only its shape counts
        else:
            mean = self._own_mean_squares(alm, L, n_threads, spin)
        back = _ROOT.pull_back(mean, Q, grid, L_out, cotangent, n_threads, kept=kept)
        back *= kernel(Q)[degrees(Q)].astype(alm.real.dtype)
        return _SQUARES.pull_back(alm, L, squares, Q, back, n_threads, spin, kept)

    def push_forward(
        self, alm: NDArray, L: int, grid: Grid, L_out: int, tangent: NDArray, out: NDArray,
        n_threads: int, spin: int = 0,
    ) -> NDArray:  # fmt: skip
        """Through the squares, their mean and its root."""
        Q, squares = self.band_limit(L), self._for_squares(L)
        mean = self._own_mean_squares(alm, L, n_threads, spin)
        change = np.empty_like(mean)
        _SQUARES.push_forward(alm, L, squares, Q, tangent, change, n_threads, spin)
        change *= kernel(Q)[degrees(Q)].astype(alm.real.dtype)
        return _ROOT.push_forward(mean, Q, grid, L_out, change, out, n_threads)

    def _own_mean_squares(self, alm: NDArray, L: int, n_threads: int, spin: int) -> NDArray:
        n = len(alm) * n_coefficients(self.band_limit(L))
        n += _SQUARES.memory(L, self._for_squares(L), len(alm), spin)
        return self._mean_squares(alm, L, n_threads, np.empty(n, alm.dtype), spin)

    def samples(self, alm: NDArray, L: int, grid: Grid, n_threads: int, spin: int = 0) -> NDArray:
        """The root on a grid."""
        memory: NDArray = np.empty(self.memory(L, grid, 1, spin), alm.dtype)
        mean = self._mean_squares(alm[None], L, n_threads, memory, spin)
        return _ROOT.samples(mean[0], self.band_limit(L), grid, n_threads)


class _SumOfSquares(OnSamples):
    name = "sum of squares"

    def combine(self, load: Load, n_series: int, like: NDArray, n_out: int) -> list[NDArray]:
        return [sum_of_squares(load, n_series, like)]

    def pull(self, values: NDArray, cotangents: NDArray) -> NDArray:
        return 2 * values * cotangents[0]

    def push(self, values: NDArray, tangents: NDArray, n_out: int) -> NDArray:
        return 2 * (values * tangents).sum(axis=0, keepdims=True)


class _Root(Pointwise):
    name = "root"

    def rectify(self, samples: NDArray) -> None:
        np.maximum(samples, 0, out=samples)  # rounding may leave them below
        np.sqrt(samples, out=samples)

    def slope(self, samples: NDArray) -> NDArray:
        return reciprocal(2 * np.sqrt(np.maximum(samples, 0)))


_SQUARES, _ROOT = _SumOfSquares(), _Root()


@lru_cache(maxsize=64)
def kernel(L: int) -> NDArray[np.float64]:
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
