"""How a directional wavelet depends on direction: its weights at the orders ``n``."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

KINDS = ("complex", "steerable")


def one_sided_shares(N: int, L: int, spin: int = 0) -> NDArray[np.float64]:
    r"""Share of the energy at each order of a complex, one-sided wavelet.

    .. math:: \binom{2N-2}{N-1+n} \Big/ \sum_{|k + s| \le \ell} \binom{2N-2}{N-1+k},
              \qquad |n + s| \le \ell

    for a signal of spin s, which the order n takes to the spin n + s. A signal has no degrees below
    its spin: there the others have all of the energy.

    Parameters
    ----------
    N : int
        Azimuthal band-limit, at least 1.
    L : int
        Band-limit.
    spin : int, default 0

    Returns
    -------
    array (2N - 1, L), float64
        For n from -N + 1 to N - 1; the sum is 1 at every degree from ``spin`` on.
    """
    n = np.arange(-N + 1, N)
    binomials = np.array([comb(2 * N - 2, N - 1 + k) for k in n], np.float64)
    shares = np.where(np.arange(L) >= np.abs(n + spin)[:, None], binomials[:, None], 0.0)
    total = shares.sum(axis=0)
    return np.divide(shares, total, out=shares, where=total > 0)


def angular_weights(kind: str, N: int, L: int) -> NDArray[np.float64]:
    r"""Weights of a wavelet, equal at :math:`n` and :math:`-n`.

    Those of a "complex", one-sided wavelet are the roots of `one_sided_shares`. Those of a
    "steerable" one are

    .. math:: |\zeta_{\ell n}|^2 = 2^{-p} \binom{p}{(p - n) / 2}, \qquad
              p = \min\Bigl(N - 1,\ \ell - \tfrac{1 + (-1)^{N + \ell}}{2}\Bigr)

    where :math:`n` has the parity of :math:`N - 1`, and 0 where it has not. The squares of all
    :math:`|n| < N` sum to 1 at every degree but :math:`\ell = 0` of an even ``N``.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    N : int
        Azimuthal band-limit, at least 1.
    L : int
        Band-limit.

    Returns
    -------
    array (N, L), float64
        For :math:`n \ge 0`.

    Notes
    -----
    Source: McEwen et al. 2015, the directionality component that makes wavelets steerable.
    """
    if kind == "complex":
        return np.sqrt(one_sided_shares(N, L)[N - 1 :])
    weights = np.zeros((N, L))
    for ell in range(L):
        p = min(N - 1, ell - (N + ell + 1) % 2)
        for n in range(p % 2, p + 1, 2):
            weights[n, ell] = np.sqrt(comb(p, (p - n) // 2) / 2**p)
    return weights


def multiplicity(spins: tuple[int, ...]) -> NDArray[np.float64]:
    """How many of the orders ``n`` and ``-n`` there are."""
    return np.array([2.0 if n else 1.0 for n in spins])


def phase(kind: str, N: int, n: int) -> complex:
    """1, i, -1 or -i: it makes ``f_1 + i f_2`` of spin ``n > 0`` a component of a response.

    The minus sign undoes that of the spin convention.
    """
    if kind == "complex":
        return (-1, -1j, 1, 1j)[n % 4]
    return -1 if N % 2 else -1j
