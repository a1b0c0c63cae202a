"""The command ``sphere-toolkit``: scatter a data set."""

from __future__ import annotations

import argparse
import shlex
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ._util import checks, extras
from .cmb import SETS
from .scattering.transform import ScatteringTransform
from .sphere.grid import EXACT_SCHEMES, Grid

FAILED, UNUSABLE, STOPPED = 1, 3, 130
STUDIES = {
    "digits": "which networks recognise digits on the sphere when they are rotated",
    "directions": "are these strokes aligned? What zonal and directional scattering know",
    "fnl": "how well local f_NL is seen in scattering coefficients",
    "gaussianity": "is this sky Gaussian? Several classifiers on the same skies",
}
_TRANSFORM = ("J_min", "depth", "lam", "oversampling", "nonlinearity", "directions", "dtype")
# Which options a kind of source has.
_KINDS = {
    "set": ("simulation sets", ("n", "seed", "first")),
    "npy": (".npy files", ("L", "grid")),
    "fits": (".fits files", ("L", "unit", "ordering", "coordinates", "field")),
}
# Packages whose errors are about the data, the disk or the network.
_FOREIGN = {"asyncio", "concurrent", "dask", "distributed", "healpy", "tornado", "zarr"}


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
        return _fail(str(extras.explained(error, "the command")))
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        return _fail(str(error))
    except MemoryError as error:
        return _fail(f"not enough memory, fewer --workers need less: {error}")
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _FOREIGN:
            raise
        return _fail(f"{type(error).__name__}: {error}. What was computed is kept; the same "
                     "command goes on")  # fmt: skip


def _fail(reason: str) -> int:
    print(f"sphere-toolkit: error: {' '.join(reason.split())}", file=sys.stderr)
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
        epilog="Exit status 3: done, but the maps listed at the end were unusable. A map is tried "
        "again when its file has changed, or with --retry-unusable.",
    )
    scatter.set_defaults(run=_scatter)
    scatter.add_argument(
        "source", nargs="+",
        help=f"name of a simulation set ({', '.join(SETS)}); or .npy files, HEALPix .fits files "
        "(.fit, .fts, also .gz), folders of them, or lists of paths, one a line (.txt, .lst, "
        "@NAME)",
    )  # fmt: skip
    scatter.add_argument("--out", required=True, metavar="STORE", help="folder of the result")
    absent = argparse.SUPPRESS  # so that an option is known to be given

    group = scatter.add_argument_group("a simulation set")
    group.add_argument("--n", type=int, default=absent, help="number of maps; classes take turns")
    group.add_argument("--seed", type=int, default=absent, help="seed of the set (default 0)")
    group.add_argument("--first", type=int, default=absent, help="number of the first map "
                       "(default 0)")  # fmt: skip

    group = scatter.add_argument_group("files")
    group.add_argument("--L", type=int, default=absent,
                       help="band-limit (.npy: needed; .fits: 2 nside by default)")  # fmt: skip
    group.add_argument(
        "--grid", choices=[*EXACT_SCHEMES, "alm"], default=absent,
        help=f"what .npy files hold: samples on a grid, or alm (default {EXACT_SCHEMES[0]})",
    )  # fmt: skip
    group.add_argument("--unit", default=absent, help="unit that the headers of .fits files must "
                       "state (default: that of the first which states one)")  # fmt: skip
    group.add_argument("--coordinates", choices=["G", "E", "C"], default=absent,
                       help="likewise: galactic, ecliptic, celestial")  # fmt: skip
    group.add_argument("--ordering", choices=["RING", "NESTED"], default=absent,
                       help="of .fits files whose header does not say it")  # fmt: skip
    group.add_argument("--field", type=int, default=absent,
                       help="column of .fits files (default 0, temperature)")  # fmt: skip

    group = scatter.add_argument_group("the transform (defaults as in ScatteringTransform)")
    group.add_argument("--J-min", type=int, default=absent, help="coarsest scale")
    group.add_argument("--depth", type=int, default=absent, help="longest path")
    group.add_argument("--lam", type=float, default=absent, help="dilation between scales")
    group.add_argument("--oversampling", type=float, default=absent, help="of the nonlinearity")
    group.add_argument("--nonlinearity", default=absent,
                       help="modulus, envelope, envelope(2), ..., square or relu")  # fmt: skip
    group.add_argument("--directions", type=int, default=absent,
                       help="azimuthal band-limit of the first wavelets; 1 is zonal")  # fmt: skip
    group.add_argument("--dtype", choices=["float64", "float32"], default=absent)

    group = scatter.add_argument_group("the work")
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


