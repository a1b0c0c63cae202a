"""Figures of the page "How fast, how exact", from the same file of results as its tables."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, NullFormatter

# Okabe and Ito's colours, dark enough for thin lines on white; ours is black and thick.
_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#7a5200",
    "#56708a",
    "#8a8a00",
    "#4b0092",
    "#c0392b",
)
_HALO = withStroke(linewidth=3, foreground="white")  # a label over a line stays legible
_MARKERS = "sD^vPX<>h"
_PALE = "0.85"


def _style(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color=_PALE, linewidth=0.6)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        axis.set_minor_formatter(NullFormatter())


def contest(section: dict) -> Figure:
    """Time of every contestant against the band-limit, a panel per operation."""
    measured = [row for row in section["rows"] if "operations" in row]
    names = list(dict.fromkeys(row["who"] for row in measured))
    operations = list(measured[0]["operations"])
    limits = sorted({row["L"] for row in measured})
    figure, axes = plt.subplots(
        1, len(operations), figsize=(4.4 * len(operations) + 0.6, 4.6), sharey=True,
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for ax, operation in zip(axes[0], operations, strict=True):
        for i, who in enumerate(names):
            rows = [row for row in measured if row["who"] == who]
            ms = np.array([row["operations"][operation]["ms"] for row in rows])
            low, high = np.array([row["operations"][operation]["quartiles"] for row in rows]).T
            ours = i == 0
            ax.errorbar(
                [row["L"] for row in rows], ms, [ms - low, high - ms], label=who,
                color="black" if ours else _COLOURS[(i - 1) % len(_COLOURS)],
                marker="o" if ours else _MARKERS[(i - 1) % len(_MARKERS)],
                linewidth=2.2 if ours else 1.2, markersize=5, capsize=2,
            )  # fmt: skip
        ax.set(xscale="log", yscale="log", xlabel="band-limit $L$", title=operation)
        _style(ax)
        ax.set_xticks(limits, [str(L) for L in limits])
    axes[0, 0].set_ylabel("milliseconds")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def equivariance(section: dict) -> Figure:
    """The error of the images of the largest depth against time, by oversampling."""
    figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    depths = sorted({row["depth"] for row in section["rows"]})
    for i, depth in enumerate(depths):
        rows = [r for r in section["rows"] if r["depth"] == depth]
        ms, error = [r["ms"] for r in rows], [r["error_by_order"][-1] for r in rows]
        ax.loglog(ms, error, marker=_MARKERS[i], color=_COLOURS[i], label=f"depth {depth}")
        for x, y, row in zip(ms, error, rows, strict=True):
            ax.annotate(f"{row['oversampling']:g}×", (x, y), (5, 4), textcoords="offset points")
    ax.set(xlabel="milliseconds a signal", ylabel="equivariance error, largest depth")
    _style(ax)
    ax.legend(frameon=False)
    return figure


def nonlinearities(result: dict, signal: str = "white noise") -> Figure:
    """The error at depth 2 against time: modulus and envelopes, a mark for each oversampling.

    The ends of a line tell the oversampling: labels of all marks would overlap.
    """
    figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    rows = [row for row in result["rows"] if row["signal"] == signal and "directions" not in row]
    for i, name in enumerate(dict.fromkeys(row["nonlinearity"] for row in rows)):
        own = [row for row in rows if row["nonlinearity"] == name]
        ms, error = [row["ms"] for row in own], [row["error"]["depth 2"] for row in own]
        ax.loglog(ms, error, marker=_MARKERS[i], color=_COLOURS[i], label=name)
        for end, offset, side in ((0, (-4, 4), "right"), (-1, (5, -4), "left")):
            ax.annotate(f"{own[end]['oversampling']:g}×", (ms[end], error[end]), offset, ha=side,
                        textcoords="offset points", path_effects=[_HALO])  # fmt: skip
    ax.set(xlabel="milliseconds a signal", ylabel="equivariance error, depth 2")
    ax.margins(x=0.08)
    _style(ax)
    ax.legend(frameon=False)
    return figure


def speedup(section: dict) -> Figure:
    """Maps a second over those of one core."""
    figure, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    limits = [row["L"] for row in section["rows"]]
    ways = [way for way in section["rows"][0]["ways"] if way != "one core"]
    for i, way in enumerate(ways):
        gain = [row["ways"]["one core"]["ms"] / row["ways"][way]["ms"] for row in section["rows"]]
        ax.plot(limits, gain, marker=_MARKERS[i], color=_COLOURS[i], label=way)
    ax.axhline(section["cores"], color="0.4", linestyle=(0, (4, 2)), linewidth=1)
    ax.annotate("as many times as there are cores", (limits[0], section["cores"]), (0, 4),
                textcoords="offset points", color="0.3")  # fmt: skip
    ax.set(xscale="log", xlabel="band-limit $L$", ylabel="maps a second, one core = 1")
    _style(ax)
    ax.set_ylim(0, 1.2 * section["cores"])
    ax.set_xticks(limits, [str(L) for L in limits])
    ax.legend(frameon=False)
    return figure
