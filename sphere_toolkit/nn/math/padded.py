"""Vectors of all degrees in one array, padded with zeros, and the maps that move numbers there.

One matrix product for all degrees compiles much faster than one for each degree.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from math import isqrt, prod
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float
from numpy.typing import NDArray

from ...sphere import layouts
from ...sphere.coefficients import band_limit

Linear = Callable[[jax.Array], jax.Array]
Multiplicities = tuple[int, ...]


class Moves(NamedTuple):
    """The linear map ``y[..., j] = sum(factors[k, j] * x[..., sources[k, j]])`` over k.

    ``j`` may be several axes. So may the last axes of ``x``, of this ``shape``; ``sources`` are
    places in them as one axis.
    """

    sources: NDArray[np.integer]
    factors: NDArray[np.floating]
    shape: tuple[int, ...]

    @classmethod
    def where(cls, mask: NDArray[np.bool_]) -> Moves:
        """The numbers where a mask is true, one behind the other."""
        (sources,) = np.nonzero(mask.ravel())
        return cls(sources[None], np.ones((1, sources.size)), mask.shape)

    def then(self, other: Moves) -> Moves:
        """The composition: first this map, then the other."""
        shape = (-1, *other.sources.shape[1:])
        sources, factors = (of.reshape(len(of), -1)[:, other.sources] for of in self[:2])
        factors = factors * other.factors
        return Moves(sources.reshape(shape), factors.reshape(shape), self.shape)

    def transposed(self) -> Moves:
        """The transpose, with as many terms as the number that is used most often."""
        (terms,) = np.nonzero(self.factors.ravel())
        terms = terms[np.argsort(self.sources.ravel()[terms], kind="stable")]
        owners = self.sources.ravel()[terms]
        use = np.arange(owners.size) - np.searchsorted(owners, owners)  # its first, second, ...
        sources = np.zeros((use.max(initial=0) + 1, prod(self.shape)), int)
        factors = np.zeros(sources.shape)
        sources[use, owners] = terms % self.sources[0].size
        factors[use, owners] = self.factors.ravel()[terms]
        shape = (len(sources), *self.shape)
        return Moves(sources.reshape(shape), factors.reshape(shape), self.sources.shape[1:])

    def functions(self) -> tuple[Linear, Linear]:
        """The map and its transpose as functions of arrays; each is the derivative of the other.

        JAX would differentiate a gather by a scatter, which adds element by element and is slow.
        """
        there, back = jax.custom_vjp(self._of), jax.custom_vjp(self.transposed()._of)
        there.defvjp(lambda x: (there(x), None), lambda _, cotangent: (back(cotangent),))
        back.defvjp(lambda y: (back(y), None), lambda _, cotangent: (there(cotangent),))
        return there, back

    def _of(self, x: jax.Array) -> jax.Array:
        batch = x.shape[: x.ndim - len(self.shape)]
        x = x.reshape(*batch, prod(self.shape))
        if x.size == 0:
            return jnp.zeros((*batch, *self.sources.shape[1:]), x.dtype)
        terms = []
        for sources, factors in zip(*self[:2], strict=True):
            term = x[..., sources.astype(np.int32)]
            terms.append(term if (factors == 1).all() else term * factors.astype(x.dtype))
        return sum(terms[1:], terms[0])


# --- all degrees in one array ---------------------------------------------------------------


def row_sizes(multiplicities: Multiplicities) -> list[int]:
    """The number of rows of each degree."""
    return [count * (2 * degree + 1) for degree, count in enumerate(multiplicities)]


def first_vectors(multiplicities: Multiplicities) -> NDArray[np.integer]:
    """The place of the first vector of each degree in the padded array."""
    counts = np.array(multiplicities)
    return counts.max() // 2 - counts // 2


@partial(jax.jit, static_argnums=1)
def pack(
    rows: Float[Array, "... channels rows"], multiplicities: Multiplicities
) -> Float[Array, "... L channels vectors orders"]:
    """All degrees as one array, with 2L-1 orders of which order 0 is in the middle.

    The middle vectors of all degrees have one place, too, so that an order of a filter has one.
    """
    return jnp.moveaxis(_of_rows(multiplicities)[0](rows), -4, -3)


@partial(jax.jit, static_argnums=1)
def unpack(
    padded: Float[Array, "... L channels vectors orders"], multiplicities: Multiplicities
) -> Float[Array, "... channels rows"]:
    """The inverse of `pack`; numbers in the padding are dropped."""
    return _of_rows(multiplicities)[1](jnp.moveaxis(padded, -4, -3))


# --- signals on the sphere ------------------------------------------------------------------


@jax.custom_vjp
def alm_to_parts(alm: Complex[Array, "... coefficients"]) -> Float[Array, "... parts"]:
    """Real parts, and behind them imaginary parts."""
    return jnp.concatenate([alm.real, alm.imag], axis=-1)


@jax.custom_vjp
def parts_to_alm(parts: Float[Array, "... parts"]) -> Complex[Array, "... coefficients"]:
    """The inverse of `alm_to_parts`."""
    return jax.lax.complex(*jnp.split(parts, 2, axis=-1))


# The derivatives that JAX takes, in a form in which the compiler cancels one by the other.
alm_to_parts.defvjp(lambda x: (alm_to_parts(x), None), lambda _, ct: (parts_to_alm(ct).conj(),))
parts_to_alm.defvjp(lambda x: (parts_to_alm(x), None), lambda _, ct: (alm_to_parts(ct.conj()),))


@jax.jit
def alm_to_rows(alm: Complex[Array, "... coefficients"]) -> Float[Array, "... rows"]:
    """As `sphere_toolkit.sphere.layouts.alm_to_rows`, and its derivative is a gather, too."""
    return _of_parts(band_limit(alm)).to_rows(alm_to_parts(alm))


@jax.jit
def rows_to_alm(rows: Float[Array, "... rows"]) -> Complex[Array, "... coefficients"]:
    """The inverse of `alm_to_rows`."""
    return parts_to_alm(_of_parts(isqrt(rows.shape[-1])).of_rows(rows))


@jax.jit
def alm_to_padded(
    alm: Complex[Array, "... channels coefficients"],
) -> Float[Array, "... L channels 1 orders"]:
    """As `pack` of its rows."""
    return jnp.moveaxis(_of_parts(band_limit(alm)).to_padded(alm_to_parts(alm)), -4, -3)


@jax.jit
def padded_to_alm(
    padded: Float[Array, "... L channels 1 orders"],
) -> Complex[Array, "... channels coefficients"]:
    """The inverse of `alm_to_padded`."""
    return parts_to_alm(_of_parts(padded.shape[-4]).of_padded(jnp.moveaxis(padded, -4, -3)))


class _Maps(NamedTuple):
    """Between the parts of alm and other layouts."""

    to_rows: Linear
    of_rows: Linear
    to_padded: Linear
    of_padded: Linear


@lru_cache(maxsize=64)
def _of_parts(L: int) -> _Maps:
    rows, parts, padded = to_rows(L), to_parts(L), _places((1,) * L)
    every = (rows, parts, rows.then(padded), padded.transposed().then(parts))
    return _Maps(*(moves.functions()[0] for moves in every))


def to_rows(L: int) -> Moves:
    """From the parts of alm to rows."""
    source, factor = layouts.parts_to_rows(L)
    return Moves(source[None], factor[None], (L * (L + 1),))


def to_parts(L: int) -> Moves:
    """From rows to the parts of alm."""
    source, factor = layouts.rows_to_parts(L)
    return Moves(source[None], factor[None], (L * L,))


# --- the maps -------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _of_rows(multiplicities: Multiplicities) -> tuple[Linear, Linear]:
    return _places(multiplicities).functions()


def _places(multiplicities: Multiplicities) -> Moves:
    """From rows to the padded array (degrees, vectors, orders)."""
    counts, sizes = np.array(multiplicities), np.array(row_sizes(multiplicities))
    L = counts.size
    ell, place, m = np.ogrid[:L, : max(1, counts.max()), 1 - L : L]
    vector = place - first_vectors(multiplicities)[ell]
    there = (vector >= 0) & (vector < counts[ell]) & (np.abs(m) <= ell)
    rows = (np.cumsum(sizes) - sizes)[ell] + vector * (2 * ell + 1) + ell + m
    return Moves(np.where(there, rows, 0)[None], there[None].astype(float), (sizes.sum(),))
