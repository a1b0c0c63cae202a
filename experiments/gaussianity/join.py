"""Join results for the same skies, of other classifiers or transforms, to one table and figure.

Nothing is computed. Parts may be of several machines, so each row says which part it is of, and
each part names its command, its machine and its versions.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import report
from .figure import gaussianity_figure
from .study import table

_SAME = ("set", "classes", "train_per_class", "test_per_class", "seed", "interval")
_PARTS = ("command", "machine", "versions", "epochs", "seconds_per_map", "peak_memory")


def joined(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One result with the rows of all.

    Parameters
    ----------
    results : sequence of dict
        As by `compare`, with their provenance.

    Returns
    -------
    dict
        Its ``parts`` hold what was said of the whole of each result, in this order; ``part`` of a
        row of ``classifiers`` is a position in them. A row's seconds are those of that machine.

    Raises
    ------
    ValueError
        They are not for the same skies.
    """
    first = results[0]
    for other in results[1:]:
        for key in _SAME:
            if other[key] != first[key]:
                raise ValueError(
                    f"results must have the same {key}, got {first[key]!r} and {other[key]!r}"
                )
    rows = [{**row, "part": i} for i, one in enumerate(results) for row in one["classifiers"]]
    return {
        **{key: first[key] for key in _SAME},
        "parts": [{key: result[key] for key in _PARTS} for result in results],
        "transforms": {key: of for one in results for key, of in one["transforms"].items()},
        "classifiers": sorted(rows, key=lambda row: (row["key"], row["reads"])),
    }


def _origins(result: dict[str, Any]) -> str:
    """Which parts were joined, and where each was computed."""
    lines = [f"Joined from {len(result['parts'])} parts, each with the seconds of its own machine:"]
    for part in result["parts"]:
        machine = part["machine"]
        device = machine.get("accelerator", "no accelerator")
        lines += [f"- {machine['threads']} threads, {device}:", "", f"      {part['command']}"]
    return "\n".join([*lines, "", f"    {result['command']}"])


def main(argv: Sequence[str] | None = None) -> None:
    """Read results, and write the joined one, its table and its figure."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.gaussianity.join", description=__doc__
    )
    parser.add_argument("results", nargs="+", type=Path, help="files of experiments.gaussianity")
    parser.add_argument("--out", type=Path, required=True, help="a .json file")
    argv = list(sys.argv[1:] if argv is None else argv)
    options = parser.parse_args(argv)
    command = report.provenance("gaussianity.join", argv)["command"]
    result = {"command": command} | joined(
        [json.loads(p.read_text(encoding="utf-8")) for p in options.results]
    )
    report.write_json(options.out, result)
    options.out.with_suffix(".md").write_text(
        f"{table(result)}\n\n{_origins(result)}\n", encoding="utf-8"
    )
    gaussianity_figure(result).savefig(options.out.with_suffix(".png"), dpi=160)


if __name__ == "__main__":
    main()
