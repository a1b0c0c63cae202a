"""The figure of the experiment: every statistic of the data, and its distance among simulations."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import style

# Of Okabe and Ito.
_COLOURS = {"V": "#0072b2", "W": "#d55e00"}
_MARKERS = {"V": "o", "W": "^"}


def wmap_figure(result: dict[str, Any]) -> Figure:
    """Deviations of both bands outside the mask, and what would have been found."""
    null = result["null"]
    title = f"WMAP outside the mask against {null['simulations']} Gaussian simulations"
    figure, left, right = style.panels(13, 5.2, 0.5, title)
    for band, colour in _COLOURS.items():
        shape = result["maps"][band]["shape"]
        z = [row["z"] for row in shape["statistics"]]
        left.plot(
            np.arange(len(z)),
            z,
            _MARKERS[band],
            color=colour,
            label=f"{band}: chi2 {shape['chi2']:.1f} of {shape['degrees_of_freedom']}, "
            f"p = {shape['p_chi2']:.2f}",
        )
    names = [row["statistic"] for row in shape["statistics"]]
    left.set_xticks(np.arange(len(names)), names, rotation=90, fontsize=8)
    left.axhline(0, color=style.GREY, linewidth=0.8)
    for y in (-2, 2):
        left.axhline(y, **style.GUIDE)
    left.set(ylabel="deviation, standard deviations", ylim=(-4, 4))
    left.set_title("Shape of the coefficients; dashed: 2", loc="left", fontsize=11)
    left.legend(frameon=False, fontsize=9)
    for kind, marker in (("f_NL", "s"), ("point sources", "o"), ("Galaxy", "^")):
        row = result["power"][kind]
        x = np.array(row["levels"]) / (1000 if kind == "f_NL" else 0.1)
        unit = "1000" if kind == "f_NL" else "0.1"
        label = f"{kind}, in units of {unit}"
        right.plot(x, row["found_by_shape"], marker=marker, linewidth=1, label=label)
    right.axhline(0.95, **style.GUIDE)
    right.set(xscale="log", ylim=(0, 1.4), xlabel="level", ylabel="share of skies found")
    right.set_title("What would have been found; dashed: 95 %", loc="left", fontsize=11)
    right.legend(frameon=False, fontsize=9, loc="upper left")
    style.tidy(left)
    style.tidy(right)
    return figure
