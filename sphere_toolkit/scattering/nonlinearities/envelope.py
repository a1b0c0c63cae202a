"""The Riesz envelope."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..._util import checks
from ...wavelets.angular import one_sided_shares
from .base import Part
from .fused import RootOfSquares

_MAX_ORDER = 8


@dataclass(frozen=True)
class Envelope(RootOfSquares):
    r"""The Riesz envelope: the modulus of a wave without its kinks.

    With :math:`W_n` the signal of spin n that has the harmonic coefficients of the wavelet
    coefficients W (their n-th Riesz transform),

    .. math::

        U = \Big(\sum_{n=0}^{N} c_n |W_n|^2\Big)^{1/2}, \qquad
        c_0 = b_0, \quad c_n = 2 b_n, \quad b_n = \binom{2N}{N+n} \Big/ 4^N .

    It is the root mean square over all directions of the response of a complex, one-sided,
    directional wavelet. The modulus of a real wave hums at twice its frequency and has a kink
    along every zero line; the envelope has neither, for two waves interfere in :math:`U^2` with
    the weight :math:`\cos^{2N}(\Delta/2)`, where :math:`\Delta` is the angle between their
    directions. The order 0 is the modulus, the order 1 the amplitude of the monogenic signal.

    Parameters
    ----------
    order : int, default 1
        N, from 0 to 8. It costs 2 N + 1 syntheses in the place of one.

    Raises
    ------
    TypeError, ValueError
        ``order`` is no integer or out of range.

    Notes
    -----
    :math:`\|U\| = \|W\|`, because every :math:`W_n` has the energy of W; degrees below n, which
    :math:`W_n` lacks, have their weights scaled to a sum of 1. U does not expand distances, because
    it is the norm of a vector at each point; and it commutes with rotations. So it meets what the
    theorems on scattering ask of a nonlinearity.

    It has no band-limit either, but aliases less: for a random signal the spectrum of U falls like
    :math:`\ell^{-(5 + 2N)}`, so the equivariance error like the oversampling to the power
    :math:`-(N + 5/2)`. Chapter 08 of the course derives and measures both.

    Source of the idea: Felsberg & Sommer 2001 (the monogenic signal, in the plane).

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.ScatteringTransform(64, J_min=3, nonlinearity=st.Envelope(2)).nonlinearity
    'envelope(2)'
    """

    order: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", checks.integer("order", self.order, 0, _MAX_ORDER))

    @property
    def name(self) -> str:  # type: ignore[override]
        """``"envelope"`` for the order 1, ``"envelope(2)"`` for the order 2."""
        return "envelope" if self.order == 1 else f"envelope({self.order})"

    def parts(self, L: int, spin: int) -> tuple[Part, ...]:
        """The Riesz transforms."""
        return riesz_parts(self.order, L, spin)


@lru_cache(maxsize=64)
def riesz_parts(order: int, L: int, spin: int = 0) -> tuple[Part, ...]:
    """The Riesz transforms of a signal up to an order, each with the root of its weight.

    Those of a scalar to the spins n and -n have the same modulus and count once; a signal with spin
    goes to all spins from ``spin - order`` to ``spin + order``.
    """
    parts = []
    for n, share in enumerate(one_sided_shares(order + 1, L, spin), start=spin - order):
        if abs(n) >= L or (n < 0 and spin == 0):
            continue
        weight = np.sqrt(2 * share if n and spin == 0 else share)
        if n == 0 and spin:
            parts += [Part(0, weight, slice(i, i + 1)) for i in range(2)]
        else:
            parts.append(Part(abs(n), weight, flipped=n < 0))
    return tuple(parts)
