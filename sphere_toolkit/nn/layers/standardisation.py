"""Standardisation of signals before a network, by factors that commute with rotations."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray
from numpy.typing import ArrayLike, NDArray

from ..._util import checks
from ...scattering.features import degree_rms
from ...sphere.coefficients import as_alm, band_limit, degrees
from ..math.constant import Constant
from ..math.irreps import check_alm
from ..math.precision import numbers
from ..registry import register


@register
class Standardisation(eqx.Module):
    r"""Scales each channel and degree to variance 1, as measured on training data.

    .. math:: \tilde a_{c\ell m} = a_{c\ell m} / \sigma_{c\ell} \quad (\ell \ge 1), \qquad
              \tilde a_{c00} = (g_c(a_{c00}) - \mu_c) / \sigma_{c0}

    There is one :math:`\sigma` per channel and degree, so the layer commutes with rotations
    exactly. Rotations do not change the mean of a signal, so a function :math:`g` of it is allowed:
    the logarithm for positive channels, such as the modulus in scattering coefficients.

    The spectra of natural signals fall by decades, and the average of a scattering network makes
    them fall further towards the band-limit. A network learns little from degrees that are small.
    After standardisation all degrees have the same size.

    Use `from_data` to make a layer. As the first layer of a model (the argument ``standardisation``
    of the models, or in an `equinox.nn.Sequential`) it is saved with the model. It has no trained
    parameters.

    Parameters
    ----------
    rms : array (channels, L)
        :math:`\sigma_{c\ell}`; degrees where it is 0 stay 0.
    mean : array (channels,)
        :math:`\mu_c`
    logarithm : bool array (channels,)
        Where :math:`g` is the logarithm of the channel's mean value,
        :math:`\log(a_{c00}/\sqrt{4\pi})`, instead of :math:`a_{c00}` itself.

    Raises
    ------
    ValueError
        The shapes do not fit together.

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

    _rms: Constant = eqx.field(static=True)
    _mean: Constant = eqx.field(static=True)
    _logarithm: Constant = eqx.field(static=True)
    exact = True

    def __init__(self, rms: ArrayLike, mean: ArrayLike, logarithm: ArrayLike) -> None:
        self._rms = Constant(np.asarray(rms, np.float64))
        self._mean = Constant(np.asarray(mean, np.float64))
        self._logarithm = Constant(np.asarray(logarithm, bool))
        channels = self.rms.shape[:1]
        if self.rms.ndim != 2 or self.mean.shape != channels or self.logarithm.shape != channels:
            raise ValueError(
                "rms must have shape (channels, L), mean and logarithm (channels,), got "
                f"{self.rms.shape}, {self.mean.shape} and {self.logarithm.shape}"
            )

    @classmethod
    def from_data(cls, alm: ArrayLike, logarithm: str = "none") -> Standardisation:
        """Measure the scales on training signals.

        Parameters
        ----------
        alm : array (n, channels, L(L+1)/2), complex, or ScatteringCoefficients of n signals
        logarithm : {"none", "positive"}
            "positive": the logarithm of the mean for channels whose mean is positive in all
            signals.

        Raises
        ------
        TypeError, ValueError
            ``alm`` has another shape or kind, is not finite, or holds fewer than 2 signals.
        """
        checks.choice("logarithm", logarithm, ("none", "positive"))
        alm = as_alm(numbers(alm))
        if alm.ndim != 3:
            raise ValueError(f"alm must have shape (n, channels, L(L+1)/2), got {alm.shape}")
        if len(alm) < 2:
            raise ValueError(f"alm must hold at least 2 signals to measure a scale, got {len(alm)}")
        first = alm[..., 0].real
        positive = np.all(first > 0, axis=0) & np.array(logarithm == "positive")
        values = _first(first, positive, np)
        rms = degree_rms(alm)
        rms[:, 0] = values.std(axis=0)
        return cls(rms, values.mean(axis=0), positive)

    @property
    def rms(self) -> NDArray[np.float64]:
        """Root mean square of each channel and degree, (channels, L)."""
        return self._rms.array

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean over the training data of what degree 0 holds, or of its logarithm, (channels,)."""
        return self._mean.array

    @property
    def logarithm(self) -> NDArray[np.bool_]:
        """For which channels the logarithm is taken, (channels,)."""
        return self._logarithm.array

    @property
    def L(self) -> int:
        """Band-limit."""
        return self.rms.shape[1]

    @property
    def in_channels(self) -> int:
        """Number of channels."""
        return len(self.rms)

    def __call__(self, alm: Any, *, key: PRNGKeyArray | None = None) -> Any:
        """Standardised signals.

        Parameters
        ----------
        alm : array (..., channels, L(L+1)/2), complex, or ScatteringCoefficients
            An array of JAX, as inside a network, is one signal (channels, L(L+1)/2).

        Returns
        -------
        array of the same shape
            complex64, computed in double precision. An array of JAX stays one, of its own type.

        Raises
        ------
        TypeError, ValueError
            Channels or band-limit are not those of the training data, or a mean that was
            positive there is not. (Inside a network values cannot be checked: the logarithm of a
            negative mean is NaN there, which `fit` and `predict` notice.)
        """
        if isinstance(alm, jax.Array):
            check_alm(alm, self.in_channels, self.L)
            return self._standardised(alm, jnp).astype(alm.dtype)
        alm = as_alm(numbers(alm))
        if alm.ndim < 2 or alm.shape[-2] != self.in_channels or band_limit(alm) != self.L:
            raise ValueError(
                f"alm must have shape (..., {self.in_channels}, {self.L * (self.L + 1) // 2}), "
                f"got {alm.shape}"
            )
        bad = int(np.count_nonzero((alm[..., 0].real <= 0) & self.logarithm))
        if bad:
            raise ValueError(
                f"{bad} signals or channels have a mean <= 0 where all of the training data are "
                "positive: its logarithm does not exist"
            )
        return checks.converted("alm", self._standardised(alm, np), np.complex64)

    def _standardised(self, alm: Any, xp: Any) -> Any:
        factor = np.zeros_like(self.rms)
        np.divide(1.0, self.rms, out=factor, where=self.rms > 0)
        factor = factor.astype(alm.real.dtype)
        mean = self.mean.astype(alm.real.dtype)
        first = (_first(alm[..., 0].real, self.logarithm, xp) - mean) * factor[:, 0]
        others = alm[..., 1:] * factor[:, degrees(self.L)[1:]]
        return xp.concatenate([first[..., None], others], axis=-1)


def _first(first: Any, logarithm: NDArray[np.bool_], xp: Any) -> Any:
    """The mean or its logarithm, channel by channel."""
    # Channels without a logarithm compute that of 1, so that neither it nor its derivative is NaN.
    values = xp.where(logarithm, first / np.sqrt(4 * np.pi).astype(first.dtype), 1)
    return xp.where(logarithm, xp.log(values), first)
