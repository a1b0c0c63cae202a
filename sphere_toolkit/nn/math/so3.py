r"""Signals on SO(3) and on the sphere: from coefficients to samples on a grid, and back.

With Euler angles, :math:`R = R_z(\alpha) R_y(\beta) R_z(\gamma)`, a signal on SO(3) is

.. math:: f(R) = \sum_\ell \sqrt{\frac{2\ell+1}{8\pi^2}} \sum_{mn} f^\ell_{nm} D^\ell_{mn}(R),

where :math:`D^\ell` are the matrices by which the real harmonics of degree :math:`\ell` rotate.
With this factor coefficients and signal have the same norm. The first angle mixes the orders m and
-m by sines and cosines, and the last angle the orders n and -n. The matrix of the middle angle,
:math:`J^\ell(\beta)`, commutes with the reflection :math:`\phi \to -\phi`, so it does not mix
cosines (orders >= 0) with sines (orders < 0). Two terms (called ways below) therefore contribute to
:math:`\cos m\alpha \cos n\gamma`: the orders (m, n) by the block of J for cosines, and the orders
(-m, -n) by its block for sines. The same holds for the three other products of a sine or cosine of
:math:`m\alpha` with one of :math:`n\gamma`. A signal on the sphere has n = 0 only, :math:`f(\theta,
\phi) = f(R_z(\phi) R_y(\theta))`, with :math:`4\pi` instead of :math:`8\pi^2`.

A signal is given by rows (channels, numbers), as in `IrrepArray`. Between the steps channels are
the last axis, so that each step is one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import ceil
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ...sphere.layouts import alm_to_rows, rows_to_alm
from ...sphere.rotations import rotate
from .irreps import so3_multiplicities
from .padded import Linear, row_sizes, transposes


class Tables(NamedTuple):
    """Matrices from coefficients to samples. The two blocks of J are summed over as (way, l)."""

    L: int
    N: int
    volume: float  # of the group: the integral of 1
    beta: NDArray[np.float64]  # (rings,): colatitudes
    weights: NDArray[np.float64]  # (rings,): of the integral over all angles
    middle: NDArray[np.float64]  # (m >= 0, n, rings, way * l): J
    first: NDArray[np.float64]  # (cos or sin * m, alphas)
    last: NDArray[np.float64]  # (n, gammas): cos for n >= 0, sin(n gamma) for n < 0


Function = Callable[[jax.Array], jax.Array]


@lru_cache(maxsize=16)
def tables(L: int, N: int | None, oversampling: float) -> Tables:
    """The grid that carries degrees up to ``oversampling * (L - 1)``, and the matrices to it.

    Gauss-Legendre in beta, uniform in alpha and gamma. ``N=None`` means the sphere.
    """
    rings = ceil(oversampling * (L - 1)) + 1
    alpha = _circle(ceil(oversampling * 2 * (L - 1)) + 1)
    gamma = _circle(ceil(oversampling * 2 * ((N or 1) - 1)) + 1)
    x, weights = np.polynomial.legendre.leggauss(rings)
    beta = np.arccos(x[::-1])
    m, n = np.arange(L)[:, None], np.arange(1 - (N or 1), N or 1)[:, None]
    volume = 4 * np.pi if N is None else 8 * np.pi**2
    ways = _wigner(L, N or 1, beta)[: 2 if (N or 1) > 1 else 1]  # n = 0 has no sines
    return Tables(
        L,
        N or 1,
        volume,
        beta,
        weights[::-1] * volume / (2 * alpha.size * gamma.size),
        ways.transpose(2, 1, 3, 0, 4).reshape(L, n.size, rings, -1),
        np.concatenate([np.cos(m * alpha), np.sin(m * alpha)]),
        np.where(n >= 0, np.cos(n * gamma), np.sin(n * gamma)),
    )


def _circle(n: int) -> NDArray[np.float64]:
    return 2 * np.pi * np.arange(n) / n


def _wigner(L: int, N: int, beta: NDArray[np.float64]) -> NDArray[np.float64]:
    """J (cosines or sines, n, m >= 0, beta, degree), by rotating harmonics about the y axis."""
    ell = np.arange(L)
    turn = Rotation.from_euler("y", beta[:, None])
    table = np.zeros((2, 2 * N - 1, L, beta.size, L))
    for n in range(1 - N, N):
        unit = np.zeros(L * L)
        degrees = ell[abs(n) :]
        unit[degrees**2 + degrees + n] = 1
        rows = alm_to_rows(rotate(rows_to_alm(unit), turn))
        sign = 1 if n >= 0 else -1
        for m in range(n < 0, L):
            column = rows[:, ell[m:] ** 2 + ell[m:] + sign * m]
            for place in {n, -n} if n else {0}:
                table[int(n < 0), place + N - 1, m, :, m:] = column
    return table


# --- coefficients, where each angle finds them ----------------------------------------------


@lru_cache(maxsize=16)
def _layout(L: int, N: int, volume: float) -> tuple[Linear, Linear]:
    """Rows to what the ways start from (cos or sin, m, n, way * l, channels), and its transpose."""
    places, factors, back = _places(L, N, volume)

    def pack(rows: jax.Array) -> jax.Array:
        filled = jnp.pad(rows.T, ((0, 1), (0, 0)))
        return filled[places] * factors.astype(rows.dtype)[..., None]

    def unpack(starts: jax.Array) -> jax.Array:
        weighed = starts * factors.astype(starts.dtype)[..., None]
        filled = jnp.pad(weighed.reshape(-1, starts.shape[-1]), ((0, 1), (0, 0)))
        return sum(filled[index] for index in back).T  # type: ignore[union-attr]

    return transposes(pack, unpack)


def _places(
    L: int, N: int, volume: float
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32]]:
    """The row behind each start of a way, its factor, and the starts (2, rows) of each row.

    What has no row points behind the last one, and so does a row with one start only.
    """
    sine, m, n, way, ell = np.ogrid[:2, :L, 1 - N : N, : 2 if N > 1 else 1, :L]
    counts = np.array(row_sizes(so3_multiplicities(L, N)))
    begins, size = np.cumsum(counts) - counts, counts.sum()
    order_m, order_n = np.where((sine + way) % 2, -m, m), np.where(way, -n, n)
    # There is no sine of order 0.
    there = (m <= ell) & (abs(n) <= ell) & ((m > 0) | ((sine + way) % 2 == 0))
    rows = begins[ell] + (order_n + np.minimum(N - 1, ell)) * (2 * ell + 1) + order_m + ell
    places = np.where(there & ((way == 0) | (n != 0)), rows, size)
    sign = np.where(way, np.where(sine, -1, 1) * np.where(n < 0, -1, 1), 1)
    factors = sign * np.sqrt((2 * ell + 1) / volume)
    factors = np.where(places < size, factors, 0.0).reshape(2, L, 2 * N - 1, -1)
    back = np.full((2, size), places.size, np.int32)
    flat = places.ravel()
    starts = np.flatnonzero(flat < size)
    starts = starts[np.argsort(flat[starts], kind="stable")]
    again = np.diff(flat[starts], prepend=-1) == 0
    back[again.astype(int), flat[starts]] = starts
    return places.astype(np.int32).reshape(factors.shape), factors, back


# --- samples --------------------------------------------------------------------------------


# In the contractions: m, n: orders; l: ways through J times degrees; t: rings; c: channels;
# a, g: the angles alpha and gamma.


def to_circles(
    rows: Float[Array, "channels rows"], of: Tables
) -> Float[Array, "alphas orders rings channels"]:
    """Coefficients in n alone, (alphas, n, rings, channels): what is left is the angle gamma."""
    pack, _ = _layout(of.L, of.N, of.volume)
    middle, first = of.middle.astype(rows.dtype), of.first.astype(rows.dtype)
    # Degrees to rings by J (m, n, t, l), then order m to angle alpha (a).
    rings = jnp.concatenate([jnp.einsum("mntl,mnlc->mntc", middle, part) for part in pack(rows)])
    return jnp.einsum("ma,mntc->antc", first, rings)


def from_circles(
    circles: Float[Array, "alphas orders rings channels"], of: Tables
) -> Float[Array, "channels rows"]:
    """The transpose of `to_circles`: rows. The weights of the quadrature are the caller's."""
    _, unpack = _layout(of.L, of.N, of.volume)
    middle, first = of.middle.astype(circles.dtype), of.first.astype(circles.dtype)
    # Angle alpha to order m, then rings to degrees.
    halves = jnp.split(jnp.einsum("ma,antc->mntc", first, circles), 2)
    return unpack(jnp.stack([jnp.einsum("mntl,mntc->mnlc", middle, half) for half in halves]))


