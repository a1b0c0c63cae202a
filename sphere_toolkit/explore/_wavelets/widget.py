"""The explorer of wavelets on the sphere: their windows, their shape, and what they see."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from ... import _checks
from ...sphere.coefficients import band_limit
from ...sphere.spectra import power_spectrum
from ...wavelets.zonal import WaveletBank
from .._energy import _single
from .._energy_shift.widget import VIEWS
from .._page.base import Explorer, ShownSignal, Signal, shown_signals

DILATIONS = (1.2, 4.0)
"""The least and the largest dilation that the explorer's slider reaches."""


def energy_by_scale(alm: ArrayLike, bank: WaveletBank) -> dict[int | None, float]:
    r"""Share of a signal's energy in each of its wavelet coefficients.

    .. math:: E_j = \sum_{\ell m} |\Psi^j_\ell f_{\ell m}|^2 \Big/ \|f\|^2

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
    >>> shares = st.explore.energy_by_scale(st.signals.earth_relief(64), bank)
    >>> {j: f"{share:.1%}" for j, share in shares.items()}
    {None: '91.0%', 4: '5.3%', 5: '3.0%', 6: '0.8%'}
    >>> f"{sum(shares.values()):.12f}"
    '1.000000000000'
    """
    alm = _single(alm, bank)
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
        \qquad \psi_{\ell 0} = \sqrt{\tfrac{2\ell+1}{4\pi}}\, \Psi^j_\ell

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

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> bank = st.WaveletBank(128)
    >>> [f"{st.explore.angular_spread(bank, j):.1f}" for j in (3, 4, 5)]
    ['15.9', '8.1', '4.1']
    """
    if not isinstance(bank, WaveletBank):
        raise TypeError(f"bank must be a WaveletBank, got {bank!r} of type {type(bank).__name__}")
    ell = np.arange(bank.L)
    window = bank.scaling if scale is None else bank.window(scale)
    values = np.sqrt(2 * ell + 1) * window
    if not values.any():
        return float("nan")
    coupling = ell[1:] / np.sqrt(4.0 * ell[1:] ** 2 - 1)
    mean = 2 * (coupling * values[1:] * values[:-1]).sum() / (values**2).sum()
    return float(np.degrees(np.arccos(np.clip(mean, -1, 1))))


class Wavelets(Explorer):
    """The widget that `wavelets` returns.

    Attributes
    ----------
    scale : int or None
        The wavelet's scale, None for the scaling function; this and all below are readable and
        settable.
    lam : float
        Dilation, 1.2 to 4.
    J_min : int
        Coarsest scale. A dilation or a coarsest scale that leaves ``scale`` or ``J_min`` without
        a wavelet moves them to the nearest one.
    signal : str
    view : {"map", "globe"}
        How the wavelet coefficients are shown.
    """

    lam = traitlets.Float().tag(sync=True)
    J_min = traitlets.Int().tag(sync=True)
    scale = traitlets.Int(allow_none=True).tag(sync=True)
    view = traitlets.Unicode().tag(sync=True)
    lam_range = traitlets.List(traitlets.Float(), default_value=list(DILATIONS)).tag(sync=True)

    def __init__(self, shown: Mapping[str, ShownSignal], **traits: Any) -> None:
        self._alm = {name: s.alm for name, s in shown.items()}
        super().__init__(shown, **traits)

    @property
    def bank(self) -> WaveletBank:
        """The wavelets of the dilation and the coarsest scale that are chosen now."""
        return _bank(self.L, min(self.J_min, _finest(self.L, self.lam)), self.lam)

    def energy_by_scale(self) -> dict[int | None, float]:
        """The shares that the page shows now, computed in Python."""
        return energy_by_scale(self._alm[self.signal], self.bank)

    def angular_spread(self) -> float:
        """The angle that the page shows now, in degrees, computed in Python."""
        return angular_spread(self.bank, self.scale)

    @traitlets.validate("lam")
    def _possible_dilation(self, proposal: Any) -> float:
        return _dilation(proposal["value"])

    @traitlets.validate("J_min")
    def _possible_coarsest(self, proposal: Any) -> int:
        return _checks.integer("J_min", proposal["value"], 0, maximum=_finest(self.L, self.lam))

    @traitlets.validate("scale")
    def _known_scale(self, proposal: Any) -> int | None:
        return _checks.choice("scale", proposal["value"], (None, *self.bank.scales))

    @traitlets.validate("view")
    def _known_view(self, proposal: Any) -> str:
        return _checks.choice("view", proposal["value"], VIEWS)

    @traitlets.observe("lam", "J_min")
    def _stay_in_the_bank(self, change: Any) -> None:
        bank = self.bank
        self.J_min = bank.J_min
        if self.scale is not None:
            self.scale = max(bank.J_min, min(bank.J, self.scale))


def wavelets(
    signal: Signal | Mapping[str, Signal] | None = None,
    *,
    L: int | None = None,
    J_min: int | None = None,
    lam: float = 2.0,
    scale: int | None = None,
    view: str = "map",
    unit: str = "",
    coastlines: bool = False,
    seed: int = 0,
) -> Wavelets:
    r"""Explore what a wavelet sees.

    Above, the squared windows of a `WaveletBank` on the degrees, which add up to 1. Below, the
    chosen wavelet on a globe and along a great circle, beside the wavelet coefficients of a signal
    and how its energy is shared out among the scales. Sliders choose the scale, the dilation
    :math:`\lambda` and the coarsest scale; the page computes the windows itself.

    Parameters
    ----------
    signal : array (L(L+1)/2,), (samples, Grid) or mapping of names to these, optional
        What to look at. By default the Earth's relief, a Gaussian sky with the spectrum of the
        cosmic microwave background, noise and a ring.
    L : int, optional
        Truncate the signals to this band-limit, at most 128. Needed for a signal of a higher
        one, which is otherwise refused.
    J_min : int, optional
        Coarsest scale at first; by default 2, or the finest where that is less.
    lam : float
        Dilation at first, 1.2 to 4.
    scale : int, optional
        The scale at first; by default three below the finest. Set ``explorer.scale = None`` for the
        scaling function.
    view : {"map", "globe"}
        How the wavelet coefficients are shown at first.
    unit : str
        Unit of ``signal``, shown at the colours.
    coastlines : bool
        Whether ``signal`` lives on the Earth, so that coastlines help to read it.
    seed : int
        Of the random signals among the default ones.

    Returns
    -------
    Wavelets
        A widget: as the last expression of a cell it is shown. Its attributes tell what the
        reader has chosen, and can be set.

    Raises
    ------
    TypeError, ValueError
        The signal has NaN, a wrong length, a batch axis, no energy or too high a band-limit; an
        option is unknown or out of range. Nothing is shown then.

    Notes
    -----
    The page evaluates the windows by the same quadrature as `WaveletBank`; tests hold them to
    1e-10 of each other, and the numbers shown to 1e-5 of `energy_by_scale` and `angular_spread`.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.wavelets(st.signals.earth_relief(64), scale=4)
    >>> f"{explorer.angular_spread():.1f} degrees"
    '8.1 degrees'
    >>> explorer.lam = 1.5
    >>> explorer.bank.J
    11
    """
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a string, got {unit!r} of type {type(unit).__name__}")
    seed = _checks.integer("seed", seed, 0)
    view = _checks.choice("view", view, VIEWS)
    lam = _dilation(lam)
    shown = shown_signals(signal, L=L, unit=unit, on_earth=bool(coastlines), seed=seed)
    L = band_limit(next(iter(shown.values())).alm)
    J = _finest(L, lam)
    coarsest = _checks.integer("J_min", min(2, J) if J_min is None else J_min, 0, maximum=J)
    if scale is None:
        scale = max(coarsest, J - 3)
    scale = _checks.choice("scale", scale, range(coarsest, J + 1))
    return Wavelets(shown, lam=lam, J_min=coarsest, scale=scale, view=view)


@lru_cache(maxsize=8)
def _bank(L: int, J_min: int, lam: float) -> WaveletBank:
    return WaveletBank(L, J_min, lam)


@lru_cache(maxsize=64)
def _finest(L: int, lam: float) -> int:
    return WaveletBank(L, 0, lam).J


def _dilation(lam: Any) -> float:
    least, most = DILATIONS
    lam = _checks.real("lam", lam, minimum=least)
    if lam > most:
        raise ValueError(f"lam must be a finite number >= {least} and <= {most}, got {lam!r}")
    return lam
