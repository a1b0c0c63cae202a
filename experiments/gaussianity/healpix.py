"""HEALPix pixels as a graph: neighbours, Chebyshev convolutions, and the network made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import ducc0
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sphere_toolkit import Grid, inverse

# Channels of the convolutions, and the number of Chebyshev polynomials of each.
CHANNELS = (16, 32, 64, 64)
_TERMS = 5
# Maps in double precision at a time.
_AT_ONCE = 256


class Graph(NamedTuple):
    """The pixels of one resolution, in NESTED order.

    Attributes
    ----------
    neighbours : int32 array (n_pixels, 8)
        Numbers of the neighbours of each pixel; a pixel with seven of them has itself once.
    weights : float32 array (n_pixels, 8)
        Entries of the normalised adjacency matrix; 0 where there is no neighbour.
    """

    neighbours: Any
    weights: Any


def graph(nside: int) -> Graph:
    r"""The graph of DeepSphere on the pixels of one resolution.

    .. math:: w_{ij} = e^{-|x_i - x_j|^2 / \rho^2}, \qquad
              \hat w_{ij} = \frac{w_{ij}}{\sqrt{\sum_k w_{ik} \sum_k w_{jk}}}

    for neighbouring pixels at :math:`x_i` and :math:`x_j`, with :math:`\rho` their mean distance.
    """
    base = ducc0.healpix.Healpix_Base(nside, "NEST")
    pixels = np.arange(12 * nside**2)
    found = base.neighbors(pixels)
    missing = found < 0
    neighbours = np.where(missing, pixels[:, None], found)
    places = base.pix2vec(pixels)
    squares = np.sum((places[:, None] - places[neighbours]) ** 2, axis=-1)
    rho = np.sqrt(squares[~missing]).mean()
    weights = np.where(missing, 0, np.exp(-squares / rho**2))
    degree = weights.sum(axis=1)
    weights /= np.sqrt(degree[:, None] * degree[neighbours])
    return Graph(neighbours.astype(np.int32), weights.astype(np.float32))


def symmetries(nside: int) -> NDArray[np.int32]:
    """The eight rotations that map pixels to pixels: (8, n_pixels), the number of each image."""
    base = ducc0.healpix.Healpix_Base(nside, "NEST")
    places = base.pix2vec(np.arange(12 * nside**2))
    turns = [
        Rotation.from_euler("zx", [quarter * 90, half * 180], degrees=True)
        for half in (0, 1)
        for quarter in range(4)
    ]
    return np.array([base.vec2pix(turn.apply(places)) for turn in turns], np.int32)


def pixels(alm: NDArray, nside: int) -> NDArray[np.float32]:
    """Maps (n, n_pixels) in NESTED order of signals (n, L(L+1)/2)."""
    base = ducc0.healpix.Healpix_Base(nside, "RING")
    order = base.nest2ring(np.arange(12 * nside**2))
    grid = Grid.healpix(nside)
    maps = np.empty((len(alm), len(order)), np.float32)
    for start in range(0, len(alm), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        maps[some] = inverse(alm[some], grid)[:, order]
    return maps


# --- layers ---------------------------------------------------------------------------------


@jax.custom_vjp
def spread(on: Graph, x: jax.Array) -> jax.Array:
    """The normalised adjacency matrix times signals (n_pixels, channels)."""
    total = jnp.zeros_like(x)
    for neighbours, weights in zip(on.neighbours.T, on.weights.T, strict=True):
        total += weights[:, None] * x[neighbours]
    return total


def _spread(on: Graph, x: jax.Array) -> tuple[jax.Array, Graph]:
    return spread(on, x), on


def _spread_back(on: Graph, cotangent: jax.Array) -> tuple[None, jax.Array]:
    # The matrix is symmetric: no sums over scattered addresses are needed.
    return None, spread(on, cotangent)


spread.defvjp(_spread, _spread_back)


class ChebyshevConvolution(eqx.Module):
    r"""Polynomials of the graph's Laplacian as filters.

    .. math:: y = \sum_{k<5} T_k(\tilde L)\, x\, \Theta_k + b, \qquad \tilde L = -\hat W

    where the normalised Laplacian :math:`1 - \hat W` is shifted to eigenvalues in [-1, 1].
    """

    weights: jax.Array
    bias: jax.Array

    def __init__(self, in_channels: int, out_channels: int, key: jax.Array) -> None:
        scale = np.sqrt(2 / (in_channels * _TERMS))
        shape = (_TERMS, in_channels, out_channels)
        self.weights = scale * jax.random.normal(key, shape)
        self.bias = jnp.zeros(out_channels)

    def __call__(self, on: Graph, x: jax.Array) -> jax.Array:
        """Signals (n_pixels, out_channels) from signals (n_pixels, in_channels)."""

        def further(last: Any, factor: jax.Array) -> tuple[Any, jax.Array]:
            term = -factor * spread(on, last[1]) - last[0]
            return (last[1], term), term

        # A loop: without one, compilers compute a term anew for each neighbour that reads it.
        factors = jnp.array([1.0, 2.0, 2.0, 2.0])
        _, terms = jax.lax.scan(further, (jnp.zeros_like(x), x), factors)
        terms = jnp.concatenate([x[None], terms])
        return jnp.einsum("knc,kcd->nd", terms, self.weights) + self.bias


class GraphNetwork(eqx.Module):
    """A network like DeepSphere: logits of one map in NESTED order.

    Each block convolves on the graph, normalises, rectifies, and takes the largest of the four
    pixels that share one of the next resolution. A last convolution gives the logits of every
    pixel, and their mean is the result.
    """

    convolutions: list[ChebyshevConvolution]
    norms: list[eqx.nn.GroupNorm]

    def __init__(self, n_classes: int, key: jax.Array, channels: Sequence[int]) -> None:
        widths = (1, *channels, n_classes)
        keys = jax.random.split(key, len(widths) - 1)
        self.convolutions = [
            ChebyshevConvolution(c_in, c_out, one)
            for c_in, c_out, one in zip(widths[:-1], widths[1:], keys, strict=True)
        ]
        self.norms = [eqx.nn.GroupNorm(1, width) for width in channels]

    def __call__(self, graphs: Sequence[Graph], x: jax.Array) -> jax.Array:
        """Logits of a map (n_pixels,); ``graphs`` are those of its resolution and the coarser."""
        x = x[:, None]
        *blocks, last = zip(self.convolutions, graphs, strict=True)
        for (convolve, on), normalise in zip(blocks, self.norms, strict=True):
            x = jax.nn.relu(normalise(convolve(on, x).T).T)
            x = x.reshape(-1, 4, x.shape[-1]).max(axis=1)
        convolve, on = last
        return convolve(on, x).mean(axis=0)


def graphs_of(nside: int, network: Any) -> tuple[Graph, ...]:
    """The graphs that a network needs for maps of this resolution."""
    return tuple(graph(nside >> level) for level in range(len(network.convolutions)))
