"""Losses, optimisers, weights, splits, callbacks, and targets that are numbers or arrays."""

from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from sphere_toolkit import nn
from sphere_toolkit.nn.training import samples
from sphere_toolkit.pipeline.dataset import Dataset

N = 48
X = np.random.default_rng(0).standard_normal((N, 2))
Y = (X[:, 0] > X[:, 1]).astype(int)
FAST = {"epochs": 3, "batch_size": 16, "learning_rate": 0.02}


@cache
def network(outputs=2, seed=0):
    return eqx.nn.MLP(2, outputs, 8, 1, key=jax.random.key(seed))


def weights(model):
    return jax.tree.leaves(eqx.filter(model, eqx.is_inexact_array))


def close(first, second, **tolerance):
    return all(
        np.allclose(a, b, **tolerance) for a, b in zip(weights(first), weights(second), strict=True)
    )


# --- loss, optimiser, learning rate -----------------------------------------------------------


def test_a_loss_of_ones_own_is_what_is_minimised():
    default, history = nn.fit(network(), (X, Y), **FAST)
    same, again = nn.fit(
        network(), (X, Y), loss=optax.softmax_cross_entropy_with_integer_labels, **FAST
    )
    assert close(default, same, rtol=0, atol=0)
    assert again == history

    def focal(logits, labels):
        log_p = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1)[:, 0]
        return -((1 - jnp.exp(log_p)) ** 2) * log_p

    found, focused = nn.fit(network(), (X, Y), validation=(X, Y), loss=focal, **FAST)
    p = nn.predict_proba(found, X)[np.arange(N), Y]
    assert focused.validation_loss[-1] == pytest.approx(np.mean(-((1 - p) ** 2) * np.log(p)), 1e-4)
    assert focused.accuracy[-1] > 0


def test_any_optimiser_of_optax_serves():
    adamw = optax.adamw(0.02, weight_decay=0.1)
    found, history = nn.fit(network(), (X, Y), optimiser=adamw, epochs=3, batch_size=16)
    expected, _ = nn.fit(network(), (X, Y), weight_decay=0.1, **FAST)
    assert close(found, expected, rtol=1e-5, atol=1e-6)
    assert history.learning_rate == []
    sgd, _ = nn.fit(network(), (X, Y), optimiser=optax.sgd(0.1), epochs=1, batch_size=N)

    def loss(model):
        return optax.softmax_cross_entropy_with_integer_labels(jax.vmap(model)(X), Y).mean()

    start = network()
    gradient = eqx.filter_grad(loss)(start)
    step = eqx.apply_updates(start, jax.tree.map(lambda g: -0.1 * g, gradient))
    assert close(sgd, step, rtol=1e-4, atol=1e-6)


def test_schedules_are_those_of_optax():
    steps = 3 * 3
    cosine = optax.cosine_decay_schedule(0.02, steps)
    by_name, history = nn.fit(network(), (X, Y), schedule="cosine", **FAST)
    by_function, same = nn.fit(network(), (X, Y), **FAST | {"learning_rate": cosine})
    assert close(by_name, by_function, rtol=0, atol=0)
    assert history == same
    np.testing.assert_allclose(
        history.learning_rate, [cosine(step) for step in (2, 5, 8)], rtol=1e-5
    )
    warm = optax.warmup_cosine_decay_schedule(0.0, 0.1, 4, steps)
    _, warmed = nn.fit(network(), (X, Y), **FAST | {"learning_rate": warm})
    np.testing.assert_allclose(warmed.learning_rate, [warm(step) for step in (2, 5, 8)], rtol=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ({"loss": lambda a, b: (a[:, 0] - b) ** 2}, {"loss": lambda a, b: 2 * (a[:, 0] - b) ** 2},
         "the loss is"),
        ({"optimiser": optax.sgd(0.1)}, {"optimiser": optax.sgd(0.2)}, "the optimiser is"),
        ({"optimiser": optax.sgd(0.1)}, {}, "the optimiser is .* AdamW here"),
        ({"learning_rate": optax.linear_schedule(1, 0, 9)},
         {"learning_rate": optax.linear_schedule(1, 0.1, 9)}, "learning_rate is 'a schedule"),
        ({"sample_weight": 1 + np.arange(N)}, {}, "training data is"),
        ({"validation_split": 0.25}, {"validation_split": 0.5}, "data is"),
    ],
)  # fmt: skip
def test_a_checkpoint_knows_its_functions(tmp_path, first, second, message):
    path, options = tmp_path / "checkpoint", {"epochs": 1, "batch_size": 16}
    found, history = nn.fit(network(), (X, Y), checkpoint=path, **first | options)
    # A function that computes the same is the same.
    again, same = nn.fit(network(), (X, Y), checkpoint=path, **first | options)
    assert close(found, again, rtol=0, atol=0)
    assert history == same
    with pytest.raises(ValueError, match=f"belongs to another run: .*{message}"):
        nn.fit(network(), (X, Y), checkpoint=path, **second | options)


# --- weights, split, callbacks ----------------------------------------------------------------


