"""Training: against Optax by hand, taken up from checkpoints, refused where it cannot work."""

import json
import math
import os
import signal
import subprocess
import sys
import textwrap

import equinox as eqx
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import optax
import pytest
from nbclient import NotebookClient

import sphere_toolkit as st
from sphere_toolkit import nn

N, CLASSES = 50, 3


def samples(n=N, seed=0):
    """Points in the plane, labelled by sector: three classes that a small network learns."""
    x = np.random.default_rng(seed).standard_normal((n, 2))
    return x, (3 * (np.arctan2(x[:, 0], x[:, 1]) / (2 * np.pi) + 0.5)).astype(int) % CLASSES


def network(seed=0, classes=CLASSES, dtype=None):
    return eqx.nn.MLP(2, classes, 8, 1, key=jax.random.key(seed), dtype=dtype)


DATA, HELD_OUT = samples(), samples(21, seed=1)
FAST = {"batch_size": 16, "learning_rate": 0.02}


def weights(model):
    return jax.tree.leaves(eqx.filter(model, eqx.is_inexact_array))


def same(first, second):
    """Equal to the last bit."""
    pairs = zip(weights(first), weights(second), strict=True)
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in pairs)


class ComplexNetwork(eqx.Module):
    """Complex weights and real ones: the real part of a product with the signal, and a shift."""

    weight: jax.Array
    shift: jax.Array

    def __call__(self, x):
        """Two logits."""
        return (self.weight @ x).real + self.shift


# --- what the loop does -----------------------------------------------------------------------


def by_hand(model, x, y, order, size, rate, decay):
    """Epochs of AdamW without padding: one batch after another."""
    optimiser = optax.adamw(rate, weight_decay=decay)
    state = optimiser.init(eqx.filter(model, eqx.is_inexact_array))

    def loss(model, x, y):
        logits = jax.vmap(model)(x)
        return -jax.nn.log_softmax(logits)[np.arange(len(y)), y].mean()

    @eqx.filter_jit
    def step(model, state, x, y):
        slope = eqx.filter_grad(loss)(model, x, y)
        updates, state = optimiser.update(slope, state, eqx.filter(model, eqx.is_inexact_array))
        return eqx.apply_updates(model, updates), state

    for rows in order:
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            model, state = step(model, state, jnp.asarray(x[part]), jnp.asarray(y[part]))
    return model


