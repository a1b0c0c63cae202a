"""Join results for the same skies, of other classifiers or transforms, to one table and figure."""

from __future__ import annotations

import argparse
import json
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
    rows = [row for result in results for row in result["classifiers"]]
    return {
        **{key: first[key] for key in _SAME},
        "parts": [{key: result[key] for key in _PARTS} for result in results],
        "transforms": {key: of for one in results for key, of in one["transforms"].items()},
        "classifiers": sorted(rows, key=lambda row: (row["key"], row["reads"])),
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Read results, and write the joined one, its table and its figure."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.gaussianity.join", description=__doc__
    )
    parser.add_argument("results", nargs="+", type=Path, help="files of experiments.gaussianity")
    parser.add_argument("--out", type=Path, required=True, help="a .json file")
    options = parser.parse_args(argv)
    result = joined([json.loads(path.read_text()) for path in options.results])
    report.write_json(options.out, result)
    commands = "\n".join(f"    {part['command']}" for part in result["parts"])
    options.out.with_suffix(".md").write_text(f"{table(result)}\n\n{commands}\n")
    gaussianity_figure(result).savefig(options.out.with_suffix(".png"), dpi=160)


if __name__ == "__main__":
    main()
