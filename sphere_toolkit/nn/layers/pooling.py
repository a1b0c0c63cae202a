"""Pooling: keeps the lower degrees of a signal."""

from __future__ import annotations

from typing import TypeVar

import equinox as eqx
import jax
from jaxtyping import PRNGKeyArray

from ..._util import checks
from ...sphere.coefficients import truncation_index
from ..math.irreps import IrrepArray, check_alm, check_irreps
from ..math.padded import row_sizes
from ..registry import register

Signal = TypeVar("Signal", jax.Array, IrrepArray)


@register
class SpectralPooling(eqx.Module):
    r"""Drops the degrees from ``L_out`` on: an ideal low-pass filter, without parameters.

    It takes alm or `IrrepArray` of band-limit ``L_in`` and returns the same kind. Channels and
    vectors of the remaining degrees stay as they are. If a signal on SO(3) has
    :math:`N > L_{out}`, the orders that only the dropped degrees have are dropped with them.

    Parameters
    ----------
    L_in : int
    L_out : int
        At most ``L_in``.

    Raises
    ------
    TypeError, ValueError
        A number is out of range; in a call, the signal has another band-limit.

    Notes
    -----
    Exact: the coefficients that are kept do not change in a single bit. Cost: a copy.

    Pooling of neighbouring samples (their maximum or mean) would not commute with rotations,
    because no grid on the sphere is the same after every rotation. Esteves et al. 2018
    [esteves2018] pool by degrees for this reason.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.signals.earth_relief(8)[None]
    >>> st.nn.SpectralPooling(8, 4)(st.nn.to_irreps(alm)).multiplicities
    (1, 1, 1, 1)
    """

    L_in: int = eqx.field(static=True)
    L_out: int = eqx.field(static=True)
    exact = True

    def __init__(self, L_in: int, L_out: int) -> None:
        self.L_in = checks.integer("L_in", L_in, 1)
        self.L_out = checks.integer("L_out", L_out, 1, self.L_in)

    def __call__(self, signal: Signal, *, key: PRNGKeyArray | None = None) -> Signal:
        """The lower degrees of one signal; `jax.vmap` takes a batch."""
        if not isinstance(signal, IrrepArray):
            check_alm(signal, L=self.L_in)
            return signal[:, truncation_index(self.L_in, self.L_out)]
        check_irreps(signal)
        if signal.L != self.L_in:
            raise ValueError(f"expected {self.L_in} degrees, got {signal.L}")
        multiplicities = signal.multiplicities[: self.L_out]
        return IrrepArray.from_rows(
            signal.rows[:, : sum(row_sizes(multiplicities))], multiplicities
        )
