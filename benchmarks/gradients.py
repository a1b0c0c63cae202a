"""Time a value of scattering and the value with its gradient, of ours and of the peers.

    .venv-bench/bin/python benchmarks/gradients.py [--quick] [--patience N] [--only SECTION ...]
        [--L 64 ...]

"scattering" and "transforms" are contests as in ``side_by_side.py``: each library has its own
process, and the processes take turns. "ours" is `ScatteringTransform.vjp` alone: value, and value
with gradient, one after the other in pairs, in a fresh process for each row. Its ratio is the
median of the ratios of the pairs. All times are there by the clock and as processor time of all
cores. Where other work keeps the machine busy, the clock runs for that, too; the processor time and
the ratios suffer less. ``--patience`` multiplies the limits of time in the contests, for a busy
machine. ``--only`` measures some sections again, ``--L`` some band-limits; the others are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import contest
import install_peers
import numpy as np
import peers
from peers.gradients import BOTH, MOST, VALUE, in_numpy
from peers.worker import resident, timed
from side_by_side import described
from transforms import J_MIN, RESULTS, in_own_process, noise

import sphere_toolkit as st

CONTESTS = {
    "scattering": ("gradients of scattering", (64, 128, 256, 512)),
    "transforms": ("gradients of transforms", (64, 128, 256)),
}
LIMITS = contest.Limits(call_s=10, prepare_s=30, band_limit_s=8, rounds=9)
QUICK_LIMITS = contest.Limits(call_s=3, prepare_s=30, band_limit_s=2, rounds=3)
KINDS = {
    "modulus": {},
    "rms": {"nonlinearity": "rms"},
    "envelope": {"nonlinearity": "envelope"},
    "directions": {"nonlinearity": "envelope", "directions": 4},
}
OUR_BAND_LIMITS = (256, 512, 1024)
SECONDS_PER_ROW = 10.0
LIBRARIES = ("ducc0", "numpy", "jax", "s2fft", "s2wav", "s2scat", "foscat", "torch")
NAMES = (*CONTESTS, "ours")


class Again(NamedTuple):
    """What is to be measured, and how."""

    quick: bool
    patience: float
    only: list[str]
    L: list[int]


def hold(name: str, again: Again, before: list[dict]) -> dict:
    """A contest at its band-limits; of ``before`` those are kept that are not measured again."""
    task, band_limits = CONTESTS[name]
    limits = QUICK_LIMITS if again.quick else LIMITS
    seconds = {key: value for key, value in asdict(limits).items() if key.endswith("_s")}
    limits = replace(limits, **{key: again.patience * value for key, value in seconds.items()})
    chosen = again.L or ((64,) if again.quick else band_limits)
    rows = [row for row in before if row["L"] not in chosen]
    for L in chosen:
        print(f"{task}, L = {L}", file=sys.stderr, flush=True)
        smaller = [row for row in rows if row["L"] < L]
        names = [who for who in peers.tasks()[task] if L <= MOST.get(who, L)]
        rows += contest.hold(task, L, names, smaller, limits)
        rows += [
            {"L": L, "who": who, "reason": f"it goes up to L = {most}"}
            for who, most in MOST.items()
            if who in peers.tasks()[task] and who not in names
        ]
    return {"limits": asdict(limits), "rows": sorted(rows, key=lambda row: row["L"])}


def ours(again: Again, before: list[dict]) -> dict:
    """Pairs of value and gradient, every row in a process of its own."""
    chosen = again.L or ((64,) if again.quick else OUR_BAND_LIMITS)
    rows = [row for row in before if row["L"] not in chosen]
    for L in chosen:
        for kind in KINDS:
            print(f"{kind}, L = {L}", file=sys.stderr, flush=True)
            rows.append(in_own_process(f"gradients.measure_here({L}, {kind!r})"))
    rows.sort(key=lambda row: row["L"])
    return {"J_min": J_MIN, "depth": 2, "oversampling": 1.0, "rows": rows}


def measure_here(L: int, kind: str) -> None:
    """One row, printed."""
    alm, before = noise(L), resident("VmRSS")
    scatter = st.ScatteringTransform(L, J_MIN, depth=2, oversampling=1.0, **KINDS[kind])
    do = in_numpy(scatter, alm).operations
    do[VALUE](), do[BOTH]()
    taken: dict[str, list[tuple[float, float]]] = {VALUE: [], BOTH: []}
    end = time.perf_counter() + SECONDS_PER_ROW
    while len(taken[VALUE]) < 3 or (len(taken[VALUE]) < 31 and time.perf_counter() < end):
        for name in (VALUE, BOTH) if len(taken[VALUE]) % 2 else (BOTH, VALUE):
            taken[name].append(timed(do[name]))
    value, both = np.array(taken[VALUE]), np.array(taken[BOTH])
    by_clock, by_processor = np.quantile(both / value, [0.25, 0.5, 0.75], axis=0).T
    row = {
        "L": L,
        "kind": kind,
        "paths": len(scatter.paths),
        "operations": {name: contest.summary(times) for name, times in taken.items()},
        "ratio": {"clock": _spread(by_clock), "processor": _spread(by_processor)},
        "peak_mib": resident("VmHWM"),
        "before_mib": before,
    }
    print(json.dumps(row))


def _spread(quartiles: np.ndarray) -> dict:
    low, middle, high = quartiles
    return {"median": middle, "quartiles": [low, high]}


def run(path: Path, again: Again) -> dict:
    """Measure, and keep what is not to be measured again."""
    results: dict = {"commands": [], "sections": {}}
    if (again.only or again.L) and path.exists():
        results = json.loads(path.read_text(encoding="utf-8"))
    results |= {
        "quick": again.quick,
        "machine": described(),
        "libraries": {name: install_peers.state(name) for name in LIBRARIES},
    }
    command = " ".join(["python benchmarks/gradients.py", *sys.argv[1:]])
    results["commands"] = [*dict.fromkeys([*results["commands"], command])]
    for name in again.only or NAMES:
        before = results["sections"].get(name, {"rows": [], "minutes": 0.0})
        start, load = time.perf_counter(), os.getloadavg()[0]
        rows = before["rows"] if again.L else []
        found = ours(again, rows) if name == "ours" else hold(name, again, rows)
        minutes = (time.perf_counter() - start) / 60
        results["sections"][name] = found | {
            "date": time.strftime("%Y-%m-%d"),
            "minutes": minutes + (before["minutes"] if again.L else 0.0),
            "load": [load, os.getloadavg()[0]],
        }
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return results


def main() -> None:
    """Measure, and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small and few: to try the machinery")
    parser.add_argument("--patience", type=float, default=1.0, help="times the limits of time")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=[], help="these sections anew")
    parser.add_argument("--L", nargs="+", type=int, default=[], help="these band-limits anew")
    parser.add_argument("--out", type=Path, help="by default where the book looks for it")
    options = parser.parse_args()
    name = "gradients.quick.json" if options.quick else "gradients.json"
    again = Again(options.quick, options.patience, options.only, options.L)
    results = run(options.out or RESULTS / name, again)
    for name, section in results["sections"].items():
        print(f"{name}: {section['minutes']:.1f} min")


if __name__ == "__main__":
    main()
