"""The network on the graph of HEALPix pixels: its parts against dense matrices and healpy."""

import equinox as eqx
import healpy
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from strategies import noise

import sphere_toolkit as st
from experiments.gaussianity import healpix, rival, skies
from experiments.run import Run

NSIDE = 16


def dense(on):
    """The adjacency matrix of a graph."""
    n = len(on.neighbours)
    matrix = np.zeros((n, n))
    for k in range(8):
        np.add.at(matrix, (np.arange(n), on.neighbours[:, k]), on.weights[:, k])
    return matrix


@pytest.fixture(scope="module")
def on():
    return healpix.graph(4)


@pytest.fixture(scope="module")
def network():
    return healpix.GraphNetwork(2, jax.random.key(0), channels=(4, 8))


@pytest.fixture
def optimised():
    """Tests of layers let JAX optimise little (see their conftest); long work would take longer."""
    name = "jax_disable_most_optimizations"
    before = jax.config.read(name)
    jax.config.update(name, False)
    yield
    jax.config.update(name, before)


# --- the graph ------------------------------------------------------------------------------


def test_the_neighbours_are_those_of_healpy(on):
    expected = healpy.get_all_neighbours(4, np.arange(192), nest=True).T
    for own, others, weights in zip(expected, on.neighbours, on.weights, strict=True):
        assert set(others[weights > 0]) == set(own[own >= 0])


def test_the_matrix_is_symmetric_and_its_eigenvalues_are_at_most_one(on):
    matrix = dense(on)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-7)
    values = np.linalg.eigvalsh(matrix)
    assert values.max() == pytest.approx(1, abs=1e-6)
    assert values.min() > -1
    # Nearer neighbours count more.
    places = np.stack(healpy.pix2vec(4, np.arange(192), nest=True), axis=1)
    distances = np.linalg.norm(places[:, None] - places[on.neighbours], axis=-1)
    for row, weights in zip(distances, on.weights, strict=True):
        real = weights > 0
        assert np.corrcoef(row[real], weights[real])[0, 1] < -0.8


def test_maps_are_those_of_healpy_in_nested_order():
    alm = noise(2 * NSIDE, n=2)
    expected = healpy.reorder(healpy.alm2map(list(alm), NSIDE, pol=False), r2n=True)
    np.testing.assert_allclose(healpix.pixels(alm, NSIDE), expected, rtol=1e-4, atol=1e-5)


def test_eight_rotations_map_pixels_to_pixels():
    alm = noise(2 * NSIDE)
    maps = healpix.pixels(alm[None], NSIDE)[0]
    found = [maps[images] for images in healpix.symmetries(NSIDE)]
    assert all(sorted(images) == list(range(maps.size)) for images in healpix.symmetries(NSIDE))
    for half in (0, 1):
        for quarter in range(4):
            turn = Rotation.from_euler("zx", [quarter * 90, half * 180], degrees=True)
            turned = healpix.pixels(st.rotate(alm, turn.inv())[None], NSIDE)[0]
            np.testing.assert_allclose(found[4 * half + quarter], turned, atol=1e-4)


# --- layers ---------------------------------------------------------------------------------


def test_the_convolution_is_a_polynomial_of_the_laplacian(on):
    convolve = healpix.ChebyshevConvolution(2, 3, jax.random.key(1))
    x = np.random.default_rng(0).standard_normal((192, 2)).astype(np.float32)
    laplacian = -dense(on)
    terms = np.polynomial.chebyshev.chebvander(np.linalg.eigvalsh(laplacian), 4)
    vectors = np.linalg.eigh(laplacian)[1]
    expected = sum(
        vectors @ (terms[:, k, None] * (vectors.T @ x)) @ np.asarray(convolve.weights[k])
        for k in range(5)
    )
    np.testing.assert_allclose(convolve(on, x), expected, atol=1e-4)


def test_the_derivative_is_the_transpose(on):
    x, y = np.random.default_rng(0).standard_normal((2, 192, 2)).astype(np.float32)
    found = jax.grad(lambda x: jnp.sum(y * healpix.spread(on, x)))(x)
    np.testing.assert_allclose(found, dense(on).T @ y, atol=1e-5)


def test_logits_do_not_change_under_the_symmetries(network):
    graphs = healpix.graphs_of(NSIDE, network)
    assert [len(one.neighbours) for one in graphs] == [12 * n**2 for n in (16, 8, 4)]
    maps = healpix.pixels(noise(2 * NSIDE)[None], NSIDE)[0]
    told = eqx.filter_jit(network)
    expected = told(graphs, maps)
    assert np.ptp(expected) > 1e-3
    for images in healpix.symmetries(NSIDE):
        np.testing.assert_allclose(told(graphs, maps[images]), expected, atol=1e-5)


def test_it_has_about_as_many_weights_as_the_networks_on_scattering_images():
    def weights(key):  # their shapes are enough, and nothing is compiled
        network = healpix.GraphNetwork(2, key, healpix.CHANNELS)
        return eqx.filter(network, eqx.is_inexact_array)

    shapes = jax.tree.leaves(eqx.filter_eval_shape(weights, jax.random.key(0)))
    # Those have 35 370 (cmb128-laptop) to 43 530 (cmb1024), five networks together.
    assert sum(weight.size for weight in shapes) == 34_530


# --- training -------------------------------------------------------------------------------


@pytest.mark.usefixtures("optimised")
@pytest.mark.parametrize("learn", [rival.on_map, rival.on_whitened_map])
def test_sparse_signals_are_told_from_gaussian_ones(learn, monkeypatch, tmp_path):
    monkeypatch.setattr(rival, "_STEPS", 40)
    monkeypatch.setattr(rival, "CHANNELS", (8,))
    monkeypatch.setattr(rival, "_ORIENTATIONS", 2)
    n, L = 96, 16
    labels = np.tile([0, 1], n // 2)
    alm = np.array(
        [st.cmb.poisson_sources(L, float(label), 3, i) for i, label in enumerate(labels)]
    )
    nothing = np.zeros((n, 0))
    signals, unused = alm.astype(np.complex64), st.ScatteringTransform(L, 3)
    some = skies.Skies(labels, nothing, nothing, nothing, signals, nothing, unused)
    trained = learn(some[:80], Run(0, 4, tmp_path), "unused")
    assert trained.parameters == 48 + 82 + 16
    assert np.mean((trained.scores(some[80:]) > 0) == labels[80:]) > 0.8
    assert "nside 8" in trained.note
