"""A network for regression, which returns numbers in the unit of the targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Inexact, PRNGKeyArray
from numpy.typing import ArrayLike, NDArray

from ..._util import checks
from ..math.constant import Constant
from ..registry import register


@register
class Regressor(eqx.Module):
    r"""Turns the outputs of a network into numbers with a mean and a scale.

    .. math:: y = \mu + \sigma \, \mathrm{network}(x)

    The outputs of an untrained network are of size 1. The mean :math:`\mu` and the standard
    deviation :math:`\sigma` of the targets convert them to the unit of the targets. `fit` measures
    both on the training targets, if they are not given, and minimises the mean of :math:`((y -
    \text{target}) / \sigma)^2`, which is 1 for the constant prediction :math:`\mu`.

    Parameters
    ----------
    network : eqx.Module
        From a signal to an array, such as ``ZonalCNN(in_channels, L, n_outputs, key=key)`` with
        one output per number.
    mean, scale : array, optional
        Of the shape of the output; ``scale`` positive.

    Raises
    ------
    TypeError, ValueError
        ``network`` is not callable; only one of ``mean`` and ``scale`` is given, or their shapes
        differ, or a scale is not positive.

    Examples
    --------
    >>> import jax, numpy as np, sphere_toolkit as st
    >>> maps = st.signals.band_limited_noise(4, 0, n=32) * np.linspace(1, 2, 32)[:, None]
    >>> spread = st.power_spectrum(maps)[:, 1:].mean(axis=1)
    >>> network = st.nn.ZonalCNN(1, 4, 1, channels=(2,), hidden=4, key=jax.random.key(0))
    >>> model, history = st.nn.fit(
    ...     st.nn.Regressor(network), (maps[:, None], spread), epochs=30, learning_rate=1e-2
    ... )
    >>> history.loss[-1] < 1
    True
    >>> st.nn.predict(model, maps[:2, None]).shape
    (2, 1)
    """

    network: Callable
    _mean: Constant | None = eqx.field(static=True)
    _scale: Constant | None = eqx.field(static=True)

    def __init__(
        self, network: Callable, mean: ArrayLike | None = None, scale: ArrayLike | None = None
    ) -> None:
        if not callable(network):
            raise TypeError(f"network must be callable on one signal, got {network!r}")
        self.network, self._mean, self._scale = network, None, None
        if (mean is None) != (scale is None):
            raise ValueError("mean and scale must be given together, got only one of them")
        if mean is None or scale is None:
            return
        self._mean = Constant(checks.numeric("mean", mean))
        self._scale = Constant(np.asarray(checks.numeric("scale", scale), np.float64))
        if self._mean.array.shape != self._scale.array.shape:
            raise ValueError(
                f"mean and scale must have one shape, got {self._mean.array.shape} and "
                f"{self._scale.array.shape}"
            )
        if not (self._scale.array > 0).all():
            raise ValueError(f"scale must be positive, got {self._scale.array.min():.3g}")

    @property
    def mean(self) -> NDArray | None:
        """Mean of the targets; None before it is measured."""
        return None if self._mean is None else self._mean.array

    @property
    def scale(self) -> NDArray | None:
        """Standard deviation of the targets; None before it is measured."""
        return None if self._scale is None else self._scale.array

    @property
    def exact(self) -> bool:
        """Whether the network is exactly equivariant or invariant."""
        return getattr(self.network, "exact", False)

    @property
    def layers(self) -> tuple[Callable, ...]:
        """The layers of the network."""
        return getattr(self.network, "layers", (self.network,))

    def measured(self, y: NDArray) -> Regressor:
        """A copy with mean and scale of targets (n, ...); the scale of constant ones is 1."""
        y = y.astype(np.result_type(y, np.float64))
        scale = y.std(axis=0)
        return Regressor(self.network, y.mean(axis=0), np.where(scale > 0, scale, 1))

    def __call__(self, signal: Any, *, key: PRNGKeyArray | None = None) -> Inexact[Array, ...]:
        """The numbers of one signal; `jax.vmap` takes a batch."""
        outputs = self.network(signal, key=key)
        if self.mean is None or self.scale is None:
            return outputs
        scale = jnp.asarray(self.scale, outputs.real.dtype)
        return jnp.asarray(self.mean, outputs.dtype) + scale * outputs


def squared_error(
    outputs: Inexact[Array, "n ..."], targets: Inexact[Array, "n ..."]
) -> Float[Array, "n ..."]:
    """Square of the absolute value of the difference, element by element."""
    return jnp.abs(outputs - targets) ** 2
