"""What people hand to `fit` and `predict`: coefficients, samples, names, scales and precisions."""

import jax
import numpy as np
import pytest
import support

import sphere_toolkit as st
from sphere_toolkit import nn

L, N = 6, 24


def model(classes=2, **options):
    return nn.ZonalCNN(
        1, L, classes, channels=(2,), hidden=3, key=jax.random.key(0), **{"knots": 2, **options}
    )


@pytest.fixture(scope="module")
def x():
    return np.asarray(support.random_alm(N, L, 1))[:, None]


Y = np.arange(N) % 2


def test_scattering_coefficients_are_data(x):
    S = st.ScatteringCoefficients(x, [()])
    expected, history = nn.fit(model(), (x, Y), epochs=1)
    found, again = nn.fit(model(), (S, Y), validation=(S, Y), epochs=1)
    assert support.identical(found, expected)
    assert again.loss == history.loss
    np.testing.assert_array_equal(nn.predict_proba(found, S), nn.predict_proba(found, x))
    assert nn.accuracy(found, S, Y) == nn.accuracy(found, x, Y)
    measured = nn.Standardisation.from_data(S)
    np.testing.assert_array_equal(measured(S), measured(x))


@pytest.mark.parametrize(
    "use", [lambda x: nn.fit(model(), (x, Y)), lambda x: nn.predict_proba(model(), x)]
)
def test_samples_are_told_from_coefficients(x, use):
    grid = st.Grid.gauss_legendre(L)
    samples = st.inverse(x[:, 0].astype(complex), grid)
    for given in (samples, samples[:, None], samples.reshape(N, -1)):
        with pytest.raises(TypeError, match=r"alm must be complex.*st\.forward\(samples, grid\)"):
            use(given)
    with pytest.raises(ValueError, match=r"one signal of x, of shape \(21,\).*alm\[None\]"):
        use(x[:, 0])
    with pytest.raises(ValueError, match=r"of shape \(2, 21\).*alm must have shape \(1, 21\)"):
        use(np.concatenate([x, x], axis=1))


def test_missing_and_dressed_values_are_refused(x):
    masked = np.ma.masked_array(x, mask=np.abs(x) > 2)
    with pytest.raises(ValueError, match="x must be known everywhere, got .* masked"):
        nn.fit(model(), (masked, Y))
    with pytest.raises(ValueError, match=r"range of complex64, got values up to .*e\+40"):
        nn.predict_proba(model(), x.astype(complex) * 1e40)
    standardise = nn.Standardisation(np.full((1, L), 1e-30), np.zeros(1), [False])
    with pytest.raises(ValueError, match="range of complex64"):
        standardise(x.astype(complex) * 1e10)


