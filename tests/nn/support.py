"""What tests of layers share: random signals and rotations, and the error of equivariance.

Tests in double precision run inside ``with jax.enable_x64():`` (or under the fixture of a module
that does so) and ask for ``dtype="float64"``.
"""

from __future__ import annotations

import equinox as eqx
import jax
import numpy as np
from scipy.spatial.transform import Rotation
from strategies import noise

from sphere_toolkit import nn
from sphere_toolkit.sphere.layouts import alm_to_rows

# What exact layers promise, relative to the norm of their output.
TOLERANCE = {"float32": 1e-5, "float64": 1e-11}


@eqx.filter_jit
def apply(layer, signal):
    """The output of a layer, compiled as one program: JAX would compile each operation alone."""
    return layer(signal)


def random_alm(channels: int, L: int, seed: int = 0, dtype: str = "float32") -> jax.Array:
    """White noise on the sphere: alm (channels, L(L+1)/2)."""
    return jax.device_put(noise(L, seed, channels).astype(np.result_type(dtype, np.complex64)))


def random_irreps(
    channels: int, multiplicities: tuple[int, ...], seed: int = 0, dtype: str = "float32"
) -> nn.IrrepArray:
    """White noise in every vector of every degree."""
    rng = np.random.default_rng(seed)
    sizes = [count * (2 * degree + 1) for degree, count in enumerate(multiplicities)]
    rows = np.hstack([rng.standard_normal((channels, size)) for size in sizes])
    return nn.IrrepArray.from_rows(jax.device_put(rows.astype(dtype)), multiplicities)


def random_rotations(n: int, seed: int = 0) -> Rotation:
    return Rotation.random(n, rng=np.random.default_rng(seed))


def flat(signal) -> np.ndarray:
    """All numbers of a signal (alm, IrrepArray, any tree of arrays) in one float64 vector.

    Coefficients of orders m > 0 count twice, so that the norm is that of the signal.
    """
    leaves = []
    for leaf in jax.tree.leaves(signal):
        values = np.asarray(leaf)
        if np.iscomplexobj(values):
            values = np.asarray(alm_to_rows(values))
        leaves.append(values.ravel().astype(np.float64))
    return np.concatenate(leaves)


def identical(first, second):
    """The same trees, and the same bits: `eqx.tree_equal` compiles a program for each shape."""
    (a, tree), (b, other) = jax.tree.flatten(first), jax.tree.flatten(second)
    return tree == other and all(
        x is y or (type(x) is type(y) and np.asarray(x).dtype == np.asarray(y).dtype
                   and np.array_equal(x, y))
        for x, y in zip(a, b, strict=True)
    )  # fmt: skip


def relative_error(found, expected) -> float:
    """Relative L2 difference of two signals of one kind, in float64."""
    difference = np.linalg.norm(flat(found) - flat(expected))
    return float(difference / np.linalg.norm(flat(expected)))


def equivariance(layer, x, rotations: Rotation, *, invariant: bool = False) -> float:
    """The largest of |layer(R x) - R layer(x)| / |layer(x)| over a stack of rotations.

    For an ``invariant`` layer R on the left is left out.
    """
    y = apply(layer, x)
    return max(
        relative_error(apply(layer, nn.rotate(x, r)), y if invariant else nn.rotate(y, r))
        for r in rotations
    )
