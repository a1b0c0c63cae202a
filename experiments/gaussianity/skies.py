"""Skies of a simulation set, and the features of each sky that the classifiers read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sphere_toolkit as st
from sphere_toolkit import ScatteringCoefficients, ScatteringTransform, cmb
from sphere_toolkit.scattering.features import log_spectrum

from ..run import Run

L_LOW = 32
# Skies up to this band-limit are kept as they are, for networks that read them.
L_KEPT = 256


@dataclass(frozen=True)
class Skies:
    """Skies of a named set, the classes in turn.

    Attributes
    ----------
    labels : int array (n,)
    log_spectrum : float32 array (n, L - 2)
    low : complex64 array (n, 1, n_coefficients(32))
        Coefficients of degree below 32, or of all degrees if there are fewer.
    kurtosis : float64 array (n,)
        Excess kurtosis of the whitened sky.
    alm : complex64 array (n, n_coefficients(L)) or (n, 0)
        The skies themselves; nothing above `L_KEPT`.
    scattering : ScatteringCoefficients
        Of no paths, if no transform was asked for.
    """

    labels: NDArray[np.int64]
    log_spectrum: NDArray
    low: NDArray
    kurtosis: NDArray
    alm: NDArray
    scattering: ScatteringCoefficients

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: slice) -> Skies:
        """Some of the skies."""
        return Skies(
            self.labels[rows],
            self.log_spectrum[rows],
            self.low[rows],
            self.kurtosis[rows],
            self.alm[rows],
            self.scattering[rows],
        )


def collect(
    name: str, n: int, first: int, run: Run, transform: ScatteringTransform | None = None
) -> Skies:
    """Simulate and scatter skies; those in the store of the run are read.

    Parameters
    ----------
    name : str
        Name of the simulation set.
    n : int
        Skies of all classes together, numbered from ``first``.
    first : int
    run : Run
    transform : ScatteringTransform, optional
    """
    simulations = cmb.simulation_set(name)
    labels = np.array([simulations.label(i) for i in range(first, first + n)])
    step = max(8, min(256, 8192 // simulations.L))
    spectra, low, kurtosis, skies = run.in_blocks(observe, name, first, n, step, "skies")
    scattering = ScatteringCoefficients(np.empty((n, 0, 1)), ())
    if transform is not None:
        options = (transform.parameters(),)
        (alm,) = run.in_blocks(scatter, name, first, n, step, "scattering", options)
        scattering = ScatteringCoefficients(alm, transform.paths, transform.parameters())
    return Skies(labels, spectra, low, kurtosis, skies, scattering)


def observe(name: str, seed: int, start: int, stop: int) -> tuple[NDArray, ...]:
    """Spectrum, low degrees, kurtosis and all degrees of some skies; see `Skies`."""
    skies = _simulate(name, seed, start, stop)
    L = st.band_limit(skies)
    low = st.truncate(skies, min(L_LOW, L))[:, None]
    return (
        log_spectrum(skies).astype(np.float32),
        low.astype(np.complex64),
        cmb.whitened_kurtosis(skies, cmb.simulation_set(name).spectrum),
        skies[:, : None if L <= L_KEPT else 0].astype(np.complex64),
    )


def scatter(
    name: str, seed: int, start: int, stop: int, transform: dict[str, Any]
) -> tuple[NDArray]:
    """Scattering coefficients of some skies by the transform with these parameters."""
    scatter = ScatteringTransform(**transform, n_threads=1)
    return (scatter(_simulate(name, seed, start, stop)).alm.astype(np.complex64),)


def _simulate(name: str, seed: int, start: int, stop: int) -> NDArray[np.complex128]:
    simulations = cmb.simulation_set(name)
    return np.array([simulations.map(i, seed) for i in range(start, stop)])
