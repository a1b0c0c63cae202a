"""``sphere-toolkit train``: train a network on the coefficients and labels of a store."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._util import checks, shares
from . import ends

MADE_BY = "sphere-toolkit train 1"
MODELS = ("classifier", "regressor")
_RESAMPLED = 1000


def add_to(commands: Any) -> None:
    """Add the command and its arguments."""
    train = commands.add_parser(
        "train",
        help="train a network on a store",
        description="Train a rotation-invariant network (nn.HybridClassifier) on the scattering "
        "coefficients and labels of a store, and measure it on maps that are held out. Nothing is "
        "chosen by the held-out maps, so the result on them is a fair one. The model is one file, "
        "for `sphere-toolkit predict` and `nn.load`. MODEL.checkpoint beside it holds the "
        "training: after Ctrl-C the same command goes on where it was.",
    )
    train.set_defaults(run=_run)
    train.add_argument("store", help="folder that `sphere-toolkit scatter` made")
    train.add_argument("--out", required=True, metavar="MODEL", help="file of the model")
    train.add_argument("--target", default="label", metavar="COLUMN",
                       help="which column of labels (default label)")  # fmt: skip
    train.add_argument("--model", choices=MODELS, help="what the labels are: classes or numbers "
                       "(default: names and integers are classes)")  # fmt: skip
    train.add_argument("--validation", type=float, default=0.2, metavar="SHARE",
                       help="of the maps that is held out (default 0.2)")  # fmt: skip
    train.add_argument("--epochs", type=int, default=20, help="(default 20)")
    train.add_argument("--batch-size", type=int, default=32, help="(default 32)")
    train.add_argument(
        "--learning-rate",
        type=float,
        default=1e-2,
        help="at the start; it falls to 0 along a cosine (default 1e-2)",
    )
    train.add_argument("--weight-decay", type=float, default=0.1, help="of AdamW (default 0.1)")
    train.add_argument("--channels", default="16,16,16", metavar="N[,N...]",
                       help="channels behind each convolution (default 16,16,16)")  # fmt: skip
    train.add_argument("--seed", type=int, default=0,
                       help="of weights, order and held-out maps (default 0)")  # fmt: skip
    train.add_argument("--quiet", action="store_true", help="no progress bar")


@dataclass(frozen=True)
class _Task:
    """Coefficients and labels to train on; ``classes`` are None for numbers."""

    x: NDArray[np.complex64]
    y: NDArray
    classes: tuple[str, ...] | None
    paths: tuple


def _run(options: argparse.Namespace) -> int:
    from .. import nn, pipeline

    out = Path(options.out).expanduser()
    checkpoint = _checkpoint(out)
    data = pipeline.load_dataset(options.store)
    task = _task(data, options)
    kept, held = _split(task, options)
    network = _network(task, kept, options)
    told = _told(data.header, task, options) | {"n_training": len(kept)}
    try:
        model, history = nn.fit(
            network, (task.x[kept], task.y[kept]),
            validation=(task.x[held], task.y[held]) if len(held) else None,
            epochs=options.epochs, batch_size=options.batch_size, seed=options.seed,
            learning_rate=options.learning_rate, weight_decay=options.weight_decay,
            schedule="cosine", checkpoint=checkpoint,
            progress=False if options.quiet else "bar",
        )  # fmt: skip
    except (nn.TrainingInterrupted, nn.TrainingError) as stopped:
        done, kept_in = stopped.history.epochs, "nothing is kept: no epoch is done"
        if done:
            nn.save(out, stopped.model, told | {"epochs": done, "finished": False})
            kept_in = f"the weights after {done} of {options.epochs} epochs are in {out}"
        if isinstance(stopped, nn.TrainingError):
            return ends.fail(f"the training cannot go on, {kept_in}. {stopped}")
        ends.note(f"Stopped, {kept_in}; the same command goes on.")
        return ends.STOPPED
    result = _measured(model, task, held)
    nn.save(out, model, told | {"epochs": history.epochs, "finished": True, "held_out": result})
    print(f"{out}: {_what(task)}, {len(kept)} maps, {history.epochs} epochs")
    print(_in_words(result, options.target))
    return 0


def _told(header: dict[str, Any], task: _Task, options: argparse.Namespace) -> dict[str, Any]:
    """What the file of the model says, so that other maps can be treated alike."""
    return {
        "made_by": MADE_BY,
        "target": options.target,
        "classes": task.classes,
        "scattered": {key: header[key] for key in ("transform", "source", "versions")},
        "store": Path(options.store).name,
        "seed": options.seed,
    }


def _checkpoint(out: Path) -> Path:
    """The checkpoint of a model; an error if the model cannot be written or is not ours."""
    ends.check_file(out, "the model")
    checkpoint = out.with_name(f"{out.name}.checkpoint")
    if out.exists() and not checkpoint.exists():
        raise FileExistsError(f"{str(out)!r} is there already and is left as it is: give another "
                              "name, or remove it")  # fmt: skip
    return checkpoint


def _task(data: Any, options: argparse.Namespace) -> _Task:
    """The maps that have coefficients and a label."""
    alm, y = data.training_data(options.target)
    if len(y) < len(data):
        ends.note(f"{len(data) - len(y)} of {len(data)} maps have no coefficients or no label "
                  f"{options.target!r} and are left out.")  # fmt: skip
    kind = y.dtype.kind
    model = options.model or MODELS[kind == "f"]
    if (model, kind) in (("classifier", "f"), ("regressor", "U")):
        are = "numbers" if kind == "f" else "names"
        raise ValueError(f"--model {model} does not fit the labels {options.target!r}, which are "
                         f"{are}; --model {MODELS[kind == 'f']} does")  # fmt: skip
    if model == "regressor":
        return _Task(alm, y.astype(np.float64), None, data.paths)
    found, codes = np.unique(y, return_inverse=True)
    if len(found) < 2:
        raise ValueError(f"the labels {options.target!r} must be of 2 classes or more, got "
                         f"{', '.join(map(str, found)) or 'none'}")  # fmt: skip
    names = data.header["source"].get("classes") if options.target == "label" else None
    classes = tuple(str(names[one]) if names else str(one) for one in found)
    return _Task(alm, np.array(classes)[codes], classes, data.paths)


def _split(task: _Task, options: argparse.Namespace) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows that are trained on and rows that are held out."""
    from ..nn.training.samples import split_rows

    n, seed = len(task.y), checks.integer("--seed", options.seed, 0)
    share = checks.real("--validation", options.validation, minimum=0, below=1)
    if not share:
        return np.arange(n), np.arange(0)
    n_classes = len(task.classes or (0, 0))
    counts = np.unique(task.y, return_counts=True) if task.classes else (["maps"], [n])
    fewest = int(np.argmin(counts[1]))
    n_held = int(np.ceil(share * n))
    if counts[1][fewest] < 2 or min(n_held, n - n_held) < n_classes:
        raise ValueError(
            f"a share of {share:g} held out must leave at least {n_classes} maps on both sides, "
            f"and every class must have 2, got {n} maps, {counts[1][fewest]} of "
            f"{counts[0][fewest]!s}: label more maps, or give another --validation"
        )
    return split_rows(n, share, seed, task.y if task.classes else None)


