"""Signals with spin: vectors (1), polarisation (2), and so on, as two components or as E and B."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._util import checks
from .coefficients import band_limit, truncation_index


def as_spin(spin: int, L: int) -> int:
    """``spin`` as an int below the band-limit ``L``: other signals have no degrees at all."""
    return checks.integer("spin", spin, 0, maximum=L - 1, given=f"band-limit {L}")


def components(spin: int) -> tuple[int, ...]:
    """Axes that a spin adds before those of one signal: components of samples, or E and B."""
    return (2,) if spin else ()


def check_e_and_b(alm: NDArray, spin: int) -> None:
    """Raise unless coefficients of a signal with spin are E and B, without degrees below it."""
    if spin and (alm.ndim < 2 or alm.shape[-2] != 2):
        raise ValueError(
            f"alm of spin {spin} must have shape (..., 2, L(L+1)/2), E and B, got {alm.shape}"
        )
    check_degrees(alm, spin)


def check_degrees(alm: NDArray, spin: int) -> None:
    """Raise if coefficients of a signal of this spin have degrees below it."""
    if not spin:
        return
    L = band_limit(alm)
    below = alm[..., truncation_index(L, min(spin, L))]
    n_bad = int(np.count_nonzero(below))
    if n_bad:
        raise ValueError(
            f"alm of spin {spin} must be zero at the degrees below {spin}, which no signal of "
            f"this spin has, got {n_bad} other coefficients. To drop them on purpose, multiply by "
            f"(st.degrees(L) >= {spin})"
        )