# --- names of classes -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.asarray, list, lambda y: np.asarray(y, object)])
def test_names_of_classes_are_kept_and_understood(x, kind, tmp_path):
    y = kind(["noise", "map"] * (N // 2))
    found, _ = nn.fit(model(), (x, y), validation=(x, y), epochs=1)
    numbered, _ = nn.fit(model(), (x, 1 - Y), epochs=1)
    assert found.classes == ("map", "noise")
    assert nn.accuracy(found, x, y) == nn.accuracy(numbered, x, 1 - Y)
    np.testing.assert_array_equal(
        nn.confusion_matrix(found, x, y), nn.confusion_matrix(numbered, x, 1 - Y)
    )
    nn.save(tmp_path / "model", found)
    assert nn.load(tmp_path / "model").classes == ("map", "noise")
    # Trained on, it keeps the order of its classes.
    again, _ = nn.fit(found, (x, y), epochs=1)
    assert again.classes == ("map", "noise")
    with pytest.raises(ValueError, match="y must hold names among 'map', 'noise', got 'dust'"):
        nn.accuracy(found, x, ["dust"] * N)


def test_names_that_do_not_fit_are_refused(x):
    with pytest.raises(ValueError, match="as the model has logits, 3, got 2: 'a', 'b'"):
        nn.fit(model(3), (x, np.array(["a", "b"])[Y]))
    with pytest.raises(ValueError, match="validation y must hold names among 'a', 'b', got 'c'"):
        nn.fit(model(), (x, np.array(["a", "b"])[Y]), validation=(x, ["c"] * N))
    with pytest.raises(ValueError, match="y holds names such as 'a', and the model knows none"):
        nn.accuracy(model(), x, ["a"] * N)


# --- scale ------------------------------------------------------------------------------------


def two_spectra(scale):
    """Two classes that differ in the power of degree 2."""
    x = np.asarray(support.random_alm(N, L, 2), np.complex128)[:, None]
    x[Y == 1, :, 2] *= 6
    return x * scale


OPTIONS = {"epochs": 30, "batch_size": 8, "learning_rate": 1e-2}


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_a_scale_far_from_one_is_pointed_out_and_standardisation_mends_it(scale):
    data = two_spectra(scale)
    with pytest.warns(
        UserWarning, match=r"channel 0 of x .* about .*nn\.Standardisation"
    ) as caught:
        nn.fit(model(), (data, Y), epochs=1)
    assert caught[0].filename == __file__
    standardise = nn.Standardisation.from_data(data)
    inside, history = nn.fit(model(standardisation=standardise), (data, Y), **OPTIONS)
    assert nn.accuracy(inside, data, Y) > 0.9
    outside, same = nn.fit(model(), (standardise(data), Y), **OPTIONS)
    np.testing.assert_allclose(history.loss, same.loss, rtol=1e-3)
    np.testing.assert_allclose(
        nn.predict_proba(inside, data), nn.predict_proba(outside, standardise(data)), atol=1e-3
    )


def test_one_channel_of_another_scale_is_pointed_out():
    data = np.concatenate([two_spectra(1), two_spectra(1e-6)], axis=1)
    two = nn.ZonalCNN(2, L, 2, channels=(2,), hidden=3, knots=2, key=jax.random.key(0))
    with pytest.warns(UserWarning, match="channel 1 of x"):
        nn.fit(two, (data, Y), epochs=1)
    nn.fit(two, (data * [[1], [0]], Y), epochs=1)  # an empty channel is nobody's fault


# --- precision --------------------------------------------------------------------------------


def test_a_model_in_double_precision_needs_jax_in_double_precision(x, tmp_path):
    path = tmp_path / "model"
    with jax.enable_x64():
        double = model(dtype="float64")
        nn.save(path, double)
        assert support.identical(nn.load(path), double)
    for use in (
        lambda: nn.load(path),
        lambda: nn.fit(double, (x, Y)),
        lambda: nn.predict_proba(double, x),
    ):
        with pytest.raises(ValueError, match="float64, which needs JAX in double .*jax_enable_x64"):
            use()


def test_what_the_user_did_not_pass_is_not_blamed():
    small = nn.HybridClassifier(4, 2, 2, channels=(2, 2), hidden=2, key=jax.random.key(0))
    assert support.apply(small, support.random_alm(4, 2)).shape == (2,)
    with pytest.raises(ValueError, match="N must be .* <= 2 for the first band-limit 2, got 3"):
        nn.HybridClassifier(4, 2, 2, N=3, key=jax.random.key(0))
    with pytest.raises(
        ValueError, match="2 channels of band-limit 6 like the model, got one for 1"
    ):
        nn.ZonalCNN(2, L, 2, key=jax.random.key(0),
                    standardisation=nn.Standardisation(np.ones((1, L)), [0], [False]))  # fmt: skip


@pytest.mark.parametrize(
    "y",
    [
        np.ma.masked_equal(Y, 0),
        np.ma.array(np.array(["a", "b"])[Y], mask=Y == 0),
        np.ma.masked_equal(Y.astype(float), 0),
    ],
    ids=["numbers", "names", "targets"],
)
def test_masked_labels_are_refused(x, y):
    with pytest.raises(ValueError, match="y must be known everywhere, got 12 masked of 24"):
        nn.fit(nn.Regressor(model()) if y.dtype.kind == "f" else model(), (x, y), epochs=1)
    if y.dtype.kind != "f":
        with pytest.raises(ValueError, match="12 masked of 24"):
            nn.accuracy(model(), x, y)
