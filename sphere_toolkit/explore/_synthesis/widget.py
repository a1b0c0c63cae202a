"""The explorer of what scattering coefficients remember: a signal drawn from them, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from ...scattering import ScatteringTransform
from ...signals import band_limited_noise
from ...sphere.coefficients import band_limit
from ...sphere.grids.grid import Grid
from ...sphere.transforms import inverse
from ...wavelets.zonal import WaveletBank
from .._page.base import BankExplorer, as_float32, view_control
from .._page.controls import Choice, Number
from .._page.scenes import Scene
from .._page.shown import ShownSignal, Signal, band_limit_of, shown_signals
from .._page.transform import page_transform
from .descent import Descent, descend

BAND_LIMIT = 32
"""Of the signals that the explorer brings along."""

STEPS = 480
"""At 60 pictures a second they play in 8 seconds."""

_DEPTH = 2
_OVERSAMPLING = 2
_J_MIN = 2
_DIRECTIONS = 3
_FLAT = 1e-9  # a smaller variance, of a signal of unit energy, is none
_FIRST = "A ring"  # of the bundled signals the one that is least like noise


class StepwiseSynthesis(BankExplorer):
    """The widget that `synthesis` returns."""

    match = Choice(
        ("spectrum", "zonal", "directional"), "What is matched", default_value="zonal",
        words={"spectrum": "Spectrum", "zonal": "+ zonal", "directional": "+ directional"},
        help="What the signal that is drawn shares with the original: the power spectrum alone, or "
        "also the means of the scattering coefficients, of zonal or of directional wavelets.",
    )  # fmt: skip
    step = Number(0, STEPS, "Step", help="Of the descent.")
    view = view_control()
    noise = traitlets.Bytes(help="float32 (L(L+1)/2, 2): what the descent starts from").tag(
        sync=True
    )

    def __init__(
        self, shown: Mapping[str, ShownSignal], bank: WaveletBank, noise: NDArray, **traits: Any
    ) -> None:
        self._noise = noise
        super().__init__(
            shown, bank, noise=as_float32(noise.astype(np.complex64).view(np.float32)), **traits
        )

    @property
    def transform(self) -> ScatteringTransform:
        """The network whose means are matched, or looked at where only the spectrum is."""
        directions = _DIRECTIONS if self.match == "directional" else 1
        return page_transform(self.bank, _DEPTH, _OVERSAMPLING, directions=directions)

    def descent(self) -> Descent:
        """What the page shows now, computed in Python, of a signal of unit energy."""
        steps = 0 if self.match == "spectrum" else self.step
        return descend(self._unit_alm(), self._noise, self.transform, steps)

    def skewness(self) -> tuple[float, float]:
        r"""Skewness of the original and of what is drawn; it is not matched.

        :math:`\langle (f-\langle f\rangle)^3 \rangle / \sigma^3`, 0 for a Gaussian signal.
        """
        return self._moments(3)

    def kurtosis(self) -> tuple[float, float]:
        r"""Excess kurtosis of the original and of what is drawn; it is not matched.

        :math:`\langle (f-\langle f\rangle)^4 \rangle / \sigma^4 - 3`, 0 for a Gaussian signal.
        """
        original, drawn = self._moments(4)
        return original - 3, drawn - 3

    def _moments(self, power: int) -> tuple[float, float]:
        original, drawn = (_moment(alm, power) for alm in (self._unit_alm(), self.descent().alm))
        return original, drawn


def _moment(alm: NDArray, power: int) -> float:
    """A central moment in units of the standard deviation."""
    grid = Grid.gauss_legendre(2 * band_limit(alm))  # exact for a product of four signals
    samples = inverse(np.where(np.arange(alm.size), alm, 0), grid)
    weights = grid.weights[:, None] / (4 * np.pi)
    moment, variance = ((weights * samples**k).sum() for k in (power, 2))
    return float(moment / variance ** (power / 2)) if variance > _FLAT else float("nan")


def synthesis(
    signal: Signal | Mapping[str, Signal] | None = None,
    *,
    L: int | None = None,
    J_min: int | None = None,
    match: str = "zonal",
    step: int = 120,
    view: str = "map",
    unit: str = "",
    coastlines: bool = False,
    seed: int = 0,
    scenes: Sequence[Scene] = (),
) -> StepwiseSynthesis:
    r"""Explore what the scattering coefficients of a signal remember of it.

    Noise with the power spectrum of a signal is changed, step by step, until its path means
    :math:`\langle U[p] f \rangle`, the averages over the sphere of what arrives at the end of each
    path of a scattering network, are those of the signal. What the two then have in common is what
    the spectrum and the means remember.

    Parameters
    ----------
    signal, L, unit, coastlines, seed
        As for `energy_shift`, with the errors that it names and default signals of band-limit 32;
        the noise has the seed, too.
    J_min : int, optional
        Coarsest scale of the network; by default 2, or less for the smallest band-limits.
    match : {"zonal", "directional", "spectrum"}
        What is matched at first: the spectrum and the means of zonal wavelets, those of
        directional ones, or the spectrum alone.
    step : int, default 120
        Step of the descent that is shown at first, 0 (the noise) to 480.
    view : {"map", "globe"}
        How both signals are drawn at first.
    scenes
        For presenter mode, as for `energy_shift`.

    Returns
    -------
    StepwiseSynthesis
        The widget.

    Notes
    -----
    The network is a `ScatteringTransform` of depth 2 with the modulus, and with 3 directions where
    directional means are matched. The loss c is the mean over the paths of the squared relative
    error of a mean. Each step v follows from the one before and from the gradient g of the loss, in
    coordinates in which each coefficient is divided by the RMS that its degree has in the original:

    .. math:: v_{n+1} = 0.8\, v_n - 0.2\, \frac{c}{|g|^2}\, g .

    The second term holds a step of Polyak's, whose length would bring the loss to zero if the loss
    were linear. Of g only the part counts that keeps the energy of each degree, and after each step
    every degree is scaled to the energy that it has in the original: the spectrum is kept exactly.

    The page computes this itself. `StepwiseSynthesis.descent` does the same in Python, with
    `ScatteringTransform.vjp`. After 20 steps the two agree to 1e-4 (``tests/browser/
    test_synthesis.py``); later they part, because rounding grows from step to step.
    `scattering.synthesise` needs fewer steps, by L-BFGS, and can match more; it does not hold the
    spectrum.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.synthesis(st.signals.ring(16), step=20)
    >>> errors = explorer.descent().errors
    >>> len(errors), bool(errors[-1] < errors[0] / 3)
    (21, True)
    """
    shown = shown_signals(
        signal, L=L, unit=unit, coastlines=coastlines, seed=seed, L_bundled=BAND_LIMIT
    )
    found = band_limit_of(shown)
    if J_min is None:
        J_min = max(0, min(_J_MIN, WaveletBank(found).J - 1))
    noise = band_limited_noise(found, seed + 2)
    first = {"signal": _FIRST} if signal is None else {}
    bank = WaveletBank(found, J_min)
    return StepwiseSynthesis(
        shown, bank, noise, match=match, step=step, view=view, scenes=scenes, **first
    )