def _network(task: _Task, rows: NDArray[np.intp], options: argparse.Namespace) -> Any:
    """The network before its training, with a standardisation measured on these rows."""
    import jax

    from .. import nn
    from ..nn.models.base import with_classes
    from ..sphere.coefficients import band_limit

    try:
        channels = tuple(int(count) for count in options.channels.split(","))
    except ValueError:
        raise ValueError(f"--channels must be integers with commas between them, got "
                         f"{options.channels!r}") from None  # fmt: skip
    network = nn.HybridClassifier(
        len(task.paths), band_limit(task.x), len(task.classes or (0,)), channels=channels,
        standardisation=_standardisation(task.x[rows], task.paths),
        key=jax.random.key(options.seed),
    )  # fmt: skip
    return with_classes(network, task.classes) if task.classes else nn.Regressor(network)


def _standardisation(x: NDArray, paths: tuple) -> Any:
    """The scales of the coefficients.

    The average of a map may be positive in all training maps by chance, and it may be negative in
    a later one: only means of nonlinear paths are replaced by their logarithm.
    """
    from .. import nn

    plain, logs = (nn.Standardisation.from_data(x, logarithm=how) for how in ("none", "positive"))
    use = logs.logarithm & np.array([len(path) > 0 for path in paths])
    return nn.Standardisation(
        np.where(use[:, None], logs.rms, plain.rms), np.where(use, logs.mean, plain.mean), use
    )


# --- the result -----------------------------------------------------------------------------


def _measured(model: Any, task: _Task, held: NDArray[np.intp]) -> dict[str, Any]:
    """How good the model is on the held-out maps."""
    from .. import nn

    n = len(held)
    if not n:
        return {"n": 0}
    found, y = nn.predict(model, task.x[held]), task.y[held]
    if task.classes:
        n_correct = int((found == y).sum())
        low, high = shares.interval(n_correct, n)
        return {"n": n, "n_correct": n_correct, "accuracy": n_correct / n, "low": low,
                "high": high}  # fmt: skip
    squares = (found[:, 0] - y) ** 2
    drawn = np.random.default_rng(0).integers(n, size=(_RESAMPLED, n))
    low, high = np.sqrt(np.quantile(squares[drawn].mean(axis=1), [0.025, 0.975])).tolist()
    return {"n": n, "error": float(np.sqrt(squares.mean())), "low": low, "high": high,
            "spread": float(y.std())}  # fmt: skip


def _what(task: _Task) -> str:
    return f"classes {', '.join(task.classes)}" if task.classes else "a number"


def _in_words(result: dict[str, Any], target: str) -> str:
    if not result["n"]:
        return "no map was held out: how good the model is is not known"
    low, high = (f"{result[key]:.3g}" for key in ("low", "high"))
    if "accuracy" in result:
        return (f"held-out accuracy {result['accuracy']:.3g} ({result['n_correct']} of "
                f"{result['n']} maps; 95 % interval {low} to {high})")  # fmt: skip
    return (f"held-out error of {target!r} {result['error']:.3g} (root mean square over "
            f"{result['n']} maps; 95 % interval {low} to {high}; the numbers themselves spread by "
            f"{result['spread']:.3g})")  # fmt: skip
