"""Networks for signals on the sphere, made of the layers of three articles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
from jaxtyping import PRNGKeyArray
from numpy.typing import DTypeLike

from ..layers.convolution import GroupConvolution, LiftConvolution
from ..layers.generalized import GeneralizedConvolution
from ..layers.invariants import Invariants
from ..layers.normalisation import Normalisation
from ..layers.pointwise import PointwiseActivation
from ..layers.standardisation import Standardisation
from ..layers.tensor_product import TensorProductActivation
from ..math.initial import split
from ..math.irreps import so3_multiplicities, to_irreps
from ..registry import register
from .base import Network, azimuthal_limit, dense_head, sizes, widths


@register
class SphericalCNN(Network):
    r"""A spherical CNN on SO(3): convolutions, pointwise activations, the mean over SO(3).

    A `LiftConvolution` maps the signal to SO(3). `GroupConvolution` layers follow. Behind each of
    these convolutions is a `PointwiseActivation`. The means of the channels go to a small dense
    head.

    Parameters
    ----------
    in_channels : int
    L : int
        Band-limit of the signals.
    n_outputs : int
        Logits, one per class, or the numbers that a `Regressor` gives.
    channels : sequence of int
        Channels behind each convolution, beginning with the lift.
    band_limits : sequence of int, optional
        Band-limit behind each convolution, never rising; by default L, L/2, L/4, ...
    N : int, optional
        Azimuthal band-limit: filters have the orders -(N-1), ..., N-1, or fewer where the
        band-limit is less than N. By default 3, or the first band-limit if that is smaller.
    activation : str or callable, default "relu"
    oversampling : float, default 2
        As of `PointwiseActivation`.
    hidden : int, default 32
        Width of the head.
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
    The outputs are invariant up to the aliasing of the activations, see `PointwiseActivation`; a
    test measures the error of the logits. The model is ours, after Cohen et al. 2018 [cohen2018]
    with the localised filters of Esteves et al. 2018 [esteves2018].

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> model = st.nn.SphericalCNN(1, 8, 10, channels=(4, 8), key=jax.random.key(0))
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
        N: int | None = None,
        activation: str | Callable[[jax.Array], jax.Array] = "relu",
        oversampling: float = 2.0,
        hidden: int = 32,
        standardisation: Standardisation | None = None,
        key: PRNGKeyArray,
        dtype: DTypeLike = "float32",
    ) -> None:
        in_channels, L = sizes(in_channels, L)
        channels, limits = widths(channels, band_limits, L)
        *keys, head = split(key, len(channels) + 1)
        N = azimuthal_limit(N, limits[0])
        orders = [min(N, limit) for limit in limits]
        layers: list[Any] = [
            LiftConvolution(
                in_channels, channels[0], L, N, L_out=limits[0], key=keys[0], dtype=dtype
            ),
        ]
        for i, subkey in enumerate(keys):
            if i:
                layers.append(
                    GroupConvolution(
                        channels[i - 1], channels[i], limits[i - 1], orders[i - 1],
                        N_out=orders[i], L_out=limits[i],
                        key=subkey, dtype=dtype,
                    )
                )  # fmt: skip
            layers.append(
                PointwiseActivation(
                    limits[i], orders[i], activation=activation, oversampling=oversampling
                )
            )
        layers.append(Invariants(powers=False))
        layers += dense_head(channels[-1], hidden, n_outputs, head, dtype)
        super().__init__(layers, in_channels, L, standardisation)


@register
class GeneralizedCNN(Network):
    r"""A spherical CNN without samples, exactly invariant: its activations are products of degrees.

    A `GeneralizedConvolution`, then blocks of `Normalisation`, `TensorProductActivation` and
    `GeneralizedConvolution` with falling band-limit, `Invariants`, and a small dense head.

    Parameters
    ----------
    in_channels, L, n_outputs, band_limits, hidden, standardisation, key, dtype
        As of `SphericalCNN`.
    channels : sequence of int
        Channels behind each convolution; the first is followed by no product.
    mixing : {"mst", "full", "rmst"}
        See `TensorProductActivation`.

    Raises
    ------
    TypeError, ValueError
        As `SphericalCNN`.

    Notes
    -----
    Exactly invariant: the relative error of the logits under rotations is below 1e-5 in single and
    1e-11 in double precision (tested). The model is ours, after Cobb et al. 2021 [cobb2021].

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> model = st.nn.GeneralizedCNN(1, 8, 10, channels=(4, 4), key=jax.random.key(0))
    >>> model(st.signals.earth_relief(8)[None] / 1000).shape, model.exact
    ((10,), True)
    """

    def __init__(
        self,
        in_channels: int,
        L: int,
        n_outputs: int,
        *,
        channels: Sequence[int] = (16, 16, 16),
        band_limits: Sequence[int] | None = None,
        mixing: str = "mst",
        hidden: int = 32,
        standardisation: Standardisation | None = None,
        key: PRNGKeyArray,
        dtype: DTypeLike = "float32",
    ) -> None:
        in_channels, L = sizes(in_channels, L)
        channels, limits = widths(channels, band_limits, L)
        first, blocks, head = split(key, 3)
        layers: list[Any] = [
            eqx.nn.Lambda(to_irreps),
            GeneralizedConvolution(
                in_channels, channels[0], (1,) * L, L_out=limits[0], key=first, dtype=dtype
            ),
            *_product_blocks(channels, limits, mixing, blocks, dtype),
            Invariants(),
            *dense_head(channels[-1] * limits[-1], hidden, n_outputs, head, dtype),
        ]
        super().__init__(layers, in_channels, L, standardisation)


