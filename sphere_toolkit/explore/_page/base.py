"""What every explorer shares: its page side, the signals it shows, colours and coastlines."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from ... import _checks, cmb, data, signals
from ...sphere.coefficients import as_alm, band_limit, truncate
from ...sphere.grid import Grid
from ...sphere.rotations import rotate
from ...sphere.spectra import energy
from ...sphere.transforms import forward
from .colours import diverging
from .compose import compose

MAX_BAND_LIMIT = 128
"""The highest band-limit that an explorer's page computes with."""

_PEN_UP = 32767  # draw.js reads it as the end of a line
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


class Explorer(anywidget.AnyWidget):
    """Base of the explorers: signals, colours and coastlines as binary state.

    A subclass adds its controls as traits. Its page side is ``view.js``, and ``style.css`` where
    there is one, in its own folder.
    """

    L = traitlets.Int(help="Band-limit of the signals.").tag(sync=True)
    names = traitlets.List(traitlets.Unicode(), help="Names of the signals.").tag(sync=True)
    signal = traitlets.Unicode(help="Name of the signal that is shown.").tag(sync=True)
    units = traitlets.List(traitlets.Unicode()).tag(sync=True)
    on_earth = traitlets.List(traitlets.Bool()).tag(sync=True)
    norms = traitlets.List(
        traitlets.Float(), help="Root of each signal's energy; its coefficients are divided by it."
    ).tag(sync=True)
    coefficients = traitlets.Bytes(help="float32 (n_signals, L(L+1)/2, 2)").tag(sync=True)
    colours = traitlets.Bytes(help="uint8 (2, 256, 3): for light and for dark pages").tag(sync=True)
    coastlines = traitlets.Bytes(
        help="int16 (n, 2): longitude, latitude in hundredths of a degree; 32767: a line ends"
    ).tag(sync=True)

    def __init_subclass__(cls, **options: Any) -> None:
        folder = Path(str(sys.modules[cls.__module__].__file__)).parent
        if (view := folder / "view.js").exists() and not hasattr(cls, "_esm"):
            styles = (Path(__file__).with_name("style.css"), folder / "style.css")
            cls._esm = compose(view)
            cls._css = "".join(s.read_text(encoding="utf-8") for s in styles if s.exists())
        super().__init_subclass__(**options)

    def __init__(self, shown: Mapping[str, ShownSignal], **traits: Any) -> None:
        alms = np.stack([s.alm for s in shown.values()])
        norms = np.sqrt(energy(alms))
        pairs = (alms / norms[:, None]).astype(np.complex64).view(np.float32)
        super().__init__(
            L=band_limit(alms),
            names=list(shown),
            signal=next(iter(shown)),
            units=[s.unit for s in shown.values()],
            on_earth=[s.on_earth for s in shown.values()],
            norms=norms.tolist(),
            coefficients=pairs.astype("<f4").tobytes(),
            colours=np.stack([diverging(), diverging(dark=True)]).tobytes(),
            coastlines=_coastlines() if any(s.on_earth for s in shown.values()) else b"",
            **traits,
        )

    @traitlets.validate("signal")
    def _known_signal(self, proposal: Any) -> str:
        return _checks.choice("signal", proposal["value"], self.names)


def shown_signals(
    signal: Signal | Mapping[str, Signal] | None,
    *,
    L: int | None,
    unit: str,
    on_earth: bool,
    seed: int,
) -> dict[str, ShownSignal]:
    """The signals of an explorer, checked, by the name under which it offers them.

    Parameters
    ----------
    signal : array, (samples, Grid), mapping of names to these, or None
        None: the bundled signals.
    L : int or None
        Truncate to this band-limit; None: as they are, at most 128.
    unit : str
        Of ``signal``.
    on_earth : bool
        Whether ``signal`` lives on the Earth, so that coastlines help.
    seed : int
        Of the random signals among the bundled ones.

    Raises
    ------
    TypeError, ValueError
        Anything that an explorer could not show.
    """
    if L is not None:
        L = _checks.integer("L", L, 2, maximum=MAX_BAND_LIMIT)
    if signal is None:
        return _bundled(MAX_BAND_LIMIT if L is None else L, seed)
    named = signal if isinstance(signal, Mapping) else {"your signal": signal}
    if not named:
        raise ValueError("signal must hold at least one signal, got an empty mapping")
    shown = {}
    for name, one in named.items():
        if not isinstance(name, str):
            raise TypeError(f"names of signals must be strings, got {name!r}")
        label = f"signal {name!r}" if isinstance(signal, Mapping) else "signal"
        shown[name] = ShownSignal(_as_shown(one, L, label), unit, on_earth)
    limits = {name: band_limit(s.alm) for name, s in shown.items()}
    if len(set(limits.values())) > 1:
        raise ValueError(
            f"signals must have one band-limit, got {limits}; L= truncates them to one"
        )
    return shown


def _as_shown(signal: Any, L: int | None, label: str) -> NDArray[np.complex128]:
    """One signal of the user as checked coefficients."""
    if isinstance(signal, str):
        raise TypeError(f"{label} must be alm or (samples, grid), got the string {signal!r}")
    if isinstance(signal, tuple) and len(signal) == 2 and isinstance(signal[1], Grid):
        signal = forward(*signal)
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
    return {
        "Earth's relief": ShownSignal(signals.earth_relief(L), "m", on_earth=True),
        "CMB-like Gaussian sky": ShownSignal(cmb.gaussian(L, seed), "µK"),
        "Band-limited noise": ShownSignal(signals.band_limited_noise(L, seed + 1)),
        "A ring": ShownSignal(rotate(signals.ring(L, width=0.02), _TILT)),
    }


def _coastlines() -> bytes:
    """Natural Earth's coastlines as the page draws them."""
    with np.load(BytesIO(data.read("coastlines_110m.npz"))) as file:
        points, starts = file["points"], file["starts"]
    pieces: list[NDArray[np.int16]] = []
    for line in np.split(np.round(100 * points).astype("<i2"), starts[1:]):
        pieces += [line, np.full((1, 2), _PEN_UP, "<i2")]
    return np.concatenate(pieces).tobytes()
