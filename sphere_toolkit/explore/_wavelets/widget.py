"""The explorer of wavelets on the sphere: windows, shapes and coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import traitlets

from ..._util import checks
from ...wavelets import WaveletBank, angular_spread, energy_by_scale
from ...wavelets.windows import finest_scale
from .._page.base import Explorer, view_control
from .._page.controls import Choice, Number, within
from .._page.scenes import Scene
from .._page.shown import Signal, band_limit_of, shown_signals

DILATIONS = (1.2, 4.0)
"""The least and the largest dilation that the explorer's slider reaches."""


class Wavelets(Explorer):
    """The widget that `wavelets` returns."""

    lam = Number(
        *DILATIONS, "Dilation λ", step=0.05, integer=False,
        help="Dilation, 1.2 to 4. If there is no wavelet of this dilation at ``scale`` or "
        "``J_min``, these move to the nearest scale.",
    )  # fmt: skip
    J_min = Number(
        0, lambda explorer: explorer.finest, "Coarsest scale J_min",
        help="Coarsest scale. If it is set above ``scale``, ``scale`` follows.",
    )  # fmt: skip
    scale: Any = Choice(
        lambda explorer: (None, *explorer.bank.scales), "Scale j", kind="own",
        type_words="int or None", help="The wavelet's scale; None for the scaling function.",
    )  # fmt: skip
    view = view_control()

    @property
    def finest(self) -> int:
        """The finest scale of the dilation that is chosen now."""
        return finest_scale(self.L, self.lam)

    @property
    def bank(self) -> WaveletBank:
        """The wavelets of the dilation and the coarsest scale that are chosen now."""
        return _bank(self.L, min(self.J_min, self.finest), self.lam)

    def energy_by_scale(self) -> dict[int | None, float]:
        """The shares that the page shows now, computed in Python."""
        return energy_by_scale(self._alm[self.signal], self.bank)

    def angular_spread(self) -> float:
        """The angle that the page shows now, in degrees, computed in Python."""
        return angular_spread(self.bank, self.scale)

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
    scenes: Sequence[Scene] = (),
) -> Wavelets:
    r"""Explore wavelets and the wavelet coefficients of a signal.

    The upper chart shows the squared windows of a `WaveletBank` over the degrees, which add up to
    1. Below are the chosen wavelet, on a globe and along a great circle, the wavelet coefficients
    of a signal, and the share of its energy at each scale. Sliders set the scale, the dilation
    :math:`\lambda` and the coarsest scale; the page computes the windows itself.

    Parameters
    ----------
    signal, L, unit, coastlines, seed
        As for `energy_shift`, with the errors that it names.
    J_min, lam, scale, view
        The first choices, see `Wavelets`. By default the coarsest scale is 2, or the finest scale
        if that is less, and the scale is three below the finest.
    scenes
        For presenter mode, as for `energy_shift`.

    Returns
    -------
    Wavelets
        The widget.

    Notes
    -----
    The page evaluates the windows by the same quadrature as `WaveletBank`. Both agree to 1e-10, and
    the numbers shown agree with `energy_by_scale` and `angular_spread` to 1e-5 (tested).

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
    shown = shown_signals(signal, L=L, unit=unit, coastlines=coastlines, seed=seed)
    lam = within("lam", lam, *DILATIONS)
    J = finest_scale(band_limit_of(shown), lam)
    coarsest = min(2, J) if J_min is None else int(within("J_min", J_min, 0, J, integer=True))
    if scale is None:
        scale = max(coarsest, J - 3)
    scale = checks.choice("scale", scale, range(coarsest, J + 1))
    return Wavelets(shown, lam=lam, J_min=coarsest, scale=scale, view=view, scenes=scenes)


@lru_cache(maxsize=8)
def _bank(L: int, J_min: int, lam: float) -> WaveletBank:
    return WaveletBank(L, J_min, lam)
