r"""The fields whose statistics are matched: the Earth's relief, and random ones.

All have the band-limit `L`. Functions of a random field are smoothed to 4 degrees, so that the cut
at L leaves no ringing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import sphere_toolkit as st

L = 64
# Where functions of a field are taken; they are cut at L afterwards.
_GRID = st.Grid.gauss_legendre(2 * L)
_FWHM = np.radians(4)
# Of the field whose zero lines are the filaments, radians; of the lines themselves, radians.
_SMOOTH, _WIDTH = 0.15, 0.05
# Standard deviation of the background between them.
_BETWEEN = 0.15
SOURCES, _RADIUS, _BACKGROUND = 100, 0.05, 0.25


def bare_filaments(rng: np.random.Generator) -> NDArray[np.complex128]:
    r"""Lines of one width and of varying strength along the zeros of a smooth Gaussian field g.

    .. math:: f = e^{h/2} \exp\Big( -\frac{g^2}{2 w^2 |\nabla g|^2} \Big), \qquad w = 0.05

    Near a zero :math:`|g| / |\nabla g|` is the distance to the line where g is zero; h is another
    such field, of unit variance. The voids between the lines are flat.
    """
    ell = np.arange(L)
    spectrum = np.exp(-ell * (ell + 1) * _SMOOTH**2)
    spectrum *= 4 * np.pi / ((2 * ell + 1) * spectrum).sum()
    g, h = st.signals.gaussian(spectrum, rng, n=2)
    square = np.square(gradient(g, _GRID)).sum(axis=0)
    values, strength = st.inverse(np.stack([g, h]), _GRID, n_threads=1)
    return _cut(np.exp(strength / 2 - values**2 / (2 * _WIDTH**2 * square)))


def filaments(rng: np.random.Generator) -> NDArray[np.complex128]:
    r"""Bare filaments and a weak Gaussian background: :math:`C_\ell \propto (\ell + 1)^{-2}`.

    The standard deviation of the background is 0.15, that of the filaments about 0.5.
    """
    lines = bare_filaments(rng)
    return lines + _BETWEEN * st.signals.band_limited_noise(L, rng, slope=-2)


def lognormal(rng: np.random.Generator) -> NDArray[np.complex128]:
    r""":math:`e^g` of Gaussian g with :math:`C_\ell \propto (\ell + 1)^{-2}` and unit variance."""
    g = st.signals.band_limited_noise(L, rng, slope=-2)
    return _cut(np.exp(st.inverse(g, _GRID, n_threads=1)))


def sources(rng: np.random.Generator) -> NDArray[np.complex128]:
    r"""A hundred equal round spots on a background with :math:`C_\ell \propto (\ell + 1)^{-3}`.

    The spots have a standard deviation of 0.05 radians and the height 1; the background's standard
    deviation is 0.25, about that of the spots.
    """
    places = np.stack(
        [np.arccos(rng.uniform(-1, 1, SOURCES)), 2 * np.pi * rng.random(SOURCES)], axis=1
    )
    spots = st.signals.spots(L, [(theta, phi) for theta, phi in places.tolist()], _RADIUS)
    return spots + _BACKGROUND * st.signals.band_limited_noise(L, rng, slope=-3)


FIELDS: dict[str, Callable[[np.random.Generator], NDArray[np.complex128]]] = {
    "relief": lambda rng: st.signals.earth_relief(L),
    "filaments": filaments,
    "bare filaments": bare_filaments,
    "lognormal": lognormal,
    "sources": sources,
}
"""By name, what makes one; there is only one relief."""


def gradient(alm: NDArray, grid: st.Grid) -> NDArray[np.float64]:
    """Derivatives of a signal towards south and east, ``(2, *grid.shape)``, per radian."""
    ell = st.degrees(st.band_limit(alm))
    lifted = np.sqrt(ell * (ell + 1)) * alm
    return st.inverse(np.stack([lifted, np.zeros_like(alm)]), grid, spin=1, n_threads=1)


def _cut(samples: NDArray) -> NDArray[np.complex128]:
    alm = st.forward(samples, _GRID, n_threads=1)
    return st.smooth(alm[_below(L, 2 * L)], _FWHM)


def _below(L: int, L_in: int) -> NDArray[np.bool_]:
    return st.degrees(L_in) < L
