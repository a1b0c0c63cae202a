"""The tree of paths as a Python object, and the energies along it."""

from __future__ import annotations

import numpy as np
import pytest
from ipywidgets.embed import dependency_state

import sphere_toolkit as st


@pytest.fixture(scope="module")
def default():
    return st.explore.scattering_tree()


def coefficients(explorer):
    pairs = np.frombuffer(explorer.coefficients, "<f4").reshape(len(explorer.names), -1)
    return pairs.view(np.complex64) * np.array(explorer.norms)[:, None]


def test_the_default_is_the_networks_own_tree(default):
    transform = default.transform
    assert (transform.L, transform.J_min, transform.depth) == (64, 3, 3)
    assert (transform.lam, transform.oversampling) == (2.0, 2.0)
    offered = default.controls["path"]["options"]
    assert offered == list(transform.paths)
    assert len(offered) == 15
    assert (default.path, default.signal, default.view) == ((5, 4), "Earth's relief", "map")
    # The page takes grids of powers of two: so they are those of the transform.
    ends = [band[1] for band in default.bands]
    rings = {j: default.oversampling * end for j, end in zip(default.scales, ends, strict=True)}
    assert {path[-1]: transform.grid(path).L for path in transform.paths[1:]} == rings
    assert [band[1] for band in default.bands] == [step.L for step in transform.steps()[:4]]
    windows = np.frombuffer(default.windows, "<f4").reshape(4, 64)
    np.testing.assert_allclose(windows[1], transform.bank.window(4), atol=1e-7)
    scaling = np.frombuffer(default.scaling, "<f4")
    np.testing.assert_allclose(scaling, transform.bank.scaling[:8], atol=1e-7)


def test_the_state_is_small(default):
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 200_000
    assert len(state["state"]["_esm"]) < 90_000


def test_path_signal_and_view_can_be_set():
    explorer = st.explore.scattering_tree(L=16, path=[4])
    assert explorer.path == (4,)
    explorer.path, explorer.signal, explorer.view = [4, 2], "A ring", "globe"
    assert (explorer.path, explorer.signal, explorer.view) == ((4, 2), "A ring", "globe")
    for trait, value, words in [
        ("path", (2, 4), r"path must be one of \(\), \(2,\), .*got \(2, 4\)"),
        ("signal", "the Moon", "signal must be one of .*got 'the Moon'"),
        ("view", "cube", "view must be one of 'map', 'globe', got 'cube'"),
        ("nonlinearity", "relu", "nonlinearity must be one of 'modulus', 'envelope', 'rms', got"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(explorer, trait, value)
    assert explorer.path == (4, 2)
    kept = explorer.energy_by_path().kept.sum()
    explorer.nonlinearity = "envelope"
    assert explorer.transform.nonlinearity == "envelope"
    assert explorer.energy_by_path().kept.sum() > kept


def test_energies_follow_the_chosen_signal():
    explorer = st.explore.scattering_tree(L=32)
    relief = explorer.energy_by_path()
    explorer.signal = "Band-limited noise"
    noise = explorer.energy_by_path()
    expected = st.scattering.energy_by_path(
        st.signals.band_limited_noise(32, 1), explorer.transform
    )
    np.testing.assert_allclose(noise, expected, rtol=1e-12)
    assert relief.kept[0] > 0.5 > noise.kept[0]


def test_other_band_limits_are_padded_to_the_next_power_of_two():
    alm = st.signals.earth_relief(50)
    explorer = st.explore.scattering_tree(alm, unit="m", coastlines=True)
    assert explorer.L == explorer.transform.L == 64
    np.testing.assert_allclose(st.truncate(coefficients(explorer)[0], 50), alm, atol=0.3)
    assert st.power_spectrum(coefficients(explorer)[0])[50:].max() == 0
    # A finer grid of samples is the textbook way to raise a band-limit.
    grid = st.Grid.gauss_legendre(64)
    padded = st.forward(st.inverse(alm, grid), grid)
    np.testing.assert_allclose(
        explorer.energy_by_path(),
        st.scattering.energy_by_path(padded, explorer.transform),
        atol=1e-12,
    )


def test_small_signals_have_small_trees():
    explorer = st.explore.scattering_tree(st.signals.harmonic(2, 1, 0))
    assert explorer.transform.paths == ((), (2,))
    assert explorer.path == (2,)
    assert explorer.energy_by_path().kept[0] > 0.1


NOISE = st.signals.band_limited_noise(16, 0)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"J_min": 1}, ValueError, "J_min must be an integer >= 2 and <= 4.*got 1"),
        ({"J_min": 5}, ValueError, "J_min must be an integer >= 2 and <= 4.*got 5"),
        ({"depth": 0}, ValueError, "depth must be an integer >= 1, got 0"),
        ({"oversampling": 3}, ValueError, "oversampling must be one of 1, 2, 4, got 3"),
        ({"path": (3, 4)}, ValueError, "path must be one of"),
        ({"path": 3}, TypeError, "a path is a tuple of scales"),
        ({"view": "flat"}, ValueError, "view must be one of 'map', 'globe'"),
    ],
)
def test_bad_options_are_refused_before_anything_is_shown(options, error, words):
    with pytest.raises(error, match=words):
        st.explore.scattering_tree(NOISE, **options)


def test_energy_by_path_is_the_transforms_energy():
    transform = st.ScatteringTransform(32, J_min=2, depth=3, oversampling=1.5)
    alm = 1e40 * st.signals.earth_relief(32)
    arriving, kept = st.scattering.energy_by_path(alm, transform)
    np.testing.assert_allclose(kept, transform(alm).energy() / st.energy(alm), rtol=1e-10)
    assert arriving[0] == pytest.approx(1)


def test_what_arrives_is_kept_goes_on_or_is_left_out():
    """At depth 1 the frame is tight: nothing is lost but what the modulus moves later."""
    transform = st.ScatteringTransform(64, J_min=3, depth=3)
    alm = st.signals.earth_relief(64)
    arriving, kept = st.scattering.energy_by_path(alm, transform)
    by_path = dict(zip(transform.paths, arriving, strict=True))
    wavelets = transform.bank.analysis(alm).wavelets
    for j, w in wavelets.items():
        assert by_path[(j,)] == pytest.approx(st.energy(w) / st.energy(alm))
    assert kept[0] + sum(by_path[(j,)] for j in wavelets) == pytest.approx(1)
    for k, path in enumerate(transform.paths[1:], 1):
        on = sum(e for p, e in by_path.items() if p[:-1] == path)
        # Aliasing of the modulus is all that could add energy.
        assert 0 < kept[k] + on < 1.001 * arriving[k]


def test_energy_by_path_refuses_bad_input():
    transform = st.ScatteringTransform(16, J_min=2)
    with pytest.raises(TypeError, match="must be a ScatteringTransform, got 16"):
        st.scattering.energy_by_path(NOISE, 16)
    with pytest.raises(ValueError, match="one signal"):
        st.scattering.energy_by_path(np.stack([NOISE, NOISE]), transform)
    with pytest.raises(ValueError, match="L=8"):
        st.scattering.energy_by_path(st.signals.ring(8), transform)
    zero = st.scattering.energy_by_path(0 * NOISE, transform)
    assert not np.any(zero)
