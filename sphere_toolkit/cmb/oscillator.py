"""Skies of independent pixels, distributed as the position of an excited harmonic oscillator."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy  # its parts take 0.3 s to load, when they are first used
from numpy.typing import NDArray

from .._util import checks
from ..sphere.coefficients import n_coefficients
from ..sphere.grids.grid import Grid
from ..sphere.schemes import adjoint
from ._common import batch, coloured
from .spectrum import MAX_L

# The map from normal deviates to pixel values is exact at this many knots, evenly spaced within
# +-_REACH standard deviations: 9 are enough for 1e18 pixels.
_KNOTS = 1 << 16
_REACH = 9.0


def oscillator_pixels(
    L: int, alpha3: float, nside: int, seed: checks.Seed = None, n: int | None = None
) -> NDArray[np.complex128]:
    r"""Skies of independent HEALPix pixels with a skewed distribution.

    .. math:: a_{\ell m} = \sqrt{C_\ell \frac{4\pi}{N}} \sum_{i=1}^{N} x_i\, Y^*_{\ell m}(\omega_i),
        \qquad p(x) = \sigma \left| \sqrt{1 - \alpha_3^2}\; \psi_0(\sigma x)
             + \alpha_3\, \psi_3(\sigma x) \right|^2

    over the :math:`N = 12\, n_\mathrm{side}^2` pixels, with the wave functions of the harmonic
    oscillator :math:`\psi_k(y) = (2\pi)^{-1/4} (k!)^{-1/2}\, \mathrm{He}_k(y)\, e^{-y^2/4}` and
    :math:`\sigma^2 = 1 + 6 \alpha_3^2`, which makes the variance of :math:`x` one.

    Parameters
    ----------
    L : int
        Band-limit, at most 4097.
    alpha3 : float
        Amplitude of the third excited state, in [-1, 1]; 0 gives Gaussian pixels. The opposite
        sign gives the distribution of -x.
    nside : int
        Resolution of the pixels, a power of 2; at least L/2, so that there are 3 pixels for each
        coefficient.
    seed, n
        As in `gaussian`. The same ``seed`` gives the same normal deviates :math:`g` (see the
        notes) for every ``alpha3``.

    Returns
    -------
    array ([n,] L(L+1)/2), complex128
        Microkelvin. Zero for the degrees 0 and 1.

    Raises
    ------
    TypeError, ValueError
        ``L``, ``alpha3``, ``nside``, ``seed`` or ``n`` is out of range.

    Notes
    -----
    Moments of a pixel in closed form: mean 0, variance 1, and with :math:`\sigma` as above

    .. math:: \langle x^3 \rangle =
            \frac{2 \sqrt{6}\, \alpha_3 \sqrt{1 - \alpha_3^2}}{\sigma^3},
        \qquad \langle x^4 \rangle = \frac{3 + 72\, \alpha_3^2}{\sigma^4}

    Every pixel is :math:`x = T(g)` of a standard normal :math:`g`, where :math:`T` is the
    increasing function that gives :math:`x` this distribution. :math:`T` is exact to rounding at
    65537 knots and linear between them: the moments above are met to 3e-6 for every ``alpha3``
    (1.3e-7 at 0.085).

    The pixels have unit variance and are independent, so the covariance of the coefficients is
    the same for every ``alpha3``. Its mean over the orders of a degree is exactly :math:`C_\ell`,
    by the addition theorem. It is not quite isotropic, since a sum over HEALPix pixels is not
    quite an integral: at ``L = 2 nside`` the variance of order 0 is up to 3 % too low at nside 8,
    and the deviation falls in inverse proportion to nside (rms over all coefficients: 0.4 % at
    nside 8, 0.06 % at 32). It is the same in every class.

    Distribution, with one excited state, and method: Rocha, Hobson, Smith, Ferreira & Challinor
    2005 [rocha2005].

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.cmb.oscillator_pixels(64, alpha3=0.085, nside=32, seed=0)
    >>> alm.shape
    (2080,)
    """
    L = checks.integer("L", L, 1, maximum=MAX_L)
    alpha3 = checks.real("alpha3", alpha3, minimum=-1, maximum=1)
    grid = _pixels(_resolution(nside, L))

    def draw(rng: np.random.Generator) -> NDArray[np.complex128]:
        x = rng.standard_normal(grid.n_samples)
        if alpha3 != 0:
            _transport(x, alpha3)
        x *= np.sqrt(4 * np.pi / grid.n_samples)
        # With one thread the order of sums does not depend on the machine's load.
        white = adjoint(x, grid, L, np.empty(n_coefficients(L), np.complex128), 1)
        return coloured(white, L)

    return batch(draw, seed, n)


def _resolution(nside: int, L: int) -> int:
    nside = checks.integer("nside", nside, 1)
    if nside & (nside - 1):
        raise ValueError(f"nside must be a power of 2, got {nside}")
    if 2 * nside < L:
        raise ValueError(f"nside must be at least L/2 = {L / 2:g}, got {nside}")
    return nside


@lru_cache(maxsize=4)
def _pixels(nside: int) -> Grid:
    return Grid.healpix(nside)


def _transport(g: NDArray[np.float64], alpha3: float) -> None:
    """Turn standard normal deviates into pixel values, in place."""
    value, step = _table(alpha3)
    g += _REACH
    g *= _KNOTS / (2 * _REACH)
    np.clip(g, 0, np.nextafter(_KNOTS, 0), out=g)
    knot = g.astype(np.int32)
    g -= knot
    g *= step[knot]
    g += value[knot]


@lru_cache(maxsize=4)
def _table(alpha3: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """T at the knots, and its step from each to the next."""
    g = np.linspace(-_REACH, _REACH, _KNOTS + 1)
    # Probabilities of the upper tail are close to 1, so it is computed from the other side.
    lower = _quantile(scipy.special.ndtr(g[g <= 0]), alpha3)
    upper = -_quantile(scipy.special.ndtr(-g[g > 0][::-1]), -alpha3)[::-1]
    T = np.concatenate([lower, upper]) / np.sqrt(1 + 6 * alpha3**2)
    return T[:-1], np.diff(T)


def _distribution(y: NDArray[np.float64], alpha3: float) -> NDArray[np.float64]:
    r"""Probability below ``y``, in units of the width of the ground state.

    It follows from :math:`\mathrm{He}_3^2 = \mathrm{He}_6 + 9 \mathrm{He}_4 + 18 \mathrm{He}_2 + 6`
    and :math:`\int^y \varphi\, \mathrm{He}_k = -\varphi(y)\, \mathrm{He}_{k-1}(y)`.
    """
    cross = 2 * alpha3 * np.sqrt(1 - alpha3**2) / np.sqrt(6)
    square = alpha3**2 / 6
    series = np.polynomial.hermite_e.hermeval(y, [0, 18 * square, cross, 9 * square, 0, square])
    return scipy.special.ndtr(y) - np.exp(-(y**2) / 2) / np.sqrt(2 * np.pi) * series


def _quantile(p: NDArray[np.float64], alpha3: float) -> NDArray[np.float64]:
    """Where the distribution function is ``p``, to rounding."""
    from scipy.optimize import elementwise  # imported here: it takes 0.2 s

    def excess(y: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
        return _distribution(y, alpha3) - p

    return elementwise.find_root(excess, (-20.0, 20.0), args=(p,)).x
