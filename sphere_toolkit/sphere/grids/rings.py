"""Rings of the schemes with an exact transform: where they lie, and what their samples weigh."""

from __future__ import annotations

from typing import NamedTuple

import ducc0
import numpy as np
from numpy.typing import NDArray

GEOMETRY = {
    "gauss-legendre": "GL",
    "mcewen-wiaux": "MW",
    "clenshaw-curtis": "CC",
    "fejer": "F1",
}
"""ducc0's names of the schemes."""


class Rings(NamedTuple):
    """Iso-latitude rings as the harmonic transforms of ducc0 want them."""

    theta: NDArray[np.float64]
    phi0: NDArray[np.float64]
    nphi: NDArray[np.uint64]
    ringstart: NDArray[np.uint64]


def colatitudes(scheme: str, n: int) -> NDArray[np.float64]:
    """Colatitudes of ``n`` rings in radians, north first."""
    ring = np.arange(n)
    if scheme == "gauss-legendre":
        return ducc0.misc.GL_thetas(n)
    if scheme == "mcewen-wiaux":
        return np.pi * (2 * ring + 1) / (2 * n - 1)
    if scheme == "clenshaw-curtis":
        return np.pi * ring / (n - 1)
    return np.pi * (2 * ring + 1) / (2 * n)


def areas(scheme: str, n: int) -> NDArray[np.float64]:
    """Quadrature weights of ``n`` rings, for means over their longitudes: ``4 pi`` together."""
    if scheme != "mcewen-wiaux":
        return ducc0.sht.get_gridweights(GEOMETRY[scheme], n)
    # Meridians go on beyond the south pole. There, an even function is a sum of cosines of
    # k theta, whose integral with sin(theta) is 2 / (1 - k^2) for even k, and 0 for odd.
    k = np.arange(0, n, 2)
    series = np.zeros(n, np.complex128)
    series[::2] = 2 * np.exp(1j * np.pi * k / (2 * n - 1)) / (1 - k**2)
    circle = 2 * np.pi * np.fft.irfft(series, 2 * n - 1)[:n]
    circle[:-1] *= 2  # each ring but that of the pole lies on both halves of the circle
    return circle
