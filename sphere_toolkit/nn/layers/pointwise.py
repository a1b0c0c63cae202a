"""Pointwise nonlinearities, which are equivariant up to aliasing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import PRNGKeyArray

from ..._util import checks
from ..math import so3
from ..math.irreps import IrrepArray, check_alm, check_irreps, so3_multiplicities
from ..registry import register
from .activation import as_activation


@register
class PointwiseActivation(eqx.Module):
    r"""Applies a function to each sample: coefficients to a grid, function, and back.

    On the sphere it maps alm to alm. On SO(3) it maps `IrrepArray` with ``multiplicities``
    :math:`2\min(N-1, \ell)+1` to the same kind. Channels and band-limits stay the same: the result
    is truncated to degrees below L and orders below N. There are no parameters.

    Parameters
    ----------
    L : int
        Band-limit.
    N : int, optional
        Azimuthal band-limit of a signal on SO(3), at most L. By default the signal is on the
        sphere.
    activation : str or callable, default "relu"
        The name of a function of `jax.nn`, see `Activation`; or a function that maps an array of
        samples to one of the same shape, sample by sample. Your own function must be registered
        before a model with it can be saved, see `register`.
    oversampling : float, default 2
        At least 1. The grid carries degrees up to ``oversampling * (L-1)`` and orders up to
        ``oversampling * (N-1)``.

    Raises
    ------
    TypeError, ValueError
        A number is out of range or ``activation`` no function; in a call, the signal is of
        another kind, or has other degrees or multiplicities.

    Notes
    -----
    Approximate. A function of the values commutes with rotations, but it creates degrees that the
    grid does not carry, and the quadrature mistakes them for lower degrees (aliasing). Largest
    error of ReLU over 20 rotations of white noise at L = 16, 8 channels, relative to the norm of
    the output:

    ============  ======  ==============
    oversampling  sphere  SO(3), N = 3
    ============  ======  ==============
    1             0.27    0.35
    2             0.029   0.032
    4             0.0047  0.0039
    ============  ======  ==============

    The error is smaller for signals with less power at high degrees.

    Cost per channel with oversampling s: :math:`O(s^2 L^3)` on the sphere, :math:`O(s^2 N L^3 + s^3
    N^2 L^2)` on SO(3). There samples are computed for one :math:`\alpha` at a time, and again for
    the derivative, which keeps the memory at :math:`O(s^2 N L^2)`. Only reverse-mode derivatives
    are available.

    Sources: Cohen et al. 2018 [cohen2018] on SO(3), Esteves et al. 2018 [esteves2018] on the
    sphere.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.signals.earth_relief(8)[None]
    >>> land = st.nn.PointwiseActivation(8)(alm)
    >>> land.shape, bool(land[0, 0].real > alm[0, 0].real)  # no sea: a higher mean
    ((1, 36), True)
    """

    L: int = eqx.field(static=True)
    N: int | None = eqx.field(static=True)
    activation: Callable[[jax.Array], jax.Array]
    oversampling: float = eqx.field(static=True)
    exact = False

    def __init__(
        self,
        L: int,
        N: int | None = None,
        *,
        activation: str | Callable[[jax.Array], jax.Array] = "relu",
        oversampling: float = 2.0,
    ) -> None:
        self.L = checks.integer("L", L, 1)
        self.N = None if N is None else checks.integer("N", N, 1, self.L)
        self.activation = as_activation(activation)
        self.oversampling = checks.real("oversampling", oversampling, minimum=1)

    def __call__(self, signal: Any, *, key: PRNGKeyArray | None = None) -> Any:
        """The activation of one signal; `jax.vmap` takes a batch."""
        of = so3.tables(self.L, self.N, self.oversampling)
        if self.N is None:
            check_alm(signal, L=self.L)
            return so3.pointwise(self.activation, jnp.asarray(signal), of)
        check_irreps(signal, multiplicities=so3_multiplicities(self.L, self.N))
        rows = so3.pointwise(self.activation, signal.rows, of)
        return IrrepArray.from_rows(rows, signal.multiplicities)
