"""The weights that a layer begins with.

A generator of random numbers takes long to compile, and JAX compiles it for each size. The first of
more numbers are the same, so a few programs, of the sizes that `_size` gives, serve all layers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import equinox as eqx
import jax
import numpy as np

Shape = tuple[int, ...]
Weights = np.ndarray | jax.Array
_LEAST, _KEYS = 2**15, 8


def normal(key: jax.Array, layout: Sequence[tuple[Shape, float]], dtype: np.dtype) -> list[Weights]:
    """Independent normal weights: one array for each (shape, variance).

    Arrays of NumPy, unless JAX traces. `jax.device_put` makes them those of JAX without compiling,
    which `jax.numpy.asarray` does for each shape.
    """
    drawn = _normal(key, _size(layout), dtype)
    return _parts(drawn, [(shape, variance**0.5) for shape, variance in layout])


def linear(in_features: int, out_features: int, key: jax.Array, dtype: np.dtype) -> eqx.nn.Linear:
    """Equinox's dense layer with the weights that it begins with."""
    layer = eqx.filter_eval_shape(eqx.nn.Linear, in_features, out_features, key=key, dtype=dtype)
    limit = 1 / math.sqrt(in_features)
    parts = []
    for one, part in zip(split(key, 2), (layer.weight, layer.bias), strict=True):
        layout = [(part.shape, limit)]
        parts += _parts(_uniform(one, _size(layout), dtype), layout)
    return eqx.tree_at(lambda x: (x.weight, x.bias), layer, jax.device_put(tuple(parts)))


def split(key: jax.Array, n: int) -> tuple[jax.Array, ...]:
    """The keys of ``jax.random.split(key, n)``."""
    return _split(key, -(-n // _KEYS) * _KEYS)[:n]


def _size(layout: Sequence[tuple[Shape, float]]) -> int:
    """How many numbers to draw: 32768, or that times the least power of eight that is enough."""
    needed, size = sum(math.prod(shape) for shape, _ in layout), _LEAST
    while size < needed:
        size *= 8
    return size


@partial(jax.jit, static_argnums=1)
def _split(key: jax.Array, n: int) -> tuple[jax.Array, ...]:
    return tuple(jax.random.split(key, n))


@partial(jax.jit, static_argnums=(1, 2))
def _normal(key: jax.Array, size: int, dtype: np.dtype) -> jax.Array:
    return jax.random.normal(key, (size,), dtype)


@partial(jax.jit, static_argnums=(1, 2))
def _uniform(key: jax.Array, size: int, dtype: np.dtype) -> jax.Array:
    return jax.random.uniform(key, (size,), dtype, minval=-1, maxval=1)


def _parts(drawn: jax.Array, layout: Sequence[tuple[Shape, float]]) -> list[Weights]:
    """The numbers in their shapes, each times its factor; those that are left over are dropped."""
    # In NumPy, because JAX would compile a program for each layout.
    numbers = drawn if isinstance(drawn, jax.core.Tracer) else np.asarray(drawn)
    parts, start = [], 0
    for shape, factor in layout:
        end = start + math.prod(shape)
        parts.append(numbers[start:end].reshape(shape) * np.asarray(factor, drawn.dtype))
        start = end
    return parts
