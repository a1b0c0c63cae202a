"""How far a deformation moves a signal, and what describes it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from ..sphere.coefficients import one_signal
from ..sphere.deformations import deform
from ..sphere.spectra import energy, norm, power_spectrum
from .transform import ScatteringTransform


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
        Of the scattering coefficients of all paths: maps, which know places.
    means : float
        Of the means of these maps over the sphere, one for each path, which know no places. NaN
        where all means are zero, as for a signal of a degree that no wavelet sees.
    """

    signal: float
    amplitudes: float
    spectrum: float
    scattering: float
    means: float


def deformation_distances(
    alm: ArrayLike, scatter: ScatteringTransform, size: float, potential: ArrayLike | None = None
) -> DeformationDistances:
    r"""How far a small deformation moves a signal, seen in five ways.

    Each is :math:`\lVert F(D f) - F(f) \rVert / \lVert F(f) \rVert`, with :math:`F` one way to
    describe a signal and :math:`D` the deformation `deform`.

    Parameters
    ----------
    alm, size, potential
        As for `deform`, but of one signal.
    scatter : ScatteringTransform
        Of the band-limit of the signal.

    Returns
    -------
    DeformationDistances

    Raises
    ------
    TypeError, ValueError
        As `deform`; ``alm`` is no single signal, or zero.

    Notes
    -----
    The deformed signal is cut at the band-limit of the signal: what a deformation moves beyond it
    is not part of any distance.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> noise = st.signals.band_limited_noise(64, 1)
    >>> scatter = st.ScatteringTransform(64, J_min=3)
    >>> d = st.scattering.deformation_distances(noise, scatter, 0.05)
    >>> print(f"signal {d.signal:.2f}, scattering {d.scattering:.2f}")
    signal 0.75, scattering 0.06
    """
    checks.instance("scatter", scatter, ScatteringTransform)
    alm = one_signal(alm, scatter.L)
    if not energy(alm) > 0:
        raise ValueError("alm is zero everywhere: there are no relative distances")
    before = describe(alm, scatter)
    return distances(before, describe(deform(alm, size, potential), scatter))


class Description(NamedTuple):
    """What is compared of one signal, of `describe`."""

    alm: NDArray[np.complex128]
    roots: NDArray[np.float64]
    scattered: NDArray[np.complex128]


def describe(alm: NDArray[np.complex128], scatter: ScatteringTransform) -> Description:
    """Coefficients, roots of the energies per degree, and scattering coefficients; no checks."""
    roots = np.sqrt((2 * np.arange(scatter.L) + 1) * power_spectrum(alm))
    return Description(alm, roots, scatter(alm).alm)


def distances(before: Description, after: Description) -> DeformationDistances:
    """The relative distances between two signals that `describe` has described."""
    size = norm(before.alm)
    amplitudes = (np.abs(after.alm) - np.abs(before.alm)).astype(np.complex128)
    scattered = energy(after.scattered - before.scattered).sum() / energy(before.scattered).sum()
    means, moved = (one.scattered[:, 0].real for one in (before, after))  # times a factor
    of_means = (means**2).sum()
    return DeformationDistances(
        signal=float(norm(after.alm - before.alm) / size),
        amplitudes=float(norm(amplitudes) / size),
        spectrum=float(np.sqrt(((after.roots - before.roots) ** 2).sum()) / size),
        scattering=float(np.sqrt(scattered)),
        means=float(np.sqrt(((moved - means) ** 2).sum() / of_means)) if of_means else np.nan,
    )
