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
    # l: degrees; o, i: channels out and in; n, p: orders out and in; m: orders of the signal.
    mixed = jnp.einsum("onipl,lipm->lonm", filters, signal.padded(L))
    if bias is not None:
        mixed = mixed.at[0, :, n // 2, L - 1].add(bias)  # order 0 of degree 0
    return IrrepArray.from_padded(mixed, so3_multiplicities(L, (n + 1) // 2))


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