@register
class HybridClassifier(Network):
    r"""Localised convolutions and then exact generalized layers, for signals with many channels.

    A `LiftConvolution` with localised filters reads the channels, for example one per path of a
    scattering network. A `GeneralizedConvolution` mixes its output. Then come the blocks of a
    `GeneralizedCNN` with falling band-limit, `Invariants`, and a small dense head.

    Parameters
    ----------
    in_channels : int
        One per path of scattering coefficients, for example, or 1 for a map.
    L, n_outputs, hidden, standardisation, key, dtype
        As of `SphericalCNN`.
    channels, band_limits : sequence of int
        Channels and band-limits behind the lift, and behind each block that follows. Band-limits
        never rise; by default they are L, L/2, L/4, ...
    N : int, optional
        Azimuthal band-limit of the lift: filters have orders -(N-1), ..., N-1. By default 3, or
        the first band-limit if that is smaller.
    mixing : {"mst", "full", "rmst"}
        See `TensorProductActivation`.

    Raises
    ------
    TypeError, ValueError
        As `SphericalCNN`.

    Notes
    -----
    Exactly invariant, as `GeneralizedCNN`. Channels and degrees should have the same scale, see
    `Standardisation`. The parts are those of the hybrid networks of Cobb et al. 2021 [cobb2021] and
    McEwen et al. 2022 [mcewen2022]. The arrangement is ours: it has no pointwise activation, so
    that it is exact.

    Examples
    --------
    >>> import jax, numpy as np, sphere_toolkit as st
    >>> S = st.ScatteringTransform(32, J_min=3, depth=1)(st.signals.earth_relief(32) / 1000)
    >>> model = st.nn.HybridClassifier(len(S.paths), S.L, 2, channels=(4, 4), key=jax.random.key(0))
    >>> model(S.alm.astype(np.complex64)).shape, model.exact
    ((2,), True)
    """

    def __init__(
        self,
        in_channels: int,
        L: int,
        n_outputs: int,
        *,
        channels: Sequence[int] = (16, 16, 16),
        band_limits: Sequence[int] | None = None,
        N: int | None = None,
        mixing: str = "mst",
        hidden: int = 32,
        standardisation: Standardisation | None = None,
        key: PRNGKeyArray,
        dtype: DTypeLike = "float32",
    ) -> None:
        in_channels, L = sizes(in_channels, L)
        channels, limits = widths(channels, band_limits, L)
        lift, first, blocks, head = split(key, 4)
        N = azimuthal_limit(N, limits[0])
        layers: list[Any] = [
            LiftConvolution(in_channels, channels[0], L, N, L_out=limits[0], key=lift, dtype=dtype),
            GeneralizedConvolution(
                channels[0], channels[0], so3_multiplicities(limits[0], N), key=first, dtype=dtype
            ),
            *_product_blocks(channels, limits, mixing, blocks, dtype),
            Invariants(),
            *dense_head(channels[-1] * limits[-1], hidden, n_outputs, head, dtype),
        ]
        super().__init__(layers, in_channels, L, standardisation)


# --- parts ----------------------------------------------------------------------------------


def _product_blocks(
    channels: tuple[int, ...],
    limits: tuple[int, ...],
    mixing: str,
    key: PRNGKeyArray,
    dtype: DTypeLike,
) -> list[eqx.Module]:
    """Blocks of `Normalisation`, products and convolution from each stage to the next."""
    layers: list[eqx.Module] = []
    for i, subkey in enumerate(split(key, len(channels) - 1)):
        products = TensorProductActivation(limits[i], L_out=limits[i + 1], mixing=mixing)
        mix = GeneralizedConvolution(
            channels[i], channels[i + 1], products.multiplicities, key=subkey, dtype=dtype
        )
        layers += [Normalisation(channels[i], limits[i], dtype=dtype), products, mix]
    return layers
