"""Skies of a simulation set, and the features of each sky that the classifiers read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sphere_toolkit as st
from sphere_toolkit import ScatteringTransform, cmb
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
    spectra : float32 array (n, L_out, n_paths, n_paths)
        `cross_spectra` of the scattering coefficients.
    transform : ScatteringTransform
    """

    labels: NDArray[np.int64]
    log_spectrum: NDArray
    low: NDArray
    kurtosis: NDArray
    alm: NDArray
    spectra: NDArray
    transform: ScatteringTransform

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
            self.spectra[rows],
            self.transform,
        )


def collect(
    name: str, n: int, first: int, run: Run, transform: ScatteringTransform, scattered: bool = True
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
    transform : ScatteringTransform
    scattered : bool
        Whether to compute it. Otherwise the skies have no ``spectra``.
    """
    simulations = cmb.simulation_set(name)
    labels = np.array([simulations.label(i) for i in range(first, first + n)])
    step = max(8, min(256, 8192 // simulations.L))
    spectra, low, kurtosis, skies = run.in_blocks(observe, name, first, n, step, "skies")
    found = np.empty((n, 0))
    if scattered:
        options = (transform.parameters(),)
        (found,) = run.in_blocks(scatter, name, first, n, step, "scattering", options)
    return Skies(labels, spectra, low, kurtosis, skies, found, transform)


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
    """Cross-spectra of some skies' coefficients, by the transform with these parameters."""
    scatter = ScatteringTransform(**transform, n_threads=1)
    return (cross_spectra(scatter(_simulate(name, seed, start, stop)).alm),)


def _simulate(name: str, seed: int, start: int, stop: int) -> NDArray[np.complex128]:
    simulations = cmb.simulation_set(name)
    return np.array([simulations.map(i, seed) for i in range(start, stop)])


def cross_spectra(x: NDArray) -> NDArray[np.float32]:
    r"""Sums over orders of the products of all pairs of channels, in single precision.

    .. math:: G^\ell_{pq} = \sum_m x^p_{\ell m}\, x^{q*}_{\ell m} \quad (\ell \ge 1)

    For the degrees from 1 on this is :math:`2\ell + 1` times their cross-spectrum. At degree 0 the
    first column holds the coefficients themselves, since their sign matters.

    Parameters
    ----------
    x : array (n, channels, L(L+1)/2), complex

    Returns
    -------
    array (n, L, channels, channels), float32
    """
    n, channels, _ = x.shape
    ell, m = st.degrees(st.band_limit(x)), st.orders(st.band_limit(x))
    out = np.zeros((n, ell.max() + 1, channels, channels), np.float32)
    out[:, 0, :, 0] = x[:, :, 0].real
    for degree in range(1, out.shape[1]):
        of_degree = ell == degree
        rows = x[:, :, of_degree] * np.where(m[of_degree] > 0, np.sqrt(2), 1)
        out[:, degree] = (rows @ rows.conj().swapaxes(-1, -2)).real
    return out
