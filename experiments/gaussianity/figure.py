"""The figure of the experiment: ROC curves, and accuracy against training size."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter

from .. import style

# By letter of the classifier. Colours of Okabe and Ito, each with another marker.
_STYLES = {
    "a": ("#999999", "s"),
    "b": ("#56b4e9", "v"),
    "c": ("#e69f00", "o"),
    "c2": ("#d55e00", "D"),
    "c3": ("#f0e442", "o"),
    "c4": ("#8c510a", "D"),
    "d": ("#0072b2", "o"),
    "e": ("#000000", "^"),
    "f": ("#cc79a7", "P"),
    "g": ("#009e73", "X"),
}
# One for each scattering transform.
_LINES = ("-", "--", ":", "-.")


def gaussianity_figure(result: dict[str, Any]) -> Figure:
    """ROC curves, and accuracy against the number of training maps."""
    of = f"{result['set']}, {result['test_per_class']} test maps per class"
    figure, left, right = style.panels(12, 4.6, 1.25, f"Is this sky Gaussian?  {of}")
    for row in result["classifiers"]:
        colour, marker = _STYLES[row["key"]]
        known = list(result["transforms"])
        line = _LINES[known.index(row["reads"]) if row["reads"] in known else 0]
        look: dict[str, Any] = {"color": colour, "linestyle": line}
        left.plot(row["roc"]["false_positive"], row["roc"]["true_positive"], linewidth=1.8, **look)
        look |= {"marker": marker, "label": f"{title(row)}: {100 * row['accuracy']:.1f} %"}
        _curve(right, row["by_training_size"], **look)
    left.plot([0, 1], [0, 1], zorder=1, **style.GUIDE)
    left.set(
        xlabel=f"{result['classes'][0]} maps taken for {result['classes'][1]}",
        ylabel=f"{result['classes'][1]} maps found",
        xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal",
    )  # fmt: skip
    for axis in (left.xaxis, left.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    counts = [point["train_per_class"] for point in row["by_training_size"]]
    right.set_xscale("log")
    right.set_xticks(counts, [str(n) for n in counts])
    right.xaxis.set_minor_locator(NullLocator())
    right.set(xlabel="training maps per class", ylabel="accuracy on test maps", ylim=(0.42, 1.01))
    right.yaxis.set_major_formatter(PercentFormatter(1))
    right.axhline(0.5, zorder=1, **style.GUIDE)
    right.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    left.set_title("Every threshold (ROC)", loc="left", fontsize=11)
    right.set_title("How many maps it takes", loc="left", fontsize=11)
    for ax in (left, right):
        style.tidy(ax)
    return figure


def _curve(ax: Axes, points: list[dict[str, Any]], **look: Any) -> None:
    """Accuracy against training size; the bars are 95 % intervals."""
    n = np.array([point["train_per_class"] for point in points])
    y, low, high = (np.array([p[key] for p in points]) for key in ("accuracy", "low", "high"))
    errors = np.abs([y - low, high - y])
    ax.errorbar(n, y, errors, markersize=5, linewidth=1.6, elinewidth=0.8, **look)


def title(row: dict[str, Any]) -> str:
    """What a row of the result is about: the classifier, and the scattering that it reads."""
    read = "" if row["reads"] in ("summary", "sky") else f"; {row['reads']}"
    return f"({row['key']}) {row['title']}{read}"
