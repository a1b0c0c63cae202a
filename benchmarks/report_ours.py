"""Tables of what was measured of ours alone, as HTML: the second half of the page.

A section that could not be measured says why instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from html import escape

import numpy as np
from report import RESULTS, _spread, number, table


def section(name: str) -> Callable[[Callable[[dict], str]], Callable[[dict], str]]:
    """Read a section of the results, or say why it is not there."""

    def around(show: Callable[[dict], str]) -> Callable[[dict], str]:
        @wraps(show)
        def shown(results: dict) -> str:
            found = results["sections"].get(name, {"reason": "this section was not run"})
            if "reason" in found:
                return f"<p>Not measured: {escape(found['reason'])}.</p>"
            return show(found)

        return shown

    return around


@section("scattering")
def counted(s: dict) -> str:
    """How many transforms each contestant's statistics need, and how many numbers they are."""
    rows = [
        [escape(row["who"]), str(row["L"]),
         *(f"{row['says'][n]:,}" for n in ("transforms", "at_full_band_limit", "numbers"))]
        for row in s["rows"] if "operations" in row
    ]  # fmt: skip
    return table(
        "Harmonic transforms behind each. A synthesis or an analysis counts as one.",
        ["library", "L", "transforms", "of them at the full L", "numbers returned"], rows,
    )  # fmt: skip


@section("against_bare")
def bare(s: dict) -> str:
    """Scattering over the sum of its bare transforms."""
    names = [*s["rows"][0]["operations"]]
    rows = []
    for row in s["rows"]:
        line = [f"L = {row['L']}"]
        for name in names:
            o = row["operations"][name]
            low, high = o["quartiles"]
            line += [f"{number(o['ms'])} ms",
                     f"{o['ratio']:.2f}<br><small>{low:.2f}–{high:.2f}</small>"]  # fmt: skip
        rows.append(line)
    header = ["band-limit", *(f"{n}, {what}" for n in names for what in ("time", "over bare"))]
    return table("Scattering over bare transforms. Median ratio, quartiles below.", header, rows)


def bounds(results: dict) -> str:
    """Scattering beside what the processor and the memory can do at most."""
    both = [results["sections"].get(name, {}) for name in ("limits", "against_bare")]
    if not all("done" in s and "reason" not in s for s in both):
        return "<p>Not measured.</p>"
    top, s = both
    rows = []
    for row in s["rows"]:
        for name, o in row["operations"].items():
            seconds = o["ms"] / 1e3
            compute, memory = o["flops"] / 1e9 / seconds, o["bytes"] / 1e9 / seconds
            rows.append(
                [f"{name}, L = {row['L']}", number(compute),
                 f"{100 * compute / top['gflops']:.0f} %", number(memory),
                 f"{100 * memory / top['gigabytes_per_second']:.0f} %"]
            )  # fmt: skip
    header = ["transform", "Gflop/s", "of the matrix product", "GB/s", "of copying"]
    said = (
        f"<p>This machine reaches {number(top['gflops'])} Gflop/s in a product of two matrices of "
        f"{top['n']} rows, and {number(top['gigabytes_per_second'])} GB/s when it copies memory. "
        "Both are the fastest of the rounds.</p>"
    )
    return said + table("Beside the machine's limits. The text says how we count.", header, rows)


