"""How far a deformation carries a signal, and what is known of it, as numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from .._threads import each
from ..sphere.coefficients import orders
from ..sphere.deformations import deform
from ..sphere.spectra import energy, power_spectrum
from ..wavelets.zonal import WaveletBank
from ._paths import as_single, paths_of, scatter_paths

DEPTH = 2


class DeformationDistances(NamedTuple):
    r"""Relative distances from a signal to its deformation, of `deformation_distances`.

    Attributes
    ----------
    signal : float
        :math:`\lVert D f - f \rVert / \lVert f \rVert`: of the samples, and by Parseval's theorem
        of the harmonic coefficients too.
    amplitudes : float
        Of the absolute values :math:`|f_{\ell m}|` of the harmonic coefficients.
    spectrum : float
        Of the roots of the energies per degree.
    scattering : float
        Of the scattering coefficients of all paths up to length 2.
    """

    signal: float
    amplitudes: float
    spectrum: float
    scattering: float


def deformation_distances(
    alm: ArrayLike, bank: WaveletBank, size: float, potential: ArrayLike | None = None
) -> DeformationDistances:
    r"""How far a small deformation carries a signal, seen in four ways.

    Each is :math:`\lVert F(D f) - F(f) \rVert / \lVert F(f) \rVert`, with :math:`F` one way to
    describe a signal and :math:`D` the deformation `deform`.

    Parameters
    ----------
    alm : array (L(L+1)/2,), complex
        The signal, any unit.
    bank : WaveletBank
        Of the same band-limit; that of the scattering network.
    size, potential
        As for `deform`.

    Returns
    -------
    DeformationDistances

    Raises
    ------
    TypeError, ValueError
        As `deform`; ``alm`` is no single signal, or zero.

    Notes
    -----
    Scattering takes the modulus at an oversampling of 2. The deformed signal is cut at the
    band-limit of the signal: what a deformation moves beyond it is not part of any distance.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> noise = st.signals.band_limited_noise(64, 1)
    >>> d = st.explore.deformation_distances(noise, st.WaveletBank(64, J_min=3), 0.05)
    >>> print(f"signal {d.signal:.2f}, scattering {d.scattering:.2f}")
    signal 0.75, scattering 0.06
    """
    alm = as_single(alm, bank)
    if not energy(alm) > 0:
        raise ValueError("alm is zero everywhere: there are no relative distances")
    before = _descriptions(alm, bank)
    after = _descriptions(deform(alm, size, potential), bank)
    return DeformationDistances(*_distances(before, after))


def distance_curves(
    alms: NDArray[np.complex128], bank: WaveletBank, sizes: NDArray
) -> NDArray[np.float64]:
    """The four distances of several signals at several sizes, ``(n_signals, 4, n_sizes)``."""
    moved = np.stack([deform(alms, float(size)) for size in sizes], axis=1)
    curves = np.empty((len(alms), 4, len(sizes)))

    def one(i: int) -> None:
        before = _descriptions(alms[i], bank)
        for k in range(len(sizes)):
            curves[i, :, k] = _distances(before, _descriptions(moved[i, k], bank))

    each(one, len(alms), _checks.threads(None))
    return curves


def _distances(before: list[NDArray], after: list[NDArray]) -> list[float]:
    return [
        float(np.linalg.norm(b - a) / np.linalg.norm(a)) for a, b in zip(before, after, strict=True)
    ]


def _descriptions(alm: NDArray, bank: WaveletBank) -> list[NDArray]:
    """What is compared, as arrays whose Euclidean distance is meant."""
    both = np.where(orders(bank.L) > 0, np.sqrt(2), 1.0)  # orders m and -m
    degrees = 2 * np.arange(bank.L) + 1
    scattering = scatter_paths(alm, bank, paths_of(bank, DEPTH))
    return [
        both * alm,
        both * np.abs(alm),
        np.sqrt(degrees * power_spectrum(alm)),
        np.where(orders(bank.scaling_band_limit) > 0, np.sqrt(2), 1.0) * scattering,
    ]
