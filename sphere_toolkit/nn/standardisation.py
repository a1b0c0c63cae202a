"""Signals brought to one scale before a network sees them, without turning or bending them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from ..sphere.coefficients import as_alm, band_limit, degrees
from ..sphere.spectra import power_spectrum


@dataclass(frozen=True, eq=False)
class Standardisation:
    r"""Every channel and degree at variance 1, as measured on training data.

    .. math:: \tilde a_{c\ell m} = a_{c\ell m} / \sigma_{c\ell} \quad (\ell \ge 1), \qquad
              \tilde a_{c00} = (g_c(a_{c00}) - \mu_c) / \sigma_{c0}

    with one :math:`\sigma` per channel and degree, so that it commutes with rotations exactly;
    the mean of a signal does not turn, so any function :math:`g` of it is allowed: the logarithm
    for channels that are positive, such as the modulus in scattering coefficients.

    Natural signals have spectra that fall over decades, and what has been averaged falls once
    more towards its band-limit. A network sees little of the degrees that are small; after this
    it sees all of them alike.

    Make one with `from_data`.

    Attributes
    ----------
    rms : array (channels, L)
        :math:`\sigma_{c\ell}`; degrees where it is 0 stay 0.
    mean : array (channels,)
        :math:`\mu_c`
    logarithm : bool array (channels,)
        Where :math:`g` is the logarithm of the channel's mean value,
        :math:`\log(a_{c00}/\sqrt{4\pi})`, instead of :math:`a_{c00}` itself.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> skies = st.signals.band_limited_noise(64, 0, n=50)
    >>> S = st.ScatteringTransform(64, J_min=3)(skies).alm
    >>> standardise = st.nn.Standardisation.from_data(S, logarithm="positive")
    >>> x = standardise(S)
    >>> np.allclose(st.power_spectrum(x).mean(axis=0)[1:], 1, atol=1e-5)
    True
    """

    rms: NDArray[np.float64]
    mean: NDArray[np.float64]
    logarithm: NDArray[np.bool_]

    @classmethod
    def from_data(cls, alm: ArrayLike, logarithm: str = "none") -> Standardisation:
        """Measure the scales on training signals.

        Parameters
        ----------
        alm : array (n, channels, L(L+1)/2), complex
        logarithm : {"none", "positive"}
            "positive": the logarithm of the mean for channels whose mean is positive in all
            signals.

        Raises
        ------
        TypeError, ValueError
            ``alm`` has another shape or kind, is not finite, or holds fewer than 2 signals.
        """
        _checks.choice("logarithm", logarithm, ("none", "positive"))
        alm = _batch(alm)
        if len(alm) < 2:
            raise ValueError(f"alm must hold at least 2 signals to measure a scale, got {len(alm)}")
        first = alm[..., 0].real
        positive = np.all(first > 0, axis=0) & np.array(logarithm == "positive")
        values = _first(first, positive)
        rms = np.sqrt(power_spectrum(alm).mean(axis=0))
        rms[:, 0] = values.std(axis=0)
        return cls(rms, values.mean(axis=0), positive)

    @property
    def L(self) -> int:
        """Band-limit."""
        return self.rms.shape[1]

    def __call__(self, alm: ArrayLike) -> NDArray[np.complex64]:
        """Standardised signals.

        Parameters
        ----------
        alm : array (..., channels, L(L+1)/2), complex

        Returns
        -------
        array of the same shape, complex64

        Raises
        ------
        ValueError
            Channels or band-limit are not those of the training data, or a mean that was
            positive there is not.
        """
        alm = np.asarray(alm)
        if alm.ndim < 2 or alm.shape[-2] != len(self.rms) or band_limit(alm) != self.L:
            raise ValueError(
                f"alm must have shape (..., {len(self.rms)}, {self.L * (self.L + 1) // 2}), "
                f"got {alm.shape}"
            )
        first = alm[..., 0].real
        bad = int(np.count_nonzero((first <= 0) & self.logarithm))
        if bad:
            raise ValueError(
                f"{bad} signals or channels have a mean <= 0 where all of the training data are "
                "positive: its logarithm does not exist"
            )
        factor = np.zeros_like(self.rms)
        np.divide(1.0, self.rms, out=factor, where=self.rms > 0)
        scaled = (alm * factor[:, degrees(self.L)]).astype(np.complex64)
        scaled[..., 0] = (_first(first, self.logarithm) - self.mean) * factor[:, 0]
        return scaled


def _first(first: NDArray, logarithm: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The mean or its logarithm, channel by channel."""
    values = np.array(first, np.float64)
    values[..., logarithm] = np.log(values[..., logarithm] / np.sqrt(4 * np.pi))
    return values


def _batch(alm: ArrayLike) -> NDArray[np.complex128]:
    array = as_alm(alm)
    if array.ndim != 3:
        raise ValueError(f"alm must have shape (n, channels, L(L+1)/2), got {array.shape}")
    return array
