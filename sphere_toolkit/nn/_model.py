"""What the models share: layers one after another, a dense head, and checks of their sizes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
from numpy.typing import DTypeLike

from .. import _checks
from .fragments import check_alm, real_dtype

Layers = tuple[Callable, ...]


class Classifier(eqx.Module):
    """Layers one after another, from alm to logits."""

    layers: eqx.AbstractVar[Layers]
    in_channels: eqx.AbstractVar[int]
    L: eqx.AbstractVar[int]

    @property
    def exact(self) -> bool:
        """Whether rotating the signal changes the logits by nothing but rounding."""
        return all(getattr(layer, "exact", True) for layer in self.layers)

    def __call__(self, alm: jax.Array) -> jax.Array:
        """Logits (n_classes,) of one signal (in_channels, L(L+1)/2); `jax.vmap` takes a batch."""
        check_alm(alm, self.in_channels, self.L)
        signal: Any = alm
        for layer in self.layers:
            signal = layer(signal)
        return signal


def dense_head(
    features: int, hidden: int, n_classes: int, key: jax.Array, dtype: DTypeLike
) -> list[eqx.Module]:
    """Two dense layers."""
    hidden = _checks.integer("hidden", hidden, 1)
    n_classes = _checks.integer("n_classes", n_classes, 2)
    first, second = jax.random.split(key)
    return [
        eqx.nn.Linear(features, hidden, key=first, dtype=real_dtype(dtype)),
        eqx.nn.Lambda(jax.nn.relu),
        eqx.nn.Linear(hidden, n_classes, key=second, dtype=real_dtype(dtype)),
    ]


def sizes(in_channels: int, L: int) -> tuple[int, int]:
    return _checks.integer("in_channels", in_channels, 1), _checks.integer("L", L, 1)


def widths(
    channels: Sequence[int], band_limits: Sequence[int] | None, L: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Channels and band-limits of each stage, checked."""
    channels = tuple(_checks.integer("channels", count, 1) for count in channels)
    if not channels:
        raise ValueError("channels must have at least one entry, got none")
    if band_limits is None:
        return channels, tuple(max(1, -(-L // 2**i)) for i in range(len(channels)))
    limits = tuple(_checks.integer("band_limits", limit, 1, L) for limit in band_limits)
    if len(limits) != len(channels):
        raise ValueError(
            f"band_limits must have one entry for each of {len(channels)} channels, "
            f"got {len(limits)}"
        )
    if any(later > earlier for earlier, later in itertools.pairwise(limits)):
        raise ValueError(f"band_limits must never rise, got {limits}")
    return channels, limits
