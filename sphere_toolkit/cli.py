"""The command ``sphere-toolkit``: scatter a data set, run a study."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from . import _extras
from .scattering.transform import ScatteringTransform
from .sphere.grid import SCHEMES, Grid

FAILED, UNUSABLE, STOPPED = 1, 3, 130
_TRANSFORM = ("J_min", "depth", "lam", "oversampling", "dtype")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        Exit status: 0 done, 1 failed (the reason is on standard error), 3 done but maps were
        unusable, 130 stopped by Ctrl-C. Wrong usage exits with 2.
    """
    options = _parser().parse_args(argv)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        return STOPPED
    except ImportError as error:
        return _fail(str(_extras.explained(error, "the command")))
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        return _fail(str(error))


def _fail(reason: str) -> int:
    print(f"sphere-toolkit: error: {reason}", file=sys.stderr)
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sphere-toolkit", description=__doc__)
    parser.add_argument(
        "--version", action="version", version=f"sphere-toolkit {version('sphere-toolkit')}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_scatter(commands)
    _add_study(commands)
    return parser


# --- scatter --------------------------------------------------------------------------------


def _add_scatter(commands: Any) -> None:
    scatter = commands.add_parser(
        "scatter",
        help="scatter a data set into a store",
        description="Scatter every map of a data set once. A run that was stopped goes on where "
        "it was when the same command is given again.",
        epilog="Exit status 3: done, but the maps listed at the end were unusable.",
    )
    scatter.set_defaults(run=_scatter)
    scatter.add_argument(
        "source", nargs="+",
        help="name of a simulation set (cmb1024, cmb128-laptop, ...), or .fits or .npy files",
    )  # fmt: skip
    scatter.add_argument("--out", required=True, metavar="STORE", help="folder of the result")

    group = scatter.add_argument_group("a simulation set")
    group.add_argument("--n", type=int, help="number of maps; the classes take turns")
    group.add_argument("--seed", type=int, default=0, help="seed of the set (default 0)")
    group.add_argument("--first", type=int, default=0, help="number of the first map (default 0)")

    group = scatter.add_argument_group("files")
    group.add_argument("--L", type=int, help="band-limit (HEALPix: 2 nside by default)")
    group.add_argument(
        "--grid", choices=[*SCHEMES[:2], "alm"], default=SCHEMES[0],
        help=f"what .npy files hold: samples on a grid, or alm (default {SCHEMES[0]})",
    )  # fmt: skip
    group.add_argument("--unit", help="unit that the headers of .fits files must state")
    group.add_argument("--ordering", choices=["RING", "NESTED"], help="where no header says it")

    group = scatter.add_argument_group("the transform (defaults as in ScatteringTransform)")
    absent = argparse.SUPPRESS
    group.add_argument("--J-min", type=int, default=absent, help="coarsest scale")
    group.add_argument("--depth", type=int, default=absent, help="longest path")
    group.add_argument("--lam", type=float, default=absent, help="dilation between scales")
    group.add_argument("--oversampling", type=float, default=absent, help="of the modulus")
    group.add_argument("--dtype", choices=["float64", "float32"], default=absent)

    group = scatter.add_argument_group("the work")
    who = group.add_mutually_exclusive_group()
    who.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler, tcp://host:port")
    who.add_argument("--workers", type=int, metavar="N", help="processes (default: one per core)")
    group.add_argument("--maps-per-shard", type=int, metavar="K", help="maps per task and file")
    group.add_argument(
        "--retry-unusable", action="store_true", help="try maps again that were unusable before"
    )
    group.add_argument("--quiet", action="store_true", help="no progress bar")


def _scatter(options: argparse.Namespace) -> int:
    from . import pipeline

    source = _source(options)
    chosen = {name: getattr(options, name) for name in _TRANSFORM if hasattr(options, name)}
    transform = ScatteringTransform(source.L, **chosen, n_threads=1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pipeline.UnusableMapsWarning)  # listed below, in full
            report = pipeline.scatter_dataset(
                source,
                transform,
                options.out,
                client=options.scheduler,
                n_workers=options.workers,
                maps_per_shard=options.maps_per_shard,
                retry_unusable=options.retry_unusable,
                progress=not options.quiet,
            )
    except KeyboardInterrupt:
        print(
            f"Stopped. What was computed is kept in {options.out}; the same command goes on.",
            file=sys.stderr,
        )
        return STOPPED
    print(f"{report.store}: {report.n} maps, {report.n_computed} of them computed now")
    for name, reason in report.unusable.items():
        print(f"unusable: {name}: {reason}", file=sys.stderr)
    return UNUSABLE if report.unusable else 0


def _source(options: argparse.Namespace) -> Any:
    from . import pipeline

    files = options.source
    if all(name.endswith(".npy") for name in files):
        if options.L is None:
            raise ValueError("--L must be given for .npy files")
        grid = options.L if options.grid == "alm" else Grid(options.grid, options.L)
        return pipeline.MapFiles(files, grid)
    if all(name.endswith((".fits", ".fits.gz", ".fit")) for name in files):
        return pipeline.HealpixFiles(files, options.L, unit=options.unit, ordering=options.ordering)
    if len(files) > 1:
        raise ValueError(f"source must be one set, or files all .npy or all .fits, got {files}")
    if options.n is None:
        raise ValueError(f"--n must be given for the simulation set {files[0]!r}")
    return pipeline.NamedSet(files[0], options.n, options.seed, options.first)


# --- study ----------------------------------------------------------------------------------


def _add_study(commands: Any) -> None:
    study = commands.add_parser("study", help="run an experiment of the course", add_help=False)
    study.set_defaults(run=_study)
    study.add_argument("name", choices=_studies())
    study.add_argument("arguments", nargs=argparse.REMAINDER)


def _studies() -> list[str]:
    """Modules of `sphere_toolkit.studies` with a ``main(argv)``."""
    spec = find_spec(f"{__package__}.studies")
    folders = spec.submodule_search_locations if spec else None
    return sorted(m.name for m in iter_modules(folders or []) if not m.name.startswith("_"))


def _study(options: argparse.Namespace) -> int:
    return import_module(f"{__package__}.studies.{options.name}").main(options.arguments) or 0
