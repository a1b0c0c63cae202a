"""What the models share: layers one after another, a dense head, and checks of their sizes."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import equinox as eqx
import jax
from numpy.typing import DTypeLike

from .. import _checks
from .activation import Activation
from .fragments import check_alm, real_dtype
from .standardisation import Standardisation

Layers = tuple[Callable, ...]
Names = tuple[str, ...]
Model = TypeVar("Model", bound="Classifier")


class Classifier(eqx.Module):
    """Layers one after another, from alm to logits. ``classes`` are the names of the classes."""

    layers: eqx.AbstractVar[Layers]
    in_channels: eqx.AbstractVar[int]
    L: eqx.AbstractVar[int]
    classes: eqx.AbstractVar[Names | None]

    @property
    def exact(self) -> bool:
        """Whether rotating the signal changes the logits by nothing but rounding."""
        return all(getattr(layer, "exact", True) for layer in self.layers)

    def __call__(self, alm: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Logits (n_classes,) of one signal (in_channels, L(L+1)/2); `jax.vmap` takes a batch."""
        check_alm(alm, self.in_channels, self.L)
        keys = [None] * len(self.layers) if key is None else jax.random.split(key, len(self.layers))
        signal: Any = alm
        for layer, subkey in zip(self.layers, keys, strict=True):
            signal = layer(signal, key=subkey)
        return signal


def with_classes(model: Model, classes: Sequence[str]) -> Model:
    """A copy of a model with other names of classes."""
    made = object.__new__(type(model))
    for field in dataclasses.fields(model):
        value = tuple(classes) if field.name == "classes" else getattr(model, field.name)
        object.__setattr__(made, field.name, value)
    return made


def first_layers(standardisation: Standardisation | None, in_channels: int, L: int) -> list[Any]:
    """The standardisation that a model begins with, or nothing."""
    if standardisation is None:
        return []
    if not isinstance(standardisation, Standardisation):
        raise TypeError(f"standardisation must be a Standardisation, got {standardisation!r}")
    found = standardisation.in_channels, standardisation.L
    if found != (in_channels, L):
        raise ValueError(
            f"standardisation must be for {in_channels} channels of band-limit {L} like the model, "
            f"got one for {found[0]} channels of band-limit {found[1]}"
        )
    return [standardisation]


def azimuthal_limit(N: int | None, limit: int) -> int:
    """The azimuthal band-limit of the first layer: 3 by default, or fewer where it must be."""
    if N is None:
        return min(3, limit)
    return _checks.integer("N", N, 1, limit, given=f"the first band-limit {limit}")


def dense_head(
    features: int, hidden: int, n_classes: int, key: jax.Array, dtype: DTypeLike
) -> list[eqx.Module]:
    """Two dense layers."""
    hidden = _checks.integer("hidden", hidden, 1)
    n_classes = _checks.integer("n_classes", n_classes, 2)
    first, second = jax.random.split(key)
    return [
        eqx.nn.Linear(features, hidden, key=first, dtype=real_dtype(dtype)),
        Activation("relu"),
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
