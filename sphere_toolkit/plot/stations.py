"""The whole network of the course as a row of stations, for the head of a chapter."""

from __future__ import annotations

from html import escape
from typing import NamedTuple


class Station(NamedTuple):
    """A station: what it says, the chapters that stop there, and the strokes of its picture."""

    words: str
    chapters: tuple[str, ...]
    strokes: str


_GLOBE = "<circle cx='20' cy='14' r='11'/>"
STATIONS = {
    "signal": Station(
        "a real signal",
        ("00", "13"),
        _GLOBE + "<path d='M11 8q5 6 10 1t8 0M10 18q6-5 9 1t3 6M25 16q4-2 6 0'/>",
    ),
    "samples": Station(
        "values on a grid",
        ("02",),
        _GLOBE + "<path d='M9 14h22M11 8h18M11 20h18M20 3v22M20 3q-12 11 0 22M20 3q12 11 0 22'/>",
    ),
    "harmonics": Station(
        "alm: a weight for each harmonic",
        ("01",),
        "<path d='M6 24V4M12 24V9M18 24v-9M24 24v-6M30 24v-4M36 24v-2'/>",
    ),
    "wavelets": Station(
        "one scale at a time",
        ("04",),
        "<path d='M3 14h5q2 0 3.5 4T15 14q1.5-4 2.5-6T20 2t2.5 6 2.5 6q2 8 3.5 4t3.5-4h5'/>",
    ),
    "modulus": Station(
        "the absolute value",
        ("05", "08"),
        "<path d='M7 4v20M33 4v20M12 18q4-12 8 0 4-12 8 0'/>",
    ),
    "tree": Station(
        "wavelets and modulus, again",
        ("06",),
        "<path d='M5 14h8l8-8h12M13 14h20M13 14l8 8h12M25 6l4 4h4'/>"
        "<circle cx='5' cy='14' r='2'/><circle cx='13' cy='14' r='2'/>",
    ),
    "coefficients": Station(
        "a small map per path",
        ("07", "14"),
        "<circle cx='8' cy='14' r='5'/><circle cx='20' cy='14' r='5'/>"
        "<circle cx='32' cy='14' r='5'/>"
        "<path d='M3 14h10M15 14h10M27 14h10'/>",
    ),
    "store": Station(
        "computed once, kept",
        ("11",),
        "<ellipse cx='20' cy='6' rx='11' ry='3.5'/>"
        "<path d='M9 6v16q0 3.5 11 3.5T31 22V6M9 14q0 3.5 11 3.5T31 14'/>",
    ),
    "network": Station(
        "a spherical CNN",
        ("09", "10"),
        "<path d='M7 7l13-2 13 9M7 7l13 9 13-2M7 21l13-5M7 21l13 3 13-10M7 21L20 5'/>"
        "<circle cx='7' cy='7' r='2'/><circle cx='7' cy='21' r='2'/><circle cx='20' cy='5' r='2'/>"
        "<circle cx='20' cy='16' r='2'/><circle cx='20' cy='24' r='2'/>"
        "<circle cx='33' cy='14' r='2'/>",
    ),
    "answer": Station("a class, a number", ("12",), "<path d='M8 15l8 8L32 5'/>"),
}
"""The stations in the order of the data."""

ROTATIONS = Station(
    "turn the signal, and every station up to the network turns with it; the answer stays",
    ("03",),
    "<path d='M29 8a11 11 0 1 0 2 6M31 3v6h-6'/>",
)
"""The band above all stations."""

_ALLOWED = ("signal", "samples", "harmonics", "rotations", *list(STATIONS)[3:])

