"""Scattering coefficients as a notebook shows them: a table of paths and their tree."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from .paths import Path, in_order

if TYPE_CHECKING:
    from .coefficients import ScatteringCoefficients

_MOST_ROWS = 30
_WIDTH, _ROW = 70, 9  # pixels between depths and between leaves


def as_html(S: ScatteringCoefficients) -> str:
    """The representation of coefficients for Jupyter; energies are means over a batch."""
    if not S.alm.size:
        return f"<pre>{escape(repr(S))}</pre>"
    energies = S.energy().reshape(-1, len(S.paths))
    known = ~np.isnan(energies)
    energy = np.sum(energies, axis=0, where=known) / np.maximum(known.sum(axis=0), 1)
    total = np.nansum(energy) or 1.0
    masked = S.weights is not None
    rows = "".join(
        f"<tr><td>{escape(str(path))}</td><td>{e:.4g}</td><td>{e / total:.2%}</td>"
        + (f"<td>{area:.1%}</td></tr>" if masked else "</tr>")
        for path, e, area in list(zip(S.paths, energy, S.area, strict=True))[:_MOST_ROWS]
    )
    over = "<th>area</th>" if masked else ""
    more = len(S.paths) - _MOST_ROWS
    rest = f"<tr><td colspan={3 + masked}>and {more} more paths</td></tr>" if more > 0 else ""
    of = "energy" if not S.batch_shape else "mean energy"
    return (
        f"<div><p>{escape(repr(S))}</p><div style='display:flex;gap:2em;align-items:flex-start'>"
        f"<table><thead><tr><th>path</th><th>{of}</th><th>share</th>{over}</tr></thead>"
        f"<tbody>{rows}{rest}</tbody></table>{_tree(S, np.nan_to_num(energy) / total)}</div></div>"
    )


def _tree(S: ScatteringCoefficients, share: np.ndarray) -> str:
    """A small picture of the tree: the area of a dot is the share of its path's energy."""
    if () not in S.paths or any(path and path[:-1] not in S.paths for path in S.paths):
        return ""
    height: dict[Path, float] = {}
    leaves = 0

    def place(path: Path) -> float:
        nonlocal leaves
        children = [p for p in S.paths if len(p) == len(path) + 1 and p[: len(path)] == path]
        below = [place(child) for child in sorted(children, key=in_order, reverse=True)]
        if not below:
            leaves += 1
        height[path] = float(np.mean(below)) if below else _ROW * (leaves - 0.5)
        return height[path]

    place(())
    at = {path: (12 + _WIDTH * len(path), y + 8) for path, y in height.items()}
    lines = "".join(
        f"<line x1='{at[p[:-1]][0]}' y1='{at[p[:-1]][1]:.1f}' x2='{at[p][0]}' y2='{at[p][1]:.1f}'/>"
        for p in S.paths
        if p
    )
    dots = "".join(
        f"<circle cx='{at[p][0]}' cy='{at[p][1]:.1f}' r='{1.5 + 9 * np.sqrt(s):.1f}'>"
        f"<title>{escape(str(p))}: {s:.2%}</title></circle>"
        for p, s in zip(S.paths, share, strict=True)
    )
    width, tall = 24 + _WIDTH * max(map(len, S.paths)), _ROW * leaves + 16
    return (
        f"<svg width='{width}' height='{tall:.0f}' role='img' aria-label='tree of the paths'>"
        f"<g stroke='currentColor' opacity='0.35'>{lines}</g>"
        f"<g fill='currentColor' opacity='0.75'>{dots}</g></svg>"
    )
