"""Helpers of the figures: axes, colour bars, units."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LinearSegmentedColormap, ListedColormap

from .._util import checks
from .._util.colours import CATEGORIES, diverging

GREY = "0.4"
PALE = "0.85"
HIDDEN = "0.6"
"""What a mask hides of a map."""
_TABLE = diverging() / 255
SIGNED = ListedColormap(_TABLE, "signed")
"""Colours of signed values, zero in the middle: those of the explorers, too."""
MODULUS = ListedColormap(_TABLE[128:], "modulus")
"""Colours of what is not negative, from zero: the upper half of `SIGNED`."""
SCALES = LinearSegmentedColormap.from_list("scales", [light for light, _ in CATEGORIES[:3]])
"""Lines in an order, from coarse to fine."""


def plain_axes(ax: Axes | None, figsize: tuple[float, float]) -> Axes:
    """``ax``, or the axes of a new figure, with an open frame."""
    if ax is None:
        ax = plt.figure(figsize=figsize, layout="constrained").add_subplot()
    checks.instance("ax", ax, Axes)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def colour_bar(mappable: ScalarMappable, ax: Axes, label: str | None, **options: Any) -> Colorbar:
    """A slim colour bar without a frame."""
    bar = ax.figure.colorbar(mappable, ax=ax, **options)
    bar.outline.set_visible(False)
    if label:
        bar.set_label(label)
    return bar


def in_unit(quantity: str, unit: str | None, power: int = 1) -> str:
    """An axis label such as ``C (m²)``, ``C ((m/s)²)`` or just ``C``."""
    if unit is None:
        return quantity
    if power == 2:
        unit = f"{unit}²" if unit.isalpha() else f"({unit})²"
    return f"{quantity} ({unit})"
