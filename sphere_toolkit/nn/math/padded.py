"""Vectors of all degrees in one array, padded with zeros.

One matrix product for all degrees compiles much faster than one for each degree.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

Linear = Callable[[jax.Array], jax.Array]
Multiplicities = tuple[int, ...]


def row_sizes(multiplicities: Multiplicities) -> list[int]:
    """The number of rows of each degree."""
    return [count * (2 * degree + 1) for degree, count in enumerate(multiplicities)]


def pack(
    rows: Float[Array, "... channels rows"], multiplicities: Multiplicities, L: int
) -> Float[Array, "... L channels vectors orders"]:
    """Degrees below L as one array, with 2L-1 orders of which order 0 is in the middle."""
    return _pair(multiplicities, L)[0](rows)


def unpack(
    padded: Float[Array, "... L channels vectors orders"], multiplicities: Multiplicities
) -> Float[Array, "... channels rows"]:
    """The inverse of `pack` for all degrees; numbers in the padding are dropped."""
    return _pair(multiplicities, len(multiplicities))[1](padded)


def transposes(pack: Linear, unpack: Linear) -> tuple[Linear, Linear]:
    """Two linear functions, each the transpose of the other, with these as their derivatives.

    JAX would differentiate a gather by a scatter, which adds element by element and is slow.
    """
    first, second = jax.custom_vjp(pack), jax.custom_vjp(unpack)
    first.defvjp(lambda x: (pack(x), None), lambda _, cotangent: (unpack(cotangent),))
    second.defvjp(lambda x: (unpack(x), None), lambda _, cotangent: (pack(cotangent),))
    return first, second


@lru_cache(maxsize=64)
def _pair(multiplicities: Multiplicities, L: int) -> tuple[Linear, Linear]:
    """From rows to the padded array of degrees below L, and back."""
    row_of, place_of = _places(multiplicities, L)
    n_rows, shape = sum(row_sizes(multiplicities)), row_of.shape

    def pack(rows: jax.Array) -> jax.Array:
        filled = jnp.pad(rows, [(0, 0)] * (rows.ndim - 1) + [(0, 1)])
        found = filled[..., row_of.ravel()].reshape(*rows.shape[:-1], *shape)
        return jnp.moveaxis(found, -4, -3)

    def unpack(padded: jax.Array) -> jax.Array:
        found = jnp.moveaxis(padded, -4, -3)
        rows = found.reshape(*found.shape[:-3], -1)[..., place_of]
        missing = n_rows - place_of.size
        return jnp.pad(rows, [(0, 0)] * (rows.ndim - 1) + [(0, missing)])

    return transposes(pack, unpack)


def _places(multiplicities: Multiplicities, L: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The row of each place (degree, vector, order), and the place of each row of degrees below L.

    For a place in the padding the row is the number of rows, an index behind the last one.
    """
    counts = np.array(multiplicities)
    sizes = np.array(row_sizes(multiplicities))
    begins = np.cumsum(sizes) - sizes
    ell, vector, m = np.ogrid[:L, : max(1, *multiplicities), 1 - L : L]
    rows = begins[ell] + vector * (2 * ell + 1) + ell + m
    row_of = np.where((vector < counts[ell]) & (np.abs(m) <= ell), rows, sizes.sum())
    (held,) = np.nonzero(row_of.ravel() < sizes.sum())
    place_of = np.empty(held.size, np.int32)
    place_of[row_of.ravel()[held]] = held
    return row_of.astype(np.int32), place_of
