"""Are these strokes aligned? Zonal and directional scattering on skies that differ in angles only.

See `strokes`: both classes have one power spectrum exactly, and strokes that are alike but for
their angles. A zonal wavelet looks alike from all sides, so it answers to a stroke at any angle
alike; what it can see is only how neighbouring strokes interfere. It does see that. The means of
the zonal paths tell the class of 78 % of the skies, with second moments of 89 %; chance is 50 %.
The means with directions tell all but 1 of 500 (``benchmarks/results/directions.json``), for
orientations of aligned strokes vary less at degrees 8 to 32: the paths ``(j, (4, 2))`` are 2.5 to
4.9 standard deviations lower, while no zonal path differs by 0.7. So zonal statistics are not blind
to the angles, but direction tells more, and in a few numbers. All choices are made on training
skies, and test skies are scored once.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sphere_toolkit import ScatteringTransform
from sphere_toolkit._util import checks

from .. import report
from ..command import Experiment
from ..gaussianity.classifiers import logistic, moments, path_means
from ..gaussianity.skies import Skies, cross_spectra
from ..run import Run
from .figure import directions_figure
from .strokes import CLASSES, L, strokes

_COMMON: dict[str, Any] = {"L": L, "J_min": 3, "oversampling": 1.5, "nonlinearity": "envelope"}
TRANSFORMS: dict[str, dict[str, Any]] = {
    "zonal": _COMMON,
    "4 directions": _COMMON | {"directions": 4},
}
"""By name, their parameters; both were fixed, as were the strokes, on skies of other seeds."""
_STEP = 50
# Number of the first test sky; training skies count from 0.
FIRST_TEST = 1_000_000
SMALLEST = 20


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--train", type=int, default=250, help="training skies per class (250)")
    parser.add_argument("--test", type=int, default=250, help="test skies per class (250)")


def _compute(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    """Linear classifiers on the coefficients of each transform, for the same skies."""
    n_train = checks.integer("--train", options.train, SMALLEST, FIRST_TEST // 2)
    n_test = checks.integer("--test", options.test, 1)
    rows, shifts = [], {}
    for name, parameters in TRANSFORMS.items():
        train = collect(2 * n_train, 0, run, parameters)
        test = collect(2 * n_test, FIRST_TEST, run, parameters)
        shifts[name] = _shifts(train)
        for title, measure in (("path means", path_means), ("means and moments", moments)):
            trained = logistic(measure, train, run, "")
            right = (trained.scores(test) > 0) == (test.labels == 1)
            rows.append(
                {
                    "transform": name,
                    "title": title,
                    **report.accuracy(int(np.count_nonzero(right)), len(right)),
                    "parameters": trained.parameters,
                    "note": trained.note,
                }
            )
    return {
        "classes": list(CLASSES),
        "train_per_class": n_train,
        "test_per_class": n_test,
        "seed": run.seed,
        "transforms": TRANSFORMS,
        "interval": "95 % Clopper-Pearson",
        "rows": rows,
        "shifts": shifts,
    }


def collect(n: int, first: int, run: Run, parameters: Mapping[str, Any]) -> Skies:
    """The skies ``first .. first + n - 1``, the classes in turn, and their coefficients."""
    options = (dict(parameters),)
    (spectra,) = run.in_blocks(scatter, "strokes", first, n, _STEP, "skies", options)
    nothing = np.empty((n, 0))
    labels = np.arange(first, first + n) % len(CLASSES)
    transform = ScatteringTransform(**parameters)
    return Skies(labels, nothing, nothing, nothing, nothing, spectra, transform)


def scatter(
    name: str, seed: int, start: int, stop: int, parameters: dict[str, Any]
) -> tuple[NDArray]:
    """Cross-spectra of the scattering coefficients of the skies ``start .. stop - 1``."""
    S = ScatteringTransform(**parameters, n_threads=1)(skies(seed, start, stop))
    return (cross_spectra(S.alm),)


def skies(seed: int, start: int, stop: int) -> NDArray[np.complex128]:
    """The skies ``start .. stop - 1``: even numbers are scrambled, odd ones aligned."""
    return np.array(
        [strokes(i % len(CLASSES), np.random.default_rng((seed, i))) for i in range(start, stop)]
    )


def _shifts(some: Skies) -> list[dict[str, Any]]:
    """How far the classes are apart in the mean of each path, in standard deviations."""
    means = path_means(some)(some)
    zero, one = (means[some.labels == label] for label in (0, 1))
    apart = (one.mean(axis=0) - zero.mean(axis=0)) / np.sqrt((one.var(0) + zero.var(0)) / 2)
    return [
        {"path": str(path), "shift": float(shift)}
        for path, shift in zip(some.transform.paths[1:], apart, strict=True)
    ]


def table(result: dict[str, Any]) -> str:
    """The result as a table in Markdown."""
    lines = [
        f"{' or '.join(result['classes'])}? {result['train_per_class']} training and "
        f"{result['test_per_class']} test skies per class, seed {result['seed']}",
        "",
        f"| scattering | features | accuracy | {result['interval']} |",
        "|---|---|---:|---:|",
    ]
    for row in result["rows"]:
        lines.append(
            f"| {row['transform']} | {row['title']} | {row['accuracy']:.1%} "
            f"| {row['low']:.1%} to {row['high']:.1%} |"
        )
    return "\n".join(lines)


EXPERIMENT = Experiment(
    "directions",
    "Are these strokes aligned? Zonal and directional scattering.",
    None,
    _add_options,
    _compute,
    table,
    directions_figure,
    ("scikit-learn",),
)
