"""Measures how far a layer is from commuting with rotations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from .._util import checks
from ..sphere.layouts import alm_to_rows
from .math.irreps import IrrepArray, rotate

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation


def equivariance_error(
    layer: Callable[[Any], Any], signal: Any, rotations: Rotation
) -> NDArray[np.float64]:
    r"""Relative error of a layer, or a model, under rotation: one number per rotation.

    .. math:: \epsilon(R) = \frac{\lVert A(R x) - R\, A(x) \rVert}{\lVert A(x) \rVert}

    It is `sphere_toolkit.equivariance_error` for the signals inside a network, which may be alm or
    `IrrepArray`. Real numbers without degrees (invariants, features, logits) should not change: R
    leaves them as they are.

    Parameters
    ----------
    layer : callable
        :math:`A`, of one signal. It is compiled.
    signal : array (channels, L(L+1)/2), complex, or IrrepArray
        :math:`x`
    rotations : scipy.spatial.transform.Rotation
        One or a stack, for example ``Rotation.random(20, rng=0)``.

    Returns
    -------
    array (n_rotations,), float64

    Raises
    ------
    TypeError
        ``rotations`` is no scipy ``Rotation``; the layer gives neither alm, nor IrrepArray, nor
        real numbers.
    ValueError
        The layer does not take the signal (the message is its own), or gives zero, so that no
        relative error exists.

    Notes
    -----
    Rotations are exact and norms are computed in double precision, so the error is that of the
    layer alone.

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> from scipy.spatial.transform import Rotation
    >>> relief, turns = st.signals.earth_relief(8)[None], Rotation.random(3, rng=0)
    >>> lift = st.nn.LiftConvolution(1, 2, 8, 2, key=jax.random.key(0))
    >>> bool(st.nn.equivariance_error(lift, relief, turns).max() < 1e-5)
    True
    """
    from scipy.spatial.transform import Rotation  # imported here: it takes 0.25 s

    checks.instance("rotations", rotations, Rotation)
    apply = eqx.filter_jit(layer)
    reference = apply(signal)
    scale = np.linalg.norm(_numbers(reference))
    if scale == 0:
        raise ValueError("the layer gives zero for signal: there is no relative error")
    stack = [rotations] if rotations.single else rotations
    errors = [_numbers(apply(_turned(signal, r))) - _numbers(_turned(reference, r)) for r in stack]
    return np.array([np.linalg.norm(error) for error in errors]) / scale


def _turned(signal: Any, rotation: Rotation) -> Any:
    """The rotated signal; real numbers without degrees are returned as they are."""
    turns = isinstance(signal, IrrepArray) or jnp.iscomplexobj(signal)
    return rotate(signal, rotation) if turns else signal


def _numbers(signal: Any) -> NDArray[np.float64]:
    """A signal as real numbers whose norm is the norm of the signal."""
    if isinstance(signal, IrrepArray):
        signal = signal.rows
    elif not hasattr(signal, "dtype"):
        raise TypeError(f"the layer must give alm, IrrepArray or real numbers, got {signal!r}")
    values = np.asarray(signal)
    return (alm_to_rows(values) if np.iscomplexobj(values) else values).astype(np.float64)
