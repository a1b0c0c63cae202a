"""The explorer of equivariance as a Python object."""

from __future__ import annotations

import numpy as np
import pytest
from ipywidgets.embed import dependency_state
from scipy.spatial.transform import Rotation

import sphere_toolkit as st
from sphere_toolkit.explore._page.transform import NONLINEARITIES, page_transform, rings

NOISE = st.signals.band_limited_noise(32, 0)
BANK = st.WaveletBank(32, J_min=3)
TURN = Rotation.from_euler("ZYZ", [40, 50, 20], degrees=True)


def test_grids_of_the_page_have_a_power_of_two_of_rings():
    bank = st.WaveletBank(100, J_min=1, lam=1.7)
    for j in bank:
        for oversampling in (1, 1.5, 2, 4):
            found = rings(bank.band_limit(j), oversampling)
            assert found >= oversampling * bank.band_limit(j)
            assert found == 8 or found < 2 * oversampling * bank.band_limit(j)
            assert found.bit_count() == 1
            assert page_transform(bank, 1, oversampling).grid((j,)).L == found


@pytest.mark.parametrize("nonlinearity", NONLINEARITIES)
def test_the_network_of_the_page_is_the_transform_where_powers_are_of_two(nonlinearity):
    S = st.ScatteringTransform(32, J_min=3, oversampling=4, nonlinearity=nonlinearity)(NOISE)
    found = page_transform(BANK, 2, 4, nonlinearity)(NOISE)
    assert found.paths == S.paths
    finer = nonlinearity == "rms"  # on another grid there, which aliases less
    np.testing.assert_allclose(found.alm, S.alm, atol=1e-9 if finer else 1e-14)


@pytest.fixture(scope="module")
def default():
    return st.explore.equivariance()


def test_the_default_shows_an_error(default):
    assert (default.L, default.path, default.oversampling) == (64, (6,), 1)
    offered = default.controls["path"]["options"]
    assert offered == [(4,), (5,), (6,), (5, 4), (6, 4), (6, 5)]
    assert default.scales == [4, 5, 6]
    assert 0.01 < default.error() < 0.2
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 200_000
    assert len(state["state"]["_esm"]) < 90_000


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
        ("angles", (0, 0), "angles must be 3 numbers"),
        ("angles", (0, -1, 0), "angle beta must be a finite number >= 0"),
        ("angles", (181, 0, 0), "angle alpha must be .*<= 180, got 181"),
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
    scatter = st.ScatteringTransform(32, J_min=3, oversampling=1)
    expected = st.equivariance_error(lambda f: scatter(f)[(5,)], NOISE, explorer.rotation)
    assert explorer.error() == pytest.approx(expected[0])


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"path": (5, 6)}, ValueError, "path must be one of"),
        ({"path": 5}, TypeError, "tuple of scales.*5"),
        ({"nonlinearity": "abs"}, ValueError, "nonlinearity"),
        ({"oversampling": 8}, ValueError, "oversampling must be one of 1, 2, 4, got 8"),
        ({"angles": "now"}, ValueError, "angles"),
        ({"angles": (0, 200, 0)}, ValueError, "angle beta must be .*<= 180, got 200"),
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