def exponent(results: dict) -> str:
    """How time grows with the band-limit, fitted."""
    s = results["sections"].get("against_bare", {})
    lines = []
    for name in s["rows"][0]["operations"] if "rows" in s else []:
        L = np.array([row["L"] for row in s["rows"]])
        ms = np.array([row["operations"][name]["ms"] for row in s["rows"]])
        half = len(L) // 2
        slopes = [np.polyfit(np.log(L[part:]), np.log(ms[part:]), 1)[0]
                  for part in (0, half) if len(L[part:]) > 1]  # fmt: skip
        ranges = [f"from L = {L[0]}", f"from L = {L[half]}"]
        fitted = ", ".join(f"{e:.2f} {r}" for e, r in zip(slopes, ranges, strict=False))
        lines.append(f"<li>{name}: time grows as L to the power of {fitted}</li>")
    cost = json.loads((RESULTS / "cost.json").read_text(encoding="utf-8"))
    last = cost["rows"][-1]
    lines.append(
        f"<li>measured again by <code>{escape(cost['command'])}</code>, up to L = {last['L']}: "
        f"the power is {cost['exponents']['upper half']:.2f} in the upper half of the range; at "
        f"L = {last['L']} a transform takes {last['seconds']:.1f} s and {last['peak_mib']:.0f} "
        f"MiB ({escape(cost['machine']['processor'])})</li>"
    )
    return "<ul>" + "".join(lines) + "</ul>"


def large() -> str:
    """Time and memory of one transform of a very large signal."""
    s = json.loads((RESULTS / "scale.json").read_text(encoding="utf-8"))
    first = s["rows"][0]
    rows = [
        [f"L = {row['L']}", f"{row['samples'] / 1e6:.0f}", str(row["paths"]),
         number(row["seconds"]), f"{row['seconds'] / first['seconds']:.1f}",
         f"{row['peak_mib'] / 1024:.1f}"]
        for row in s["rows"]
    ]  # fmt: skip
    return table(
        f"Very large signals, depth 2, oversampling 1. Measured by <code>{escape(s['command'])}"
        f"</code> on {escape(s['machine']['processor'])}, every row in a process of its own; time "
        "over that of the first row; memory of the whole process, the signal with it.",
        ["signal", "million samples", "paths", "seconds", "over the first", "GiB"], rows,
    )  # fmt: skip


@section("depth_and_oversampling")
def depth(s: dict) -> str:
    """Cost and error by depth and oversampling."""
    rows = [
        [f"depth {row['depth']}, oversampling {row['oversampling']:g}", str(row["paths"]),
         _spread(row), ", ".join(number(e, 2) for e in row["error_by_order"])]
        for row in s["rows"]
    ]  # fmt: skip
    return table(
        f"Depth and oversampling at L = {s['L']}. Milliseconds; error of equivariance of depths "
        f"1, 2, …, mean of {s['rotations']} rotations of {escape(s['signal'])}.",
        ["transform", "paths", "milliseconds", "error by depth"], rows,
    )  # fmt: skip


def a_tenth(result: dict) -> str:
    """What an envelope costs that has about a tenth of the modulus's error."""
    rows, default = [], {}
    for row in result["a_tenth"]:
        default = row if row["nonlinearity"] == "modulus" else default
        rows.append([
            f"L = {row['L']}, {escape(row['nonlinearity'])}, oversampling {row['oversampling']:g}",
            number(row["ms"]), f"{row['ms'] / default['ms']:.2f}", f"{row['error']:.1e}",
            number(row["error"] / default["error"], 2), f"{row['ms'] / row['bare_ms']:.2f}",
        ])  # fmt: skip
    return table(
        "Envelopes and local root mean squares beside the default, white noise, J_min = 5. "
        "Milliseconds a signal; equivariance error at depth 2; both over those of the default; "
        "time over that of the bare transforms, scalar and with spin, that each needs.",
        ["transform", "ms", "time over default", "error", "error over default",
         "time over bare"], rows,
    )  # fmt: skip


@section("batches")
def batches(s: dict) -> str:
    """Maps a second on one core and on all."""
    rows = []
    for row in s["rows"]:
        alone = row["ways"]["one core"]
        line = [f"L = {row['L']}, {row['maps']} maps"]
        for name, o in row["ways"].items():
            rate = number(1e3 * row["maps"] / o["ms"])
            more = "" if name == "one core" else f" (× {alone['ms'] / o['ms']:.2f})"
            line.append(rate + more)
        rows.append(line)
    return table(
        f"Maps a second through scattering, {s['cores']} cores. Depth 2, oversampling 1.",
        ["batch", *s["rows"][0]["ways"]], rows,
    )  # fmt: skip


