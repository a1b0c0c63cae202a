"""What directional wavelets answer: their coefficients, also as samples over directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._util import checks
from .._util.threads import each
from ..sphere.coefficients import as_alm
from ..sphere.grids.grid import Grid
from ..sphere.schemes import synthesise
from ..sphere.spectra import squared_norm
from ..sphere.spin import check_degrees
from ..sphere.transforms import threads_for
from .angular import multiplicity, phase

if TYPE_CHECKING:
    from .directional import DirectionalWaveletBank


class DominantDirection(NamedTuple):
    """The direction in which a wavelet responds most, and how much direction matters.

    Attributes
    ----------
    angle : array (..., *grid.shape), float64
        In [0, pi], radians, from south to east. A direction and its opposite count as one.
    strength : array (..., *grid.shape), float64
        Unit of the signal; 0 where no direction stands out.
    """

    angle: NDArray[np.float64]
    strength: NDArray[np.float64]


@dataclass(frozen=True)
class DirectionalWaveletCoefficients:
    r"""A signal seen through a `DirectionalWaveletBank`, each part at its own band-limit.

    A response :math:`W_j(\omega, \gamma)` is a signal on the rotations. It is held as its Fourier
    components over :math:`\gamma`, on an axis of their own: for each :math:`n \ge 0` of
    ``bank.spins`` the E of a spin-:math:`n` signal without B. With its samples
    :math:`f_1 + i f_2`, as `inverse` gives them, and :math:`w_{j,0} = f`,

    .. math:: w_{j,n} = -i^n (f_1 + i f_2) \text{ ("complex")}, \qquad
              w_{j,n} = -(f_1 + i f_2) \text{ or } -i\,(f_1 + i f_2)
              \text{ ("steerable", odd or even } N)

    Components of :math:`n < 0` follow, for the signal is real.

    Attributes
    ----------
    bank : DirectionalWaveletBank
    scaling : array (..., n_coefficients(bank.scaling_band_limit)), complex128
        The coarse remainder.
    wavelets : dict of int to array (..., len(bank.spins), n_coefficients(bank.band_limit(j)))
        The coefficients of each scale, complex128.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> alm = st.signals.earth_relief(64)
    >>> w = st.DirectionalWaveletBank(64, J_min=4, N=3)(alm)
    >>> {j: part.shape for j, part in w.wavelets.items()}
    {4: (3, 528), 5: (3, 2080), 6: (3, 2080)}
    >>> kept = st.energy(w.scaling) + sum(w.energy(j) for j in w.bank)
    >>> bool(np.isclose(kept, st.energy(alm)))
    True
    """

    bank: DirectionalWaveletBank
    scaling: NDArray[np.complex128]
    wavelets: dict[int, NDArray[np.complex128]]

    def part(self, j: int) -> NDArray[np.complex128]:
        """The coefficients of scale ``j``, checked.

        Returns
        -------
        array (..., len(bank.spins), n_coefficients(bank.band_limit(j))), complex128

        Raises
        ------
        TypeError, ValueError
            There is no such scale, or they have another shape, or degrees below a spin.
        """
        checks.choice("scale", j, tuple(self.wavelets))
        part = as_alm(self.wavelets[j], self.bank.band_limit(j))
        spins = self.bank.spins
        if part.ndim < 2 or part.shape[-2] != len(spins):
            raise ValueError(
                f"coefficients of scale {j} must have shape (..., {len(spins)}, {part.shape[-1]}), "
                f"for the spins {spins}, got {part.shape}"
            )
        for s, n in enumerate(spins):
            check_degrees(part[..., s, :], n)
        return part

    def energy(self, j: int) -> NDArray[np.float64]:
        r"""Energy of scale ``j``, the mean over directions.

        .. math:: \frac{1}{2\pi} \int_0^{2\pi}\! \int_{S^2} |W_j(\omega, \gamma)|^2\, d\omega\,
                  d\gamma

        Returns
        -------
        array (...,), float64
            Squared unit of the signal. Exact.
        """
        energies = squared_norm(self.part(j), self.bank.band_limit(j))
        return energies @ multiplicity(self.bank.spins)

    def components(
        self, j: int, grid: Grid | None = None, *, n_threads: int | None = None
    ) -> NDArray[np.complex128]:
        r"""The Fourier components :math:`w_{j,n}` over the directions, at the points of a grid.

        Parameters
        ----------
        j : int
        grid : Grid, optional
            Gauss-Legendre of the band-limit of the scale by default.
        n_threads : int, optional
            Threads to use; every core this process may use by default.

        Returns
        -------
        array (..., len(bank.spins), *grid.shape), complex128
            Those of ``bank.spins``. :math:`w_{-n}` is :math:`w_n^*` for "steerable" and
            :math:`(-1)^n w_n^*` for "complex" wavelets.

        Raises
        ------
        ValueError
            There is no such scale, or its band-limit is above that of the grid.
        """
        part, L, spins = self.part(j), self.bank.band_limit(j), self.bank.spins
        grid = self._grid(j, grid)
        signals = part.reshape(-1, len(spins), part.shape[-1])
        out = np.zeros((*signals.shape[:2], *grid.shape), np.complex128)
        tasks = [(i, s) for i in range(len(signals)) for s, n in enumerate(spins) if n < L]
        available = checks.threads(n_threads)
        share = threads_for(L, available) if len(signals) == 1 else 1

        def one(k: int) -> None:
            i, s = tasks[k]
            n = spins[s]
            samples = np.empty((2, *grid.shape) if n else grid.shape)
            synthesise(signals[i, s], L, grid, samples, share, n)
            if n:
                _turned(samples, phase(self.bank.kind, self.bank.N, n), out[i, s])
            else:
                out[i, s] = samples

        each(one, len(tasks), available if share == 1 else 1)
        return out.reshape(*part.shape[:-1], *grid.shape)

    def directions(
        self,
        j: int,
        n_gamma: int | None = None,
        grid: Grid | None = None,
        *,
        n_threads: int | None = None,
    ) -> NDArray:
        r"""The response of scale ``j`` at the points of a grid, for evenly spaced directions.

        .. math:: W_j(\omega, \gamma_k), \qquad \gamma_k = 2\pi k / n_\gamma

        Parameters
        ----------
        j : int
        n_gamma : int, optional
            How many directions, ``2 N - 1`` by default, which say everything.
        grid, n_threads
            As in `components`.

        Returns
        -------
        array (..., n_gamma, *grid.shape), float64, or complex128 for "complex" wavelets
            Unit of the signal.

        Raises
        ------
        TypeError, ValueError
            ``n_gamma`` is no positive integer, there is no such scale, or its band-limit is above
            that of the grid.

        Examples
        --------
        >>> import sphere_toolkit as st
        >>> bank = st.DirectionalWaveletBank(64, J_min=4, N=3, kind="steerable")
        >>> bank(st.signals.earth_relief(64)).directions(4, n_gamma=8).shape
        (8, 32, 64)
        """
        count = 2 * self.bank.N - 1 if n_gamma is None else checks.integer("n_gamma", n_gamma, 1)
        W, grid = self._flat_components(j, grid, n_threads)
        spins = np.array(self.bank.spins)
        waves = np.exp(-2j * np.pi * np.outer(np.arange(count), spins) / count)
        waves *= multiplicity(self.bank.spins)  # n and -n together
        shape = (*W.shape[:-2], count, *grid.shape)
        if self.bank.kind == "steerable":
            return (waves @ W).real.reshape(shape)
        # w_(-n) = (-1)^n conj(w_n): even spins add up to the real part, odd ones to the imaginary.
        out = np.empty(shape, np.complex128)
        out.real = ((waves * (spins % 2 == 0)) @ W).real.reshape(shape)
        out.imag = ((waves * (spins % 2)) @ W).imag.reshape(shape)
        return out

    def dominant_direction(
        self, j: int, grid: Grid | None = None, *, n_threads: int | None = None
    ) -> DominantDirection:
        r"""The direction in which scale ``j`` responds most, at each point of a grid.

        The squared response varies with the direction as

        .. math:: |W(\omega, \gamma)|^2 = P_0 + 2 |P_2| \cos 2(\gamma - \gamma_*) + \ldots, \qquad
                  P_2 = \sum_n w_{n+2}\, w_n^* = |P_2|\, e^{2i\gamma_*}

        (the dots are higher even harmonics, from ``N = 3`` on). The direction is
        :math:`\gamma_*`, and the strength :math:`\sqrt{2 |P_2|}`.

        Parameters
        ----------
        j : int
        grid, n_threads
            As in `components`.

        Returns
        -------
        DominantDirection
            For "complex" wavelets the direction in which the wave runs, across its crests; for
            "steerable" ones the direction of the crests.

        Raises
        ------
        ValueError
            ``N`` is 1, there is no such scale, or its band-limit is above that of the grid.

        Notes
        -----
        Exact for every ``N``, and :math:`P_2` is a signal of spin 2: the direction turns with the
        signal. Where :math:`|W|^2` has one maximum in half a turn, symmetric about it, as for a
        plane wave, :math:`\gamma_*` is that maximum.

        Examples
        --------
        >>> import numpy as np, sphere_toolkit as st
        >>> waves = st.signals.harmonic(32, degree=20, order=20)  # crests run north and south
        >>> w = st.DirectionalWaveletBank(32, J_min=3, N=3)(waves)
        >>> angle, strength = w.dominant_direction(4, st.Grid.gauss_legendre(33))
        >>> bool(np.allclose(angle[16], np.pi / 2))  # on the equator the waves run eastwards
        True
        """
        N = self.bank.N
        if N == 1:
            raise ValueError("N must be at least 2 for a direction, got a bank with N=1")
        W, grid = self._flat_components(j, grid, n_threads)
        of = dict(zip(self.bank.spins, np.moveaxis(W, -2, 0), strict=True))
        sign = -1 if self.bank.kind == "complex" else 1
        of |= {-n: sign**n * of[n].conj() for n in self.bank.spins if n}
        P = np.sum([of[n + 2] * of[n].conj() for n in of if n + 2 in of], axis=0)
        P = P.reshape(*P.shape[:-1], *grid.shape)
        return DominantDirection(np.angle(P) / 2 % np.pi, np.sqrt(2 * np.abs(P)))

    def _flat_components(
        self, j: int, grid: Grid | None, n_threads: int | None
    ) -> tuple[NDArray[np.complex128], Grid]:
        """`components` with the points of the grid on one axis, and the grid."""
        grid = self._grid(j, grid)
        W = self.components(j, grid, n_threads=n_threads)
        return W.reshape(*W.shape[: W.ndim - len(grid.shape)], grid.n_samples), grid

    def _grid(self, j: int, grid: Grid | None) -> Grid:
        L = self.bank.band_limit(j)
        if grid is None:
            return Grid.gauss_legendre(L)
        checks.instance("grid", grid, Grid)
        if L > grid.L:
            raise ValueError(f"scale {j} has band-limit {L}, the grid carries {grid.L}")
        return grid


def _turned(samples: NDArray, by: complex, out: NDArray) -> None:
    """``by (f_1 + i f_2)`` for ``by`` one of 1, i, -1, -i, without arrays in between."""
    if by.real:
        np.multiply(samples[0], by.real, out=out.real)
        np.multiply(samples[1], by.real, out=out.imag)
    else:
        np.multiply(samples[1], -by.imag, out=out.real)
        np.multiply(samples[0], by.imag, out=out.imag)
