"""What the figures of all experiments have in common."""

from __future__ import annotations

from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

GREY = "0.4"
GUIDE: dict[str, Any] = {"color": GREY, "linewidth": 0.8, "linestyle": (0, (4, 3))}
"""How a line is drawn that guides the eye."""


def panels(width: float, height: float, ratio: float, title: str) -> tuple[Figure, Axes, Axes]:
    """A figure (in inches) with two panels, the second ``ratio`` times as wide as the first."""
    figure = Figure(figsize=(width, height), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1, ratio])
    figure.suptitle(title, fontsize=13)
    return figure, left, right


def tidy(ax: Axes, grid: Literal["both", "x", "y"] = "both") -> None:
    """Remove the frame above and to the right, and draw a pale grid behind the data."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis=grid, color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
