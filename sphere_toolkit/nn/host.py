"""Transforms on the processor as differentiable functions of JAX: harmonics at any band-limit."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from .._util import checks
from ..sphere import transforms
from ..sphere.coefficients import band_limit, n_coefficients
from ..sphere.grids.grid import Grid
from ..sphere.schemes import adjoint, adjoint_of_analysis
from ..sphere.spin import as_spin, components
from ..sphere.transforms import batched

Host = Callable[[NDArray], NDArray]


def forward(f: Array, grid: Grid, spin: int = 0) -> Array:
    """`st.forward` as a function that JAX compiles, batches and differentiates.

    Parameters
    ----------
    f : array (..., *grid.shape), or (..., 2, *grid.shape) with spin, float32 or float64
    grid : Grid
        An exact one: the least-squares solution on HEALPix has no derivative here.
    spin : int, default 0

    Returns
    -------
    array (..., L(L+1)/2), or (..., 2, L(L+1)/2) with spin
        Complex, of the precision of ``f``; computed in double precision by ducc0, on the processor
        also where JAX works on a GPU.

    Raises
    ------
    TypeError, ValueError
        ``f`` is not real or has another shape; the grid is HEALPix. Samples that are missing are
        found when the function runs.

    Notes
    -----
    Exact as `st.forward` is. Its derivative is the transposed transform, not another analysis;
    only reverse-mode derivatives are available. In the gradient of a real number with respect to
    complex coefficients JAX counts every number once: its entries for m > 0 are twice the
    conjugates of a gradient for `st.inner`.

    Examples
    --------
    >>> import jax, jax.numpy as jnp, sphere_toolkit as st
    >>> grid = st.Grid.gauss_legendre(8)
    >>> def power(f):
    ...     return jnp.sum(jnp.abs(st.nn.forward(f, grid)[1:]) ** 2)
    >>> jax.grad(power)(jnp.ones(grid.shape)).shape
    (8, 16)
    """
    checks.instance("grid", grid, Grid)
    if not grid.exact:
        raise ValueError(f"grid must be exact, got {grid}: read the map with st.forward first")
    spin = as_spin(spin, grid.L)
    shape = _checked("f", f, jnp.floating, components(spin) + grid.shape)
    n = (*components(spin), n_coefficients(grid.L))

    def transposed(cotangent: NDArray) -> NDArray:
        def one(source: NDArray, target: NDArray, threads: int) -> None:
            adjoint_of_analysis(source, grid.L, grid, target, threads, spin)

        shape = components(spin) + grid.shape
        return batched(one, from_jax(cotangent), len(n), shape, np.float64, grid.L, None)

    return _differentiable(
        f, lambda x: transforms.forward(x, grid, spin), transposed, (*shape, *n), complex_out=True
    )


def inverse(alm: Array, grid: Grid, spin: int = 0) -> Array:
    """`st.inverse` as a function that JAX compiles, batches and differentiates.

    Parameters
    ----------
    alm : array (..., L(L+1)/2), or (..., 2, L(L+1)/2) with spin, complex64 or complex128
    grid : Grid
        Any.
    spin : int, default 0

    Returns
    -------
    array (..., *grid.shape), or (..., 2, *grid.shape) with spin
        Real, of the precision of ``alm``.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is not complex or has another shape; its band-limit is above that of the grid.

    Notes
    -----
    As of `forward`.

    Examples
    --------
    >>> import jax, jax.numpy as jnp, sphere_toolkit as st
    >>> grid, relief = st.Grid.healpix(8), jnp.asarray(st.signals.earth_relief(16))
    >>> f = jax.jit(lambda alm: st.nn.inverse(alm, grid))(relief)
    >>> f.shape, bool(jnp.allclose(f, st.inverse(st.signals.earth_relief(16), grid), rtol=1e-3))
    ((768,), True)
    """
    checks.instance("grid", grid, Grid)
    n_axes = len(components(spin)) + 1
    shape = _checked("alm", alm, jnp.complexfloating, jnp.shape(alm)[-n_axes:])
    L = band_limit(alm)
    spin = as_spin(spin, L)
    if L > grid.L:
        raise ValueError(f"alm has band-limit {L}, the grid carries {grid.L}: take a finer grid")

    def transposed(cotangent: NDArray) -> NDArray:
        def one(source: NDArray, target: NDArray, threads: int) -> None:
            adjoint(source, grid, L, target, threads, spin)

        f, n = np.asarray(cotangent, np.float64), (*components(spin), n_coefficients(L))
        return to_jax(batched(one, f, len(n) - 1 + len(grid.shape), n, np.complex128, L, None))

    return _differentiable(
        alm, lambda x: transforms.inverse(x, grid, spin), transposed,
        (*shape, *components(spin), *grid.shape), complex_out=False,
    )  # fmt: skip


def to_jax(gradient: NDArray) -> NDArray:
    """A gradient for `st.inner` as JAX wants it: for the sum of products without conjugates."""
    out = 2 * gradient.conj()
    out[..., : band_limit(gradient)] /= 2
    return out


def from_jax(cotangent: NDArray) -> NDArray:
    """The inverse of `to_jax`. Imaginary parts at order 0, which no signal has, are dropped."""
    out = np.asarray(cotangent, np.complex128).conj() / 2
    L = band_limit(out)
    out[..., :L] = 2 * out[..., :L].real
    return out


def _checked(name: str, x: Array, kind: type, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The batch shape of ``x``, if it is of the kind and ends in the shape."""
    found, dtype = jnp.shape(x), jnp.result_type(x)
    if not jnp.issubdtype(dtype, kind):
        raise TypeError(f"{name} must be of type {kind.__name__}, got {dtype}")
    if found[-len(shape) :] != shape:
        raise ValueError(f"{name} must end in shape {shape}, got {found}")
    return found[: len(found) - len(shape)]


def _differentiable(
    x: Array, apply: Host, transposed: Host, shape: tuple[int, ...], *, complex_out: bool
) -> Array:
    """A linear function on the host, with its transpose as the derivative."""
    dtype = jnp.finfo(jnp.result_type(x)).dtype
    out_dtype = jnp.result_type(dtype, jnp.complex64) if complex_out else dtype
    result = jax.ShapeDtypeStruct(shape, out_dtype)
    source = jax.ShapeDtypeStruct(jnp.shape(x), jnp.result_type(x))

    @jax.custom_vjp
    def function(x: Array) -> Array:
        return on_host(apply, result, x)

    def back(_: None, cotangent: Array) -> tuple[Array]:
        return (on_host(transposed, source, cotangent),)

    function.defvjp(lambda x: (function(x), None), back)
    return function(x)


def on_host(function: Callable[..., NDArray], like: jax.ShapeDtypeStruct, *arrays: Array) -> Array:
    """Call a function of NumPy arrays; it gets all batch axes of `jax.vmap` at once."""

    def call(*given: NDArray) -> NDArray:
        found = function(*(np.asarray(one) for one in given))
        return np.asarray(found, like.dtype)

    return jax.pure_callback(call, like, *arrays, vmap_method="broadcast_all")
