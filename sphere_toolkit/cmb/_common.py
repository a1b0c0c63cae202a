"""Helpers of the simulators: batches of skies, and the spectrum of the CMB for white skies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .._util import checks
from ..sphere.coefficients import degrees
from .spectrum import angular_power_spectrum


def batch(
    draw: Callable[[np.random.Generator], NDArray[np.complex128]],
    seed: checks.Seed,
    n: int | None,
) -> NDArray[np.complex128]:
    """One sky, or ``n`` drawn one after another."""
    rng = checks.generator(seed)
    if n is None:
        return draw(rng)
    if checks.integer("n", n, 0) == 0:
        return draw(rng)[None][:0]
    return np.stack([draw(rng) for _ in range(n)])


def coloured(white: NDArray[np.complex128], L: int) -> NDArray[np.complex128]:
    """Give a sky of unit power at every degree the spectrum of the CMB, in place."""
    white *= np.sqrt(angular_power_spectrum(L))[degrees(L)]
    return white