def to_samples(
    rows: Float[Array, "channels rows"], of: Tables
) -> Float[Array, "alphas gammas rings channels"]:
    """Samples (alphas, gammas, rings, channels)."""
    # Order n to angle gamma.
    return jnp.einsum("ng,antc->agtc", of.last.astype(rows.dtype), to_circles(rows, of))


def from_samples(
    samples: Float[Array, "alphas gammas rings channels"], of: Tables
) -> Float[Array, "channels rows"]:
    """Rows of samples: their coefficients by quadrature."""
    weighed = samples * of.weights.astype(samples.dtype)[:, None]
    # Angle gamma to order n.
    circles = jnp.einsum("ng,agtc->antc", of.last.astype(samples.dtype), weighed)
    return from_circles(circles, of)


def pointwise(
    function: Function, rows: Float[Array, "channels rows"], of: Tables
) -> Float[Array, "channels rows"]:
    """``from_samples(function(to_samples(rows)))``, with no more samples in memory than needed.

    On SO(3) samples are many times as many as coefficients. They live for one alpha at a time,
    and are computed again for the derivative.
    """
    last, weights = of.last.astype(rows.dtype), of.weights.astype(rows.dtype)[:, None]

    @jax.checkpoint
    def one_alpha(circle: jax.Array) -> jax.Array:
        # Order n to angle gamma, and back.
        samples = function(jnp.einsum("ng,ntc->gtc", last, circle))
        return jnp.einsum("ng,gtc->ntc", last, samples * weights)

    circles = to_circles(rows, of)
    if of.N == 1:  # one sample for one number
        return from_circles(function(circles) * weights, of)
    return from_circles(jax.lax.map(one_alpha, circles), of)
