"""Simple shapes."""

from __future__ import annotations

from collections.abc import Sequence

import ducc0
import numpy as np
from numpy.typing import NDArray

from .._util import checks
from ..sphere.coefficients import degrees


def spots(
    L: int,
    positions: Sequence[tuple[float, float]] = ((0.6, 0.5), (1.4, 2.6), (2.2, 4.7)),
    width: float = 0.1,
) -> NDArray[np.complex128]:
    r"""Round spots: the heat kernel of standard deviation ``width`` at each position.

    .. math:: f_{\ell m} = 2\pi\sigma^2 \sum_i e^{-\ell(\ell+1)\sigma^2/2}\, Y^*_{\ell m}(\omega_i)

    Parameters
    ----------
    L : int
        Band-limit.
    positions : sequence of (colatitude, longitude)
        Radians.
    width : float, default 0.1
        Standard deviation :math:`\sigma` in radians; the peak is close to 1 while it is small.

    Returns
    -------
    array (L(L+1)/2,), complex128
        Exact coefficients, cut at L (3e-2 of the peak is lost at ``L = 2.6 / width``).

    Raises
    ------
    TypeError, ValueError
        A position is not a pair with a colatitude in [0, pi]; ``width`` is not positive.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.signals.spots(32, positions=[(0.0, 0.0)], width=0.2)  # one, on the north pole
    >>> st.inverse(alm, st.Grid.gauss_legendre(32)).max(axis=1).argmax().item()  # the first ring
    0
    """
    L = checks.integer("L", L, 1)
    where = checks.numeric("positions", positions).astype(np.float64)
    if where.ndim != 2 or where.shape[1] != 2 or len(where) == 0:
        raise ValueError(f"positions must have shape (n, 2) with n >= 1, got {where.shape}")
    checks.finite("positions", where)
    if where[:, 0].min() < 0 or where[:, 0].max() > np.pi:
        raise ValueError(f"colatitudes must lie in [0, pi], got {where[:, 0].tolist()}")
    where[:, 1] %= 2 * np.pi
    alm = ducc0.sht.adjoint_synthesis_general(
        map=np.ones((1, len(where))), loc=where, spin=0, lmax=L - 1, epsilon=1e-13
    )[0]
    alm[:L].imag = 0  # rounding
    return alm * _heat(L, width)


def ring(L: int, colatitude: float = 1.0, width: float = 0.08) -> NDArray[np.complex128]:
    r"""A ring around the north pole: the average of `spots` over all longitudes, of height 1.

    Parameters
    ----------
    L : int
        Band-limit.
    colatitude : float, default 1.0
        Of the ring's crest, radians.
    width : float, default 0.08
        Standard deviation in radians; the height is close to 1 while it is small.

    Returns
    -------
    array (L(L+1)/2,), complex128
        Exact coefficients of order 0, cut at L; all others are zero.

    Raises
    ------
    TypeError, ValueError
        ``colatitude`` lies outside (0, pi), ``width`` is not positive.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.signals.ring(32, colatitude=1.0, width=0.2)
    >>> bool(abs(alm[st.orders(32) > 0]).max() == 0)  # the same at all longitudes
    True
    """
    colatitude = checks.real("colatitude", colatitude, above=0, below=np.pi)
    alm = spots(L, [(colatitude, 0.0)], width)
    alm[L:] = 0
    return alm * np.sqrt(2 * np.pi) * np.sin(colatitude) / width


def _heat(L: int, width: float) -> NDArray[np.float64]:
    width = checks.real("width", width, above=0)
    ell = degrees(L)
    return 2 * np.pi * width**2 * np.exp(-ell * (ell + 1) * width**2 / 2)
