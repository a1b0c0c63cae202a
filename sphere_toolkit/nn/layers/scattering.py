"""The scattering transform as a layer."""

from __future__ import annotations

from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, PRNGKeyArray
from numpy.typing import NDArray

from ..._util import checks
from ...scattering import ScatteringTransform
from ...scattering.nonlinearities import Nonlinearity
from ...sphere.coefficients import n_coefficients
from ..host import from_jax, on_host, to_jax
from ..math.scattering import MAX_BAND_LIMIT
from ..math.scattering import scatter as in_jax
from ..registry import register


@register
class Scattering(eqx.Module):
    r"""The scattering network as a differentiable layer, without parameters to train.

    The same coefficients as of `ScatteringTransform`, in a function that `jax.jit` compiles,
    `jax.vmap` batches and `jax.grad` differentiates: to train what comes before it, or to fit a
    simulator by its statistics.

    Parameters
    ----------
    L, J_min, depth, lam, oversampling, nonlinearity, directions
        As of `ScatteringTransform`.
    engine : {"host", "jax"}, default "host"
        What computes it: ducc0 on the processor, at any band-limit, or JAX alone, also on a GPU, up
        to L = 256.

    Raises
    ------
    TypeError, ValueError
        A parameter is out of range, or L is above 256 with ``engine="jax"``; in a call, the signal
        is not complex or has another shape.

    Notes
    -----
    With ``engine="host"`` the work is done by ducc0 on the processor, in the precision of the
    signal, even if JAX works on a GPU. Derivatives are those of `ScatteringTransform.vjp`. The way
    back computes the coefficients once more, because nothing may be kept outside of JAX between the
    two. Only reverse-mode derivatives are available (`jax.grad`, `jax.vjp`; not `jax.jvp`). Values
    that are not finite are refused when the function runs.

    With ``engine="jax"`` the Legendre functions are tables, and the rest of the transform is
    products of matrices and FFTs. It stays within 1e-13 of the host in double precision, its
    gradient too, and within 1e-6 in single precision (relative to the largest coefficient;
    ``tests/nn/test_scattering.py``). JAX finds the derivatives, forward and backward. Nothing is
    checked when the function runs: an imaginary part at order 0 is dropped, and NaN gives NaN. Each
    function that is compiled holds the tables it needs. The page "How fast, how exact" says what
    both engines take, in time, memory and compilation.

    The gradient that JAX gives of a real number with respect to complex coefficients is not the one
    for `st.inner`: it is conjugate, and it counts every stored number once, so the entries for
    m > 0 are twice as large. To compare ``g`` with `ScatteringTransform.vjp`, take
    ``jnp.conj(g) / (1 + (st.orders(L) > 0))``. To lower a loss, go along minus this, or along
    ``-jnp.conj(g)``; only the first turns with the signal.

    Examples
    --------
    >>> import jax, jax.numpy as jnp, sphere_toolkit as st
    >>> scatter = st.nn.Scattering(16, J_min=2, nonlinearity="envelope")
    >>> relief = jnp.asarray(st.signals.earth_relief(16))
    >>> jax.jit(scatter)(relief).shape
    (7, 10)
    >>> jax.grad(lambda alm: scatter(alm)[1:, 0].real.sum())(relief).shape
    (136,)
    """

    L: int = eqx.field(static=True)
    J_min: int = eqx.field(static=True)
    depth: int = eqx.field(static=True)
    lam: float = eqx.field(static=True)
    oversampling: float = eqx.field(static=True)
    nonlinearity: str = eqx.field(static=True)
    directions: int = eqx.field(static=True)
    engine: str = eqx.field(static=True)

    def __init__(
        self,
        L: int,
        J_min: int = 5,
        depth: int = 2,
        lam: float = 2.0,
        oversampling: float = 2.0,
        *,
        nonlinearity: str | Nonlinearity = "modulus",
        directions: int = 1,
        engine: str = "host",
    ) -> None:
        made = ScatteringTransform(
            L, J_min, depth, lam, oversampling, nonlinearity=nonlinearity, directions=directions
        )
        self.L, self.J_min, self.depth = made.L, made.J_min, made.depth
        self.lam, self.oversampling = made.lam, made.oversampling
        self.nonlinearity, self.directions = made.nonlinearity, made.directions
        self.engine = checks.choice("engine", engine, ("host", "jax"))
        if self.engine == "jax" and self.L > MAX_BAND_LIMIT:
            raise ValueError(
                f"engine='jax' holds its Legendre functions in tables, for L up to "
                f"{MAX_BAND_LIMIT}; got L={self.L}: take engine='host'"
            )
        self._transform("float64")  # a nonlinearity of one's own has no name that is known

    @property
    def L_out(self) -> int:
        """Band-limit of what it returns."""
        return self._transform("float64").L_out

    @property
    def paths(self) -> tuple:
        """The path of each row of what it returns."""
        return self._transform("float64").paths

    def _transform(self, dtype: str) -> ScatteringTransform:
        return _transform(
            self.L, self.J_min, self.depth, self.lam, self.oversampling, self.nonlinearity,
            self.directions, dtype,
        )  # fmt: skip

    def __call__(
        self, alm: Complex[Array, " n"], *, key: PRNGKeyArray | None = None
    ) -> Complex[Array, "paths n_out"]:
        """Scattering coefficients of one signal, ``(n_paths, n_coefficients(L_out))``."""
        shape, dtype = jnp.shape(alm), jnp.result_type(alm)
        if not jnp.issubdtype(dtype, jnp.complexfloating):
            raise TypeError(f"alm must be complex, got {dtype}: samples go to nn.forward")
        if shape != (n_coefficients(self.L),):
            raise ValueError(
                f"alm must have shape ({n_coefficients(self.L)},) (L={self.L}), got {shape}; "
                "jax.vmap takes batches"
            )
        if self.engine == "jax":
            return in_jax(alm, self._transform("float64"))
        scatter = self._transform(str(jnp.finfo(dtype).dtype))
        result = jax.ShapeDtypeStruct((len(scatter.paths), n_coefficients(scatter.L_out)), dtype)

        @jax.custom_vjp
        def function(alm: Array) -> Array:
            return on_host(lambda x: scatter(x).alm, result, alm)

        def transposed(alm: NDArray, cotangent: NDArray) -> NDArray:
            return to_jax(scatter.vjp(alm)[1](from_jax(cotangent)))

        def back(alm: Array, cotangent: Array) -> tuple[Array]:
            source = jax.ShapeDtypeStruct(shape, dtype)
            return (on_host(transposed, source, alm, cotangent),)

        function.defvjp(lambda alm: (function(alm), alm), back)
        return function(alm)


@cache
def _transform(
    L: int,
    J_min: int,
    depth: int,
    lam: float,
    oversampling: float,
    nonlinearity: str,
    directions: int,
    dtype: str,
) -> ScatteringTransform:
    return ScatteringTransform(
        L, J_min, depth, lam, oversampling, nonlinearity=nonlinearity, directions=directions,
        dtype=dtype,
    )  # fmt: skip
