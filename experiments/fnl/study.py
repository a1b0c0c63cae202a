"""How well is f_NL seen in scattering coefficients?

On the set ``fnl256`` (local f_NL of 0 or 100, all else the same) this measures the distance d'
between the classes for the means of the scattering paths, for the cross-correlations of the depth-0
image with those of depth 1 and of all depths, for a network on the scattering images, and for the
optimal estimator of the bispectrum. With ``--transforms`` the modulus, the envelope and wavelets
with directions scatter the same skies.

    d' = difference of a statistic's means over the classes / its standard deviation within them

Training skies are pairs of f_NL = +50 and -50 with the same Gaussian part, which cancels in their
difference. Test skies are those of the set, all independent, have other numbers, and are scored
once.

With 320 training pairs and 300 test skies per class (``benchmarks/results/fnl256-envelope.json``)
d' of the images of depths 0 and 1 is 2.60 with the modulus, 2.62 with the envelope and 2.64 with
directions; that of the optimal estimator is 2.76. Both gains over the modulus, on the same skies,
have intervals that hold 0. With the images of depth 2 all three are lower: so many features are
hard to learn from so few pairs.
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
from .skies import TRANSFORMS, Pairs, Tests, pairs, tests, transform
from .statistics import Statistic, cross_correlations, hybrid, path_means

SET = "fnl256"
# For a covariance of 120 features.
SMALLEST = 64
_RESAMPLES = 2000


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--train", type=int, default=3072, help="pairs of training skies (3072)")
    parser.add_argument("--test", type=int, default=400, help="test skies per class (400)")
    parser.add_argument("--transforms", nargs="+", choices=list(TRANSFORMS), default=["modulus"],
                        help="what scatters the skies (modulus)")  # fmt: skip
    parser.add_argument("--linear", action="store_true", help="leave out the network")


def _compute(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    return compare(options.train, options.test, run, options.transforms, not options.linear)


def compare(
    n_train: int,
    n_test: int,
    run: Run,
    transforms: Sequence[str] = ("modulus",),
    network: bool = True,
    name: str = SET,
) -> dict[str, Any]:
    """Train all statistics on the same pairs, and measure d' on the same test skies.

    Parameters
    ----------
    n_train : int
        Pairs.
    n_test : int
        Skies per class.
    run : Run
    transforms : sequence of str
        Of `TRANSFORMS`. The first is the one with which others are compared.
    network : bool
        Whether to train it.
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
    test = tests(name, 2 * n_test, cmb.FIRST_TEST, run, transforms)
    train = pairs(name, n_train, run, transforms)
    simulations, estimator = cmb.simulation_set(name), cmb.KSW(cmb.simulation_set(name).L)
    ksw, labels = test[0].ksw, test[0].labels
    rng = np.random.default_rng((run.seed, 1))
    drawn = [rng.integers(n_test, size=(_RESAMPLES, n_test)) for _ in range(2)]
    measured = _Measure(labels, drawn, ksw)
    ways: list[dict[str, Any]] = []
    first: dict[str, Statistic] = {}
    for how, known, scored in zip(transforms, train, test, strict=True):
        file = f"{name}-{how}-seed{run.seed}-{n_train}-{run.epochs}" if network else None
        found = {one.numeral: one for one in _statistics(known, scored, run, file)}
        ways += [
            {"transform": how, **measured.row(one, first.get(key))} for key, one in found.items()
        ]
        first = first or found
    best = Statistic("iv", "bispectrum: KSW", 0, 0.0, f"expected error {estimator.error:.2f}", ksw)
    scatters = {how: transform(name, how) for how in transforms}
    return {
        "set": name,
        "classes": ["f_NL = 0", "f_NL = 100"],
        "training_pairs": n_train,
        "test_per_class": n_test,
        "seed": run.seed,
        "epochs": run.epochs if network else 0,
        "transforms": {how: scatter.parameters() for how, scatter in scatters.items()},
        "seconds_per_sky": report.median_seconds(
            lambda i: simulations.simulate(1, 0, i), {**scatters, "ksw": estimator}
        ),
        "interval": "95 %, bootstrap over test skies",
        "ksw": _estimates(ksw, labels, estimator.error),
        "ways": [*ways, {"transform": "", **measured.row(best)}],
    }


def _statistics(train: Pairs, test: Tests, run: Run, checkpoint: str | None) -> list[Statistic]:
    found = [
        path_means(train, test),
        cross_correlations(train, test),
        cross_correlations(train, test, 2),
    ]
    if checkpoint is not None:
        found.append(hybrid(train, test, run, checkpoint))
    return found


def distance(scores: NDArray, labels: NDArray) -> float:
    """Difference of the means over the standard deviation within the classes."""
    zero, one = scores[labels == 0], scores[labels == 1]
    return float((one.mean() - zero.mean()) / np.sqrt((zero.var(ddof=1) + one.var(ddof=1)) / 2))


def resampled(scores: NDArray, labels: NDArray, drawn: Sequence[NDArray]) -> NDArray[np.float64]:
    """The distance for bootstrap samples: indices of test skies, drawn class by class."""
    zero, one = (scores[labels == label][index] for label, index in enumerate(drawn))
    within = (zero.var(axis=1, ddof=1) + one.var(axis=1, ddof=1)) / 2
    return (one.mean(axis=1) - zero.mean(axis=1)) / np.sqrt(within)


class _Measure:
    """Distances with intervals, all from the same resampled test skies.

    So what is common to two statistics cancels in the ratio and the difference of their distances.
    """

    def __init__(self, labels: NDArray, drawn: Sequence[NDArray], ksw: NDArray) -> None:
        self.labels, self.drawn, self.ksw = labels, drawn, ksw
        self.best = resampled(ksw, labels, drawn)

    def row(self, one: Statistic, first: Statistic | None = None) -> dict[str, Any]:
        """What the result says of a statistic; ``first`` is that of the first transform."""
        labels = self.labels
        found, d = resampled(one.scores, labels, self.drawn), distance(one.scores, labels)
        zero, of_one = (one.scores[labels == label] for label in (0, 1))
        # In units of f_NL: the means of the classes are 0 and 100.
        scores = (one.scores - zero.mean()) * 100 / (of_one.mean() - zero.mean())
        out = {
            "key": one.numeral,
            "title": one.title,
            **_with_interval("distance", d, found),
            **_with_interval("of_ksw", d / distance(self.ksw, labels), found / self.best),
            "correlation_with_ksw": float(np.corrcoef(one.scores, self.ksw)[0, 1]),
            "parameters": one.parameters,
            "seconds": one.seconds,
            "note": one.note,
            "scores": [round(float(x), 2) for x in scores],
        }
        if first is not None:
            others = resampled(first.scores, labels, self.drawn)
            out |= _with_interval("gain", d - distance(first.scores, labels), found - others)
        return out


def _with_interval(name: str, value: float, found: NDArray) -> dict[str, float]:
    low, high = (float(x) for x in np.quantile(found, (0.025, 0.975)))
    start = "" if name == "distance" else f"{name}_"
    return {name: float(value), f"{start}low": low, f"{start}high": high}


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
        f"| statistic | transform | d' | {result['interval']} | d' / that of KSW | interval "
        "| correlation with KSW | parameters | seconds |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in result["ways"]:
        lines.append(
            f"| ({row['key']}) {row['title']} | {row['transform']} | {row['distance']:.2f} "
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
