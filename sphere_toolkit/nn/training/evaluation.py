"""Results of a trained model: outputs, predictions, probabilities, accuracy, confusion matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from ..._util import checks
from ..math.precision import numbers, signal_dtype
from ..models.regressor import Regressor
from .targets import Array, class_names, labelled, n_logits, output_shape

Model = Callable[..., jax.Array]


def outputs(model: Model, x: ArrayLike, *, batch_size: int = 32) -> NDArray:
    """The outputs of a model for each signal: logits, numbers or arrays.

    Parameters
    ----------
    model : eqx.Module
        ``model(signal)`` for one signal.
    x : array (n, ...), or ScatteringCoefficients of n signals
        Signals along the first axis, for example alm ``(n, channels, L(L+1)/2)``. They are cast
        to the precision of the model's weights.
    batch_size : int
        Number of signals at a time. The last batch is filled up to this number, so that only one
        shape is compiled: with what `fit` takes by default, that of its validation. If there are
        fewer signals than that, they are filled up to a power of 2.

    Returns
    -------
    array (n, ...)

    Raises
    ------
    ValueError
        ``x`` is empty, not finite or beyond the range of the precision of the model; or the model
        refuses the signals or returns NaN.

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> model = st.nn.ZonalCNN(1, 8, 3, channels=(2,), key=jax.random.key(0))
    >>> st.nn.outputs(model, st.signals.band_limited_noise(8, seed=1, n=6)[:, None]).shape
    (6, 3)
    """
    signals = as_signals("x", x, model)
    output_shape(model, signals)
    found = apply(model, signals, batch_size)
    bad = int(np.count_nonzero(~np.isfinite(found.reshape(len(found), -1)).all(axis=-1)))
    if bad:
        raise ValueError(f"the model gives NaN or infinity for {bad} of {len(found)} signals")
    return found


def predict(model: Model, x: ArrayLike, *, batch_size: int = 32) -> NDArray:
    """The most probable class of each signal, or the numbers that a `Regressor` returns.

    Parameters
    ----------
    model, x, batch_size
        As for `outputs`.

    Returns
    -------
    array (n,)
        Names of classes if the model has them, otherwise integers. For a `Regressor`, its numbers
        (n, ...).

    Raises
    ------
    ValueError
        As for `outputs`; or the model does not return a vector of logits.

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> model = st.nn.ZonalCNN(1, 8, 3, channels=(2,), key=jax.random.key(0))
    >>> st.nn.predict(model, st.signals.band_limited_noise(8, seed=1, n=6)[:, None]).shape
    (6,)
    """
    if isinstance(model, Regressor):
        return outputs(model, x, batch_size=batch_size)
    best = _logits(model, x, batch_size).argmax(axis=-1)
    classes = class_names(model)
    return best if classes is None else np.array(classes)[best]


def predict_proba(model: Model, x: ArrayLike, *, batch_size: int = 32) -> NDArray[np.floating]:
    """Probability of each class for each signal.

    Parameters
    ----------
    model, x, batch_size
        As for `outputs`; the model returns logits.

    Returns
    -------
    array (n, n_classes)
        Each row sums to 1 (softmax of the logits).

    Raises
    ------
    ValueError
        As for `predict`.

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> model = st.nn.ZonalCNN(1, 8, 3, channels=(2,), key=jax.random.key(0))
    >>> p = st.nn.predict_proba(model, st.signals.band_limited_noise(8, seed=1, n=6)[:, None])
    >>> p.shape, bool(abs(p.sum(axis=-1) - 1).max() < 1e-6)
    ((6, 3), True)
    """
    return softmax(_logits(model, x, batch_size), axis=-1)


def accuracy(model: Model, x: ArrayLike, y: ArrayLike, *, batch_size: int = 32) -> float:
    """Share of the signals whose most probable class is their label.

    Parameters
    ----------
    model, x, batch_size
        As for `predict_proba`.
    y : array (n,)
        Labels from 0 to n_classes - 1, or names among the model's ``classes``.

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

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> model = st.nn.ZonalCNN(1, 8, 3, channels=(2,), key=jax.random.key(0))
    >>> x = st.signals.band_limited_noise(8, seed=1, n=6)[:, None]
    >>> st.nn.accuracy(model, x, st.nn.predict(model, x))
    1.0
    """
    found, labels = _answers(model, x, y, batch_size)
    return float(np.mean(found == labels))


def confusion_matrix(
    model: Model, x: ArrayLike, y: ArrayLike, *, batch_size: int = 32
) -> NDArray[np.int64]:
    """Number of signals of each class that are classified as each class.

    Parameters
    ----------
    model, x, y, batch_size
        As for `accuracy`.

    Returns
    -------
    array (n_classes, n_classes), int
        Rows are labels, columns the most probable classes. The sum of all entries is n, and the
        trace is the number of correct answers.

    Raises
    ------
    TypeError, ValueError
        As for `accuracy`.

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> model = st.nn.ZonalCNN(1, 8, 3, channels=(2,), key=jax.random.key(0))
    >>> x = st.signals.band_limited_noise(8, seed=1, n=6)[:, None]
    >>> matrix = st.nn.confusion_matrix(model, x, st.nn.predict(model, x))
    >>> matrix.shape, int(matrix.trace())
    ((3, 3), 6)
    """
    from sklearn.metrics import confusion_matrix as count  # half a second that few imports need

    found, labels = _answers(model, x, y, batch_size)
    return count(labels, found, labels=np.arange(n_logits(model, as_signals("x", x))))


def _answers(model: Model, x: ArrayLike, y: ArrayLike, batch_size: int) -> tuple[NDArray, NDArray]:
    """The most probable class of each signal and its label, both as integers."""
    signals = as_signals("x", x)
    labels = labelled("y", y, len(signals), n_logits(model, signals), class_names(model))
    return _logits(model, x, batch_size).argmax(axis=-1), labels


def _logits(model: Model, x: ArrayLike, batch_size: int) -> NDArray:
    n_logits(model, as_signals("x", x))
    return outputs(model, x, batch_size=batch_size)


# --- shared with training -------------------------------------------------------------------


def apply(model: Model, x: NDArray, batch_size: int) -> NDArray:
    """Outputs (n, ...) of checked signals."""
    size = fitting_size(checks.integer("batch_size", batch_size, 1), len(x))
    dtype = signal_dtype(model, x)
    pieces = []
    for rows, count in batches(np.arange(len(x)), size):
        pieces.append(np.asarray(_apply(model, x[rows].astype(dtype)))[:count])
    return np.concatenate(pieces)


@eqx.filter_jit
def _apply(model: Model, x: Array) -> jax.Array:
    return jax.vmap(model)(jnp.asarray(x))


def fitting_size(batch_size: int, n: int) -> int:
    """The batch size for n samples: if they are fewer, the next power of 2, for few programs."""
    return min(batch_size, 1 << (n - 1).bit_length())


def batches(order: NDArray[np.int64], size: int) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Parts of ``order`` of the same size, and the number of rows of each that count.

    The last part repeats some of its rows, so that every batch has the shape that is compiled.
    """
    for start in range(0, len(order), size):
        part = order[start : start + size]
        yield np.resize(part, size), len(part)


def as_signals(name: str, x: Any, model: Any = None) -> NDArray:
    """``x`` as a non-empty finite array of signals, within the range of a model's precision."""
    array = checks.numeric(name, numbers(x))
    if array.ndim < 2 or array.size == 0:
        raise ValueError(
            f"{name} must hold at least one signal, shape (n, ...), got shape {array.shape}"
        )
    checks.finite(name, array)
    if model is not None:
        checks.converted(name, array, signal_dtype(model, array))
    return array
