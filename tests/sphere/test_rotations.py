import numpy as np
import oracles
import pytest
from hypothesis import given
from scipy.spatial.transform import Rotation
from strategies import band_limits, noise, relative, rotations, seeds

import sphere_toolkit as st
from sphere_toolkit.sphere.rotations import euler_zyz

GRID = st.Grid.gauss_legendre(6)


@pytest.mark.parametrize("seed", range(4))
def test_rotation_is_active(seed):
    alm, rotation = noise(6, seed), Rotation.random(rng=np.random.default_rng(seed))
    expected = oracles.evaluate_rotated(alm, rotation, *GRID.mesh())
    np.testing.assert_allclose(st.inverse(st.rotate(alm, rotation), GRID), expected, atol=1e-11)


def test_a_turn_about_the_axis_moves_longitudes_eastwards():
    alm = noise(8)
    grid = st.Grid.gauss_legendre(8)
    quarter = st.rotate(alm, Rotation.from_euler("z", 90, degrees=True))
    f = st.inverse(alm, grid)
    np.testing.assert_allclose(st.inverse(quarter, grid), np.roll(f, 4, axis=1), atol=1e-12)


@given(band_limits, seeds, rotations, rotations)
def test_composition(L, seed, first, second):
    alm = noise(L, seed)
    step_by_step = st.rotate(st.rotate(alm, first), second)
    assert relative(st.rotate(alm, second * first), step_by_step) < 1e-12


@given(band_limits, seeds, rotations)
def test_inverse_rotation_and_spectrum(L, seed, rotation):
    alm = noise(L, seed)
    turned = st.rotate(alm, rotation)
    assert relative(st.rotate(turned, rotation.inv()), alm) < 1e-12
    np.testing.assert_allclose(st.power_spectrum(turned), st.power_spectrum(alm), rtol=1e-10)


@given(rotations)
def test_euler_angles_make_the_rotation(rotation):
    back = Rotation.from_euler("ZYZ", euler_zyz(rotation))
    assert (back * rotation.inv()).magnitude() < 1e-14


@pytest.mark.parametrize(
    "rotation",
    [
        Rotation.identity(),
        Rotation.from_euler("z", 2.0),
        Rotation.from_euler("x", np.pi),
        Rotation.from_euler("y", np.pi),
    ],
)
def test_euler_angles_do_not_lock(rotation):
    back = Rotation.from_euler("ZYZ", euler_zyz(rotation))
    assert (back * rotation.inv()).magnitude() < 1e-14
    alm = noise(6)
    expected = oracles.evaluate_rotated(alm, rotation, *GRID.mesh())
    np.testing.assert_allclose(st.inverse(st.rotate(alm, rotation), GRID), expected, atol=1e-11)


def test_stacks_broadcast_against_the_batch():
    alm, stack = noise(5, n=3), Rotation.random(3, rng=np.random.default_rng(1))
    each = np.stack([st.rotate(a, r) for a, r in zip(alm, stack, strict=True)])
    np.testing.assert_array_equal(st.rotate(alm, stack), each)
    copies = st.rotate(alm[0], stack)
    np.testing.assert_array_equal(copies[2], st.rotate(alm[0], stack[2]))
    table = st.rotate(alm[:, None], stack)
    assert table.shape == (3, 3, 15)
    np.testing.assert_array_equal(table[1, 2], st.rotate(alm[1], stack[2]))
    assert st.rotate(alm, stack[0]).shape == alm.shape


def test_a_large_signal():
    alm, rotation = noise(300), Rotation.random(rng=np.random.default_rng(2))
    assert relative(st.rotate(st.rotate(alm, rotation), rotation.inv()), alm) < 1e-11


def test_bad_rotations():
    with pytest.raises(TypeError, match=r"(?s)a Rotation of scipy, got .* of type ndarray"):
        st.rotate(noise(4), np.eye(3))
    with pytest.raises(ValueError, match=r"stack of 2 rotations does not fit alm of batch shape"):
        st.rotate(noise(4, n=3), Rotation.random(2, rng=np.random.default_rng(0)))
    with pytest.raises(ValueError, match=r"L\(L\+1\)/2"):
        st.rotate(np.zeros(4, complex), Rotation.identity())
