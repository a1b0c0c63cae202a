"""The residual connection: a sum, as equivariant as its layer."""

import jax
import numpy as np
import pytest
import support

from sphere_toolkit import nn

L = 6


def convolution(dtype="float32"):
    return nn.GeneralizedConvolution(2, 2, (1,) * L, key=jax.random.key(0), dtype=dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_a_sum_and_exactly_equivariant_if_its_layer_is(dtype):
    with jax.enable_x64(dtype == "float64"):
        layer, x = convolution(dtype), support.random_irreps(2, (1,) * L, dtype=dtype)
        residual = nn.Residual(layer)
        assert residual.exact
        assert nn.count_parameters(residual) == nn.count_parameters(layer)
        expected = x.rows + support.apply(layer, x).rows
        np.testing.assert_allclose(support.apply(residual, x).rows, expected, rtol=1e-5)
        error = support.equivariance(residual, x, support.random_rotations(3))
        assert error < support.TOLERANCE[dtype]


def test_a_layer_that_is_not_exact_makes_it_not_exact():
    residual, x = nn.Residual(nn.PointwiseActivation(L)), support.random_alm(2, L)
    assert not residual.exact
    assert support.equivariance(residual, x, support.random_rotations(3)) > 1e-4


def test_it_refuses_what_cannot_be_added():
    with pytest.raises(TypeError, match="layer must be callable on one signal, got 3"):
        nn.Residual(3)
    narrower = nn.GeneralizedConvolution(2, 1, (1,) * L, key=jax.random.key(0))
    with pytest.raises(ValueError, match=r"like IrrepArray.*f32\[2,36\].*got .*f32\[1,36\]"):
        nn.Residual(narrower)(support.random_irreps(2, (1,) * L))
    with pytest.raises(ValueError, match=r"like c64\[2,21\], got c64\[2,6\]"):
        nn.Residual(nn.SpectralPooling(L, 3))(support.random_alm(2, L))
