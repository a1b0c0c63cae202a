"""The experiment on f_NL: its parts against brute force, and a small run of all of it."""

import json
from types import MappingProxyType

import numpy as np
import pytest
from strategies import noise

import sphere_toolkit as st
from experiments.fnl import skies, statistics, study
from experiments.run import Run
from sphere_toolkit.cmb import sets

SMALL = "fnl64"


@pytest.fixture(autouse=True)
def small_set(monkeypatch):
    """A set like fnl256 that is made in no time; f_NL is large, for small skies know little."""
    small = sets._local(SMALL, 64, f_nl=4000.0)
    monkeypatch.setattr(sets, "SETS", MappingProxyType({SMALL: small, **sets.SETS}))
    return small


# --- parts ----------------------------------------------------------------------------------


def test_cross_spectra_are_the_sums_over_all_orders():
    L = 6
    alm = np.stack([noise(L, seed, 3) for seed in range(4)])
    rms = np.random.default_rng(0).uniform(1, 2, (3, L))
    found = statistics.cross_spectra(alm, [1, 2], rms)
    assert found.shape == (4, 2 * (L - 2))
    for sky in range(4):
        expected = []
        for p in (1, 2):
            for ell in range(2, L):
                total = 0
                for c in np.flatnonzero(st.degrees(L) == ell):
                    both = (alm[sky, 0, c] * alm[sky, p, c].conj()).real
                    total += both if st.orders(L)[c] == 0 else 2 * both
                expected.append(total / (rms[0, ell] * rms[p, ell] * np.sqrt(2 * ell + 1)))
        np.testing.assert_allclose(found[sky], expected, rtol=1e-10)


@pytest.mark.parametrize("how", skies.TRANSFORMS)
def test_the_negative_of_a_sky_scatters_to_the_same_but_for_depth_zero(small_set, how):
    scatter = skies.transform(SMALL, how)
    sky = small_set.map(1, 0)
    assert scatter.paths[0] == ()
    found = statistics.negative(scatter(sky).alm[None])[0]
    np.testing.assert_allclose(found, scatter(-sky).alm, atol=1e-9)


def test_distance_is_in_units_of_the_spread_within_classes():
    rng = np.random.default_rng(1)
    labels = np.tile([0, 1], 20_000)
    scores = 5 + 3 * (rng.standard_normal(labels.size) + 1.7 * labels)
    assert study.distance(scores, labels) == pytest.approx(1.7, abs=0.05)
    same = [np.tile(np.arange(20_000), (2, 1))] * 2
    np.testing.assert_allclose(
        study.resampled(scores, labels, same), study.distance(scores, labels), rtol=1e-12
    )


def test_the_bootstrap_spreads_as_repeated_experiments_do():
    rng, n = np.random.default_rng(2), 200
    labels = np.tile([0, 1], n)
    experiments = [rng.standard_normal(2 * n) + 2.5 * labels for _ in range(400)]
    spread = np.std([study.distance(scores, labels) for scores in experiments])
    drawn = [rng.integers(n, size=(1000, n)) for _ in range(2)]
    widths = [study.resampled(scores, labels, drawn).std() for scores in experiments[:20]]
    assert np.mean(widths) == pytest.approx(spread, rel=0.15)


# --- skies ----------------------------------------------------------------------------------


def test_pairs_are_half_as_far_to_either_side(small_set, tmp_path):
    several = skies.pairs(SMALL, 3, Run(5, 1, tmp_path, 1), list(skies.TRANSFORMS))
    for how, found in zip(skies.TRANSFORMS, several, strict=True):
        scatter = skies.transform(SMALL, how)
        assert found.paths == scatter.paths
        for i in range(3):
            fnl0, fnl100 = (small_set.simulate(label, 5, i) for label in (0, 1))
            up, down = (fnl0 + fnl100) / 2, (3 * fnl0 - fnl100) / 2
            near = {"rtol": 1e-4, "atol": 1e-4}
            np.testing.assert_allclose(found.fnl0[i], scatter(fnl0).alm, **near)
            np.testing.assert_allclose(found.fnl100[i], scatter(fnl100).alm, **near)
            np.testing.assert_allclose(found.up[i], scatter(up).alm, **near)
            np.testing.assert_allclose(found.down[i], scatter(down).alm, **near)


