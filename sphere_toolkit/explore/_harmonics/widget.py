"""The explorer of spherical harmonics and of what a band-limit is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from ... import _checks
from ...sphere.coefficients import as_alm, band_limit
from ...sphere.spectra import power_spectrum
from .._energy_shift.widget import VIEWS
from .._page.base import Explorer, ShownSignal, Signal, shown_signals

MODES = ("signal", "harmonic")


def residual_energy(alm: ArrayLike) -> NDArray[np.float64]:
    r"""Share of a signal's energy that each lower band-limit leaves out.

    .. math:: r_B = \sum_{\ell \ge B} \sum_{|m| \le \ell} |f_{\ell m}|^2 \Big/ \|f\|^2

    Parameters
    ----------
    alm : array (L(L+1)/2,), complex

    Returns
    -------
    array (L + 1,), float64
        From 1 at ``B = 0`` down to 0 at ``B = L``. Exact.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is no single set of coefficients, has NaN or no energy.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> left_out = st.explore.residual_energy(st.signals.earth_relief(128))
    >>> f"{left_out[16]:.1%}"
    '7.6%'
    """
    alm = _one_signal(alm)
    size = np.abs(alm).max()
    if not size > 0:
        raise ValueError("alm is zero everywhere: it has no energy to leave out")
    spectrum = power_spectrum(alm / size)  # a signal may have any unit: its square would overflow
    energy = (2 * np.arange(spectrum.size) + 1) * spectrum
    left = np.append(energy[::-1].cumsum()[::-1], 0.0)
    return left / left[0]


def real_coefficient(alm: ArrayLike, degree: int, order: int) -> float:
    r"""Coefficient of a real signal in one real harmonic of `sphere_toolkit.signals.harmonic`.

    .. math:: \int f\, h_{\ell m}\, d\omega = f_{\ell 0},\quad
              \sqrt2\, \mathrm{Re} f_{\ell m}\ (m > 0),\quad
              -\sqrt2\, \mathrm{Im} f_{\ell |m|}\ (m < 0)

    Parameters
    ----------
    alm : array (L(L+1)/2,), complex
    degree, order : int
        ``0 <= degree < L`` and ``-degree <= order <= degree``.

    Returns
    -------
    float
        Unit of ``alm``. The squares of all of them add up to the signal's energy.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is no single set of coefficients, or it has no such degree and order.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> f"{st.explore.real_coefficient(st.signals.harmonic(8, 5, -2), 5, -2):.6f}"
    '1.000000'
    """
    alm = _one_signal(alm)
    L = band_limit(alm)
    degree = _checks.integer("degree", degree, 0, maximum=L - 1)
    order = _checks.integer("order", order, -degree, maximum=degree)
    m = abs(order)
    value = complex(alm[m * L - m * (m - 1) // 2 + degree - m])
    if m == 0:
        return value.real
    return float(np.sqrt(2) * (value.real if order > 0 else -value.imag))


class Harmonics(Explorer):
    """The widget that `harmonics` returns.

    Attributes
    ----------
    mode : {"signal", "harmonic"}
        A signal up to a degree, or one harmonic; this and all below are readable and settable.
    band_limit : int
        Degrees below it are kept, 1 to L.
    degree, order : int
        Of the one harmonic. A degree below ``abs(order)`` brings the order along.
    signal : str
    view : {"map", "globe"}
    """

    mode = traitlets.Unicode().tag(sync=True)
    band_limit = traitlets.Int().tag(sync=True)
    degree = traitlets.Int().tag(sync=True)
    order = traitlets.Int().tag(sync=True)
    view = traitlets.Unicode().tag(sync=True)

    def __init__(self, shown: Mapping[str, ShownSignal], **traits: Any) -> None:
        self._alm = {name: s.alm for name, s in shown.items()}
        super().__init__(shown, **traits)

    def residual_energy(self) -> float:
        """Share of the energy that is left out now, computed in Python."""
        return float(residual_energy(self._alm[self.signal])[self.band_limit])

    def coefficient(self) -> float:
        """The signal's coefficient in the harmonic that is chosen now, computed in Python."""
        return real_coefficient(self._alm[self.signal], self.degree, self.order)

    @traitlets.validate("mode")
    def _known_mode(self, proposal: Any) -> str:
        return _checks.choice("mode", proposal["value"], MODES)

    @traitlets.validate("view")
    def _known_view(self, proposal: Any) -> str:
        return _checks.choice("view", proposal["value"], VIEWS)

    @traitlets.validate("band_limit")
    def _possible_band_limit(self, proposal: Any) -> int:
        return _checks.integer("band_limit", proposal["value"], 1, maximum=self.L)

    @traitlets.validate("degree")
    def _possible_degree(self, proposal: Any) -> int:
        return _checks.integer("degree", proposal["value"], 0, maximum=self.L - 1)

    @traitlets.validate("order")
    def _possible_order(self, proposal: Any) -> int:
        return _checks.integer("order", proposal["value"], -self.degree, maximum=self.degree)

    @traitlets.observe("degree")
    def _bring_the_order_along(self, change: Any) -> None:
        self.order = max(-self.degree, min(self.degree, self.order))


