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

A signal on SO(3) is given by rows (channels, numbers), as in `IrrepArray`, and one on the sphere by
alm. Between the steps channels are the last axis, so that each step is one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import ceil
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Inexact
from numpy.typing import DTypeLike, NDArray
from scipy.spatial.transform import Rotation

from ...sphere.layouts import alm_to_rows, rows_to_alm
from ...sphere.rotations import rotate
from .irreps import so3_multiplicities
from .padded import Linear, Moves, alm_to_parts, parts_to_alm, row_sizes, to_parts, to_rows


class Tables(NamedTuple):
    """Matrices from coefficients to samples. The two blocks of J are summed over as (way, l)."""

    L: int
    N: int | None  # None on the sphere
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
    ways = _wigner(L, N or 1, beta)[: 2 if (N or 1) > 1 else 1]  # n = 0 has no sines
    return Tables(
        L,
        N,
        beta,
        weights[::-1] * _volume(N) / (2 * alpha.size * gamma.size),
        ways.transpose(2, 1, 3, 0, 4).reshape(L, n.size, rings, -1),
        np.concatenate([np.cos(m * alpha), np.sin(m * alpha)]),
        np.where(n >= 0, np.cos(n * gamma), np.sin(n * gamma)),
    )


def _volume(N: int | None) -> float:
    """The integral of 1 over the sphere or SO(3)."""
    return 4 * np.pi if N is None else 8 * np.pi**2


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
def _layout(L: int, N: int | None) -> tuple[Linear, Linear]:
    """To what the ways start from, (cos or sin * m, n, way * l), and from where they end.

    From and to rows on SO(3), the parts of alm on the sphere.
    """
    starts = _starts(L, N)
    if N is not None:
        return starts.functions()
    there, back = to_rows(L).then(starts), starts.transposed().then(to_parts(L))
    return there.functions()[0], back.functions()[0]


def _starts(L: int, N: int | None) -> Moves:
    """From rows to what the ways start from."""
    volume, N = _volume(N), N or 1
    sine, m, n, way, ell = np.ogrid[:2, :L, 1 - N : N, : 2 if N > 1 else 1, :L]
    counts = np.array(row_sizes(so3_multiplicities(L, N)))
    begins = np.cumsum(counts) - counts
    order_m, order_n = np.where((sine + way) % 2, -m, m), np.where(way, -n, n)
    # There is no sine of order 0.
    there = (m <= ell) & (abs(n) <= ell) & ((m > 0) | ((sine + way) % 2 == 0))
    there = there & ((way == 0) | (n != 0))
    rows = begins[ell] + (order_n + np.minimum(N - 1, ell)) * (2 * ell + 1) + order_m + ell
    sign = np.where(way, np.where(sine, -1, 1) * np.where(n < 0, -1, 1), 1)
    factors = there * sign * np.sqrt((2 * ell + 1) / volume)
    shape = (1, 2 * L, 2 * N - 1, -1)
    return Moves(np.where(there, rows, 0).reshape(shape), factors.reshape(shape), (counts.sum(),))


# --- samples --------------------------------------------------------------------------------


# In the contractions: m: cosines and sines of orders >= 0; n: orders; l: ways through J times
# degrees; t: rings; c: channels; a, g: the angles alpha and gamma.


def to_circles(
    signal: Inexact[Array, "channels numbers"], of: Tables
) -> Float[Array, "alphas orders rings channels"]:
    """Coefficients in n alone, (alphas, n, rings, channels): what is left is the angle gamma."""
    pack, _ = _layout(of.L, of.N)
    starts = jnp.moveaxis(pack(alm_to_parts(signal) if of.N is None else signal), 0, -1)
    # Degrees to rings by J (m, n, t, l), then order m to angle alpha (a).
    rings = jnp.einsum("mntl,mnlc->mntc", _middle(of, starts.dtype), starts)
    return jnp.einsum("ma,mntc->antc", of.first.astype(starts.dtype), rings)


def from_circles(
    circles: Float[Array, "alphas orders rings channels"], of: Tables
) -> Inexact[Array, "channels numbers"]:
    """Back to rows or alm. The weights of the quadrature are the caller's."""
    _, unpack = _layout(of.L, of.N)
    # Angle alpha to order m, then rings to degrees.
    rings = jnp.einsum("ma,antc->mntc", of.first.astype(circles.dtype), circles)
    ends = jnp.einsum("mntl,mntc->mnlc", _middle(of, circles.dtype), rings)
    numbers = unpack(jnp.moveaxis(ends, -1, 0))
    return parts_to_alm(numbers) if of.N is None else numbers


def _middle(of: Tables, dtype: DTypeLike) -> NDArray[np.floating]:
    """J for cosines and again for sines: one product of matrices is faster than two."""
    return np.concatenate([of.middle.astype(dtype)] * 2)


def to_samples(
    signal: Inexact[Array, "channels numbers"], of: Tables
) -> Float[Array, "alphas gammas rings channels"]:
    """Samples (alphas, gammas, rings, channels)."""
    # Order n to angle gamma.
    circles = to_circles(signal, of)
    return jnp.einsum("ng,antc->agtc", of.last.astype(circles.dtype), circles)


def from_samples(
    samples: Float[Array, "alphas gammas rings channels"], of: Tables
) -> Inexact[Array, "channels numbers"]:
    """Rows or alm of samples: their coefficients by quadrature."""
    weighed = samples * of.weights.astype(samples.dtype)[:, None]
    # Angle gamma to order n.
    circles = jnp.einsum("ng,agtc->antc", of.last.astype(samples.dtype), weighed)
    return from_circles(circles, of)


def pointwise(
    function: Function, signal: Inexact[Array, "channels numbers"], of: Tables
) -> Inexact[Array, "channels numbers"]:
    """``from_samples(function(to_samples(signal)))``, with no more samples in memory than needed.

    On SO(3) samples are many times as many as coefficients. They live for one alpha at a time,
    and are computed again for the derivative.
    """
    circles = to_circles(signal, of)
    last, weights = of.last.astype(circles.dtype), of.weights.astype(circles.dtype)[:, None]

    @jax.checkpoint
    def one_alpha(circle: jax.Array) -> jax.Array:
        # Order n to angle gamma, and back.
        samples = function(jnp.einsum("ng,ntc->gtc", last, circle))
        return jnp.einsum("ng,gtc->ntc", last, samples * weights)

    if len(last) == 1:  # one sample for one number
        return from_circles(function(circles) * weights, of)
    return from_circles(jax.lax.map(one_alpha, circles), of)
