"""The experiment on Gaussianity: its parts against brute force, and a small run."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs

import sphere_toolkit as st
from experiments.gaussianity import classifiers, join, skies, study
from experiments.run import Run
from sphere_toolkit.scattering import features

SET = "cmb128-laptop"


def transform():
    return st.ScatteringTransform(128, oversampling=1, n_threads=1)


# --- parts ----------------------------------------------------------------------------------


@given(hs.lists(hs.tuples(hs.floats(-5, 5, width=16), hs.integers(0, 1)), min_size=1, max_size=30))
def test_no_threshold_makes_fewer_errors(pairs):
    values, labels = map(np.array, zip(*pairs, strict=True))
    values = values + 1e-3 * np.arange(len(values))  # no ties
    found = np.count_nonzero((values > classifiers.best_threshold(values, labels)) != labels)
    cuts = [*values - 1e-4, *values + 1e-4]
    assert found == min(np.count_nonzero((values > cut) != labels) for cut in cuts)


@given(hs.lists(hs.tuples(hs.integers(-9, 9), hs.integers(0, 1)), min_size=2, max_size=200))
def test_roc_rises_and_its_area_counts_pairs_in_the_right_order(pairs):
    scores, labels = map(np.array, zip(*[*pairs, (0, 0), (1, 1)], strict=True))
    curve = study.roc(scores, labels)
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
    assert study.sizes(n) == expected


# --- skies ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(seed=3, epochs=1, store=tmp_path_factory.mktemp("store"), n_workers=1)


@pytest.fixture(scope="module")
def found(run):
    return skies.collect(SET, 20, 0, run, transform())


def test_skies_are_those_of_the_set(found):
    alm, labels = st.cmb.simulate(SET, 20, seed=3)
    assert found.labels.tolist() == labels.tolist() == [0, 1] * 10
    S = transform()(alm[:4])
    for (p, first), (q, second) in itertools.product(enumerate(S.paths), repeat=2):
        expected = st.power_spectrum(S[first], S[second]) * (2 * np.arange(32) + 1)
        np.testing.assert_allclose(
            found.spectra[:4, 1:, p, q], expected[:, 1:], rtol=1e-3, atol=1e-3
        )
        np.testing.assert_allclose(
            found.spectra[:4, 0, p, 0], S[first][:, 0].real, rtol=1e-4, atol=1e-9
        )
    np.testing.assert_allclose(found.log_spectrum, np.log(st.power_spectrum(alm)[:, 2:]), rtol=1e-5)
    np.testing.assert_allclose(found.low[:, 0], st.truncate(alm, 32), rtol=1e-5)
    spectrum = st.cmb.angular_power_spectrum(128)
    np.testing.assert_allclose(found.kurtosis, st.cmb.whitened_kurtosis(alm, spectrum))
    np.testing.assert_allclose(found.alm, alm, rtol=1e-6)


def test_features_are_those_of_the_package(found):
    S = transform()(st.cmb.simulate(SET, 20, seed=3)[0])
    means = features.log_path_means(S)
    second = features.whitened_moments(S.alm, features.degree_rms(S.alm))
    np.testing.assert_allclose(classifiers.path_means(found)(found), means, atol=1e-5)
    both = np.concatenate([means, second], axis=1)
    np.testing.assert_allclose(classifiers.moments(found)(found), both, atol=1e-4)


def test_sparsities_are_means_over_the_size_of_wavelet_coefficients(found):
    alm, _ = st.cmb.simulate(SET, 20, seed=3)
    S, bank = transform()(alm), st.WaveletBank(128, 5)
    values = classifiers.sparsities(found)(found)
    for column, path in enumerate(S.paths[1:]):
        first = np.array([bank.filter(path[0], 128)(one) for one in alm])
        expected = S.means()[:, column + 1] / np.sqrt(st.energy(first))
        np.testing.assert_allclose(values[:, column], np.log(expected), atol=1e-4)


def test_some_skies_are_rows_of_all(found):
    few = found[:6]
    assert len(few) == 6
    np.testing.assert_array_equal(few.labels, found.labels[:6])
    np.testing.assert_array_equal(few.low, found.low[:6])
    np.testing.assert_array_equal(few.kurtosis, found.kurtosis[:6])
    np.testing.assert_array_equal(few.alm, found.alm[:6])
    np.testing.assert_array_equal(few.spectra, found.spectra[:6])


# --- a run ----------------------------------------------------------------------------------


def command(out, *more):
    store = out.parent / "store"
    return [
        *("--set", SET, "--train", "24", "--test", "10", "--nonlinearity", "modulus"),
        *("--out", str(out), "--store", str(store), "--workers", "1", "--quiet", *more),
    ]


def test_small_runs_find_what_there_is_to_find_and_are_joined(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(study, "SMALLEST", 24)
    monkeypatch.setattr(classifiers, "_RIDGES", [1e-2, 1, 1e2])
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert study.EXPERIMENT.main(command(first, "--classifiers", "path_means", "kurtosis")) == 0
    result = json.loads(first.read_text())
    assert result["command"].startswith(f"python -m experiments.gaussianity --set {SET}")
    transform = "modulus, J_min 5, oversampling 1"
    assert set(result["seconds_per_map"]) == {"simulation", transform}
    assert min(result["seconds_per_map"].values()) > 0
    assert result["peak_memory"]["process"] > 1e7
    rows = {row["key"]: row for row in result["classifiers"]}
    assert [rows[key]["reads"] for key in rows] == [transform, "summary"]
    assert list(rows) == ["c", "e"]
    for row in rows.values():
        assert row["low"] > 0.5
        assert row["roc"]["area"] > 0.8
        assert [point["train_per_class"] for point in row["by_training_size"]] == [24]
    assert first.with_suffix(".md").read_text().startswith(study.table(result))
    assert study.table(result) in capsys.readouterr().out
    assert first.with_suffix(".png").stat().st_size > 10_000

    square = "--nonlinearity", "square", "--oversampling", "2", "--classifiers", "moments"
    assert study.EXPERIMENT.main(command(second, *square)) == 0
    both = tmp_path / "both.json"
    join.main([str(first), str(second), "--out", str(both)])
    joined = json.loads(both.read_text())
    assert [row["key"] for row in joined["classifiers"]] == ["c", "c2", "e"]
    assert list(joined["transforms"]) == [transform, "square, J_min 5, oversampling 2"]
    assert [part["command"] for part in joined["parts"]] == [
        json.loads(path.read_text())["command"] for path in (first, second)
    ]
    assert [row["part"] for row in joined["classifiers"]] == [0, 1, 0]
    assert joined["command"].startswith("python -m experiments.gaussianity.join")
    told = both.with_suffix(".md").read_text()
    assert "means and second moments; square" in told
    for part in joined["parts"]:
        assert part["command"] in told
        assert f"{part['machine']['threads']} threads" in told
    assert both.with_suffix(".png").stat().st_size > 10_000


def test_results_for_other_skies_are_not_joined():
    some = {"set": SET, "classes": [], "train_per_class": 1, "test_per_class": 1, "seed": 1,
            "interval": ""}  # fmt: skip
    with pytest.raises(ValueError, match="the same seed, got 1 and 2"):
        join.joined([some, {**some, "seed": 2}])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--classifiers", "oracle"], "--classifiers must be one of .*, got 'oracle'"),
        (["--nonlinearity", "softplus"], "nonlinearity must be one of .*, got 'softplus'"),
        (["--set", "cmb1024", "--classifiers", "graph"], "--classifiers must be one of"),
    ],
)
def test_bad_requests(more, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        study.EXPERIMENT.main(command(tmp_path / "result.json", *more))