def test_test_skies_are_those_of_the_set(small_set, tmp_path):
    several = skies.tests(SMALL, 4, 100, Run(5, 1, tmp_path, 1), list(skies.TRANSFORMS))
    alm = np.array([small_set.map(i, 5) for i in range(100, 104)])
    for how, found in zip(skies.TRANSFORMS, several, strict=True):
        assert found.labels.tolist() == [0, 1, 0, 1]
        np.testing.assert_allclose(found.ksw, st.cmb.KSW(64)(alm), rtol=1e-10)
        scattered = skies.transform(SMALL, how)(alm).alm
        np.testing.assert_allclose(found.alm, scattered, rtol=1e-4, atol=1e-4)


# --- all of it ------------------------------------------------------------------------------


def test_a_small_study_finds_what_there_is_to_find(tmp_path, monkeypatch, capsys):
    compare = study.compare
    monkeypatch.setattr(study, "compare", lambda *a: compare(*a, name=SMALL))
    out = tmp_path / "result.json"
    arguments = ["--train", "64", "--test", "40", "--out", str(out), "--epochs", "2",
                 "--store", str(tmp_path / "store"), "--workers", "1", "--quiet"]  # fmt: skip
    assert study.EXPERIMENT.main(arguments) == 0
    result = json.loads(out.read_text())
    assert result["command"].startswith("python -m experiments.fnl --train 64")
    assert out.with_suffix(".png").stat().st_size > 10_000
    printed = capsys.readouterr().out
    ways = {way["key"]: way for way in result["ways"]}
    assert list(ways) == ["i", "ii", "ii+", "iii", "iv"]
    for way in ways.values():
        assert way["low"] <= way["distance"] <= way["high"]
        told = f"({way['key']}) {way['title']} | {way['transform']} | {way['distance']:.2f}"
        assert told in printed
        assert len(way["scores"]) == 80
        assert np.mean(way["scores"][0::2]) == pytest.approx(0, abs=0.01)
        assert np.mean(way["scores"][1::2]) == pytest.approx(100, abs=0.01)
    assert ways["iv"]["of_ksw"] == 1
    assert ways["iv"]["distance"] > 1
    assert 0.5 < ways["ii"]["of_ksw"] < 1.2
    assert ways["ii"]["correlation_with_ksw"] > 0.6


def test_transforms_are_compared_on_the_same_skies(tmp_path):
    run = Run(0, 1, tmp_path / "store", 1)
    result = study.compare(64, 20, run, ("modulus", "envelope"), network=False, name=SMALL)
    assert result["transforms"]["envelope"]["nonlinearity"] == "envelope"
    ways = {(way["transform"], way["key"]): way for way in result["ways"]}
    assert list(ways) == [
        *((how, key) for how in ("modulus", "envelope") for key in ("i", "ii", "ii+")),
        ("", "iv"),
    ]
    alone = study.compare(64, 20, run, ("envelope",), network=False, name=SMALL)
    for key in ("i", "ii", "ii+"):
        plain, way = ways["modulus", key], ways["envelope", key]
        assert "gain" not in plain
        assert way["gain"] == pytest.approx(way["distance"] - plain["distance"])
        assert way["gain_low"] <= way["gain"] <= way["gain_high"]
        of_one = next(one for one in alone["ways"] if one["key"] == key)
        assert way["distance"] == pytest.approx(of_one["distance"])
    assert study.fnl_figure(result).axes[1].get_ylabel() == "(ii) envelope, units of f_NL"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "result.txt"], "--out must end in .json, got 'result.txt'"),
        (["--out", "nowhere/result.json"], "there is no folder 'nowhere'"),
        (["--out", "r.json", "--train", "3"], "n_train must be an integer >= 64"),
        (["--out", "r.json", "--test", "1"], "n_test must be an integer >= 2, got 1"),
        (["--out", "r.json", "--seed", "-1"], "--seed must be an integer >= 0, got -1"),
    ],
)
def test_bad_requests(arguments, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        study.EXPERIMENT.main(arguments)
