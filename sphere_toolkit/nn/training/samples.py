"""The data of a training, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._util import checks
from ..layers.standardisation import Standardisation
from ..math.precision import signal_dtype
from ..models.base import with_classes
from ..models.regressor import Regressor
from .evaluation import as_signals
from .targets import (
    Loss,
    Task,
    as_names,
    check_logits,
    class_names,
    labelled,
    measured,
    output_shape,
    task_of,
)

# Weights start for values of about 1; AdamW moves each by about the learning rate in a step.
_SMALLEST, _LARGEST = 1e-3, 1e3


class Samples(NamedTuple):
    """Signals, targets and, if there are sample weights, weights of mean 1."""

    x: NDArray
    y: NDArray
    weight: NDArray | None = None


def training_samples(
    model: Any,
    data: Any,
    loss: Loss | None,
    sample_weight: ArrayLike | None,
    class_weight: str | Mapping[int | str, float] | None,
) -> tuple[Any, Task, Samples]:
    """Checked training data, and the model with the names or the scale of the targets."""
    x, y = _pair("data", data)
    x = as_signals("x", x, model)
    shape = output_shape(model, x)
    weight = None if sample_weight is None else _weights(sample_weight, len(x))
    kind = np.asarray(y).dtype.kind
    if isinstance(model, Regressor) and model.scale is None:
        model = model.measured(_targets(model, "y", y, len(x), shape))
    elif not isinstance(model, Regressor) and loss is None and kind in "fc" and np.ndim(y) == 1:
        check_logits(shape)
        raise TypeError(
            f"y must hold integer labels or names of classes, got dtype {np.asarray(y).dtype}; "
            "whole numbers become integers by y.astype(int). To fit numbers, train "
            "nn.Regressor(model), or name a loss, such as optax.l2_loss"
        )
    task = task_of(model, y, loss, shape)
    if not task.classifies:
        if class_weight is not None:
            raise ValueError("class_weight is for classes, got numbers: give sample_weight")
        return model, task, Samples(x, _targets(model, "y", y, len(x), shape), weight)
    model = _named(model, y, shape[0])
    y = labelled("y", y, len(x), shape[0], class_names(model))
    if (y == y[0]).all():
        raise ValueError(f"y must hold at least 2 classes, got only label {y[0]}")
    if class_weight is not None:
        of_class = _class_weights(class_weight, y, shape[0], class_names(model))
        weight = _weights(of_class[y] * (1 if weight is None else weight), len(x))
    return model, task, Samples(x, y, weight)


def _targets(model: Any, name: str, y: ArrayLike, n: int, shape: tuple[int, ...]) -> NDArray:
    """Numbers or arrays as targets of n signals."""
    return measured(name, y, n, shape, signal_dtype(model, np.empty(0)))


def held_out(
    model: Any,
    task: Task,
    training: Samples,
    validation: Any,
    validation_split: float,
    seed: int,
) -> tuple[Samples, Samples | None]:
    """Training and validation samples; the latter are given or split off from the former."""
    share = checks.real("validation_split", validation_split, minimum=0)
    if share >= 1:
        raise ValueError(f"validation_split must be less than 1, got {share}")
    if validation is None:
        return _split(training, share, seed, task.classifies) if share else (training, None)
    if share:
        raise ValueError("give validation or validation_split, not both")
    return training, _validation(model, task, validation, training)


def _validation(model: Any, task: Task, validation: Any, training: Samples) -> Samples:
    """Checked validation data."""
    x, y = _pair("validation", validation)
    x = as_signals("validation x", x, model)
    if x.shape[1:] != training.x.shape[1:]:
        raise ValueError(
            f"validation x must hold signals of shape {training.x.shape[1:]} like x, "
            f"got shape {x.shape[1:]}"
        )
    if np.iscomplexobj(x) != np.iscomplexobj(training.x):
        raise TypeError(f"validation x must be like x, {training.x.dtype}, got {x.dtype}")
    if not task.classifies:
        return Samples(x, _targets(model, "validation y", y, len(x), task.shape))
    return Samples(x, labelled("validation y", y, len(x), task.shape[0], class_names(model)))


def _split(samples: Samples, share: float, seed: int, classifies: bool) -> tuple[Samples, Samples]:
    """Training and validation samples."""
    kept, held = split_rows(len(samples.x), share, seed, samples.y if classifies else None)
    weight = None if samples.weight is None else _weights(samples.weight[kept], len(kept))
    training = Samples(samples.x[kept], samples.y[kept], weight)
    return training, Samples(samples.x[held], samples.y[held])


def split_rows(
    n: int, share: float, seed: int, classes: NDArray | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of the training and of the validation samples, both in order.

    If there are ``classes``, one per row, each has the same share of the validation samples.
    """
    from sklearn.model_selection import train_test_split

    first, second = train_test_split(
        np.arange(n), test_size=share, random_state=seed, stratify=classes
    )
    return np.sort(first), np.sort(second)


