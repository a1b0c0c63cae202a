"""Tables and sentences of the book's page "How fast, how exact", made of a file of results.

Every function returns HTML. Nothing is said that is not computed from the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import check
import numpy as np

RESULTS = Path(__file__).parent / "results"
# Where the targets come from: the issue that asked for these tables.
BARE_TARGET, BATCH_TARGET = 1.1, 1.7


def load(path: Path | None = None) -> dict:
    """A file of results, by default the committed one."""
    return json.loads((path or RESULTS / "side_by_side.json").read_text())


def number(x: float, digits: int = 3) -> str:
    """Few digits, no exponents between 0.001 and a million."""
    if x == 0:
        return "0"
    if abs(x) >= 1e6 or abs(x) < 1e-3:
        mantissa, exponent = f"{x:.1e}".split("e")
        return f"{mantissa} · 10<sup>{int(exponent)}</sup>".replace("-", "−")
    decimals = max(0, digits - 1 - int(np.floor(np.log10(abs(x)))))
    return f"{round(x, decimals):,.{decimals}f}"


def table(caption: str, header: list[str], rows: Iterable[list[str]], notes: str = "") -> str:
    """A table that scrolls by itself; the first cell of each row is its header."""
    head = "".join(f'<th scope="col">{cell}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{c}</td>" for c in row[1:]) + "</tr>"
        for row in rows
    )
    label = escape(caption.partition(".")[0], quote=True)
    return (
        f'<div class="st-table" role="region" tabindex="0" aria-label="{label}">'
        f'<table class="table"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{notes}"
    )


def _spread(o: dict) -> str:
    """A median in milliseconds, and its quartiles below."""
    low, high = (number(q) for q in o["quartiles"])
    return f"{number(o['ms'])}<br><small>{low}–{high}</small>"


def operations(section: dict) -> list[str]:
    """Names of what was timed."""
    return next(([*row["operations"]] for row in section["rows"] if "operations" in row), [])


def contest(section: dict, caption: str, read: Any) -> str:
    """Contestants against band-limits; ``read(row)`` fills a cell, a reason stands below."""
    limits = sorted({row["L"] for row in section["rows"]})
    names = list(dict.fromkeys(row["who"] for row in section["rows"]))
    cells = {(row["who"], row["L"]): row for row in section["rows"]}
    reasons: dict[str, str] = {}
    rows = []
    for who in names:
        line = [escape(who)]
        for L in limits:
            row = cells.get((who, L), {"reason": "this band-limit was not run"})
            if "reason" in row:
                mark = reasons.setdefault(row["reason"], chr(ord("a") + len(reasons)))
                line.append(f"not measured ({mark})")
            else:
                line.append(read(row))
        rows.append(line)
    notes = "".join(f"<li>({mark}) {escape(why)}</li>" for why, mark in reasons.items())
    return table(
        caption, ["library", *(f"L = {L}" for L in limits)], rows,
        f'<ul class="st-reasons">{notes}</ul>' if notes else "",
    )  # fmt: skip


def times(section: dict, operation: str) -> str:
    """Milliseconds of one operation."""
    return contest(
        section, f"{operation.capitalize()}: milliseconds. Median of the rounds, quartiles below.",
        lambda row: _spread(row["operations"][operation]),
    )  # fmt: skip


def errors(section: dict) -> str:
    """What is lost there and back again."""
    return contest(
        section, "Error. There and back again, relative L2.", lambda row: number(row["error"])
    )


def memory(section: dict) -> str:
    """Peaks of processes."""
    return contest(
        section, "Memory: peak of the process in MiB. Libraries, tables and data together.",
        lambda row: number(row["peak_mib"]),
    )  # fmt: skip


def preparation(section: dict) -> str:
    """What comes before the first result, once."""
    return contest(
        section, "Before the first result: seconds. Import, tables, compilation, first calls.",
        lambda row: number(row["prepare_s"], 2),
    )  # fmt: skip


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
    return f"{name}, L = {L}, {operation}: {escape(other)}"


def ahead(results: dict) -> str:
    """Every row in which a peer was faster, or the statement that none was."""
    found = {
        key: ratio
        for key, ratio in check.ratios(results).items()
        if key[0] in check.CONTESTS and ratio.value > 1
    }
    total = sum(key[0] in check.CONTESTS for key in check.ratios(results))
    if not found:
        return f"<p>In none of the {total} comparisons with a peer was the peer faster.</p>"
    lines = "".join(
        f"<li>{_label(key)} takes {1 / ratio.value:.2f} of our time"
        + ("" if ratio.low > 1 else " (within the spread of the two)")
        + "</li>"
        for key, ratio in found.items()
    )
    return f"<p>A peer was faster in {len(found)} of {total} comparisons:</p><ul>{lines}</ul>"


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
    said = (
        f"<p>{escape(m['processor'])}, {m['threads']} cores for this process, "
        f"{m['memory_gib']} GiB of memory, {escape(m['system'])}, Python {m['python']}. Measured "
        f"{when} in {sum(s['minutes'] for s in sections):.0f} minutes by "
        f"<code>{escape(results['command'])}</code>. Processes that wanted a core when a section "
        f"began (load average): {min(loads):.1f} to {max(loads):.1f}.</p>"
    )
    if not results["quick"]:
        return said
    return (
        "<p><strong>These are the numbers of a trial of the machinery, small and on a busy "
        f"machine: they say nothing about speed.</strong></p>{said}"
    )


def libraries(results: dict) -> str:
    """Versions, and what a library asks for and did not get."""
    rows = []
    for name, library in results["libraries"].items():
        unmet = "; ".join(library.get("pins_not_met", [])) or "nothing"
        rows.append([escape(name), escape(library.get("version", "not installed")),
                     escape(library.get("reason", unmet))])  # fmt: skip
    return table("Libraries. All in one environment.",
                 ["library", "version", "asks for and did not get"], rows)  # fmt: skip
