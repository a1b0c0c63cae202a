"""Seconds and memory of one scattering transform against the band-limit.

    python benchmarks/cost.py [--L 64 ... 4096] [--repeats 9] [--again] [--out FILE.json]

Every transform (depth 2, oversampling 1, all threads) runs in a fresh process that does nothing
else: its time is the median of several calls, after one that allocates; its memory is the peak of
the process, and what the process held before the transform was made is reported beside it. A
band-limit that the file has already, from the same machine and versions, is kept unless
``--again`` is given, so a run that was stopped goes on.

On a machine with nothing else to do, two threads keep nearly two cores busy at large L. Where the
column "cores" says much less, others were at work, and the seconds are not the transform's.

The cost of a harmonic transform grows as L^3 for large L (Legendre functions) and as L^2 log L
below (Fourier transforms and memory). The exponents are those of straight lines through the
logarithms, over the whole range and over its upper half.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from transforms import J_MIN, in_own_process, machine, noise, options_of

import sphere_toolkit as st

BAND_LIMITS = (64, 128, 256, 512, 1024, 1536, 2048, 3072, 4096)
SECONDS_PER_BAND_LIMIT = 40.0  # fewer repeats where one takes long, but three at least


def measure(L: int, repeats: int) -> dict:
    """Cost at one band-limit, in a process of its own."""
    return in_own_process(f"cost.measure_here({L}, {repeats})")


def measure_here(L: int, repeats: int) -> None:
    """Scatter noise some times and print what it took."""
    alm = noise(L)
    before = resident("VmRSS")
    scatter = st.ScatteringTransform(L, J_MIN, depth=2, oversampling=1.0)
    seconds: list[float] = []
    scatter(alm)
    busy = time.process_time()
    while len(seconds) < 3 or (len(seconds) < repeats and sum(seconds) < SECONDS_PER_BAND_LIMIT):
        start = time.perf_counter()
        scatter(alm)
        seconds.append(time.perf_counter() - start)
    busy = time.process_time() - busy
    low, middle, high = np.quantile(seconds, [0.25, 0.5, 0.75])
    row = {
        "L": L,
        "samples": 2 * L * L,
        "paths": len(scatter.paths),
        "seconds": middle,
        "quartiles": [low, high],
        "fastest": min(seconds),
        "repeats": len(seconds),
        "cores_used": busy / sum(seconds),
        "peak_mib": resident("VmHWM"),
        "before_mib": before,
    }
    print(json.dumps(row))


def resident(field: str) -> float:
    """MiB of memory of this process: now (VmRSS) or at most (VmHWM)."""
    # Not getrusage: its peak is inherited from the process that forked this one.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def exponents(rows: list[dict]) -> dict[str, float]:
    """Slopes of log seconds against log L: of all rows, and of the upper half."""
    L, seconds = np.array([[row["L"], row["seconds"]] for row in rows]).T
    half = len(rows) // 2
    return {
        name: float(np.polyfit(np.log(L[part]), np.log(seconds[part]), 1)[0])
        for name, part in (("all", slice(None)), ("upper half", slice(half, None)))
        if len(L[part]) > 1
    }


def table(rows: list[dict]) -> str:
    lines = ["| L | million samples | paths | seconds | cores | peak MiB |", "|---:|" + "---:|" * 5]
    lines += [
        f"| {row['L']} | {row['samples'] / 1e6:.3g} | {row['paths']} | {row['seconds']:.3g} | "
        f"{row['cores_used']:.2f} | {row['peak_mib']:.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    parser = options_of(__doc__, BAND_LIMITS, 9, "cost.json")
    parser.add_argument("--again", action="store_true", help="measure what is there already")
    options = parser.parse_args()
    known = {}
    if options.out.exists() and not options.again:
        before = json.loads(options.out.read_text(encoding="utf-8"))
        if before["machine"] == machine():
            known = {row["L"]: row for row in before["rows"]}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for L in sorted({*options.L}):
        if L not in known:
            print(f"L = {L}", file=sys.stderr)
            known[L] = measure(L, options.repeats)
        rows = [known[L] for L in sorted(known)]
        results = {
            "command": " ".join(["python", *sys.argv]),
            "machine": machine(),
            "transform": {"J_min": J_MIN, "depth": 2, "oversampling": 1.0, "dtype": "float64"},
            "exponents": exponents(rows),
            "rows": rows,
        }
        draft = options.out.with_suffix(".partial")
        draft.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        draft.replace(options.out)
    print(table(rows))
    for name, slope in results["exponents"].items():
        print(f"seconds grow as L^{slope:.2f} ({name})")


if __name__ == "__main__":
    main()
