"""The base of the models: a sequence of layers, a dense head, and checks of sizes."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import equinox as eqx
import jax
from jaxtyping import Array, Complex, Float, PRNGKeyArray
from numpy.typing import DTypeLike

from ..._util import checks
from ..layers.activation import Activation
from ..layers.standardisation import Standardisation
from ..math.initial import linear, split
from ..math.irreps import check_alm
from ..math.precision import real_dtype
from ..registry import register

Model = TypeVar("Model", bound="Network")


@register
class Network(eqx.Module):
    """A sequence of layers from alm to logits or numbers; the base class of all models.

    Parameters
    ----------
    layers : sequence of callables
        Each is called with the output of the one before, ``layer(signal, key=key)``, all in one
        program that JAX compiles.
    in_channels : int
    L : int
        Band-limit of the signals.
    standardisation : Standardisation, optional
        A layer to put before the others.

    Attributes
    ----------
    classes : tuple of str, or None
        Names of the classes. `fit` sets them if the labels are names.

    Raises
    ------
    TypeError, ValueError
        ``standardisation`` is not a `Standardisation` or is one for other signals; in a call, the
        signal does not fit.

    Examples
    --------
    >>> import equinox as eqx, jax, sphere_toolkit as st
    >>> keys = jax.random.split(jax.random.key(0))
    >>> layers = [
    ...     st.nn.ZonalConvolution(1, 4, 8, key=keys[0]),
    ...     st.nn.PointwiseActivation(8),
    ...     st.nn.Invariants(),
    ...     eqx.nn.Linear(4 * 8, 3, key=keys[1]),
    ... ]
    >>> model = st.nn.Network(layers, in_channels=1, L=8)
    >>> model(st.signals.earth_relief(8)[None] / 1000).shape
    (3,)
    """

    layers: tuple[Callable, ...]
    in_channels: int = eqx.field(static=True)
    L: int = eqx.field(static=True)
    classes: tuple[str, ...] | None = eqx.field(static=True)

    def __init__(
        self,
        layers: Sequence[Callable],
        in_channels: int,
        L: int,
        standardisation: Standardisation | None = None,
    ) -> None:
        self.in_channels, self.L, self.classes = in_channels, L, None
        self.layers = (*_first_layers(standardisation, in_channels, L), *layers)

    @property
    def exact(self) -> bool:
        """Whether a rotation of the signal changes the outputs by rounding errors only."""
        return all(getattr(layer, "exact", True) for layer in self.layers)

    def __call__(
        self,
        alm: Complex[Array, "in_channels coefficients"],
        *,
        key: PRNGKeyArray | None = None,
    ) -> Float[Array, " n_outputs"]:
        """Outputs (n_outputs,) of one signal (in_channels, L(L+1)/2); `jax.vmap` takes a batch."""
        check_alm(alm, self.in_channels, self.L)
        return _in_turn(self.layers, alm, key)


@eqx.filter_jit  # one program, also for who calls a model as it is
def _in_turn(layers: tuple[Callable, ...], signal: Any, key: PRNGKeyArray | None) -> Any:
    keys = [None] * len(layers) if key is None else jax.random.split(key, len(layers))
    for layer, subkey in zip(layers, keys, strict=True):
        signal = layer(signal, key=subkey)
    return signal


def with_classes(model: Model, classes: Sequence[str]) -> Model:
    """A copy of a model with these names of classes."""
    made = object.__new__(type(model))
    for field in dataclasses.fields(model):
        value = tuple(classes) if field.name == "classes" else getattr(model, field.name)
        object.__setattr__(made, field.name, value)
    return made


def _first_layers(standardisation: Standardisation | None, in_channels: int, L: int) -> list[Any]:
    """The standardisation that a model begins with, or nothing."""
    if standardisation is None:
        return []
    checks.instance("standardisation", standardisation, Standardisation)
    found = standardisation.in_channels, standardisation.L
    if found != (in_channels, L):
        raise ValueError(
            f"standardisation must be for {in_channels} channels of band-limit {L} like the model, "
            f"got one for {found[0]} channels of band-limit {found[1]}"
        )
    return [standardisation]


def azimuthal_limit(N: int | None, limit: int) -> int:
    """The azimuthal band-limit of the first layer: by default 3, or ``limit`` if that is less."""
    if N is None:
        return min(3, limit)
    return checks.integer("N", N, 1, limit, given=f"the first band-limit {limit}")


def dense_head(
    features: int, hidden: int, n_outputs: int, key: PRNGKeyArray, dtype: DTypeLike
) -> list[eqx.Module]:
    """Two dense layers with a ReLU between them."""
    hidden = checks.integer("hidden", hidden, 1)
    n_outputs = checks.integer("n_outputs", n_outputs, 1)
    first, second = split(key, 2)
    return [
        linear(features, hidden, first, real_dtype(dtype)),
        Activation("relu"),
        linear(hidden, n_outputs, second, real_dtype(dtype)),
    ]


def sizes(in_channels: int, L: int) -> tuple[int, int]:
    """Check the number of channels and the band-limit and return both."""
    return checks.integer("in_channels", in_channels, 1), checks.integer("L", L, 1)


def widths(
    channels: Sequence[int], band_limits: Sequence[int] | None, L: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Check the channels and band-limits of all stages and return both, with their defaults."""
    if not isinstance(channels, Iterable):
        raise TypeError(f"channels must be integers, such as (8, 16), got {channels!r}")
    channels = tuple(checks.integer("channels", count, 1) for count in channels)
    if not channels:
        raise ValueError("channels must have at least one entry, got none")
    if band_limits is None:
        return channels, tuple(max(1, -(-L // 2**i)) for i in range(len(channels)))
    limits = tuple(checks.integer("band_limits", limit, 1, L) for limit in band_limits)
    if len(limits) != len(channels):
        raise ValueError(
            f"band_limits must have one entry for each of {len(channels)} channels, "
            f"got {len(limits)}"
        )
    if any(later > earlier for earlier, later in itertools.pairwise(limits)):
        raise ValueError(f"band_limits must never rise, got {limits}")
    return channels, limits
