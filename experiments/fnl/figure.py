"""The figure of the experiment: distances, and the network's scores against the estimates."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import style

_COLOURS = ("#0072b2", "#d55e00")
_MARKERS = ("o", "^")


def fnl_figure(result: dict[str, Any]) -> Figure:
    """d' of each statistic, and the network's score of every sky beside the optimal estimate."""
    of = f"{result['set']}, {result['test_per_class']} test skies per class"
    title = f"Can f_NL be seen in scattering coefficients?  {of}"
    figure, left, right = style.panels(10, 4.4, 1.1, title)
    rows = result["ways"]
    y = np.arange(len(rows))[::-1]
    d = np.array([row["distance"] for row in rows])
    low, high = (np.array([row[key] for row in rows]) for key in ("low", "high"))
    left.barh(y, d, height=0.55, color="#56b4e9")
    left.errorbar(d, y, xerr=[d - low, high - d], fmt="none", color="black", linewidth=1.2)
    best = next(row["distance"] for row in rows if row["key"] == "iv")
    left.axvline(0.9 * best, **style.GUIDE)
    left.text(
        0.9 * best, -0.62, "0.9 of KSW ", color=style.GREY, fontsize=9, ha="right", va="center"
    )
    left.set_yticks(y, [f"({r['key']}) {r['title'].replace(': ', ':' + chr(10))}" for r in rows])
    left.set(xlabel="d'", ylim=(-0.8, len(rows) - 0.5))
    left.set_title("Distance between the classes", loc="left", fontsize=11)
    scores = {row["key"]: np.array(row["scores"]) for row in rows}
    for label, name in enumerate(result["classes"]):
        # Skies of the two classes alternate.
        x, network = scores["iv"][label::2], scores["iii"][label::2]
        look = {"color": _COLOURS[label], "marker": _MARKERS[label], "label": name}
        right.scatter(x, network, s=12, alpha=0.6, linewidth=0, **look)
    right.axline((0, 0), slope=1, zorder=0, **style.GUIDE)
    right.set(xlabel="KSW estimate, units of f_NL", ylabel="network, units of f_NL")
    right.set_title("Every test sky", loc="left", fontsize=11)
    right.legend(frameon=False, loc="upper left", fontsize=9)
    style.tidy(left, "x")
    style.tidy(right)
    return figure
