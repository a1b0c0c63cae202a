"""Skies with local f_NL: pairs for training, independent skies for testing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sphere_toolkit import ScatteringTransform, cmb
from sphere_toolkit.scattering.paths import Path

from ..run import Run

# Training skies have half of the set's f_NL, with either sign: the difference between them is that
# of the classes.
HALF = 0.5
TRANSFORMS: dict[str, dict[str, Any]] = {
    "modulus": {},
    "envelope": {"nonlinearity": "envelope"},
    "directions": {"nonlinearity": "envelope", "directions": 4},
}
"""Transforms by name. Their parameters were chosen before a sky of this experiment was looked at:
envelopes of order 1, directions=4, an oversampling of 1, and the defaults for all else."""
_STEP = 32


@dataclass(frozen=True)
class Pairs:
    """Training skies.

    Attributes
    ----------
    up, down : complex64 array (n, n_paths, n_coefficients)
        Scattering coefficients of a Gaussian sky plus and minus 50 times the part that f_NL
        multiplies.
    fnl0, fnl100 : complex64 array (n, n_paths, n_coefficients)
        The same for the classes of the set, f_NL = 0 and 100.
    paths : tuple of tuple of int
    """

    up: NDArray
    down: NDArray
    fnl0: NDArray
    fnl100: NDArray
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Tests:
    """Skies of the set itself, the classes in turn.

    Attributes
    ----------
    labels : int array (n,)
    alm : complex64 array (n, n_paths, n_coefficients)
        Scattering coefficients.
    ksw : float64 array (n,)
        The optimal estimate of f_NL.
    """

    labels: NDArray
    alm: NDArray
    ksw: NDArray


def pairs(name: str, n: int, run: Run, transforms: Sequence[str]) -> list[Pairs]:
    """Pairs from the skies ``0 .. n - 1`` of a set, for each of `TRANSFORMS`."""
    options = (_parameters(name, transforms),)
    found = run.in_blocks(scatter_pairs, name, 0, n, _STEP, "training skies", options)
    return [
        Pairs(alm[:, 0], alm[:, 1], alm[:, 2], alm[:, 3], transform(name, how).paths)
        for alm, how in zip(found, transforms, strict=True)
    ]


def tests(name: str, n: int, first: int, run: Run, transforms: Sequence[str]) -> list[Tests]:
    """The skies ``first .. first + n - 1`` of a set, for each of `TRANSFORMS`."""
    options = (_parameters(name, transforms),)
    ksw, *found = run.in_blocks(scatter_tests, name, first, n, _STEP, "test skies", options)
    simulations = cmb.simulation_set(name)
    labels = np.array([simulations.label(i) for i in range(first, first + n)])
    return [Tests(labels, alm, ksw) for alm in found]


def transform(name: str, how: str) -> ScatteringTransform:
    """One of `TRANSFORMS`, for the skies of a set."""
    L = cmb.simulation_set(name).L
    return ScatteringTransform(L, oversampling=1, n_threads=1, **TRANSFORMS[how])


def _parameters(name: str, transforms: Sequence[str]) -> list[dict[str, Any]]:
    # What is kept in the store is known by the parameters, not by their name.
    return [transform(name, how).parameters() for how in transforms]


def scatter_pairs(
    name: str, seed: int, start: int, stop: int, transforms: list[dict[str, Any]]
) -> tuple[NDArray, ...]:
    """Scattering coefficients ``(stop - start, 4, ...)`` in the order of `Pairs`, by transform."""
    simulations = cmb.simulation_set(name)
    scatters = [ScatteringTransform(**parameters, n_threads=1) for parameters in transforms]
    rows = []
    for i in range(start, stop):
        # Both classes have the same Gaussian part; their difference is what f_NL multiplies.
        fnl0, fnl100 = (simulations.simulate(label, seed, i) for label in (0, 1))
        shift = HALF * (fnl100 - fnl0)
        skies = np.stack([fnl0 + shift, fnl0 - shift, fnl0, fnl100])
        rows.append([scatter(skies).alm.astype(np.complex64) for scatter in scatters])
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def scatter_tests(
    name: str, seed: int, start: int, stop: int, transforms: list[dict[str, Any]]
) -> tuple[NDArray, ...]:
    """KSW estimates of the skies ``start .. stop - 1``, and their coefficients, by transform."""
    simulations = cmb.simulation_set(name)
    skies = np.array([simulations.map(i, seed) for i in range(start, stop)])
    scatters = [ScatteringTransform(**parameters, n_threads=1) for parameters in transforms]
    found = [scatter(skies).alm.astype(np.complex64) for scatter in scatters]
    return (cmb.KSW(simulations.L)(skies), *found)
