"""How single paths commute with rotations, whatever the nonlinearity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from scipy.spatial.transform import Rotation

import sphere_toolkit as st

NOISE = st.signals.band_limited_noise(32, 0)
TURN = Rotation.from_euler("ZYZ", [40, 50, 20], degrees=True)
PATHS = st.ScatteringTransform(32, J_min=3).paths[1:]


def scatter(path, nonlinearity="modulus", oversampling=2, J_min=3):
    """One path of a network, as an operator."""
    transform = st.ScatteringTransform(
        32, J_min, len(path), oversampling=oversampling, nonlinearity=nonlinearity
    )
    return lambda alm: transform(alm)[path]


def error(path, turn, **options):
    return st.equivariance_error(scatter(path, **options), NOISE, turn)[0]


def test_relu_is_half_of_value_and_modulus():
    """max(x, 0) = (x + |x|) / 2, and the average of a wavelet of higher degrees vanishes."""
    relu = scatter((4,), "relu", J_min=2)(NOISE)  # the average ends where scale 4 begins
    np.testing.assert_allclose(relu, scatter((4,), J_min=2)(NOISE) / 2, atol=1e-14)


def test_the_mean_of_the_square_is_the_energy():
    square = scatter((4,), "square")(NOISE)
    wavelet = st.WaveletBank(32, J_min=3).analysis(NOISE).wavelets[4]
    assert square[0].real == pytest.approx(st.energy(wavelet) / np.sqrt(4 * np.pi))


@given(hs.integers(0, 2**32 - 1), hs.sampled_from(PATHS))
def test_the_square_is_exact_at_twice_the_band_limit(seed, path):
    assert error(path, Rotation.random(rng=seed), nonlinearity="square") < 1e-11


def test_a_rotation_that_carries_the_grid_into_itself_is_exact():
    for turn in ([45, 0, 0], [0, 180, 0]):
        rotation = Rotation.from_euler("ZYZ", turn, degrees=True)
        assert error((4,), rotation, oversampling=1) < 1e-12


def test_the_modulus_is_never_exact_but_gains_from_oversampling():
    for rho in ("modulus", "relu"):
        errors = [error((4,), TURN, nonlinearity=rho, oversampling=n) for n in (1, 2, 4)]
        assert errors[0] > 3 * errors[1] > 9 * errors[2] > 1e-4
    assert error((5,), TURN, nonlinearity="square", oversampling=1) > 1e-3
