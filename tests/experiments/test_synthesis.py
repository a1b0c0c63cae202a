"""The experiment on synthesis: its measures against formulas, and a small run."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

import sphere_toolkit as st
from experiments.synthesis import fields, study
from experiments.synthesis import measures as m


@pytest.fixture(scope="module")
def gaussian():
    """Measures of Gaussian skies of one spectrum, all their maxima, and two expectations.

    Those of the squares of the gradient and of the Laplacian, for unit variance.
    """
    ell = np.arange(24)
    spectrum = np.exp(-((ell - 14) ** 2) / 18)
    alms = st.signals.gaussian(spectrum, 5, n=24)
    found = [m.measures(alm) for alm in alms]
    maxima = [m.peaks(st.inverse(alm, m.grid_for(24)), -np.inf) for alm in alms]
    share = (2 * ell + 1) * spectrum / ((2 * ell + 1) * spectrum).sum()
    eigen = ell * (ell + 1)
    return found, maxima, (share * eigen).sum(), (share * eigen**2).sum()


def of(found, name):
    values = np.array([one[name] for one in found])
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))


def test_contours_and_areas_of_gaussian_fields_are_as_expected(gaussian):
    found, _, gradient, _ = gaussian
    nu = np.array(m.THRESHOLDS)
    density = np.exp(-(nu**2) / 2)
    tail = norm.sf(nu)
    slope = gradient / 2  # variance of the derivative along one direction
    expected = {
        "area": tail,
        "length": 2 * np.pi * np.sqrt(slope) * density,
        # The sphere is curved: its own characteristic, 2, counts where the field is above.
        "Euler": np.sqrt(2 / np.pi) * slope * nu * density + 2 * tail,
    }
    for name, values in expected.items():
        mean, error = of(found, name)
        assert np.abs(mean - values).max() < 4 * error.max(), name
        assert error.max() < 0.05 * np.abs(values).max(), name


def test_peaks_and_phases_of_gaussian_fields_are_as_expected(gaussian):
    found, maxima, gradient, curvature = gaussian
    # Bond & Efstathiou 1987, for a plane.
    assert np.mean(maxima) == pytest.approx(curvature / gradient / (2 * np.sqrt(3)), rel=0.05)
    mean, error = of(found, "bispectrum")
    assert np.abs(mean / error).max() < 3.5
    mean, error = of(found, "quantiles")
    assert mean[-2] == pytest.approx(1.645, abs=4 * error[-2])


def test_the_euler_characteristic_of_known_sets():
    grid = m.grid_for(16)
    theta, phi = grid.mesh()
    sets = {
        2: np.ones(grid.shape, bool),
        1: theta < 0.5,
        0: (theta > 0.5) & (theta < 1.5),
        -1: (theta > 0.5) & (theta < 2.8) & ~((np.abs(theta - 2) < 0.3) & (np.abs(phi - 3) < 0.5)),
    }
    for expected, above in sets.items():
        assert m.euler(above) == expected
    assert m.euler((theta < 0.5) | (theta > 2.5)) == 2
    assert m.euler(np.zeros(grid.shape, bool)) == 0


def test_a_spot_has_one_peak_also_on_a_pole():
    grid = m.grid_for(16)
    for where in [(0.02, 1.0), (0.05, 4.0), (1.2, 3.0), (np.pi - 0.03, 0.2)]:
        spot = st.signals.spots(16, [where], 0.3)
        assert m.peaks(st.inverse(spot, grid), 0.5) == 1


def test_the_length_of_a_contour_is_that_of_its_circle():
    grid = st.Grid.gauss_legendre(512)
    share = np.repeat(grid.weights[:, None], grid.shape[1], axis=1) / (4 * np.pi)
    assert share.sum() == pytest.approx(1)
    height = m.standardised(7 * st.signals.harmonic(4, 1, 0) + 2 * st.signals.harmonic(4, 0, 0))
    samples = st.inverse(height, grid)
    np.testing.assert_allclose(samples, np.sqrt(3) * np.cos(grid.mesh()[0]), atol=1e-12)
    slope = np.sqrt(np.square(fields.gradient(height, grid)).sum(axis=0))
    for level in (-1.0, 0.0, 0.5):
        expected = 2 * np.pi * np.sqrt(1 - level**2 / 3)
        assert m.length(samples, slope, share, level) == pytest.approx(expected, rel=0.04)


def test_fields_are_what_they_say():
    lognormal, sources, filaments = (
        fields.FIELDS[name](np.random.default_rng(3))
        for name in ("lognormal", "sources", "bare filaments")
    )
    assert m.measures(lognormal)["bispectrum"][0] > 0.2
    found = st.inverse(sources, m.grid_for(fields.L))
    assert 0.5 * fields.SOURCES < m.peaks(found, 0.7) < 1.2 * fields.SOURCES
    grid = st.Grid.gauss_legendre(fields.L)
    samples = st.inverse(filaments, grid)
    assert np.quantile(samples, 0.4) < 0.1 * samples.max()


def test_a_small_run_writes_what_it_found(tmp_path, monkeypatch, capsys):
    few = {name: study.WAYS[name] for name in ("spectrum", "zonal means", "directional means")}
    monkeypatch.setattr(study, "WAYS", few)
    monkeypatch.setattr(study, "FIELDS", {k: fields.FIELDS[k] for k in ("relief", "lognormal")})
    out = tmp_path / "result.json"
    arguments = ["--skies", "3", "--draws", "1", "--steps", "2", "--cost", "8", "--out", str(out),
                 "--store", str(tmp_path / "store"), "--workers", "1", "--quiet"]  # fmt: skip
    assert study.EXPERIMENT.main(arguments) == 0
    result = json.loads(out.read_text())
    assert [of["field"] for of in result["fields"]] == ["relief", "lognormal"]
    rows = {row["way"]: row for row in result["fields"][1]["rows"]}
    assert rows["directional means"]["loss"] < 1
    z = rows["spectrum"]["quantiles"]["z"]
    assert rows["spectrum"]["quantiles"]["largest"] == pytest.approx(np.abs(z).max(), abs=0.01)
    assert study.table(result) in capsys.readouterr().out
    assert out.with_suffix(".png").stat().st_size > 10_000


def test_the_committed_result_says_what_the_study_says():
    path = Path(__file__).parents[2] / "benchmarks/results/synthesis.json"
    result = json.loads(path.read_text(encoding="utf-8"))
    found = {
        (of["field"], row["way"]): {name: row[name]["largest"] for name in m.NAMES}
        for of in result["fields"]
        if of["skies"] > 1
        for row in of["rows"]
    }
    for field in ("filaments", "lognormal"):
        for way in study.WAYS:
            within = [name for name in m.NAMES if found[field, way][name] <= result["limit"]]
            if way.endswith("every J_min"):
                assert len(within) >= 2, (field, way)
            else:
                assert len(within) <= 1, (field, way)
                assert "bispectrum" not in within
    assert min(found["bare filaments", way]["quantiles"] for way in study.WAYS) > 10
