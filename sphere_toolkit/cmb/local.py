"""Skies that are non-Gaussian as inflation would make them: local f_NL."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, hyp2f1

from .. import _checks, data
from ..signals import gaussian
from ..sphere.coefficients import degrees, n_coefficients
from ..sphere.grid import Grid
from ..sphere.transforms import analyse, synthesise
from .spectrum import angular_power_spectrum

MAX_L_LOCAL = 256
# Planck 2018, as for the spectrum: amplitude and tilt of the curvature's power, and its pivot in
# 1/Mpc.
_AMPLITUDE, _TILT, _PIVOT = 2.100e-9, 0.9649, 0.05


class Radial(NamedTuple):
    r"""Radial functions of the standard model on a few shells around us.

    Attributes
    ----------
    r : array (n,)
        Radii in Mpc, comoving.
    weight : array (n,)
        Of a quadrature over :math:`r^2 dr`, in cubic Mpc.
    alpha : array (L, n)
        :math:`\alpha_\ell(r)`, the response of the temperature to :math:`\Phi` at r, in
        microkelvin per cubic Mpc.
    beta : array (L, n)
        :math:`\beta_\ell(r)`, the covariance of the temperature with :math:`\Phi` at r, in
        microkelvin.
    """

    r: NDArray[np.float64]
    weight: NDArray[np.float64]
    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]


def radial(L: int) -> Radial:
    """The table that ``scripts/make_transfer.py`` made with CAMB, cut to degrees below ``L``."""
    table = _table()
    return Radial(table.r, table.weight, table.alpha[:L], table.beta[:L])


@lru_cache(maxsize=1)
def _table() -> Radial:
    with np.load(BytesIO(data.read("transfer_planck2018_256.npz"))) as content:
        return Radial(*(content[name] for name in Radial._fields))


class LocalNonGaussianity:
    r"""CMB temperature skies with local non-Gaussianity.

    .. math:: \Phi = \phi + f_\mathrm{NL} \left( \phi^2 - \langle \phi^2 \rangle \right),
        \qquad a_{\ell m} = \int r^2 dr\; \alpha_\ell(r)\, \Phi_{\ell m}(r)

    with a Gaussian potential :math:`\phi`, so that a sky is
    :math:`a = a^\mathrm{G} + f_\mathrm{NL}\, a^\mathrm{NG}`: both parts are returned, and any
    :math:`f_\mathrm{NL}` is one addition away.

    Parameters
    ----------
    L : int
        Band-limit, in 3..256.

    Attributes
    ----------
    L : int
    n_shells : int
        Spheres on which the potential is squared.

    Raises
    ------
    TypeError, ValueError
        ``L`` is out of range.

    Notes
    -----
    Signs: :math:`\Phi = \frac{3}{5} \zeta`, positive where there will be too much matter; on the
    largest scales :math:`\Delta T / T = -\Phi / 3`. With :math:`f_\mathrm{NL} > 0` large cold
    spots are colder than hot ones are hot, and the temperature's skewness is negative there.

    The method is that of Elsner & Wandelt 2009: the potential is drawn on a few shells around us,
    with the right covariance between shells, squared on each, and integrated with optimised
    weights. One thing differs: the Gaussian part is drawn first, and the potential given it.
    The joint law of both is the same, and the Gaussian part is `gaussian` itself, with exactly the
    spectrum of `angular_power_spectrum` (unlensed), for the same ``rng``. The few shells bear
    on the non-Gaussian part alone, and were chosen so that its bispectrum is right: see the data
    folder's README.

    The covariance of the potential between shells is known in closed form, since its power is a
    power law; that of potential and temperature is :math:`\beta_\ell(r)`. Both and
    :math:`\alpha_\ell(r)` hold for the model of `angular_power_spectrum`. Monopole and dipole of
    :math:`\phi` on each shell are left out: with a temperature that has none they leave no
    bispectrum. Products are exact: each shell has a grid that carries them.

    Source: Elsner & Wandelt 2009 [elsner2009].

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> simulator = st.cmb.LocalNonGaussianity(32)
    >>> gaussian, quadratic = simulator(rng=0)
    >>> alm = gaussian + 100 * quadratic  # f_NL = 100
    >>> alm.shape
    (528,)
    """

    def __init__(self, L: int) -> None:
        self.L = _checks.integer("L", L, 3, maximum=MAX_L_LOCAL)
        self._radial = radial(self.L)
        self._grid = Grid.gauss_legendre(-(-3 * self.L // 2))
        self._draw = _conditional(self.L)
        self.n_shells = len(self._radial.r)

    def __repr__(self) -> str:
        """Band-limit and number of shells."""
        return f"LocalNonGaussianity(L={self.L}): {self.n_shells} shells"

    def __call__(
        self, rng: np.random.Generator | int | None = None
    ) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """Draw one sky.

        Parameters
        ----------
        rng : numpy Generator or seed

        Returns
        -------
        gaussian, quadratic : array (L(L+1)/2,), complex128
            Microkelvin; ``gaussian + f_NL * quadratic`` is a sky. Monopole and dipole are zero.
        """
        rng = np.random.default_rng(rng)
        alm = gaussian(angular_power_spectrum(self.L), rng)
        return alm, self.quadratic(alm, rng)

    def quadratic(
        self, alm: NDArray[np.complex128], rng: np.random.Generator | int | None = None
    ) -> NDArray[np.complex128]:
        r"""The part that :math:`f_\mathrm{NL}` multiplies, given the Gaussian part.

        Parameters
        ----------
        alm : array (L(L+1)/2,), complex
            The Gaussian part.
        rng : numpy Generator or seed
            What the temperature leaves open of the potential is drawn with it.

        Returns
        -------
        array (L(L+1)/2,), complex128
            Microkelvin.

        Raises
        ------
        ValueError
            ``alm`` is not of this band-limit.
        """
        if alm.shape != (n_coefficients(self.L),):
            raise ValueError(
                f"alm must have shape ({n_coefficients(self.L)},) for L={self.L}, got {alm.shape}"
            )
        rng = np.random.default_rng(rng)
        ell, table = degrees(self.L), self._radial
        known, root = self._draw
        noise = gaussian(np.ones(self.L), rng, self.n_shells)
        out = np.zeros_like(alm)
        # Degree by degree the noise of all shells is mixed by the root of their covariance.
        shells = _mix(root, noise, self.L)
        samples, square = np.empty(self._grid.shape), np.empty_like(alm)
        for i in range(self.n_shells):
            potential = shells[i] + known[ell, i] * alm
            # One thread: the same bytes whatever the machine's load.
            synthesise(potential, self.L, self._grid, samples, 1)
            samples *= samples
            analyse(samples, self._grid, self.L, square, 1)
            out += (table.weight[i] * table.alpha[:, i])[ell] * square
        return out


def _mix(
    root: NDArray[np.float64], noise: NDArray[np.complex128], L: int
) -> NDArray[np.complex128]:
    """``root[l] @ noise[:, l, m]`` for all coefficients, shape (n_shells, L(L+1)/2)."""
    order = np.argsort(degrees(L), kind="stable")
    out = np.empty_like(noise)
    for ell in range(2, L):
        rows = order[ell * (ell + 1) // 2 : (ell + 1) * (ell + 2) // 2]
        out[:, rows] = root[ell] @ noise[:, rows]
    out[:, degrees(L) < 2] = 0
    return out


@lru_cache(maxsize=2)
def _conditional(L: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the temperature says of the potential, and the root of what it leaves open.

    Returns
    -------
    known : array (L, n)
        The mean of the potential's coefficients, per unit of the temperature's.
    root : array (L, n, n)
        A root of the conditional covariance between shells.
    """
    table, spectrum = radial(L), angular_power_spectrum(L)
    n = len(table.r)
    known, root = np.zeros((L, n)), np.zeros((L, n, n))
    known[2:] = table.beta[2:] / spectrum[2:, None]
    open_ = potential_covariance(L, table.r)
    open_ -= known[:, :, None] * table.beta[:, None, :]
    # Where the temperature says nearly all, rounding may leave variances just below zero.
    values, vectors = np.linalg.eigh(open_[2:])
    root[2:] = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
    return known, root


