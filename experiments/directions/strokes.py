r"""Skies of short strokes, aligned with their neighbours or each at an angle of its own.

Both classes have the same strokes: as many, as long, as strong, at the same places. They differ in
the angles only. Those of an aligned sky follow the gradient of a smooth random potential; the
others are independent. Every sky is divided by the root of its own power at each degree, so that
all skies have one power spectrum exactly. What is left to differ are the angles, and how
neighbouring strokes interfere, which depends on them: the places are spread evenly, so that no two
strokes touch, and their signs are random, but most wavelets are wider than the gaps between them.
"""

from __future__ import annotations

import ducc0
import numpy as np
from numpy.typing import NDArray

from sphere_toolkit import degrees, power_spectrum, signals

CLASSES = ("scrambled", "aligned")
L = 128
STROKES = 200
# In radians; a stroke is a row of points.
LENGTH = 0.08
_POINTS = 8
# Degree of the potential that the aligned strokes follow: over about 180 / 4 degrees.
_SMOOTH = 4


def strokes(label: int, rng: np.random.Generator) -> NDArray[np.complex128]:
    r"""Coefficients (L(L+1)/2,) of a sky of class ``label``, of power 1 at every degree from 2 on.

    .. math:: a_{\ell m} = \frac{p_{\ell m}}{\sqrt{\sum_{m'} |p_{\ell m'}|^2 / (2\ell+1)}}, \qquad
              p_{\ell m} = \sum_i w_i \sum_k Y^*_{\ell m}(\omega_{ik})

    with strengths :math:`w_i` standard normal, and :math:`\omega_{ik}` the points of stroke i.
    """
    theta, phi = places()
    strengths = rng.standard_normal(STROKES)
    # Both classes draw both, so that their other random numbers are the same.
    free, field = 2 * np.pi * rng.random(STROKES), directions(theta, phi, rng)
    points = rows(theta, phi, field if label else free)
    alm = ducc0.sht.adjoint_synthesis_general(
        map=np.repeat(strengths, _POINTS)[None], loc=points, spin=0, lmax=L - 1, epsilon=1e-10,
        nthreads=1,
    )[0]  # fmt: skip
    size = np.sqrt(power_spectrum(alm))
    size[:2] = np.inf
    return alm / size[degrees(L)]


def places() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Colatitude and longitude of the middle of every stroke: a spiral of points, evenly spread."""
    i = np.arange(STROKES) + 0.5
    return np.arccos(1 - 2 * i / STROKES), np.pi * (1 + np.sqrt(5)) * i % (2 * np.pi)


def directions(theta: NDArray, phi: NDArray, rng: np.random.Generator) -> NDArray[np.float64]:
    """Angle from south towards east of a smooth random gradient at some places."""
    potential = signals.gaussian(np.eye(_SMOOTH + 1)[_SMOOTH], rng)
    gradient = ducc0.sht.synthesis_general(
        alm=np.stack([potential, np.zeros_like(potential)]),
        loc=np.stack([theta, phi], axis=1),
        spin=1, lmax=_SMOOTH, epsilon=1e-10, nthreads=1,
    )  # fmt: skip
    return np.arctan2(gradient[1], gradient[0])


def rows(theta: NDArray, phi: NDArray, angles: NDArray) -> NDArray[np.float64]:
    """Colatitude and longitude of the points of all strokes, (n points, 2)."""
    c, s = np.cos(theta), np.sin(theta)
    centre = np.stack([s * np.cos(phi), s * np.sin(phi), c], axis=1)
    south = np.stack([c * np.cos(phi), c * np.sin(phi), -s], axis=1)
    east = np.stack([-np.sin(phi), np.cos(phi), np.zeros_like(phi)], axis=1)
    along = np.cos(angles)[:, None] * south + np.sin(angles)[:, None] * east
    t = LENGTH * np.linspace(-0.5, 0.5, _POINTS)[:, None]
    x, y, z = np.moveaxis(centre[:, None] * np.cos(t) + along[:, None] * np.sin(t), -1, 0)
    found = np.arccos(np.clip(z, -1, 1)), np.arctan2(y, x) % (2 * np.pi)
    return np.stack(found, axis=-1).reshape(-1, 2)
