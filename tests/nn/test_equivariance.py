"""The public test of a layer finds the error that is there, and says what it cannot measure."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from strategies import noise
from support import equivariance, random_alm, random_irreps, random_rotations

import sphere_toolkit as st
from sphere_toolkit import nn

L = 6
TURNS = random_rotations(4)


@pytest.mark.parametrize("kind", ["alm", "irreps"])
def test_finds_the_error_that_slow_sums_find(kind):
    if kind == "alm":
        layer, x = nn.PointwiseActivation(L, oversampling=1), random_alm(2, L)
    else:
        layer, x = nn.PointwiseActivation(L, 2), random_irreps(2, (1, 3, 3, 3, 3, 3))
    errors = nn.equivariance_error(layer, x, TURNS)
    assert errors.shape == (4,)
    assert 1e-3 < errors.max() < 1
    assert errors.max() == pytest.approx(equivariance(layer, x, TURNS), rel=1e-4)


def test_agrees_with_the_test_of_operators_on_alm():
    with jax.enable_x64():
        layer, f = nn.PointwiseActivation(L, oversampling=1), noise(L, 0, 2)
        ours = nn.equivariance_error(layer, f, TURNS)
        theirs = st.equivariance_error(lambda alm: np.asarray(layer(alm)), f, TURNS)
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_numbers_without_degrees_are_to_stand_still():
    x = random_irreps(2, (1,) * L)
    assert nn.equivariance_error(nn.Invariants(), x, TURNS).max() < 1e-5
    first = nn.equivariance_error(lambda signal: signal.degrees[1].ravel(), x, TURNS[0])
    vectors = np.asarray(x.degrees[1], np.float64)[:, 0]
    moved = np.asarray(nn.rotate(x, TURNS[0]).degrees[1], np.float64)[:, 0] - vectors
    assert first == pytest.approx([np.linalg.norm(moved) / np.linalg.norm(vectors)], rel=1e-5)


def test_says_what_it_cannot_measure():
    x = random_alm(1, L)
    with pytest.raises(
        TypeError, match=r"rotations must be a Rotation of scipy, got 3 of type int"
    ):
        nn.equivariance_error(lambda alm: alm, x, 3)
    with pytest.raises(ValueError, match="the layer gives zero"):
        nn.equivariance_error(lambda alm: 0 * alm, x, TURNS)
    with pytest.raises(TypeError, match=r"alm, IrrepArray or real numbers, got \(Array"):
        nn.equivariance_error(lambda alm: (jnp.abs(alm),), x, Rotation.identity())
    with pytest.raises(ValueError, match="expected 6 degrees, got 5"):
        nn.equivariance_error(nn.Normalisation(1, L), random_irreps(1, (1,) * 5), TURNS)
