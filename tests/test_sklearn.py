"""The estimators: what scikit-learn asks of them, and what they compute."""

import pickle

import astropy.units as u
import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit.sklearn import ScatteringFeatures, SphericalClassifier

L = 16
X = noise(L, n=12)
Y = np.arange(12) % 2
SMALL = {"J_min": 1, "depth": 1, "channels": (1,), "epochs": 1}


class OfColumns:
    """Makes signals of arrays of any width, as scikit-learn's checks pass them."""

    def _analyse(self, X):
        alm = np.tile(noise(4, 7), (len(X), 1))
        alm[:, : min(4, X.shape[1])] += X[:, :4]  # coefficients of order 0
        return alm


class Features(OfColumns, ScatteringFeatures):
    """`ScatteringFeatures` of such signals."""


class Classifier(OfColumns, SphericalClassifier):
    """`SphericalClassifier` of such signals."""


NOT_FOR_SIGNALS = {"check_complex_data": "coefficients are complex"}


# The classifier goes through the checks of the interface alone: each of the others compiles and
# trains a network, 50 seconds in all, and check_classifiers_train wants it to be a good one.
@pytest.mark.parametrize(
    ("estimator", "legacy", "exceptions"),
    [
        (Features(J_min=1, n_threads=1), True, NOT_FOR_SIGNALS),
        (Classifier(**SMALL, n_threads=1), False, {}),
    ],
    ids=["features", "classifier"],
)
@pytest.mark.filterwarnings("ignore:.*far from 1:UserWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
def test_what_scikit_learn_checks(estimator, legacy, exceptions):
    results = check_estimator(estimator, legacy=legacy, on_fail=None, on_skip=None)
    failed = {one["check_name"]: one["exception"] for one in results if one["status"] == "failed"}
    assert failed.keys() == exceptions.keys(), failed  # one that passes now is no exception
    skipped = [one["check_name"] for one in results if one["status"] == "skipped"]
    assert set(skipped) <= {"check_array_api_input"}  # needs SCIPY_ARRAY_API


def test_features_are_logarithms_of_moments():
    S = st.ScatteringTransform(L, 2)(X)
    maps = S.maps()
    weights = np.polynomial.legendre.leggauss(4)[1][:, None] / 2 * np.full(8, 1 / 8)
    means, squares = ((weights * maps**k).sum(axis=(-1, -2)) for k in (1, 2))
    features = ScatteringFeatures(moments=2)
    found = features.fit_transform(X)
    expected = np.log(np.concatenate([means[:, 1:], squares], axis=1))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    names = features.get_feature_names_out()
    assert names[0] == "log mean (2,)"
    assert names[-1] == "log mean square (4, 3)"
    assert len(names) == found.shape[1] == 13
    np.testing.assert_array_equal(ScatteringFeatures().fit_transform(X), found[:, :6])


def test_features_do_not_change_under_rotation():
    scatter = ScatteringFeatures(nonlinearity="square", moments=2).fit(X)
    turned = scatter.transform(st.rotate(X, Rotation.random(rng=0)))
    np.testing.assert_allclose(turned, scatter.transform(X), atol=1e-11)


def test_directions_and_envelopes_give_features_of_every_path():
    scatter = ScatteringFeatures(nonlinearity=st.Envelope(2), directions=3, oversampling=2).fit(X)
    turned = scatter.transform(st.rotate(X, Rotation.random(rng=0)))
    np.testing.assert_allclose(turned, scatter.transform(X), atol=1e-2)
    assert "log mean (4, (3, 2))" in scatter.get_feature_names_out()


@pytest.mark.parametrize("grid", [st.Grid.gauss_legendre(L), st.Grid.healpix(8, L)])
def test_samples_give_the_features_of_their_coefficients(grid):
    f = st.inverse(X, grid)
    expected = ScatteringFeatures().fit_transform(X)
    for samples in (f, f.reshape(len(f), -1)):
        found = ScatteringFeatures(grid).fit_transform(samples)
        np.testing.assert_allclose(found, expected, atol=1e-8)


def test_in_a_grid_search():
    model = make_pipeline(ScatteringFeatures(), LogisticRegression())
    search = GridSearchCV(model, {"scatteringfeatures__J_min": [1, 2]}, cv=2)
    search.fit(X * (1 + Y)[:, None], Y)  # one class is twice as strong
    assert search.score(X * (1 + Y)[:, None], Y) == 1


def test_the_classifier():
    strong = X * np.where(Y, 3.0, 1.0)[:, None]
    names = np.array(["weak", "strong"])[Y]
    model = SphericalClassifier(
        J_min=1, depth=1, channels=(2,), epochs=60, learning_rate=0.03, seed=1
    ).fit(strong, names)
    assert list(model.classes_) == ["strong", "weak"]
    probability = model.predict_proba(strong)
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-6)
    assert list(model.predict(strong)) == list(model.classes_[probability.argmax(axis=1)])
    assert model.score(strong, names) > 0.9
    turned = model.predict_proba(st.rotate(strong, Rotation.random(rng=0)))
    np.testing.assert_allclose(turned, probability, atol=0.05)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(strong), probability)
    assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize("estimator", [ScatteringFeatures(), SphericalClassifier(**SMALL)])
@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (X.real, ValueError, r"complex coefficients.*got float64 of shape \(12, 136\).*grid="),
        (X[0], ValueError, r"shape \(n, L\(L\+1\)/2\), got \(136,\)"),
        (X * u.K, TypeError, "quantity in 'K'"),
        (np.ma.masked_where(X == X[:, 3:4], X), ValueError, "12 masked of 1632"),
        (np.where(np.arange(136) == 3, np.nan, X), ValueError, "12 NaN or infinite"),
    ],
)
def test_other_data_are_refused(estimator, data, error, said):
    with pytest.raises(error, match=said):
        clone(estimator).fit(data, Y)


def test_masked_classes_are_refused():
    with pytest.raises(ValueError, match="y must be known everywhere, got 6 masked of 12"):
        SphericalClassifier(**SMALL).fit(X, np.ma.array(Y, mask=np.arange(12) < 6))


def test_what_does_not_fit_is_named():
    features = ScatteringFeatures(st.Grid.gauss_legendre(L))
    with pytest.raises(ValueError, match=r"\(n, 16, 32\).*got \(3, 100\)"):
        features.fit(np.ones((3, 100)))
    with pytest.raises(NotFittedError):
        features.transform(X)
    with pytest.raises(ValueError, match=r"must hold 136 coefficients \(L=16\), got 36 \(L=8\)"):
        features.fit(X).transform(noise(8, n=2))
    flat = X.copy()
    flat[4] = 0
    with pytest.raises(ValueError, match=r"got 0 as 'log mean \(2,\)' of signal 4"):
        features.transform(flat)
    for data in (X, X.real):
        with pytest.raises(TypeError, match="grid must be a Grid, got 2 of type int"):
            ScatteringFeatures(2).fit(data)
    with pytest.raises(TypeError, match=r"channels must be integers, such as \(8, 16\), got 4"):
        SphericalClassifier(**SMALL | {"channels": 4}).fit(X, Y)
    with pytest.raises(ValueError, match="moments must be one of 1, 2, got 3"):
        ScatteringFeatures(moments=3).fit(X)
    with pytest.raises(ValueError, match="more than one class"):
        SphericalClassifier(**SMALL).fit(X, np.zeros(12))