@pytest.mark.parametrize("size", [16, 25, 64])
def test_the_loop_is_adamw_over_every_sample_once_an_epoch(size):
    # 50 samples: with a last batch of 2, none, and a single small batch.
    x, y = DATA
    order = [np.random.default_rng((7, epoch)).permutation(N) for epoch in (1, 2, 3)]
    expected = by_hand(network(), x, y, order, size, 0.02, 0.1)
    found, _ = nn.fit(network(), DATA, epochs=3, batch_size=size, learning_rate=0.02,
                      weight_decay=0.1, seed=7)  # fmt: skip
    for a, b in zip(weights(found), weights(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_one_shape_is_compiled_whatever_the_number_of_samples():
    traced = []

    class Counting(eqx.Module):
        inner: eqx.nn.MLP

        def __call__(self, x):
            traced.append(x.shape)
            return self.inner(x)

    nn.fit(Counting(network()), DATA, validation=HELD_OUT, epochs=1, **FAST)
    after_one = len(traced)
    for epochs, rate in ((4, 0.02), (2, 0.1)):
        nn.fit(Counting(network()), DATA, validation=HELD_OUT, epochs=epochs, batch_size=16,
               learning_rate=rate, schedule="cosine")  # fmt: skip
    # Later calls only ask for the shape of the logits; nothing is compiled again.
    assert len(traced) == after_one + 2
    x, y = samples(70)
    trained, _ = nn.fit(Counting(network()), (x, y), validation=(x, y), epochs=1)
    before = len(traced)
    # Each asks for the shape twice, and takes what validation has compiled; 20 are filled up to 32.
    nn.predict(trained, x)
    nn.predict(trained, x[:20])
    assert len(traced) == before + 4


def test_it_learns_and_says_so():
    model, history = nn.fit(
        network(), DATA, validation=HELD_OUT, epochs=40, batch_size=16, learning_rate=0.05
    )
    assert history.epochs == len(history.validation_loss) == len(history.seconds) == 40
    assert history.loss[-1] < 0.3 * history.loss[0]
    assert history.validation_accuracy[-1] == nn.accuracy(model, *HELD_OUT) > 0.9
    probabilities = nn.predict_proba(model, HELD_OUT[0])
    right = probabilities[np.arange(21), HELD_OUT[1]]
    assert history.validation_loss[-1] == pytest.approx(-np.log(right).mean(), rel=1e-5)


def test_the_model_given_is_not_changed():
    given, untouched = network(), network()
    nn.fit(given, DATA, epochs=1, **FAST)
    assert same(given, untouched)


def test_the_seed_decides_order_and_nothing_else_does():
    first, second, other = (nn.fit(network(), DATA, epochs=2, seed=s, **FAST) for s in (0, 0, 1))
    assert same(first[0], second[0])
    assert first[1] == second[1]
    assert not same(first[0], other[0])


def test_a_cosine_falls_from_the_learning_rate_to_zero():
    _, history = nn.fit(network(), DATA, epochs=4, schedule="cosine", **FAST)
    steps = 4 * math.ceil(N / 16)
    last = [4 * epoch - 1 for epoch in (1, 2, 3, 4)]
    expected = [0.02 * np.cos(np.pi * step / (2 * steps)) ** 2 for step in last]
    np.testing.assert_allclose(history.learning_rate, expected)
    _, constant = nn.fit(network(), DATA, epochs=2, **FAST)
    assert constant.learning_rate == [0.02, 0.02]


@pytest.mark.parametrize("monitor", ["loss", "accuracy"])
def test_patience_ends_training_and_gives_the_best_weights_back(monitor):
    # Labels at random: the validation gets worse once the network learns them by heart.
    x, y = samples(30, seed=2)
    held_out = (x[15:], np.roll(y[15:], 1))
    options = {"batch_size": 15, "learning_rate": 0.1, "monitor": monitor}
    data = (x[:15], y[:15])
    model, history = nn.fit(network(), data, validation=held_out, epochs=200, patience=5, **options)
    values = history.validation_loss if monitor == "loss" else history.validation_accuracy
    best = min(values) if monitor == "loss" else max(values)
    assert history.best_epoch == values.index(best) + 1
    assert history.epochs == history.best_epoch + 5 < 200
    again, _ = nn.fit(network(), data, epochs=history.best_epoch, **options)
    assert same(model, again)


def test_augmentation_sees_whole_real_batches_and_the_epochs_own_generator():
    seen = []

    def shifted(x, rng):
        seen.append((len(x), x.dtype, rng.standard_normal()))
        return x + 1

    x, y = DATA
    found, _ = nn.fit(network(), DATA, epochs=2, augment=shifted, **FAST)
    expected, _ = nn.fit(network(), (x + 1, y), epochs=2, **FAST)
    assert same(found, expected)
    assert [count for count, *_ in seen] == [16, 16, 16, 2] * 2
    assert {dtype for _, dtype, _ in seen} == {np.dtype(np.float64)}
    assert len({number for *_, number in seen}) == 8


def test_random_rotations_turn_each_signal_by_itself():
    x = np.stack([st.signals.earth_relief(8)[None].repeat(2, axis=0)] * 5)
    x[:, 1] *= 2
    turned = nn.random_rotations(x, np.random.default_rng(0))
    np.testing.assert_allclose(st.power_spectrum(turned), st.power_spectrum(x), rtol=1e-10)
    np.testing.assert_allclose(turned[:, 1], 2 * turned[:, 0])
    assert len(np.unique(turned[:, 0].round(6), axis=0)) == 5
    again = nn.random_rotations(x, np.random.default_rng(0))
    np.testing.assert_array_equal(turned, again)


def test_complex_signals_and_complex_weights_are_trained_downhill():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 2, 6)) + 1j * rng.standard_normal((60, 2, 6))
    flat = x.reshape(60, -1)
    y = (flat[:, 0].imag > flat[:, 3].real).astype(int)
    start = ComplexNetwork(jnp.zeros((2, 12), complex), jnp.zeros(2))
    model, history = nn.fit(start, (flat, y), epochs=30, learning_rate=0.05)
    assert [w.dtype for w in weights(model)] == [w.dtype for w in weights(start)]
    assert history.loss[0] < math.log(2) * 1.1
    assert history.accuracy[-1] > 0.9
    assert np.abs(np.asarray(model.weight).imag).max() > 0.1


