"""Scattering along one path with any nonlinearity, and the explorer of its equivariance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from ipywidgets.embed import dependency_state
from scipy.spatial.transform import Rotation

import sphere_toolkit as st
from sphere_toolkit.explore import _paths

NOISE = st.signals.band_limited_noise(32, 0)
BANK = st.WaveletBank(32, J_min=3)
TURN = Rotation.from_euler("ZYZ", [40, 50, 20], degrees=True)


@pytest.mark.parametrize("oversampling", [1, 2, 4])
def test_paths_with_the_modulus_are_those_of_the_scattering_transform(oversampling):
    S = st.ScatteringTransform(32, J_min=3, oversampling=oversampling)(NOISE)
    assert tuple(_paths.paths_of(BANK, 2)) == S.paths
    found = _paths.scatter_paths(NOISE, BANK, S.paths, "modulus", oversampling)
    np.testing.assert_allclose(found, S.alm, atol=1e-14)
    one = st.explore.scatter_path(NOISE, BANK, [5, 4], oversampling=oversampling)
    np.testing.assert_allclose(one, S[(5, 4)], atol=1e-14)


def test_grids_have_a_power_of_two_of_rings():
    bank = st.WaveletBank(100, J_min=1, lam=1.7)
    for j in bank:
        for oversampling in (1, 1.5, 2, 4):
            rings = _paths.sampling_band_limit(bank, j, oversampling)
            assert rings >= oversampling * bank.band_limit(j)
            assert rings == 8 or rings < 2 * oversampling * bank.band_limit(j)
            assert rings.bit_count() == 1


def test_relu_is_half_of_value_and_modulus():
    """max(x, 0) = (x + |x|) / 2, and the average of a wavelet of higher degrees vanishes."""
    bank = st.WaveletBank(32, J_min=2)  # the average ends where scale 4 begins
    relu = st.explore.scatter_path(NOISE, bank, (4,), nonlinearity="ReLU")
    modulus = st.explore.scatter_path(NOISE, bank, (4,))
    np.testing.assert_allclose(relu, modulus / 2, atol=1e-14)


def test_the_mean_of_the_square_is_the_energy():
    square = st.explore.scatter_path(NOISE, BANK, (4,), nonlinearity="square")
    wavelet = BANK.analysis(NOISE).wavelets[4]
    assert square[0].real == pytest.approx(st.energy(wavelet) / np.sqrt(4 * np.pi))


@given(hs.integers(0, 2**32 - 1), hs.sampled_from(_paths.paths_of(BANK, 2)[1:]))
def test_the_square_is_exact_at_twice_the_band_limit(seed, path):
    turn = Rotation.random(random_state=seed)
    error = st.explore.path_equivariance_error(NOISE, BANK, path, turn, nonlinearity="square")
    assert error < 1e-11


def test_a_rotation_that_carries_the_grid_into_itself_is_exact():
    for turn in ([45, 0, 0], [0, 180, 0]):
        rotation = Rotation.from_euler("ZYZ", turn, degrees=True)
        options = {"oversampling": 1}
        assert st.explore.path_equivariance_error(NOISE, BANK, (4,), rotation, **options) < 1e-12


def test_the_modulus_is_never_exact_but_gains_from_oversampling():
    for rho in ("modulus", "ReLU"):
        errors = [
            st.explore.path_equivariance_error(
                NOISE, BANK, (4,), TURN, nonlinearity=rho, oversampling=oversampling
            )
            for oversampling in (1, 2, 4)
        ]
        assert errors[0] > 3 * errors[1] > 9 * errors[2] > 1e-4
    coarse = {"nonlinearity": "square", "oversampling": 1}
    assert st.explore.path_equivariance_error(NOISE, BANK, (5,), TURN, **coarse) > 1e-3


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ((NOISE, None, (4,)), {}, TypeError, "bank must be a WaveletBank, got None"),
        ((NOISE[:-1], BANK, (4,)), {}, ValueError, "nearest lengths"),
        ((np.stack([NOISE, NOISE]), BANK, (4,)), {}, ValueError, "one signal"),
        ((NOISE, BANK, (9,)), {}, ValueError, "scale of path must be one of 3, 4, 5, got 9"),
        ((NOISE, BANK, (4, 5)), {}, ValueError, r"strictly decreasing scales, got \(4, 5\)"),
        ((NOISE, BANK, "4"), {}, TypeError, "path must be a sequence of scales, got '4'"),
        ((NOISE, BANK, 4), {}, TypeError, "path must be a sequence of scales, got 4"),
        ((NOISE, BANK, (4,)), {"nonlinearity": "tanh"}, ValueError, "'modulus', 'square', 'ReLU'"),
        ((NOISE, BANK, (4,)), {"oversampling": 0.5}, ValueError, "oversampling"),
    ],
)
def test_paths_refuse_bad_input(arguments, options, error, words):
    with pytest.raises(error, match=words):
        st.explore.scatter_path(*arguments, **options)


def test_the_error_needs_one_rotation_and_something_on_the_path():
    for rotation in (Rotation.random(2), [30, 50, 20]):
        with pytest.raises(TypeError, match="rotation must be a single scipy Rotation, got"):
            st.explore.path_equivariance_error(NOISE, BANK, (4,), rotation)
    with pytest.raises(ValueError, match="returned zero"):
        st.explore.path_equivariance_error(st.signals.harmonic(32, 2, 1), BANK, (5,), TURN)


# --- the explorer ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def default():
    return st.explore.equivariance()


def test_the_default_shows_an_error(default):
    assert (default.L, default.path, default.oversampling) == (64, (6,), 1)
    assert default.paths == [[4], [5], [6], [5, 4], [6, 4], [6, 5]]
    assert default.scales == [4, 5, 6]
    assert 0.01 < default.error() < 0.2
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 200_000
    assert len(state["state"]["_esm"]) < 70_000


def test_what_is_chosen_can_be_set_and_is_checked(default):
    default.path, default.nonlinearity, default.oversampling = [6, 4], "square", 2
    default.angles = [-180, 90, 12.5]
    assert (default.path, default.angles) == ((6, 4), (-180.0, 90.0, 12.5))
    assert default.error() < 1e-12
    matrix = Rotation.from_euler("ZYZ", [-180, 90, 12.5], degrees=True).as_matrix()
    np.testing.assert_allclose(default.rotation.as_matrix(), matrix)
    for trait, value, words in [
        ("path", (4, 6), r"path must be one of .*got \(4, 6\)"),
        ("nonlinearity", "tanh", "nonlinearity must be one of .*got 'tanh'"),
        ("oversampling", 3, "oversampling must be one of 1, 2, 4, got 3"),
        ("angles", (0, 0), "angles must be three numbers"),
        ("angles", (0, -1, 0), "angle beta must be a finite number >= 0"),
        ("angles", (181, 0, 0), "angle alpha must be at most 180 degrees, got 181"),
        ("angles", (0, 0, np.nan), "angle gamma must be a finite number"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(default, trait, value)
    default.path, default.nonlinearity, default.oversampling = (6,), "modulus", 1
    default.angles = (30, 50, 20)


def test_a_signal_without_anything_on_the_path_has_no_error():
    explorer = st.explore.equivariance(st.signals.harmonic(32, 2, 1), J_min=3)
    assert np.isnan(explorer.error())
    explorer = st.explore.equivariance(1e-60 * NOISE, J_min=3)
    assert explorer.error() == pytest.approx(
        st.explore.path_equivariance_error(NOISE, BANK, (5,), explorer.rotation, oversampling=1)
    )


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"path": (5, 6)}, ValueError, "path must be one of"),
        ({"path": 5}, TypeError, "path must be a sequence of scales, got 5"),
        ({"nonlinearity": "abs"}, ValueError, "nonlinearity"),
        ({"oversampling": 8}, ValueError, "oversampling must be one of 1, 2, 4, got 8"),
        ({"angles": "now"}, ValueError, "angles"),
        ({"angles": (0, 200, 0)}, ValueError, "beta must be at most 180"),
        ({"angles": (0, "x", 0)}, TypeError, "angle beta"),
        ({"unit": 3}, TypeError, "unit must be a string"),
        ({"L": 200}, ValueError, "L must be"),
        ({"J_min": 9}, ValueError, "J_min"),
        ({"seed": -1}, ValueError, "seed"),
    ],
)
def test_bad_input_is_refused_before_anything_is_shown(options, error, words):
    with pytest.raises(error, match=words):
        st.explore.equivariance(NOISE, **options)
