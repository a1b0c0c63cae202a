"""The signals that explorers show: checked, named, with units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from ... import cmb, signals
from ..._util import checks
from ...sphere.coefficients import as_alm, band_limit, truncate
from ...sphere.grids.grid import Grid
from ...sphere.grids.labelled import holds_labelled_samples
from ...sphere.rotations import rotate
from ...sphere.spectra import energy
from ...sphere.transforms import forward

MAX_BAND_LIMIT = 128
"""The highest band-limit that an explorer's page computes with."""

_LEAST_BUNDLED = 3
"""The least band-limit of the bundled signals: the sky among them begins at degree 2."""

# A ring along the grid's own rings would be sampled at its worst: see energy_by_degree.
_TILT = Rotation.from_euler("zyz", [0.4, 0.9, 0.0])

Signal = ArrayLike | tuple[ArrayLike, Grid]


@dataclass(frozen=True)
class ShownSignal:
    """A signal as an explorer shows it.

    Attributes
    ----------
    alm : array (L(L+1)/2,), complex128
    unit : str
    on_earth : bool
        Draw coastlines above it.
    """

    alm: NDArray[np.complex128]
    unit: str = ""
    on_earth: bool = False


def shown_signals(
    signal: Signal | Mapping[str, Signal] | None,
    *,
    L: int | None,
    unit: str,
    coastlines: bool,
    seed: int,
    L_bundled: int = MAX_BAND_LIMIT,
) -> dict[str, ShownSignal]:
    """The signals of an explorer, checked, by the name under which it offers them.

    Parameters
    ----------
    signal : array, (samples, Grid), xarray, mapping of names to these, or None
        None: the bundled signals.
    L : int or None
        Truncate to this band-limit; None: as they are, at most 128.
    unit : str
        Of ``signal``.
    coastlines : bool
        Whether ``signal`` lives on the Earth, so that coastlines help.
    seed : int
        Of the random signals among the bundled ones.
    L_bundled : int
        Band-limit of the bundled signals where ``L`` is None.

    Raises
    ------
    TypeError, ValueError
        Anything that an explorer could not show.
    """
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a string, got {unit!r} of type {type(unit).__name__}")
    seed = checks.integer("seed", seed, 0)
    if L is not None:
        L = checks.integer("L", L, 2, maximum=MAX_BAND_LIMIT)
    if signal is None:
        return _bundled(L_bundled if L is None else L, seed)
    named = signal if isinstance(signal, Mapping) else {"your signal": signal}
    if not named:
        raise ValueError("signal must hold at least one signal, got an empty mapping")
    shown = {}
    for name, one in named.items():
        if not isinstance(name, str):
            raise TypeError(f"names of signals must be strings, got {name!r}")
        label = f"signal {name!r}" if isinstance(signal, Mapping) else "signal"
        shown[name] = ShownSignal(_as_shown(one, L, label), unit, bool(coastlines))
    limits = {name: band_limit(s.alm) for name, s in shown.items()}
    if len(set(limits.values())) > 1:
        raise ValueError(
            f"signals must have one band-limit, got {limits}; L= truncates them to one"
        )
    return shown


def band_limit_of(shown: Mapping[str, ShownSignal]) -> int:
    """The band-limit of the signals that an explorer shows."""
    return band_limit(next(iter(shown.values())).alm)


def _as_shown(signal: Any, L: int | None, label: str) -> NDArray[np.complex128]:
    """One signal of the user as checked coefficients."""
    if isinstance(signal, str):
        raise TypeError(f"{label} must be alm or (samples, grid), got the string {signal!r}")
    if isinstance(signal, tuple) and len(signal) == 2 and isinstance(signal[1], Grid):
        signal = forward(*signal)
    elif holds_labelled_samples(signal):
        signal = forward(signal)
    alm = as_alm(signal)
    if alm.ndim != 1:
        raise ValueError(f"{label} must be one signal, got coefficients of shape {alm.shape}")
    found = band_limit(alm)
    if L is None and found > MAX_BAND_LIMIT:
        raise ValueError(
            f"{label} has band-limit {found}, but an explorer shows at most {MAX_BAND_LIMIT}; "
            f"pass L={MAX_BAND_LIMIT} to show it truncated"
        )
    if L is not None:
        if found < L:
            raise ValueError(f"L must be at most the band-limit of {label}, {found}, got {L}")
        alm = truncate(alm, L)
    if not energy(alm) > 0:
        raise ValueError(f"{label} is zero everywhere: it has no energy to show")
    return alm


def _bundled(L: int, seed: int) -> dict[str, ShownSignal]:
    if L < _LEAST_BUNDLED:
        raise ValueError(
            f"L must be at least {_LEAST_BUNDLED} for the bundled signals, got {L}: the sky among "
            "them has no degrees below 2. Pass a larger L, or a signal of your own"
        )
    return {
        "Earth's relief": ShownSignal(signals.earth_relief(L), "m", on_earth=True),
        "CMB-like Gaussian sky": ShownSignal(cmb.gaussian(L, seed), "µK"),
        "Band-limited noise": ShownSignal(signals.band_limited_noise(L, seed + 1)),
        "A ring": ShownSignal(rotate(signals.ring(L, width=0.02), _TILT)),
    }
