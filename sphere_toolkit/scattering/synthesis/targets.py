"""What signals are drawn towards, and what they start from, checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._util import checks
from ...sphere.coefficients import as_alm
from ...sphere.layouts import alm_to_rows
from ...sphere.spectra import power_spectrum
from ..coefficients import ScatteringCoefficients
from ..transform import ScatteringTransform


def target_of(
    target: ArrayLike | ScatteringCoefficients,
    transforms: Sequence[ScatteringTransform],
    spectrum: ArrayLike | None,
) -> tuple[list[ScatteringCoefficients], NDArray]:
    """The coefficients of the target, and the spectrum to start from."""
    if isinstance(target, ScatteringCoefficients):
        _fits(target, transforms)
        if spectrum is None:
            raise ValueError("coefficients do not hold a spectrum: give one, spectrum=")
        S = [target]
    else:
        L = transforms[0].L
        alm = as_alm(target, L)
        S = [scatter(alm) for scatter in transforms]
        if spectrum is None:
            spectrum = power_spectrum(alm).reshape(-1, L).mean(axis=0)
    return S, _spectrum(spectrum, S, transforms[0].L)


def _fits(target: ScatteringCoefficients, transforms: Sequence[ScatteringTransform]) -> None:
    if len(transforms) > 1:
        raise ValueError(
            f"target must be signals for several transforms, got coefficients and "
            f"{len(transforms)} transforms"
        )
    (scatter,) = transforms
    if target.parameters and target.parameters != scatter.parameters():
        raise ValueError(
            f"target must come from this transform, {scatter.parameters()}, got coefficients "
            f"of {target.parameters}"
        )
    if target.paths != scatter.paths:
        raise ValueError(f"target must have the paths {scatter.paths}, got {target.paths}")


def _spectrum(
    spectrum: ArrayLike, S: Sequence[ScatteringCoefficients], L: int
) -> NDArray[np.float64]:
    spectrum = checks.numeric("spectrum", spectrum)
    if spectrum.shape != (L,) or spectrum.dtype.kind == "c":
        raise ValueError(
            f"spectrum must be real of shape ({L},), got {spectrum.dtype} {spectrum.shape}"
        )
    checks.finite("spectrum", spectrum)
    if spectrum.min() < 0 or not spectrum.any():
        raise ValueError(
            f"spectrum must not be negative, and somewhere positive, got values from "
            f"{spectrum.min():.3g} to {spectrum.max():.3g}"
        )
    if not any(of.alm.any() for of in S):
        raise ValueError("target must have energy, got coefficients that are all zero")
    return spectrum


def rows_to_start_from(
    start: ArrayLike | None, L: int, scale: NDArray, seed: checks.Seed, n: int | None
) -> NDArray[np.float64]:
    """Rows ``(n, L L)`` of unit variance: noise, or the signals to go on from."""
    count = 1 if n is None else checks.integer("n", n, 1)
    if start is None:
        return checks.generator(seed).standard_normal((count, L * L))
    alm = as_alm(start, L)
    if alm.ndim > 2 or (n is not None and len(alm.reshape(-1, alm.shape[-1])) != count):
        raise ValueError(f"start must hold n={n} signals, got shape {alm.shape}")
    return alm_to_rows(alm.reshape(-1, alm.shape[-1])) / np.repeat(scale, 2 * np.arange(L) + 1)
