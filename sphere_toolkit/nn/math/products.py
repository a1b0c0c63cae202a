r"""Sums of products of rows, ``out[o] = sum of value * x[first] * y[second]``, by gathering.

Rows are contiguous arrays over channels and batch. With ``segment_sum`` this is slow, because a
scatter is serial on a CPU. Here every row of the output gathers its own terms. Rows with similar
numbers of terms are summed together, eight terms at a time in one fused loop, so that only the
sums are written to memory.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from .clebsch_gordan import Products

# Terms in one fused loop. With fewer, sums are written to memory more often; with more, the
# registers do not suffice. Four terms are a third slower and 16 no faster (AVX-512, band-limits 16
# and 32).
_TERMS = 8
# The most steps of _TERMS terms that one row may take; its other terms go to further rows.
_STEPS = 16


class GatherGroup(NamedTuple):
    """Rows that take the same number of steps: arrays (steps, terms, rows), padded with zeros."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    value: NDArray[np.float64]


class GatherPlan(NamedTuple):
    """Groups, and for each row of the output its place in their concatenated results.

    ``places`` is None where long rows were cut into pieces: the plan that follows adds them up.
    """

    groups: tuple[GatherGroup, ...]
    places: NDArray[np.int32] | None


def plan(products: Products) -> tuple[GatherPlan, ...]:
    """The products laid out for `sparse_product_sum`."""
    order = np.argsort(products.out, kind="stable")
    out, first, second, value = (column[order] for column in products[:4])
    counts = np.bincount(out, minlength=products.n_out)
    position = np.arange(out.size) - np.repeat(np.cumsum(counts) - counts, counts)
    pieces = np.maximum(-(-counts // (_TERMS * _STEPS)), 1)
    piece = (np.cumsum(pieces) - pieces)[out] + position // (_TERMS * _STEPS)
    position %= _TERMS * _STEPS
    steps = _rounded(-(-np.bincount(piece, minlength=pieces.sum()) // _TERMS))
    groups, places, start = [], np.empty(steps.size, dtype=np.int64), 0
    for n in np.unique(steps):
        (members,) = np.nonzero(steps == n)
        places[members] = start + np.arange(members.size)
        inside = steps[piece] == n
        at = position[inside], places[piece[inside]] - start
        tables = []
        for column, dtype in ((first, np.int32), (second, np.int32), (value, np.float64)):
            table = np.zeros((n * _TERMS, members.size), dtype=dtype)
            table[at] = column[inside]
            tables.append(table.reshape(n, _TERMS, members.size))
        groups.append(GatherGroup(*tables))
        start += members.size
    if pieces.max() == 1:
        return (GatherPlan(tuple(groups), places.astype(np.int32)),)
    owner = np.repeat(np.arange(products.n_out), pieces)
    sums = Products(owner, places, np.zeros_like(owner), np.ones(owner.size), products.n_out)
    return (GatherPlan(tuple(groups), None), *plan(sums))


def _rounded(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of steps, rounded up to powers of 2: few groups to compile and little padding."""
    powers = 2 ** np.arange(20)
    return powers[np.searchsorted(powers, np.maximum(steps, 1))]


def sparse_product_sum(rounds: tuple[GatherPlan, ...], x: jax.Array, y: jax.Array) -> jax.Array:
    """The sums of products of the rows of ``x`` and ``y``, (rows, columns) each."""
    # Gathering is fast from rows in memory, so the compiler must not fuse other work into it.
    x, y = jax.lax.optimization_barrier((x, y))
    for groups, places in rounds:
        x = jnp.concatenate([_one_group(group, x, y) for group in groups])
        if places is None:
            y = jnp.ones((1, 1), x.dtype)
        else:
            x = x[places]
    return jax.lax.optimization_barrier(x)


def _one_group(group: GatherGroup, x: jax.Array, y: jax.Array) -> jax.Array:
    def step(total: jax.Array, terms: GatherGroup) -> tuple[jax.Array, None]:
        for first, second, value in zip(*terms, strict=True):
            total = total + value[:, None] * (_rows(x, first) * _rows(y, second))
        return total, None

    group = group._replace(value=group.value.astype(x.dtype))
    zero = jnp.zeros((group.first.shape[-1], x.shape[-1]), x.dtype)
    return jax.lax.scan(step, zero, group)[0]


def _rows(x: jax.Array, places: jax.Array) -> jax.Array:
    """``x[places]``, without the operations that look for places before the first or last one."""
    return x.at[places].get(mode="promise_in_bounds", wrap_negative_indices=False)