def _weights(sample_weight: ArrayLike, n: int) -> NDArray[np.float64]:
    """Weights of the samples, scaled to mean 1."""
    weight = checks.numeric("sample_weight", sample_weight).astype(np.float64)
    if weight.shape != (n,):
        raise ValueError(
            f"sample_weight must have one weight per signal, shape ({n},), got {weight.shape}"
        )
    checks.finite("sample_weight", weight)
    if (weight < 0).any() or not weight.any():
        raise ValueError(
            f"sample_weight must be >= 0 and not all 0, got values from {weight.min():.3g} to "
            f"{weight.max():.3g}"
        )
    return weight / weight.mean()


def _class_weights(
    class_weight: Any,
    y: NDArray[np.integer],
    n_classes: int,
    names: tuple[str, ...] | None,
) -> NDArray[np.float64]:
    """Weight of each class, in the order of the labels."""
    if isinstance(class_weight, str):
        checks.choice("class_weight", class_weight, ("balanced",))
        return len(y) / np.maximum(np.bincount(y, minlength=n_classes), 1)
    if not isinstance(class_weight, Mapping):
        got = type(class_weight).__name__
        raise TypeError(f"class_weight must be 'balanced' or a dict of weights, got {got}")
    weights, known = np.ones(n_classes), list(names or range(n_classes))
    for key, value in class_weight.items():
        place = known.index(checks.choice("a key of class_weight", key, known))
        weights[place] = checks.real(f"class_weight[{key!r}]", value, minimum=0)
    return weights


def _named(model: Any, y: Any, n_classes: int) -> Any:
    """The model, with the names in ``y`` as names of its classes if it has none yet."""
    names = as_names("y", y)
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
    if hasattr(pair, "training_data"):  # a Dataset, which is of a higher room
        return pair.training_data()
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        got = f"{len(pair)} items" if isinstance(pair, tuple | list) else type(pair).__name__
        raise TypeError(f"{name} must be a pair (x, y), got {got}")
    return pair[0], pair[1]


def check_scale(model: Any, x: NDArray) -> None:
    """Warn if values are far from 1 and the model does not standardise them itself.

    For alm ``(n, channels, n_coefficients)`` each channel is checked separately.
    """
    parts = jax.tree.leaves(model, is_leaf=lambda part: isinstance(part, Standardisation))
    if any(isinstance(part, Standardisation) for part in parts):
        return
    of_channel = x.ndim == 3 and np.iscomplexobj(x)
    axes = (0, 2) if of_channel else None
    largest = np.max(np.abs(x), axis=axes, keepdims=True)
    scale = np.where(largest > 0, largest, 1)
    rms = np.sqrt(np.mean(np.abs(x / scale) ** 2, axis=axes)) * largest.squeeze()
    rms = np.atleast_1d(rms)
    far = np.flatnonzero((rms > 0) & ((rms < _SMALLEST) | (rms > _LARGEST)))
    if far.size:
        where = f"channel {far[0]} of x" if of_channel else "x"
        checks.warn(
            f"{where} has values of about {rms[far[0]]:.1e} (root mean square), and networks learn "
            "from values of about 1: scale them, for example with "
            "nn.Standardisation.from_data(x), as the first layer of the model or before it",
            UserWarning,
        )
