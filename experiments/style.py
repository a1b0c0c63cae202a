"""What the figures of all experiments have in common."""

from __future__ import annotations

from typing import Any, Literal

from matplotlib.axes import Axes

GREY = "0.4"
GUIDE: dict[str, Any] = {"color": GREY, "linewidth": 0.8, "linestyle": (0, (4, 3))}
"""How a line is drawn that guides the eye."""


def tidy(ax: Axes, grid: Literal["both", "x", "y"] = "both") -> None:
    """Remove the frame above and to the right, and draw a pale grid behind the data."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis=grid, color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
