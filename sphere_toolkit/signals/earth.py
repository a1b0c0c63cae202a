"""The Earth's relief."""

from __future__ import annotations

from functools import lru_cache

import ducc0
import numpy as np
from numpy.typing import NDArray

from .. import data
from .._util import checks
from ..sphere.coefficients import truncate

EARTH_MAX_L = 270


def earth_relief(L: int) -> NDArray[np.complex128]:
    """The Earth's relief: height of the land and depth of the sea, in metres.

    Parameters
    ----------
    L : int
        Band-limit, at most 270.

    Returns
    -------
    array (L(L+1)/2,), complex128
        Metres above sea level, negative below it. The north pole is at colatitude 0, Greenwich at
        longitude 0.

    Raises
    ------
    TypeError, ValueError
        ``L`` is not an integer in 1..270.

    Notes
    -----
    Every fourth sample of ETOPO5 (NOAA, public domain): 541 x 1080 samples, 20 arc minutes apart.
    They form a Clenshaw-Curtis grid with both poles, on which the analysis is exact for signals of
    band-limit up to 270. The relief is finer than that, and its higher degrees alias.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.signals.earth_relief(64)
    >>> mean_height = alm[0].real / (4 * 3.141592653589793) ** 0.5
    >>> print(f"{mean_height:.0f} m")
    -2388 m
    """
    L = checks.integer("L", L, 1, maximum=EARTH_MAX_L)
    return truncate(_earth_relief(), L)


@lru_cache(maxsize=1)
def _earth_relief() -> NDArray[np.complex128]:
    heights = np.ascontiguousarray(data.earth_heights()[::-1], dtype=np.float64)
    alm = ducc0.sht.analysis_2d(map=heights[None], spin=0, lmax=EARTH_MAX_L - 1, geometry="CC")[0]
    alm[:EARTH_MAX_L].imag = 0  # rounding
    alm.flags.writeable = False
    return alm
