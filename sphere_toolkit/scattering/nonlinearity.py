"""The nonlinearities of a scattering network, fused with the transforms around them.

A new one is a subclass of `Pointwise` with a name and a rule for samples, listed in
`NONLINEARITIES`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from .._util import checks
from .._util.threads import each
from ..sphere.grid import Grid
from ..sphere.legendre import fourier, inverse_fourier, inverse_legendre, legendre, ring_weights

# A block of rings and its Fourier series fit the second-level cache; the FFT wants 16 at once.
_SAMPLES_PER_BLOCK = 1 << 15
_MIN_RINGS_PER_BLOCK = 16


class Pointwise(ABC):
    """A nonlinearity that acts on each sample by itself: it commutes with every rotation.

    Its result has no band-limit, unless it is a polynomial, and aliases on any grid. That is the
    only source of a scattering network's equivariance error.
    """

    name: str

    @abstractmethod
    def rectify(self, samples: NDArray) -> None:
        """Replace real samples, of any shape, by what the nonlinearity makes of them."""

    def analyse(
        self,
        alm: NDArray,
        L: int,
        grid: Grid,
        L_out: int,
        out: NDArray,
        n_threads: int,
        rings: NDArray,
    ) -> NDArray:
        """Coefficients of degree below ``L_out`` of the rectified signals, sampled on ``grid``.

        The same as `synthesise`, `rectify` and `analyse` one after another, but a few rings at a
        time: they stay in the cache between the three, and the samples of the whole sphere are
        never held. Nothing is checked.

        Parameters
        ----------
        alm, L
            The signals, shape ``(n, n_coefficients(L))``.
        grid : Grid
            Gauss-Legendre.
        L_out, out
            The result, shape ``(n, n_coefficients(L_out))``.
        n_threads : int
        rings : complex array (grid.L + 1, n grid.L)
            To work in: see `ring_series`.
        """
        parts = [rings[:, i * grid.L : (i + 1) * grid.L] for i in range(len(alm))]
        for signal, part in zip(alm, parts, strict=True):
            legendre(signal, L, grid, part, n_threads)
        n_rings = rings.shape[1]
        weights = ring_weights(grid.L, out.real.dtype, len(alm))
        count = max(_MIN_RINGS_PER_BLOCK, _SAMPLES_PER_BLOCK // (2 * grid.L))
        share = -(-n_rings // n_threads)

        def rectify_share(thread: int) -> None:
            samples = np.empty((2 * grid.L, min(count, share)), out.real.dtype)
            end = min(n_rings, (thread + 1) * share)
            for start in range(thread * share, end, count):
                some = slice(start, min(end, start + count))
                block = samples[:, : some.stop - some.start]
                self.rectify(fourier(rings[:, some], L, block, 1))
                inverse_fourier(block, weights[some], L_out, rings[:, some], 1)

        each(rectify_share, n_threads, n_threads)
        for part, target in zip(parts, out, strict=True):
            inverse_legendre(part, grid, L_out, target, n_threads)
        return out


class Modulus(Pointwise):
    r""":math:`|x|`, the nonlinearity of the published network: keeps energy, does not expand."""

    name = "modulus"

    def rectify(self, samples: NDArray) -> None:
        """Take the modulus in place."""
        np.abs(samples, out=samples)


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


NONLINEARITIES: dict[str, Pointwise] = {rho.name: rho for rho in (Modulus(), Square(), ReLU())}
"""Every nonlinearity by its name."""


def nonlinearity_of(name: str) -> Pointwise:
    """The nonlinearity of this name; a ValueError that lists them all for another."""
    return NONLINEARITIES[checks.choice("nonlinearity", name, NONLINEARITIES)]
