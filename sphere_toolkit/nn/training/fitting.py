"""Training a model: one loop for classes, numbers and arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, TypeVar

import optax
from numpy.typing import ArrayLike

from ..._util import checks
from . import live, samples
from .checkpoint import Checkpoint, TrainState
from .history import History
from .loop import Augmentation, Loop, Options, TrainingInterrupted
from .optimisers import Schedule
from .targets import Loss

Model = TypeVar("Model", bound=Callable)
Data = tuple[Any, ArrayLike]
Callback = Callable[[Any, History], Any]


def fit(
    model: Model,
    data: Data,
    *,
    validation: Data | None = None,
    validation_split: float = 0.0,
    loss: Loss | None = None,
    sample_weight: ArrayLike | None = None,
    epochs: int = 20,
    batch_size: int = 32,
    optimiser: optax.GradientTransformation | None = None,
    learning_rate: float | Schedule = 1e-3,
    schedule: str = "constant",
    weight_decay: float = 0.0,
    seed: int = 0,
    patience: int | None = None,
    monitor: str = "loss",
    augment: Augmentation | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool | str = False,
) -> tuple[Model, History]:
    r"""Train a model, by default by AdamW on the cross entropy of its logits.

    Parameters
    ----------
    model : eqx.Module
        ``model(signal) -> logits`` for one signal, or a `Regressor`; it is not changed. Its
        inexact arrays are trained.
    data : (x, y)
        Signals ``(n, ...)``, real or complex, for example alm ``(n, channels, L(L+1)/2)`` or
        ScatteringCoefficients of n signals, and targets. Signals are cast to the precision of the
        model's weights, batch by batch. Targets of a classifier are ``(n,)`` integers from 0 to
        n_classes - 1, or names; names are kept in the model's ``classes``, in alphabetical order
        unless it has them already. Targets of a `Regressor`, and with a ``loss`` of yours, may be
        numbers or arrays, ``(n, ...)`` like the model's outputs.
    validation : (x, y), optional
        Measured after every epoch, never trained on.
    validation_split : float
        Instead of ``validation``: this share of the data, drawn by ``seed``, with the same shares
        of the classes.
    loss : callable (outputs, targets) -> array (n, ...), optional
        Losses of a batch, such as those of optax (``optax.huber_loss``): the mean is minimised.
        By default the cross entropy of classes, and for a `Regressor` the square of the
        difference in units of the targets' standard deviation.
    sample_weight : array (n,), optional
        How much each sample counts in the training loss, relative to their mean.
    epochs : int
        How often every sample is seen.
    batch_size : int
        The last batch of an epoch may have fewer samples: it is filled up to one shape for the
        compiler, with samples that do not enter the loss.
    optimiser : optax.GradientTransformation, optional
        Instead of AdamW, with a learning rate of its own: ``optax.sgd(1e-2, momentum=0.9)``.
    learning_rate : float, or callable step -> float
        Steps are batches, counted from 0 over all epochs: a schedule of optax, such as
        ``optax.warmup_cosine_decay_schedule(0, 1e-3, 100, 1000)``.
    schedule : {"constant", "cosine"}
        "cosine" is ``optax.cosine_decay_schedule`` from ``learning_rate`` in the first batch
        towards 0 after the last of ``epochs``.
    weight_decay : float
        Of AdamW, applied to every weight; 0 is Adam.
    seed : int
        Of order, split and augmentation: epoch e draws from ``np.random.default_rng((seed, e))``.
    patience : int, optional
        Stop when ``monitor`` has not improved in this many epochs, and return the weights of
        the best epoch. By default all epochs are done and the last weights are returned.
    monitor : {"loss", "accuracy"}
        Which quantity of the validation data decides which epoch is best; the first of equals.
    augment : callable (x, rng) -> x, optional
        Called on each batch as given to `fit`, ``(b, ...)``, before it is cast; the Generator is
        that of the epoch. Must give the same shape; see `random_rotations`.
    callbacks : sequence of callables (model, history)
        Called after each epoch. One that returns True ends the training.
    checkpoint : path, optional
        Written after each epoch, in one step. If it is there, training goes on from it.
    progress : bool or {"bar", "chart"}
        "bar": a progress bar with loss and accuracy; "chart": in a notebook a live chart too.
        True: whatever fits the place.

    Returns
    -------
    model : eqx.Module
    history : History

    Raises
    ------
    TypeError, ValueError
        An argument is not as described: data empty, not finite, of unequal lengths, labels out
        of range or all of one class, an unknown option; or the checkpoint belongs to another
        architecture, other data or options, or is damaged. All of it is said before training
        begins, and nothing is overwritten.
    TrainingError
        The loss or a weight became infinite or NaN. The exception holds the last good weights,
        and so does the checkpoint.
    TrainingInterrupted
        The keyboard interrupted it. The exception, a KeyboardInterrupt, holds the last good
        weights, and the message says how to go on.

    Warns
    -----
    UserWarning
        A channel's values are far from 1, which makes training slow or stops it: see
        `Standardisation`.

    Notes
    -----
    The same arguments give the same weights and history, and so does a training that was
    interrupted and taken up from its checkpoint: bit for bit on a CPU, and on a GPU as far as
    XLA's kernels are deterministic. To go on, call `fit` with the same arguments and the model
    as it was at the start; with a constant learning rate ``epochs`` may be larger. A loss, an
    optimiser and a schedule are the same if they compute the same; an augmentation is known by
    its name only. `load` reads the weights of a checkpoint.

    Source: Loshchilov & Hutter 2019 [loshchilov2019] for AdamW, in Optax's implementation.

    Examples
    --------
    >>> import equinox as eqx, jax, numpy as np
    >>> import sphere_toolkit as st
    >>> x = np.random.default_rng(0).standard_normal((64, 2))
    >>> y = (x[:, 0] > x[:, 1]).astype(int)
    >>> model = eqx.nn.Linear(2, 2, key=jax.random.key(0))
    >>> model, history = st.nn.fit(model, (x, y), epochs=10, learning_rate=0.1)
    >>> st.nn.accuracy(model, x, y) > 0.9
    True
    """
    options = Options(
        epochs, batch_size, learning_rate, schedule, weight_decay, seed, patience, monitor
    )
    checks.choice("progress", progress, live.PROGRESS)
    if optimiser is not None:
        _check_optimiser(optimiser, learning_rate, schedule, weight_decay)
    model, task, training = samples.training_samples(model, data, loss, sample_weight)
    training, held_out = samples.held_out(
        model, task, training, validation, validation_split, options.seed
    )
    if patience is not None and held_out is None:
        raise ValueError("patience needs validation data, got none")
    if monitor == "accuracy" and not task.classifies:
        raise ValueError("monitor='accuracy' needs classes as targets, got numbers")
    samples.check_scale(model, training.x)
    loop = Loop(options, task, training, held_out, augment, optimiser)
    now = loop.start(model)
    file = None
    if checkpoint is not None:
        file = Checkpoint(checkpoint, loop.describe(model))
        now = file.read(now) or now
        options.allow(now.history, file)
    with closing(live.progress(progress, options.epochs, loop.steps, now.history)) as shown:
        try:
            while not options.finished(now.history):
                further = loop.epoch(now, shown)
                if file is not None:
                    file.write(further)
                now = further
                shown.epoch(now.history)
                answers = [callback(now.model, now.history) for callback in callbacks]
                if True in answers:
                    break
        except KeyboardInterrupt:
            raise TrainingInterrupted(
                _how_to_go_on(now.history.epochs, file), _result(now), now.history
            ) from None
    return _result(now), now.history


def _result(now: TrainState) -> Any:
    """The weights of the best epoch with patience, else the last."""
    return now.model if now.best is None else now.best


# --- arguments ------------------------------------------------------------------------------


def _check_optimiser(
    optimiser: Any, learning_rate: Any, schedule: str, weight_decay: float
) -> None:
    if not (hasattr(optimiser, "init") and hasattr(optimiser, "update")):
        raise TypeError(f"optimiser must be a GradientTransformation of optax, got {optimiser!r}")
    if learning_rate != 1e-3 or schedule != "constant" or weight_decay:
        raise ValueError(
            "learning_rate, schedule and weight_decay belong to AdamW: an optimiser of yours has "
            "its own, optax.sgd(learning_rate) for example"
        )


def _how_to_go_on(done: int, file: Checkpoint | None) -> str:
    if not done:
        return "interrupted in epoch 1: no epoch is done, and the model is as it was given"
    kept = (
        f"interrupted in epoch {done + 1}. The weights so far are `.model` of this exception "
        "(in a notebook: import sys; sys.last_value.model), and `.history` tells the way"
    )
    if file is None:
        return f"{kept}. With checkpoint=... the same call of fit goes on where it was"
    return (
        f"{kept}. {file.path} holds the training after epoch {done}: the same call of fit goes on "
        "from there"
    )
