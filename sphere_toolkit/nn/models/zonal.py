"""The classifier that never leaves the sphere: zonal filters and pointwise activations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jaxtyping import PRNGKeyArray
from numpy.typing import DTypeLike

from ..layers.convolution import ZonalConvolution
from ..layers.invariants import Invariants
from ..layers.pointwise import PointwiseActivation
from ..layers.standardisation import Standardisation
from ..registry import register
from .base import Network, dense_head, sizes, widths


@register
class ZonalCNN(Network):
    r"""A spherical CNN on the sphere: zonal convolutions, pointwise activations, invariants.

    `ZonalConvolution` layers, each with a `PointwiseActivation` behind it; `Invariants` of the
    last one's channels go to a small dense head. What each layer passes on is a few signals on
    the sphere, which can be looked at.

    Parameters
    ----------
    in_channels : int
    L : int
        Band-limit of the signals.
    n_outputs : int
        Logits, one per class, or the numbers that a `Regressor` gives.
    channels : sequence of int
        Channels behind each convolution.
    band_limits : sequence of int, optional
        Band-limit behind each convolution, never rising; by default L, L/2, L/4, ...
    activation : str or callable, default "relu"
    oversampling : float, default 2
        Of the activations' grids.
    hidden : int, default 32
        Width of the head.
    knots : int, default 6
        Degrees at which each filter is learned.
    standardisation : Standardisation, optional
        A first layer, measured on the training data; it is saved with the model.
    key : jax.random.key
    dtype : {"float32", "float64"}

    Raises
    ------
    TypeError, ValueError
        A number is out of range, or ``channels`` and ``band_limits`` differ in length or hold
        what does not fit (expected and got are named); in a call, the signal does not fit.

    Notes
    -----
    Invariant up to the error of its activations, which alias: see `PointwiseActivation`. Filters
    that look the same from all sides tell no directions apart: a `SphericalCNN` does. The model
    is ours, in the manner of Esteves et al. 2018 [esteves2018].

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> model = st.nn.ZonalCNN(1, 8, 10, channels=(4, 8), key=jax.random.key(0))
    >>> model(st.signals.earth_relief(8)[None] / 1000).shape, model.exact
    ((10,), False)
    """

    def __init__(
        self,
        in_channels: int,
        L: int,
        n_outputs: int,
        *,
        channels: Sequence[int] = (8, 16),
        band_limits: Sequence[int] | None = None,
        activation: str | Callable[[jax.Array], jax.Array] = "relu",
        oversampling: float = 2.0,
        hidden: int = 32,
        knots: int = 6,
        standardisation: Standardisation | None = None,
        key: PRNGKeyArray,
        dtype: DTypeLike = "float32",
    ) -> None:
        in_channels, L = sizes(in_channels, L)
        channels, limits = widths(channels, band_limits, L)
        *keys, last = jax.random.split(key, len(channels) + 1)
        layers: list[Any] = []
        before = (in_channels, L)
        for width, limit, subkey in zip(channels, limits, keys, strict=True):
            layers += [
                ZonalConvolution(
                    before[0], width, before[1], L_out=limit, knots=knots, key=subkey, dtype=dtype
                ),
                PointwiseActivation(limit, activation=activation, oversampling=oversampling),
            ]
            before = (width, limit)
        layers += [
            Invariants(),
            *dense_head(channels[-1] * limits[-1], hidden, n_outputs, last, dtype),
        ]
        super().__init__(layers, in_channels, L, standardisation)