def test_a_weight_of_two_is_a_sample_twice():
    weight = np.where(np.arange(N) < 10, 2.0, 1.0)
    twice = np.concatenate([np.arange(N), np.arange(10)])
    options = {"epochs": 4, "batch_size": len(twice), "optimiser": optax.sgd(0.5)}
    weighed, _ = nn.fit(network(), (X, Y), sample_weight=weight, **options)
    repeated, _ = nn.fit(network(), (X[twice], Y[twice]), **options)
    assert close(weighed, repeated, rtol=1e-4, atol=1e-6)
    half, _ = nn.fit(network(), (X, Y), sample_weight=0.5 * weight, **options)
    assert close(weighed, half, rtol=1e-5, atol=1e-7)


def test_a_weight_of_a_class_is_that_of_its_samples():
    def weight(sample=None, of_class=None, y=Y, model=None):
        return samples.training_samples(model or network(), (X, y), None, sample, of_class)[
            2
        ].weight

    thrice = weight(np.where(Y == 1, 3.0, 1.0))
    for of_class in ({1: 3}, {0: 0.5, 1: 1.5}):
        np.testing.assert_allclose(weight(of_class=of_class), thrice, rtol=1e-14)
    both = weight(1 + np.arange(N), {1: 3})
    np.testing.assert_allclose(both, weight((1 + np.arange(N)) * thrice), rtol=1e-14)
    few = np.arange(N) < 5
    balanced = weight(of_class="balanced", y=few.astype(int))
    assert balanced[few].sum() == pytest.approx(balanced[~few].sum())


def test_a_scattered_data_set_is_data():
    labels, rows = np.array([0, 1, -1, 1, 0]), [0, 1, 4]
    data = Dataset(
        alm=np.arange(5 * 2 * 10, dtype=np.complex64).reshape(5, 2, 10), labels=labels,
        names=list("abcde"), seeds=[], paths=((), (2,)), problems={}, header={}, versions=[],
        valid=np.arange(5) != 3, targets={"turned": np.array([0.5, np.nan, 2, 3, 4])},
    )  # fmt: skip
    model = nn.ZonalCNN(2, 4, 2, channels=(2,), key=jax.random.key(0))
    found = samples.training_samples(model, data, None, None, None)[2]
    np.testing.assert_array_equal(found.y, labels[rows])
    np.testing.assert_array_equal(found.x, data.alm[rows])
    alm, turned = data.training_data("turned")
    np.testing.assert_array_equal(alm, data.alm[[0, 2, 4]])
    np.testing.assert_array_equal(turned, [0.5, 2, 4])


def test_a_split_is_stratified_and_never_trained_on():
    seen = []

    def watch(x, rng):
        seen.append(x)
        return x

    unequal = (np.arange(N) % 4 == 0).astype(int)
    _, history = nn.fit(network(), (X, unequal), validation_split=0.25, augment=watch, **FAST)
    trained = np.unique(np.concatenate(seen), axis=0)
    assert len(trained) == 36
    kept = [(row == trained).all(axis=1).any() for row in X]
    assert unequal[kept].sum() == 9
    assert len(history.validation_loss) == 3
    _, again = nn.fit(network(), (X, unequal), validation_split=0.25, **FAST)
    assert again == history


def test_callbacks_see_each_epoch_and_may_end_the_training():
    seen = []

    def watch(model, history):
        seen.append((history.epochs, weights(model)[0].sum()))
        return history.epochs == 2

    model, history = nn.fit(network(), (X, Y), callbacks=[lambda *_: None, watch], **FAST)
    assert [epoch for epoch, _ in seen] == [1, 2]
    assert history.epochs == 2
    assert seen[-1][1] == weights(model)[0].sum()


# --- numbers and arrays -----------------------------------------------------------------------


def test_a_regressor_finds_numbers_in_their_own_unit(tmp_path):
    y = 1e6 + 3e3 * (X[:, 0] - 2 * X[:, 1])
    model, history = nn.fit(
        nn.Regressor(eqx.nn.Linear(2, 1, key=jax.random.key(0))), (X, y), validation_split=0.25,
        epochs=200, batch_size=12, learning_rate=0.03, patience=200,
    )  # fmt: skip
    assert model.mean == pytest.approx([y.mean()])
    assert model.scale == pytest.approx([y.std()])
    found = nn.predict(model, X)
    np.testing.assert_allclose(found[:, 0], y, atol=50)
    assert history.accuracy == []
    assert history.validation_accuracy == []
    assert history.validation_loss[-1] < 1e-3
    assert "accuracy" not in repr(history)
    assert [ax.get_ylabel() for ax in history.plot().axes] == ["loss"]
    nn.save(tmp_path / "model", model)
    np.testing.assert_array_equal(nn.predict(nn.load(tmp_path / "model"), X), found)
    # Its loss is in units of the variance, and another training keeps its scale.
    again, _ = nn.fit(model, (X, 2 * y), epochs=1)
    assert again.scale == model.scale
    error = np.mean((found[:, 0] - y - 1e3) ** 2) / y.var()
    _, measured = nn.fit(model, (X, y), validation=(X, y + 1e3), epochs=1, learning_rate=1e-9)
    assert measured.validation_loss[-1] == pytest.approx(error, rel=0.01)


