"""Measure time and accuracy of sphere_toolkit and of the libraries that compete with it.

    make bench                                    # everything, into results/side_by_side.json
    .venv-bench/bin/python benchmarks/side_by_side.py [--quick] [--only SECTION ...] [--again]

In the contests (``contest.py``) every library has its own process, and the processes take turns.
The other sections (``sections.py``) measure sphere_toolkit alone, compared with its bounds. A run
that was stopped continues where it stopped, unless ``--again`` is given; ``--only`` measures some
sections again and keeps the others. Results are written after every band-limit. ``check.py``
compares two results.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

import contest
import install_peers
import peers
import sections
import transforms

HERE = Path(__file__).parent
OUT = HERE / "results" / "side_by_side.json"
BAND_LIMITS = {
    "transforms": (64, 128, 256, 512, 1024, 2048),
    "wavelets": (64, 128, 256, 512),
    "scattering": (64, 128, 256, 512),
}
QUICK_BAND_LIMITS = (32, 64)
LIMITS = contest.Limits()
QUICK_LIMITS = contest.Limits(call_s=3, prepare_s=30, band_limit_s=2, rounds=3)
SECTION_TIMEOUT = 400.0
NAMES = (*BAND_LIMITS, *sections.SECTIONS)
LIBRARIES = ("ducc0", "numpy", "scipy", "jax", "healpy", "pyssht", "s2fft", "s2wav", "s2scat",
             "pyshtools", "pys2let", "e3nn-jax")  # fmt: skip
Save = Callable[[], None]


def described() -> dict:
    """The machine and the libraries, without names of hosts or folders."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return transforms.machine() | {"memory_gib": round(memory), "system": sys.platform}


def libraries() -> dict[str, dict]:
    """Versions; where one is missing, what pip said."""
    try:
        reasons = json.loads(install_peers.REASONS.read_text(encoding="utf-8"))
    except FileNotFoundError:
        reasons = {}
    return {
        name: {"reason": reasons[name]} if name in reasons else install_peers.state(name)
        for name in LIBRARIES
    } | {"sphere-toolkit": {"version": metadata.version("sphere-toolkit"), "pins_not_met": []}}


def contend(task: str, section: dict, quick: bool, save: Save) -> None:
    """The band-limits of a contest that are not measured yet."""
    limits = QUICK_LIMITS if quick else LIMITS
    section.setdefault("limits", asdict(limits))
    rows = section.setdefault("rows", [])
    for L in QUICK_BAND_LIMITS if quick else BAND_LIMITS[task]:
        if any(row["L"] == L for row in rows):
            continue
        print(f"{task}, L = {L}", file=sys.stderr, flush=True)
        rows += contest.hold(task, L, list(peers.tasks()[task]), rows, limits)
        save()


def measure(name: str, quick: bool) -> dict:
    """A section in a process of its own; one that fails says why."""
    print(name, file=sys.stderr, flush=True)
    command = [sys.executable, str(HERE / "sections.py"), name, *["--quick"] * quick]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECTION_TIMEOUT, env=environment
        )
    except subprocess.TimeoutExpired:
        return {"reason": f"not done within {SECTION_TIMEOUT:.0f} s"}
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return {"reason": done.stderr.strip().splitlines()[-1][:200] if done.stderr else "failed"}
    return json.loads(done.stdout.splitlines()[-1])


def begin(path: Path, quick: bool, only: list[str], again: bool) -> dict:
    """What to go on from: an unfinished run of the same kind, or the finished one for ``only``."""
    fresh = {
        "command": "make bench" if not quick else "python benchmarks/side_by_side.py --quick",
        "quick": quick,
        "machine": described(),
        "libraries": libraries(),
        "sections": {},
    }
    draft = path.with_suffix(".partial.json")
    for source in (draft, path if only else None):
        if source is None or not source.exists() or (again and source is draft):
            continue
        before = json.loads(source.read_text(encoding="utf-8"))
        if all(before.get(key) == fresh[key] for key in ("quick", "machine", "libraries")):
            if source is path:
                for name in only:
                    before["sections"].pop(name, None)
            return before
        print(f"{source.name} is of another machine or of other versions", file=sys.stderr)
    return fresh


def run(path: Path, quick: bool, only: list[str], again: bool) -> dict:
    """Measure what is missing."""
    results = begin(path, quick, only, again)
    draft = path.with_suffix(".partial.json")

    def save() -> None:
        draft.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")

    for name in only or NAMES:
        section = results["sections"].setdefault(name, {})
        if section.get("done"):
            continue
        start = time.perf_counter()
        section.setdefault("load_before", os.getloadavg()[0])
        section.setdefault("date", time.strftime("%Y-%m-%d"))
        if name in BAND_LIMITS:
            contend(name, section, quick, save)
        else:
            section |= measure(name, quick)
        section |= {"done": True, "minutes": (time.perf_counter() - start) / 60}
        save()
    measured = results["sections"]
    results["sections"] = {name: measured[name] for name in NAMES if name in measured}
    save()
    draft.replace(path)
    return results


def main() -> None:
    """Measure, and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small and few: to try the machinery")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=[], help="these sections anew")
    parser.add_argument("--again", action="store_true", help="forget an unfinished run")
    parser.add_argument("--out", type=Path, help="by default where the book looks for it")
    options = parser.parse_args()
    # A trial does not take the place of what the book shows.
    options.out = options.out or (OUT.with_suffix(".quick.json") if options.quick else OUT)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    results = run(options.out, options.quick, options.only, options.again)
    for name, section in results["sections"].items():
        print(f"{name}: {section['minutes']:.1f} min {section.get('reason', '')}")
    print(f"written to {options.out}")
    if failed := [name for name, section in results["sections"].items() if "reason" in section]:
        raise SystemExit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
