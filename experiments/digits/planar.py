"""The baseline: a planar convolutional network on the equirectangular image."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from sphere_toolkit import Grid, inverse, n_coefficients, nn, orders

SMALLEST_L = 8
_KERNEL = 3
_WIDTHS = range(2, 97)

Channels = tuple[int, int, int]


@nn.register
class PlanarCNN(eqx.Module):
    """A network that treats colatitude and longitude as the rows and columns of an image.

    The signal is sampled on the Gauss-Legendre grid, L x 2L. Three planar 3 x 3 convolutions
    follow, each with ReLU and 2 x 2 max pooling, and a dense layer. The network is not equivariant
    under rotations, and pads the left and right edges with zeros although they meet.

    Parameters
    ----------
    L : int
        Band-limit, at least 8.
    n_classes : int
    channels : (int, int, int)
        Channels after each convolution.
    key : jax.random.key
    """

    convolutions: tuple[eqx.nn.Conv2d, ...]
    head: eqx.nn.Linear
    L: int = eqx.field(static=True)

    def __init__(self, L: int, n_classes: int, *, channels: Channels, key: jax.Array) -> None:
        if L < SMALLEST_L:
            raise ValueError(f"L must be at least {SMALLEST_L} for three poolings by two, got {L}")
        *keys, last = jax.random.split(key, 4)
        self.L = L
        self.convolutions = tuple(
            eqx.nn.Conv2d(before, after, _KERNEL, padding="SAME", key=subkey)
            for (before, after), subkey in zip(pairwise((1, *channels)), keys, strict=True)
        )
        self.head = eqx.nn.Linear(_features(channels, L), n_classes, key=last)

    def __call__(self, alm: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Logits (n_classes,) of one signal (1, L(L+1)/2)."""
        parts = jnp.concatenate([alm.real, alm.imag], axis=-1)
        x = (parts @ _samples(self.L).astype(parts.dtype)).reshape(1, self.L, 2 * self.L)
        pool = eqx.nn.MaxPool2d(2, 2)
        for convolve in self.convolutions:
            x = pool(jax.nn.relu(convolve(x)))
        return self.head(x.ravel())


@cache
def _samples(L: int) -> NDArray[np.float64]:
    """Samples of the signal of each real and each imaginary part, shape (L(L+1), L 2L)."""
    n = n_coefficients(L)
    real, imaginary = np.eye(n, dtype=np.complex128), 1j * np.eye(n)
    imaginary[orders(L) == 0] = 0
    grid = Grid.gauss_legendre(L)
    return np.concatenate([inverse(real, grid), inverse(imaginary, grid)]).reshape(2 * n, -1)


def planar_like(model: Any, L: int, n_classes: int, *, key: jax.Array) -> PlanarCNN:
    """A `PlanarCNN` with about as many parameters as ``model``."""
    channels = channels_for(nn.count_parameters(model), L, n_classes)
    return PlanarCNN(L, n_classes, channels=channels, key=key)


def channels_for(parameters: int, L: int, n_classes: int) -> Channels:
    """Widths (w, 2w, w to 3w) whose number of parameters is closest to ``parameters``."""
    choices = [(w, 2 * w, last) for w in _WIDTHS for last in range(w, 3 * w + 1)]
    return min(choices, key=lambda channels: abs(count(channels, L, n_classes) - parameters))


def count(channels: Channels, L: int, n_classes: int) -> int:
    """Number of parameters of a `PlanarCNN`."""
    weights = sum(_KERNEL**2 * a * b for a, b in pairwise((1, *channels)))
    return weights + sum(channels) + (_features(channels, L) + 1) * n_classes


def _features(channels: Channels, L: int) -> int:
    """Number of values after three poolings by two of L x 2L samples."""
    return channels[-1] * (L // 8) * (2 * L // 8)
