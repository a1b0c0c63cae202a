"""Tables and sentences of the book's page "How fast, how exact", made of a file of results.

Every function returns HTML. Nothing is said that is not computed from the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path

import check
import numpy as np

RESULTS = Path(__file__).parent / "results"
# Where the targets come from: the issue that asked for these tables.
BARE_TARGET, BATCH_TARGET = 1.1, 1.7
# How a contest is called in a sentence.
TASKS = {"transforms": "transform", "wavelets": "wavelet", "scattering": "scattering"}


def load(path: Path | None = None) -> dict:
    """A file of results, by default the committed one."""
    return json.loads((path or RESULTS / "side_by_side.json").read_text(encoding="utf-8"))


def number(x: float, digits: int = 3) -> str:
    """Few digits, no exponents between 0.001 and a million."""
    if x == 0:
        return "0"
    if abs(x) >= 1e6 or abs(x) < 1e-3:
        mantissa, exponent = f"{x:.1e}".split("e")
        return f"{mantissa} · 10<sup>{int(exponent)}</sup>".replace("-", "−")
    decimals = max(0, digits - 1 - int(np.floor(np.log10(abs(x)))))
    return f"{round(x, decimals):,.{decimals}f}"


def table(
    caption: str, header: list[str], rows: Iterable[list[str]], notes: str = "", kind: str = ""
) -> str:
    """A table that scrolls by itself; the first cell of each row is its header."""
    head = "".join(f'<th scope="col">{cell}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{c}</td>" for c in row[1:]) + "</tr>"
        for row in rows
    )
    title, _, more = caption.rstrip(".").partition(". ")
    more = f"{more}." if more else ""
    name = "table-" + re.sub(r"\W+", "-", title.lower()).strip("-")
    return (
        f'<p class="st-caption"><strong id="{name}">{title}.</strong> {more}</p>'
        f'<div class="st-table {kind}" role="region" tabindex="0" aria-labelledby="{name}">'
        f'<table class="table" aria-labelledby="{name}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{notes}"
    )


def _spread(o: dict) -> str:
    """A median in milliseconds, and its quartiles below."""
    low, high = (number(q) for q in o["quartiles"])
    return f"{number(o['ms'])}<br><small>{low}–{high}</small>"


def operations(section: dict) -> list[str]:
    """Names of what was timed."""
    return next(([*row["operations"]] for row in section["rows"] if "operations" in row), [])


def contest(section: dict, what: str) -> str:
    """All tables of a contest, and below them why some cells have no number."""
    reasons = _reasons(section)
    columns: dict[str, Callable[[dict], str]] = {
        f"{what}{_of(section, name)}, milliseconds. Median of the rounds, quartiles below": (
            lambda row, name=name: _spread(row["operations"][name])
        )
        for name in operations(section)
    }
    if any(row.get("error") is not None for row in section["rows"]):
        columns[f"{what}, error. There and back again, relative L2"] = lambda row: number(
            row["error"]
        )
    columns[f"{what}, memory in MiB. Peak of the process: libraries, tables, data"] = lambda row: (
        number(row["peak_mib"])
    )
    columns[
        f"{what}, seconds before the first result. Import, tables, compilation, first calls"
    ] = lambda row: number(row["prepare_s"], 2)
    tables = [_grid(section, caption, read, reasons) for caption, read in columns.items()]
    notes = "".join(f"<li>({mark}) {escape(why)}</li>" for why, mark in reasons.items())
    return "".join(tables) + (f'<ul class="st-reasons">{notes}</ul>' if notes else "")


def _of(section: dict, operation: str) -> str:
    """Which operation, where there are several."""
    return f", {operation}" if len(operations(section)) > 1 else ""


def _reasons(section: dict) -> dict[str, str]:
    """A mark for each reason why something was not measured: a to z, a2, b2 …"""
    found = dict.fromkeys(row["reason"] for row in section["rows"] if "reason" in row)
    return {
        reason: chr(ord("a") + i % 26) + (str(i // 26 + 1) if i >= 26 else "")
        for i, reason in enumerate(found)
    }


def _grid(section: dict, caption: str, read: Callable[[dict], str], reasons: dict[str, str]) -> str:
    """Contestants against band-limits."""
    limits = sorted({row["L"] for row in section["rows"]})
    names = list(dict.fromkeys(row["who"] for row in section["rows"]))
    cells = {
        (row["who"], row["L"]): f"not measured ({reasons[row['reason']]})"
        if "reason" in row
        else read(row)
        for row in section["rows"]
    }
    rows = [[escape(who), *(cells[who, L] for L in limits)] for who in names]
    return table(caption, ["library", *(f"L = {L}" for L in limits)], rows)


def cores(section: dict) -> str:
    """How many cores each kept busy at the largest band-limit it reached."""
    busiest: dict[str, str] = {}
    for row in section["rows"]:
        if "operations" in row:
            used = [o["cores"] for o in row["operations"].values()]
            busiest[row["who"]] = f"{escape(row['who'])} {max(used):.1f} (L = {row['L']})"
    return f"<p>Cores kept busy, at the largest L measured: {'; '.join(busiest.values())}.</p>"


def _label(key: tuple) -> str:
    name, L, other, operation = key
    return f"{name.replace('_', ' ')}, L = {L}, {operation}: {escape(other)}"


def ahead(results: dict) -> str:
    """Every row in which a peer, or a plain sketch, was faster; or that there is none."""
    found = {
        key: ratio
        for key, ratio in check.ratios(results).items()
        if key[0] in check.WITH_PEERS and ratio.value > 1
    }
    total = sum(key[0] in check.WITH_PEERS for key in check.ratios(results))
    if not found:
        return f"<p>Other code was faster in none of the {total} comparisons.</p>"
    lines = "".join(
        f"<li>{_label(key)} takes {1 / ratio.value:.2f} of our time"
        + ("" if ratio.low > 1 else " (within the spread of the two)")
        + "</li>"
        for key, ratio in found.items()
    )
    return (
        f"<p>Other code was faster in {len(found)} of {total} comparisons. The section with its "
        f"table says why.</p><ul>{lines}</ul>"
    )


def fastest(results: dict) -> str:
    """Time of the fastest other library over ours, task by task."""
    best: dict[tuple[str, int], tuple[float, str]] = {}
    for (name, L, who, operation), ratio in check.ratios(results).items():
        if name in check.CONTESTS:
            task = f"{TASKS[name]}{_of(results['sections'][name], operation)}"
            best[task, L] = min(best.get((task, L), (np.inf, "")), (1 / ratio.value, who))
    limits = sorted({L for _, L in best})
    rows = []
    for task in dict.fromkeys(task for task, _ in best):
        found = [best.get((task, L)) for L in limits]
        rows.append([task, *(f"{number(of[0], 2)} ×<br><small>{escape(of[1])}</small>" if of
                             else "no such row" for of in found)])  # fmt: skip
    return table(
        "The time of the fastest other library, divided by ours. Above 1, ours is faster; below "
        "each number stands that library.",
        ["task", *(f"L = {L}" for L in limits)], rows,
    )  # fmt: skip


def targets(results: dict) -> str:
    """Whether the two targets are met, row by row."""
    lines = []
    for (name, L, _, operation), ratio in check.ratios(results).items():
        if name == "against_bare" and L >= 512:
            met = "met" if ratio.value <= BARE_TARGET else "missed"
            lines.append(f"{operation}, L = {L}: {ratio.value:.2f} of its bare transforms "
                         f"(at most {BARE_TARGET}: {met})")  # fmt: skip
        if name == "batches":
            met = "met" if 1 / ratio.value >= BATCH_TARGET else "missed"
            lines.append(f"batches, L = {L}: {1 / ratio.value:.2f} times the maps a second of one "
                         f"core (at least {BATCH_TARGET}: {met})")  # fmt: skip
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def machine(results: dict) -> str:
    """Which machine, when, and how busy it was with other things."""
    m, sections = results["machine"], results["sections"].values()
    dates = sorted({s["date"] for s in sections})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    loads = [s["load_before"] for s in sections]
    return (
        f"<p>{escape(m['processor'])}, {m['threads']} cores for this process, "
        f"{m['memory_gib']} GiB of memory, {escape(m['system'])}, Python {m['python']}. Measured "
        f"{when} in {sum(s['minutes'] for s in sections):.0f} minutes by "
        f"<code>{escape(results['command'])}</code>. When a section began, "
        f"{min(loads):.1f} to {max(loads):.1f} processes were busy (load average).</p>"
    )


def trial(results: dict) -> str:
    """A warning where the numbers are those of a trial."""
    return (
        "<p><strong>These are the numbers of a trial of the machinery, small and on a busy "
        "machine: they say nothing about speed.</strong></p>"
    ) * results["quick"]


def libraries(results: dict) -> str:
    """Versions, and what a library asks for and did not get."""
    rows = []
    for name, library in results["libraries"].items():
        unmet = "; ".join(library.get("pins_not_met", [])) or "nothing"
        rows.append([escape(name), escape(library.get("version", "not installed")),
                     escape(library.get("reason", unmet))])  # fmt: skip
    header = ["library", "version", "asks for and did not get"]
    return table("Libraries. All in one environment.", header, rows, kind="st-words")