def _scatter(options: argparse.Namespace) -> int:
    from . import pipeline

    if options.workers is not None:
        checks.integer("--workers", options.workers, 1)
    source, out = _source(options), Path(options.out).expanduser()
    chosen = {name: getattr(options, name) for name in _TRANSFORM if hasattr(options, name)}
    transform = ScatteringTransform(source.L, **chosen, n_threads=1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pipeline.UnusableMapsWarning)  # listed below, in full
            report = pipeline.scatter_dataset(
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
        print(f"Stopped. {kept}; the same command goes on.", file=sys.stderr)
        return STOPPED
    print(f"{report.store}: {report.n} maps, {report.n_computed} of them computed now")
    if not report.unusable:
        return 0
    for name, reason in report.unusable.items():
        print(f"unusable: {name}: {' '.join(reason.split())}", file=sys.stderr)
    print(
        f"{len(report.unusable)} of {report.n} maps are unusable. A map is tried again when its "
        "file has changed, or with --retry-unusable.",
        file=sys.stderr,
    )
    return UNUSABLE


def _source(options: argparse.Namespace) -> Any:
    from . import pipeline
    from .pipeline.sources.listing import is_named_like_files

    names = options.source
    sets = [name for name in names if name in SETS]
    if sets and len(names) == 1:
        given = _given(options, "set")
        if "n" not in given:
            raise ValueError(f"--n must be given for the simulation set {names[0]!r}")
        return pipeline.NamedSet(names[0], **given)
    if sets or not any(map(is_named_like_files, names)):
        raise ValueError(
            f"source must be one of the simulation sets {', '.join(SETS)}, or files or folders "
            f"that are there, got {' '.join(names)}"
        )
    kind, files = pipeline.find_files(names)
    given = _given(options, kind)
    if kind == "fits":
        return pipeline.HealpixFiles(files, **given)
    if "L" not in given:
        raise ValueError("--L must be given for .npy files")
    scheme = given.get("grid", EXACT_SCHEMES[0])
    return pipeline.MapFiles(files, given["L"] if scheme == "alm" else Grid(scheme, given["L"]))


def _given(options: argparse.Namespace, kind: str) -> dict[str, Any]:
    """The options about a source that were given; an error for one that its kind does not have."""
    words, own = _KINDS[kind]
    for name in dict.fromkeys(name for _, names in _KINDS.values() for name in names):
        if hasattr(options, name) and name not in own:
            others = " and ".join(other for other, names in _KINDS.values() if name in names)
            raise ValueError(f"--{name} does not apply to {words}: it is for {others}")
    return {name: getattr(options, name) for name in own if hasattr(options, name)}


# --- study ----------------------------------------------------------------------------------


def _add_study(commands: Any) -> None:
    study = commands.add_parser(
        "study",
        help="say how the experiments of the course are run",
        description="Say how an experiment of the course is run. Experiments are not part of the "
        "installed package:\nthey need a checkout of the repository.",
        epilog="\n".join(
            ["experiments:", *(f"  {name:12}{what}" for name, what in STUDIES.items())]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    study.set_defaults(run=_study)
    study.add_argument("name", choices=STUDIES, help="which one")
    study.add_argument("arguments", nargs=argparse.REMAINDER,
                       help="its own options")  # fmt: skip


def _study(options: argparse.Namespace) -> int:
    command = shlex.join(["python", "-m", f"experiments.{options.name}", *options.arguments])
    return _fail(
        "experiments are not part of the installed package; in a checkout of the repository, with "
        f"the extra 'experiments', run: {command}"
    )
