"""How well can f_NL be seen in scattering coefficients?

On the set ``fnl256`` (local f_NL of 0 or 100, all else the same) the distance d' between the
classes, as seen by the means of the scattering paths, by the correlations of the order-0 map with
the order-1 maps, by a network on the scattering maps, and by the optimal estimator of the
bispectrum.

    d' = difference of a statistic's means over the classes / its standard deviation within them

Training skies come in pairs of f_NL = +50 and -50 with the same Gaussian part, so that what is the
same in both does not blur what differs. Test skies are those of the set, all independent, have
other numbers, and are scored once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, cmb
from . import _report
from ._fnl_skies import pairs, tests, transform
from ._fnl_statistics import Way, cross_correlations, hybrid, path_means
from ._skies import FIRST_TEST

SET = "fnl256"
# A covariance of 120 features wants to be measured.
SMALLEST = 64
EPOCHS = 40
_DISTRIBUTIONS = ("scikit-learn", "jax", "equinox", "optax")
_RESAMPLES = 2000


def main(argv: Sequence[str] | None = None) -> int:
    """Run the study from the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        0. Errors are raised.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    options = _parser().parse_args(argv)
    out = options.out
    if out.suffix != ".json":
        raise ValueError(f"--out must end in .json, got {str(out)!r}")
    if not out.parent.is_dir():
        raise FileNotFoundError(f"--out: there is no folder {str(out.parent)!r}")
    result = _report.provenance("fnl", argv, _DISTRIBUTIONS) | compare(
        options.train,
        options.test,
        options.seed,
        options.store,
        epochs=options.epochs,
        n_workers=options.workers,
        progress=not options.quiet,
    )
    _report.write_json(out, result)
    print(table(result))
    from .figures import fnl_figure

    fnl_figure(result).savefig(out.with_suffix(".png"), dpi=160)
    print(f"\n{out} and {out.with_suffix('.png')} written")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sphere-toolkit study fnl",
        description=__doc__.split("\n\n")[0],
        epilog="What was computed is kept in the store: the same command goes on where it was.",
    )
    parser.add_argument("--train", type=int, default=3072, help="pairs of training skies (3072)")
    parser.add_argument("--test", type=int, default=400, help="test skies per class (400)")
    parser.add_argument("--seed", type=int, default=0, help="of the skies and the network (0)")
    parser.add_argument("--out", type=Path, required=True, help="the result, a .json file; the "
                        "figure is saved beside it")  # fmt: skip
    parser.add_argument("--store", type=Path, default=Path("fnl-store"),
                        help="folder for what is computed once (fnl-store)")  # fmt: skip
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"of the network ({EPOCHS})")
    parser.add_argument("--workers", type=int, help="processes that simulate (one per core)")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    return parser