def test_double_precision_stays_double():
    with jax.enable_x64():
        model, _ = nn.fit(network(dtype=jnp.float64), DATA, epochs=1, **FAST)
        assert {leaf.dtype for leaf in weights(model)} == {jnp.dtype("float64")}
        single, _ = nn.fit(network(dtype=jnp.float32), DATA, epochs=1, **FAST)
        assert {leaf.dtype for leaf in weights(single)} == {jnp.dtype("float32")}


# --- checkpoints ------------------------------------------------------------------------------

OPTIONS = {
    "validation": HELD_OUT, "patience": 4, "augment": lambda x, rng: x + rng.normal(size=x.shape),
    "weight_decay": 0.01, "schedule": "cosine", **FAST,
}  # fmt: skip


@pytest.fixture(scope="module")
def at_once():
    return nn.fit(network(), DATA, epochs=6, **OPTIONS)


@pytest.mark.parametrize("when", ["first batch", "last batch", "validation"])
def test_an_interrupted_training_goes_on_to_the_same_bits(tmp_path, at_once, monkeypatch, when):
    path, calls = tmp_path / "checkpoint", []
    batch = {"first batch": 13, "last batch": 16, "validation": None}[when]

    def interrupting(x, rng):
        calls.append(None)
        if len(calls) == batch:
            raise KeyboardInterrupt
        return OPTIONS["augment"](x, rng)

    interrupting.__qualname__ = OPTIONS["augment"].__qualname__
    if when == "validation":
        validate = nn.training.loop.validated

        def stopping(*arguments):
            if len(calls) == 16:
                raise KeyboardInterrupt
            return validate(*arguments)

        monkeypatch.setattr(nn.training.loop, "validated", stopping)
    options = OPTIONS | {"augment": interrupting, "checkpoint": path, "epochs": 6}
    with pytest.raises(nn.TrainingInterrupted, match="in epoch 4.*after epoch 3.*same call") as e:
        nn.fit(network(), DATA, **options)
    assert e.value.history.epochs == 3
    assert os.listdir(tmp_path) == ["checkpoint"]
    monkeypatch.undo()
    model, history = nn.fit(network(), DATA, **options)
    assert len(calls) > 16
    assert same(model, at_once[0])
    assert history == at_once[1]


