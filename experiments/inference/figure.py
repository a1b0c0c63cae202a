"""The figure of the experiment: errors beside that of the direct estimator, and forecasts."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import style

# Of Okabe and Ito; the two truths of a simulator.
_COLOURS = ("#0072b2", "#d55e00")
ALT = (
    "Error over that of the direct estimator for every statistic that is matched, a panel for each "
    "simulator and a mark with an interval for each truth; crosses are forecasts. The numbers are "
    "in the tables above."
)


def inference_figure(result: dict[str, Any]) -> Figure:
    """Errors over that of the direct estimator, with intervals; a cross is a forecast."""
    problems = result["problems"]
    figure = Figure(figsize=(12, 3.8), layout="constrained")
    (axes,) = figure.subplots(1, len(problems), sharey=True, squeeze=False)
    for ax, of in zip(axes, problems, strict=True):
        rows = of["rows"]
        ways = list(dict.fromkeys(row["way"] for row in rows))
        for k, truth in enumerate(dict.fromkeys(row["truth"] for row in rows)):
            own = [row for row in rows if row["truth"] == truth]
            y = np.arange(len(ways))[::-1] + 0.12 - 0.24 * k
            ratio, low, high = (np.array([r[key] for r in own]) for key in ("ratio", "low", "high"))
            direct = own[0]["rms"]
            forecasts = [np.nan if r["forecast"] is None else r["forecast"] / direct for r in own]
            ax.errorbar(ratio, y, xerr=[ratio - low, high - ratio], fmt="o^"[k],
                        color=_COLOURS[k], label=f"{of['parameter']} = {truth:g}")  # fmt: skip
            ax.plot(forecasts, y, "x", color=_COLOURS[k])
        ax.axvline(1, **style.GUIDE)
        ax.set_xscale("log")
        ax.set_xlim(0.25, 7)
        ax.set_xticks([0.5, 1, 2, 4], ["0.5", "1", "2", "4"])
        ax.set_xticks([], minor=True)
        ax.set_yticks(np.arange(len(ways))[::-1], ways)
        ax.set_title(f"{of['name']}, direct: {of['estimator']}", loc="left", fontsize=11)
        ax.legend(
            frameon=False, fontsize=9, loc="lower right" if rows[-1]["ratio"] < 1 else "upper right"
        )
        style.tidy(ax)
    figure.supxlabel("error over that of the direct estimator; x: forecast", fontsize=11)
    figure.suptitle(f"One parameter from its statistics: {result['test']} skies each", fontsize=13)
    return figure
