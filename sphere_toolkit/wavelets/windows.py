"""The windows of scale-discretised wavelets, and the degrees on which they live."""

from __future__ import annotations

from functools import cache
from math import ceil, floor, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Enough Gauss-Legendre nodes for the smooth, non-analytic integrand at 1e-12; tests hold it.
_QUADRATURE_NODES = 96


def generating_function(
    t: ArrayLike, lam: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r""":math:`k_\lambda(t)` and :math:`1 - k_\lambda(t)`, each from its own integral.

    Parameters
    ----------
    t : array, non-negative
    lam : float
        Above 1.

    Returns
    -------
    tuple of two arrays, shape of ``t``
    """
    t = np.asarray(t, np.float64)
    k, rest = np.asarray(t <= 1 / lam, np.float64), np.asarray(t >= 1, np.float64)
    between = (1 / lam < t) & (t < 1)
    inside = t[between]
    above = _smooth_integral(inside, np.ones_like(inside), lam)
    below = _smooth_integral(np.full_like(inside, 1 / lam), inside, lam)
    k[between], rest[between] = above / (above + below), below / (above + below)
    return k, rest


def _smooth_integral(a: NDArray, b: NDArray, lam: float) -> NDArray:
    r""":math:`\int_a^b s_\lambda^2(t)\, dt / t` for arrays of limits within [1/lam, 1]."""
    nodes, weights = _quadrature()
    half = (b - a)[..., None] / 2
    t = (a + b)[..., None] / 2 + half * nodes
    u = 2 * lam / (lam - 1) * (t - 1 / lam) - 1
    # Where 1 - u^2 < 1e-3 the bump underflows to 0; the bound only keeps it from a division by 0.
    bump = np.exp(-2 / np.maximum(1 - u * u, 1e-3))
    return (half * weights * bump / t).sum(axis=-1)


@cache
def _quadrature() -> tuple[NDArray, NDArray]:
    """Nodes and weights on [-1, 1]; to find them takes far longer than to use them."""
    return np.polynomial.legendre.leggauss(_QUADRATURE_NODES)


def finest_scale(L: int, lam: float) -> int:
    """The smallest J >= 0 with ``lam**J >= L``; a rounded logarithm alone would err at powers."""
    J = max(0, floor(log(L) / log(lam)) - 1)
    while lam**J < L * (1 - 1e-12):
        J += 1
    return J


def exclusive_limit(upper: float, L: int) -> int:
    """One more than the largest degree strictly below ``upper``, at most ``L``, at least 1."""
    nearest = round(upper)
    limit = nearest if abs(upper - nearest) <= 1e-12 * upper else ceil(upper)
    return max(1, min(L, limit))
