"""Seconds, memory and error of the harmonic analysis of one HEALPix map.

    python benchmarks/healpix.py [--nside 256 ... 2048] [--repeats 5] [--out FILE.json]

A map of white noise with the band-limit L = 2 nside is synthesised from known coefficients, and
analysed in three ways: ``healpy.map2alm`` without iteration and with its usual three, and
`sphere_toolkit.forward`, which solves a least-squares problem. HEALPix has no exact quadrature,
so the error is that of the method, relative and in L2, not rounding.

Every analysis runs in a fresh process that does nothing else, with all threads: the time is the
median of its calls (the first one included where only one is made), the memory is the peak of the
process, and what it held before, the map included, stands beside it. ``busy_seconds`` are those
of all cores together; where others are at work on the machine, they change less than the clock.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import healpy
import numpy as np
from cost import resident
from transforms import RESULTS, in_own_process, machine, noise

import sphere_toolkit as st

NSIDES = (256, 512, 1024, 2048)
SECONDS_PER_ROW = 40.0  # fewer repeats where one takes long


def ways(nside: int) -> dict:
    """Each analysis by its name: a function of the map."""
    grid = st.Grid.healpix(nside)
    lmax = grid.L - 1
    return {
        "no iteration": lambda f: healpy.map2alm(f, lmax=lmax, iter=0),
        "3 iterations": lambda f: healpy.map2alm(f, lmax=lmax, iter=3),
        "least squares": lambda f: st.forward(f, grid),
    }


def measure(nside: int, way: str, repeats: int) -> dict:
    """Cost and error of one analysis, in a process of its own."""
    return in_own_process(f"healpix.measure_here({nside}, {way!r}, {repeats})")


def measure_here(nside: int, way: str, repeats: int) -> None:
    """Analyse one map some times and print what it took."""
    alm, analysis = noise(2 * nside), ways(nside)[way]
    f = st.inverse(alm, st.Grid.healpix(nside))
    before = resident("VmRSS")
    seconds, busy = [], []
    while not seconds or (len(seconds) < repeats and sum(seconds) < SECONDS_PER_ROW):
        start, worked = time.perf_counter(), time.process_time()
        found = analysis(f)
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - worked)
    peak = resident("VmHWM")
    row = {
        "nside": nside,
        "pixels": f.size,
        "way": way,
        "seconds": float(np.median(seconds)),
        "busy_seconds": float(np.median(busy)),
        "fastest": min(seconds),
        "repeats": len(seconds),
        "error": float(st.norm(found - alm) / st.norm(alm)),
        "peak_mib": peak,
        "before_mib": before,
    }
    print(json.dumps(row))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nside", type=int, nargs="+", default=NSIDES)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS / "healpix.json")
    options = parser.parse_args()
    rows = []
    for nside in options.nside:
        for way in ways(nside):
            print(f"nside = {nside}: {way}", file=sys.stderr)
            rows.append(measure(nside, way, options.repeats))
    results = {
        "command": " ".join(["python", *sys.argv]),
        "machine": {**machine(), "healpy": healpy.__version__},
        "rows": rows,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print("| nside | way | seconds | busy | error | peak MiB |\n|---:|---|---:|---:|---:|---:|")
    for row in rows:
        print(
            f"| {row['nside']} | {row['way']} | {row['seconds']:.3g} | {row['busy_seconds']:.3g} | "
            f"{row['error']:.1e} | {row['peak_mib']:.0f} |"
        )


if __name__ == "__main__":
    main()