def harmonics(
    signal: Signal | Mapping[str, Signal] | None = None,
    *,
    L: int | None = None,
    mode: str = "signal",
    band_limit: int | None = None,
    degree: int = 5,
    order: int = 3,
    view: str = "map",
    unit: str = "",
    coastlines: bool = False,
    seed: int = 0,
) -> Harmonics:
    r"""Explore spherical harmonics, and what a band-limit is.

    Either a signal is rebuilt from its degrees below a band-limit, beside what is left out, its
    spectrum and the energy of the rest; or one real harmonic :math:`Y_{\ell m}` is shown beside
    the whole degree :math:`\ell` of the signal. Sliders choose band-limit, degree and order.

    Parameters
    ----------
    signal : array (L(L+1)/2,), (samples, Grid) or mapping of names to these, optional
        What to look at. By default the Earth's relief, a Gaussian sky with the spectrum of the
        cosmic microwave background, noise and a ring.
    L : int, optional
        Truncate the signals to this band-limit, at most 128. Needed for a signal of a higher
        one, which is otherwise refused.
    mode : {"signal", "harmonic"}
        What is shown at first.
    band_limit : int, optional
        At first; by default 16, or L where that is less.
    degree, order : int
        Of the harmonic at first.
    view : {"map", "globe"}
    unit : str
        Unit of ``signal``, shown at the colours.
    coastlines : bool
        Whether ``signal`` lives on the Earth, so that coastlines help to read it.
    seed : int
        Of the random signals among the default ones.

    Returns
    -------
    Harmonics
        A widget: as the last expression of a cell it is shown. Its attributes tell what the
        reader has chosen, and can be set.

    Raises
    ------
    TypeError, ValueError
        The signal has NaN, a wrong length, a batch axis, no energy or too high a band-limit; an
        option is unknown or out of range. Nothing is shown then.

    Notes
    -----
    The page computes in double precision from float32 coefficients; its numbers agree with
    `residual_energy` and `real_coefficient` to 1e-5 of the whole.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.harmonics(st.signals.earth_relief(64), band_limit=8)
    >>> f"{explorer.residual_energy():.1%}"
    '13.2%'
    >>> explorer.band_limit = 32
    """
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a string, got {unit!r} of type {type(unit).__name__}")
    seed = _checks.integer("seed", seed, 0)
    mode = _checks.choice("mode", mode, MODES)
    view = _checks.choice("view", view, VIEWS)
    shown = shown_signals(signal, L=L, unit=unit, on_earth=bool(coastlines), seed=seed)
    L = _band_limit_of(shown)
    limit = min(16, L) if band_limit is None else band_limit
    limit = _checks.integer("band_limit", limit, 1, maximum=L)
    degree = _checks.integer("degree", degree, 0, maximum=L - 1)
    order = _checks.integer("order", order, -degree, maximum=degree)
    return Harmonics(shown, mode=mode, band_limit=limit, degree=degree, order=order, view=view)


def _band_limit_of(shown: Mapping[str, ShownSignal]) -> int:
    return band_limit(next(iter(shown.values())).alm)


def _one_signal(alm: ArrayLike) -> NDArray[np.complex128]:
    array = as_alm(alm)
    if array.ndim != 1:
        raise ValueError(f"alm must be one signal of shape (L(L+1)/2,), got shape {array.shape}")
    return array
