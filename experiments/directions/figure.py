"""The figure of the experiment: how far the classes are apart on every path, and the accuracies."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from .. import style

# Of Okabe and Ito.
_COLOURS = ("#0072b2", "#d55e00")
# A large circle behind a small diamond, so that both are seen where they agree.
_MARKERS = (("o", 10), ("D", 5))


def directions_figure(result: dict[str, Any]) -> Figure:
    """Shift of every path's mean between the classes, and the accuracy of every classifier."""
    of = f"{result['test_per_class']} test skies per class"
    figure, left, right = style.panels(11, 4.6, 0.6, f"Are these strokes aligned?  {of}")
    names = list(result["shifts"])
    paths = [one["path"] for one in max(result["shifts"].values(), key=len)]
    for name, colour, (marker, size) in zip(names, _COLOURS, _MARKERS, strict=False):
        points = result["shifts"][name]
        x = [paths.index(one["path"]) for one in points]
        y = [one["shift"] for one in points]
        left.plot(x, y, marker, color=colour, markersize=size, label=name)
    left.axhline(0, **style.GUIDE)
    left.set_xticks(range(len(paths)), paths, rotation=90, fontsize=8)
    left.set_ylabel("aligned minus scrambled, standard deviations")
    left.set_title("Logarithm of each path's mean", loc="left", fontsize=11)
    left.legend(frameon=False)
    rows = result["rows"]
    places = np.arange(len(rows))[::-1]
    found, low, high = (np.array([r[key] for r in rows]) for key in ("accuracy", "low", "high"))
    right.barh(places, found, 0.55, color=[_COLOURS[names.index(r["transform"])] for r in rows])
    right.errorbar(found, places, xerr=[found - low, high - found], fmt="none", color="black")
    right.set_yticks(places, [f"{r['transform']}:\n{r['title']}" for r in rows], fontsize=9)
    right.axvline(0.5, **style.GUIDE)
    right.set_xlim(0.4, 1.01)
    right.xaxis.set_major_formatter(PercentFormatter(1))
    right.set_title("Accuracy", loc="left", fontsize=11)
    for ax in (left, right):
        style.tidy(ax)
    return figure
