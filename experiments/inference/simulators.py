r"""Simulators of one parameter each, with the derivative of a sky, and their direct estimators.

Skies are whitened: every degree from 2 on has the expected power 1. Random numbers are held while
the parameter changes, so that a sky is a smooth function of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import sphere_toolkit as st

L = 64
SPECTRUM = st.cmb.angular_power_spectrum(L)
# Of degrees without power: infinite, so that they stay zero.
_ROOT = np.sqrt(np.where(SPECTRUM > 0, SPECTRUM, np.inf))[st.degrees(L)]
_WHITE = (SPECTRUM > 0).astype(float)
Draw = Callable[[float, np.random.Generator], tuple[NDArray, NDArray]]


class Simulator(NamedTuple):
    """A simulator of one parameter.

    Attributes
    ----------
    parameter, estimator : str
        What is estimated, and the name of the direct estimator.
    draw : callable (value, rng) -> alm, derivative
        A whitened sky, and its derivative by the parameter.
    direct : callable (alm) -> number
        Of a whitened sky; its mean over skies grows with the parameter.
    nodes : tuple of float
        Where means over skies are simulated. The middle one is the fiducial value; an estimate
        lies between the first and the last.
    truths : tuple of float
        Of the skies on which estimates are scored.
    """

    parameter: str
    estimator: str
    draw: Draw
    direct: Callable[[NDArray], float]
    nodes: tuple[float, ...]
    truths: tuple[float, ...]


@lru_cache(maxsize=1)
def _local() -> tuple[st.cmb.LocalNonGaussianity, st.cmb.KSW]:
    return st.cmb.LocalNonGaussianity(L), st.cmb.KSW(L)


def ksw_error() -> float:
    """Standard deviation of the optimal estimate of f_NL."""
    return _local()[1].error


def _skewed(f_nl: float, rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    gaussian, quadratic = (part / _ROOT for part in _local()[0](rng))
    return gaussian + f_nl * quadratic, quadratic


def _kicked(N: int, f: float, rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    seed = int(rng.integers(2**63))
    gaussian, kicks = (st.cmb.poisson_sources(L, share, N, seed) / _ROOT for share in (0, 1))
    derivative = kicks / np.sqrt(f) - gaussian / np.sqrt(1 - f)
    return np.sqrt(1 - f) * gaussian + np.sqrt(f) * kicks, derivative / 2


def _f_nl(alm: NDArray) -> float:
    return float(_local()[1](alm * np.where(np.isfinite(_ROOT), _ROOT, 0)))


def _kurtosis(alm: NDArray) -> float:
    return float(st.cmb.whitened_kurtosis(alm, _WHITE))


def _kicks(N: int) -> Simulator:
    return Simulator("f", "kurtosis", partial(_kicked, N), _kurtosis, (0.1, 0.35, 0.6), (0.3, 0.4))


SIMULATORS = {
    "local f_NL": Simulator("f_NL", "KSW", _skewed, _f_nl, (-800, 0, 800), (0, 300)),
    "2000 kicks": _kicks(2000),
    "100 kicks": _kicks(100),
}
"""By name: skies with local f_NL, and with a share f of their power from point sources."""