@section("pipeline")
def pipeline(s: dict) -> str:
    """Maps a second through Dask and Zarr."""
    kinds = {"scattered": "read and scatter", "simulated": "simulate and scatter"}
    rows = [
        [says, *(number(s[kind][n]["median"]) for n in ("one_worker", "two_workers", "scaling"))]
        for kind, says in kinds.items()
    ]
    rows.append(["scatter, no pipeline, one thread", number(s["bare"]["median"]), "–", "–"])
    peak = max(s["peak_mib"]["two_workers"])
    return table(
        f"Maps a second through the pipeline, L = {s['L']}. {s['maps']} maps a run, median of "
        f"{s['rounds']} rounds; a worker takes {peak:.0f} MiB at most.",
        ["work", "one worker", "two workers", "ratio"], rows,
    )  # fmt: skip


@section("training")
def training(s: dict) -> str:
    """Milliseconds of a step."""
    rows = [
        [row["model"], str(row["L"]), str(row["channels"]), f"{row['parameters']:,}",
         _spread(row), number(row["first_s"], 2)]
        for row in s["rows"]
    ]  # fmt: skip
    return table(
        "A step of training: milliseconds. 32 signals, gradient and AdamW, single precision.",
        ["model", "L", "channels in", "parameters", "a step, ms", "compilation, s"], rows,
    )  # fmt: skip


@section("tensor_product")
def tensor_product(s: dict) -> str:
    """Milliseconds of a tensor product and of its gradient."""
    rows = [
        [f"{escape(row['who'])}, {row['mixing']}", str(row["L"]), f"{row['terms']:,}",
         *(number(row[way]["median_ms"]) for way in ("forward", "gradient")),
         number(row["forward"]["compile_s"] + row["gradient"]["compile_s"], 2)]
        for row in s["rows"]
    ]  # fmt: skip
    notes = (
        f"<p>e3nn-jax is left out above L = {s['largest_for_e3nn']}, where its tables take too "
        "long to make. It gives all pairs of degrees, as <em>full</em> does. The <em>sketch</em> "
        "is not a library. It is the code that one would write first: gather, multiply, add. It "
        "gets its rows in the order that suits it. The others take signals as a network holds "
        "them, and sort the rows first. That takes a noticeable part of the time where the product "
        "itself is short.</p>"
    )
    return table(
        f"Tensor products of {s['batch']} signals with {s['channels']} channels. Milliseconds, "
        "single precision.",
        ["who, which pairs", "L", "terms", "forward", "with gradient", "compilation, s"], rows,
        notes,
    )  # fmt: skip


def explorers() -> str:
    """Slider to frame, from the committed measurement."""
    found = json.loads((RESULTS / "explorers.json").read_text(encoding="utf-8"))
    rows = [
        [f"{row['explorer']}, L = {row['L']}", escape(row["where"]),
         *(number(row[n]) for n in ("median_ms", "95_percent_ms", "drawing_ms"))]
        for row in found["rows"]
    ]  # fmt: skip
    return table(
        f"From a slider to the next picture, milliseconds. {escape(found['command'])}",
        ["explorer", "where", "median", "95 %", "drawing alone"], rows,
    )  # fmt: skip


def first_picture() -> str:
    """From nothing to a picture, from the committed measurement."""
    file = RESULTS / "first_picture.json"
    if not file.exists():
        return ("<p>Time to the first picture: not measured yet "
                "(<code>python benchmarks/first_picture.py</code>).</p>")  # fmt: skip
    found = json.loads(file.read_text(encoding="utf-8"))
    rows = [
        [escape(name), number(row["value"]), escape(row["unit"]), escape(row["what"])]
        for name, row in found["rows"].items()
    ]
    return table(
        f"To the first picture. {escape(found['command'])}",
        ["what", "value", "unit", "how it was measured"], rows,
    )  # fmt: skip
