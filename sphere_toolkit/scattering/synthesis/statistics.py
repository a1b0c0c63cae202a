"""Statistics of scattering coefficients that a synthesis can match, with their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...sphere.layouts import alm_to_rows, rows_to_alm
from ..coefficients import ScatteringCoefficients

Pull = Callable[[NDArray], NDArray]


class Statistic(NamedTuple):
    """A vector of numbers of a signal's scattering coefficients.

    Attributes
    ----------
    of : function
        From coefficients ``(n_paths, n)`` to a vector, and the function that turns a gradient
        with respect to it into that with respect to the coefficients.
    size : function
        By what each number is divided before numbers are compared, from the coefficients.
    """

    of: Callable[[NDArray], tuple[NDArray, Pull]]
    size: Callable[[NDArray], NDArray]


def _means(alm: NDArray) -> tuple[NDArray, Pull]:
    def pull(gradient: NDArray) -> NDArray:
        out = np.zeros_like(alm)
        out[:, 0] = gradient / np.sqrt(4 * np.pi)
        return out

    return alm[:, 0].real / np.sqrt(4 * np.pi), pull


def _rms(alm: NDArray) -> NDArray:
    """Of each image over the sphere."""
    return np.sqrt(np.square(alm_to_rows(alm)).sum(axis=1) / (4 * np.pi))


def _moments(alm: NDArray) -> tuple[NDArray, Pull]:
    real = _without_mean(alm)

    def pull(gradient: NDArray) -> NDArray:
        return rows_to_alm(2 * gradient[:, None] * real / (4 * np.pi)).astype(alm.dtype)

    return np.square(real).sum(axis=1) / (4 * np.pi), pull


def _products(alm: NDArray) -> tuple[NDArray, Pull]:
    real = _without_mean(alm)
    p, q = np.triu_indices(len(alm))

    def pull(gradient: NDArray) -> NDArray:
        weights = np.zeros((len(alm), len(alm)))
        weights[p, q] = gradient
        return rows_to_alm((weights + weights.T) @ real / (4 * np.pi)).astype(alm.dtype)

    return (real @ real.T)[p, q] / (4 * np.pi), pull


def _without_mean(alm: NDArray) -> NDArray:
    real = alm_to_rows(alm)
    real[:, 0] = 0
    return real


def _maps(alm: NDArray) -> tuple[NDArray, Pull]:
    real = alm_to_rows(alm) / np.sqrt(4 * np.pi)

    def pull(gradient: NDArray) -> NDArray:
        return rows_to_alm(gradient.reshape(real.shape) / np.sqrt(4 * np.pi)).astype(alm.dtype)

    return real.ravel(), pull


def _size_of_products(alm: NDArray) -> NDArray:
    rms = np.sqrt(_moments(alm)[0])
    p, q = np.triu_indices(len(alm))
    return rms[p] * rms[q]


def _size_of_even_products(alm: NDArray) -> NDArray:
    size = _size_of_products(alm)
    size[1 : len(alm)] = 0  # the first image with the others; what has no size is not matched
    return size


def _size_of_maps(alm: NDArray) -> NDArray:
    real = alm_to_rows(alm)
    return np.repeat(_rms(alm), real.shape[1])


def _joined(*parts: Statistic) -> Statistic:
    def of(alm: NDArray) -> tuple[NDArray, Pull]:
        values, pulls = zip(*(part.of(alm) for part in parts), strict=True)
        ends = np.cumsum([len(value) for value in values])[:-1]

        def pull(gradient: NDArray) -> NDArray:
            pieces = np.split(gradient, ends)
            return sum(pull(piece) for pull, piece in zip(pulls, pieces, strict=True))

        return np.concatenate(values), pull

    return Statistic(of, lambda alm: np.concatenate([part.size(alm) for part in parts]))


_MEANS = Statistic(_means, _rms)

STATISTICS: dict[str, Statistic] = {
    "means": _MEANS,
    "moments": _joined(_MEANS, Statistic(_moments, lambda alm: _moments(alm)[0])),
    "covariances": _joined(_MEANS, Statistic(_products, _size_of_products)),
    "even covariances": _joined(_MEANS, Statistic(_products, _size_of_even_products)),
    "maps": Statistic(_maps, _size_of_maps),
}
"""What `synthesise` can match, by name.

Where the signal changes its sign, so do the mean of the first path, ``()``, and its covariances
with the others, and the first image in ``"maps"``; with an even nonlinearity nothing else changes.
"""


def averaged(statistic: Statistic, S: ScatteringCoefficients) -> tuple[NDArray, NDArray]:
    """The mean of a statistic over a signal or a batch of them, and its size."""
    each = S.alm.reshape(-1, *S.alm.shape[-2:])
    values = np.mean([statistic.of(alm)[0] for alm in each], axis=0)
    return values, np.mean([statistic.size(alm) for alm in each], axis=0)
