"""The optimiser, its learning rate, and descriptions that tell optimisers apart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import numpy as np
import optax
from jax.flatten_util import ravel_pytree

from .saving import fingerprint

SCHEDULES = ("constant", "cosine")
Schedule = Callable[[Any], Any]


def _of_one_vector(optimiser: optax.GradientTransformation) -> optax.GradientTransformation:
    """The optimiser of all weights as one vector, which compiles faster than one for each array."""

    def init(weights: Any) -> Any:
        return optimiser.init(ravel_pytree(weights)[0])

    def update(gradient: Any, state: Any, weights: Any = None) -> tuple[Any, Any]:
        vector, parts = ravel_pytree(gradient)
        updates, state = optimiser.update(vector, state, ravel_pytree(weights)[0])
        return parts(updates), state

    return optax.GradientTransformation(init, update)


# One object for all trainings, so that they share compiled programs. Learning rate and weight decay
# are in its state.
ADAMW = _of_one_vector(
    optax.inject_hyperparams(optax.adamw, static_args=("b1", "b2", "eps", "eps_root"))(
        learning_rate=0.0, weight_decay=0.0
    )
)
start_adamw = eqx.filter_jit(ADAMW.init)  # one program for the zeros of all weights


def schedule_of(learning_rate: float | Schedule, schedule: str, steps: int) -> Schedule:
    """The learning rate as a function of the step; ``steps`` is their total number."""
    if callable(learning_rate):
        return learning_rate
    if schedule == "cosine":
        return optax.cosine_decay_schedule(learning_rate, steps)
    return optax.constant_schedule(learning_rate)


def rates(schedule: Schedule, first: int, count: int) -> list[float]:
    """Learning rates of ``count`` steps from ``first`` on, computed in double precision."""
    with jax.enable_x64():
        return [_rate(schedule(step), step) for step in range(first, first + count)]


def _rate(value: Any, step: int) -> float:
    """A value of a schedule as a number, NaN among them: `fit` reports it as it reports a loss."""
    try:
        rate = float(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"learning_rate must give a number >= 0 for each step, got {value!r} at step {step}"
        ) from None
    if rate < 0:
        raise ValueError(
            f"learning_rate must give a number >= 0 for each step, got {rate:g} at step {step}"
        )
    return rate


def with_rates(state: Any, learning_rate: float, weight_decay: float, dtype: np.dtype) -> Any:
    """The state of `ADAMW` with other hyperparameters."""
    values = {"learning_rate": learning_rate, "weight_decay": weight_decay}
    return state._replace(hyperparams={k: np.asarray(v, dtype) for k, v in values.items()})


def describe_function(function: Callable, *examples: Any) -> str:
    """A digest of the operations and constants of a function of arrays."""
    jaxpr = jax.make_jaxpr(function)(*examples)
    constants = fingerprint([c for c in jaxpr.consts if eqx.is_array(c)])
    operations = hashlib.sha256(str(jaxpr).encode()).hexdigest()[:16]
    return f"{len(jaxpr.eqns)} operations {operations} {constants}"


def describe_optimiser(optimiser: optax.GradientTransformation, weights: Any) -> str:
    """A digest of what an optimiser computes."""
    zeros = jax.tree.map(jax.numpy.zeros_like, weights)
    state = optimiser.init(zeros)
    arrays, others = eqx.partition(state, eqx.is_array)

    def update(gradient: Any, arrays: Any, weights: Any) -> Any:
        updates, after = optimiser.update(gradient, eqx.combine(arrays, others), weights)
        return updates, eqx.filter(after, eqx.is_array)

    return describe_function(update, zeros, arrays, zeros)
