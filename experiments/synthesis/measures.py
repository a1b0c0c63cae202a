r"""What is measured of a signal and was not matched: values, shapes, phases and peaks.

Every measure is of the signal without its mean and divided by its standard deviation.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

import sphere_toolkit as st

from .fields import gradient

OVERSAMPLING = 3
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
THRESHOLDS = (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
PEAKS = (0.0, 1.0, 2.0, 3.0)
TRIPLES = ((3, 3, 3), (4, 4, 4), (5, 5, 5), (3, 4, 4), (4, 5, 5), (3, 5, 5))
"""Scales whose wavelet coefficients are multiplied."""
NAMES = ("quantiles", "area", "length", "Euler", "bispectrum", "peaks")
# Levels within so much of a threshold count for the length of its contour.
_AROUND = 0.125


def measures(alm: NDArray) -> dict[str, NDArray[np.float64]]:
    """All of them of one signal (L(L+1)/2,), by the names of `NAMES`."""
    grid = grid_for(st.band_limit(alm))
    alm = standardised(alm)
    samples = st.inverse(alm, grid, n_threads=1)
    slope = np.sqrt(np.square(gradient(alm, grid)).sum(axis=0))
    share = np.repeat(grid.weights[:, None], grid.shape[1], axis=1) / (4 * np.pi)
    return {
        "quantiles": quantiles(samples, share),
        "area": np.array([share[samples > level].sum() for level in THRESHOLDS]),
        "length": np.array([length(samples, slope, share, level) for level in THRESHOLDS]),
        "Euler": np.array([euler(samples > level) for level in THRESHOLDS], dtype=float),
        "bispectrum": bispectrum(alm, grid, share),
        "peaks": np.array([peaks(samples, level) for level in PEAKS], dtype=float),
    }


@lru_cache(maxsize=2)
def grid_for(L: int) -> st.Grid:
    """A grid on which the pixels hardly show in contours and peaks."""
    return st.Grid.gauss_legendre(OVERSAMPLING * L)


@lru_cache(maxsize=2)
def _bank(L: int) -> st.WaveletBank:
    return st.WaveletBank(L, min(min(triple) for triple in TRIPLES))


def standardised(alm: NDArray) -> NDArray[np.complex128]:
    """The signal without its mean, divided by its standard deviation over the sphere."""
    alm = np.where(st.degrees(st.band_limit(alm)) == 0, 0, alm)
    return alm * np.sqrt(4 * np.pi) / st.norm(alm)


def quantiles(samples: NDArray, share: NDArray) -> NDArray[np.float64]:
    """Values below which the signal is on the shares `QUANTILES` of the sphere."""
    order = np.argsort(samples, axis=None)
    covered = np.cumsum(share.ravel()[order])
    return np.interp(QUANTILES, covered, samples.ravel()[order])


def length(samples: NDArray, slope: NDArray, share: NDArray, level: float) -> float:
    r"""Length of the contours, in radians, averaged over levels within 1/8 of one.

    .. math:: \ell(\nu) = \frac{1}{\Delta} \int_{|f - \nu| < \Delta/2} |\nabla f| \, d\omega

    by the coarea formula; exact but for the quadrature.
    """
    near = np.abs(samples - level) < _AROUND
    return float(4 * np.pi * (share * slope)[near].sum() / (2 * _AROUND))


def euler(above: NDArray[np.bool_]) -> int:
    """Euler characteristic, pieces minus holes, of a set of samples on rings.

    Samples are the corners of squares, and the first and the last ring surround one more face
    each: corners minus edges plus faces of what lies in the set as a whole.
    """
    east = above & np.roll(above, -1, axis=1)
    south = above[1:] & above[:-1]
    squares = east[1:] & east[:-1]
    caps = np.count_nonzero(above[[0, -1]].all(axis=1))
    corners, edges = np.count_nonzero(above), np.count_nonzero(east) + np.count_nonzero(south)
    return int(corners - edges + np.count_nonzero(squares) + caps)


def bispectrum(alm: NDArray, grid: st.Grid, share: NDArray) -> NDArray[np.float64]:
    r"""Means of products of three wavelet coefficients, each divided by its RMS.

    :math:`\langle W_i W_j W_k \rangle / (\sigma_i \sigma_j \sigma_k)` for the scales of
    `TRIPLES`: bispectra, summed over bands of degrees. With equal scales it is a skewness.
    """
    bank = _bank(st.band_limit(alm))
    W = {}
    for j in bank:
        wavelet = st.inverse(bank.window(j)[st.degrees(bank.L)] * alm, grid, n_threads=1)
        W[j] = wavelet / np.sqrt((share * wavelet**2).sum())
    return np.array([(share * W[i] * W[j] * W[k]).sum() for i, j, k in TRIPLES])


def peaks(samples: NDArray, level: float) -> int:
    """Number of samples above a level and above their eight neighbours, also across the poles."""
    half = samples.shape[1] // 2
    rows = np.concatenate(
        [np.roll(samples[:1], half, axis=1), samples, np.roll(samples[-1:], half, axis=1)]
    )
    columns = [np.roll(rows, shift, axis=1) for shift in (-1, 0, 1)]
    n = len(samples)
    around = [
        column[k : k + n] for i, column in enumerate(columns) for k in range(3) if (i, k) != (1, 1)
    ]
    return int(np.count_nonzero((samples > level) & (samples > np.max(around, axis=0))))