_STYLE = """
.st-map { container-type: inline-size; margin: 0.5rem 0 1.5rem; line-height: 1.25;
  --st-ink: var(--pst-color-text-base, var(--jp-content-font-color1, CanvasText));
  --st-soft: var(--pst-color-text-muted, var(--jp-ui-font-color2, GrayText));
  --st-line: var(--pst-color-border, var(--jp-border-color1, #8888));
  --st-lit: var(--pst-color-primary, var(--jp-brand-color1, #1f5f99));
  --st-on-lit: var(--pst-color-background, var(--jp-layout-color0, Canvas));
  color: var(--st-ink); }
.st-map ol, .st-map li, .st-map p { list-style: none; margin: 0; padding: 0; }
.st-map ol { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 0.6rem 1.3rem;
  margin-right: 1.3rem; }
.st-map .st-station { position: relative; padding: 0.4rem 0.3rem; text-align: center;
  border: 1px solid var(--st-line); border-radius: 0.5rem; }
.st-map li.st-station:not(:last-child)::after { content: "→"; position: absolute; left: 100%;
  top: 50%; width: 1.3rem; transform: translateY(-50%); color: var(--st-soft); }
.st-map svg { display: block; width: 40px; height: 28px; margin: 0 auto 0.15rem; fill: none;
  stroke: currentColor; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
.st-map b, .st-map small { display: block; font-size: 0.95em; overflow-wrap: normal; }
.st-map small { font-size: 0.8em; color: var(--st-soft); }
.st-map .st-chapters { position: absolute; top: 0.2rem; left: 0.4rem; width: 1.4em;
  line-height: 1.1; }
.st-map p.st-station { display: flex; gap: 0.6rem; align-items: center; margin: 0 1.3rem 0.6rem 0;
  padding: 0.3rem 0.8rem 0.3rem 1.7rem; text-align: left;
  border-style: dashed; }
.st-map p svg { flex: none; margin: 0; }
.st-map .st-lit { background: var(--st-lit); border: 1px solid var(--st-lit); }
.st-map .st-lit, .st-map .st-lit small { color: var(--st-on-lit); }
@container (max-width: 36rem) {
  .st-map ol { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.5rem 1.1rem;
    margin-right: 1.1rem; }
  .st-map p.st-station { margin-right: 1.1rem; padding-inline: 1.7rem 0.3rem; }
  .st-map li.st-station:not(:last-child)::after { width: 1.1rem; }
  .st-map li:not([aria-current]) .st-words { display: none; }
  .st-map li.st-station { padding-inline: 0.1rem; }
  .st-map li b { font-size: 0.88em; }
}
"""


class NetworkMap:
    """The network of the course with one station lit, as a notebook and the book show it.

    It takes its colours from the page, so that it follows a light or a dark theme.

    Attributes
    ----------
    here : str or None
        The station that is lit; None if all are.
    alt : str
        What the picture shows, in words. A screen reader reads the stations themselves.
    """

    def __init__(self, here: str | None) -> None:
        self.here = here
        flow = ", ".join(f"{name} ({station.words})" for name, station in STATIONS.items())
        self._place = f"You are here: {here}." if here else "All stations are lit."
        self.alt = f"The whole network: {flow}. Rotations: {ROTATIONS.words}. {self._place}"

    def __repr__(self) -> str:
        """The flow as one line of text."""
        names = [f"[{n}]" if self._lit(n) else n for n in STATIONS]
        band = "[rotations]" if self._lit("rotations") else "rotations"
        return f"{' → '.join(names)} · {band}"

    def _repr_html_(self) -> str:
        steps = "".join(self._station("li", name, each) for name, each in STATIONS.items())
        label = f"The whole network. {self._place}"
        return (
            f"<div class='st-page st-map' role='group' aria-label='{label}'>"
            f"<style>{_STYLE}</style>{self._station('p', 'rotations', ROTATIONS)}"
            f"<ol>{steps}</ol></div>"
        )

    def _lit(self, name: str) -> bool:
        return self.here in (None, name)

    def _station(self, tag: str, name: str, station: Station) -> str:
        lit = " st-lit' aria-current='step" if self.here == name else ""
        lit = lit or (" st-lit" if self.here is None else "")
        return (
            f"<{tag} class='st-station{lit}' data-station='{name}'>"
            f"<svg viewBox='0 0 40 28' aria-hidden='true'>{station.strokes}</svg>"
            f"<span><b>{name}</b><small class='st-words'>{escape(station.words)}</small>"
            f"<small class='st-chapters'>{' '.join(station.chapters)}</small></span></{tag}>"
        )


def you_are_here(here: str | None = None) -> NetworkMap:
    """The network of the whole course, with the station of a chapter lit.

    A signal is sampled on a grid and becomes coefficients of harmonics (alm). Wavelets take one
    scale at a time; a modulus follows; both again and again are the tree of the scattering network.
    It ends in one small map per path, which is kept and read by a spherical CNN. All of it
    commutes with rotations: the band above says so.

    Parameters
    ----------
    here : str, optional
        The station to light: "signal", "samples", "harmonics", "rotations", "wavelets", "modulus",
        "tree", "coefficients", "store", "network" or "answer". By default all are lit.

    Returns
    -------
    NetworkMap
        Shown by a notebook; its attribute ``alt`` says in words what is seen.

    Raises
    ------
    ValueError
        If there is no such station.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.plot.you_are_here("modulus")
    signal → samples → harmonics → wavelets → [modulus] → tree → ... → answer · rotations
    """
    if here is not None and here not in _ALLOWED:
        raise ValueError(f"here must be None or one of {_ALLOWED}, got {here!r}")
    return NetworkMap(here)
