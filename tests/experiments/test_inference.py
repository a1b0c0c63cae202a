"""The experiment on inference: derivatives, a fit whose answer is known, and a small run."""

import json
from functools import partial

import numpy as np
import pytest
from commands import ROOT

import sphere_toolkit as st
from experiments.inference import simulators, study


@pytest.mark.parametrize("name", ["local f_NL", "100 kicks"])
def test_derivatives_of_skies_and_statistics_are_those_of_differences(name, monkeypatch):
    monkeypatch.setattr(study, "WAYS", {"zonal": study.Way("covariances", (3,))})
    simulator = simulators.SIMULATORS[name]
    x = simulator.nodes[1]
    step = 1e-4 * (simulator.nodes[2] - x)
    found = study.differentiated(name, 5, 0, 1, x)
    up, down = (study.measured(name, 5, 0, 1, x + h) for h in (step, -step))
    for of, high, low in zip(found, up, down, strict=True):
        assert of.shape == (1, 2, high.shape[1])
        np.testing.assert_allclose(of[:, 0], (high + low) / 2, atol=1e-4 * np.abs(high).max())
        expected = (high - low) / (2 * step)
        np.testing.assert_allclose(of[:, 1], expected, atol=2e-5 * np.abs(expected).max())


def test_skies_are_whitened_and_ask_the_direct_estimator():
    rng = partial(np.random.default_rng, 3)
    for simulator in simulators.SIMULATORS.values():
        alm, _ = simulator.draw(simulator.truths[0], rng())
        power = st.power_spectrum(alm)
        assert power[:2].max() == 0
        assert power[2:].mean() == pytest.approx(1, abs=0.35)
    alm, change = simulators.SIMULATORS["local f_NL"].draw(0.0, rng())
    own, quadratic = st.cmb.LocalNonGaussianity(simulators.L)(rng())
    more = simulators.SIMULATORS["local f_NL"].direct(alm + 50 * change)
    assert more == pytest.approx(st.cmb.KSW(simulators.L)(own + 50 * quadratic))


def test_a_fit_of_linear_statistics_is_that_of_least_squares():
    """Statistics a + b x + noise: generalised least squares, with its textbook variance."""
    rng = np.random.default_rng(1)
    nodes, b = np.array([-2.0, 0, 2]), np.array([1.0, 0.5, 0.1])
    root = np.array([[1, 0, 0], [0.8, 0.5, 0], [0, 0.3, 1]])

    def draw(x, n):
        return 3 + b * x + rng.standard_normal((n, 3)) @ root.T

    known = np.stack([np.stack([draw(x, 4000), np.tile(b, (4000, 1))], axis=1) for x in nodes])
    fit = study.Fit(nodes, known, draw(0, 4000))
    variance = 1 / (b @ np.linalg.solve(root @ root.T, b))
    estimates = fit(draw(0.3, 2000))
    assert fit.n == 3
    assert fit.forecast(0.3) ** 2 == pytest.approx(variance, rel=0.1)
    inside = np.clip(0.3 + np.sqrt(variance) * rng.standard_normal(20_000), -2, 2)
    assert estimates.std() == pytest.approx(inside.std(), rel=0.1)
    assert estimates.mean() == pytest.approx(inside.mean(), abs=0.1)


def test_errors_are_compared_on_the_same_skies():
    direct = 2 + np.random.default_rng(0).standard_normal(800)
    row = study.judged(2 + 0.5 * (direct - 2), direct, 2.0, 800)
    assert row["ratio"] == row["low"] == row["high"] == 0.5
    assert row["deviation"] == pytest.approx(0.5, rel=0.1)
    assert row["error"] == pytest.approx(row["deviation"] / 20, rel=1e-3)
    shifted = study.judged(direct + 3, direct, 2.0, 800)
    assert shifted["bias"] == pytest.approx(3, abs=4 * shifted["error"])
    assert shifted["rms"] == pytest.approx(np.sqrt(10), rel=0.05)


def test_a_small_run_writes_what_it_found(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(study, "WAYS", {"means": study.Way("means", (4,))})
    monkeypatch.setattr(study, "SIMULATORS", {"100 kicks": simulators.SIMULATORS["100 kicks"]})
    out = tmp_path / "result.json"
    arguments = ["--skies", "8", "--test", "8", "--out", str(out), "--workers", "1", "--quiet",
                 "--store", str(tmp_path / "store")]  # fmt: skip
    assert study.EXPERIMENT.main(arguments) == 0
    result = json.loads(out.read_text())
    (problem,) = result["problems"]
    assert [row["way"] for row in problem["rows"]] == ["direct", "means"] * 2
    assert all(row["low"] <= row["ratio"] <= row["high"] for row in problem["rows"])
    assert study.table(result) in capsys.readouterr().out
    assert out.with_suffix(".png").stat().st_size > 10_000


def test_the_committed_result_says_what_the_study_says():
    result = json.loads((ROOT / "benchmarks/results/inference.json").read_text())
    assert (result["seed"], result["skies"], result["test"]) == (0, 300, 300)
    rows = {
        (of["name"], row["way"], row["truth"]): row
        for of in result["problems"]
        for row in of["rows"]
    }
    ratio = {key: row["ratio"] for key, row in rows.items()}
    fits = [key for key in rows if key[1] != study.DIRECT]
    for key in fits:
        if key[0] == "100 kicks":
            assert 0.35 < ratio[key] < 0.55
            assert rows[key]["high"] < 1
        else:
            assert rows[key]["low"] > 1
        if key[0] == "2000 kicks":
            assert 1.4 < ratio[key] < 2.2
    for truth in (0, 300):
        assert ratio["local f_NL", "covariances, every J_min", truth] < 1.15
        assert ratio["local f_NL", "means", truth] > 3
        # No unbiased estimator is better than KSW while the sky is nearly Gaussian.
        for way in study.WAYS:
            assert rows["local f_NL", way, truth]["forecast"] > 0.95 * result["KSW error"]
        direct = rows["local f_NL", study.DIRECT, truth]["deviation"]
        assert direct == pytest.approx(result["KSW error"], rel=0.1)
    short = {key: rows[key]["forecast"] / rows[key]["deviation"] for key in fits}
    assert min(value for key, value in short.items() if rows[key]["numbers"] > 100) > 0.75
    assert min(value for key, value in short.items() if rows[key]["numbers"] < 100) > 0.85
