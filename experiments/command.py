"""The command line of every experiment."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from . import report
from .run import Run


class Experiment(NamedTuple):
    """An experiment that can be run: ``python -m experiments.NAME``.

    Attributes
    ----------
    name : str
    description : str
        One sentence for the help.
    epochs : int or None
        Default number of epochs; None where nothing is trained in epochs.
    add_options : callable (parser)
        Adds the experiment's own options.
    compute : callable (options, run) -> dict
        The result, ready for JSON. A TypeError or ValueError names an option that is out of range.
    table : callable (result) -> str
        The result in Markdown.
    figure : callable (result) -> Figure
    distributions : tuple of str
        Whose versions the result records.
    parallel : bool, default True
        Whether it simulates in several processes.
    """

    name: str
    description: str
    epochs: int | None
    add_options: Callable[[argparse.ArgumentParser], None]
    compute: Callable[[argparse.Namespace, Run], dict[str, Any]]
    table: Callable[[dict[str, Any]], str]
    figure: Callable[[dict[str, Any]], Figure]
    distributions: tuple[str, ...]
    parallel: bool = True

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Compute, and write the result, its table and its figure; returns 0.

        ``argv`` holds the arguments, by default those of the process. Errors are raised.
        """
        argv = list(sys.argv[1:] if argv is None else argv)
        options = self._parser().parse_args(argv)
        out = options.out
        if out.suffix != ".json":
            raise ValueError(f"--out must end in .json, got {str(out)!r}")
        if not out.parent.is_dir():
            raise FileNotFoundError(f"--out: there is no folder {str(out.parent)!r}")
        run = Run(
            options.seed,
            getattr(options, "epochs", 1),
            options.store,
            getattr(options, "workers", None),
            not options.quiet,
        )
        result = report.provenance(self.name, argv, self.distributions) | self.compute(options, run)
        table = self.table(result)
        report.write_json(out, result)
        out.with_suffix(".md").write_text(f"{table}\n\n    {result['command']}\n", encoding="utf-8")
        self.figure(result).savefig(out.with_suffix(".png"), dpi=160)
        print(f"{table}\n\n{out}, {out.with_suffix('.md')} and {out.with_suffix('.png')} written")
        return 0

    def _parser(self) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(
            prog=f"python -m experiments.{self.name}",
            description=self.description,
            epilog="Simulations and networks are kept in the store: the same command, given again, "
            "goes on from there.",
        )
        self.add_options(parser)
        store = f"{self.name}-store"
        if self.epochs is not None:
            parser.add_argument("--epochs", type=int, default=self.epochs,
                                help=f"of each training ({self.epochs})")  # fmt: skip
        if self.parallel:
            parser.add_argument("--workers", type=int, help="processes (one per core)")
        parser.add_argument("--seed", type=int, default=0,
                            help="of simulations, rotations and weights (0)")  # fmt: skip
        parser.add_argument("--out", type=Path, required=True, help="the result, a .json file; a "
                            "table (.md) and a figure (.png) are saved beside it")  # fmt: skip
        parser.add_argument("--store", type=Path, default=Path(store),
                            help=f"folder for what is computed once ({store})")  # fmt: skip
        parser.add_argument("--quiet", action="store_true", help="no progress bars")
        return parser
