"""Digits on the sphere: which networks recognise them when they are rotated?

A planar convolutional network on the equirectangular picture, a spherical one that works on
samples, and one that is exactly equivariant are trained on digits as they are (NR) or each under
a random rotation, another one in every epoch (R), and tested on both. The three settings of the
field are NR/NR, R/R and NR/R: trained on / tested on.

The best epoch is chosen on validation images, rotated like those for training. Test images are
scored once.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from sphere_toolkit import nn
from sphere_toolkit._util import checks

from .. import report
from ..command import Experiment
from ..run import Run
from . import sets
from .figure import digits_figure
from .networks import BATCH, NETWORKS, Network, train
from .planar import SMALLEST_L
from .sets import DigitSet, Part

SETTINGS = ("NR/NR", "R/R", "NR/R")
_SOURCES = ("digits", "mnist-idx")
# Band-limits that fit images of 8 x 8 and of 28 x 28 pixels; see `signals.project_images`.
_L = {"digits": 16, "mnist-idx": 32}


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", nargs="+", default=["digits"], metavar=("digits | mnist-idx", "DIR"),
        help="the digits that come with scikit-learn (default), or 'mnist-idx DIR': a folder "
        "with the four files of MNIST, Fashion-MNIST or the like",
    )  # fmt: skip
    parser.add_argument("--L", type=int, help="band-limit (16; 32 for mnist-idx)")
    parser.add_argument("--n", type=int, help="at most so many images to train and to test (all)")


def _data(source: Sequence[str], L: int | None, n: int | None) -> DigitSet:
    """The images that ``--data`` names."""
    kind, *folder = source
    checks.choice("--data", kind, _SOURCES)
    if len(folder) != (kind == "mnist-idx"):
        raise ValueError(
            f"--data must be 'digits' or 'mnist-idx DIR', got {' '.join(map(repr, source))}"
        )
    L = checks.integer("--L", _L[kind] if L is None else L, SMALLEST_L)
    if n is not None:
        checks.integer("--n", n, sets.SMALLEST)
    return sets.from_idx(Path(*folder), L, n) if folder else sets.bundled(L, n)


def _compute(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    return compare(_data(options.data, options.L, options.n), run)


def compare(data: DigitSet, run: Run) -> dict[str, Any]:
    """Train every network on images as they are and on rotated ones; test on both.

    Parameters
    ----------
    data : DigitSet
        As projected; it is standardised here.
    run : Run

    Returns
    -------
    dict
        Ready for JSON: for each network and setting the accuracy with its 95 % Clopper-Pearson
        interval and the confusion matrix; parameters, seconds.
    """
    data = data.standardised()
    rotated = {
        part: getattr(data, part).rotated(np.random.default_rng((run.seed, i)))
        for i, part in enumerate(("validation", "test"))
    }
    results = []
    for network in NETWORKS:
        trained = {}
        for mode, validation in (("NR", data.validation), ("R", rotated["validation"])):
            run.announce(f"training: {network.title}, {mode}")
            trained[mode] = train(network, data, validation, mode == "R", run)
        results.append(_assess(network, trained, {"NR": data.test, "R": rotated["test"]}))
    return {
        "data": data.name,
        "L": data.L,
        "classes": data.n_classes,
        "images": {part: len(getattr(data, part).y) for part in ("train", "validation", "test")},
        "epochs": run.epochs,
        "batch_size": BATCH,
        "seed": run.seed,
        "interval": "95 % Clopper-Pearson",
        "networks": results,
    }


def _assess(network: Network, trained: dict[str, Any], tests: dict[str, Part]) -> dict[str, Any]:
    """Accuracy in each setting, and the cost of the network."""
    settings, decisions = {}, {}
    for setting in SETTINGS:
        learnt, tested = setting.split("/")
        test = tests[tested]
        decisions[setting] = nn.predict(trained[learnt][0], test.x)
        settings[setting] = _scores(decisions[setting], test.y)
    histories = {mode: history for mode, (_, history) in trained.items()}
    return {
        "key": network.key,
        "title": network.title,
        "parameters": nn.count_parameters(trained["NR"][0]),
        "learning_rate": network.learning_rate,
        "weight_decay": network.weight_decay,
        "seconds": {mode: sum(history.seconds) for mode, history in histories.items()},
        "best_epoch": {mode: history.best_epoch for mode, history in histories.items()},
        # Decisions of the network trained without rotations that a rotation changes.
        "decisions_changed": int(np.count_nonzero(decisions["NR/NR"] != decisions["NR/R"])),
        "settings": settings,
    }


def _scores(decisions: NDArray, labels: NDArray) -> dict[str, Any]:
    """Accuracy with its interval, and the confusion matrix: rows are the true classes."""
    classes = np.arange(max(decisions.max(), labels.max()) + 1)
    return {
        **report.accuracy(int(np.count_nonzero(decisions == labels)), len(labels)),
        "confusion": confusion_matrix(labels, decisions, labels=classes).tolist(),
    }


def table(result: dict[str, Any]) -> str:
    """The result as a table in Markdown."""
    images = result["images"]
    lines = [
        f"{result['data']}, L = {result['L']}: {images['train']} images for training, "
        f"{images['validation']} for validation, {images['test']} for testing; "
        f"{result['epochs']} epochs, seed {result['seed']}. Accuracy with its "
        f"{result['interval']} interval; trained on / tested on not rotated (NR) or rotated (R) "
        "images.",
        "",
        "| network | parameters | " + " | ".join(SETTINGS) + " | decisions that a rotation "
        "changes | best epoch (NR, R) | seconds of training (NR, R) |",
        "|---|---:|" + "---:|" * (len(SETTINGS) + 3),
    ]
    for row in result["networks"]:
        cells = [
            f"{found['accuracy']:.1%} ({found['low']:.1%} to {found['high']:.1%})"
            for found in (row["settings"][setting] for setting in SETTINGS)
        ]
        epochs, seconds = (
            ", ".join(f"{row[key][mode]:.0f}" for mode in ("NR", "R"))
            for key in ("best_epoch", "seconds")
        )
        lines.append(
            f"| {row['title']} | {row['parameters']:,} | {' | '.join(cells)} "
            f"| {row['decisions_changed']} of {images['test']} | {epochs} | {seconds} |"
        )
    return "\n".join(lines)


EXPERIMENT = Experiment(
    "digits",
    "Which networks recognise digits on the sphere when they are rotated?",
    30,
    _add_options,
    _compute,
    table,
    digits_figure,
    ("scikit-learn", "jax", "equinox", "optax"),
    parallel=False,
)
