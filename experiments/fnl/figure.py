"""The figure of the experiment: distances, and scores of all skies against the estimates."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import style

_COLOURS = ("#0072b2", "#d55e00")
_MARKERS = ("o", "^")


def fnl_figure(result: dict[str, Any]) -> Figure:
    """d' of each statistic, and one's score of every sky beside the optimal estimate.

    That one is the network, or the cross-correlations of depth 1, with the last transform.
    """
    of = f"{result['set']}, {result['test_per_class']} test skies per class"
    title = f"Can f_NL be seen in scattering coefficients?  {of}"
    rows = result["ways"]
    figure, left, right = style.panels(10, max(4.4, 1 + 0.52 * len(rows)), 1.1, title)
    y = np.arange(len(rows))[::-1]
    d = np.array([row["distance"] for row in rows])
    low, high = (np.array([row[key] for row in rows]) for key in ("low", "high"))
    left.barh(y, d, height=0.55, color="#56b4e9")
    left.errorbar(d, y, xerr=[d - low, high - d], fmt="none", color="black", linewidth=1.2)
    optimal = rows[-1]
    left.axvline(0.9 * optimal["distance"], **style.GUIDE)
    left.text(
        0.9 * optimal["distance"],
        -0.62,
        "0.9 of KSW ",
        color=style.GREY,
        fontsize=9,
        ha="right",
        va="center",
    )
    left.set_yticks(y, [_name(row, len(result["transforms"]) > 1) for row in rows], fontsize=9)
    left.set(xlabel="d'", ylim=(-0.8, len(rows) - 0.5))
    left.set_title("Distance between the classes", loc="left", fontsize=11)
    keys = [row["key"] for row in rows]
    shown = [row for row in rows if row["key"] == ("iii" if "iii" in keys else "ii")][-1]
    scores, estimates = np.array(shown["scores"]), np.array(optimal["scores"])
    for label, name in enumerate(result["classes"]):
        # Skies of the two classes alternate.
        x, y = estimates[label::2], scores[label::2]
        look = {"color": _COLOURS[label], "marker": _MARKERS[label], "label": name}
        right.scatter(x, y, s=12, alpha=0.6, linewidth=0, **look)
    right.axline((0, 0), slope=1, zorder=0, **style.GUIDE)
    what = f"({shown['key']}) {shown['transform']}"
    right.set(xlabel="KSW estimate, units of f_NL", ylabel=f"{what}, units of f_NL")
    right.set_title("Every test sky", loc="left", fontsize=11)
    right.legend(frameon=False, loc="upper left", fontsize=9)
    style.tidy(left, "x")
    style.tidy(right)
    return figure


def _name(row: dict[str, Any], which: bool) -> str:
    of = f", {row['transform']}" if which and row["transform"] else ""
    return f"({row['key']}) {row['title']}{of}".replace(": ", ":\n")
