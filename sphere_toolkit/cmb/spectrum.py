"""The angular power spectrum of the standard model, and Gaussian skies that have it."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from .. import data, signals
from .._util import checks

MAX_L = 4097


def angular_power_spectrum(L: int, lensed: bool = False) -> NDArray[np.float64]:
    r"""Temperature power spectrum :math:`C_\ell` of the standard cosmological model.

    Parameters
    ----------
    L : int
        Band-limit, at most 4097.
    lensed : bool, default False
        Include gravitational lensing.

    Returns
    -------
    array (L,), float64
        Microkelvin squared; :math:`C_\ell` itself, without the customary factor
        :math:`\ell(\ell+1)/2\pi`. Monopole and dipole are zero.

    Raises
    ------
    TypeError, ValueError
        ``L`` is not an integer in 1..4097; ``lensed`` is not a bool.

    Notes
    -----
    Computed with CAMB 2.0.5 (Lewis, Challinor & Lasenby 2000) for the mean parameters of
    Planck 2018 VI (arXiv:1807.06209); the data folder's README has them all.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> ell = np.arange(2, 1024)
    >>> D = (ell * (ell + 1) / (2 * np.pi)) * st.cmb.angular_power_spectrum(1024)[2:]
    >>> print(f"first peak at degree {ell[D.argmax()]}")
    first peak at degree 221
    """
    L = checks.integer("L", L, 1, maximum=MAX_L)
    if not isinstance(lensed, bool):
        raise TypeError(f"lensed must be True or False, got {lensed!r}")
    return _table()[:L, 1 if lensed else 2].copy()


def gaussian(L: int, seed: checks.Seed = None, n: int | None = None) -> NDArray[np.complex128]:
    """Gaussian CMB temperature skies with the spectrum of `angular_power_spectrum`.

    Parameters
    ----------
    L : int
        Band-limit, at most 4097.
    seed, n
        As in `sphere_toolkit.signals.gaussian`.

    Returns
    -------
    array ([n,] L(L+1)/2), complex128
        Microkelvin. Monopole and dipole are zero.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> sky = st.cmb.gaussian(64, seed=1)
    >>> float(st.energy(sky)) / (4 * 3.14159) > 1000  # mean square, in microkelvin squared
    True
    """
    return signals.gaussian(angular_power_spectrum(L), seed, n)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.float64]:
    return np.loadtxt(BytesIO(data.read("cl_planck2018_lcdm_tt.txt")))
