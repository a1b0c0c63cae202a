"""The training loop: from one whole epoch to the next."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from .. import _checks
from ._checkpoint import Checkpoint, Progressed
from ._live import Progress
from .evaluation import Array, batches, cross_entropy, loss_and_accuracy, signal_dtype
from .history import History
from .saving import fingerprint

Augmentation = Callable[[NDArray, np.random.Generator], NDArray]
Samples = tuple[NDArray, NDArray]

SCHEDULES = ("constant", "cosine")
MONITORS = ("loss", "accuracy")


class TrainingError(FloatingPointError):
    """A training that cannot go on: the loss or a weight is no longer finite.

    Attributes
    ----------
    model : eqx.Module
        The model after the last whole epoch: its weights, and the losses that led to them, are
        finite. Before the first epoch is done, the model as it was given.
    history : History
        Of the whole epochs.
    """

    def __init__(self, message: str, model: Any, history: History) -> None:
        super().__init__(message)
        self.model, self.history = model, history


class TrainingInterrupted(KeyboardInterrupt):
    """A training that was stopped by the keyboard (Ctrl-C, or a notebook's stop button).

    Like every KeyboardInterrupt it ends the program unless it is caught. In a notebook or an
    interactive session the last exception is ``sys.last_value``, so ``sys.last_value.model`` is
    the model.

    Attributes
    ----------
    model : eqx.Module
        The model after the last whole epoch, or that of the best epoch if there is patience.
        Before the first epoch is done, the model as it was given.
    history : History
        Of the whole epochs.
    """

    def __init__(self, message: str, model: Any, history: History) -> None:
        super().__init__(message)
        self.model, self.history = model, history


@dataclass(frozen=True)
class Options:
    """Checked arguments of `fit`, which describes them."""

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: str
    weight_decay: float
    seed: int
    patience: int | None
    monitor: str

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
            _checks.integer(name, getattr(self, name), least)
        _checks.real("learning_rate", self.learning_rate, above=0)
        _checks.real("weight_decay", self.weight_decay, minimum=0)
        _checks.choice("schedule", self.schedule, SCHEDULES)
        _checks.choice("monitor", self.monitor, MONITORS)
        if self.patience is not None:
            _checks.integer("patience", self.patience, 1)

    def rate(self, step: int, steps: int) -> float:
        """Learning rate of a batch, counted from 0 over all epochs."""
        if self.schedule == "constant":
            return self.learning_rate
        return self.learning_rate * (1 + math.cos(math.pi * step / (self.epochs * steps))) / 2

    def finished(self, history: History) -> bool:
        """Whether all epochs are done, or patience is at its end."""
        if history.epochs >= self.epochs:
            return True
        if self.patience is None or history.best_epoch is None:
            return False
        return history.epochs - history.best_epoch >= self.patience

    def allow(self, history: History, file: Checkpoint) -> None:
        """Raise if a checkpoint is already further than asked for."""
        if history.epochs > self.epochs:
            raise ValueError(
                f"checkpoint {file.path} holds {history.epochs} epochs, more than "
                f"epochs={self.epochs}: it cannot go back; nothing is overwritten"
            )

    def describe(self) -> dict[str, str]:
        """What makes another run; the number of epochs only where it shapes the schedule."""
        fields = asdict(self)
        if self.schedule == "constant":
            del fields["epochs"]
        return {name: repr(value) for name, value in fields.items()}


class Loop:
    """The training itself: from one whole epoch to the next."""

    def __init__(
        self,
        options: Options,
        training: Samples,
        held_out: Samples | None,
        augment: Augmentation | None,
    ) -> None:
        self._options, self._held_out, self._augment = options, held_out, augment
        self._x, self._y = training
        self._size = min(options.batch_size, len(self._x))
        self.steps = math.ceil(len(self._x) / self._size)

    def start(self, model: Any) -> Progressed:
        """The training before its first epoch."""
        model = jax.tree.map(lambda x: jnp.asarray(x) if eqx.is_inexact_array(x) else x, model)
        weights = eqx.filter(model, eqx.is_inexact_array)
        if not jax.tree.leaves(weights):
            raise ValueError("model must have weights to train (inexact arrays), got none")
        best = None if self._options.patience is None else model
        history = History(monitor=self._options.monitor)
        return Progressed(model, best, optax.adamw(0.0).init(weights), history)

    def describe(self, model: Any) -> dict[str, str]:
        """All that makes another run: options, augmentation, data, the weights at the start."""
        augment = self._augment
        name = getattr(augment, "__qualname__", type(augment).__qualname__)
        run = self._options.describe() | {"augment": "None" if augment is None else name}
        run["training data"] = _in_words((self._x, self._y))
        run["validation data"] = _in_words(self._held_out)
        run["the weights at the start"] = fingerprint(eqx.filter(model, eqx.is_inexact_array))
        return run

    def epoch(self, now: Progressed, shown: Progress) -> Progressed:
        """One epoch further; ``now`` stays as it is."""
        started = perf_counter()
        options, done = self._options, now.history.epochs
        rng = np.random.default_rng((options.seed, done + 1))
        model, state = now.model, now.state
        precision = signal_dtype(model, np.empty(0))
        total, hits, seen = 0.0, 0, 0
        order = rng.permutation(len(self._x))
        for i, (rows, count) in enumerate(batches(order, self._size)):
            rate = options.rate(done * self.steps + i, self.steps)
            x = self._batch(rows, count, rng).astype(signal_dtype(model, self._x))
            y = self._y[rows].astype(np.int32)
            scalars = np.array([rate, options.weight_decay], precision)
            model, state, loss, right = _step(model, state, x, y, np.int32(count), scalars)
            if not math.isfinite(loss):
                raise TrainingError(
                    _stopped(f"the loss is {float(loss)} in batch {i + 1}", done, rate),
                    now.model, now.history,
                )  # fmt: skip
            total, hits, seen = total + float(loss) * count, hits + int(right), seen + count
            shown.step(done + 1, total / seen, hits / seen)
        row = {"loss": total / seen, "accuracy": hits / seen, "learning_rate": rate}
        self._validate(model, row)
        wrong = _not_finite(model, row)
        if wrong:
            raise TrainingError(_stopped(wrong, done, rate), now.model, now.history)
        history = now.history.extended(**row, seconds=perf_counter() - started)
        improved = options.patience is not None and history.best_epoch == history.epochs
        return Progressed(model, model if improved else now.best, state, history)

    def _batch(self, rows: NDArray, count: int, rng: np.random.Generator) -> NDArray:
        """The signals of one batch, augmented before what fills it is copied from them."""
        if self._augment is None:
            return self._x[rows]
        given = self._x[rows[:count]]
        x = np.asarray(self._augment(given, rng))
        if x.shape != given.shape:
            raise ValueError(f"augment must keep the shape {given.shape}, got {x.shape}")
        return x[np.resize(np.arange(count), len(rows))]

    def _validate(self, model: Any, row: dict[str, float]) -> None:
        if self._held_out is not None:
            loss, accuracy = loss_and_accuracy(model, *self._held_out, self._options.batch_size)
            row |= {"validation_loss": loss, "validation_accuracy": accuracy}


@eqx.filter_jit
def _step(
    model: Any, state: Any, x: Array, y: Array, count: Array | np.int32, scalars: Array
) -> tuple[Any, Any, jax.Array, jax.Array]:
    """One step of AdamW: new model and state, mean loss and number of right answers before it."""
    learning_rate, weight_decay = scalars
    (loss, right), slope = eqx.filter_value_and_grad(_loss, has_aux=True)(model, x, y, count)
    slope = jax.tree.map(jnp.conj, slope)  # for complex weights; JAX gives the conjugate
    optimiser = optax.adamw(learning_rate, weight_decay=weight_decay)
    weights = eqx.filter(model, eqx.is_inexact_array)
    updates, state = optimiser.update(slope, state, weights)
    return eqx.apply_updates(model, updates), state, loss, right


def _loss(model: Any, x: Array, y: Array, count: Array | np.int32) -> tuple[jax.Array, jax.Array]:
    """Mean cross entropy of the first ``count`` samples, and how many of them are right."""
    logits = jax.vmap(model)(x)
    counts = jnp.arange(len(x)) < count
    loss = jnp.where(counts, cross_entropy(logits, y), 0).sum() / count
    return loss, (counts & (logits.argmax(axis=-1) == y)).sum()


def _in_words(pair: Samples | None) -> str:
    if pair is None:
        return "None"
    return f"{pair[0].dtype}{list(pair[0].shape)} {fingerprint(pair)}"


def _not_finite(model: Any, row: dict[str, float]) -> str | None:
    """Which part of an epoch's result is not finite."""
    for name, value in row.items():
        if not math.isfinite(value):
            return f"{name.replace('_', ' ')} is {value} at the end"
    for leaf in jax.tree.leaves(eqx.filter(model, eqx.is_inexact_array)):
        if not np.isfinite(np.asarray(leaf)).all():
            return "a weight is no longer finite at the end"
    return None


def _stopped(reason: str, done: int, rate: float) -> str:
    return (
        f"training stopped in epoch {done + 1}: {reason} (learning rate {rate:.3g}). The weights "
        f"after epoch {done} are finite: they are `.model` of this exception, and the checkpoint "
        "if there is one. A lower learning rate often helps."
    )
