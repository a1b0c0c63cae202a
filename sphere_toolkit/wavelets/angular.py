"""How a directional wavelet depends on direction: its weights at the orders ``n``."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

KINDS = ("complex", "steerable")


def one_sided_weights(N: int, L: int) -> NDArray[np.float64]:
    r"""Weights of a complex, one-sided wavelet, equal at :math:`n` and :math:`-n`.

    .. math:: d_{\ell n}^2 = \binom{2N-2}{N-1+n} \Big/ \sum_{|k| \le \min(\ell, N-1)}
              \binom{2N-2}{N-1+k}, \qquad |n| \le \min(\ell, N-1)

    so that the squares of all :math:`|n| < N` sum to 1 at every degree.

    Parameters
    ----------
    N : int
        Azimuthal band-limit, at least 1.
    L : int
        Band-limit.

    Returns
    -------
    array (N, L), float64
        :math:`d_{\ell n}` for :math:`n \ge 0`.
    """
    binomials = np.array([comb(2 * N - 2, N - 1 + n) for n in range(N)], np.float64)
    squares = np.where(np.arange(L) >= np.arange(N)[:, None], binomials[:, None], 0.0)
    return np.sqrt(squares / (2 * squares.sum(axis=0) - squares[0]))


def steerable_weights(N: int, L: int) -> NDArray[np.float64]:
    r"""Weights of a steerable wavelet, equal at :math:`n` and :math:`-n`.

    .. math:: |\zeta_{\ell n}|^2 = 2^{-p} \binom{p}{(p - n) / 2}, \qquad
              p = \min\Bigl(N - 1,\ \ell - \tfrac{1 + (-1)^{N + \ell}}{2}\Bigr)

    where :math:`n` has the parity of :math:`N - 1`, and 0 where it has not. The squares of all
    :math:`|n| < N` sum to 1 at every degree but :math:`\ell = 0` of an even ``N``.

    Parameters
    ----------
    N : int
        Azimuthal band-limit, at least 1.
    L : int
        Band-limit.

    Returns
    -------
    array (N, L), float64
        :math:`|\zeta_{\ell n}|` for :math:`n \ge 0`.

    Notes
    -----
    Source: McEwen et al. 2015, the directionality component that makes wavelets steerable.
    """
    weights = np.zeros((N, L))
    for ell in range(L):
        p = min(N - 1, ell - (N + ell + 1) % 2)
        for n in range(p % 2, p + 1, 2):
            weights[n, ell] = np.sqrt(comb(p, (p - n) // 2) / 2**p)
    return weights


WEIGHTS = {"complex": one_sided_weights, "steerable": steerable_weights}


def multiplicity(spins: tuple[int, ...]) -> NDArray[np.float64]:
    """How many of the orders ``n`` and ``-n`` there are."""
    return np.array([2.0 if n else 1.0 for n in spins])


def phase(kind: str, N: int, n: int) -> complex:
    """What turns ``f_1 + i f_2`` of the spin-``n`` signal into a Fourier component of a response.

    For ``n > 0`` the minus sign undoes that of the spin convention.
    """
    sign = -1 if n else 1
    if kind == "complex":
        return sign * 1j**n
    return sign * (1 if N % 2 else 1j)
