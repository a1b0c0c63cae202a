"""The precision in which layers compute, and the types of their input."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import DTypeLike, NDArray


def check_supported(what: str, dtype: Any) -> None:
    """Raise if ``dtype`` is a double-precision type while JAX computes in single precision."""
    if jax.dtypes.canonicalize_dtype(dtype) != dtype:
        raise ValueError(
            f"{what} {dtype}, which needs JAX in double precision: use jax.enable_x64() or "
            "jax.config.update('jax_enable_x64', True)"
        )


def real_dtype(dtype: DTypeLike) -> np.dtype:
    """``dtype`` of a layer as float32 or float64.

    Raises
    ------
    ValueError
        It is another type, or float64 while JAX runs in single precision.
    """
    found = np.dtype(dtype)
    if found not in (np.dtype("float32"), np.dtype("float64")):
        raise ValueError(f"dtype must be float32 or float64, got {found}")
    check_supported("dtype is", found)
    return found


def signal_dtype(model: Any, x: NDArray) -> np.dtype:
    """The type of ``x``, real or complex, in the precision of the model's weights."""
    weights = jax.tree.leaves(eqx.filter(model, eqx.is_inexact_array))
    for array in weights:
        if isinstance(array, jax.Array):
            check_supported("the model has weights in", array.dtype)
    precision = jnp.result_type(*weights) if weights else jnp.result_type(float)
    real = jnp.finfo(precision).dtype
    return np.dtype(jnp.result_type(real, jnp.complex64) if np.iscomplexobj(x) else real)


def numbers(x: Any) -> Any:
    """The array of `ScatteringCoefficients`; other arguments are returned unchanged."""
    return x.alm if hasattr(x, "alm") and hasattr(x, "paths") else x
