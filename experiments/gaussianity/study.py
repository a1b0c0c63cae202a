"""Is this sky Gaussian? Six classifiers, compared on the same simulated skies.

Both classes have the same ensemble spectrum and differ in Gaussianity only. Compared are the power
spectrum, a spherical convolutional network on the low degrees of the sky, linear classifiers on
scattering coefficients, networks on the scattering images, and the kurtosis of the whitened sky,
which is the appropriate classical statistic for these simulations.

Training and test skies have different numbers in the set. All choices (regularisation, epoch) are
made on training skies. Test skies are scored once.
"""

from __future__ import annotations

import argparse
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
from .figure import gaussianity_figure
from .networks import NETWORKS
from .skies import Skies, collect

ALL = tuple(sorted((*CLASSIFIERS, *NETWORKS), key=lambda classifier: classifier.letter))
# A network learns little from fewer skies per class.
SMALLEST = 50


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--set", required=True, help="name of a simulation set: cmb1024, ...")
    parser.add_argument("--train", type=int, default=1000, help="training maps per class (1000)")
    parser.add_argument("--test", type=int, default=400, help="test maps per class (400)")
    parser.add_argument("--J-min", type=int, default=5, help="coarsest scale of the scattering, "
                        "whose images have 2**J_MIN degrees (5)")  # fmt: skip
    parser.add_argument("--oversampling", type=float, default=1.0, help="of the modulus (1)")
    parser.add_argument("--workers", type=int, help="processes that simulate (one per core)")


def _compute(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    return compare(
        options.set, options.train, options.test, run,
        J_min=options.J_min, oversampling=options.oversampling,
    )  # fmt: skip


def compare(
    name: str, n_train: int, n_test: int, run: Run, *, J_min: int = 5, oversampling: float = 1.0
) -> dict[str, Any]:
    """Train all classifiers on the same skies and score them on the same test skies.

    Parameters
    ----------
    name : str
        Name of a simulation set.
    n_train, n_test : int
        Skies per class.
    run : Run
        Network (d), which is cheaper than (b), is trained for twice as many epochs.
    J_min : int
    oversampling : float
        Of the `ScatteringTransform`.

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
    transform = ScatteringTransform(simulations.L, J_min, oversampling=oversampling, n_threads=1)
    train = collect(name, 2 * n_train, 0, transform, run)
    test = collect(name, 2 * n_test, cmb.FIRST_TEST, transform, run)
    results = []
    for classifier in ALL:
        run.announce(f"training: {classifier.title}")
        checkpoint = f"{name}-J_min{J_min}-seed{run.seed}"
        results.append(_assess(classifier, train, test, run, checkpoint))
    return {
        "set": name,
        "classes": list(simulations.classes),
        "train_per_class": n_train,
        "test_per_class": n_test,
        "seed": run.seed,
        "epochs": run.epochs,
        "transform": transform.parameters(),
        "seconds_per_map": report.median_seconds(
            lambda i: simulations.map(i, 0), {"scattering": transform}
        ),
        "interval": "95 % Clopper-Pearson",
        "classifiers": results,
    }


def _assess(
    classifier: Classifier, train: Skies, test: Skies, run: Run, checkpoint: str
) -> dict[str, Any]:
    """Accuracy with all training skies, ROC, and accuracy with fewer skies."""
    curve = []
    for n in sizes(len(train) // 2):
        trained = classifier.train(train[: 2 * n], run, f"{checkpoint}-{classifier.name}-{n}")
        scores = trained.scores(test)
        curve.append({"train_per_class": n, **_accuracy(scores, test.labels)})
    return {
        "key": classifier.letter,
        "title": classifier.title,
        **_accuracy(scores, test.labels),
        "parameters": trained.parameters,
        "seconds": trained.seconds,
        "note": trained.note,
        "roc": roc(scores, test.labels),
        "by_training_size": curve,
    }


def _accuracy(scores: NDArray, labels: NDArray) -> dict[str, float]:
    return report.accuracy(int(np.count_nonzero((scores > 0) == (labels == 1))), len(labels))


def sizes(n: int) -> list[int]:
    """Training skies per class: n, n/2, ..., five sizes at most, none below `SMALLEST`."""
    return [n >> k for k in range(4, -1, -1) if n >> k >= SMALLEST or k == 0]


def roc(scores: NDArray, labels: NDArray, n_points: int = 61) -> dict[str, Any]:
    """The ROC curve: true-positive rate against false-positive rate, and the area under it.

    At most ``n_points`` points of the curve are kept; the area is that of the whole curve.
    """
    false, true, _ = roc_curve(labels, scores)
    kept = np.unique(np.linspace(0, len(false) - 1, n_points).round().astype(int))
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
            f"| ({row['key']}) {row['title']} | {row['accuracy']:.1%} "
            f"| {row['low']:.1%} to {row['high']:.1%} | {row['roc']['area']:.4f} "
            f"| {row['parameters']} | {row['seconds']:.1f} |"
        )
    return "\n".join(lines)


EXPERIMENT = Experiment(
    "gaussianity",
    "Is this sky Gaussian? Six classifiers, compared on the same simulated skies.",
    10,
    _add_options,
    _compute,
    table,
    gaussianity_figure,
    ("scikit-learn", "jax", "equinox", "optax", "zarr", "dask"),
)
