"""Is this sky Gaussian? Several classifiers, compared on the same simulated skies.

Both classes have the same ensemble spectrum and differ in Gaussianity only. Compared are the power
spectrum, a spherical convolutional network on the low degrees of the sky, linear classifiers on
scattering coefficients, networks on the scattering images, networks on the graph of pixels of the
whole sky, and the kurtosis of the whitened sky, which is the appropriate classical statistic for
these simulations.

Training and test skies have different numbers in the set. All choices (regularisation, epoch,
learning rate) are made on training skies. Test skies are scored once. Results of several transforms
for the same skies are joined by ``python -m experiments.gaussianity.join``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score, roc_curve

from sphere_toolkit import ScatteringTransform, cmb
from sphere_toolkit._util import checks

from .. import report
from ..command import Experiment
from ..run import Run
from .classifiers import CLASSIFIERS, Classifier
from .figure import gaussianity_figure, title
from .networks import NETWORKS
from .rival import RIVALS
from .skies import L_KEPT, Skies, collect

ALL = tuple(sorted((*CLASSIFIERS, *NETWORKS, *RIVALS), key=lambda classifier: classifier.letter))
# A network learns little from fewer skies per class.
SMALLEST = 50


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--set", required=True, help="name of a simulation set: cmb1024, ...")
    parser.add_argument("--train", type=int, default=1000, help="training maps per class (1000)")
    parser.add_argument("--test", type=int, default=400, help="test maps per class (400)")
    parser.add_argument("--J-min", type=int, help="coarsest scale of the scattering, whose images "
                        "have 2**J_MIN degrees (a quarter of the skies' degrees)")  # fmt: skip
    parser.add_argument("--oversampling", type=float, default=1.0,
                        help="of the nonlinearity (1)")  # fmt: skip
    parser.add_argument("--nonlinearity", default="envelope",
                        help="modulus, envelope, envelope(2), ... (envelope)")  # fmt: skip
    parser.add_argument("--directions", type=int, default=1,
                        help="azimuthal band-limit of the wavelets (1: zonal)")  # fmt: skip
    parser.add_argument("--classifiers", nargs="+", metavar="NAME",
                        help="some of: " + ", ".join(one.name for one in ALL))  # fmt: skip


def _compute(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    simulations = cmb.simulation_set(options.set)
    transform = ScatteringTransform(
        simulations.L,
        simulations.L.bit_length() - 3 if options.J_min is None else options.J_min,
        oversampling=options.oversampling,
        nonlinearity=options.nonlinearity,
        **({"directions": options.directions} if options.directions != 1 else {}),
        n_threads=1,
    )
    chosen = _chosen(options.classifiers, simulations.L)
    return compare(options.set, options.train, options.test, run, transform, chosen)


def _chosen(names: Sequence[str] | None, L: int) -> list[Classifier]:
    """The classifiers with these names, by default all that can be had at band-limit ``L``."""
    possible = {one.name: one for one in ALL if one.reads != "sky" or L <= L_KEPT}
    names = list(possible) if names is None else names
    return [possible[checks.choice("--classifiers", name, possible)] for name in names]


def compare(
    name: str,
    n_train: int,
    n_test: int,
    run: Run,
    transform: ScatteringTransform,
    classifiers: Sequence[Classifier] = ALL,
) -> dict[str, Any]:
    """Train classifiers on the same skies and score them on the same test skies.

    Parameters
    ----------
    name : str
        Name of a simulation set.
    n_train, n_test : int
        Skies per class.
    run : Run
        Network (d), which is cheaper than (b), is trained for twice as many epochs.
    transform : ScatteringTransform
        Computed if one of the classifiers reads it.
    classifiers : sequence of Classifier

    Returns
    -------
    dict
        Ready for JSON: for each classifier its accuracy with a 95 % Clopper-Pearson interval,
        ROC curve, number of parameters, seconds, and accuracy against training size.

    Raises
    ------
    TypeError, ValueError
        The set is unknown, or a number is out of range.
    """
    n_train = checks.integer("n_train", n_train, SMALLEST, cmb.FIRST_TEST // 2)
    n_test = checks.integer("n_test", n_test, 1)
    simulations = cmb.simulation_set(name)
    scattered = any(one.reads == "scattering" for one in classifiers)
    train = collect(name, 2 * n_train, 0, run, transform, scattered)
    test = collect(name, 2 * n_test, cmb.FIRST_TEST, run, transform, scattered)
    results = []
    for classifier in classifiers:
        run.announce(f"training: {classifier.title}")
        reads = label(transform) if classifier.reads == "scattering" else classifier.reads
        results.append(_assess(classifier, train, test, run, f"{name}-{reads}", reads))
    functions = {label(transform): transform} if scattered else {}
    return {
        "set": name,
        "classes": list(simulations.classes),
        "train_per_class": n_train,
        "test_per_class": n_test,
        "seed": run.seed,
        "epochs": run.epochs,
        "transforms": {key: one.parameters() for key, one in functions.items()},
        "seconds_per_map": report.median_seconds(lambda i: simulations.map(i, 0), functions),
        "peak_memory": report.peak_memory(),
        "interval": "95 % Clopper-Pearson",
        "classifiers": results,
    }


def label(transform: ScatteringTransform) -> str:
    """A transform in a few words, for tables."""
    parameters = transform.parameters()
    directions = parameters.get("directions", 1)
    told = f"{parameters['nonlinearity']}"
    if directions != 1:
        told += f", N = {directions}"
    return f"{told}, J_min {transform.J_min}, oversampling {transform.oversampling:g}"


def _assess(
    classifier: Classifier, train: Skies, test: Skies, run: Run, name: str, reads: str
) -> dict[str, Any]:
    """Accuracy with all training skies, ROC, and accuracy with fewer skies."""
    curve = []
    file = "".join(c if c.isalnum() else "-" for c in f"{name}-seed{run.seed}-{classifier.name}")
    for n in sizes(len(train) // 2):
        trained = classifier.train(train[: 2 * n], run, f"{file}-{n}")
        started = perf_counter()
        scores = trained.scores(test)
        seconds = perf_counter() - started
        curve.append(
            {"train_per_class": n, **_accuracy(scores, test.labels), "seconds": trained.seconds}
        )
    return {
        "key": classifier.letter,
        "title": classifier.title,
        "reads": reads,
        **_accuracy(scores, test.labels),
        "parameters": trained.parameters,
        "seconds": trained.seconds,
        "seconds_per_test_map": seconds / len(test),
        "note": trained.note,
        "roc": roc(scores, test.labels),
        "by_training_size": curve,
    }


def _accuracy(scores: NDArray, labels: NDArray) -> dict[str, float]:
    return report.accuracy(int(np.count_nonzero((scores > 0) == (labels == 1))), len(labels))


def sizes(n: int) -> list[int]:
    """Training skies per class: n, n/2, ..., five sizes at most, none below `SMALLEST`."""
    return [n >> k for k in range(4, -1, -1) if n >> k >= SMALLEST or k == 0]


def roc(scores: NDArray, labels: NDArray) -> dict[str, Any]:
    """The ROC curve: true-positive rate against false-positive rate, and the area under it.

    At most 61 points of the curve are kept; the area is that of the whole curve.
    """
    false, true, _ = roc_curve(labels, scores)
    kept = np.unique(np.linspace(0, len(false) - 1, 61).round().astype(int))
    return {
        "false_positive": [round(float(x), 5) for x in false[kept]],
        "true_positive": [round(float(x), 5) for x in true[kept]],
        "area": float(roc_auc_score(labels, scores)),
    }


def table(result: dict[str, Any]) -> str:
    """The result as a table in Markdown."""
    classes = " or ".join(result["classes"])
    lines = [
        f"{result['set']}: {classes}? {result['train_per_class']} training and "
        f"{result['test_per_class']} test maps per class, seed {result['seed']}",
        "",
        f"| classifier | accuracy | {result['interval']} | area under ROC | parameters | seconds |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in result["classifiers"]:
        lines.append(
            f"| {title(row)} | {row['accuracy']:.1%} "
            f"| {row['low']:.1%} to {row['high']:.1%} | {row['roc']['area']:.4f} "
            f"| {row['parameters']} | {row['seconds']:.1f} |"
        )
    return "\n".join(lines)


EXPERIMENT = Experiment(
    "gaussianity",
    "Is this sky Gaussian? Several classifiers, compared on the same simulated skies.",
    10,
    _add_options,
    _compute,
    table,
    gaussianity_figure,
    ("scikit-learn", "jax", "equinox", "optax"),
)
