"""Training a classifier: one loop."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from . import _live, _scale
from ._checkpoint import Checkpoint, Progressed
from ._loop import Augmentation, Loop, Options, Samples, TrainingError, TrainingInterrupted
from ._model import with_classes
from .evaluation import as_names, as_signals, class_names, labelled, n_logits
from .history import History

__all__ = ["TrainingError", "TrainingInterrupted", "fit"]

Classifier = TypeVar("Classifier", bound=Callable)
Data = tuple[ArrayLike, ArrayLike]


def fit(
    model: Classifier,
    data: Data,
    *,
    validation: Data | None = None,
    epochs: int = 20,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    schedule: str = "constant",
    weight_decay: float = 0.0,
    seed: int = 0,
    patience: int | None = None,
    monitor: str = "loss",
    augment: Augmentation | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool | str = False,
) -> tuple[Classifier, History]:
    r"""Train a classifier by AdamW on the cross entropy of its logits.

    Parameters
    ----------
    model : eqx.Module
        ``model(signal) -> logits`` for one signal; it is not changed. Its inexact arrays are
        trained.
    data : (x, y)
        Signals ``(n, ...)``, real or complex, for example alm ``(n, channels, L(L+1)/2)`` or
        ScatteringCoefficients of n signals, and labels ``(n,)``: integers from 0 to
        n_classes - 1, or names. Signals are cast to the precision of the model's weights, batch
        by batch. Names are kept in the model's ``classes``, in alphabetical order unless it has
        them already.
    validation : (x, y), optional
        Measured after every epoch, never trained on.
    epochs : int
        How often every sample is seen.
    batch_size : int
        The last batch of an epoch may have fewer samples: it is filled up to one shape for the
        compiler, and what fills it counts for nothing.
    learning_rate : float
    schedule : {"constant", "cosine"}
        "cosine" lets the learning rate fall from ``learning_rate`` in the first batch towards 0
        after the last of ``epochs``, along half a cosine.
    weight_decay : float
        Of AdamW, applied to every weight; 0 is Adam.
    seed : int
        Of order and augmentation: epoch e draws from ``np.random.default_rng((seed, e))``.
    patience : int, optional
        Stop when ``monitor`` has not improved in this many epochs, and give back the weights of
        the best epoch. By default all epochs are done and the last weights are given back.
    monitor : {"loss", "accuracy"}
        What of the validation data decides which epoch is best; the first of equals.
    augment : callable (x, rng) -> x, optional
        Called on each batch as given to `fit`, ``(b, ...)``, before it is cast; the Generator is
        that of the epoch. Must give the same shape; see `random_rotations`.
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
    as it was at the start; with a constant learning rate ``epochs`` may be larger.
    `load` reads the weights of a checkpoint.

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
    _checks.choice("progress", progress, _live.PROGRESS)
    model, training, held_out = _data(model, data, validation)
    _scale.check(model, training[0])
    if patience is not None and held_out is None:
        raise ValueError("patience needs validation data, got none")
    loop = Loop(options, training, held_out, augment)
    now = loop.start(model)
    file = None
    if checkpoint is not None:
        file = Checkpoint(checkpoint, loop.describe(model))
        now = file.read(now) or now
        options.allow(now.history, file)
    with closing(_live.progress(progress, options.epochs, loop.steps, now.history)) as shown:
        try:
            while not options.finished(now.history):
                further = loop.epoch(now, shown)
                if file is not None:
                    file.write(further)
                now = further
                shown.epoch(now.history)
        except KeyboardInterrupt:
            raise TrainingInterrupted(
                _how_to_go_on(now.history.epochs, file), _result(now), now.history
            ) from None
    return _result(now), now.history


def _result(now: Progressed) -> Any:
    """The weights of the best epoch with patience, else the last."""
    return now.model if now.best is None else now.best


def _data(model: Any, data: Any, validation: Any) -> tuple[Any, Samples, Samples | None]:
    """Checked training and validation data, and the model with the names of its classes."""
    x, y = _pair("data", data)
    x = as_signals("x", x, model)
    n_classes = n_logits(model, x)
    model = _named(model, y, n_classes)
    y = labelled("y", y, len(x), n_classes, class_names(model))
    if (y == y[0]).all():
        raise ValueError(f"y must hold at least 2 classes, got only label {y[0]}")
    if validation is None:
        return model, (x, y), None
    held_x, held_y = _pair("validation", validation)
    held_x = as_signals("validation x", held_x, model)
    if held_x.shape[1:] != x.shape[1:]:
        raise ValueError(
            f"validation x must hold signals of shape {x.shape[1:]} like x, "
            f"got shape {held_x.shape[1:]}"
        )
    if np.iscomplexobj(held_x) != np.iscomplexobj(x):
        raise TypeError(f"validation x must be like x, {x.dtype}, got {held_x.dtype}")
    held_y = labelled("validation y", held_y, len(held_x), n_classes, class_names(model))
    return model, (x, y), (held_x, held_y)


def _named(model: Any, y: Any, n_classes: int) -> Any:
    """The model with the names in ``y`` as those of its classes, if it has none yet."""
    names = as_names(y)
    if names is None or class_names(model) is not None:
        return model
    if not hasattr(model, "classes"):
        raise ValueError(
            f"y holds names such as {str(names.ravel()[0])!r}, and {type(model).__name__} has no "
            "attribute `classes` to keep them, as the models of sphere_toolkit.nn have: number "
            "them, names, y = np.unique(y, return_inverse=True)"
        )
    known = sorted(set(names.ravel().tolist()))
    if len(known) != n_classes:
        raise ValueError(
            f"y must hold as many names of classes as the model has logits, {n_classes}, got "
            f"{len(known)}: {', '.join(map(repr, known[:5]))}"
        )
    return with_classes(model, known)


def _pair(name: str, pair: Any) -> tuple[Any, Any]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        got = f"{len(pair)} items" if isinstance(pair, tuple | list) else type(pair).__name__
        raise TypeError(f"{name} must be a pair (x, y), got {got}")
    return pair[0], pair[1]


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
