"""Is this sky Gaussian? Six ways to tell, compared on the same simulated maps.

Both classes have the same ensemble spectrum and differ in nothing but Gaussianity. Compared are
the power spectrum, a spherical convolutional network on the map cut to low degrees, linear
classifiers on scattering coefficients, a network on their images, and the kurtosis of the
whitened map: the right classical statistic for these simulations.

Training and test maps have different numbers in the set. What is to be chosen (regularisation,
when to stop) is chosen on training maps; test maps are scored once, after that.
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
from sklearn.metrics import roc_auc_score, roc_curve

from .. import _checks, cmb
from ..scattering.transform import ScatteringTransform
from . import _report
from ._classifiers import CLASSIFIERS, Classifier, Run
from ._networks import NETWORKS
from ._skies import FIRST_TEST, Skies, collect

_DISTRIBUTIONS = ("scikit-learn", "jax", "equinox", "optax", "zarr", "dask")
ALL = tuple(sorted((*CLASSIFIERS, *NETWORKS), key=lambda classifier: classifier.key))
# A network learns little from fewer maps per class.
SMALLEST = 50


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
    result = _report.provenance("gaussianity", argv, _DISTRIBUTIONS) | compare(
        options.set,
        options.train,
        options.test,
        options.seed,
        options.store,
        epochs=options.epochs,
        J_min=options.J_min,
        oversampling=options.oversampling,
        n_workers=options.workers,
        progress=not options.quiet,
    )
    _report.write_json(out, result)
    print(table(result))
    from .figures import gaussianity_figure

    gaussianity_figure(result).savefig(out.with_suffix(".png"), dpi=160)
    print(f"\n{out} and {out.with_suffix('.png')} written")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sphere-toolkit study gaussianity",
        description=__doc__.split("\n\n")[0],
        epilog="What was computed is kept in the store: the same command goes on where it was.",
    )
    parser.add_argument("--set", required=True, help="name of a simulation set: cmb1024, ...")
    parser.add_argument("--train", type=int, default=1000, help="training maps per class (1000)")
    parser.add_argument("--test", type=int, default=400, help="test maps per class (400)")
    parser.add_argument("--epochs", type=int, default=10, help="of training network (b); (d), "
                        "which is cheaper, gets twice as many (10)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the maps and the networks (0)")
    parser.add_argument("--out", type=Path, required=True, help="the result, a .json file; the "
                        "figure is saved beside it")  # fmt: skip
    parser.add_argument("--store", type=Path, default=Path("gaussianity-store"),
                        help="folder for what is computed once (gaussianity-store)")  # fmt: skip
    parser.add_argument("--J-min", type=int, default=5, help="coarsest scale of the scattering, "
                        "whose images have 2**J_MIN degrees (5)")  # fmt: skip
    parser.add_argument("--oversampling", type=float, default=1.0, help="of the modulus (1)")
    parser.add_argument("--workers", type=int, help="processes (one per core)")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    return parser


def compare(
    name: str,
    n_train: int,
    n_test: int,
    seed: int,
    store: str | Path,
    *,
    epochs: int = 10,
    J_min: int = 5,
    oversampling: float = 1.0,
    n_workers: int | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Train all classifiers on the same maps and score them on the same test maps.

    Parameters
    ----------
    name : str
        Of a simulation set.
    n_train, n_test : int
        Maps per class.
    seed : int
        Of the simulations, and of weights and order in training.
    store : path
        Folder where maps' coefficients and networks are kept; the same call goes on with it.
    epochs : int
        How often network (b) sees every map; (d) sees it twice as often.
    J_min : int
    oversampling : float
        Of the `ScatteringTransform`.
    n_workers : int, optional
        Processes that scatter; one per core by default.
    progress : bool

    Returns
    -------
    dict
        Ready for JSON: for each classifier its accuracy with a 95 % Clopper-Pearson interval,
        ROC curve, number of parameters, seconds, and accuracy against training size.

    Raises
    ------
    TypeError, ValueError
        The set is unknown, a number is out of range.
    """
    n_train = _checks.integer("n_train", n_train, SMALLEST, FIRST_TEST // 2)
    n_test = _checks.integer("n_test", n_test, 1)
    seed = _checks.integer("seed", seed, 0)
    epochs = _checks.integer("epochs", epochs, 1)
    simulations = cmb.simulation_set(name)
    folder = Path(store)
    transform = ScatteringTransform(simulations.L, J_min, oversampling=oversampling, n_threads=1)
    train, test = (
        collect(name, 2 * n, seed, first, folder, transform, n_workers=n_workers,
                progress=progress)
        for n, first in ((n_train, 0), (n_test, FIRST_TEST))
    )  # fmt: skip
    results = []
    for classifier in ALL:
        if progress:
            print(f"training: {classifier.title}", file=sys.stderr)
        start = folder / f"{name}-J_min{J_min}-seed{seed}-{classifier.key}"
        results.append(_assess(classifier, train, test, Run(seed, start, epochs, progress)))
    return {
        "set": name,
        "classes": list(simulations.classes),
        "train_per_class": n_train,
        "test_per_class": n_test,
        "seed": seed,
        "epochs": epochs,
        "transform": transform.parameters(),
        "seconds_per_map": _seconds_per_map(name, transform),
        "interval": "95 % Clopper-Pearson",
        "classifiers": results,
    }


def _assess(classifier: Classifier, train: Skies, test: Skies, run: Run) -> dict[str, Any]:
    """Accuracy with all training maps, ROC, and accuracy with fewer maps."""
    curve = []
    for n in sizes(len(train) // 2):
        checkpoint = run.checkpoint.with_name(f"{run.checkpoint.name}-{n}.ckpt")
        some = train.rows(slice(0, 2 * n))
        trained = classifier.train(some, run._replace(checkpoint=checkpoint))
        scores = trained.scores(test)
        curve.append({"train_per_class": n, **_accuracy(scores, test.labels)})
    return {
        "key": classifier.key,
        "title": classifier.title,
        **_accuracy(scores, test.labels),
        "parameters": trained.parameters,
        "seconds": trained.seconds,
        "note": trained.note,
        "roc": roc(scores, test.labels),
        "by_training_size": curve,
    }


def _accuracy(scores: NDArray, labels: NDArray) -> dict[str, Any]:
    """Share of right answers with its interval; a score above 0 says class 1."""
    right = int(np.count_nonzero((scores > 0) == (labels == 1)))
    low, high = _report.interval(right, len(labels))
    return {"accuracy": right / len(labels), "low": low, "high": high}


def sizes(n: int) -> list[int]:
    """Training maps per class: n and its halves, five at most, none below `SMALLEST`."""
    return [n >> k for k in range(4, -1, -1) if n >> k >= SMALLEST or k == 0]


def roc(scores: NDArray, labels: NDArray, n_points: int = 61) -> dict[str, Any]:
    """Share of class 1 found against share of class 0 taken for it, as the threshold falls.

    At most ``n_points`` corners of the curve are kept; the area under it is that of all.
    """
    false, true, _ = roc_curve(labels, scores)
    kept = np.unique(np.linspace(0, len(false) - 1, n_points).round().astype(int))
    return {
        "false_positive": [round(float(x), 5) for x in false[kept]],
        "true_positive": [round(float(x), 5) for x in true[kept]],
        "area": float(roc_auc_score(labels, scores)),
    }


def _seconds_per_map(name: str, transform: ScatteringTransform, repeats: int = 5) -> dict:
    """Median time of what every map needs, on one thread."""
    simulations = cmb.simulation_set(name)
    times: dict[str, list[float]] = {"simulation": [], "scattering": []}
    for i in range(repeats + 1):
        started = perf_counter()
        alm = simulations.map(i, 0)
        simulated = perf_counter()
        transform(alm)
        times["simulation"].append(simulated - started)
        times["scattering"].append(perf_counter() - simulated)
    return {key: float(np.median(values[1:])) for key, values in times.items()}


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


if __name__ == "__main__":
    sys.exit(main())