def compare(
    n_train: int,
    n_test: int,
    seed: int,
    store: str | Path,
    *,
    name: str = SET,
    epochs: int = EPOCHS,
    n_workers: int | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Learn from the same pairs, and measure d' on the same test skies.

    Parameters
    ----------
    n_train : int
        Pairs.
    n_test : int
        Skies per class.
    seed : int
        Of the simulations, and of weights and order in training.
    store : path
        Folder where coefficients and the network are kept; the same call goes on with it.
    name : str
        Of a simulation set with local f_NL.
    epochs : int
    n_workers : int, optional
        Processes that simulate; one per core by default.
    progress : bool

    Returns
    -------
    dict
        Ready for JSON.

    Raises
    ------
    TypeError, ValueError
        A number is out of range.
    """
    n_train = _checks.integer("n_train", n_train, SMALLEST, FIRST_TEST)
    n_test = _checks.integer("n_test", n_test, 2)
    seed, epochs = _checks.integer("seed", seed, 0), _checks.integer("epochs", epochs, 1)
    folder = Path(store)
    test = tests(name, 2 * n_test, seed, FIRST_TEST, folder, n_workers, progress)
    train = pairs(name, n_train, seed, folder, n_workers, progress)
    checkpoint = folder / f"{name}-seed{seed}-{n_train}-{epochs}.ckpt"
    ways = [
        path_means(train, test),
        cross_correlations(train, test),
        hybrid(train, test, seed=seed, epochs=epochs, checkpoint=checkpoint, progress=progress),
    ]
    estimator = cmb.KSW(cmb.simulation_set(name).L)
    ways.append(
        Way("iv", "bispectrum: KSW", 0, 0.0, f"expected error {estimator.error:.2f}", test.ksw)
    )
    rng = np.random.default_rng((seed, 1))
    drawn = [rng.integers(n_test, size=(_RESAMPLES, n_test)) for _ in range(2)]
    best = resampled(test.ksw, test.labels, drawn)
    return {
        "set": name,
        "classes": ["f_NL = 0", "f_NL = 100"],
        "training_pairs": n_train,
        "test_per_class": n_test,
        "seed": seed,
        "epochs": epochs,
        "transform": transform(name).parameters(),
        "seconds_per_sky": _seconds_per_sky(name),
        "interval": "95 %, bootstrap over test skies",
        "ksw": _estimates(test.ksw, test.labels, estimator.error),
        "ways": [_row(way, test.labels, test.ksw, drawn, best) for way in ways],
    }


def distance(scores: NDArray, labels: NDArray) -> float:
    """Difference of the means over the standard deviation within the classes."""
    zero, one = scores[labels == 0], scores[labels == 1]
    return float((one.mean() - zero.mean()) / np.sqrt((zero.var(ddof=1) + one.var(ddof=1)) / 2))


def resampled(scores: NDArray, labels: NDArray, drawn: Sequence[NDArray]) -> NDArray[np.float64]:
    """The distance for each set of test skies drawn with replacement, class by class."""
    zero, one = (scores[labels == label][index] for label, index in enumerate(drawn))
    within = (zero.var(axis=1, ddof=1) + one.var(axis=1, ddof=1)) / 2
    return (one.mean(axis=1) - zero.mean(axis=1)) / np.sqrt(within)


def _row(
    way: Way, labels: NDArray, ksw: NDArray, drawn: Sequence[NDArray], best: NDArray
) -> dict[str, Any]:
    found = resampled(way.scores, labels, drawn)
    # The same skies for both: what they share in luck does not count.
    ratio = found / best
    zero, one = (way.scores[labels == label] for label in (0, 1))
    scale = (one.mean() - zero.mean()) / 100
    return {
        "key": way.key,
        "title": way.title,
        "distance": distance(way.scores, labels),
        "low": float(np.quantile(found, 0.025)),
        "high": float(np.quantile(found, 0.975)),
        "of_ksw": distance(way.scores, labels) / distance(ksw, labels),
        "of_ksw_low": float(np.quantile(ratio, 0.025)),
        "of_ksw_high": float(np.quantile(ratio, 0.975)),
        "correlation_with_ksw": float(np.corrcoef(way.scores, ksw)[0, 1]),
        "parameters": way.parameters,
        "seconds": way.seconds,
        "note": way.note,
        # In units of f_NL: zero and 100 are the means of the classes.
        "scores": [round(float(x), 2) for x in (way.scores - zero.mean()) / scale],
    }


def _estimates(ksw: NDArray, labels: NDArray, error: float) -> dict[str, Any]:
    """Mean estimate of f_NL in each class, its error, and the spread."""
    out: dict[str, Any] = {"expected_error": error}
    for label, f_nl in enumerate((0, 100)):
        some = ksw[labels == label]
        out[f"f_NL={f_nl}"] = {
            "mean": float(some.mean()),
            "error_of_mean": float(some.std(ddof=1) / np.sqrt(some.size)),
            "standard_deviation": float(some.std(ddof=1)),
        }
    return out


def _seconds_per_sky(name: str, repeats: int = 5) -> dict[str, float]:
    """Median time of what a sky needs, on one thread."""
    simulations, scatter = cmb.simulation_set(name), transform(name)
    ksw = cmb.KSW(simulations.L)
    times: dict[str, list[float]] = {"simulation": [], "scattering": [], "ksw": []}
    for i in range(repeats + 1):
        marks = [perf_counter()]
        alm = simulations.simulate(1, 0, i)
        marks.append(perf_counter())
        scatter(alm)
        marks.append(perf_counter())
        ksw(alm)
        marks.append(perf_counter())
        for key, seconds in zip(times, np.diff(marks), strict=True):
            times[key].append(float(seconds))
    return {key: float(np.median(values[1:])) for key, values in times.items()}


def table(result: dict[str, Any]) -> str:
    """The result as a table in Markdown."""
    lines = [
        f"{result['set']}: {' or '.join(result['classes'])}? {result['training_pairs']} training "
        f"pairs, {result['test_per_class']} test skies per class, seed {result['seed']}",
        "",
        f"| statistic | d' | {result['interval']} | d' / that of KSW | interval "
        "| correlation with KSW | parameters | seconds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in result["ways"]:
        lines.append(
            f"| ({row['key']}) {row['title']} | {row['distance']:.2f} "
            f"| {row['low']:.2f} to {row['high']:.2f} | {row['of_ksw']:.3f} "
            f"| {row['of_ksw_low']:.3f} to {row['of_ksw_high']:.3f} "
            f"| {row['correlation_with_ksw']:.3f} | {row['parameters']} | {row['seconds']:.1f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
