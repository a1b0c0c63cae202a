"""Localised filters: spectra drawn through a few knots, and what they do to each degree."""

from __future__ import annotations

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ._weights import normal
from .fragments import Fragments


def n_knots(knots: int, L: int, N: int) -> int:
    """Knots that filters with orders below N have a use for: one per degree from N-1 to L-1."""
    return min(knots, L - N + 1)


@lru_cache(maxsize=64)
def _hats(L: int, N_out: int, N_in: int, knots: int) -> NDArray[np.float64]:
    """Value of each knot's hat function at each degree, (orders out, orders in, knots, L).

    The filter that leads from order p to order n begins at degree max(|n|, |p|), and so do its
    knots.
    """
    degrees = np.arange(L)
    of_order = []
    for first in range(max(N_out, N_in)):
        places = np.linspace(first, L - 1, knots)
        hats = [np.interp(degrees, places, unit) for unit in np.eye(knots)]
        of_order.append(np.array(hats) * (degrees >= first))
    n, p = np.abs(np.arange(1 - N_out, N_out)), np.abs(np.arange(1 - N_in, N_in))
    return np.array(of_order)[np.maximum(n[:, None], p)]


def initial(
    key: jax.Array,
    sizes: tuple[int, int, int, int],
    L: int,
    knots: int,
    dtype: np.dtype,
) -> jax.Array:
    """Weights (out, orders out, in, orders in, knots) that keep a variance, averaged over degrees.

    Between two knots a value is a mean of two, and varies less than they do.
    """
    _, n, inputs, p = sizes
    knots = n_knots(knots, L, (max(n, p) + 1) // 2)
    spread = (_hats(L, 1, 1, knots) ** 2).sum() / L
    (weights,) = normal(key, [((*sizes, knots), 1 / (inputs * p * spread))], dtype)
    return weights


def spectrum(weights: jax.Array, L: int) -> jax.Array:
    """The filters by degree, (out, orders out, in, orders in, L), of weights on knots."""
    _, n, _, p, knots = weights.shape
    hats = _hats(L, (n + 1) // 2, (p + 1) // 2, knots)
    return jnp.einsum("onipk,npkl->onipl", weights, hats.astype(weights.dtype))


def convolve(filters: jax.Array, signal: Fragments) -> list[jax.Array]:
    """In each degree of the filters, its vectors mixed by a matrix (out, n) x (in, p)."""
    out, n, inputs, p, L = filters.shape
    degrees = []
    for degree, values in enumerate(signal.degrees[:L]):
        rows, columns = (
            slice(max(0, count // 2 - degree), count // 2 + degree + 1) for count in (n, p)
        )
        matrix = filters[:, rows, :, columns, degree]
        mixed = matrix.reshape(out * matrix.shape[1], -1) @ values.reshape(-1, 2 * degree + 1)
        degrees.append(mixed.reshape(out, -1, 2 * degree + 1))
    return degrees
