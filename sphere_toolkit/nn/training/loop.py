"""The training loop, which computes one whole epoch after another."""

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

from ..._util import checks
from ..math.precision import signal_dtype
from . import optimisers
from .checkpoint import Checkpoint, TrainState
from .evaluation import apply, batches, fitting_size
from .history import History
from .live import Progress
from .samples import Samples
from .saving import fingerprint
from .targets import Array, Task

Augmentation = Callable[[NDArray, np.random.Generator], NDArray]

MONITORS = ("loss", "accuracy")


class TrainingError(FloatingPointError):
    """A training that cannot go on: the loss or a weight is no longer finite.

    Attributes
    ----------
    model : eqx.Module
        The model after the last whole epoch, whose weights and losses are finite. Before the first
        epoch is done, the model as it was given.
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
    learning_rate: float | optimisers.Schedule
    schedule: str
    weight_decay: float
    seed: int
    patience: int | None
    monitor: str

    def __post_init__(self) -> None:
        for name, minimum in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
            checks.integer(name, getattr(self, name), minimum)
        checks.choice("schedule", self.schedule, optimisers.SCHEDULES)
        if not callable(self.learning_rate):
            checks.real("learning_rate", self.learning_rate, above=0)
        elif self.schedule != "constant":
            raise ValueError(
                f"schedule={self.schedule!r} needs a number as learning_rate, got a function of "
                "the step, which is a schedule already"
            )
        checks.real("weight_decay", self.weight_decay, minimum=0)
        checks.choice("monitor", self.monitor, MONITORS)
        if self.patience is not None:
            checks.integer("patience", self.patience, 1)

    def finished(self, history: History) -> bool:
        """Whether all epochs are done, or training stops early by patience."""
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

    def describe(self, rates: optimisers.Schedule, steps: int) -> dict[str, str]:
        """The options that define a run: the number of epochs only if the schedule needs it."""
        fields = asdict(self)
        if callable(self.learning_rate):
            found = np.array(optimisers.rates(rates, 0, self.epochs * steps))
            fields["learning_rate"] = f"a schedule {fingerprint(found)}"
        elif self.schedule == "constant":
            del fields["epochs"]
        return {name: repr(value) for name, value in fields.items()}


class Loop:
    """The training: each call of `epoch` computes one whole epoch.

    Parameters
    ----------
    options : Options
    task : Task
    training : Samples
    held_out : Samples, optional
        Measured after each epoch.
    augment : callable, optional
    optimiser : optax.GradientTransformation, optional
        AdamW by default.
    """

    def __init__(
        self,
        options: Options,
        task: Task,
        training: Samples,
        held_out: Samples | None,
        augment: Augmentation | None,
        optimiser: optax.GradientTransformation | None,
    ) -> None:
        self._options, self._task, self._augment = options, task, augment
        self._training, self._held_out, self._optimiser = training, held_out, optimiser
        self._size = fitting_size(options.batch_size, len(training.x))
        self.steps = math.ceil(len(training.x) / self._size)
        self._schedule = optimisers.schedule_of(
            options.learning_rate, options.schedule, options.epochs * self.steps
        )
        optimisers.rates(self._schedule, 0, self.steps)  # a wrong one is refused before training

    def start(self, model: Any) -> TrainState:
        """The training before its first epoch."""
        model = jax.tree.map(lambda x: jnp.asarray(x) if eqx.is_inexact_array(x) else x, model)
        weights = eqx.filter(model, eqx.is_inexact_array)
        if not jax.tree.leaves(weights):
            raise ValueError("model must have weights to train (inexact arrays), got none")
        best = None if self._options.patience is None else model
        if self._optimiser is None:
            state = self._rated(optimisers.start_adamw(weights), 0.0, model)
        else:
            state = self._optimiser.init(weights)
        return TrainState(model, best, state, History(monitor=self._options.monitor))

    def describe(self, model: Any) -> dict[str, str]:
        """Everything that defines the run: options, functions, data, and the first weights."""
        augment, training = self._augment, self._training
        weights = eqx.filter(model, eqx.is_inexact_array)
        name = getattr(augment, "__qualname__", type(augment).__qualname__)
        run = self._options.describe(self._schedule, self.steps)
        run["augment"] = "None" if augment is None else name
        run["the loss"] = self._describe_loss(model)
        run["the optimiser"] = (
            "AdamW"
            if self._optimiser is None
            else optimisers.describe_optimiser(self._optimiser, weights)
        )
        run["training data"] = _in_words(training)
        run["validation data"] = _in_words(self._held_out)
        run["the weights at the start"] = fingerprint(weights)
        return run

    def _describe_loss(self, model: Any) -> str:
        x = np.zeros_like(self._training.x[:1], signal_dtype(model, self._training.x))
        outputs = jax.eval_shape(eqx.filter_vmap(model), x)
        outputs = np.zeros(outputs.shape, outputs.dtype)
        y = self._task.targets(self._training.y[:1])
        return optimisers.describe_function(self._task.values, outputs, y)

    def epoch(self, now: TrainState, shown: Progress) -> TrainState:
        """The state one epoch later; ``now`` is not changed."""
        started = perf_counter()
        done, training = now.history.epochs, self._training
        rng = np.random.default_rng((self._options.seed, done + 1))
        model, state = now.model, now.state
        dtype = signal_dtype(model, training.x)
        total, n_correct, seen = 0.0, 0, 0
        order = rng.permutation(len(training.x))
        try:
            rates = optimisers.rates(self._schedule, done * self.steps, self.steps)
        except (TypeError, ValueError) as error:
            raise TrainingError(self._stopped(str(error), done), now.model, now.history) from error
        for i, (rows, count) in enumerate(batches(order, self._size)):
            batch = Samples(
                self._signals(rows, count, rng).astype(dtype),
                self._task.targets(training.y[rows]),
                None if training.weight is None else training.weight[rows],
            )
            if self._optimiser is None:
                state = self._rated(state, rates[i], model)
            model, state, loss, correct = _step(
                model, state, batch, np.int32(count), self._task, self._optimiser
            )
            if not math.isfinite(loss):
                reason = f"the loss is {float(loss)} in batch {i + 1}"
                raise TrainingError(self._stopped(reason, done, rates[i]), now.model, now.history)
            total, seen = total + float(loss) * count, seen + count
            if correct is not None:
                n_correct += int(correct)
            accuracy = n_correct / seen if self._task.classifies else None
            shown.step(done + 1, total / seen, accuracy)
        row = {"loss": total / seen}
        if accuracy is not None:
            row["accuracy"] = accuracy
        if self._optimiser is None:
            row["learning_rate"] = rates[-1]
        if self._held_out is not None:
            row |= validated(model, self._held_out, self._task, self._options.batch_size)
        if (wrong := _not_finite(model, row)) is not None:
            raise TrainingError(self._stopped(wrong, done, rates[-1]), now.model, now.history)
        history = now.history.extended(**row, seconds=perf_counter() - started)
        improved = self._options.patience is not None and history.best_epoch == history.epochs
        return TrainState(model, model if improved else now.best, state, history)

    def _rated(self, state: Any, rate: float, model: Any) -> Any:
        """The state of AdamW with the learning rate of a step."""
        precision = signal_dtype(model, np.empty(0))
        return optimisers.with_rates(state, rate, self._options.weight_decay, precision)

    def _signals(self, rows: NDArray, count: int, rng: np.random.Generator) -> NDArray:
        """The signals of one batch; they are augmented before the last batch is filled up."""
        if self._augment is None:
            return self._training.x[rows]
        given = self._training.x[rows[:count]]
        x = np.asarray(self._augment(given, rng))
        if x.shape != given.shape:
            raise ValueError(f"augment must keep the shape {given.shape}, got {x.shape}")
        return x[np.resize(np.arange(count), len(rows))]

    def _stopped(self, reason: str, done: int, rate: float | None = None) -> str:
        at = "" if self._optimiser or rate is None else f" (learning rate {rate:.3g})"
        hint = "" if rate is None else " A lower learning rate often helps."
        return (
            f"training stopped in epoch {done + 1}: {reason}{at}. The weights after epoch {done} "
            "are finite: they are `.model` of this exception, and the checkpoint if there is one."
            f"{hint}"
        )


@eqx.filter_jit
def _step(
    model: Any,
    state: Any,
    batch: Samples,
    count: Array | np.int32,
    task: Task,
    optimiser: optax.GradientTransformation | None,
) -> tuple[Any, Any, jax.Array, jax.Array | None]:
    """New model and state; mean loss and number of right answers before the step."""
    (loss, n_correct), gradient = eqx.filter_value_and_grad(_loss, has_aux=True)(
        model, batch, count, task
    )
    gradient = jax.tree.map(jnp.conj, gradient)  # of complex weights JAX gives the conjugate
    weights = eqx.filter(model, eqx.is_inexact_array)
    updates, state = (optimiser or optimisers.ADAMW).update(gradient, state, weights)
    return eqx.apply_updates(model, updates), state, loss, n_correct


def _loss(
    model: Any, batch: Samples, count: Array | np.int32, task: Task
) -> tuple[jax.Array, jax.Array | None]:
    """Mean loss of the first ``count`` samples, and how many of them are classified rightly."""
    outputs = jax.vmap(model)(batch.x)
    real = jnp.arange(len(batch.x)) < count
    values = task.values(outputs, batch.y)
    if batch.weight is not None:
        values = values * batch.weight.astype(values.dtype)
    loss = jnp.where(real, values, 0).sum() / count
    return loss, task.n_correct(outputs, batch.y, real)


def validated(model: Any, held_out: Samples, task: Task, batch_size: int) -> dict[str, float]:
    """Mean loss and, of classes, share of right answers on held out samples."""
    outputs = apply(model, held_out.x, batch_size)
    values = np.asarray(_values(task, outputs, held_out.y), np.float64)
    row = {"validation_loss": float(np.mean(values))}
    if task.classifies:
        row["validation_accuracy"] = float(np.mean(outputs.argmax(-1) == held_out.y))
    return row


@eqx.filter_jit
def _values(task: Task, outputs: Array, y: Array) -> jax.Array:
    return task.values(jnp.asarray(outputs), y)


def _in_words(samples: Samples | None) -> str:
    if samples is None:
        return "None"
    x = samples.x
    return f"{x.dtype}{list(x.shape)} {fingerprint(tuple(samples))}"


def _not_finite(model: Any, row: dict[str, float]) -> str | None:
    """The first part of the result of an epoch that is not finite, in words, or None."""
    for name, value in row.items():
        if not math.isfinite(value):
            return f"{name.replace('_', ' ')} is {value} at the end"
    for leaf in jax.tree.leaves(eqx.filter(model, eqx.is_inexact_array)):
        if not np.isfinite(np.asarray(leaf)).all():
            return "a weight is no longer finite at the end"
    return None
