"""Each nonlinearity by itself, and the transform with it, against formulas written out."""

import pickle

import numpy as np
import oracles
import pytest
from scipy.spatial.transform import Rotation
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit.scattering.nonlinearity import NONLINEARITIES
from sphere_toolkit.sphere.legendre import ring_series, ring_series_size

WRITTEN_OUT = {
    "modulus": np.abs,
    "square": lambda x: x**2,
    "relu": lambda x: np.where(x > 0, x, 0),
}


def test_every_nonlinearity_has_a_name_and_a_formula():
    assert set(NONLINEARITIES) == set(WRITTEN_OUT)
    assert all(rho.name == name for name, rho in NONLINEARITIES.items())


@pytest.mark.parametrize("name", NONLINEARITIES)
@pytest.mark.parametrize(("L", "rings"), [(1, 1), (9, 20), (40, 300), (260, 521)])
@pytest.mark.parametrize("n_threads", [1, 2, 3, 40])
def test_block_by_block_is_at_once(name, L, rings, n_threads):
    alm, grid = noise(L, n=3), st.Grid.gauss_legendre(rings)
    samples = WRITTEN_OUT[name](st.inverse(alm, grid))
    expected = st.truncate(st.forward(samples, grid), min(L, 30))
    found = np.empty_like(expected)
    memory = np.full(ring_series_size(grid, 3), np.nan + 0j)
    work = ring_series(grid, 3, memory)
    NONLINEARITIES[name].analyse(alm, L, grid, min(L, 30), found, n_threads, work)
    np.testing.assert_allclose(found, expected, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("name", NONLINEARITIES)
def test_the_transform_with_it_against_dense_matrices(name):
    alm = noise(12)
    scatter = st.ScatteringTransform(12, J_min=1, depth=3, nonlinearity=name)
    S = scatter(alm)
    rings = {j: scatter.propagate(alm, (j,))[1].L for j in scatter.bank}
    expected = oracles.scattering(alm, 1, 3, 2.0, rings, WRITTEN_OUT[name])
    ell, m = st.degrees(S.L), st.orders(S.L)
    for path, full in expected.items():
        scale = np.abs(full).max()
        np.testing.assert_allclose(
            S[path], full[ell * ell + ell + m], atol=1e-11 * max(1, scale), err_msg=path
        )
    wavelet = scatter.bank.analysis(alm).wavelets[3]
    samples, grid = scatter.propagate(alm, (3,))
    np.testing.assert_allclose(
        samples, WRITTEN_OUT[name](st.inverse(wavelet, grid)), atol=1e-11 * np.abs(samples).max()
    )


def test_the_square_is_exactly_equivariant_and_the_others_are_not():
    alm = st.signals.band_limited_noise(64, 0)
    errors = {
        name: st.equivariance_error(
            st.ScatteringTransform(64, 3, nonlinearity=name), alm, Rotation.random(rng=0)
        )[0]
        for name in NONLINEARITIES
    }
    assert errors["square"] < 1e-12
    assert 1e-5 < errors["modulus"] < 1e-2
    assert 1e-5 < errors["relu"] < 1e-2


def test_it_is_part_of_what_defines_the_transform():
    scatter = st.ScatteringTransform(16, 2, nonlinearity="relu")
    assert scatter.parameters()["nonlinearity"] == "relu"
    assert "nonlinearity='relu'" in repr(scatter)
    again = pickle.loads(pickle.dumps(scatter))
    np.testing.assert_array_equal(again(noise(16)).alm, scatter(noise(16)).alm)


@pytest.mark.parametrize("name", ["ReLU", "abs", "", None, np.abs])
def test_others_are_refused(name):
    with pytest.raises(ValueError, match="one of 'modulus', 'square', 'relu', got"):
        st.ScatteringTransform(16, 2, nonlinearity=name)
