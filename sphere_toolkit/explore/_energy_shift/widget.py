"""The explorer of where a nonlinearity moves the energy of wavelet coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...scattering.energy import energy_fraction_below
from ...wavelets import WaveletBank
from .._page.base import ScaleExplorer, view_control
from .._page.controls import Choice
from .._page.scenes import Scene
from .._page.shown import Signal, band_limit_of, shown_signals
from .._page.transform import NONLINEARITIES

COMPARED = tuple(name for name in NONLINEARITIES if name != "rms")
"""All of them are computed for every picture, and the local root mean square takes longest."""


class EnergyShift(ScaleExplorer):
    """The widget that `energy_shift` returns."""

    view = view_control()
    nonlinearity = Choice(
        COMPARED, "Nonlinearity", kind="own", default_value="modulus",
        help="Whose picture and spectrum are shown; the numbers are those of all.",
    )  # fmt: skip

    def energy_fraction_below(self) -> tuple[float, float]:
        """The two percentages that the page shows now, as shares, computed in Python."""
        alm = self._alm[self.signal]
        return energy_fraction_below(alm, self.bank, self.scale, self.nonlinearity)


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
    scenes: Sequence[Scene] = (),
) -> EnergyShift:
    r"""Explore where the modulus moves the energy of wavelet coefficients.

    Two maps show the wavelet coefficients :math:`W_j` of a signal and their modulus
    :math:`|W_j|`; below each, how its energy is spread over the degrees. A slider chooses the
    scale and a menu the signal; the square, ReLU and the envelope are there to compare.

    Parameters
    ----------
    signal : array (L(L+1)/2,), (samples, Grid), xarray or mapping of names to these, optional
        What to look at. By default the Earth's relief, a Gaussian sky with the spectrum of the
        cosmic microwave background, noise and a ring.
    L : int, optional
        Truncate the signals to this band-limit, at most 128. Needed for a signal of a higher
        one, which is otherwise refused.
    J_min, lam
        Coarsest scale and dilation of the `WaveletBank`.
    scale, view, nonlinearity
        What is shown at first, see `EnergyShift`; by default the scale two below the finest.
    unit : str
        Unit of ``signal``, shown at the colours.
    coastlines : bool
        Whether ``signal`` lives on the Earth, so that coastlines help to read it.
    seed : int
        Of the random signals among the default ones.
    scenes : sequence of (str, mapping), optional
        For presenter mode: the states that arrow keys walk through, in their order. Each is a note
        for the hall and the values of controls; the other controls are as at the beginning.

    Returns
    -------
    EnergyShift
        The widget.

    Raises
    ------
    TypeError, ValueError
        The signal has NaN, a wrong length, a batch axis, no energy or too high a band-limit; an
        option is unknown or out of range. Nothing is shown then.

    Notes
    -----
    The page computes in double precision from float32 coefficients; its percentages agree with
    `sphere_toolkit.scattering.energy_fraction_below` to 1e-5.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.energy_shift(st.signals.ring(64), scale=5)
    >>> explorer.scale
    5
    >>> explorer.scale = 4
    """
    shown = shown_signals(signal, L=L, unit=unit, coastlines=coastlines, seed=seed)
    bank = WaveletBank(band_limit_of(shown), J_min=J_min, lam=lam)
    return EnergyShift(
        shown, bank, scale=scale, view=view, nonlinearity=nonlinearity, scenes=scenes
    )
