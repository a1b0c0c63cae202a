"""The residual connection: the input of a layer is added to its output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import PRNGKeyArray

from ..registry import register


@register
class Residual(eqx.Module):
    r"""Adds the input of a layer, or of a sequence of layers, to its output.

    .. math:: y = x + A(x)

    A sum of two signals that rotate in the same way rotates in this way, too. So the layer is
    exactly equivariant if :math:`A` is, and otherwise has the absolute error of :math:`A`.

    Parameters
    ----------
    layer : callable
        :math:`A`, with an output like its input: the same kind, channels, degrees and
        multiplicities.

    Raises
    ------
    TypeError
        ``layer`` is not callable.
    ValueError
        In a call, the output of the layer is not like its input.

    Notes
    -----
    The gradient of :math:`y` with respect to :math:`x` has the identity as a part, so that it
    reaches the first layers of a deep network. No parameters of its own; the cost is one addition.

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> convolve = st.nn.ZonalConvolution(1, 1, 8, key=jax.random.key(0))
    >>> alm = st.signals.earth_relief(8)[None]
    >>> y = st.nn.Residual(convolve)(alm)
    >>> bool(abs(y - alm - convolve(alm)).max() < 1e-3)
    True
    """

    layer: Callable

    def __init__(self, layer: Callable) -> None:
        if not callable(layer):
            raise TypeError(f"layer must be callable on one signal, got {layer!r}")
        self.layer = layer

    @property
    def exact(self) -> bool:
        """Whether the layer is exactly equivariant."""
        return getattr(self.layer, "exact", True)

    def __call__(self, signal: Any, *, key: PRNGKeyArray | None = None) -> Any:
        """The sum for one signal; `jax.vmap` takes a batch."""
        change = self.layer(signal, key=key)
        expected, got = map(_layout, (signal, change))
        if expected != got:
            raise ValueError(f"the layer must return a signal like {expected}, got {got}")
        return jax.tree.map(jnp.add, signal, change)


def _layout(signal: Any) -> str:
    """Kind, shape, type and multiplicities of a signal, in one line."""
    shapes = jax.eval_shape(lambda x: x, signal)
    return eqx.tree_pformat(shapes, width=1000, struct_as_array=True)
