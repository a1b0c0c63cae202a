"""Rotation-invariant features."""

from __future__ import annotations

from functools import lru_cache

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float, PRNGKeyArray

from ..math.irreps import IrrepArray, to_irreps
from ..math.padded import Linear, Moves, Multiplicities, first_vectors
from ..registry import register


@register
class Invariants(eqx.Module):
    r"""Features that rotations do not change: the means, and the power of each degree.

    .. math:: x^0_{ct} \quad\text{and}\quad
        \log\Big( 1 + \frac{1}{2\ell+1} \sum_m (x^\ell_{ctm})^2 \Big), \quad \ell \ge 1,

    as one vector, ordered by degree, then channel, then vector. The logarithm makes large and small
    powers comparable, and its derivative is finite where the power is 0.

    Parameters
    ----------
    powers : bool, default True
        False gives the means only, which are the integrals over the sphere or SO(3); the networks
        of Cohen et al. 2018 end in this way. All other information in the signal is then lost.

    Raises
    ------
    TypeError
        In a call, the signal is neither `IrrepArray` nor alm.

    Notes
    -----
    Exact: largest error over 20 rotations of white noise at L = 16, 2e-7 in single and 7e-16 in
    double precision. No parameters; cost in proportion to the size of the signal.

    There are other invariants. The relative orientation of two degrees, for example, is lost,
    except for what a `TensorProductActivation` before this layer has moved to degree 0 and to the
    powers.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.signals.earth_relief(8)[None]
    >>> st.nn.Invariants()(alm).shape, st.nn.Invariants(powers=False)(alm).shape
    ((8,), (1,))
    """

    powers: bool = eqx.field(static=True)
    exact = True

    def __init__(self, powers: bool = True) -> None:
        if not isinstance(powers, bool):
            raise TypeError(f"powers must be True or False, got {powers!r}")
        self.powers = powers

    def __call__(
        self,
        signal: IrrepArray | Complex[Array, "channels coefficients"],
        *,
        key: PRNGKeyArray | None = None,
    ) -> Float[Array, " features"]:
        """The invariants of one signal; `jax.vmap` takes a batch."""
        if not isinstance(signal, IrrepArray):
            signal = to_irreps(signal)
        means = signal.rows[:, : signal.multiplicities[0]].ravel()
        if not self.powers:
            return means
        squares = jnp.sum(signal.padded(signal.L) ** 2, axis=-1)
        powers = squares / (2 * np.arange(signal.L) + 1.0).astype(squares.dtype)[:, None, None]
        held = _held(signal.multiplicities, signal.channels)
        return jnp.concatenate([means, jnp.log1p(held(powers))])


@lru_cache(maxsize=64)
def _held(multiplicities: Multiplicities, channels: int) -> Linear:
    """From (degrees, channels, vectors) of the padded array to those that are there, from 1 on."""
    first, counts = first_vectors(multiplicities)[:, None], np.array(multiplicities)[:, None]
    vectors = np.arange(max(1, counts.max())) - first
    there = (vectors >= 0) & (vectors < counts)
    there[0] = False
    return Moves.where(np.repeat(there[:, None], channels, axis=1)).functions()[0]
