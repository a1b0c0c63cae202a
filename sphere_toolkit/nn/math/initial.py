"""The weights that a layer begins with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import jax
import numpy as np

Shape = tuple[int, ...]


def normal(
    key: jax.Array, layout: Sequence[tuple[Shape, float]], dtype: np.dtype
) -> tuple[jax.Array, ...]:
    """Independent normal weights: one array for each (shape, variance)."""
    return _normal(key, tuple(layout), dtype)


# One program for all arrays: shape by shape, JAX would compile each of them.
@partial(jax.jit, static_argnums=(1, 2))
def _normal(
    key: jax.Array, layout: tuple[tuple[Shape, float], ...], dtype: np.dtype
) -> tuple[jax.Array, ...]:
    sizes = [int(np.prod(shape)) for shape, _ in layout]
    parts = jax.lax.split(jax.random.normal(key, (sum(sizes),), dtype), sizes)
    return tuple(
        part.reshape(shape) * np.asarray(variance**0.5, dtype)
        for part, (shape, variance) in zip(parts, layout, strict=True)
    )
