"""What a bank of wavelets does to a signal, as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..sphere.coefficients import one_signal
from ..sphere.spectra import power_spectrum
from .zonal import WaveletBank, as_bank


def energy_by_scale(alm: ArrayLike, bank: WaveletBank) -> dict[int | None, float]:
    r"""Share of a signal's energy in each of its wavelet coefficients.

    .. math:: E_j = \sum_{\ell m} \kappa_j^2(\ell)\, |f_{\ell m}|^2 \Big/ \|f\|^2

    Parameters
    ----------
    alm : array (L(L+1)/2,), complex
    bank : WaveletBank
        Of the same band-limit.

    Returns
    -------
    dict of int or None to float
        By scale from coarse to fine; ``None``, the first, is the scaling function. They sum to 1,
        for the frame is tight. Exact.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is no single signal of band-limit ``bank.L``, or it has no energy.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> bank = st.WaveletBank(64, J_min=4)
    >>> shares = st.wavelets.energy_by_scale(st.signals.earth_relief(64), bank)
    >>> {j: f"{share:.1%}" for j, share in shares.items()}
    {None: '91.0%', 4: '5.3%', 5: '3.0%', 6: '0.8%'}
    >>> f"{sum(shares.values()):.12f}"
    '1.000000000000'
    """
    alm = one_signal(alm, as_bank(bank).L)
    size = np.abs(alm).max()
    if not size > 0:
        raise ValueError("alm is zero everywhere: it has no energy to share out")
    spectrum = power_spectrum(alm / size)  # a signal may have any unit: its square would overflow
    energy = (2 * np.arange(bank.L) + 1) * spectrum
    windows = {None: bank.scaling} | {j: bank.window(j) for j in bank}
    return {j: float(energy @ window**2 / energy.sum()) for j, window in windows.items()}


def angular_spread(bank: WaveletBank, scale: int | None) -> float:
    r"""How far a wavelet spreads from its centre on the sphere.

    The angle whose cosine is the mean of :math:`\cos\theta`, weighted by the wavelet's square:

    .. math::

        \cos\bar\theta = \frac{\int \psi^2 \cos\theta\, d\omega}{\int \psi^2\, d\omega},
        \qquad \psi_{\ell 0} = \sqrt{\tfrac{2\ell+1}{4\pi}}\, \kappa_j(\ell)

    For a narrow wavelet that is the root mean square of the angle from its centre.

    Parameters
    ----------
    bank : WaveletBank
    scale : int or None
        One of ``bank.scales``, or None for the scaling function.

    Returns
    -------
    float
        Degrees; NaN where no degree lies in the wavelet's band. Exact: :math:`\cos\theta` couples
        neighbouring degrees only.

    Raises
    ------
    TypeError, ValueError
        ``bank`` is no WaveletBank or has no such scale.

    Notes
    -----
    The band-limit cuts the window of each scale with ``lam ** (j + 1) > L``: of the finest, and of
    the one before it unless ``L`` is a power of ``lam``. Where the window is not small there, the
    wavelet spreads far.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> bank = st.WaveletBank(128)
    >>> [f"{st.wavelets.angular_spread(bank, j):.1f}" for j in (3, 4, 5)]
    ['15.9', '8.1', '4.1']
    >>> bank = st.WaveletBank(180)  # no power of two: the scales 7 and 8 are cut
    >>> [f"{st.wavelets.angular_spread(bank, j):.1f}" for j in (5, 6, 7, 8)]
    ['4.1', '2.0', '6.1', '16.0']
    """
    as_bank(bank)
    ell = np.arange(bank.L)
    window = bank.scaling if scale is None else bank.window(scale)
    values = np.sqrt(2 * ell + 1) * window
    if not values.any():
        return float("nan")
    coupling = ell[1:] / np.sqrt(4.0 * ell[1:] ** 2 - 1)
    mean = 2 * (coupling * values[1:] * values[:-1]).sum() / (values**2).sum()
    return float(np.degrees(np.arccos(np.clip(mean, -1, 1))))
