"""Training a model: one loop for classes, numbers and arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
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
    class_weight: str | Mapping[int | str, float] | None = None,
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
    r"""Train a model, by default with AdamW on the cross entropy of its logits.

    Parameters
    ----------
    model : eqx.Module
        ``model(signal) -> logits`` for one signal, or a `Regressor`. Its floating-point and complex
        arrays are trained; the model that is passed is not changed. It gets no key, so it cannot
        hold Dropout.
    data : (x, y), or a Dataset of `sphere_toolkit.pipeline.load_dataset`
        Signals ``(n, ...)``, real or complex, for example alm ``(n, channels, L(L+1)/2)`` or
        ScatteringCoefficients of n signals, and targets. Signals are cast to the precision of the
        model's weights, batch by batch. Targets of a classifier are ``(n,)`` integers from 0 to
        n_classes - 1, or names; the returned model keeps the names in ``classes``, in alphabetical
        order unless it has them already. For a `Regressor`, and with a ``loss`` of your own,
        targets are numbers or arrays, ``(n, ...)`` like the outputs of the model.
    validation : (x, y), optional
        Data that are not trained on; the loss and accuracy on them are measured after every epoch.
    validation_split : float
        Instead of ``validation``: the share of the data to take as validation data. They are drawn
        with ``seed``, with the same shares of the classes.
    loss : callable (outputs, targets) -> array (n, ...), optional
        Losses of a batch, such as those of optax (``optax.huber_loss``). Their mean is minimised.
        By default the cross entropy of classes, and for a `Regressor` the square of the
        difference in units of the standard deviation of the targets.
    sample_weight : array (n,), optional
        Weight of each sample in the training loss, relative to the mean weight.
    class_weight : "balanced" or dict, optional
        Weight of each class in the training loss: by label or name, 1 for those that it leaves out;
        "balanced" gives every class the same share. It multiplies ``sample_weight``.
    epochs : int
        How often every sample is used.
    batch_size : int
        The last batch of an epoch may have fewer samples. It is filled up to the same shape, so
        that nothing is compiled again, with samples that do not enter the loss.
    optimiser : optax.GradientTransformation, optional
        Replaces AdamW; it has its own learning rate: ``optax.sgd(1e-2, momentum=0.9)``.
    learning_rate : float, or callable step -> float
        At least 0. Steps are batches, counted from 0 over all epochs: a schedule of optax, such as
        ``optax.warmup_cosine_decay_schedule(0, 1e-3, 100, 1000)``.
    schedule : {"constant", "cosine"}
        "cosine" is ``optax.cosine_decay_schedule`` from ``learning_rate`` in the first batch
        towards 0 after the last of ``epochs``.
    weight_decay : float
        Of AdamW, applied to every weight. With 0 it is Adam.
    seed : int
        Of the order of the samples, the split and the augmentation: epoch e draws from
        ``np.random.default_rng((seed, e))``.
    patience : int, optional
        Stop when ``monitor`` has not improved for this number of epochs, and return the weights of
        the best epoch. By default all epochs are done and the last weights are returned.
    monitor : {"loss", "accuracy"}
        The quantity of the validation data by which the best epoch is chosen; of several equal
        ones, the first.
    augment : callable (x, rng) -> x, optional
        Called on each batch of the data as given, ``(b, ...)``, before it is cast, with the
        Generator of the epoch. It must return the same shape; see `random_rotations`.
    callbacks : sequence of callables (model, history)
        Called after each epoch. One that returns True ends the training.
    checkpoint : path, optional
        A file, replaced after each epoch in one step. If it exists, training continues from it.
    progress : bool or {"bar", "chart"}
        "bar": a progress bar with loss and accuracy; "chart": in a notebook also a live chart.
        True: a chart in a notebook, and a bar elsewhere.

    Returns
    -------
    model : eqx.Module
    history : History

    Raises
    ------
    TypeError, ValueError
        An argument is not as described: data are empty, not finite or of unequal lengths, labels
        are out of range or all of one class, an option is unknown; or the checkpoint is damaged or
        belongs to another architecture, other data or other options. These errors are raised
        before training begins, and nothing is overwritten.
    RuntimeError
        The model needs a key. Raised before training begins.
    TrainingError
        The loss or a weight became infinite or NaN, or a schedule gave a negative learning rate
        after the first epoch. The exception and the checkpoint hold the weights after the last
        whole epoch, which are finite.
    TrainingInterrupted
        The keyboard interrupted training. The exception, a KeyboardInterrupt, holds the weights
        after the last whole epoch, and its message says how to continue.

    Warns
    -----
    UserWarning
        The values of a channel are far from 1, which makes training slow or impossible: see
        `Standardisation`.

    Notes
    -----
    The same arguments give the same weights and history, also if training was interrupted and
    continued from its checkpoint: bit for bit on a CPU, and on a GPU as far as the kernels of XLA
    are deterministic. To continue, call `fit` with the same arguments and the model as it was at
    the start; with a constant learning rate ``epochs`` may be larger. Losses, optimisers and
    schedules are compared by what they compute, augmentations only by their names. `load` reads the
    weights of a checkpoint.

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
    model, task, training = samples.training_samples(model, data, loss, sample_weight, class_weight)
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
