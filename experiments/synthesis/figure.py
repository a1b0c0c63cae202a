"""The figure of the experiment: how far every measure is off, for every field and statistic."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from .measures import NAMES

# Distances beyond these look alike.
_ENDS = (0.5, 32)


def synthesis_figure(result: dict[str, Any]) -> Figure:
    """A table of colours for each random field: the largest distance of each measure."""
    fields = [of for of in result["fields"] if of["skies"] > 1]
    ways = [row["way"] for row in fields[0]["rows"]]
    figure = Figure(figsize=(13, 5.2), layout="constrained")
    (axes,) = figure.subplots(1, len(fields), sharey=True, squeeze=False)
    for ax, of in zip(axes, fields, strict=True):
        values = np.array([[row[name]["largest"] for name in NAMES] for row in of["rows"]])
        image = ax.imshow(values, norm=LogNorm(*_ENDS), cmap="cividis_r", aspect="auto")
        for (i, k), value in np.ndenumerate(values):
            right = value <= result["limit"]
            ax.text(k, i, f"{value:.1f}", ha="center", va="center", fontsize=10,
                    weight="bold" if right else "normal",
                    color="white" if value > np.sqrt(_ENDS[0] * _ENDS[1]) else "black")  # fmt: skip
        ax.set_xticks(range(len(NAMES)), NAMES, rotation=40, ha="right")
        ax.set_yticks(range(len(ways)), ways)
        ax.set_title(f"{of['field']}, {of['skies']} true skies", loc="left", fontsize=11)
    figure.colorbar(image, ax=axes, label="standard deviations of true skies", extend="both")
    figure.suptitle(
        f"Measures that were not matched, average of {result['draws']} draws: largest distance "
        f"(bold: within {result['limit']:g})",
        fontsize=13,
    )
    return figure
