"""Compare a fresh run with the committed one: which ratios got worse by more than their spread?

    .venv-bench/bin/python benchmarks/side_by_side.py --out FRESH.json
    .venv/bin/python benchmarks/check.py FRESH.json [COMMITTED.json]

Only ratios of times that were measured side by side are compared, since they hardly depend on the
machine: ours over each peer, scattering over its bare transforms, one core over all of them. A
ratio is worse if the whole range between its quartiles lies above that of the committed one. The
exit status is 0 whatever is found, and 2 if a file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

CONTESTS = ("transforms", "wavelets", "scattering")
# Sections in which others are peers, not a bound of our own.
WITH_PEERS = (*CONTESTS, "tensor_product")
COMMITTED = Path(__file__).parent / "results" / "side_by_side.json"
OURS = "sphere_toolkit"


class Ratio(NamedTuple):
    """Ours over another's, smaller is better, and its range."""

    value: float
    low: float
    high: float


def over(ours: dict, other: dict) -> Ratio:
    """Ratio of two timings; its range takes the quartiles against each other."""
    (a, b), (c, d) = ours["quartiles"], other["quartiles"]
    return Ratio(ours["ms"] / other["ms"], a / d, b / c)


def of_contest(section: dict) -> dict[tuple, Ratio]:
    """Ours over each peer, by band-limit, peer and operation."""
    measured = [row for row in section.get("rows", []) if "operations" in row]
    first = {}
    for row in measured:  # ours stands first in every band-limit
        if row["who"].startswith(OURS):
            first.setdefault(row["L"], row)
    return {
        (row["L"], row["who"], name): over(first[row["L"]]["operations"][name], operation)
        for row in measured
        if row["L"] in first and not row["who"].startswith(OURS)
        for name, operation in row["operations"].items()
    }


def of_bare(section: dict) -> dict[tuple, Ratio]:
    """Scattering over its bare transforms."""
    return {
        (row["L"], "bare transforms", name): Ratio(o["ratio"], *o["quartiles"])
        for row in section.get("rows", [])
        for name, o in row["operations"].items()
    }


def of_batches(section: dict) -> dict[tuple, Ratio]:
    """Maps shared out to all threads over one core."""
    return {
        (row["L"], "one core", "batch"): over(
            row["ways"]["all cores, maps shared out"], row["ways"]["one core"]
        )
        for row in section.get("rows", [])
    }


def of_tensor_products(section: dict) -> dict[tuple, Ratio]:
    """Ours over others with the same pairs; the fastest round replaces the lower quartile."""
    rows = section.get("rows", [])
    ours = {(row["L"], row["mixing"]): row for row in rows if row["who"] == OURS}
    return {
        (row["L"], row["who"], way): Ratio(
            mine[way]["median_ms"] / row[way]["median_ms"],
            mine[way]["fastest_ms"] / row[way]["median_ms"],
            mine[way]["median_ms"] / row[way]["fastest_ms"],
        )
        for row in rows
        if row["who"] != OURS and (mine := ours.get((row["L"], row["mixing"])))
        for way in ("forward", "gradient")
    }


def ratios(results: dict) -> dict[tuple, Ratio]:
    """All ratios of a run, by section, band-limit, other and operation."""
    sections = results["sections"]
    found = {
        (name, *key): ratio
        for name in CONTESTS
        for key, ratio in of_contest(sections.get(name, {})).items()
    }
    for name, read in (
        ("tensor_product", of_tensor_products), ("against_bare", of_bare), ("batches", of_batches)
    ):  # fmt: skip
        found |= {(name, *key): ratio for key, ratio in read(sections.get(name, {})).items()}
    return found


def worse(fresh: dict, committed: dict) -> list[str]:
    """A line per ratio that got worse by more than the spread."""
    now, before = ratios(fresh), ratios(committed)
    return [
        f"{name}, L = {L}, {operation}: {now[key].value:.3g} of {other}, "
        f"was {before[key].value:.3g} ({before[key].low:.3g} to {before[key].high:.3g})"
        for key in now
        if key in before and now[key].low > before[key].high
        for name, L, other, operation in [key]
    ]


def read(path: Path) -> dict:
    """A file of results, or an end with status 2."""
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
        ratios(results)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{path} cannot be read as results of side_by_side.py: {error!r}", file=sys.stderr)
        raise SystemExit(2) from None
    return results


def main(arguments: list[str] | None = None) -> None:
    """Print what got worse."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fresh", type=Path)
    parser.add_argument("committed", type=Path, nargs="?", default=COMMITTED)
    options = parser.parse_args(arguments)
    fresh, committed = read(options.fresh), read(options.committed)
    lines = worse(fresh, committed)
    now, before = set(ratios(fresh)), set(ratios(committed))
    print("\n".join(lines))
    print(f"{len(lines)} of {len(now & before)} ratios got worse by more than their spread; "
          f"{len(now ^ before)} are in one of the files only")  # fmt: skip


if __name__ == "__main__":
    main()
