"""Fragments padded with zeros: one array over degrees, types and orders.

One product of matrices for all degrees compiles in a fraction of the time of one for each.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from .fragments import Fragments, row_sizes

Linear = Callable[[jax.Array], jax.Array]


def to_dense(signal: Fragments, L: int) -> jax.Array:
    """Degrees below L as one array (L, channels, types, 2L-1); order 0 is in the middle."""
    return _pair(signal.types, L)[0](signal.rows)


def from_dense(dense: jax.Array, types: tuple[int, ...]) -> Fragments:
    """The inverse of `to_dense` for all degrees; what should be zero is dropped unseen."""
    return Fragments.from_rows(_pair(types, len(types))[1](dense), types)


@lru_cache(maxsize=64)
def _pair(types: tuple[int, ...], L: int) -> tuple[Linear, Linear]:
    """Both ways. Each is the derivative of the other, which JAX would add up element by element."""
    there, back = _places(types, L)
    n_rows, shape = sum(row_sizes(types)), there.shape

    def spread(rows: jax.Array) -> jax.Array:
        filled = jnp.pad(rows, ((0, 0), (0, 1)))
        return jnp.moveaxis(filled[:, there.ravel()].reshape(-1, *shape), 1, 0)

    def collect(dense: jax.Array) -> jax.Array:
        rows = jnp.moveaxis(dense, 0, 1).reshape(dense.shape[1], -1)[:, back]
        return jnp.pad(rows, ((0, 0), (0, n_rows - back.size)))

    forth, reverse = jax.custom_vjp(spread), jax.custom_vjp(collect)
    forth.defvjp(lambda rows: (spread(rows), None), lambda _, slope: (collect(slope),))
    reverse.defvjp(lambda dense: (collect(dense), None), lambda _, slope: (spread(slope),))
    return forth, reverse


def _places(types: tuple[int, ...], L: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The row of each place (degree, type, order), and the place of each row of degrees below L.

    What has no row points behind the last one.
    """
    counts = np.array(types)
    sizes = np.array(row_sizes(types))
    begins = np.cumsum(sizes) - sizes
    ell, kind, m = np.ogrid[:L, : max(1, *types), 1 - L : L]
    rows = begins[ell] + kind * (2 * ell + 1) + ell + m
    there = np.where((kind < counts[ell]) & (np.abs(m) <= ell), rows, sizes.sum())
    (held,) = np.nonzero(there.ravel() < sizes.sum())
    back = np.empty(held.size, np.int32)
    back[there.ravel()[held]] = held
    return there.astype(np.int32), back
