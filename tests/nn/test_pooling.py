import jax
import jax.numpy as jnp
import numpy as np
import pytest
import support

import sphere_toolkit as st
from sphere_toolkit import nn


@pytest.mark.parametrize("L_out", [1, 4, 7])
def test_it_keeps_the_lower_degrees_bit_by_bit(L_out):
    layer = nn.SpectralPooling(7, L_out)
    alm = support.random_alm(2, 7)
    np.testing.assert_array_equal(layer(alm), st.truncate(np.asarray(alm), L_out))
    x = support.random_irreps(2, (1, 3, 0, 2, 5, 1, 1))
    y = layer(x)
    assert (y.L, y.multiplicities) == (L_out, x.multiplicities[:L_out])
    for expected, found in zip(x.degrees, y.degrees, strict=False):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_exactly_equivariant_and_keeps_the_precision(dtype):
    layer = nn.SpectralPooling(7, 4)
    assert layer.exact
    assert nn.count_parameters(layer) == 0
    with jax.enable_x64(dtype == "float64"):
        for x in (
            support.random_alm(2, 7, dtype=dtype),
            support.random_irreps(2, (1, 3, 0, 2, 5, 1, 1), dtype=dtype),
        ):
            error = support.equivariance(layer, x, support.random_rotations(3))
            assert error < support.TOLERANCE[dtype]
            assert {leaf.dtype for leaf in jax.tree.leaves(layer(x))} == {
                leaf.dtype for leaf in jax.tree.leaves(x)
            }


def test_batches_and_slopes():
    layer = nn.SpectralPooling(3, 2)
    x = support.random_alm(1, 3)
    np.testing.assert_array_equal(jax.vmap(layer)(jnp.stack([x, -x]))[1], -layer(x))
    slope = jax.grad(lambda x: layer(x).real.sum())(x)
    np.testing.assert_array_equal(slope.real, [[1, 1, 0, 1, 0, 0]])


def test_it_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="L_out must be an integer >= 1 and <= 4, got 5"):
        nn.SpectralPooling(4, 5)
    layer = nn.SpectralPooling(4, 2)
    with pytest.raises(ValueError, match=r"alm must have shape \(channels, 10\).*got \(1, 15\)"):
        layer(support.random_alm(1, 5))
    with pytest.raises(ValueError, match="expected 4 degrees, got 3"):
        layer(support.random_irreps(1, (1, 1, 1)))
