"""What a classifier makes of signals: probabilities, accuracy, confusion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import ArrayLike, NDArray

from .. import _checks

Model = Callable[..., jax.Array]
Array = jax.Array | NDArray


def predict(model: Model, x: ArrayLike, *, batch_size: int = 64) -> NDArray[np.floating]:
    """Probability of each class for each signal.

    Parameters
    ----------
    model : eqx.Module
        ``model(signal) -> logits`` for one signal.
    x : array (n, ...), or ScatteringCoefficients of n signals
        Signals along the first axis, for example alm ``(n, channels, L(L+1)/2)``. They are cast
        to the precision of the model's weights.
    batch_size : int
        Signals at a time; the last, smaller batch is filled up, so one shape is compiled.

    Returns
    -------
    array (n, n_classes)
        Each row sums to 1 (softmax of the logits).

    Raises
    ------
    ValueError
        ``x`` is empty, not finite or beyond the range of the model's precision; the model does
        not take its signals, does not give a vector of logits, or gives NaN.
    """
    x = as_signals("x", x, model)
    n_logits(model, x)
    return np.asarray(jax.nn.softmax(finite_logits(model, x, batch_size), axis=-1))


def accuracy(model: Model, x: ArrayLike, y: ArrayLike, *, batch_size: int = 64) -> float:
    """Share of the signals whose most probable class is their label.

    Parameters
    ----------
    model : eqx.Module
        ``model(signal) -> logits`` for one signal.
    x : array (n, ...)
    y : array (n,)
        Labels from 0 to n_classes - 1, or names among the model's ``classes``.
    batch_size : int

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    TypeError
        Labels are neither integers nor names.
    ValueError
        As for `predict`; labels are out of range or not as many as signals.
    """
    x = as_signals("x", x, model)
    y = labelled("y", y, len(x), n_logits(model, x), class_names(model))
    return float(np.mean(finite_logits(model, x, batch_size).argmax(axis=-1) == y))


def confusion(
    model: Model, x: ArrayLike, y: ArrayLike, *, batch_size: int = 64
) -> NDArray[np.int64]:
    """How often each class is taken for each other.

    Parameters
    ----------
    model : eqx.Module
        ``model(signal) -> logits`` for one signal.
    x : array (n, ...)
    y : array (n,)
        Labels from 0 to n_classes - 1, or names among the model's ``classes``.
    batch_size : int

    Returns
    -------
    array (n_classes, n_classes), int
        Row: the label; column: the most probable class. The sum is n, the trace what is right.

    Raises
    ------
    TypeError, ValueError
        As for `accuracy`.
    """
    x = as_signals("x", x, model)
    n_classes = n_logits(model, x)
    y = labelled("y", y, len(x), n_classes, class_names(model))
    table = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(table, (y, finite_logits(model, x, batch_size).argmax(axis=-1)), 1)
    return table


# --- shared with training -------------------------------------------------------------------


def logits(model: Model, x: NDArray, batch_size: int) -> NDArray:
    """Logits (n, n_classes) of checked signals."""
    batch_size = min(_checks.integer("batch_size", batch_size, 1), len(x))
    dtype = signal_dtype(model, x)
    pieces = []
    for rows, count in batches(np.arange(len(x)), batch_size):
        pieces.append(np.asarray(_apply(model, x[rows].astype(dtype)))[:count])
    return np.concatenate(pieces)


def finite_logits(model: Model, x: NDArray, batch_size: int) -> NDArray:
    """As `logits`, which must be finite."""
    found = logits(model, x, batch_size)
    bad = int(np.count_nonzero(~np.isfinite(found).all(axis=-1)))
    if bad:
        raise ValueError(f"the model gives NaN or infinite logits for {bad} of {len(x)} signals")
    return found


def loss_and_accuracy(model: Model, x: NDArray, y: NDArray, batch_size: int) -> tuple[float, float]:
    """Mean cross entropy (nats) and share of right answers."""
    found = logits(model, x, batch_size)
    losses = np.asarray(cross_entropy(found, y), np.float64)
    return float(np.mean(losses)), float(np.mean(found.argmax(-1) == y))


cross_entropy = optax.softmax_cross_entropy_with_integer_labels


@eqx.filter_jit
def _apply(model: Model, x: Array) -> jax.Array:
    return jax.vmap(model)(jnp.asarray(x))


def batches(order: NDArray[np.int64], size: int) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Parts of ``order`` of one size, and how many of each are real.

    The last part is filled up with rows of its own: a model then sees nothing it has not to
    see, and every batch has the shape that is compiled.
    """
    for start in range(0, len(order), size):
        part = order[start : start + size]
        yield np.resize(part, size), len(part)


