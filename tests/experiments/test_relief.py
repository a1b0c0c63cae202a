"""The experiment on the relief: a small map in a file of the same kind."""

import json

import numpy as np
import pytest
import xarray as xr
from scipy.io import netcdf_file

import sphere_toolkit as st
from experiments.relief import figure, study

L = 96


@pytest.fixture(scope="module")
def signal():
    """A signal of the whole band-limit, and its samples, north first."""
    alm = 1000 * st.signals.band_limited_noise(L, seed=3)
    return alm, st.inverse(alm, st.Grid.equiangular(L + 1, 2 * L))


@pytest.fixture
def make_file(tmp_path, signal):
    """Write the samples as the file of the relief has them: south first, with a rounded step."""

    def make(name="ROSE", step=1.00004):
        path = tmp_path / "small.cdf"
        with netcdf_file(path, "w") as file:
            for dim, n in (("ETOPO05_Y", L + 1), ("ETOPO05_X", 2 * L)):
                file.createDimension(dim, n)
            for dim, unit, values in (
                ("ETOPO05_Y", "degrees_north", np.linspace(-90, 90, L + 1)),
                ("ETOPO05_X", "degrees_east", step * np.arange(2 * L) * 180 / L),
            ):
                axis = file.createVariable(dim, "f8", (dim,))
                axis[:], axis.units = values, unit
            rose = file.createVariable(name, "f4", ("ETOPO05_Y", "ETOPO05_X"))
            rose[:] = signal[1][::-1]
        return path

    return make


def test_a_map_is_read_scattered_and_reported(make_file, signal, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "J_MIN", 3)
    monkeypatch.setattr(study, "SHOWN", ((5,),))
    out = tmp_path / "relief.json"
    argv = ["--map", str(make_file()), "--twins", "2", "--seed", "1", "--out", str(out)]
    assert study.EXPERIMENT.main([*argv, "--quiet"]) == 0
    assert "| (6, 5) |" in out.with_suffix(".md").read_text()
    assert out.with_suffix(".png").stat().st_size > 10_000
    result = json.loads(out.read_text())

    alm, samples = signal
    S = st.ScatteringTransform(L, 3)(alm)
    assert [tuple(row["path"]) for row in result["paths"]] == list(S.paths)
    means = [row["mean"] for row in result["paths"]]
    np.testing.assert_allclose(means, S.means(), rtol=1e-4, atol=1e-3)
    shown = figure.image(result["images"]["5"])
    np.testing.assert_allclose(shown, S[(5,)], atol=0.0072)
    assert result["above"]["rms_metres"] == 0
    assert result["map"]["longitudes_off_in_steps"] == pytest.approx(191 * 4e-5, abs=1e-4)
    expected = st.norm(alm) / np.sqrt(4 * np.pi)
    assert result["map"]["rms_metres"] == pytest.approx(expected, rel=1e-3)

    fourth = st.forward(samples[::4, ::4], st.Grid.equiangular(L // 4 + 1, L // 2))
    coarse = result["every_fourth"]
    assert (coarse["L"], coarse["is_the_map_of_the_package"]) == (L // 4, False)
    kept = st.truncate(alm, L // 4)
    assert coarse["error"] == pytest.approx(st.norm(fourth - kept) / st.norm(kept), rel=1e-2)


def test_scales_of_a_gaussian_signal_have_the_gaussian_ratio(signal, monkeypatch):
    monkeypatch.setattr(study, "J_MIN", 3)
    alm = signal[0]
    rows = study._scales(alm, st.ScatteringTransform(L, 3)(alm))
    assert [row["scale"] for row in rows] == [3, 4, 5, 6, 7]
    share = [row["rms_metres"] ** 2 for row in rows]
    above = st.wavelets.energy_by_scale(alm, st.WaveletBank(L, 3))
    total = st.energy(alm) / (4 * np.pi)
    np.testing.assert_allclose(share, [above[j] * total for j in range(3, 8)], rtol=1e-3)
    np.testing.assert_allclose([row["mean_over_rms"] for row in rows[1:]], 0.798, atol=0.01)


def test_the_package_refuses_the_longitudes_as_they_are(make_file):
    with xr.open_dataset(make_file()) as file, pytest.raises(ValueError, match="in even steps"):
        st.forward(file["ROSE"].rename(ETOPO05_Y="lat", ETOPO05_X="lon"))


def test_a_file_without_the_relief_or_with_other_longitudes_is_refused(make_file):
    with pytest.raises(ValueError, match="variable ROSE, got SLOPE"):
        study.read(make_file("SLOPE"))
    with pytest.raises(ValueError, match="even steps, got some 0.19 steps off"):
        study.read(make_file(step=1.001))
