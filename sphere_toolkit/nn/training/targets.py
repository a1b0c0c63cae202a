"""Targets of training: classes, given by numbers or names, or numbers and arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import ArrayLike, NDArray

from ..._util import checks
from ..math.constant import Constant
from ..math.precision import signal_dtype
from ..models.regressor import Regressor, squared_error

Array = jax.Array | NDArray
Loss = Callable[[jax.Array, jax.Array], jax.Array]

cross_entropy: Loss = optax.softmax_cross_entropy_with_integer_labels


class Task(NamedTuple):
    """The kind of target, and the loss of a batch of outputs and targets.

    The model returns outputs of ``shape``. If there is a ``scale``, outputs and targets are divided
    by it before the loss.
    """

    classifies: bool
    loss: Loss
    shape: tuple[int, ...]
    scale: Constant | None = None

    def targets(self, y: NDArray) -> NDArray:
        """Targets in the type that the loss takes."""
        return y.astype(np.int32) if self.classifies else y

    def n_correct(self, outputs: jax.Array, y: Array, real: jax.Array) -> jax.Array | None:
        """Number of correctly classified samples among the ``real`` ones; None without classes."""
        if not self.classifies:
            return None
        return (real & (outputs.argmax(axis=-1) == y)).sum()

    def values(self, outputs: jax.Array, y: Array) -> jax.Array:
        """Loss of each sample: the mean of the values of ``loss`` over all axes but the first."""
        y = jnp.asarray(y)
        if self.scale is not None:
            scale = jnp.asarray(self.scale.array, outputs.real.dtype)
            outputs, y = outputs / scale, y / scale
        values = self.loss(outputs, y)
        if values.ndim == 0 or values.shape[0] != len(outputs):
            raise ValueError(
                "loss must give one value per sample, as losses of optax do, got shape "
                f"{values.shape} for {len(outputs)} samples"
            )
        return values if values.ndim == 1 else values.reshape(len(values), -1).mean(axis=1)


def output_shape(model: Any, x: NDArray) -> tuple[int, ...]:
    """The shape of the output of the model for one signal of ``x``."""
    if isinstance(model, type):
        raise TypeError(f"model must be an instance, got the class {model.__name__} itself")
    if not callable(model):
        raise TypeError(f"model must be callable on one signal, got {type(model).__name__}")
    one = jax.ShapeDtypeStruct(x.shape[1:], signal_dtype(model, x))
    try:
        out = eqx.filter_eval_shape(model, one)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"the model does not take one signal of x, of shape {one.shape}: {error}"
        ) from error
    except RuntimeError as error:  # of Dropout, for example
        raise RuntimeError(f"the model must work as model(signal), with no key: {error}") from error
    if not hasattr(out, "shape"):
        raise ValueError(f"model must give an array for one signal, got {out}")
    return out.shape


def n_logits(model: Any, x: NDArray) -> int:
    """Number of classes of a model; raises unless the model returns a vector of logits."""
    shape = output_shape(model, x)
    if isinstance(model, Regressor):
        raise TypeError("model must be a classifier, got a Regressor, which gives numbers")
    check_logits(shape)
    return shape[0]


def check_logits(shape: tuple[int, ...]) -> None:
    """Raise unless outputs of this shape can be logits."""
    if len(shape) != 1 or shape[0] < 2:
        raise ValueError(
            f"model must give a vector of at least 2 logits for one signal, got shape {shape}"
        )


# --- classes ----------------------------------------------------------------------------------


def class_names(model: Any) -> tuple[str, ...] | None:
    """The names of the classes of a model, or None."""
    return getattr(model, "classes", None)


def as_names(name: str, y: ArrayLike) -> NDArray[np.str_] | None:
    """Labels as an array of text if they are names, otherwise None."""
    checks.plain(name, y)
    labels = np.asarray(y)
    if labels.dtype.kind == "O" and not all(isinstance(label, str) for label in labels.ravel()):
        return None
    return labels.astype(str) if labels.dtype.kind in "OTU" else None


def labelled(
    name: str, y: ArrayLike, n: int, n_classes: int, classes: tuple[str, ...] | None
) -> NDArray[np.integer]:
    """``y`` as the labels of ``n`` signals of ``n_classes`` classes."""
    names = as_names(name, y)
    labels = np.asarray(y) if names is None else _numbered(name, names, classes)
    if labels.ndim == 2 and labels.shape[1] == n_classes:
        raise ValueError(
            f"{name} must have one label per signal, shape ({n},), got shape {labels.shape}: "
            f"one-hot labels become integers by {name}.argmax(axis=1)"
        )
    if labels.dtype.kind not in "iu":
        way = f"; whole numbers become integers by {name}.astype(int)" * (labels.dtype.kind in "bf")
        raise TypeError(
            f"{name} must hold integer labels or names of classes, got dtype {labels.dtype}{way}"
        )
    if labels.shape != (n,):
        raise ValueError(
            f"{name} must have one label per signal, shape ({n},), got shape {labels.shape}"
        )
    wrong = labels[(labels < 0) | (labels >= n_classes)]
    if wrong.size:
        raise ValueError(
            f"{name} must be between 0 and {n_classes - 1} (the model has {n_classes} logits), "
            f"got {wrong.size} other labels, the first {wrong[0]}"
        )
    return labels


def _numbered(
    name: str, names: NDArray[np.str_], classes: tuple[str, ...] | None
) -> NDArray[np.int64]:
    """The index in ``classes`` of each name."""
    if classes is None:
        raise ValueError(
            f"{name} holds names such as {str(names.ravel()[0])!r}, and the model knows none: give "
            "integers, or train the model on names"
        )
    unknown = sorted(set(names.ravel().tolist()) - set(classes))
    if unknown:
        raise ValueError(
            f"{name} must hold names among {', '.join(map(repr, classes))}, got {unknown[0]!r}"
        )
    places = {known: i for i, known in enumerate(classes)}
    return np.array([places[label] for label in names.ravel().tolist()]).reshape(names.shape)


# --- numbers ----------------------------------------------------------------------------------


def measured(name: str, y: ArrayLike, n: int, shape: tuple[int, ...], dtype: np.dtype) -> NDArray:
    """``y`` as ``n`` arrays of ``shape``, real or complex in the precision of ``dtype``."""
    values = checks.numeric(name, y)
    if values.shape == (n,) and shape == (1,):
        values = values[:, None]
    if values.shape != (n, *shape):
        raise ValueError(
            f"{name} must hold for each of {n} signals what the model gives, shape "
            f"{(n, *shape)}, got shape {values.shape}"
        )
    kind = np.result_type(dtype, np.complex64) if np.iscomplexobj(values) else dtype
    return checks.converted(name, values, kind)


def task_of(model: Any, y: ArrayLike, loss: Loss | None, shape: tuple[int, ...]) -> Task:
    """The task for targets ``y``: classes or numbers, and the loss to be minimised."""
    if loss is not None and not callable(loss):
        raise TypeError(f"loss must be a function of outputs and targets, got {loss!r}")
    if isinstance(model, Regressor):
        if loss is not None:
            return Task(False, loss, shape)
        scale = None if model.scale is None else Constant(model.scale)
        return Task(False, squared_error, shape, scale)
    if loss is not None and np.asarray(y).dtype.kind in "fc":
        return Task(False, loss, shape)
    check_logits(shape)
    return Task(True, loss or cross_entropy, shape)
