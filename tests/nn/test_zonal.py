"""The classifier of zonal filters, and the trained one that comes with the package."""

import jax
import numpy as np
import pytest
import support

import sphere_toolkit as st
from sphere_toolkit import nn
from sphere_toolkit.nn.models.bundled import digit_network

# Largest error of the logits over ten rotations, measured at oversampling 2 and 8.
MEASURED = {2.0: 4.3e-3, 8.0: 1.2e-4}


def build(**options):
    sizes = {"channels": (3, 4), "hidden": 5, "key": jax.random.key(0), **options}
    return nn.ZonalCNN(2, 8, 3, **sizes)


@pytest.mark.parametrize("oversampling", MEASURED)
def test_it_errs_as_its_activations_do(oversampling):
    network = build(oversampling=oversampling)
    assert not network.exact
    x, turns = support.random_alm(2, 8, 1), support.random_rotations(10)
    found = support.equivariance(network, x, turns, invariant=True)
    assert MEASURED[oversampling] / 2 < found < 2 * MEASURED[oversampling]


def test_without_a_kink_it_is_exact():
    """The square of a signal has twice its band-limit, and oversampling 2 carries that."""
    network = build(activation=jax.numpy.square, dtype="float32")
    turns = support.random_rotations(5)
    x = support.random_alm(2, 8, 1)
    assert support.equivariance(network, x, turns, invariant=True) < 1e-5


def test_band_limits_and_knots_are_kept_to():
    network = build(channels=(3, 4, 5), band_limits=(8, 6, 6), knots=4)
    convolutions = network.layers[:-4:2]
    assert [layer.weights.shape for layer in convolutions] == [(3, 2, 4), (4, 3, 4), (5, 4, 4)]
    assert [layer.L_out for layer in convolutions] == [8, 6, 6]
    halved = build(channels=(3, 4)).layers[:-4:2]
    assert [layer.L_out for layer in halved] == [8, 4]


def test_the_trained_one_is_as_good_as_its_file_says():
    model, facts = digit_network()
    assert nn.count_parameters(model) == 2998
    alm, labels = st.signals.digits(model.L, "test")
    found = nn.accuracy(model, alm[:, None], labels)
    assert found == pytest.approx(facts["upright"], abs=1 / len(labels))
    assert found > 0.94
    rng = np.random.default_rng(0)
    turned = nn.accuracy(model, nn.random_rotations(alm[:, None], rng), labels)
    assert turned == pytest.approx(facts["rotated"], abs=0.01)
