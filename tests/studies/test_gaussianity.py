"""The study of Gaussianity: its parts against brute force, and a small run of all of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs

import sphere_toolkit as st
from sphere_toolkit.studies import _classifiers, _skies, gaussianity

SET = "cmb128-laptop"


def transform():
    return st.ScatteringTransform(128, oversampling=1, n_threads=1)


# --- parts ----------------------------------------------------------------------------------


@given(hs.lists(hs.tuples(hs.floats(-5, 5, width=16), hs.integers(0, 1)), min_size=1, max_size=30))
def test_no_threshold_makes_fewer_errors(pairs):
    values, labels = map(np.array, zip(*pairs, strict=True))
    values = values + 1e-3 * np.arange(len(values))  # no ties
    found = np.count_nonzero((values > _classifiers.best_threshold(values, labels)) != labels)
    cuts = [*values - 1e-4, *values + 1e-4]
    assert found == min(np.count_nonzero((values > cut) != labels) for cut in cuts)


@given(hs.lists(hs.tuples(hs.integers(-9, 9), hs.integers(0, 1)), min_size=2, max_size=200))
def test_roc_rises_and_its_area_counts_pairs_in_the_right_order(pairs):
    scores, labels = map(np.array, zip(*[*pairs, (0, 0), (1, 1)], strict=True))
    curve = gaussianity.roc(scores, labels)
    for key in ("false_positive", "true_positive"):
        assert curve[key][0] == 0
        assert curve[key][-1] == 1
        assert (np.diff(curve[key]) >= 0).all()
        assert len(curve[key]) <= 61
    difference = scores[labels == 1][:, None] - scores[labels == 0]
    expected = np.mean((difference > 0) + 0.5 * (difference == 0))
    assert curve["area"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("n", "expected"),
    [(50, [50]), (99, [99]), (100, [50, 100]), (1000, [62, 125, 250, 500, 1000]),
     (8000, [500, 1000, 2000, 4000, 8000])],
)  # fmt: skip
def test_training_sizes_are_halves(n, expected):
    assert gaussianity.sizes(n) == expected


# --- skies ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def skies(store):
    return _skies.collect(SET, 20, 3, 0, store, transform(), n_workers=1, progress=False)


def test_skies_are_those_of_the_set(skies):
    alm, labels = st.cmb.simulate(SET, 20, seed=3)
    assert skies.labels.tolist() == labels.tolist() == [0, 1] * 10
    S = transform()(alm[:4])
    assert skies.scattering.paths == S.paths
    np.testing.assert_allclose(skies.scattering.alm[:4], S.alm, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(
        skies.plain.log_spectrum, np.log(st.power_spectrum(alm)[:, 2:]), rtol=1e-5
    )
    np.testing.assert_allclose(skies.plain.low[:, 0], st.truncate(alm, 32), rtol=1e-5)
    spectrum = st.cmb.angular_power_spectrum(128)
    np.testing.assert_allclose(skies.plain.kurtosis, st.cmb.whitened_kurtosis(alm, spectrum))


def test_what_is_there_is_not_computed_again(skies, store, monkeypatch):
    folder = store / f"{SET}-seed3-0-20-plain"
    files = sorted(folder.iterdir())
    assert [f.name for f in files] == ["0-20.npz"]
    made = files[0].stat().st_mtime_ns
    _skies.summarise(SET, 20, 3, 0, folder, 1, False)
    assert files[0].stat().st_mtime_ns == made
    monkeypatch.setattr(_skies, "_made_by", lambda: "another version")
    _skies.summarise(SET, 20, 3, 0, folder, 1, False)
    assert files[0].stat().st_mtime_ns > made


@pytest.mark.parametrize("damage", [lambda b: b[:-100], lambda b: b"", lambda b: b"no zip file"])
def test_a_damaged_file_is_made_anew(skies, store, damage):
    file = store / f"{SET}-seed3-0-20-plain" / "0-20.npz"
    file.write_bytes(damage(file.read_bytes()))
    plain = _skies.summarise(SET, 20, 3, 0, file.parent, 1, False)
    np.testing.assert_array_equal(plain.kurtosis, skies.plain.kurtosis)
    np.testing.assert_array_equal(plain.low, skies.plain.low)


def test_two_processes_find_what_one_finds(store):
    one, two = (_skies.summarise(SET, 130, 5, 2, store / str(n), n, False) for n in (1, 2))
    for a, b in zip(vars(one).values(), vars(two).values(), strict=True):
        np.testing.assert_array_equal(a, b)
