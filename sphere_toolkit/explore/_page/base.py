"""What every explorer shares: its page side, its state, colours and coastlines."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from ... import data
from ..._util.colours import diverging
from ...scattering.energy import GRID_BAND_LIMIT
from ...sphere.coefficients import band_limit
from ...sphere.spectra import energy
from ...wavelets import WaveletBank
from . import standalone
from .compose import compose, style_sheet
from .controls import Choice, controls_of, documented
from .scenes import Scene, checked_scenes
from .shown import ShownSignal

_PAGE = Path(__file__).parent
_PEN_UP = 32767  # draw.js reads it as the end of a line


class Explorer(anywidget.AnyWidget):
    """Base of the explorers: signals, colours and coastlines as binary state.

    A subclass adds its controls, each a `Control`. Its page side is ``view.js``, and ``style.css``
    where there is one, in its own folder.
    """

    signal = Choice(
        lambda explorer: explorer.names, "Signal", kind="menu", type_words="str",
        help="Name of the signal that is shown, unless a reader has opened a file in the page.",
    )  # fmt: skip
    scenes: Any = traitlets.List(
        help="For a presenter: pairs of a note and values of controls."
    ).tag(sync=True)
    controls = traitlets.Dict(help="What the page needs to know of each control.").tag(sync=True)
    later = traitlets.Unicode(
        help="A module for when a reader opens a file or takes something home; a page holds it once"
    ).tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    _view: Path
    L = traitlets.Int(help="Band-limit of the signals.").tag(sync=True)
    names = traitlets.List(traitlets.Unicode(), help="Names of the signals.").tag(sync=True)
    units = traitlets.List(traitlets.Unicode()).tag(sync=True)
    on_earth = traitlets.List(traitlets.Bool()).tag(sync=True)
    norms = traitlets.List(
        traitlets.Float(), help="Root of each signal's energy; its coefficients are divided by it."
    ).tag(sync=True)
    coefficients = traitlets.Bytes(help="float32 (n_signals, L(L+1)/2, 2)").tag(sync=True)
    colours = traitlets.Bytes(help="uint8 (256, 3), for signed values").tag(sync=True)
    coastlines = traitlets.Bytes(
        help="int16 (n, 2): longitude, latitude in hundredths of a degree; 32767: a line ends"
    ).tag(sync=True)

    def __init_subclass__(cls, **options: Any) -> None:
        folder = Path(str(sys.modules[cls.__module__].__file__)).parent
        if (view := folder / "view.js").exists() and not hasattr(cls, "_view"):
            cls._view = view
            cls.__doc__ = documented(cls.__doc__, controls_of(cls))
        # At the end of a change of several controls, since the range of one may depend on others.
        cls._check_controls = traitlets.validate(*controls_of(cls))(_checked)
        super().__init_subclass__(**options)

    def __init__(
        self, shown: Mapping[str, ShownSignal], *, scenes: Sequence[Scene] = (), **traits: Any
    ) -> None:
        self._alm = {name: s.alm for name, s in shown.items()}
        alms = np.stack(list(self._alm.values()))
        norms = np.sqrt(energy(alms))
        super().__init__(
            L=band_limit(alms),
            names=list(shown),
            units=[s.unit for s in shown.values()],
            on_earth=[s.on_earth for s in shown.values()],
            norms=norms.tolist(),
            coefficients=as_float32((alms / norms[:, None]).astype(np.complex64).view(np.float32)),
            colours=diverging().tobytes(),
            coastlines=_coastlines() if any(s.on_earth for s in shown.values()) else b"",
            **{"signal": next(iter(shown)), **traits},
        )
        self._describe_controls()
        self.observe(self._describe_controls, names=list(controls_of(self)))
        self.scenes = checked_scenes(self, scenes)

    def to_html(self, path: str | PathLike[str], *, title: str | None = None) -> Path:
        """Write one HTML file that shows this explorer without a kernel, for slides or a course.

        The page holds all that it needs, asks nobody for anything, and works when it is opened
        from a folder.

        Parameters
        ----------
        path : path-like
            Of the file, which is replaced if it exists.
        title : str, optional
            Of the page; by default the name of the explorer's class.

        Returns
        -------
        Path
            Of the file.

        Raises
        ------
        TypeError
            ``path`` is no path, or ``title`` no string.
        OSError
            The file cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import sphere_toolkit as st
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = st.explore.sampling(4).to_html(f"{folder}/aliasing.html")
        ...     file.name, "<main>" in file.read_text(encoding="utf-8")
        ('aliasing.html', True)
        """
        title = type(self).__name__ if title is None else title
        if not isinstance(title, str):
            raise TypeError(f"title must be a string, got {title!r} of type {type(title).__name__}")
        file = Path(path)
        file.write_text(standalone.page(self, title), encoding="utf-8")
        return file

    @traitlets.default("_esm")
    def _module_of_the_page(self) -> str:
        return _composed(self._view)

    @traitlets.default("later")
    def _module_for_later(self) -> str:
        return _composed(_PAGE / "later.js")

    @traitlets.default("_css")
    def _styles_of_the_page(self) -> str:
        theme, style, frame = (_PAGE / f"{name}.css" for name in ("theme", "style", "frame"))
        return style_sheet(theme, style, self._view.with_name("style.css"), frame)

    def _unit_alm(self) -> NDArray[np.complex128]:
        """The chosen signal, of unit energy as in the page."""
        return self._alm[self.signal] / self.norms[self.names.index(self.signal)]

    def _describe_controls(self, change: Any = None) -> None:
        found = controls_of(self).items()
        self.controls = {name: control.describe(self) for name, control in found}


_composed = cache(compose)


def _checked(explorer: Explorer, proposal: Any) -> Any:
    """The value of a control, or an error that says what the explorer offers."""
    return proposal["trait"].check(explorer, proposal["value"])


class BankExplorer(Explorer):
    """Base of explorers of one `WaveletBank`: its windows as binary state."""

    scales = traitlets.List(traitlets.Int()).tag(sync=True)
    bands = traitlets.List(
        traitlets.List(traitlets.Int()),
        help="Per scale the first degree of the wavelet's band and the one after its last.",
    ).tag(sync=True)
    windows = traitlets.Bytes(help="float32 (n_scales, L)").tag(sync=True)
    scaling = traitlets.Bytes(help="float32 (L_out,): the window of the average").tag(sync=True)

    def __init__(self, shown: Mapping[str, ShownSignal], bank: WaveletBank, **traits: Any) -> None:
        self.bank = bank
        super().__init__(
            shown,
            scales=list(bank.scales),
            bands=[list(bank.band(j)) for j in bank],
            windows=as_float32([bank.window(j) for j in bank]),
            scaling=as_float32(bank.scaling[: bank.scaling_band_limit]),
            **traits,
        )


class ScaleExplorer(BankExplorer):
    """Base of explorers of one scale, on a grid that also samples nonlinearities."""

    scale: Any = Choice(
        lambda explorer: explorer.scales, "Scale j", kind="slider", type_words="int",
        help="The wavelet's scale.",
    )  # fmt: skip
    grid_band_limit = traitlets.Int(GRID_BAND_LIMIT, help="Of the grid.").tag(sync=True)

    def __init__(
        self,
        shown: Mapping[str, ShownSignal],
        bank: WaveletBank,
        *,
        scale: int | None = None,
        **traits: Any,
    ) -> None:
        default = max(bank.J_min, bank.J - 2)
        super().__init__(shown, bank, scale=default if scale is None else scale, **traits)


def view_control() -> Choice:
    """A fresh control of how signals are drawn."""
    return Choice(
        ("map", "globe"), "View", kind="toggle", default_value="map",
        words={"map": "Show maps", "globe": "Show globes"},
        help="Mollweide maps, or globes that can be turned.",
    )  # fmt: skip


def as_float32(values: ArrayLike) -> bytes:
    """Numbers as the page reads them."""
    return np.asarray(values, "<f4").tobytes()


def _coastlines() -> bytes:
    """Natural Earth's coastlines as the page draws them."""
    with np.load(BytesIO(data.read("coastlines_110m.npz"))) as file:
        points, starts = file["points"], file["starts"]
    pieces: list[NDArray[np.int16]] = []
    for line in np.split(np.round(100 * points).astype("<i2"), starts[1:]):
        pieces += [line, np.full((1, 2), _PEN_UP, "<i2")]
    return np.concatenate(pieces).tobytes()
