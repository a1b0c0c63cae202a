"""What every simulator needs: checks of its parameters, batches, and colour for white skies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..sphere.coefficients import degrees
from .spectrum import angular_power_spectrum


def within(name: str, value: object, low: float, high: float) -> float:
    """``value`` as a float in ``[low, high]``."""
    number = _checks.real(name, value)
    if not low <= number <= high:
        raise ValueError(f"{name} must be a number in [{low:g}, {high:g}], got {value!r}")
    return number


def batch(
    draw: Callable[[np.random.Generator], NDArray[np.complex128]],
    rng: np.random.Generator | int | None,
    n: int | None,
) -> NDArray[np.complex128]:
    """One sky, or ``n`` drawn one after another."""
    rng = np.random.default_rng(rng)
    if n is None:
        return draw(rng)
    if _checks.integer("n", n, 0) == 0:
        return draw(rng)[None][:0]
    return np.stack([draw(rng) for _ in range(n)])


def coloured(white: NDArray[np.complex128], L: int) -> NDArray[np.complex128]:
    """Give a sky of unit power at every degree the spectrum of the CMB, in place."""
    white *= np.sqrt(angular_power_spectrum(L))[degrees(L)]
    return white
