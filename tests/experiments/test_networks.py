"""The network on cross-spectra is the network on images."""

import equinox as eqx
import jax
import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from strategies import noise

import sphere_toolkit as st
from experiments.gaussianity.networks import SpectraClassifier, hybrid_model, standardisation
from experiments.gaussianity.skies import cross_spectra

L, PATHS = 12, 3


@pytest.fixture(scope="module")
def images():
    x = noise(L, n=40 * PATHS).reshape(40, PATHS, -1)
    return st.nn.Standardisation.from_data(x)(x)


def test_cross_spectra_are_standardised_as_images_are():
    x = noise(L, n=40 * PATHS).reshape(40, PATHS, -1) * np.arange(1, PATHS + 1)[:, None]
    x[:, 1:, 0] = 1 + abs(x[:, 1:, 0])  # these means are positive
    x[:, 0, :2] = 0  # as the monopole and a part of the dipole of the background
    expected = cross_spectra(st.nn.Standardisation.from_data(x, "positive")(x))
    found = cross_spectra(x)
    np.testing.assert_allclose(standardisation(found)(found), expected, rtol=1e-4, atol=1e-4)


@pytest.fixture(scope="module")
def start(images):
    return hybrid_model(cross_spectra(images), jax.random.key(0))


@pytest.fixture(scope="module")
def model(start):
    """With weights as after some training: at the start all degrees are alike."""

    @jax.jit
    def moved(arrays):
        keys = iter(jax.random.split(jax.random.key(1), 100))
        return jax.tree.map(lambda a: a + 0.1 * jax.random.normal(next(keys), a.shape), arrays)

    arrays, rest = eqx.partition(start, eqx.is_inexact_array)
    return eqx.combine(moved(arrays), rest)


def test_cross_spectra_are_sums_over_all_orders(images):
    found = cross_spectra(images)
    assert found.shape == (40, L, PATHS, PATHS)
    for ell in range(1, L):
        # Textbook: orders -l..l, those below 0 by the symmetry of a real signal.
        chosen = st.degrees(L) == ell
        positive = images[:, :, chosen][..., 1:]
        signs = (-1.0) ** np.arange(1, ell + 1)
        both = np.concatenate([(signs * positive.conj())[..., ::-1], images[:, :, chosen]], axis=-1)
        expected = np.einsum("npm,nqm->npq", both, both.conj())
        np.testing.assert_allclose(found[:, ell], expected.real, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(found[:, 0, :, 0], images[..., 0].real)


def test_the_same_logits_from_images_turned_or_not_and_from_their_cross_spectra(model, images):
    assert isinstance(model, SpectraClassifier)
    assert isinstance(model.model, st.nn.HybridClassifier)
    turned = st.rotate(images[0], Rotation.random(rng=np.random.default_rng(0)))
    some = np.concatenate([images[:8], turned[None]]).astype(np.complex64)
    on_images = eqx.filter_jit(jax.vmap(model.model))(some)
    on_spectra = eqx.filter_jit(jax.vmap(model))(cross_spectra(some))
    assert np.ptp(on_images) > 0.1
    np.testing.assert_allclose(on_spectra, on_images, rtol=1e-4, atol=1e-4)
    # Logits of about 1000: in single precision neighbours are 1e-4 apart.
    np.testing.assert_allclose(on_images[8], on_images[0], rtol=1e-6)


def test_an_untrained_network_has_no_opinion(start, images):
    np.testing.assert_array_equal(eqx.filter_jit(jax.vmap(start))(cross_spectra(images[:9])), 0)


def test_all_degrees_of_a_moment_count_alike_at_first(start):
    lift, products, mix, *_ = start.model.layers
    ell = np.arange(L)
    # One image whose orders all have the same power: the moment of a degree is 2l + 1.
    value = (-1.0) ** ell / np.sqrt(2 * ell + 1) * (2 * ell + 1)
    share = (value * mix.contraction)[1:]
    np.testing.assert_allclose(share / share.sum(), (2 * ell + 1)[1:] / (L**2 - 1), rtol=1e-5)
    np.testing.assert_allclose(np.ptp(lift.spectrum, axis=-1), 0, atol=1e-6)
    assert products.multiplicities == (L,)
