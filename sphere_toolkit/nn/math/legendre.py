r"""Harmonic transforms on Gauss-Legendre grids as products with tables, in JAX alone.

Inside, coefficients of real signals are squares ``(n, L, L, 2)``: order, degree, real and imaginary
part, zero where the degree is below the order. The tables hold the Legendre functions on the rings
from the north pole to the equator; those of the other rings differ by the sign
:math:`(-1)^{\ell + m}`. They are cut into a few blocks of orders, so that few of the zeros are
stored.
"""

from __future__ import annotations

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float
from numpy.typing import NDArray

from ...sphere.coefficients import degrees, n_coefficients, orders, row_starts
from ...sphere.grids.rings import colatitudes
from ...sphere.legendre import legendre, ring_weights

# Orders in a block of a table; even.
_ORDERS = 64

Table = tuple[NDArray, ...]
"""Legendre functions, an array (orders, 2, degrees, rings) for each block of orders.

Axis 1 is the parity of the degree. The degrees begin at the first order of the block.
"""


@lru_cache(maxsize=64)
def tables(L: int, rings: int, spin: int, dtype: np.dtype) -> tuple[Table, ...]:
    """The functions of all degrees below ``L`` on the northern rings of a grid, by ducc0.

    With a spin there are two tables. E is multiplied by the first for the first component of the
    signal, and by i times the second for the other component.
    """
    theta = colatitudes("gauss-legendre", rings)[: -(-rings // 2)]
    n_tables = 2 if spin else 1
    made = tuple(
        tuple(
            np.zeros((min(L - first, _ORDERS), 2, -(-(L - first) // 2), theta.size), dtype)
            for first in range(0, L, _ORDERS)
        )
        for _ in range(n_tables)
    )
    for degree in range(spin, L):
        alm = (degrees(degree + 1) == degree).astype(np.complex128)
        found: NDArray = np.empty((degree + 1, n_tables, theta.size), np.complex128)
        legendre(alm[None], degree + 1, theta, found, 1, spin)
        for table, functions in zip(made, (found[:, 0].real, found[:, -1].imag), strict=False):
            for i, block in enumerate(table[: degree // _ORDERS + 1]):
                some = functions[i * _ORDERS : (i + 1) * _ORDERS]
                block[: len(some), degree % 2, (degree - i * _ORDERS) // 2] = some
    return made


def to_square(alm: Complex[Array, "n coefficients"], L: int) -> Float[Array, "n L L 2"]:
    """Coefficients as everywhere in the toolkit as a square; imaginary parts at order 0 go."""
    m, ell = np.ogrid[:L, :L]
    places = np.where(ell >= m, row_starts(L)[:, None] + ell - m, n_coefficients(L))
    parts = jnp.stack([alm.real, alm.imag.at[:, :L].set(0)], axis=-1)
    return parts.at[:, places.astype(np.int32)].get(mode="fill", fill_value=0)


def from_square(square: Float[Array, "n L L 2"]) -> Complex[Array, "n coefficients"]:
    """The inverse of `to_square`."""
    L = square.shape[1]
    return _complex(square[:, orders(L).astype(np.int32), degrees(L).astype(np.int32)])


def synthesis(
    square: Float[Array, "n L L 2"], rings: int, spin: int
) -> Float[Array, "components rings longitudes"]:
    """Samples on a Gauss-Legendre grid: of one scalar, or with a spin of E and B or of E alone."""
    of = tables(square.shape[1], rings, spin, square.dtype)
    series = _mixed([_to_rings(square, table, rings, (-1) ** i) for i, table in enumerate(of)])
    return jnp.fft.irfft(_complex(jnp.swapaxes(series, 1, 2)), 2 * rings, norm="forward")


def analysis(
    samples: Float[Array, "components rings longitudes"], L: int, spin: int
) -> Float[Array, "n L L 2"]:
    """Coefficients of degree below ``L``: of one scalar, or with a spin E and B."""
    rings = samples.shape[1]
    weights = ring_weights(rings, samples.dtype)
    series = jnp.swapaxes(jnp.fft.rfft(samples)[..., :L], 1, 2) * weights
    parts = jnp.stack([series.real, series.imag], axis=-1)
    of = tables(L, rings, spin, samples.dtype)
    return _mixed([_to_degrees(parts, table, (-1) ** i) for i, table in enumerate(of)])


def _mixed(found: list[Array]) -> Array:
    """What both tables make of both components, added up; the matrix is its own adjoint."""
    if len(found) == 1:
        return found[0]
    own, other = found
    turned = jnp.stack([-other[..., 1], other[..., 0]], axis=-1)  # times i
    if len(own) == 1:
        return jnp.concatenate([own, turned])
    return own + jnp.stack([-turned[1], turned[0]])


def _to_rings(square: Array, table: Table, rings: int, sign: int) -> Float[Array, "n L rings 2"]:
    """Fourier series along all rings; ``sign`` is that of the southern half of the table."""
    halves = []
    for i, block in enumerate(table):
        first, (n_orders, _, n_degrees, _) = i * _ORDERS, block.shape
        some = square[:, first : first + n_orders, first:]
        some = jnp.pad(some, ((0, 0), (0, 0), (0, 2 * n_degrees - some.shape[2]), (0, 0)))
        some = some.reshape(len(square), n_orders, n_degrees, 2, 2)
        halves.append(_product("mpkt,nmkpc->pnmtc", block, some))
    even, odd = jnp.concatenate(halves, axis=2)
    south = (even - odd) * _alternating(square.shape[1], sign, square.dtype)
    return jnp.concatenate([even + odd, south[:, :, : rings // 2][:, :, ::-1]], axis=2)


def _to_degrees(series: Array, table: Table, sign: int) -> Float[Array, "n L L 2"]:
    """The transpose of `_to_rings`."""
    L, rings = series.shape[1:3]
    n_north = -(-rings // 2)
    north, south = series[:, :, :n_north], series[:, :, n_north:][:, :, ::-1]
    south = south * _alternating(L, sign, series.dtype)
    south = jnp.pad(south, ((0, 0), (0, 0), (0, n_north - rings // 2), (0, 0)))
    both = jnp.stack([north + south, north - south])
    rows = []
    for i, block in enumerate(table):
        first, n_orders = i * _ORDERS, len(block)
        some = _product("mpkt,pnmtc->nmkpc", block, both[:, :, first : first + n_orders])
        some = some.reshape(len(series), n_orders, -1, 2)[:, :, : L - first]
        rows.append(jnp.pad(some, ((0, 0), (0, 0), (first, 0), (0, 0))))
    return jnp.concatenate(rows, axis=1)


def _product(axes: str, block: NDArray, x: Array) -> Array:
    # By default some graphics processors would multiply in half the precision.
    return jnp.einsum(axes, block, x, precision=jax.lax.Precision.HIGHEST)


def _alternating(L: int, sign: int, dtype: np.dtype) -> NDArray:
    return (sign * (-1.0) ** np.arange(L)).astype(dtype)[:, None, None]


def _complex(parts: Array) -> Array:
    return jax.lax.complex(parts[..., 0], parts[..., 1])
