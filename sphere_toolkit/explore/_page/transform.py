"""The scattering network of a page: as `ScatteringTransform`, on the grids that a page can use."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, log2

from ...scattering import ScatteringTransform
from ...scattering.nonlinearities import NONLINEARITIES as ALL
from ...scattering.nonlinearities import Nonlinearity
from ...wavelets import WaveletBank

NONLINEARITIES = tuple(ALL)
"""Their names; nonlinearity.js computes each of them."""
_MIN_RINGS = 8  # sht.js works on rings in blocks


class PageTransform(ScatteringTransform):
    """A `ScatteringTransform` whose nonlinearity is taken on powers of two of rings.

    The two are the same where ``L``, ``lam`` and the oversampling are powers of two; but a
    `LocalRMS` has a finer grid here, and less aliasing.
    """

    def _n_rings(self, rho: Nonlinearity, L: int, L_analysed: int) -> int:
        """As scattering.js chooses it."""
        return rings(L, self.oversampling)


def rings(band_limit: int, oversampling: float) -> int:
    """The power of two at or above ``oversampling * band_limit``, at least 8."""
    return max(_MIN_RINGS, 1 << ceil(log2(oversampling * band_limit) - 1e-9))


@lru_cache(maxsize=16)
def page_transform(
    bank: WaveletBank,
    depth: int,
    oversampling: float,
    nonlinearity: str = "modulus",
    directions: int = 1,
) -> PageTransform:
    """The network of a bank, kept from one call to the next."""
    return PageTransform(
        bank.L,
        bank.J_min,
        depth,
        bank.lam,
        oversampling,
        nonlinearity=nonlinearity,
        directions=directions,
        n_threads=1,
    )
