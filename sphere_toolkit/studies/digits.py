"""Digits on the sphere: which network knows them again when they are turned?

A planar convolutional network on the equirectangular picture, a spherical one that works on
samples, and one that is exactly equivariant are trained on digits as they are (NR) or each under
a random rotation of its own, another in every epoch (R), and tested on both. The three settings
of the field are NR/NR, R/R and NR/R: trained on / tested on.

The epoch is chosen on validation images, turned as those for training; test images are seen once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, nn
from . import _digit_sets, _report
from ._digit_networks import BATCH, NETWORKS, Network, Training, train
from ._digit_sets import DigitSet, Part
from ._planar import SMALLEST_L

SETTINGS = ("NR/NR", "R/R", "NR/R")
_DISTRIBUTIONS = ("scikit-learn", "jax", "equinox", "optax")
_SOURCES = ("digits", "mnist-idx")
# Pixels of 8 x 8 and of 28 x 28 images ask for these; see `signals.project`.
_L = {"digits": 16, "mnist-idx": 32}


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
    epochs = _checks.integer("--epochs", options.epochs, 1)
    seed = _checks.integer("--seed", options.seed, 0)
    data = _data(options.data, options.L, options.n)
    result = _report.provenance("digits", argv, _DISTRIBUTIONS) | compare(
        data, epochs, seed, options.store, progress=not options.quiet
    )
    _report.write_json(out, result)
    text = table(result)
    out.with_suffix(".md").write_text(f"{text}\n\n    {result['command']}\n")
    print(text)
    from ._digits_figure import digits_figure

    digits_figure(result).savefig(out.with_suffix(".png"), dpi=160)
    print(f"\n{out}, {out.with_suffix('.md')} and {out.with_suffix('.png')} written")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sphere-toolkit study digits",
        description=__doc__.split("\n\n")[0],
        epilog="Networks are kept in the store: the same command goes on where it was.",
    )
    parser.add_argument(
        "--data", nargs="+", default=["digits"], metavar=("digits | mnist-idx", "DIR"),
        help="the digits that come with scikit-learn (default), or 'mnist-idx DIR': a folder "
        "with the four files of MNIST, Fashion-MNIST or the like",
    )  # fmt: skip
    parser.add_argument("--L", type=int, help="band-limit (16; 32 for mnist-idx)")
    parser.add_argument("--n", type=int, help="at most so many images to train and to test (all)")
    parser.add_argument("--epochs", type=int, default=30, help="of each training (30)")
    parser.add_argument("--seed", type=int, default=0, help="of weights and rotations (0)")
    parser.add_argument("--out", type=Path, required=True, help="the result, a .json file; a table "
                        "(.md) and a figure (.png) are saved beside it")  # fmt: skip
    parser.add_argument("--store", type=Path, default=Path("digits-store"),
                        help="folder for the networks in training (digits-store)")  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    return parser


def _data(source: Sequence[str], L: int | None, n: int | None) -> DigitSet:
    """The images that ``--data`` names."""
    kind, *folder = source
    _checks.choice("--data", kind, _SOURCES)
    if len(folder) != (kind == "mnist-idx"):
        raise ValueError(
            f"--data must be 'digits' or 'mnist-idx DIR', got {' '.join(map(repr, source))}"
        )
    L = _checks.integer("--L", _L[kind] if L is None else L, SMALLEST_L)
    if n is not None:
        _checks.integer("--n", n, _digit_sets.SMALLEST)
    return _digit_sets.from_idx(Path(*folder), L, n) if folder else _digit_sets.bundled(L, n)


def compare(
    data: DigitSet, epochs: int, seed: int, store: str | Path, *, progress: bool = False
) -> dict[str, Any]:
    """Train every network on images as they are and on turned ones; test on both.

    Parameters
    ----------
    data : DigitSet
        As projected; it is standardised here.
    epochs, seed : int
        Of every training. The seed is also that of the rotations of validation and test images.
    store : path
        Folder where networks are kept; the same call goes on with it.
    progress : bool

    Returns
    -------
    dict
        Ready for JSON: for each network and setting the accuracy with its 95 % Clopper-Pearson
        interval and the confusion matrix, parameters, seconds.
    """
    data = data.standardised()
    folder = Path(store)
    folder.mkdir(parents=True, exist_ok=True)
    turned = {
        key: part.rotated(np.random.default_rng((seed, i)))
        for i, (key, part) in enumerate((("validation", data.validation), ("test", data.test)))
    }
    results = []
    for network in NETWORKS:
        trained = {}
        for mode, validation in (("NR", data.validation), ("R", turned["validation"])):
            if progress:
                print(f"training: {network.title}, {mode}", file=sys.stderr)
            name = f"{data.name}-L{data.L}-{len(data.train.y)}-{epochs}-seed{seed}"
            file = folder / f"{name}-{network.key}-{mode}.ckpt"
            trained[mode] = train(
                network, data, validation, mode == "R", Training(epochs, seed, file, progress)
            )
        results.append(_assess(network, trained, {"NR": data.test, "R": turned["test"]}))
    return {
        "data": data.name,
        "L": data.L,
        "classes": data.n_classes,
        "images": {"train": len(data.train.y), "validation": len(data.validation.y),
                   "test": len(data.test.y)},
        "epochs": epochs,
        "batch_size": BATCH,
        "seed": seed,
        "interval": "95 % Clopper-Pearson",
        "networks": results,
    }  # fmt: skip


def _assess(network: Network, trained: dict[str, Any], tests: dict[str, Part]) -> dict[str, Any]:
    """Accuracy in each setting, and what the network cost."""
    settings, decisions = {}, {}
    for setting in SETTINGS:
        learnt, tested = setting.split("/")
        test = tests[tested]
        decisions[setting] = nn.predict(trained[learnt][0], test.x).argmax(axis=1)
        settings[setting] = _accuracy(decisions[setting], test.y)
    histories = {mode: history for mode, (_, history) in trained.items()}
    return {
        "key": network.key,
        "title": network.title,
        "parameters": nn.count_parameters(trained["NR"][0]),
        "learning_rate": network.learning_rate,
        "weight_decay": network.weight_decay,
        "seconds": {mode: sum(history.seconds) for mode, history in histories.items()},
        "best_epoch": {mode: history.best_epoch for mode, history in histories.items()},
        # Of the network that has seen no rotation: how many decisions change with one.
        "decisions_changed": int(np.count_nonzero(decisions["NR/NR"] != decisions["NR/R"])),
        "settings": settings,
    }


def _accuracy(decisions: NDArray, labels: NDArray) -> dict[str, Any]:
    right = int(np.count_nonzero(decisions == labels))
    low, high = _report.interval(right, len(labels))
    n = int(max(decisions.max(), labels.max())) + 1
    confusion = np.zeros((n, n), int)
    np.add.at(confusion, (labels, decisions), 1)
    return {
        "accuracy": right / len(labels),
        "low": low,
        "high": high,
        "confusion": confusion.tolist(),
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


if __name__ == "__main__":
    sys.exit(main())
