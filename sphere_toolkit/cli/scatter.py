"""``sphere-toolkit scatter``: scatter a data set into a store."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

from .._util import checks
from ..cmb import SETS
from ..scattering.transform import ScatteringTransform
from . import ends, maps

_TRANSFORM = ("J_min", "depth", "lam", "oversampling", "nonlinearity", "directions", "dtype")


def add_to(commands: Any) -> None:
    """Add the command and its arguments."""
    scatter = commands.add_parser(
        "scatter",
        help="scatter a data set into a store",
        description="Scatter every map of a data set once. A run that was stopped goes on where it "
        "was when the same command is given again, and a store grows when further maps are named "
        "beside its own.",
        epilog="Exit status 3: done, but the maps listed at the end were unusable. A map is tried "
        "again when its file has changed, or with --retry-unusable.",
    )
    scatter.set_defaults(run=_run)
    scatter.add_argument(
        "source", nargs="+",
        help=f"name of a simulation set ({', '.join(SETS)}); or {maps.FILES_HELP}",
    )  # fmt: skip
    scatter.add_argument("--out", required=True, metavar="STORE", help="folder of the result")
    absent = argparse.SUPPRESS  # so that an option is known to be given
    group = scatter.add_argument_group("a simulation set")
    group.add_argument("--n", type=int, default=absent, help="number of maps; classes take turns")
    group.add_argument("--seed", type=int, default=absent, help="seed of the set (default 0)")
    group.add_argument("--first", type=int, default=absent, help="number of the first map "
                       "(default 0)")  # fmt: skip
    maps.add_files(scatter).add_argument(
        "--labels", metavar="TABLE", help="CSV table: file, label; names or numbers. With a first "
        "line such as file,label,h0 several columns. Labels may be given later or corrected: the "
        "same command computes nothing again",
    )  # fmt: skip
    _add_transform(scatter)
    add_work(scatter)


def _add_transform(parser: Any) -> None:
    absent = argparse.SUPPRESS
    group = parser.add_argument_group("the transform (defaults as in ScatteringTransform)")
    group.add_argument("--J-min", type=int, default=absent, help="coarsest scale")
    group.add_argument("--depth", type=int, default=absent, help="longest path")
    group.add_argument("--lam", type=float, default=absent, help="dilation between scales")
    group.add_argument("--oversampling", type=float, default=absent, help="of the nonlinearity")
    group.add_argument("--nonlinearity", default=absent,
                       help="modulus, rms, rms(0.25), ..., envelope, envelope(2), ..., square "
                            "or relu")  # fmt: skip
    group.add_argument("--directions", type=int, default=absent,
                       help="azimuthal band-limit of the first wavelets; 1 is zonal")  # fmt: skip
    group.add_argument("--dtype", choices=["float64", "float32"], default=absent)


def add_work(parser: Any) -> None:
    """Add the options about who does the work."""
    group = parser.add_argument_group("the work")
    who = group.add_mutually_exclusive_group()
    who.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler, tcp://host:port")
    who.add_argument("--workers", type=int, metavar="N", help="processes (default: one per core)")
    group.add_argument("--maps-per-shard", type=int, metavar="K", help="maps per task and file")
    group.add_argument(
        "--retry-unusable", action="store_true", help="try maps again that were unusable before"
    )
    group.add_argument(
        "--accept-versions", action="store_true",
        help="go on with maps that other versions of the package, ducc0 or NumPy computed",
    )  # fmt: skip
    group.add_argument(
        "--worker-timeout", type=float, default=600, metavar="SECONDS",
        help="how long a scheduler may be without workers (default 600)",
    )  # fmt: skip
    group.add_argument("--quiet", action="store_true", help="no progress bar")


def _run(options: argparse.Namespace) -> int:
    from .. import pipeline

    check_work(options)
    source, out = maps.source(options), Path(options.out).expanduser()
    if options.labels is not None:
        if not hasattr(source, "labelled"):
            raise ValueError("--labels is for maps in files: simulation sets have labels")
        source = source.labelled(pipeline.read_labels(options.labels, source.names))
    chosen = {name: getattr(options, name) for name in _TRANSFORM if hasattr(options, name)}
    transform = ScatteringTransform(source.L, **chosen, n_threads=1)
    report = into_store(source, transform, out, options)
    if report is None:
        return ends.STOPPED
    print(f"{report.store}: {_counted(report)}{_what(source.describe())}")
    return ends.done(report.n, report.unusable)


def _counted(report: Any) -> str:
    """How many maps there are, and what was done now."""
    maps = f"{report.n} map{'s' * (report.n != 1)}"
    if not report.unusable:
        return f"{maps}, {report.n_computed} of them computed now"
    usable = report.n - len(report.unusable)
    return f"{maps}, {usable} of them with coefficients; {report.n_computed} tried now"


def _what(source: dict[str, Any]) -> str:
    """What a reader may want to check: the unit, and how much a mask keeps."""
    unit, mask = source.get("unit"), source.get("mask")
    said = f", in {unit}" if unit else ""
    return said + (f", behind the mask {mask}" if mask else "")


def check_work(options: argparse.Namespace) -> None:
    """Raise if the options about the work are wrong, before anything is read."""
    if options.workers is not None:
        checks.integer("--workers", options.workers, 1)


def into_store(
    source: Any, transform: ScatteringTransform, out: Path, options: argparse.Namespace
) -> Any:
    """Scatter the maps of a source; the report, or None after Ctrl-C."""
    from .. import pipeline

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pipeline.UnusableMapsWarning)  # the caller lists them
            return pipeline.scatter_dataset(
                source,
                transform,
                out,
                client=options.scheduler,
                n_workers=options.workers,
                maps_per_shard=options.maps_per_shard,
                retry_unusable=options.retry_unusable,
                accept_versions=options.accept_versions,
                worker_timeout=options.worker_timeout,
                progress=not options.quiet,
            )
    except KeyboardInterrupt:
        kept = f"What was computed is kept in {out}" if out.exists() else "Nothing was computed yet"
        ends.note(f"Stopped. {kept}; the same command goes on.")
        return None
