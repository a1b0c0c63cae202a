"""Skies with local f_NL: pairs for training, independent skies for testing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sphere_toolkit import ScatteringTransform, cmb
from sphere_toolkit.scattering.paths import Path

from ..run import Run

# Training skies have half of the set's f_NL, with either sign: the difference between them is that
# of the classes.
HALF = 0.5
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


def pairs(name: str, n: int, run: Run) -> Pairs:
    """Pairs from the skies ``0 .. n - 1`` of a set."""
    (alm,) = run.in_blocks(scatter_pairs, name, 0, n, _STEP, "training skies")
    return Pairs(alm[:, 0], alm[:, 1], alm[:, 2], alm[:, 3], transform(name).paths)


def tests(name: str, n: int, first: int, run: Run) -> Tests:
    """The skies ``first .. first + n - 1`` of a set."""
    alm, ksw = run.in_blocks(scatter_tests, name, first, n, _STEP, "test skies")
    simulations = cmb.simulation_set(name)
    labels = np.array([simulations.label(i) for i in range(first, first + n)])
    return Tests(labels, alm, ksw)


def transform(name: str) -> ScatteringTransform:
    """The scattering transform of the experiment."""
    return ScatteringTransform(cmb.simulation_set(name).L, oversampling=1, n_threads=1)


def scatter_pairs(name: str, seed: int, start: int, stop: int) -> tuple[NDArray]:
    """Scattering coefficients ``(stop - start, 4, ...)`` in the order of `Pairs`."""
    simulations, scatter = cmb.simulation_set(name), transform(name)
    rows = []
    for i in range(start, stop):
        # Both classes have the same Gaussian part; their difference is what f_NL multiplies.
        fnl0, fnl100 = (simulations.simulate(label, seed, i) for label in (0, 1))
        shift = HALF * (fnl100 - fnl0)
        skies = np.stack([fnl0 + shift, fnl0 - shift, fnl0, fnl100])
        rows.append(scatter(skies).alm.astype(np.complex64))
    return (np.array(rows),)


def scatter_tests(name: str, seed: int, start: int, stop: int) -> tuple[NDArray, NDArray]:
    """Scattering coefficients and KSW estimates of the skies ``start .. stop - 1``."""
    simulations, scatter = cmb.simulation_set(name), transform(name)
    skies = np.array([simulations.map(i, seed) for i in range(start, stop)])
    alm = [scatter(sky).alm.astype(np.complex64) for sky in skies]
    return np.array(alm), cmb.KSW(simulations.L)(skies)
