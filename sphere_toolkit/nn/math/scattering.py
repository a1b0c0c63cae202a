"""The scattering tree in JAX alone: the same paths, grids and filters, other transforms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float
from numpy.typing import NDArray

from ...scattering import ScatteringTransform
from ...scattering.nonlinearities import (
    Directional,
    Envelope,
    LocalRMS,
    Modulus,
    Part,
    ReLU,
    Square,
)
from ...scattering.nonlinearities.directional import matrices
from ...scattering.nonlinearities.fused import OnSamples
from ...scattering.nonlinearities.rms import kernel
from ...scattering.paths import Path, scale_of
from ...scattering.tree import Node, components_of
from .legendre import analysis, from_square, synthesis, to_square

MAX_BAND_LIMIT = 256
"""Twice the band-limit takes eight times the memory for tables."""


@partial(jax.jit, static_argnums=1)
def scatter(
    alm: Complex[Array, " n"], transform: ScatteringTransform
) -> Complex[Array, "paths n_out"]:
    """The scattering coefficients of one signal, in its own precision."""
    tree, bank = transform.tree, transform.bank
    found: dict[Path, Array] = {(): to_square(alm[None], tree.L)}
    for paths in _alike(tree.nodes):
        wavelets = [
            _filtered(found[path[:-1]][components_of(path)], bank.window(scale_of(path[-1])), L)
            for path, L in ((path, tree.nodes[path].L) for path in paths)
        ]
        results = jax.vmap(partial(_through, tree.nodes[paths[0]]))(jnp.stack(wavelets))
        found |= zip(paths, results, strict=True)
    L = tree.L_out
    images = jnp.stack([found[path][0, :L, :L] for path in tree.rows])
    return from_square(_filtered(images, bank.scaling, L))


def _alike(nodes: Mapping[Path, Node]) -> list[list[Path]]:
    """Paths of one length whose last steps need the same transforms, shorter ones first.

    Together they compile, and read the tables, once.
    """
    groups: dict[tuple[int, Node], list[Path]] = defaultdict(list)
    for path, node in nodes.items():
        groups[len(path), node].append(path)
    return [groups[key] for key in sorted(groups, key=lambda key: key[0])]


def _filtered(square: Array, window: NDArray, L: int) -> Float[Array, "n L L 2"]:
    """Degrees below ``L``, each multiplied by its value of a window."""
    return square[:, :L, :L] * window[:L].astype(square.dtype)[:, None]


def _through(node: Node, wavelet: Array) -> Array:
    """What the nonlinearity of a node makes of its wavelet coefficients, analysed."""
    rho = node.nonlinearity
    if isinstance(rho, LocalRMS):
        squares = rho.transforms(node.L, node.grid, node.L_analysed, node.spin, node.spins)[0]
        samples = synthesis(wavelet, squares.grid.L, node.spin)
        Q = squares.L_analysed
        mean = analysis((samples**2).sum(axis=0, keepdims=True), Q, 0)
        out = _root(synthesis(_filtered(mean, kernel(Q), Q), node.grid.L, 0))
    else:
        assert isinstance(rho, OnSamples)
        parts = [_part(wavelet, part, node.grid.L) for part in rho.parts(node.L, node.spin)]
        out = _combined(rho, jnp.concatenate(parts), node.width)
    found, first = [], 0
    for spin in node.spins:
        last = first + (2 if spin else 1)
        found.append(analysis(out[first:last], node.L_analysed, spin))
        first = last
    return jnp.concatenate(found)


def _part(wavelet: Array, part: Part, rings: int) -> Array:
    """Samples of one of the signals that a nonlinearity looks at."""
    source = wavelet[part.source]
    if part.weight is not None:
        source = _filtered(source, part.weight, source.shape[1])
    if part.flipped:
        source = source * np.array([1, -1], source.dtype)[:, None, None, None]
    return synthesis(source, rings, part.spin)


def _combined(rho: OnSamples, v: Array, n_out: int) -> Array:
    """What a nonlinearity makes of the samples of all its parts."""
    if isinstance(rho, Directional):
        real, imaginary, mean, back = matrices(rho.N, rho.smooth, v.dtype)
        square = _times(real[:, : len(v)], v) ** 2 + _times(imaginary[:, : len(v)], v) ** 2
        return _times(back[:n_out], _root(_times(mean, square) if rho.smooth else square))
    if isinstance(rho, Modulus) and len(v) == 1:
        return jnp.abs(v)
    if isinstance(rho, Modulus | Envelope):
        return _root((v**2).sum(axis=0, keepdims=True))
    if isinstance(rho, Square):
        return v**2
    if isinstance(rho, ReLU):
        return jnp.where(v > 0, v, 0)
    raise NotImplementedError(f"the nonlinearity {rho.name!r} has no rule in JAX yet")


def _times(matrix: NDArray, v: Array) -> Array:
    """A matrix that acts on the signals at each point."""
    return jnp.einsum("ij,jtp->itp", matrix, v, precision=jax.lax.Precision.HIGHEST)


def _root(v: Array) -> Array:
    """The root of what is positive, else 0; so is its derivative."""
    positive = v > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, v, 1)), 0)