def potential_covariance(L: int, r: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Covariance of the potential's coefficients between shells.

    .. math:: \langle \phi_{\ell m}(r)\, \phi^*_{\ell m}(s) \rangle
        = \frac{2}{\pi} \int k^2 dk\, P_\Phi(k)\, j_\ell(kr)\, j_\ell(ks)

    Parameters
    ----------
    L : int
    r : array (n,)
        Radii in Mpc, equal or apart by a thousandth at least.

    Returns
    -------
    array (L, n, n)
        Without unit; zero for the monopole, where the integral diverges, and the dipole.

    Notes
    -----
    For a power law the integral is Weber and Schafheitlin's: a hypergeometric function of
    :math:`(r/s)^2`.
    """
    low, high = np.minimum(r[:, None], r), np.maximum(r[:, None], r)
    nu = np.arange(2, L)[:, None, None] + 0.5
    power = 3 - _TILT
    half = (1 - power) / 2
    strength = 9 / 25 * 2 * np.pi**2 * _AMPLITUDE * _PIVOT ** (1 - _TILT)
    logarithm = gammaln(nu + half) - gammaln(nu + 1) - gammaln((1 + power) / 2)
    logarithm = logarithm + nu * np.log(low) - (nu - power + 1) * np.log(high)
    # Gauss's closed form where the argument is 1: SciPy overflows there at high degrees.
    limit = gammaln(nu + 1) + gammaln(power) - gammaln(1 - half) - gammaln(nu + 1 - half)
    series = np.where(
        low < high,
        hyp2f1(nu + half, half, nu + 1, np.where(low < high, low / high, 0) ** 2),
        np.exp(limit),
    )
    out = np.zeros((L, len(r), len(r)))
    out[2:] = strength / 2**power / np.sqrt(low * high) * np.exp(logarithm) * series
    return out
