"""Skies with local non-Gaussianity f_NL, as inflation may produce it."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

import numpy as np
import scipy  # its parts take 0.3 s to load, when they are first used
from numpy.typing import NDArray

from .. import data
from .._util import checks
from ..signals import gaussian
from ..sphere.coefficients import degrees, n_coefficients
from ..sphere.grids.grid import Grid
from ..sphere.schemes import analyse, synthesise
from .spectrum import angular_power_spectrum

MAX_L_LOCAL = 256
# Planck 2018, as for the spectrum: amplitude and tilt of the curvature's power, and its pivot in
# 1/Mpc.
_AMPLITUDE, _TILT, _PIVOT = 2.100e-9, 0.9649, 0.05


class Radial(NamedTuple):
    r"""Radial functions of the standard model on a few spherical shells around the observer.

    Attributes
    ----------
    r : array (n,)
        Comoving radii in Mpc.
    weight : array (n,)
        Weights of a quadrature over :math:`r^2 dr`, in cubic Mpc.
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
    """The table that ``scripts/make_transfer.py`` computed with CAMB, for degrees below ``L``."""
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
        Number of shells on which the potential is squared.

    Raises
    ------
    TypeError, ValueError
        ``L`` is not an integer from 3 to 256.

    Notes
    -----
    Signs: :math:`\Phi = \frac{3}{5} \zeta`, positive where matter is overdense; on the largest
    scales :math:`\Delta T / T = -\Phi / 3`. With :math:`f_\mathrm{NL} > 0` large cold spots deviate
    more from the mean than large hot spots: the temperature has negative skewness on these scales.

    The method is that of Elsner & Wandelt 2009: the potential is drawn on a few shells around the
    observer with the right covariance between shells, squared on each, and integrated with
    optimised weights. In contrast to the paper, the Gaussian part is drawn first, and then the
    potential given the Gaussian part. The joint distribution is the same. The Gaussian part is
    exactly `gaussian` for the same ``seed``, with the unlensed spectrum of
    `angular_power_spectrum`. The finite number of shells therefore affects the non-Gaussian part
    only; the shells were chosen so that its bispectrum is right (see the data folder's README).

    The covariance of the potential between shells is known in closed form, since its power
    spectrum is a power law; the covariance of potential and temperature is
    :math:`\beta_\ell(r)`. Both, and :math:`\alpha_\ell(r)`, hold for the model of
    `angular_power_spectrum`. Monopole and dipole of :math:`\phi` are left out on each shell: they
    do not contribute to the bispectrum of a temperature without monopole and dipole. The squares
    are exact: the grid of each shell integrates them without aliasing.

    Source: Elsner & Wandelt 2009 [elsner2009].

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> simulator = st.cmb.LocalNonGaussianity(32)
    >>> gaussian, quadratic = simulator(seed=0)
    >>> alm = gaussian + 100 * quadratic  # f_NL = 100
    >>> alm.shape
    (528,)
    """

    def __init__(self, L: int) -> None:
        self.L = checks.integer("L", L, 3, maximum=MAX_L_LOCAL)
        self._radial = radial(self.L)
        self._grid = Grid.gauss_legendre(-(-3 * self.L // 2))
        self._conditional = _conditional(self.L)
        self.n_shells = len(self._radial.r)

    def __repr__(self) -> str:
        """Band-limit and number of shells."""
        return f"LocalNonGaussianity(L={self.L}): {self.n_shells} shells"

    def __call__(
        self, seed: checks.Seed = None
    ) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """Draw one sky.

        Parameters
        ----------
        seed : int or numpy.random.Generator, optional

        Returns
        -------
        gaussian, quadratic : array (L(L+1)/2,), complex128
            Microkelvin; ``gaussian + f_NL * quadratic`` is a sky. Monopole and dipole are zero.
        """
        rng = checks.generator(seed)
        alm = gaussian(angular_power_spectrum(self.L), rng)
        return alm, self.quadratic(alm, rng)

    def quadratic(
        self, alm: NDArray[np.complex128], seed: checks.Seed = None
    ) -> NDArray[np.complex128]:
        r"""The part that :math:`f_\mathrm{NL}` multiplies, given the Gaussian part.

        Parameters
        ----------
        alm : array (L(L+1)/2,), complex
            The Gaussian part.
        seed : int or numpy.random.Generator, optional
            For the part of the potential that the temperature does not determine.

        Returns
        -------
        array (L(L+1)/2,), complex128
            Microkelvin.

        Raises
        ------
        ValueError
            ``alm`` has another band-limit.
        """
        if alm.shape != (n_coefficients(self.L),):
            raise ValueError(
                f"alm must have shape ({n_coefficients(self.L)},) for L={self.L}, got {alm.shape}"
            )
        ell, table = degrees(self.L), self._radial
        mean, root = self._conditional
        noise = gaussian(np.ones(self.L), seed, self.n_shells)
        out = np.zeros_like(alm)
        # At each degree, the root of the covariance between shells correlates their noise.
        shells = _mix(root, noise, self.L)
        samples, square = np.empty(self._grid.shape), np.empty_like(alm)
        for i in range(self.n_shells):
            potential = shells[i] + mean[ell, i] * alm
            # With one thread the bytes do not depend on the machine's load.
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
    """Conditional mean and root of the covariance of the potential given the temperature.

    Returns
    -------
    mean : array (L, n)
        Of the coefficients of the potential, per unit of the coefficients of the temperature.
    root : array (L, n, n)
        A matrix root of the conditional covariance between shells.
    """
    table, spectrum = radial(L), angular_power_spectrum(L)
    n = len(table.r)
    mean, root = np.zeros((L, n)), np.zeros((L, n, n))
    mean[2:] = table.beta[2:] / spectrum[2:, None]
    covariance = potential_covariance(L, table.r) - mean[:, :, None] * table.beta[:, None, :]
    # Rounding may make variances slightly negative that are close to zero.
    values, vectors = np.linalg.eigh(covariance[2:])
    root[2:] = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
    return mean, root


def potential_covariance(L: int, r: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Covariance of the potential's coefficients between shells.

    .. math:: \langle \phi_{\ell m}(r)\, \phi^*_{\ell m}(s) \rangle
        = \frac{2}{\pi} \int k^2 dk\, P_\Phi(k)\, j_\ell(kr)\, j_\ell(ks)

    Parameters
    ----------
    L : int
    r : array (n,)
        Radii in Mpc. Two of them are equal or differ by at least a thousandth.

    Returns
    -------
    array (L, n, n)
        Dimensionless. Zero for the monopole, where the integral diverges, and for the dipole.

    Notes
    -----
    For a power law this is the integral of Weber and Schafheitlin, a hypergeometric function of
    :math:`(r/s)^2`.
    """
    gammaln, hyp2f1 = scipy.special.gammaln, scipy.special.hyp2f1
    low, high = np.minimum(r[:, None], r), np.maximum(r[:, None], r)
    nu = np.arange(2, L)[:, None, None] + 0.5
    power = 3 - _TILT
    half = (1 - power) / 2
    strength = 9 / 25 * 2 * np.pi**2 * _AMPLITUDE * _PIVOT ** (1 - _TILT)
    logarithm = gammaln(nu + half) - gammaln(nu + 1) - gammaln((1 + power) / 2)
    logarithm = logarithm + nu * np.log(low) - (nu - power + 1) * np.log(high)
    # Gauss's closed form for an argument of 1, where SciPy's function overflows at high degrees.
    limit = gammaln(nu + 1) + gammaln(power) - gammaln(1 - half) - gammaln(nu + 1 - half)
    series = np.where(
        low < high,
        hyp2f1(nu + half, half, nu + 1, np.where(low < high, low / high, 0) ** 2),
        np.exp(limit),
    )
    out = np.zeros((L, len(r), len(r)))
    out[2:] = strength / 2**power / np.sqrt(low * high) * np.exp(logarithm) * series
    return out
