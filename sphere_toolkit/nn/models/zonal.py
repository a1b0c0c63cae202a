"""A network with zonal filters and pointwise activations, whose signals stay on the sphere."""

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
from ..math.initial import split
from ..registry import register
from .base import Network, dense_head, sizes, widths


@register
class ZonalCNN(Network):
    r"""A spherical CNN on the sphere: zonal convolutions, pointwise activations, invariants.

    `ZonalConvolution` layers, each with a `PointwiseActivation` behind it. The `Invariants` of the
    last layer go to a small dense head. The output of each layer is a few signals on the sphere,
    which can be shown as maps.

    Parameters
    ----------
    in_channels, L, n_outputs, channels, band_limits, hidden, standardisation, key, dtype
        As of `SphericalCNN`.
    activation, oversampling
        As of `PointwiseActivation`.
    knots : int, default 6
        Degrees at which each filter is learned.

    Raises
    ------
    TypeError, ValueError
        As `SphericalCNN`.

    Notes
    -----
    The outputs are invariant up to the aliasing of the activations, see `PointwiseActivation`.
    Zonal filters do not distinguish directions; those of a `SphericalCNN` do. The model is ours,
    after Esteves et al. 2018 [esteves2018].

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
        *keys, last = split(key, len(channels) + 1)
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
