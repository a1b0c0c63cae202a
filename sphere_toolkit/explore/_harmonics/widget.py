"""The explorer of spherical harmonics and band-limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from ...sphere.spectra import real_coefficient, residual_energy
from .._page.base import Explorer, view_control
from .._page.controls import Choice, Number, within
from .._page.scenes import Scene
from .._page.shown import Signal, band_limit_of, shown_signals

MODES = {"signal": "All up to a degree", "harmonic": "One harmonic"}


class Harmonics(Explorer):
    """The widget that `harmonics` returns."""

    mode = Choice(MODES, "Look at", words=MODES, help="A signal up to a degree, or one harmonic.")
    band_limit = Number(
        1, lambda explorer: explorer.L, "Band-limit", help="Degrees below it are kept, 1 to L."
    )
    degree = Number(
        0, lambda explorer: explorer.L - 1, "Degree ℓ",
        help="Of the one harmonic. A degree below ``abs(order)`` brings the order along.",
    )  # fmt: skip
    order = Number(
        lambda explorer: -explorer.degree, lambda explorer: explorer.degree, "Order m",
        help="Of the one harmonic.",
    )  # fmt: skip
    view = view_control()

    def residual_energy(self) -> float:
        """Share of the energy that is left out now, computed in Python."""
        return float(residual_energy(self._alm[self.signal])[self.band_limit])

    def coefficient(self) -> float:
        """The signal's coefficient in the harmonic that is chosen now, computed in Python."""
        return real_coefficient(self._alm[self.signal], self.degree, self.order)

    @traitlets.observe("degree")
    def _bring_the_order_along(self, change: Any) -> None:
        self.order = max(-self.degree, min(self.degree, self.order))


def harmonics(
    signal: Signal | Mapping[str, Signal] | None = None,
    *,
    L: int | None = None,
    mode: str = "signal",
    band_limit: int | None = None,
    degree: int | None = None,
    order: int | None = None,
    view: str = "map",
    unit: str = "",
    coastlines: bool = False,
    seed: int = 0,
    scenes: Sequence[Scene] = (),
) -> Harmonics:
    r"""Explore spherical harmonics and band-limits.

    In the first mode one map shows a signal truncated to degrees below a band-limit and another the
    rest; a chart shows the spectrum and the energy of the rest. In the second mode a real harmonic
    :math:`Y_{\ell m}` is shown beside the degree :math:`\ell` of the signal. Sliders set
    band-limit, degree and order.

    Parameters
    ----------
    signal, L, unit, coastlines, seed
        As for `energy_shift`, with the errors that it names.
    mode, band_limit, degree, order, view
        The first choices, see `Harmonics`. By default the band-limit is 16, the degree 5 and the
        order 3, or the largest possible value where that is less.
    scenes
        For presenter mode, as for `energy_shift`.

    Returns
    -------
    Harmonics
        The widget.

    Notes
    -----
    The page computes in double precision from float32 coefficients. Its numbers agree with
    `sphere_toolkit.sphere.spectra.residual_energy` and
    `sphere_toolkit.sphere.spectra.real_coefficient` to 1e-5 of the whole.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.harmonics(st.signals.earth_relief(64), band_limit=8)
    >>> f"{explorer.residual_energy():.1%}"
    '13.2%'
    >>> explorer.band_limit = 32
    """
    shown = shown_signals(signal, L=L, unit=unit, coastlines=coastlines, seed=seed)
    L = band_limit_of(shown)
    degree = min(5, L - 1) if degree is None else degree
    degree = int(within("degree", degree, 0, L - 1, integer=True))  # the order's range follows
    if band_limit is None:
        band_limit = min(16, L)
    order = min(3, degree) if order is None else order
    return Harmonics(
        shown,
        mode=mode,
        band_limit=band_limit,
        degree=degree,
        order=order,
        view=view,
        scenes=scenes,
    )
