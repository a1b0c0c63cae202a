"""The explorer of how a signal is oriented: a wavelet that is turned at every point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd
from typing import Any

import numpy as np

from ...scattering.energy import EMPTY, integral_of_square
from ...sphere.grids.grid import Grid
from ...wavelets.directional import DirectionalWaveletBank
from ...wavelets.responses import DirectionalWaveletCoefficients
from ...wavelets.zonal import WaveletBank
from .._page.base import ScaleExplorer, view_control
from .._page.controls import Choice, Number
from .._page.scenes import Scene
from .._page.shown import Signal, band_limit_of, shown_signals

AZIMUTHAL_BAND_LIMITS = (2, 3, 4)
"""The higher, the sharper is a wavelet's direction."""

STEP = 5
"""Of the slider that turns the wavelet, degrees."""


class Directions(ScaleExplorer):
    """The widget that `directions` returns."""

    gamma = Number(
        0, 180 - STEP, "Direction γ", step=STEP,
        help="In which the wavelet's waves run, degrees from south to east. A direction and its "
        "opposite have complex conjugate responses.",
    )  # fmt: skip
    N: Any = Choice(
        lambda explorer: [n for n in AZIMUTHAL_BAND_LIMITS if n <= explorer.L],
        "Azimuthal band-limit N", type_words="int",
        help="Of the `DirectionalWaveletBank`: 2, 3 or 4, at most ``L``. The higher, the sharper "
        "is the direction.",
    )  # fmt: skip
    view = view_control()

    def coefficients_now(self) -> DirectionalWaveletCoefficients:
        """What the bank makes of the chosen signal, divided by the root of its energy."""
        bank = DirectionalWaveletBank(self.bank.L, self.bank.J_min, self.bank.lam, self.N)
        return bank(self._unit_alm())

    def found(self) -> float:
        """Energy of the response in the direction ``gamma``, over the mean of all directions."""
        w, grid = self.coefficients_now(), Grid.gauss_legendre(self.grid_band_limit)
        step = gcd(self.gamma, 360)  # of the fewest directions among which this one is
        response = w.directions(self.scale, 360 // step, grid)[self.gamma // step]
        return self._share(w, integral_of_square(np.abs(response), grid))

    def swing(self) -> float:
        r"""Amplitude with which the energy at one place swings, over its mean.

        :math:`2 \int |P_2| / \int P_0` in the notation of
        `DirectionalWaveletCoefficients.dominant_direction`.
        """
        w, grid = self.coefficients_now(), Grid.gauss_legendre(self.grid_band_limit)
        strength = w.dominant_direction(self.scale, grid).strength
        return self._share(w, integral_of_square(strength, grid))

    def _share(self, w: DirectionalWaveletCoefficients, energy: float) -> float:
        mean = float(w.energy(self.scale))
        return energy / mean if mean > EMPTY else float("nan")


def directions(
    signal: Signal | Mapping[str, Signal] | None = None,
    *,
    L: int | None = None,
    J_min: int | None = None,
    lam: float = 2.0,
    scale: int | None = None,
    gamma: int = 90,
    N: int | None = None,
    view: str = "map",
    unit: str = "",
    coastlines: bool = False,
    seed: int = 0,
    scenes: Sequence[Scene] = (),
) -> Directions:
    r"""Explore how a signal is oriented.

    A complex wavelet of the `DirectionalWaveletBank` is turned by an angle :math:`\gamma`. Three
    maps show the wavelet, its response :math:`W_j(\omega, \gamma)` at each point, and the direction
    in which it responds most: a stroke along the crests, which is the longer the more the direction
    matters.

    Parameters
    ----------
    signal, L, unit, coastlines, seed
        As for `energy_shift`, with the errors that it names.
    J_min : int, optional
        Coarsest scale of the `DirectionalWaveletBank`; by default 2.
    lam : float, default 2.0
        Its dilation.
    scale, gamma, N, view
        What is shown at first, see `Directions`; by default the scale two below the finest, and
        N = 3.
    scenes
        For presenter mode, as for `energy_shift`.

    Returns
    -------
    Directions
        The widget.

    Notes
    -----
    What is drawn of the wavelet and of its response are the real parts. The page computes from
    float32 coefficients; its numbers agree with `Directions.found` and `Directions.swing` to 1e-5.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> waves = st.signals.harmonic(64, degree=40, order=40)  # crests run north and south
    >>> explorer = st.explore.directions(waves, scale=5, gamma=90)
    >>> east, explorer.gamma = explorer.found(), 0
    >>> east > 10 * explorer.found()
    True
    """
    shown = shown_signals(signal, L=L, unit=unit, coastlines=coastlines, seed=seed)
    found = band_limit_of(shown)
    if J_min is None:
        J_min = min(2, WaveletBank(found, lam=lam).J)
    bank = WaveletBank(found, J_min=J_min, lam=lam)
    return Directions(
        shown,
        bank,
        scale=scale,
        gamma=gamma,
        N=min(3, found) if N is None else N,
        view=view,
        scenes=scenes,
    )
