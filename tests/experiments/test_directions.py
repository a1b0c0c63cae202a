"""The experiment on aligned strokes: what the classes share, and a small run."""

import json

import numpy as np
import pytest
from scipy.special import sph_harm_y
from scipy.stats import kstest

import sphere_toolkit as st
from experiments.directions import strokes, study
from experiments.gaussianity import classifiers


@pytest.fixture(scope="module")
def some():
    return study.skies(3, 0, 40)


def test_all_skies_have_one_spectrum(some):
    expected = np.ones(strokes.L)
    expected[:2] = 0
    np.testing.assert_allclose(
        st.power_spectrum(some), np.broadcast_to(expected, (40, strokes.L)), rtol=1e-12
    )


def test_the_two_classes_of_one_sky_differ_in_the_angles_only(monkeypatch):
    seen = []
    rows = strokes.rows
    monkeypatch.setattr(strokes, "rows", lambda *given: seen.append(given) or rows(*given))
    for label in (0, 1):
        strokes.strokes(label, np.random.default_rng(7))
    (theta, phi, free), (same_theta, same_phi, aligned) = seen
    np.testing.assert_array_equal(theta, same_theta)
    np.testing.assert_array_equal(phi, same_phi)
    assert np.abs(free - aligned).max() > 1


def test_places_are_spread_evenly():
    theta, phi = strokes.places()
    x = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    apart = np.sort(np.arccos(np.clip(x.T @ x, -1, 1)), axis=1)[:, 1]
    # As many circles that touch in the plane, in a hexagonal lattice, would be this far apart.
    hexagonal = np.sqrt(4 * np.pi / strokes.STROKES * 2 / np.sqrt(3))
    assert 0.75 * hexagonal < apart.min()
    assert apart.max() < hexagonal
    assert apart.min() > 2 * strokes.LENGTH


def test_points_of_a_stroke_lie_on_an_arc_of_its_length():
    theta, phi, angles = np.array([0.3, 1.2]), np.array([0.1, 5.0]), np.array([0.4, 2.5])
    found = strokes.rows(theta, phi, angles).reshape(2, -1, 2)
    sin = np.sin(found[..., 0])
    x = np.stack(
        [sin * np.cos(found[..., 1]), sin * np.sin(found[..., 1]), np.cos(found[..., 0])], axis=-1
    )
    for stroke, place, angle in zip(x, zip(theta, phi, strict=True), angles, strict=True):
        assert np.arccos(stroke[0] @ stroke[-1]) == pytest.approx(strokes.LENGTH)
        np.testing.assert_allclose(np.linalg.matrix_rank(stroke, tol=1e-9), 2)
        step = 1e-6
        ahead = place[0] + step * np.cos(angle), place[1] + step * np.sin(angle) / np.sin(place[0])
        ahead = np.array(
            [np.sin(ahead[0]) * np.cos(ahead[1]), np.sin(ahead[0]) * np.sin(ahead[1]),
             np.cos(ahead[0])]
        )  # fmt: skip
        normal = np.cross(stroke[0], stroke[-1])
        assert abs(ahead @ normal) < 1e-10


def test_the_field_is_the_gradient_of_a_smooth_potential():
    theta, phi = np.array([0.4, 1.5, 2.8]), np.array([0.2, 3.0, 6.0])
    found = strokes.directions(theta, phi, np.random.default_rng(2))
    potential = st.signals.gaussian(np.eye(5)[4], np.random.default_rng(2))

    def value(theta, phi):
        terms = [
            (2 - (m == 0)) * (a * sph_harm_y(ell, m, theta, phi)).real
            for a, ell, m in zip(potential, st.degrees(5), st.orders(5), strict=True)
        ]
        return np.sum(terms, axis=0)

    step = 1e-5
    south = (value(theta + step, phi) - value(theta - step, phi)) / (2 * step)
    east = (value(theta, phi + step) - value(theta, phi - step)) / (2 * step * np.sin(theta))
    # A stroke has no head: angles count up to half a turn.
    np.testing.assert_allclose(np.sin(found - np.arctan2(east, south)), 0, atol=1e-4)


def test_angles_have_no_preference():
    rng = np.random.default_rng(0)
    theta, phi = np.arccos(rng.uniform(-1, 1, 40)), 2 * np.pi * rng.random(40)
    found = [strokes.directions(theta[i : i + 1], phi[i : i + 1], rng) for i in range(40)]
    assert kstest(np.ravel(found) % np.pi, "uniform", args=(0, np.pi)).pvalue > 0.01


def test_a_small_run_writes_what_it_found(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(classifiers, "_RIDGES", [1e-2, 1, 1e2])
    few = dict(list(study.TRANSFORMS.items())[:1])
    monkeypatch.setattr(study, "TRANSFORMS", few)
    out = tmp_path / "result.json"
    arguments = ["--train", "20", "--test", "10", "--out", str(out),
                 "--store", str(tmp_path / "store"), "--workers", "1", "--quiet"]  # fmt: skip
    assert study.EXPERIMENT.main(arguments) == 0
    result = json.loads(out.read_text())
    assert [row["title"] for row in result["rows"]] == ["path means", "means and moments"]
    assert all(row["low"] <= row["accuracy"] <= row["high"] for row in result["rows"])
    assert study.table(result) in capsys.readouterr().out
    assert out.with_suffix(".png").stat().st_size > 10_000
