"""Tables of gradients, made of ``results/gradients.json`` and, where there is one, ``gpu.json``."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path

from peers.gradients import BOTH, VALUE
from report import RESULTS, _grid, _reasons, _spread, number, table

# Where the targets come from: the issue that asked for gradients.
RATIO_TARGET, SECONDS_TARGET, MEMORY_TARGET_MIB = 3.0, 1.0, 1024.0


def machine(results: dict) -> str:
    """Which machine, when, and how busy it was with other things."""
    m, sections = results["machine"], results["sections"].values()
    loads = [load for s in sections for load in s["load"]]
    libraries = ", ".join(
        f"{escape(name)} {escape(state.get('version', 'not installed'))}"
        for name, state in results["libraries"].items()
    )
    commands = " and ".join(f"<code>{escape(one)}</code>" for one in results["commands"])
    busy = (
        " So most of the time by the clock is that of other work: compare processor times and "
        "ratios, and take the milliseconds for upper bounds."
    ) * (max(loads) > m["threads"])
    return (
        f"<p>{escape(m['processor'])}, {m['threads']} cores for this process, Python "
        f"{m['python']}; {libraries}. Measured {max(s['date'] for s in sections)} in "
        f"{sum(s['minutes'] for s in sections):.0f} minutes by "
        f"{commands}. When a section began or ended, "
        f"{min(loads):.1f} to {max(loads):.1f} processes were busy (load average).{busy}</p>"
    )


def contest(section: dict, what: str) -> str:
    """Ours beside the peers, and below why some cells have no number."""
    reasons, first = _reasons(section), {}
    for row in section["rows"]:  # ours stands first in every band-limit
        if "operations" in row:
            first.setdefault(row["L"], row)

    def over_ours(row: dict) -> str:
        own = first[row["L"]]["operations"][BOTH]["cpu_ms"]
        return number(row["operations"][BOTH]["cpu_ms"] / own)

    columns: dict[str, Callable[[dict], str]] = {
        f"{what}, {name}, milliseconds. Median of the rounds, quartiles below": (
            lambda row, name=name: _spread(row["operations"][name])
        )
        for name in (VALUE, BOTH)
    }
    columns[f"{what}, {BOTH}, processor time over that of the first row"] = over_ours
    columns[f"{what} and its gradient, memory in MiB. Peak of the process that does both"] = (
        lambda row: number(row["peak_mib"])
    )
    columns[
        f"{what} and its gradient, seconds before the first result. Import, tables, compilation, "
        "both together"
    ] = lambda row: number(row["prepare_s"], 2)
    tables = [_grid(section, caption, read, reasons) for caption, read in columns.items()]
    notes = "".join(f"<li>({mark}) {escape(why)}</li>" for why, mark in reasons.items())
    return "".join(tables) + (f'<ul class="st-reasons">{notes}</ul>' if notes else "")


def errors(section: dict) -> str:
    """How near the layers are to NumPy."""
    found = [f"{escape(row['who'])}, L = {row['L']}: {number(row['error'])}"
             for row in section["rows"] if row.get("error") is not None]  # fmt: skip
    return f"<p>Relative distance of the gradient from that in NumPy: {'; '.join(found)}.</p>"


def ours(section: dict) -> str:
    """Value and gradient over the value, by nonlinearity."""
    rows = []
    for row in section["rows"]:
        value, both = (row["operations"][name] for name in (VALUE, BOTH))
        by_processor, by_clock = row["ratio"]["processor"], row["ratio"]["clock"]
        low, high = by_processor["quartiles"]
        rows.append(
            [f"{escape(row['kind'])}, L = {row['L']}", _spread(value), _spread(both),
             number(both["cpu_ms"]),
             f"{by_processor['median']:.2f}<br><small>{low:.2f}–{high:.2f}</small>",
             f"{by_clock['median']:.2f}", number(row["peak_mib"])]
        )  # fmt: skip
    return table(
        f"Value and gradient in NumPy. Depth {section['depth']}, J_min = {section['J_min']}, "
        f"oversampling {section['oversampling']:g}, milliseconds with quartiles below; directions: "
        "four, with the envelope.",
        ["transform", "value", "with gradient", "its processor time", "ratio, by processor time",
         "ratio, by the clock", "peak MiB"], rows,
    )  # fmt: skip


def targets(section: dict) -> str:
    """What was asked for, and whether it is so."""
    ratios = {(row["kind"], row["L"]): row["ratio"]["processor"]["median"]
              for row in section["rows"]}  # fmt: skip
    missed = [
        f"{escape(kind)} at L = {L}: {ratio:.2f}"
        for (kind, L), ratio in ratios.items()
        if round(ratio, 2) > RATIO_TARGET
    ]
    largest = max(row["L"] for row in section["rows"])
    top = [row for row in section["rows"] if row["L"] == largest]
    seconds = "; ".join(f"{escape(row['kind'])} {row['operations'][BOTH]['ms'] / 1e3:.2f} s by the "
                        f"clock, {row['operations'][BOTH]['cpu_ms'] / 1e3:.2f} s of processor time"
                        for row in top)  # fmt: skip
    peak = max(row["peak_mib"] for row in top)
    met = "met" if peak < MEMORY_TARGET_MIB else "missed"
    return (
        f"<ul><li>value with gradient at most {RATIO_TARGET:g} times the value, by processor time: "
        + ("met in every row" if not missed else f"missed for {'; '.join(missed)}")
        + f"</li><li>value with gradient at L = {largest} under {SECONDS_TARGET:g} s: {seconds}"
        f"</li><li>memory at L = {largest} under {MEMORY_TARGET_MIB:g} MiB: {peak:.0f} MiB at "
        f"most: {met}</li></ul>"
    )


def gpu(path: Path = RESULTS / "gpu.json") -> str:
    """What was measured on a GPU, or that nothing was."""
    if not path.exists():
        return (
            "<p><strong>No GPU was measured.</strong> We had none. s2fft and s2scat are made for "
            "GPUs, where they may be much faster than here. On a machine with one, "
            "<code>python benchmarks/gpu.py</code> checks and times ours.</p>"
        )
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = [
        [f"{escape(row['who'])}{', ' + escape(row['device']) if 'device' in row else ''}",
         str(row["L"]), str(row["batch"]), row.get("precision", "float64"),
         *((_spread(row["operations"][VALUE]), _spread(row["operations"][BOTH]))
           if "operations" in row else (escape(row["reason"]),) * 2),
         number(row["gradient_error"]) if "gradient_error" in row else "–"]
        for row in found["rows"]
    ]  # fmt: skip
    return table(
        f"nn.Scattering on {escape(found['card'])}. Milliseconds, quartiles below; by "
        f"<code>{escape(found['command'])}</code>",
        ["who", "L", "signals", "precision", VALUE, BOTH, "error of the gradient"], rows,
    )  # fmt: skip
