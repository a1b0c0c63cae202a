"""Departures of skies from Gaussian ones, in their spectra and on scattering paths."""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ... import cmb
from ...scattering.paths import Path
from ...scattering.transform import ScatteringTransform
from ...sphere.spectra import energy, power_spectrum

_REFERENCE, _NON_GAUSSIAN = 192, 96


class Ensemble(NamedTuple):
    """Statistics of simulated skies of both classes.

    Attributes
    ----------
    mean, deviation : array (n_paths,)
        Of `path_statistics` over Gaussian skies.
    rates : tuple of two floats
        Share of rounds, of three new Gaussian skies and one that is not, in which the sky that
        departs most is the right one: by spectra, and by scattering.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    rates: tuple[float, float]


def path_statistics(
    alm: NDArray[np.complex128], transform: ScatteringTransform
) -> NDArray[np.float64]:
    r"""One number per path that does not depend on the strength of the sky at each scale.

    .. math:: \log \frac{\langle |W_j| \rangle}{\sqrt{\langle |W_j|^2 \rangle}}
        \quad\text{on path } (j), \qquad
        \log \frac{\langle U[j_1, j_2] \rangle}{\langle U[j_1] \rangle}
        \quad\text{on path } (j_1, j_2)

    with means over the sphere. The first is :math:`\log \sqrt{2 / \pi}` for Gaussian wavelet
    coefficients and less for sparse ones. The second measures how unevenly the modulus is
    distributed over the sphere.

    Parameters
    ----------
    alm : array (..., L(L+1)/2), complex
    transform : ScatteringTransform
        Of depth 2.

    Returns
    -------
    array (..., n_paths - 1)
    """
    scattered = transform(alm)
    wavelets = transform.bank.analysis(alm).wavelets
    mean = {
        path: scattered[path][..., 0].real / np.sqrt(4 * np.pi) for path in transform.paths if path
    }
    rms: dict[Path, NDArray] = {(j,): np.sqrt(energy(w) / (4 * np.pi)) for j, w in wavelets.items()}
    columns = [mean[path] / (rms[path] if len(path) == 1 else mean[path[:1]]) for path in mean]
    return np.log(np.stack(columns, axis=-1))


def octaves(L: int) -> list[tuple[int, int]]:
    """Octaves of degrees from 2 to L, a power of two: first degree, and the one after the last."""
    return [(1 << k, 2 << k) for k in range(1, L.bit_length() - 1)]


def spectrum_departures(
    alm: NDArray[np.complex128], spectrum: NDArray[np.float64]
) -> NDArray[np.float64]:
    r"""Power in octaves of degrees, relative to the ensemble, in standard deviations.

    .. math:: \sqrt{\tfrac{n}{2}} \left( \frac{1}{n} \sum_{\ell} (2\ell+1)
        \frac{\hat C_\ell}{C_\ell} - 1 \right), \qquad n = \sum_{\ell} (2\ell+1)

    A Gaussian sky has mean 0 and variance 1 in every octave.
    """
    L = len(spectrum)
    modes = 2 * np.arange(L) + 1
    ratio = modes[2:] * power_spectrum(alm)[..., 2:] / spectrum[2:]
    columns = []
    for first, end in octaves(L):
        n = modes[first:end].sum()
        columns.append(np.sqrt(n / 2) * (ratio[..., first - 2 : end - 2].sum(axis=-1) / n - 1))
    return np.stack(columns, axis=-1)


def typical(departures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Root mean square over the last axis, about 1 for a Gaussian sky."""
    return np.sqrt(np.mean(departures**2, axis=-1))


@lru_cache
def network(L: int) -> ScatteringTransform:
    """The network of the explorer: three scales, two at the smallest band-limits."""
    J_min = max(2, L.bit_length() - 3)
    return ScatteringTransform(L, J_min, depth=2, oversampling=2, n_threads=1)


@lru_cache
def ensemble(L: int, f: float, N: int) -> Ensemble:
    """Measure both classes on separate skies, from a fixed seed."""
    transform = network(L)
    rng = np.random.default_rng((0, 1))  # no integer seeds the same skies
    reference, others = (cmb.gaussian(L, rng, n=_REFERENCE) for _ in range(2))
    kicked = cmb.poisson_sources(L, f, N, rng, n=_NON_GAUSSIAN)
    statistics = path_statistics(reference, transform)
    mean, deviation = statistics.mean(axis=0), statistics.std(axis=0, ddof=1)
    spectrum = cmb.angular_power_spectrum(L)
    by_spectrum = [typical(spectrum_departures(skies, spectrum)) for skies in (others, kicked)]
    by_scattering = [
        typical((path_statistics(skies, transform) - mean) / deviation)
        for skies in (others, kicked)
    ]
    return Ensemble(mean, deviation, (found_rate(*by_spectrum), found_rate(*by_scattering)))


def found_rate(gaussian: NDArray[np.float64], kicked: NDArray[np.float64]) -> float:
    """Share of rounds in which the sky that departs most is the right one.

    Over every way to put three of the Gaussian skies beside one of the others.
    """
    below = np.searchsorted(np.sort(gaussian), kicked)
    return float(np.mean([comb(int(k), 3) for k in below]) / comb(len(gaussian), 3))
