"""The game of four skies as a Python object: its numbers, its state, and what it refuses."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from ipywidgets.embed import dependency_state

import sphere_toolkit as st
from sphere_toolkit.explore._guess_the_sky import ensemble as skies_of


@pytest.fixture(scope="module")
def default():
    return st.explore.guess_the_sky()


def integral(samples, grid):
    weights = np.polynomial.legendre.leggauss(grid.L)[1]
    return 2 * np.pi * (weights @ samples.mean(axis=-1))


def test_each_round_hides_one_sky_of_kicks(default):
    pairs = np.frombuffer(default.coefficients, "<f4").reshape(8, 4, -1).view(np.complex64)
    alm = pairs * np.array(default.norms).reshape(8, 4, 1)
    spectrum = st.cmb.angular_power_spectrum(64)
    for four, odd in zip(alm, default.odd, strict=True):
        kurtosis = st.cmb.whitened_kurtosis(four.astype(complex), spectrum)
        assert kurtosis.argmax() == odd
        assert kurtosis[odd] > 0.2 > np.abs(np.delete(kurtosis, odd)).max()
    mean = st.power_spectrum(alm.reshape(32, -1)).mean(axis=0)[2:] / spectrum[2:]
    np.testing.assert_allclose(np.average(mean, weights=np.arange(2, 64)), 1, atol=0.03)


def test_statistics_are_ratios_of_means_over_the_sphere():
    transform = skies_of.network(32)
    alm = st.cmb.poisson_sources(32, 0.5, 50, seed=1)
    found = dict(zip(transform.paths[1:], skies_of.path_statistics(alm, transform), strict=True))
    for j in (3, 4, 5):
        samples, grid = transform.propagate(alm, (j,))
        rms = np.sqrt(integral(samples**2, grid) / (4 * np.pi))
        ratio = integral(samples, grid) / (4 * np.pi) / rms
        assert np.exp(found[(j,)]) == pytest.approx(ratio, rel=1e-9)
    for path in ((4, 3), (5, 3), (5, 4)):
        below, above = (transform.propagate(alm, p) for p in (path, path[:1]))
        ratio = integral(*below) / integral(*above)
        assert np.exp(found[path]) == pytest.approx(ratio, rel=1e-9)


def test_gaussian_wavelet_coefficients_have_the_ratio_of_a_gaussian():
    transform = skies_of.network(64)
    statistics = skies_of.path_statistics(st.cmb.gaussian(64, 1, n=20), transform)
    finest = statistics[:, transform.paths[1:].index((6,))].mean()
    assert finest == pytest.approx(0.5 * np.log(2 / np.pi), abs=0.01)


def test_spectra_of_gaussian_skies_depart_by_one_standard_deviation():
    spectrum = st.cmb.angular_power_spectrum(32)
    skies = st.cmb.gaussian(32, 2, n=2000)
    found = skies_of.spectrum_departures(skies, spectrum)
    assert skies_of.octaves(32) == [(2, 4), (4, 8), (8, 16), (16, 32)]
    assert found.shape == (2000, 4)
    assert np.abs(found.mean(axis=0)).max() < 0.1
    assert np.abs(found.std(axis=0) - 1).max() < 0.1


@given(
    hs.lists(hs.integers(0, 9), min_size=3, max_size=6),
    hs.lists(hs.integers(0, 9), min_size=1, max_size=4),
)
def test_the_rate_counts_every_round(gaussian, kicked):
    rounds = [max(three) < one for three in combinations(gaussian, 3) for one in kicked]
    found = skies_of.found_rate(np.array(gaussian), np.array(kicked))
    assert found == pytest.approx(np.mean(rounds))


def test_scattering_tells_and_the_spectrum_does_not(default):
    by_spectrum, by_scattering = default.rates
    assert by_scattering > 0.95
    assert 0.15 < by_spectrum < 0.4
    right = {"spectra": 0, "scattering": 0}
    for k, odd in enumerate(default.odd):
        default.round = k
        for name, found in default.departures()._asdict().items():
            right[name] += int(skies_of.typical(found).argmax() == odd)
    default.round = 0
    assert right["scattering"] >= 7
    assert right["spectra"] <= 5


def test_weak_kicks_hide_from_scattering_too():
    assert st.explore.guess_the_sky(32, f=0.02, N=2000, rounds=1).rates[1] < 0.4


def test_the_state_is_small(default):
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 750_000
    assert len(state["state"]["_esm"]) < 90_000


def test_the_score_counts_by_evidence():
    explorer = st.explore.guess_the_sky(16, rounds=4, seed=3)
    assert explorer.score() == dict.fromkeys(("maps", "spectra", "scattering"), (0, 0))
    wrong = [(odd + 1) % 4 for odd in explorer.odd]
    explorer.guesses = [explorer.odd[0], wrong[1], explorer.odd[2], -1]
    explorer.evidence_used = [2, 2, 0, -1]
    assert explorer.score() == {"maps": (1, 1), "spectra": (0, 0), "scattering": (1, 2)}


def test_state_can_be_set_and_is_checked():
    explorer = st.explore.guess_the_sky(16, rounds=2, evidence="spectra", view="globe")
    assert (explorer.round, explorer.evidence, explorer.view) == (0, "spectra", "globe")
    explorer.round, explorer.evidence = 1, "scattering"
    for trait, value, words in [
        ("round", 2, "round must be an integer >= 0 and <= 1, got 2"),
        ("evidence", "hearsay", "evidence must be one of 'maps', 'spectra', 'scattering'"),
        ("view", "cube", "view must be one of 'map', 'globe', got 'cube'"),
        ("guesses", [0], "guesses must hold an integer from -1 to 3 for each of 2 rounds"),
        ("guesses", [0, 4], "from -1 to 3"),
        ("evidence_used", [3, 0], "evidence_used must hold an integer from -1 to 2"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(explorer, trait, value)
    assert (explorer.round, explorer.evidence) == (1, "scattering")


def test_a_seed_makes_the_skies():
    first, same, other = (st.explore.guess_the_sky(16, rounds=3, seed=s) for s in (1, 1, 2))
    assert first.coefficients == same.coefficients != other.coefficients
    assert first.odd == same.odd


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"L": 48}, ValueError, "L must be one of 16, 32, 64, 128, got 48"),
        ({"f": 0}, ValueError, "f must be a finite number > 0"),
        ({"f": 1.5}, ValueError, r"f must be a share in \(0, 1\], got 1.5"),
        ({"f": "much"}, TypeError, "f must be a real number"),
        ({"N": 0}, ValueError, "N must be an integer >= 1, got 0"),
        ({"rounds": 13}, ValueError, "rounds must be an integer >= 1 and <= 12, got 13"),
        ({"evidence": "sound"}, ValueError, "evidence must be one of"),
        ({"view": "flat"}, ValueError, "view must be one of"),
        ({"seed": -1}, ValueError, "seed"),
    ],
)
def test_bad_input_is_refused_before_anything_is_shown(options, error, words):
    with pytest.raises(error, match=words):
        st.explore.guess_the_sky(**{"L": 16, **options})
