import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import support

from sphere_toolkit import nn

ALL = (nn.GeneralizedCNN, nn.HybridClassifier, nn.SphericalCNN, nn.ZonalCNN)
SMALL = {"channels": (3, 4), "hidden": 5}
# Largest error of the logits over ten rotations, measured with oversampling 2: 4.5e-3.
POINTWISE_ERROR = 2 * 4.5e-3


def build(model, dtype="float32", **options):
    return model(2, 8, 3, key=jax.random.key(0), dtype=dtype, **{**SMALL, **options})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("model", [nn.GeneralizedCNN, nn.HybridClassifier])
def test_exact_models_give_the_same_logits_for_a_rotated_signal(model, dtype):
    with jax.enable_x64(dtype == "float64"):
        network = build(model, dtype)
        assert network.exact
        x = support.random_alm(2, 8, 1, dtype)
        assert eqx.filter_eval_shape(network, x).dtype == dtype
        error = support.equivariance(network, x, support.random_rotations(5), invariant=True)
        assert error < support.TOLERANCE[dtype]


def test_the_pointwise_model_errs_as_its_activations_do():
    network = build(nn.SphericalCNN)
    assert not network.exact
    x = support.random_alm(2, 8, 1)
    turns = support.random_rotations(10)
    found = support.equivariance(network, x, turns, invariant=True)
    assert 1e-4 < found < POINTWISE_ERROR
    finer = build(nn.SphericalCNN, oversampling=8.0)
    assert support.equivariance(finer, x, turns, invariant=True) < found


@pytest.mark.parametrize("model", ALL)
def test_a_model_learns_to_tell_two_spectra_apart(model):
    x = np.array(support.random_alm(2 * 48, 8, 2)).reshape(48, 2, -1)
    y = np.arange(48) % 2
    # The second class has a third of its power in degree 2, wherever that points.
    x[y == 1, :, 2] *= 6
    network, history = nn.fit(
        build(model, channels=(8, 8), hidden=16),
        (x, y),
        epochs=25,
        batch_size=16,
        learning_rate=1e-2,
        seed=1,
    )
    assert history.loss[-1] < 0.7 * history.loss[0]
    assert nn.accuracy(network, x, y) > 0.85


@pytest.mark.parametrize("model", ALL)
def test_a_batch_is_its_signals_one_by_one(model):
    network = build(model)
    x = jnp.stack([support.random_alm(2, 8, seed) for seed in range(3)])
    one_by_one = jnp.stack([support.apply(network, signal) for signal in x])
    together = jax.jit(jax.vmap(network))(x)
    np.testing.assert_allclose(together, one_by_one, rtol=1e-4, atol=1e-5)


def test_the_table_of_a_model_counts_all_of_it():
    for model in ALL:
        network = build(model)
        table = nn.summary(network, 8)
        assert table.parameters == nn.count_parameters(network)
        assert sum(row.parameters for row in table.rows) == table.parameters
        assert table.rows[-1].channels == "3"
        assert ("no" in {row.exact for row in table.rows}) is not network.exact


def test_band_limits_fall_and_are_kept_to():
    network = build(nn.GeneralizedCNN, channels=(3, 4, 5), band_limits=(6, 6, 2))
    rows = nn.summary(network, 8).rows
    assert [row.degrees for row in rows if row.layer == "GeneralizedConvolution"] == [
        "0 to 5",
        "0 to 5",
        "0 to 1",
    ]
    halved = nn.summary(build(nn.HybridClassifier, channels=(3, 4, 5)), 8).rows
    assert [row.degrees for row in halved if "Convolution" in row.layer] == [
        "0 to 7",
        "0 to 7",
        "0 to 3",
        "0 to 1",
    ]


@pytest.mark.parametrize("model", ALL)
def test_what_does_not_fit_is_refused(model):
    network = build(model)
    with pytest.raises(ValueError, match=r"alm must have shape \(2, 36\) .* got \(1, 36\)"):
        network(support.random_alm(1, 8))
    with pytest.raises(ValueError, match=r"\(2, 36\) \(band-limit 8\), got \(2, 28\)"):
        network(support.random_alm(2, 7))
    with pytest.raises(ValueError, match="band_limits must have one entry for each of 2 channels"):
        build(model, band_limits=(8,))
    with pytest.raises(ValueError, match=r"band_limits must never rise, got \(4, 8\)"):
        build(model, band_limits=(4, 8))
    with pytest.raises(ValueError, match="channels must have at least one entry"):
        build(model, channels=())
    with pytest.raises(ValueError, match="n_outputs must be an integer >= 1, got 0"):
        model(2, 8, 0, key=jax.random.key(0))


def test_orders_end_where_the_band_limit_does():
    network = build(nn.SphericalCNN, channels=(2, 2, 2, 2), N=3)
    assert [row.multiplicities for row in nn.summary(network, 8).rows if "Group" in row.layer] == [
        "1 to 5",
        "1 to 3",
        "1",
    ]


def test_unknown_options_are_refused():
    with pytest.raises(ValueError, match="mixing must be one of 'full', 'mst', 'rmst', got 'x'"):
        build(nn.GeneralizedCNN, mixing="x")
    with pytest.raises(ValueError, match="N must be an integer >= 1 and <= 8 for .*, got 9"):
        build(nn.HybridClassifier, N=9)
