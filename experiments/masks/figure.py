"""The figure of the experiment: the bias of every path's mean, with the fills side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import style

# Of Okabe and Ito.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")


def masks_figure(result: dict[str, Any]) -> Figure:
    """Bias of the mean of every path: all ways, and those with the fill alone."""
    title = f"Scattering behind the mask of WMAP: {result['skies']} skies of each kind"
    figure, left, right = style.panels(12, 5.4, 1.0, title)
    x = np.arange(len(result["paths"]))
    finest = max(way["oversampling"] for way in result["ways"])
    kinds = list(dict.fromkeys((way["skies"], way["fill"]) for way in result["ways"]))
    for way in result["ways"]:
        means, fine = way["means"], way["oversampling"] == finest
        colour = _COLOURS[kinds.index((way["skies"], way["fill"]))]
        label = f"{way['skies']}, {way['fill']}, {way['oversampling']:g}"
        left.plot(
            x, means["bias"], "o-" if fine else "x--", color=colour, linewidth=1, markersize=4,
            label=label,
        )  # fmt: skip
        if fine and way["fill"].startswith("realisation"):
            shifted = x + 0.07 * kinds.index((way["skies"], way["fill"])) - 0.14
            right.errorbar(shifted, means["bias"], means["error"], fmt="o", color=colour)
    limit = result["limits"]["means"]
    for y in (-limit, limit):
        right.axhline(y, **style.GUIDE)
    for ax in (left, right):
        ax.axhline(0, color=style.GREY, linewidth=0.8)
        ax.set_xticks(x, [f"({path})" for path in result["paths"]], rotation=90)
        style.tidy(ax)
    left.set_yscale("symlog", linthresh=0.5)
    figure.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=8)
    left.set_ylabel("bias of the mean, standard deviations")
    left.set_title("Every fill", loc="left", fontsize=11)
    right.set_title("Constrained realisations; dashed: the limit", loc="left", fontsize=11)
    return figure
