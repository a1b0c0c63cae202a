"""Filters of convolutions: spectra interpolated between a few knots, and their action."""

from __future__ import annotations

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import DTypeLike, NDArray

from ..._util import checks
from .initial import normal
from .irreps import IrrepArray, so3_multiplicities
from .precision import real_dtype


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


def spectrum(
    weights: Float[Array, "out orders_out in orders_in knots"], L: int
) -> Float[Array, "out orders_out in orders_in L"]:
    """The filters by degree of weights on knots."""
    _, n, _, p, knots = weights.shape
    hats = _hats(L, (n + 1) // 2, (p + 1) // 2, knots)
    # o, i: channels out and in; n, p: orders out and in; k: knots; l: degrees.
    return jnp.einsum("onipk,npkl->onipl", weights, hats.astype(weights.dtype))


def convolve(
    filters: Float[Array, "out orders_out in orders_in L"],
    signal: IrrepArray,
    bias: Float[Array, " out"] | None,
) -> IrrepArray:
    """In each degree of the filters its vectors, mixed by a matrix (out, n) x (in, p)."""
    n, L = filters.shape[1], filters.shape[-1]
    # A degree has the orders up to itself: its vectors are the first in the padded array, and
    # those of the filters are moved there.
    filters = _to_the_front(_to_the_front(filters, 1), 3)
    vectors = signal.padded(L)[:, :, : filters.shape[3]]
    # l: degrees; o, i: channels out and in; n, p: vectors out and in; m: orders.
    mixed = jnp.einsum("onipl,lipm->lonm", filters, vectors)
    if bias is not None:
        mixed = mixed.at[0, :, 0, L - 1].add(bias)  # order 0 of degree 0
    return IrrepArray.from_padded(mixed, so3_multiplicities(L, (n + 1) // 2))


def _to_the_front(filters: jax.Array, axis: int) -> jax.Array:
    """Orders -k..k of ``axis`` rolled in each degree l of the last axis: -min(k, l) comes first."""
    k = filters.shape[axis] // 2
    shift = np.maximum(k - np.arange(filters.shape[-1]), 0)
    places = (np.arange(2 * k + 1)[:, None] + shift) % (2 * k + 1)
    shape = [1] * filters.ndim
    shape[axis], shape[-1] = places.shape
    return jnp.take_along_axis(filters, places.astype(np.int32).reshape(shape), axis)


def parameters(
    key: jax.Array,
    sizes: tuple[int, int, int, int],
    L: int,
    knots: int,
    bias: bool,
    dtype: DTypeLike,
) -> tuple[NDArray | jax.Array, jax.Array | None]:
    """Weights (out, orders out, in, orders in, knots), and a bias of zeros or none.

    The weights keep a variance, averaged over degrees: between two knots a value is a mean of
    two, and varies less than they do. There are no more knots than the highest order has degrees.
    """
    real = real_dtype(dtype)
    if not isinstance(bias, bool):
        raise TypeError(f"bias must be True or False, got {bias!r}")
    out, n, inputs, p = sizes
    knots = min(checks.integer("knots", knots, 1), L - max(n, p) // 2)
    spread = (_hats(L, 1, 1, knots) ** 2).sum() / L
    (weights,) = normal(key, [((*sizes, knots), 1 / (inputs * p * spread))], real)
    return weights, jax.device_put(np.zeros(out, real)) if bias else None
