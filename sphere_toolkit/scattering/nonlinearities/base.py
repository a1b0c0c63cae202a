"""What a nonlinearity is, and what it tells the scattering transform about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...sphere.grids.grid import Grid

Kept = dict[str, NDArray]
"""What `Nonlinearity.analyse` keeps for `Nonlinearity.pull_back`, by who keeps it."""

NEVER = 1 << 62
"""More bytes than there are: nothing can be kept."""


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
        self, alm: NDArray, L: int, grid: Grid, L_out: int, out: NDArray, n_threads: int,
        memory: NDArray, spin: int = 0, kept: Kept | None = None,
    ) -> NDArray:  # fmt: skip
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
        kept : dict, optional
            Receives what saves `pull_back` the syntheses.
        """

    @abstractmethod
    def pull_back(
        self, alm: NDArray, L: int, grid: Grid, L_out: int, cotangent: NDArray, n_threads: int,
        spin: int = 0, kept: Kept | None = None,
    ) -> NDArray:  # fmt: skip
        """The transposed derivative of `analyse` at ``alm``, for inner products on the sphere.

        ``cotangent`` has the shape of the result of `analyse`; returned is one of the shape of
        ``alm``. ``kept`` is what `analyse` left there for the same signals.
        """

    @abstractmethod
    def n_bytes_kept(self, L: int, grid: Grid, n: int, dtype: np.dtype, spin: int = 0) -> int:
        """Bytes that ``kept`` takes for ``n`` signals of real type ``dtype``; or `NEVER`."""

    @abstractmethod
    def push_forward(
        self, alm: NDArray, L: int, grid: Grid, L_out: int, tangent: NDArray, out: NDArray,
        n_threads: int, spin: int = 0,
    ) -> NDArray:  # fmt: skip
        """The derivative of `analyse` at ``alm``, applied to ``tangent``, to ``out``."""

    @abstractmethod
    def samples(self, alm: NDArray, L: int, grid: Grid, n_threads: int, spin: int = 0) -> NDArray:
        """The scalar that it makes of one signal, sampled on a Gauss-Legendre grid.

        ``alm`` has shape ``(1, n_coefficients(L))``, or ``(2, n_coefficients(L))`` for (E, B).
        """
