"""The explorer of what an envelope leaves of a wave's hum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets
from scipy.spatial.transform import Rotation

from ...scattering.energy import energy_by_degree
from ...scattering.nonlinearities import Envelope
from ...sphere.coefficients import truncate
from ...sphere.equivariance import equivariance_error
from ...sphere.transforms import forward
from ...wavelets.zonal import WaveletBank
from .._page.base import ScaleExplorer, view_control
from .._page.controls import Choice
from .._page.scenes import Scene
from .._page.shown import Signal, band_limit_of, shown_signals
from .._page.transform import page_transform

ORDERS = (0, 1, 2, 3)
OVERSAMPLINGS = (1, 2)


class Envelopes(ScaleExplorer):
    """The widget that `envelope` returns."""

    order = Choice(
        ORDERS, "Order of the envelope", kind="own", default_value=1,
        help="Of the envelope that is drawn; 0 is the modulus. The numbers are those of all four.",
    )  # fmt: skip
    oversampling = Choice(
        OVERSAMPLINGS, "Oversampling", default_value=2,
        help="Rings of the grid on which the error is measured, over the wavelet's band-limit.",
    )  # fmt: skip
    view = view_control()
    angles = traitlets.List(
        [30.0, 50.0, 20.0], help="Euler angles zyz, degrees, of the rotation behind the errors."
    ).tag(sync=True)

    @property
    def nonlinearity(self) -> str:
        """The envelope that is drawn, as `ScatteringTransform` calls it."""
        return Envelope(self.order).name

    def shares(self) -> tuple[float, float, float]:
        """Energy of the envelope below, in and above the wavelet's band, computed in Python."""
        alm = self._alm[self.signal]
        after = energy_by_degree(alm, self.bank, self.scale, self.nonlinearity).after
        first, end = self.bank.band(self.scale)
        below, within = float(after[:first].sum()), float(after[first:end].sum())
        return below, within, max(0.0, 1 - below - within) if after.any() else 0.0

    def error(self) -> float:
        r"""The relative error of equivariance that the page shows now, computed in Python.

        Of the envelope's coefficients as far as coarser wavelets, or the average, look at them:
        at degrees below :math:`\lambda^j`. NaN where the signal has no energy at this scale.
        """
        network = page_transform(self.bank, 1, self.oversampling, self.nonlinearity)
        j, bank = self.scale, self.bank
        end = bank.band_limit(j - 1) if j > bank.J_min else bank.scaling_band_limit

        def envelope(alm: Any) -> Any:
            return truncate(forward(*network.propagate(alm, (j,))), end)

        if sum(self.shares()) == 0:
            return float("nan")
        turn = Rotation.from_euler("ZYZ", self.angles, degrees=True)
        return float(equivariance_error(envelope, self._unit_alm(), turn)[0])


def envelope(
    signal: Signal | Mapping[str, Signal] | None = None,
    *,
    L: int | None = None,
    J_min: int = 0,
    lam: float = 2.0,
    scale: int | None = None,
    order: int = 1,
    oversampling: int = 2,
    view: str = "map",
    unit: str = "",
    coastlines: bool = False,
    seed: int = 0,
    scenes: Sequence[Scene] = (),
) -> Envelopes:
    r"""Explore what an envelope leaves of a wave's hum.

    Three maps show the wavelet coefficients :math:`W_j` of a signal, a wave, their modulus, and
    the Riesz envelope :math:`U_N` of order N; below stand their values along a part of the equator
    and the spectra of both. The modulus is a rectified wave: it hums at twice its frequency, has a
    kink along every zero line, and aliases. A table compares the orders 0 (the modulus) to 3: the
    energy below, in and above the wavelet's band, and how far each is from commuting with a
    rotation.

    Parameters
    ----------
    signal, L, unit, coastlines, seed
        As for `energy_shift`, with the errors that it names.
    J_min, lam
        Coarsest scale and dilation of the `WaveletBank`.
    scale, order, oversampling, view
        What is shown at first, see `Envelopes`; by default the scale two below the finest.
    scenes
        For presenter mode, as for `energy_shift`.

    Returns
    -------
    Envelopes
        The widget.

    Notes
    -----
    Maps and spectra are taken on the grid of `sphere_toolkit.scattering.energy_by_degree`, the
    errors on that of a scattering network, with the next power of two of rings. The page computes
    from float32 coefficients: shares agree with `Envelopes.shares` to 1e-5, and errors with
    `Envelopes.error` to 1e-5, so that rounding hides an error below about 1e-6.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.envelope(L=64, scale=5)
    >>> modulus, explorer.order = explorer.error(), 2
    >>> explorer.error() < modulus / 2
    True
    """
    shown = shown_signals(signal, L=L, unit=unit, coastlines=coastlines, seed=seed)
    bank = WaveletBank(band_limit_of(shown), J_min=J_min, lam=lam)
    return Envelopes(
        shown,
        bank,
        scale=scale,
        order=order,
        oversampling=oversampling,
        view=view,
        scenes=scenes,
    )
