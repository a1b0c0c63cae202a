"""From what is measured of maps to numbers that simulations can be compared by."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sphere_toolkit.scattering.paths import path_name

from .skies import N_PATHS, N_SCALES, SCATTER, L

BINS = (2, 4, 6, 9, 13, 18, 24, 32, 40, 48, 56, L)
"""Edges of the bins of the pseudo-spectrum, degrees."""
_PATHS = SCATTER.paths
_DEEP = [row for row, path in enumerate(_PATHS) if path]
_FIRST = [[path[0] for path in _PATHS if len(path) == 1].index(_PATHS[row][0]) for row in _DEEP]
NAMES = {
    "levels": [f"mean ({path_name(_PATHS[row])})" for row in _DEEP]
    + [f"second moment ({path_name(path)})" for path in _PATHS],
    "shape": [f"mean / size ({path_name(_PATHS[row])})" for row in _DEEP]
    + [f"variance / mean^2 ({path_name(_PATHS[row])})" for row in _DEEP],
    "spectrum": [f"degrees {a} to {b - 1}" for a, b in pairwise(BINS)],
}
"""Of every statistic of the sets."""
NAMES["shape_given_spectrum"] = NAMES["shape"]
Features = dict[str, NDArray[np.float64]]
AMPLITUDE = np.repeat([0.5, 1.0], [len(_DEEP), N_PATHS])
"""How ``levels`` change with the logarithm of the power of the map."""


def features(raw: NDArray) -> Features:
    r"""The statistics of maps, of what `experiments.wmap.skies.raw` gives; all are logarithms.

    levels
        :math:`\log \langle S_p \rangle` for every path but the empty one, whose mean is a monopole,
        and :math:`\log \langle S_p^2 \rangle`. They grow with the power of the sky.
    shape
        :math:`\log \langle S_p \rangle / \langle W_j^2 \rangle^{1/2}` with the wavelet coefficients
        of the first scale of the path, and :math:`\log (\langle S_p^2 \rangle / \langle S_p
        \rangle^2 - 1)`. A factor on the map cancels.
    spectrum
        The pseudo-spectrum, averaged over the modes of a bin.

    Parameters
    ----------
    raw : array (..., N_RAW)

    Returns
    -------
    dict from the names of the sets to arrays (..., n)
    """
    means, squares, sizes, spectrum = np.split(
        raw, np.cumsum([N_PATHS, N_PATHS, N_SCALES]), axis=-1
    )
    means, deep = means[..., _DEEP], squares[..., _DEEP]
    modes = 2 * np.arange(L) + 1
    bins = [(spectrum * modes)[..., a:b].sum(axis=-1) / modes[a:b].sum() for a, b in pairwise(BINS)]
    with np.errstate(divide="ignore"):  # of a whole sky the empty path may be left with nothing
        return {
            "levels": np.log(np.concatenate([means, squares], axis=-1)),
            "shape": np.log(
                np.concatenate([means / np.sqrt(sizes[..., _FIRST]), deep / means**2 - 1], axis=-1)
            ),
            "spectrum": np.log(np.stack(bins, axis=-1)),
        }


def given_spectrum(simulated: Features) -> Callable[[Features], Features]:
    """Adds ``shape_given_spectrum``: ``shape`` without what the pseudo-spectrum tells of it.

    The linear regression of one on the other is that of the first half of the simulations.
    """
    shape, spectrum = (np.array_split(simulated[name], 2)[0] for name in ("shape", "spectrum"))
    usual = spectrum.mean(axis=0)
    slope = np.linalg.lstsq(spectrum - usual, shape - shape.mean(axis=0), rcond=None)[0]

    def added(some: Features) -> Features:
        rest = some["shape"] - (some["spectrum"] - usual) @ slope
        return {**some, "shape_given_spectrum": rest}

    return added


class Null(NamedTuple):
    """What Gaussian skies give: the first half says what is expected, the other what is usual.

    Attributes
    ----------
    mean, error : array (n,)
        Of the first half; the standard deviation.
    inverse : array (n, n)
        Of the covariance of the first half, with the factor of Hartlap et al. 2007.
    others : array (m, n)
        The second half.
    nuisance : array (n,) or None
        A direction in which nothing is asked.
    """

    mean: NDArray[np.float64]
    error: NDArray[np.float64]
    inverse: NDArray[np.float64]
    others: NDArray[np.float64]
    nuisance: NDArray[np.float64] | None

    @classmethod
    def of(cls, simulations: NDArray, nuisance: NDArray | None = None) -> Null:
        """From the statistics of all simulations, ``(2 m, n)``."""
        first, others = np.array_split(simulations, 2)
        inverse = np.linalg.inv(np.cov(first.T)) * (len(first) - first.shape[1] - 2)
        inverse /= len(first) - 1
        return cls(first.mean(axis=0), first.std(axis=0, ddof=1), inverse, others, nuisance)

    def chi2(self, values: NDArray) -> NDArray[np.float64]:
        """Distance of statistics ``(..., n)`` from what is expected."""
        apart = values - self.mean
        out = np.einsum("...i,ij,...j->...", apart, self.inverse, apart)
        if self.nuisance is not None:
            along = self.inverse @ self.nuisance
            out -= (apart @ along) ** 2 / (self.nuisance @ along)
        return np.asarray(out)

    def largest(self, values: NDArray) -> NDArray[np.float64]:
        """The largest of the deviations, in standard deviations of each statistic."""
        return np.abs((values - self.mean) / self.error).max(axis=-1)

    def along(self, values: NDArray) -> tuple[float, float]:
        """How far statistics lie along the nuisance, and the error of that."""
        assert self.nuisance is not None
        weight = self.inverse @ self.nuisance
        norm = float(self.nuisance @ weight)
        return float((values - self.mean) @ weight) / norm, norm**-0.5


def upper(value: NDArray | float, simulated: NDArray) -> NDArray[np.float64]:
    """p-value: the share of simulated values as large, the one that is asked about counted in."""
    ordered = np.sort(simulated)
    below = np.searchsorted(ordered, value, side="left")
    return np.asarray((len(ordered) - below + 1) / (len(ordered) + 1))


def two_sided(value: float, simulated: NDArray) -> float:
    """p-value of a statistic that may be too large or too small: twice the smaller tail."""
    return min(1.0, 2 * float(min(upper(value, simulated), upper(-value, -simulated))))


def compared(values: NDArray, simulations: NDArray, name: str, null: Null) -> dict[str, Any]:
    """One set of statistics of a map against simulations ``(2 m, n)``, ready for JSON."""
    mean, error = simulations.mean(axis=0), simulations.std(axis=0, ddof=1)
    each = [
        {
            "statistic": label,
            "measured": round(float(value), 4),
            "expected": round(float(m), 4),
            "standard_deviation": round(float(s), 4),
            "z": round(float((value - m) / s), 2),
            "p": round(two_sided(float(value), some), 4),
        }
        for label, value, m, s, some in zip(
            NAMES[name], values, mean, error, simulations.T, strict=True
        )
    ]
    chi2, largest = float(null.chi2(values)), float(null.largest(values))
    return {
        "statistics": each,
        "degrees_of_freedom": len(values) - (null.nuisance is not None),
        "chi2": round(chi2, 2),
        "p_chi2": round(float(upper(chi2, null.chi2(null.others))), 4),
        "largest_deviation": round(largest, 2),
        "p_largest_deviation": round(float(upper(largest, null.largest(null.others))), 4),
    }
