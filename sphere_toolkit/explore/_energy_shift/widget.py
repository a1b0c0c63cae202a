"""The explorer of where a nonlinearity moves the energy of wavelet coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets

from ... import _checks
from ...sphere.coefficients import band_limit
from ...wavelets.zonal import WaveletBank
from .._energy import GRID_BAND_LIMIT, NONLINEARITIES, energy_fraction_below, first_degree
from .._page.base import Explorer, ShownSignal, Signal, shown_signals

VIEWS = ("map", "globe")


class EnergyShift(Explorer):
    """The widget that `energy_shift` returns.

    Attributes
    ----------
    scale : int
        The wavelet's scale; readable and settable, as the slider in the page.
    signal : str
        The name of the signal; readable and settable.
    view : {"map", "globe"}
        Mollweide maps, or globes that can be turned; readable and settable.
    nonlinearity : {"modulus", "square", "relu"}
        What is done to the wavelet coefficients; readable and settable.
    bank : WaveletBank
        The wavelets.
    """

    scale = traitlets.Int().tag(sync=True)
    view = traitlets.Unicode().tag(sync=True)
    nonlinearity = traitlets.Unicode("modulus").tag(sync=True)
    scales = traitlets.List(traitlets.Int()).tag(sync=True)
    bands = traitlets.List(
        traitlets.List(traitlets.Int()),
        help="Per scale the first degree of the wavelet's band and the one after its last.",
    ).tag(sync=True)
    windows = traitlets.Bytes(help="float32 (n_scales, L)").tag(sync=True)
    grid_band_limit = traitlets.Int(help="Of the grid that samples the modulus.").tag(sync=True)

    def __init__(self, shown: Mapping[str, ShownSignal], bank: WaveletBank, **traits: Any) -> None:
        self.bank = bank
        self._alm = {name: s.alm for name, s in shown.items()}
        super().__init__(
            shown,
            scales=list(bank.scales),
            bands=[[first_degree(bank, j), bank.band_limit(j)] for j in bank],
            windows=np.stack([bank.window(j) for j in bank]).astype("<f4").tobytes(),
            grid_band_limit=GRID_BAND_LIMIT,
            **traits,
        )

    def energy_fraction_below(self) -> tuple[float, float]:
        """The two percentages that the page shows now, as shares, computed in Python."""
        alm = self._alm[self.signal]
        return energy_fraction_below(alm, self.bank, self.scale, self.nonlinearity)

    @traitlets.validate("scale")
    def _known_scale(self, proposal: Any) -> int:
        return _checks.choice("scale", proposal["value"], self.scales)

    @traitlets.validate("nonlinearity")
    def _known_nonlinearity(self, proposal: Any) -> str:
        return _checks.choice("nonlinearity", proposal["value"], NONLINEARITIES)

    @traitlets.validate("view")
    def _known_view(self, proposal: Any) -> str:
        return _checks.choice("view", proposal["value"], VIEWS)


def energy_shift(
    signal: Signal | Mapping[str, Signal] | None = None,
    *,
    L: int | None = None,
    J_min: int = 0,
    lam: float = 2.0,
    scale: int | None = None,
    view: str = "map",
    nonlinearity: str = "modulus",
    unit: str = "",
    coastlines: bool = False,
    seed: int = 0,
) -> EnergyShift:
    r"""Explore where the modulus moves the energy of wavelet coefficients.

    Two maps show the wavelet coefficients :math:`W^j` of a signal and their modulus
    :math:`|W^j|`; below each, how its energy is spread over the degrees. A slider chooses the
    scale and a menu the signal; the square and ReLU are there to compare.

    Parameters
    ----------
    signal : array (L(L+1)/2,), (samples, Grid) or mapping of names to these, optional
        What to look at. By default the Earth's relief, a Gaussian sky with the spectrum of the
        cosmic microwave background, noise and a ring.
    L : int, optional
        Truncate the signals to this band-limit, at most 128. Needed for a signal of a higher
        one, which is otherwise refused.
    J_min, lam
        Coarsest scale and dilation of the `WaveletBank`.
    scale : int, optional
        The scale at first; by default two below the finest.
    view : {"map", "globe"}
    nonlinearity : {"modulus", "square", "relu"}
        Whose picture and spectrum are shown at first; the numbers are those of all three.
    unit : str
        Unit of ``signal``, shown at the colours.
    coastlines : bool
        Whether ``signal`` lives on the Earth, so that coastlines help to read it.
    seed : int
        Of the random signals among the default ones.

    Returns
    -------
    EnergyShift
        A widget: as the last expression of a cell it is shown. ``explorer.scale`` and
        ``explorer.signal`` tell what the reader has chosen, and can be set.

    Raises
    ------
    TypeError, ValueError
        The signal has NaN, a wrong length, a batch axis, no energy or too high a band-limit; an
        option is unknown or out of range. Nothing is shown then.

    Notes
    -----
    The page computes in double precision from float32 coefficients; its percentages agree with
    `energy_fraction_below` to 1e-5.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.energy_shift(st.signals.ring(64), scale=5)
    >>> explorer.scale
    5
    >>> explorer.scale = 4
    """
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a string, got {unit!r} of type {type(unit).__name__}")
    seed = _checks.integer("seed", seed, 0)
    view = _checks.choice("view", view, VIEWS)
    nonlinearity = _checks.choice("nonlinearity", nonlinearity, NONLINEARITIES)
    shown = shown_signals(signal, L=L, unit=unit, on_earth=bool(coastlines), seed=seed)
    alm = next(iter(shown.values())).alm
    bank = WaveletBank(band_limit(alm), J_min=J_min, lam=lam)
    if scale is None:
        scale = max(bank.J_min, bank.J - 2)
    scale = _checks.choice("scale", scale, bank.scales)
    return EnergyShift(shown, bank, scale=scale, view=view, nonlinearity=nonlinearity)
