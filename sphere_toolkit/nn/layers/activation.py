"""Activation functions, chosen by name and applied to each number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..._util import checks
from ..math.irreps import IrrepArray
from ..registry import register

Function = Callable[[jax.Array], jax.Array]

# The functions of jax.nn that take a number to a number.
ACTIVATIONS: dict[str, Function] = {
    name: getattr(jax.nn, name)
    for name in (
        "celu", "elu", "gelu", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu",
        "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_sign",
        "softplus", "squareplus", "tanh",
    )
}  # fmt: skip


@register
class Activation(eqx.Module):
    """Applies a function of `jax.nn` to each number, for example to each invariant feature.

    The layer keeps the name of the function: a model can then be saved and pickled, which many
    functions cannot. For signals on the sphere or SO(3), see `PointwiseActivation`.

    Parameters
    ----------
    name : str
        "relu", "gelu", "silu", "softplus", "tanh", ... as `jax.nn` names them.

    Raises
    ------
    ValueError
        The name is unknown; the allowed ones are listed.
    TypeError
        In a call, the input holds coefficients of a signal.

    Examples
    --------
    >>> import jax.numpy as jnp, sphere_toolkit as st
    >>> st.nn.Activation("relu")(jnp.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    name: str = eqx.field(static=True)

    def __init__(self, name: str) -> None:
        self.name = checks.choice("activation", name, ACTIVATIONS)

    def __call__(
        self, x: Float[Array, ...], *, key: PRNGKeyArray | None = None
    ) -> Float[Array, ...]:
        """The function of an array of real numbers; ``key`` is not used."""
        _refuse_coefficients(x)
        return ACTIVATIONS[self.name](x)


def _refuse_coefficients(x: Any) -> None:
    """Raise for what is not equivariant: a function of each coefficient of a signal."""
    if isinstance(x, IrrepArray) or jnp.iscomplexobj(x):
        kind = "IrrepArray" if isinstance(x, IrrepArray) else f"dtype {x.dtype}"
        raise TypeError(
            f"x must hold real numbers, got {kind}: a function of coefficients does not turn "
            "with the signal; nn.PointwiseActivation applies it to samples"
        )


def as_activation(activation: Any) -> Function:
    """A name, or a function that has one, as an `Activation`; other functions as they are."""
    if isinstance(activation, str):
        return Activation(activation)
    if not callable(activation):
        raise TypeError(f"activation must be a name or a function of an array, got {activation!r}")
    names = [name for name, function in ACTIVATIONS.items() if function is activation]
    return Activation(names[0]) if names else activation
