"""How far wavelets reach over the sphere, by their energy."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.polynomial.legendre import legval, legvander
from numpy.typing import NDArray

from .._util import checks
from ..sphere.grids.rings import areas, colatitudes
from .zonal import WaveletBank, as_bank

# Angles at which a wavelet is looked at, for each degree it has.
_ANGLES_PER_DEGREE = 16
_ANGLES_AT_ONCE = 64


def reach(bank: WaveletBank, scale: int | None, share: float = 0.99) -> float:
    r"""The angle around its centre that holds a share of a wavelet's energy.

    .. math:: \int_{\theta < r} \psi_j^2\, d\omega = \text{share} \int \psi_j^2\, d\omega

    Parameters
    ----------
    bank : WaveletBank
    scale : int or None
        One of ``bank.scales``, or None for the scaling function.
    share : float, default 0.99
        Above 0 and below 1.

    Returns
    -------
    float
        Radians.

    Raises
    ------
    TypeError, ValueError
        ``bank`` is none, it has no such scale, or ``share`` is out of range.

    Notes
    -----
    The band-limit cuts the window of each scale with ``lam ** (j + 1) > L``: of the finest, and of
    the one before it unless ``L`` is a power of ``lam``. A wavelet whose window is not small there
    rings, and its last percent reaches as far as that of much coarser scales.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> bank = st.WaveletBank(256, J_min=3)
    >>> [round(np.degrees(st.masks.reach(bank, j)).item(), 1) for j in (3, 4, 5, 6)]
    [47.5, 26.6, 13.4, 6.7]
    """
    window = _window(as_bank(bank), scale)
    share = checks.real("share", share, above=0, below=1)
    theta = np.linspace(0, np.pi, _ANGLES_PER_DEGREE * len(window) + 1)
    energy = np.square(legval(np.cos((theta[1:] + theta[:-1]) / 2), _profile(window)))
    inside = np.cumsum(energy * -np.diff(np.cos(theta)))
    return float(np.interp(share, inside / inside[-1], theta[1:]))


@lru_cache(maxsize=64)
def energy_kernel(
    bank: WaveletBank, scale: int | None, most: int | None = None
) -> NDArray[np.float64]:
    """Window on the degrees that averages with the square of a wavelet; 1 at degree 0. Read-only.

    Of shape ``(2 B - 1,)``, B the first degree that the wavelet has not, or of the first ``most``
    of these degrees. Exact.
    """
    profile = _profile(_window(bank, scale))
    nodes = 2 * len(profile)
    x = np.cos(colatitudes("gauss-legendre", nodes))
    energy = areas("gauss-legendre", nodes) * np.square(legval(x, profile))
    kernel = np.zeros(min(2 * len(profile) - 1, most or nodes))
    for i in range(0, len(x), _ANGLES_AT_ONCE):
        some = slice(i, i + _ANGLES_AT_ONCE)
        kernel += energy[some] @ legvander(x[some], len(kernel) - 1)
    kernel /= kernel[0]
    kernel.flags.writeable = False
    return kernel


def _window(bank: WaveletBank, scale: int | None) -> NDArray[np.float64]:
    if scale is None:
        return bank.scaling[: bank.scaling_band_limit]
    return bank.window(scale)[: bank.band_limit(scale)]


def _profile(window: NDArray) -> NDArray[np.float64]:
    """Legendre series of a wavelet around its centre."""
    return (2 * np.arange(len(window)) + 1) * window
