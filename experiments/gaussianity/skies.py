"""Skies of a simulation set, and the features of each sky that the classifiers read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sphere_toolkit import ScatteringCoefficients, ScatteringTransform, cmb, pipeline, truncate
from sphere_toolkit.scattering.features import log_spectrum

from ..run import Run

L_LOW = 32


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
    scattering : ScatteringCoefficients
    """

    labels: NDArray[np.int64]
    log_spectrum: NDArray
    low: NDArray
    kurtosis: NDArray
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
            self.scattering[rows],
        )


def collect(name: str, n: int, first: int, transform: ScatteringTransform, run: Run) -> Skies:
    """Simulate and scatter skies; those in the store of the run are read.

    Parameters
    ----------
    name : str
        Name of the simulation set.
    n : int
        Skies of all classes together, numbered from ``first``.
    first : int
    transform : ScatteringTransform
    run : Run
    """
    source = pipeline.NamedSet(name, n, run.seed, first)
    kind = f"J_min{transform.J_min}-oversampling{transform.oversampling:g}"
    folder = run.store / f"{name}-seed{run.seed}-{first}-{n}-{kind}.zarr"
    pipeline.scatter_dataset(
        source, transform, folder, n_workers=run.n_workers, progress=run.progress
    )
    data = pipeline.load_dataset(folder)
    step = max(8, min(256, 8192 // source.L))
    spectra, low, kurtosis = run.in_blocks(summarise, name, first, n, step, "spectra, kurtosis")
    return Skies(data.labels, spectra, low, kurtosis, data.coefficients())


def summarise(name: str, seed: int, start: int, stop: int) -> tuple[NDArray, NDArray, NDArray]:
    """Spectrum, low degrees and kurtosis of the skies ``start .. stop - 1``; see `Skies`."""
    simulations = cmb.simulation_set(name)
    skies = np.array([simulations.map(i, seed) for i in range(start, stop)])
    low = truncate(skies, min(L_LOW, simulations.L))[:, None]
    return (
        log_spectrum(skies).astype(np.float32),
        low.astype(np.complex64),
        cmb.whitened_kurtosis(skies, simulations.spectrum),
    )
