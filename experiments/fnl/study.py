"""How well is f_NL seen in scattering coefficients?

On the set ``fnl256`` (local f_NL of 0 or 100, all else the same) this measures the distance d'
between the classes for the means of the scattering paths, for the cross-correlations of the depth-0
and depth-1 images, for a network on the scattering images, and for the optimal estimator of the
bispectrum.

    d' = difference of a statistic's means over the classes / its standard deviation within them

Training skies are pairs of f_NL = +50 and -50 with the same Gaussian part, which cancels in their
difference. Test skies are those of the set, all independent, have other numbers, and are scored
once.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sphere_toolkit import cmb
from sphere_toolkit._util import checks

from .. import report
from ..command import Experiment
from ..run import Run
from .figure import fnl_figure
from .skies import pairs, tests, transform
from .statistics import Statistic, cross_correlations, hybrid, path_means

SET = "fnl256"
# For a covariance of 120 features.
SMALLEST = 64
_RESAMPLES = 2000


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--train", type=int, default=3072, help="pairs of training skies (3072)")
    parser.add_argument("--test", type=int, default=400, help="test skies per class (400)")
    parser.add_argument("--workers", type=int, help="processes that simulate (one per core)")


def _compute(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    return compare(options.train, options.test, run)


def compare(n_train: int, n_test: int, run: Run, name: str = SET) -> dict[str, Any]:
    """Train all statistics on the same pairs, and measure d' on the same test skies.

    Parameters
    ----------
    n_train : int
        Pairs.
    n_test : int
        Skies per class.
    run : Run
    name : str
        Name of a simulation set with local f_NL.

    Returns
    -------
    dict
        Ready for JSON.

    Raises
    ------
    TypeError, ValueError
        A number is out of range.
    """
    n_train = checks.integer("n_train", n_train, SMALLEST, cmb.FIRST_TEST)
    n_test = checks.integer("n_test", n_test, 2)
    test = tests(name, 2 * n_test, cmb.FIRST_TEST, run)
    train = pairs(name, n_train, run)
    simulations, scatter = cmb.simulation_set(name), transform(name)
    estimator = cmb.KSW(simulations.L)
    error = f"expected error {estimator.error:.2f}"
    statistics = [
        path_means(train, test),
        cross_correlations(train, test),
        hybrid(train, test, run, f"{name}-seed{run.seed}-{n_train}-{run.epochs}"),
        Statistic("iv", "bispectrum: KSW", 0, 0.0, error, test.ksw),
    ]
    rng = np.random.default_rng((run.seed, 1))
    drawn = [rng.integers(n_test, size=(_RESAMPLES, n_test)) for _ in range(2)]
    best = resampled(test.ksw, test.labels, drawn)
    return {
        "set": name,
        "classes": ["f_NL = 0", "f_NL = 100"],
        "training_pairs": n_train,
        "test_per_class": n_test,
        "seed": run.seed,
        "epochs": run.epochs,
        "transform": scatter.parameters(),
        "seconds_per_sky": report.median_seconds(
            lambda i: simulations.simulate(1, 0, i), {"scattering": scatter, "ksw": estimator}
        ),
        "interval": "95 %, bootstrap over test skies",
        "ksw": _estimates(test.ksw, test.labels, estimator.error),
        "ways": [_row(one, test.labels, test.ksw, drawn, best) for one in statistics],
    }


def distance(scores: NDArray, labels: NDArray) -> float:
    """Difference of the means over the standard deviation within the classes."""
    zero, one = scores[labels == 0], scores[labels == 1]
    return float((one.mean() - zero.mean()) / np.sqrt((zero.var(ddof=1) + one.var(ddof=1)) / 2))


def resampled(scores: NDArray, labels: NDArray, drawn: Sequence[NDArray]) -> NDArray[np.float64]:
    """The distance for bootstrap samples: indices of test skies, drawn class by class."""
    zero, one = (scores[labels == label][index] for label, index in enumerate(drawn))
    within = (zero.var(axis=1, ddof=1) + one.var(axis=1, ddof=1)) / 2
    return (one.mean(axis=1) - zero.mean(axis=1)) / np.sqrt(within)


def _row(
    statistic: Statistic, labels: NDArray, ksw: NDArray, drawn: Sequence[NDArray], best: NDArray
) -> dict[str, Any]:
    found = resampled(statistic.scores, labels, drawn)
    # Both distances are of the same resampled skies, so that their common scatter cancels.
    ratio = found / best
    zero, one = (statistic.scores[labels == label] for label in (0, 1))
    scale = (one.mean() - zero.mean()) / 100
    return {
        "key": statistic.numeral,
        "title": statistic.title,
        "distance": distance(statistic.scores, labels),
        "low": float(np.quantile(found, 0.025)),
        "high": float(np.quantile(found, 0.975)),
        "of_ksw": distance(statistic.scores, labels) / distance(ksw, labels),
        "of_ksw_low": float(np.quantile(ratio, 0.025)),
        "of_ksw_high": float(np.quantile(ratio, 0.975)),
        "correlation_with_ksw": float(np.corrcoef(statistic.scores, ksw)[0, 1]),
        "parameters": statistic.parameters,
        "seconds": statistic.seconds,
        "note": statistic.note,
        # In units of f_NL: the means of the classes are 0 and 100.
        "scores": [round(float(x), 2) for x in (statistic.scores - zero.mean()) / scale],
    }


def _estimates(ksw: NDArray, labels: NDArray, error: float) -> dict[str, Any]:
    """Mean, error of the mean and standard deviation of the estimates in each class."""
    out: dict[str, Any] = {"expected_error": error}
    for label, f_nl in enumerate((0, 100)):
        some = ksw[labels == label]
        out[f"f_NL={f_nl}"] = {
            "mean": float(some.mean()),
            "error_of_mean": float(some.std(ddof=1) / np.sqrt(some.size)),
            "standard_deviation": float(some.std(ddof=1)),
        }
    return out


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


EXPERIMENT = Experiment(
    "fnl",
    "How well is f_NL seen in scattering coefficients?",
    40,
    _add_options,
    _compute,
    table,
    fnl_figure,
    ("scikit-learn", "jax", "equinox", "optax"),
)
