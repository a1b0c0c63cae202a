import numpy as np
import pytest
from hypothesis import given
from scipy.spatial.transform import Rotation
from strategies import noise, seeds

import sphere_toolkit as st

TURNS = Rotation.random(4, rng=np.random.default_rng(0))


@given(seeds)
def test_a_convolution_commutes_with_rotations(seed):
    bank = st.WaveletBank(16, 2)
    errors = st.equivariance_error(lambda a: bank.analysis(a).wavelets[3], noise(16, seed), TURNS)
    assert errors.shape == (4,)
    assert errors.max() < 1e-12


def test_an_error_that_is_rounding_is_measured_too():
    grid = st.Grid.mcewen_wiaux(64)

    def there_and_back(alm):
        return st.forward(st.inverse(alm, grid), grid)

    errors = st.equivariance_error(there_and_back, st.signals.earth_relief(64), TURNS)
    assert errors.max() < 1e-12


def test_a_mask_does_not():
    grid = st.Grid.gauss_legendre(16)

    def southern_half(alm):
        return st.forward(st.inverse(alm, grid) * (grid.theta > np.pi / 2)[:, None], grid)

    assert st.equivariance_error(southern_half, noise(16), TURNS).min() > 0.1


def test_the_number_is_the_relative_error():
    # Scaling the zonal coefficients commutes with no tilt: the formula, written out.
    def operator(alm):
        out = alm.copy()
        out[:8] *= 2
        return out

    alm, turn = noise(8), TURNS[1]
    wrong = operator(st.rotate(alm, turn)) - st.rotate(operator(alm), turn)
    expected = np.sqrt(st.energy(wrong) / st.energy(operator(alm)))
    np.testing.assert_allclose(st.equivariance_error(operator, alm, turn), [expected])


def test_batches_and_objects_with_alm():
    scatter = st.ScatteringTransform(16, J_min=2, oversampling=4)
    errors = st.equivariance_error(scatter, noise(16, n=3), TURNS)
    assert errors.shape == (4,)
    assert 1e-6 < errors.max() < 1e-2


def test_bad_operators():
    with pytest.raises(ValueError, match="returned zero"):
        st.equivariance_error(np.zeros_like, noise(8), TURNS)
    with pytest.raises(TypeError, match="alm must be complex"):
        st.equivariance_error(np.abs, noise(8), TURNS)


@pytest.mark.parametrize("rotations", [0.3, None, np.eye(3), [TURNS[0], TURNS[1]]])
def test_rotations_must_be_a_rotation(rotations):
    words = rf"(?s)rotations must be a Rotation of scipy, got .* of type {type(rotations).__name__}"
    with pytest.raises(TypeError, match=words):
        st.equivariance_error(lambda alm: alm, noise(8), rotations)