def test_a_killed_process_leaves_a_checkpoint_that_goes_on_to_the_same_bits(tmp_path, at_once):
    script = f"""
        import os, signal, sys
        sys.path.insert(0, {os.path.dirname(__file__)!r})
        import test_training as t

        calls = []

        def killing(x, rng):
            calls.append(None)
            if len(calls) == 14:
                KILL
            return t.OPTIONS["augment"](x, rng)

        killing.__qualname__ = t.OPTIONS["augment"].__qualname__
        options = t.OPTIONS | {{"augment": killing, "checkpoint": sys.argv[1], "epochs": 6}}
        t.nn.fit(t.network(), t.DATA, **options)
    """
    path = tmp_path / "checkpoint"
    killed, status = "os.kill(os.getpid(), signal.SIGKILL)", -9
    if not hasattr(signal, "SIGKILL"):  # as on Windows
        killed, status = "os._exit(9)", 9
    script = textwrap.dedent(script).replace("KILL", killed)
    compiled_as_here = os.environ | {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    # It finds what this process has compiled, which waits meanwhile: JAX does not lock the folder.
    if jax.config.jax_compilation_cache_dir:
        compiled_as_here |= {
            "JAX_COMPILATION_CACHE_DIR": jax.config.jax_compilation_cache_dir,
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    done = subprocess.run([sys.executable, "-c", script, path], check=False, env=compiled_as_here)
    assert done.returncode == status
    model, history = nn.fit(network(), DATA, epochs=6, checkpoint=path, **OPTIONS)
    assert same(model, at_once[0])
    assert history == at_once[1]


def test_a_finished_training_is_read_not_repeated(tmp_path, at_once):
    path = tmp_path / "checkpoint"
    nn.fit(network(), DATA, epochs=6, checkpoint=path, **OPTIONS)
    written = path.read_bytes()

    def unused(x, rng):
        raise AssertionError("training went on")

    unused.__qualname__ = OPTIONS["augment"].__qualname__
    options = OPTIONS | {"augment": unused}
    model, history = nn.fit(network(), DATA, epochs=6, checkpoint=path, **options)
    assert same(model, at_once[0])
    assert history == at_once[1]
    assert (
        history.seconds == json.loads(written.partition(b"\n")[0])["training"]["history"]["seconds"]
    )
    assert path.read_bytes() == written


def test_more_epochs_may_follow_at_a_constant_rate(tmp_path):
    path = tmp_path / "checkpoint"
    nn.fit(network(), DATA, epochs=2, checkpoint=path, **FAST)
    longer, history = nn.fit(network(), DATA, epochs=5, checkpoint=path, **FAST)
    at_once, expected = nn.fit(network(), DATA, epochs=5, **FAST)
    assert same(longer, at_once)
    assert history == expected
    with pytest.raises(ValueError, match="holds 5 epochs, more than epochs=3"):
        nn.fit(network(), DATA, epochs=3, checkpoint=path, **FAST)


def test_the_weights_of_a_checkpoint_can_be_loaded(tmp_path):
    path = tmp_path / "checkpoint"
    model, _ = nn.fit(network(), DATA, epochs=2, checkpoint=path, **FAST)
    assert same(nn.load(path), model)


X, Y = DATA


@pytest.mark.parametrize(
    ("model", "data", "options", "message"),
    [
        (network(), DATA, {"learning_rate": 0.5}, "learning_rate is 0.02 in the file, 0.5 here"),
        (network(), DATA, {"seed": 1}, "seed is 0 in the file, 1 here"),
        (network(), DATA, {"augment": nn.random_rotations}, "augment is None.*random_rotations"),
        (network(), DATA, {"schedule": "cosine"}, "schedule is 'constant' in the file"),
        (network(), (X + 1, Y), {}, r"training data is float64\[50, 2\]"),
        (network(), (X[:40], Y[:40]), {}, r"training data .* float64\[40, 2\]"),
        (network(), (X, (Y + 1) % 3), {}, "training data"),
        (network(), DATA, {"validation": HELD_OUT}, "validation data is None in the file"),
        (network(seed=1), DATA, {}, "the weights at the start"),
        (network(classes=4), DATA, {}, r"another architecture: layers\[1\].weight is float32\[3,8"),
        (eqx.nn.Linear(2, 3, key=jax.random.key(0)), DATA, {}, "is equinox.nn.MLP in the file"),
    ],
)  # fmt: skip
def test_a_checkpoint_of_another_run_is_refused_and_kept(tmp_path, model, data, options, message):
    path = tmp_path / "checkpoint"
    nn.fit(network(), DATA, epochs=1, checkpoint=path, **FAST)
    written = path.read_bytes()
    with pytest.raises(ValueError, match=message):
        nn.fit(model, data, epochs=2, checkpoint=path, **FAST | options)
    assert path.read_bytes() == written


def test_what_is_no_checkpoint_is_not_overwritten(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"the only copy of my thesis")
    with pytest.raises(ValueError, match="no model of sphere_toolkit"):
        nn.fit(network(), DATA, epochs=1, checkpoint=path)
    assert path.read_bytes() == b"the only copy of my thesis"
    nn.save(path, network())
    written = path.read_bytes()
    with pytest.raises(ValueError, match="a saved model, not a checkpoint"):
        nn.fit(network(), DATA, epochs=1, checkpoint=path)
    assert path.read_bytes() == written
    with pytest.raises(FileNotFoundError, match="no folder"):
        nn.fit(network(), DATA, epochs=1, checkpoint=tmp_path / "missing" / "checkpoint")


# --- what stops it ----------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_stops_with_the_last_good_weights(tmp_path):
    path, calls = tmp_path / "checkpoint", []

    def breaking(x, rng):
        calls.append(None)
        return x * np.nan if len(calls) == 10 else x  # an epoch has four batches

    with pytest.raises(nn.TrainingError, match=r"epoch 3: the loss is nan in batch 2 .*0\.02") as e:
        nn.fit(network(), DATA, epochs=5, augment=breaking, checkpoint=path, **FAST)
    assert isinstance(e.value, FloatingPointError)
    expected, history = nn.fit(network(), DATA, epochs=2, **FAST)
    assert same(e.value.model, expected)
    assert e.value.history == history
    assert same(nn.load(path), expected)
    options = FAST | {"learning_rate": lambda step: 0.02 if step < 8 else -1}
    with pytest.raises(nn.TrainingError, match="epoch 3: learning_rate .* -1 at step 8") as e:
        nn.fit(network(), DATA, epochs=5, **options)
    assert same(e.value.model, expected)


def test_a_last_step_into_infinity_is_noticed():
    # One batch an epoch: its loss is finite, the step that follows is not.
    options = {"epochs": 1, "batch_size": N, "learning_rate": 1e38}
    with pytest.raises(nn.TrainingError, match="epoch 1: a weight is no longer finite") as e:
        nn.fit(network(), DATA, weight_decay=1e6, **options)
    assert same(e.value.model, network())
    assert e.value.history.epochs == 0
    with pytest.raises(nn.TrainingError, match="validation loss is (nan|inf) at the end"):
        nn.fit(network(), DATA, validation=HELD_OUT, **options)


@pytest.mark.parametrize("patience", [None, 4])
def test_an_interrupt_leaves_the_last_good_weights(patience):
    calls = []

    def interrupting(x, rng):
        calls.append(None)
        if len(calls) == 10:  # an epoch has four batches
            raise KeyboardInterrupt
        return x

    options = FAST | {"validation": HELD_OUT, "patience": patience}
    with pytest.raises(nn.TrainingInterrupted, match="in epoch 3.*sys.last_value.model") as e:
        nn.fit(network(), DATA, epochs=5, augment=interrupting, **options)
    assert isinstance(e.value, KeyboardInterrupt)
    expected, history = nn.fit(network(), DATA, epochs=2, **options)
    assert same(e.value.model, expected)
    assert e.value.history == history


def test_an_interrupt_before_the_first_epoch_ends_gives_the_model_back():
    def interrupting(x, rng):
        raise KeyboardInterrupt

    with pytest.raises(nn.TrainingInterrupted, match="no epoch is done") as e:
        nn.fit(network(), DATA, epochs=1, augment=interrupting)
    assert same(e.value.model, network())


NAN = X.copy()
NAN[3, 1] = np.nan


@pytest.mark.parametrize(
    ("data", "options", "error", "message"),
    [
        (X, {}, TypeError, r"data must be a pair \(x, y\), got ndarray"),
        ((X, Y, Y), {}, TypeError, "data must be a pair .* got 3 items"),
        ((X[:0], Y[:0]), {}, ValueError, "x must hold at least one signal"),
        ((X[:, 0], Y), {}, ValueError, r"x must hold at least one signal.*got shape \(50,\)"),
        ((NAN, Y), {}, ValueError, "x must be finite, got 1 NaN"),
        ((X.astype(str), Y), {}, TypeError, "x must be an array of numbers"),
        ((X, Y[:-1]), {}, ValueError, r"one label per signal, shape \(50,\), got shape \(49,\)"),
        ((X, np.eye(3)[Y]), {}, ValueError, r"one-hot labels become integers by y.argmax\(axis=1"),
        ((X, np.eye(3, dtype=int)[Y]), {}, ValueError, r"y.argmax\(axis=1\)"),
        ((X, Y.astype(float)), {}, TypeError, r"got dtype float64; whole.* by y.astype\(int\)"),
        ((X, Y == 1), {}, TypeError, r"got dtype bool; whole numbers .* y.astype\(int\)"),
        ((X, np.array(["a", "b", "c"])[Y]), {}, ValueError, "MLP has no attribute `classes`.*uniq"),
        ((X, np.array([{}, []] * 25, object)), {}, TypeError, "names of classes, got .* object"),
        ((X * 1e39, Y), {}, ValueError, r"x must lie within the range of float32.*e\+39"),
        ((X, Y[:, None]), {}, ValueError, r"got shape \(50, 1\)"),
        ((X, Y - 1), {}, ValueError, r"between 0 and 2 \(the model has 3 logits\).*first -1"),
        ((X, Y + 1), {}, ValueError, "other labels, the first 3"),
        ((X, np.ones(N, int)), {}, ValueError, "at least 2 classes, got only label 1"),
        (DATA, {"validation": (X[:0], Y[:0])}, ValueError, "validation x must hold at least one"),
        (DATA, {"validation": (NAN, Y)}, ValueError, "validation x must be finite"),
        (DATA, {"validation": (X, Y + 5)}, ValueError, "validation y must be between"),
        (DATA, {"validation": (X[:, :1], Y)}, ValueError, r"validation x .* shape \(2,\) like x"),
        (DATA, {"validation": (1j * X, Y)}, TypeError, "like x, float64, got complex128"),
        (DATA, {"validation": X}, TypeError, "validation must be a pair"),
        (DATA, {"epochs": 0}, ValueError, "epochs must be an integer >= 1, got 0"),
        (DATA, {"batch_size": 2.5}, TypeError, "batch_size must be an integer"),
        (DATA, {"learning_rate": -1.0}, ValueError, "learning_rate must be a finite number > 0"),
        (DATA, {"weight_decay": math.nan}, ValueError, "weight_decay must be a finite number"),
        (DATA, {"seed": -1}, ValueError, "seed must be an integer >= 0"),
        (DATA, {"schedule": "linear"}, ValueError, "schedule must be one of 'constant', 'cosine'"),
        (DATA, {"monitor": "f1"}, ValueError, "monitor must be one of 'loss', 'accuracy'"),
        (DATA, {"patience": 0}, ValueError, "patience must be an integer >= 1"),
        (DATA, {"patience": 3}, ValueError, "patience needs validation data"),
        (DATA, {"progress": "loud"}, ValueError, "progress must be one of False, True, 'bar'"),
        (DATA, {"augment": lambda x, rng: x[1:]}, ValueError, "augment must keep the shape"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_before_anything_runs(tmp_path, data, options, error, message):
    with pytest.raises(error, match=message):
        nn.fit(network(), data, **{"checkpoint": tmp_path / "file", **options})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (eqx.nn.MLP(2, "scalar", 4, 1, key=jax.random.key(0)), ValueError, r"got shape \(\)"),
        (eqx.nn.MLP(2, 1, 4, 1, key=jax.random.key(0)), ValueError, r"2 logits.*got shape \(1,\)"),
        (lambda x: (x, x), ValueError, "model must give an array for one signal"),
        ({"weight": np.ones(3)}, TypeError, "model must be callable on one signal, got dict"),
        (jax.nn.relu, ValueError, "at least 2 logits|weights to train"),
        (eqx.nn.MLP, TypeError, "must be an instance, got the class MLP itself"),
        (eqx.nn.Dropout(0.5), RuntimeError, r"as model\(signal\), with no key: Dropout requires"),
    ],
)  # fmt: skip
def test_what_is_no_classifier_is_refused(model, error, message):
    x, y = samples(10)
    with pytest.raises(error, match=message):
        nn.fit(model, (x, y % 2), epochs=1)


# --- evaluation -------------------------------------------------------------------------------


def test_predictions_do_not_depend_on_batches():
    model, _ = nn.fit(network(), DATA, epochs=20, **FAST)
    x, y = samples(37, seed=3)
    whole = np.asarray(jax.nn.softmax(jax.vmap(model)(jnp.asarray(x))))
    for size in (1, 10, 37, 100):
        found = nn.predict_proba(model, x, batch_size=size)
        np.testing.assert_allclose(found, whole, rtol=1e-5, atol=1e-7)
    assert found.shape == (37, CLASSES)
    guesses = whole.argmax(axis=1)
    table = nn.confusion_matrix(model, x, y, batch_size=10)
    expected = [[np.sum((y == a) & (guesses == b)) for b in range(3)] for a in range(3)]
    assert table.tolist() == expected
    assert nn.accuracy(model, x, y) == np.trace(table) / 37


def test_a_model_that_gives_nan_is_noticed():
    broken = eqx.tree_at(lambda m: m.layers[0].bias, network(), jnp.full(8, jnp.nan))
    with pytest.raises(ValueError, match="NaN or infinity for 50 of 50 signals"):
        nn.predict_proba(broken, X)


@pytest.mark.parametrize("function", [nn.accuracy, nn.confusion_matrix])
def test_evaluation_checks_its_labels(function):
    with pytest.raises(ValueError, match="y must be between 0 and 2"):
        function(network(), X, Y + 1)
    with pytest.raises(ValueError, match="one label per signal"):
        function(network(), X, Y[1:])
    with pytest.raises(ValueError, match="batch_size must be an integer >= 1"):
        function(network(), X, Y, batch_size=0)
    with pytest.raises(ValueError, match="x must be finite"):
        nn.predict_proba(network(), NAN)


# --- what is seen -----------------------------------------------------------------------------


def test_a_terminal_shows_a_bar_with_loss_and_accuracy(capfd):
    _, history = nn.fit(network(), DATA, validation=HELD_OUT, epochs=2, progress=True, **FAST)
    shown = capfd.readouterr().err
    assert "epoch 2/2: 100%" in shown
    assert f"loss {history.loss[-1]:.3g}, accuracy {100 * history.accuracy[-1]:.1f} %" in shown
    assert f"validation loss {history.validation_loss[-1]:.3g}" in shown


def test_nothing_is_shown_unless_asked_for(capfd):
    nn.fit(network(), DATA, epochs=1, **FAST)
    assert capfd.readouterr() == ("", "")


def test_a_history_knows_its_best_epoch():
    history = nn.History(
        loss=[3.0, 2.0, 1.0], accuracy=[0.1, 0.2, 0.3], validation_loss=[2.0, 1.0, 1.0],
        validation_accuracy=[0.4, 0.4, 0.5],
    )  # fmt: skip
    assert history.best_epoch == 2
    assert nn.History(**history.to_dict() | {"monitor": "accuracy"}).best_epoch == 3
    assert nn.History(loss=[1.0]).best_epoch is None
    assert nn.History(**json.loads(json.dumps(history.to_dict()))) == history


def test_the_chart_has_units_and_a_legend_and_marks_the_best_epoch():
    _, history = nn.fit(network(), DATA, validation=HELD_OUT, epochs=3, **FAST)
    figure = history.plot()
    losses, accuracies = figure.axes
    assert (losses.get_xlabel(), losses.get_ylabel()) == ("epoch", "cross entropy (nats)")
    assert accuracies.get_ylabel() == "accuracy (%)"
    (legend,) = figure.legends
    words = [text.get_text() for text in legend.get_texts()]
    assert words == ["training", "validation", f"best epoch: {history.best_epoch}"]
    drawn = [line.get_ydata().tolist() for line in losses.lines]
    assert drawn[:2] == [history.loss, history.validation_loss]
    assert drawn[2] == [min(history.validation_loss)]
    np.testing.assert_allclose(accuracies.lines[0].get_ydata(), 100 * np.array(history.accuracy))
    plt.close(figure)
    with pytest.raises(ValueError, match="no epoch is done"):
        nn.History().plot()


def test_a_notebook_shows_one_bar_and_one_chart_and_nothing_else(tmp_path):
    cell = """
        import equinox as eqx, jax, numpy as np
        from sphere_toolkit import nn
        x = np.random.default_rng(0).standard_normal((50, 2))
        y = (x[:, 0] > 0).astype(int)
        model = eqx.nn.Linear(2, 2, key=jax.random.key(0))
        model, history = nn.fit(model, (x, y), validation=(x, y), epochs=5, progress=True)
        print(history)
    """
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(textwrap.dedent(cell))])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    bar, chart, printed = notebook.cells[0].outputs
    assert bar.data["text/plain"] + "\n" == printed.text
    assert bar.data["text/plain"].startswith("<History: 5 epochs in ")
    assert "text/html" not in bar.data
    assert "image/png" in chart.data
    assert chart.metadata["image/png"]["alt"] == bar.data["text/plain"]
