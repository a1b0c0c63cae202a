"""Normalisation that commutes with rotations."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray
from numpy.typing import DTypeLike

from ..._util import checks
from ..math.irreps import IrrepArray, check_irreps
from ..math.padded import row_sizes
from ..math.precision import real_dtype
from ..registry import register

PER = ("signal", "degree")


@register
class Normalisation(eqx.Module):
    r"""Scales a signal to a mean square of 1, and then each channel and degree by a weight.

    .. math:: y^\ell_c = w_{c\ell} \, \frac{x^\ell_c}{\sqrt{\epsilon + p}}, \qquad
        p = \operatorname{mean}_{\ell} p_\ell, \quad
        p_\ell = \operatorname{mean}_{c,t,m} \big( x^\ell_{ctm} \big)^2

    Rotations do not change the mean square of a degree, so they do not change the factor either.
    Products of coefficients grow or shrink quickly from layer to layer; normalisation keeps them,
    and the gradients, at a constant size.

    Parameters
    ----------
    channels : int
    L : int
        Band-limit of input and output.
    per : {"signal", "degree"}
        ``"signal"``: one factor for all degrees, which keeps the ratios between them;
        ``"degree"``: each degree is divided by its own :math:`\sqrt{\epsilon + p_\ell}`, which
        removes its strength.
    epsilon : float, default 1e-6
        Signals with a mean square far below this stay small.
    dtype : {"float32", "float64"}

    Raises
    ------
    TypeError, ValueError
        A number is out of range or ``per`` unknown; in a call, the input has other channels or
        degrees.

    Notes
    -----
    Exact: largest error over 20 rotations of white noise at L = 16, 4e-7 in single and 2e-15 in
    double precision. Each signal is normalised by its own mean square; no running averages are
    kept. Degrees without vectors are left out of the mean. The cost is proportional to the size of
    the signal.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> x = st.nn.to_irreps(st.signals.earth_relief(8)[None])
    >>> y = st.nn.Normalisation(1, 8, per="degree")(x)
    >>> [round(float((values**2).mean()), 3) for values in y.degrees[:3]]
    [1.0, 1.0, 1.0]
    """

    weight: Float[Array, "channels L"]
    per: str = eqx.field(static=True)
    epsilon: float = eqx.field(static=True)
    exact = True

    def __init__(
        self,
        channels: int,
        L: int,
        *,
        per: str = "signal",
        epsilon: float = 1e-6,
        dtype: DTypeLike = "float32",
    ) -> None:
        shape = checks.integer("channels", channels, 1), checks.integer("L", L, 1)
        self.per = checks.choice("per", per, PER)
        self.epsilon = checks.real("epsilon", epsilon, above=0)
        self.weight = jax.device_put(np.ones(shape, real_dtype(dtype)))

    def __call__(self, signal: IrrepArray, *, key: PRNGKeyArray | None = None) -> IrrepArray:
        """The normalised signal; `jax.vmap` takes a batch."""
        channels, L = self.weight.shape
        check_irreps(signal, channels)
        if signal.L != L:
            raise ValueError(f"expected {L} degrees, got {signal.L}")
        of_degree = np.repeat(np.arange(L), row_sizes(signal.multiplicities))
        held = np.array(row_sizes(signal.multiplicities)) > 0
        # Weights that make a sum over rows and channels the mean of each degree.
        share = np.eye(L)[of_degree] / np.bincount(of_degree, minlength=L)[of_degree, None]
        if self.per == "signal":
            share = share.sum(axis=1, keepdims=True) / held.sum()
        squares = jnp.mean(signal.rows**2, axis=0)
        factor = self.weight / jnp.sqrt(self.epsilon + squares @ share.astype(squares.dtype))
        rows = signal.rows * factor[:, of_degree]
        return IrrepArray.from_rows(rows, signal.multiplicities)
