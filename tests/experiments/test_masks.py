"""The experiment on masks: a small run, and what the committed result must show."""

import json

import numpy as np
import pytest
from commands import ROOT
from strategies import relative

import sphere_toolkit as st
from experiments.masks import study


def test_a_small_run_writes_its_result(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "WAYS", [("Gaussian", "zeros"), ("point sources", "zeros")])
    monkeypatch.setattr(study, "OVERSAMPLING", (1.0,))
    out = tmp_path / "masks.json"
    argv = ["--skies", "8", "--workers", "1", "--quiet", "--store", str(tmp_path / "store")]
    assert study.EXPERIMENT.main([*argv, "--out", str(out)]) == 0
    result = json.loads(out.read_text())
    (gaussian, sources) = result["ways"]
    assert gaussian["means"]["largest"] > 1  # zeros are seen
    assert "kept" not in gaussian
    assert len(sources["kept"]) == len(result["paths"]) == len(result["area"])
    assert out.with_suffix(".png").exists()
    assert "| Gaussian | zeros | 1 | means |" in out.with_suffix(".md").read_text()


def test_smaller_pixels_hold_the_same_sky_and_mask():
    fine, coarse = study.fine_mask(), study.wmap()
    assert fine.fraction == pytest.approx(coarse.fraction, rel=1e-12)
    alm = study.SKIES[study.WIDE](seed=0)[None]
    whole, masked = study.whole_and_hidden(alm, study.FILLED_WIDE)
    np.testing.assert_array_equal(whole, st.truncate(alm, study.L))
    keeps = coarse.keeps
    of_both = [st.inverse(one, study.GRID)[0, keeps] for one in (whole, masked)]
    assert np.corrcoef(of_both)[0, 1] > 0.99
    averages = study.whole_and_hidden(alm, "zeros")[0]
    expected = st.smooth(whole, st.pixel_window(study.NSIDE, study.L))
    assert relative(st.truncate(averages, 30), st.truncate(expected, 30)) < 0.02


def test_bias_and_scatter_are_those_of_numbers():
    rng = np.random.default_rng(0)
    whole = rng.standard_normal((2000, 1))
    masked = 2 * rng.standard_normal((2000, 1)) + 1
    row = study._row(np.stack([whole, masked], axis=1))
    assert row["bias"][0] == pytest.approx(0.5, abs=0.1)
    assert row["scatter"][0] == pytest.approx(2, abs=0.1)
    assert row["error"][0] == pytest.approx(np.sqrt(5) / 2 / np.sqrt(2000), rel=0.1)


def test_the_committed_result_keeps_its_limits():
    result = json.loads((ROOT / "benchmarks/results/masks.json").read_text())
    assert result["skies"] == 500
    assert result["limits"] == {"means": 0.1, "second_moments": 0.2}
    filled = [
        way for way in result["ways"] if way["fill"] == "realisation" and way["oversampling"] == 2
    ]
    assert len(filled) == 3
    for way in filled:
        for name, limit in result["limits"].items():
            assert way[name]["largest"] < limit, (way["skies"], name)
    # What the docstrings of ScatteringTransform and of the study say.
    kept = [one for way in filled for one in way.get("kept", ()) if one is not None]
    assert len(kept) >= 5
    assert min(kept) > 0.93
    assert all(filled[0][name]["largest"] <= 0.05 for name in result["limits"])
    assert all(way[name]["largest"] < 0.1 for way in filled for name in result["limits"])
    scatter = [one for way in filled for one in way["means"]["scatter"] if one is not None]
    assert 1 + 1 / 6 < min(scatter) < max(scatter) < 1.27
    coarse, zeros = (
        next(way for way in result["ways"] if (way["fill"], way["oversampling"]) == which)
        for which in (("realisation", 1), ("zeros", 2))
    )
    assert coarse["means"]["bias"][-1] < -1.5
    assert zeros["means"]["largest"] > 4


def test_the_bias_of_power_beyond_the_band_is_the_committed_one():
    result = json.loads((ROOT / "benchmarks/results/masks-beyond.json").read_text())
    assert (result["skies"], result["transform"]["L"]) == (200, 64)
    below, wide = (
        way["means"]
        for fill in ("realisation", study.FILLED_WIDE)
        for way in result["ways"]
        if (way["fill"], way["oversampling"]) == (fill, 2)
    )
    bias = dict(zip(result["paths"], below["bias"], strict=True))
    # What the docstring of masks.fill and chapter 13 say.
    assert f"{bias['6']:.1f} {bias['5']:.1f}" == "2.8 0.9"
    assert below["largest"] == bias["6"]
    assert max(abs(bias[path]) for path in ("", "3", "4")) < 0.1
    assert wide["largest"] < 0.2
