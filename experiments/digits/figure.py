"""The figure of the experiment: accuracies, and one confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from .. import style

# Colours of Okabe and Ito, and hatches for readers who do not see colours.
_STYLES = {
    "NR/NR": ("#999999", ""),
    "R/R": ("#56b4e9", "//"),
    "NR/R": ("#d55e00", "\\\\"),
}


def digits_figure(result: dict[str, Any]) -> Figure:
    """Accuracy of every network in every setting, and the confusion matrix of the last one."""
    n = result["images"]["test"]
    title = f"Which networks recognise rotated digits?  {result['data']}, {n} test images"
    figure, left, right = style.panels(11, 4.8, 1 / 1.5, title)
    _bars(left, result)
    row = result["networks"][-1]
    _confusion(right, np.array(row["settings"]["NR/R"]["confusion"]))
    right.set_title(f"{row['title']}, NR/R", loc="left", fontsize=11)
    return figure


def _bars(ax: Axes, result: dict[str, Any]) -> None:
    """Accuracies side by side; the lines are 95 % intervals."""
    rows = result["networks"]
    places = np.arange(len(rows))
    width = 0.8 / len(_STYLES)
    for i, (setting, (colour, hatch)) in enumerate(_STYLES.items()):
        found = [row["settings"][setting] for row in rows]
        y, low, high = (np.array([f[key] for f in found]) for key in ("accuracy", "low", "high"))
        x = places + (i - (len(_STYLES) - 1) / 2) * width
        ax.bar(x, y, 0.92 * width, color=colour, hatch=hatch, edgecolor="white", label=setting)
        ax.errorbar(x, y, [y - low, high - y], fmt="none", ecolor="black", elinewidth=1)
        for at, value, top in zip(x, y, high, strict=True):
            ax.text(at, top + 0.01, f"{100 * value:.1f}", ha="center", fontsize=9)
    names = [f"{row['title']}\n{row['parameters']:,} parameters" for row in rows]
    ax.set_xticks(places, names)
    ax.axhline(1 / result["classes"], **style.GUIDE)
    ax.text(1.01, 1 / result["classes"], "chance", va="center", color=style.GREY,
            transform=ax.get_yaxis_transform())  # fmt: skip
    ax.set(ylabel="accuracy on test images", ylim=(0, 1.08))
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.set_yticks(np.linspace(0, 1, 6))
    ax.legend(title="trained / tested on", frameon=False, ncols=3, loc="upper center",
              bbox_to_anchor=(0.5, -0.14))  # fmt: skip
    style.tidy(ax, "y")
    ax.set_title("R: each image under a random rotation of its own", loc="left", fontsize=11)


def _confusion(ax: Axes, confusion: np.ndarray) -> None:
    """Counts of decisions, with the wrong ones in colour."""
    wrong = confusion * (1 - np.eye(len(confusion), dtype=int))
    ax.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(2 * int(wrong.max()), 4))
    for (i, j), count in np.ndenumerate(confusion):
        if count:
            ax.text(j, i, str(count), ha="center", va="center", fontsize=8,
                    color=style.GREY if i == j else "black")  # fmt: skip
    ticks = range(len(confusion))
    ax.set_xticks(ticks)
    ax.set_yticks(ticks)
    ax.set(xlabel="predicted", ylabel="digit" if len(confusion) == 10 else "class")
