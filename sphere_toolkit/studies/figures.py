"""The figures of the studies."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

_GREY, _PALE = "0.4", "0.9"
# Okabe and Ito: told apart by every reader, and each with a marker of its own.
_STYLES = {
    "a": ("#999999", "s"),
    "b": ("#56b4e9", "v"),
    "c": ("#e69f00", "o"),
    "c2": ("#d55e00", "D"),
    "d": ("#0072b2", "o"),
    "e": ("#000000", "^"),
}
_CLASS_COLOURS = ("#0072b2", "#d55e00")
_CLASS_MARKERS = ("o", "^")


def gaussianity_figure(result: dict[str, Any]) -> Figure:
    """ROC curves, and accuracy against the number of training maps."""
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.25])
    for row in result["classifiers"]:
        colour, marker = _STYLES[row["key"]]
        label = f"({row['key']}) {row['title']}: {100 * row['accuracy']:.1f} %"
        _roc(left, row["roc"], colour)
        _curve(right, row["by_training_size"], colour, marker, label)
    left.plot([0, 1], [0, 1], color=_GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    left.set(
        xlabel=f"{result['classes'][0]} maps taken for {result['classes'][1]}",
        ylabel=f"{result['classes'][1]} maps found",
        xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal",
    )  # fmt: skip
    for axis in (left.xaxis, left.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * x:g} %"))
    counts = [point["train_per_class"] for point in row["by_training_size"]]
    right.set_xscale("log")
    right.set_xticks(counts, [str(n) for n in counts])
    right.xaxis.set_minor_locator(NullLocator())
    right.set(xlabel="training maps per class", ylabel="accuracy on test maps", ylim=(0.42, 1.01))
    right.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g} %"))
    right.axhline(0.5, color=_GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    right.legend(frameon=False, loc="center left", bbox_to_anchor=(0.0, 0.46), fontsize=9)
    left.set_title("Every threshold (ROC)", loc="left", fontsize=11)
    right.set_title("How many maps it takes", loc="left", fontsize=11)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(color=_PALE, linewidth=0.6)
        ax.set_axisbelow(True)
    figure.suptitle(
        f"Is this sky Gaussian?  {result['set']}, {result['test_per_class']} test maps per class",
        fontsize=13,
    )
    return figure


def _roc(ax: Axes, roc: dict[str, Any], colour: str) -> None:
    ax.plot(roc["false_positive"], roc["true_positive"], color=colour, linewidth=1.8)


def _curve(ax: Axes, points: list[dict[str, Any]], colour: str, marker: str, label: str) -> None:
    """Accuracy against training size; the bars are 95 % intervals."""
    n = np.array([point["train_per_class"] for point in points])
    y, low, high = (np.array([p[key] for p in points]) for key in ("accuracy", "low", "high"))
    ax.errorbar(
        n, y, np.abs([y - low, high - y]), color=colour, marker=marker, markersize=5,
        linewidth=1.6, elinewidth=0.8, label=label,
    )  # fmt: skip


def fnl_figure(result: dict[str, Any]) -> Figure:
    """d' of each statistic, and the network's score of every sky beside the optimal estimate."""
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.1])
    rows = result["ways"]
    y = np.arange(len(rows))[::-1]
    d = np.array([row["distance"] for row in rows])
    low, high = (np.array([row[key] for row in rows]) for key in ("low", "high"))
    left.barh(y, d, height=0.55, color="#56b4e9")
    left.errorbar(d, y, xerr=[d - low, high - d], fmt="none", color="black", linewidth=1.2)
    best = next(row["distance"] for row in rows if row["key"] == "iv")
    left.axvline(0.9 * best, color=_GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    left.text(0.9 * best, -0.62, "0.9 of KSW ", color=_GREY, fontsize=9, ha="right", va="center")
    left.set_yticks(y, [f"({r['key']}) {r['title'].replace(': ', ':' + chr(10))}" for r in rows])
    left.set(xlabel="d'", ylim=(-0.8, len(rows) - 0.5))
    left.set_title("Distance between the classes", loc="left", fontsize=11)
    scores = {row["key"]: np.array(row["scores"]) for row in rows}
    for label, name in enumerate(result["classes"]):
        # The classes take turns.
        x, network = scores["iv"][label::2], scores["iii"][label::2]
        look = {"color": _CLASS_COLOURS[label], "marker": _CLASS_MARKERS[label], "label": name}
        right.scatter(x, network, s=12, alpha=0.6, linewidth=0, **look)
    right.axline((0, 0), slope=1, color=_GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    right.set(xlabel="KSW estimate, units of f_NL", ylabel="network, units of f_NL")
    right.set_title("Every test sky", loc="left", fontsize=11)
    right.legend(frameon=False, loc="upper left", fontsize=9)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_axisbelow(True)
    left.grid(color=_PALE, linewidth=0.6, axis="x")
    right.grid(color=_PALE, linewidth=0.6)
    figure.suptitle(
        f"Can f_NL be seen in scattering coefficients?  {result['set']}, "
        f"{result['test_per_class']} test skies per class", fontsize=13,
    )  # fmt: skip
    return figure
