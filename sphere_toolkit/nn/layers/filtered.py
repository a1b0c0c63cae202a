"""The base class of convolutions: learned filters and a bias."""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray
from numpy.typing import DTypeLike

from ..._util import checks
from ..math import filters


class Convolution(eqx.Module):
    """Base class of convolutions, with filters that are learned at a few degrees and a bias.

    Filters have the axes (out_channels, orders out, in_channels, orders in, degrees). A subclass
    without orders in or out lists the axes that it lacks in ``_without``.
    """

    weights: Float[Array, "out_channels ... knots"]
    bias: Float[Array, " out_channels"] | None
    in_channels: int = eqx.field(static=True)
    out_channels: int = eqx.field(static=True)
    L: int = eqx.field(static=True)
    L_out: int = eqx.field(static=True)
    exact = True
    _without: ClassVar[tuple[int, ...]] = ()

    def __init__(
        self,
        channels: tuple[int, int],
        band_limits: tuple[int, int],
        azimuthal_limits: tuple[int, int],
        knots: int,
        bias: bool,
        key: PRNGKeyArray,
        dtype: DTypeLike,
    ) -> None:
        self.in_channels = checks.integer("in_channels", channels[0], 1)
        self.out_channels = checks.integer("out_channels", channels[1], 1)
        self.L, self.L_out = band_limits
        N_in, N_out = azimuthal_limits
        sizes = (self.out_channels, 2 * N_out - 1, self.in_channels, 2 * N_in - 1)
        weights, self.bias = filters.parameters(key, sizes, self.L_out, knots, bias, dtype)
        self.weights = jax.device_put(weights.squeeze(self._without))

    @property
    def spectrum(self) -> Float[Array, "out_channels ... L_out"]:
        """The filters by degree."""
        return jnp.squeeze(self._filters, self._without)

    @property
    def _filters(self) -> Float[Array, "out_channels orders_out in_channels orders_in L_out"]:
        return filters.spectrum(jnp.expand_dims(self.weights, self._without), self.L_out)


def band_limits(L: int, L_out: int | None) -> tuple[int, int]:
    """Check the band-limits of input and output and return both."""
    L = checks.integer("L", L, 1)
    return L, L if L_out is None else checks.integer("L_out", L_out, 1, L)
