"""The scattering layer in JAX alone, against NumPy: values, gradients, precision, limits."""

from functools import partial

import jax
import numpy as np
import pytest
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit import nn
from sphere_toolkit.nn.host import to_jax
from sphere_toolkit.nn.math import legendre
from sphere_toolkit.scattering.nonlinearities import NONLINEARITIES


def apart(found, expected):
    """Largest difference, relative to the largest number."""
    return np.abs(np.asarray(found) - expected).max() / np.abs(expected).max()


def both(L, *arguments, **options):
    return (
        nn.Scattering(L, *arguments, **options, engine="jax"),
        st.ScatteringTransform(L, *arguments, **options),
    )


def compare(L, *arguments, n, **options):
    layer, scatter = both(L, *arguments, **options)
    alm, shape = noise(L, 1, n=n), (n, len(layer.paths), -1)
    g = noise(layer.L_out, 2, n=n * len(layer.paths)).reshape(shape)

    def weighed(alm):
        S = jax.vmap(layer)(alm)
        return (S * to_jax(g)).real.sum(), S

    gradient, S = jax.jit(jax.grad(weighed, has_aux=True))(alm)
    expected, vjp = scatter.vjp(alm)
    assert apart(S, expected.alm) < 1e-13
    assert apart(gradient, to_jax(vjp(g))) < 1e-13


@pytest.mark.parametrize("name", NONLINEARITIES)
def test_values_and_gradients_are_those_of_numpy(name):
    with jax.enable_x64(True):
        compare(9, 3, depth=1, n=1, nonlinearity=name)  # nine rings: one is the equator


def test_a_tree_with_directions_is_that_of_numpy():
    with jax.enable_x64(True):
        compare(10, 2, lam=3.0, n=2, nonlinearity="envelope", directions=3)


def test_single_precision_zeros_and_many_orders():
    """Nothing is NaN where the modulus has its kink; 70 orders are two blocks of a table."""
    L = 70
    assert legendre._ORDERS < L
    layer, scatter = both(L, 6, depth=1)
    alm = noise(L, 1).astype(np.complex64)

    @jax.jit
    @partial(jax.value_and_grad, has_aux=True)
    def slope(alm):
        S = layer(alm)
        return S[1].real.sum(), S

    (total, found), gradient = slope(alm)
    assert (total.dtype, found.dtype, gradient.dtype) == (np.float32, np.complex64, np.complex64)
    assert apart(found, scatter(alm).alm) < 1e-6
    assert np.isfinite(slope(0 * alm)[1]).all()


def test_it_needs_no_callback_and_says_what_it_cannot():
    layer, alm = nn.Scattering(4, 1, depth=1, engine="jax"), noise(4).astype(np.complex64)
    S, change = jax.jvp(layer, (alm,), (alm,))  # homogeneous: the change is the value
    assert apart(change, S) < 1e-6
    assert "callback" not in str(jax.make_jaxpr(layer)(alm))
    with pytest.raises(ValueError, match=r"up to 256; got L=257: take engine='host'"):
        nn.Scattering(257, engine="jax")
    with pytest.raises(ValueError, match=r"engine must be .*host.*jax.*got 'gpu'"):
        nn.Scattering(16, 2, engine="gpu")