def signal_dtype(model: Model, x: NDArray) -> np.dtype:
    """The type of ``x``, real or complex, in the precision of the model's weights."""
    weights = jax.tree.leaves(eqx.filter(model, eqx.is_inexact_array))
    for array in weights:
        if isinstance(array, jax.Array) and array.dtype != jax.dtypes.canonicalize_dtype(
            array.dtype
        ):
            raise ValueError(
                f"the model has weights in {array.dtype}, which needs JAX in double precision: use "
                "jax.enable_x64() or jax.config.update('jax_enable_x64', True)"
            )
    precision = jnp.result_type(*weights) if weights else jnp.result_type(float)
    real = jnp.finfo(precision).dtype
    return np.dtype(jnp.result_type(real, jnp.complex64) if np.iscomplexobj(x) else real)


def n_logits(model: Model, x: NDArray) -> int:
    """How many classes the model tells apart; raises unless it gives a vector of logits."""
    if not callable(model):
        raise TypeError(f"model must be callable on one signal, got {type(model).__name__}")
    one = jax.ShapeDtypeStruct(x.shape[1:], signal_dtype(model, x))
    try:
        out = eqx.filter_eval_shape(model, one)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"the model does not take one signal of x, of shape {one.shape}: {error}"
        ) from error
    shape = getattr(out, "shape", None)
    if shape is None or len(shape) != 1 or shape[0] < 2:
        raise ValueError(
            "model must give a vector of at least 2 logits for one signal, "
            f"got {out if shape is None else f'shape {shape}'}"
        )
    return shape[0]


def as_signals(name: str, x: Any, model: Any = None) -> NDArray:
    """``x`` as a non-empty finite array of signals, within the range of a model's precision."""
    array = _checks.numeric(name, numbers(x))
    if array.ndim < 2 or array.size == 0:
        raise ValueError(
            f"{name} must hold at least one signal, shape (n, ...), got shape {array.shape}"
        )
    _checks.finite(name, array)
    if model is not None:
        _checks.converted(name, array, signal_dtype(model, array))
    return array


def numbers(x: Any) -> Any:
    """The coefficients of `ScatteringCoefficients`, and whatever else is given as it is."""
    return x.alm if hasattr(x, "alm") and hasattr(x, "paths") else x


# --- labels -----------------------------------------------------------------------------------


def class_names(model: Any) -> tuple[str, ...] | None:
    """The names of a model's classes, if it knows any."""
    return getattr(model, "classes", None)


def as_names(y: ArrayLike) -> NDArray[np.str_] | None:
    """Labels that are names as an array of text; None if they are something else."""
    labels = np.asarray(y)
    if labels.dtype.kind == "O" and not all(isinstance(label, str) for label in labels.ravel()):
        return None
    return labels.astype(str) if labels.dtype.kind in "OTU" else None


def labelled(
    name: str, y: ArrayLike, n: int, n_classes: int, classes: tuple[str, ...] | None
) -> NDArray[np.integer]:
    """``y`` as the labels of ``n`` signals of ``n_classes`` classes."""
    names = as_names(y)
    labels = np.asarray(y) if names is None else _numbered(name, names, classes)
    if labels.ndim == 2 and labels.shape[1] == n_classes:
        raise ValueError(
            f"{name} must have one label per signal, shape ({n},), got shape {labels.shape}: "
            f"one-hot labels become integers by {name}.argmax(axis=1)"
        )
    if labels.dtype.kind not in "iu":
        way = f"; whole numbers become integers by {name}.astype(int)" * (labels.dtype.kind in "bf")
        raise TypeError(f"{name} must hold integer labels or names, got dtype {labels.dtype}{way}")
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
    """Names of classes as their places in ``classes``."""
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