def test_arrays_complex_ones_too_are_targets(capfd):
    class Mix(eqx.Module):
        weight: jax.Array

        def __call__(self, x, *, key=None):
            """Complex vector to vector."""
            return self.weight @ x

    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3))
    x = rng.standard_normal((40, 3)) + 1j * rng.standard_normal((40, 3))
    start = Mix(jnp.zeros((2, 3), complex))
    model, _history = nn.fit(
        start, (x, x @ matrix.T), loss=lambda a, b: jnp.abs(a - b) ** 2, epochs=150,
        learning_rate=0.05, schedule="cosine", progress="bar",
    )  # fmt: skip
    np.testing.assert_allclose(model.weight, matrix, atol=1e-2)
    np.testing.assert_allclose(nn.outputs(model, x), x @ matrix.T, atol=0.1)
    assert "accuracy" not in capfd.readouterr().err
    model, _ = nn.fit(nn.Regressor(start), (x, x @ matrix.T), epochs=1)
    assert model(x[0]).shape == (2,)


@pytest.mark.parametrize(
    ("model", "y", "options", "error", "message"),
    [
        (network(), X[:, 0], {}, TypeError, r"got dtype float64.*nn\.Regressor\(model\).*l2_loss"),
        (nn.Regressor(network(1)), X, {}, ValueError, r"shape \(48, 1\), got shape \(48, 2\)"),
        (nn.Regressor(network(1)), ["a"] * N, {}, TypeError, "y must be an array of numbers"),
        (nn.Regressor(network(1)), X[:, 0] * 1e39, {}, ValueError, "range of float32"),
        (nn.Regressor(network(1)), X[:, 0], {"monitor": "accuracy"}, ValueError, "needs classes"),
        (network(), Y, {"loss": "mse"}, TypeError, "loss must be a function .* got 'mse'"),
        (network(), Y, {"loss": lambda a, b: a.sum()}, ValueError, r"one value per sample.*\(\)"),
        (network(), Y, {"optimiser": "sgd"}, TypeError, "GradientTransformation of optax"),
        (network(), Y, {"optimiser": optax.sgd(1), "weight_decay": 1}, ValueError, "belong to Ad"),
        (network(), Y, {"learning_rate": abs, "schedule": "cosine"}, ValueError, "needs a number"),
        (network(), Y, {"learning_rate": lambda i: 0.5 - i}, ValueError, r"got -0\.5 at step 1"),
        (network(), Y, {"learning_rate": lambda i: "1e-2 s"}, TypeError, "got '1e-2 s' at step 0"),
        (network(), Y, {"sample_weight": Y[1:]}, ValueError, r"shape \(48,\), got \(47,\)"),
        (network(), Y, {"sample_weight": -Y}, ValueError, "sample_weight must be >= 0"),
        (network(), Y, {"sample_weight": 0 * Y}, ValueError, "not all 0"),
        (network(), Y, {"class_weight": "even"}, ValueError, "one of 'balanced', got 'even'"),
        (network(), Y, {"class_weight": {2: 1}}, ValueError, "one of 0, 1, got 2"),
        (network(), Y, {"class_weight": {1: -1}}, ValueError, r"class_weight\[1\] must be .* >= 0"),
        (network(), Y, {"class_weight": [1, 2]}, TypeError, "a dict of weights, got list"),
        (nn.Regressor(network(1)), X[:, 0], {"class_weight": {}}, ValueError, "got numbers"),
        (network(), Y, {"validation_split": 1.0}, ValueError, "less than 1, got 1.0"),
        (network(), Y, {"validation_split": 0.5, "validation": (X, Y)}, ValueError, "not both"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(model, y, options, error, message):
    with pytest.raises(error, match=message):
        nn.fit(model, (X, y), epochs=1, **options)


def test_a_regressor_is_no_classifier():
    model = nn.Regressor(network(2), [0, 0], [1, 2])
    np.testing.assert_allclose(model(X[0]), network(2)(X[0]) * jnp.array([1, 2]), rtol=1e-6)
    for function in (nn.predict_proba, lambda model, x: nn.accuracy(model, x, Y)):
        with pytest.raises(TypeError, match="must be a classifier, got a Regressor"):
            function(model, X)
    with pytest.raises(ValueError, match="given together"):
        nn.Regressor(network(), mean=[0])
    with pytest.raises(ValueError, match=r"one shape, got \(1,\) and \(2,\)"):
        nn.Regressor(network(), [0], [1, 1])
    with pytest.raises(ValueError, match="scale must be positive, got 0"):
        nn.Regressor(network(), [0], [0])
    with pytest.raises(TypeError, match="network must be callable"):
        nn.Regressor("network")


def test_predictions_are_the_classes():
    model, _ = nn.fit(network(), (X, Y), **FAST)
    np.testing.assert_array_equal(nn.predict(model, X), nn.predict_proba(model, X).argmax(axis=1))
    assert nn.accuracy(model, X, Y) == np.mean(nn.predict(model, X) == Y)
