"""The explorer of what a small deformation does, as a Python object."""

from __future__ import annotations

import re

import numpy as np
import pytest
from ipywidgets.embed import dependency_state

import sphere_toolkit as st

NOISE = st.signals.band_limited_noise(32, 0)
NARROW = "Noise of degrees 28 to 36"


@pytest.fixture(scope="module")
def default():
    return st.explore.stability()


def test_the_default_shows_that_scattering_is_stable(default):
    assert (default.L, default.size, default.signal) == (64, 0.05, NARROW)
    assert default.bank.J_min == 3
    assert default.scales == [3, 4, 5, 6]
    found = default.distances()
    assert found.scattering < found.spectrum / 4 < found.signal / 6
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 200_000
    assert len(state["state"]["_esm"]) < 90_000


def test_the_narrow_band_is_what_its_name_says(default):
    C = st.power_spectrum(default._alm[NARROW])
    assert np.flatnonzero(C).tolist() == list(range(28, 37))
    assert st.explore.stability(L=3).signal == "Noise of degrees 1 to 1"
    narrow = "Noise of degrees 7 to 9"
    first, same, other = (st.explore.stability(L=16, seed=s)._alm[narrow] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert st.energy(first - other) > 0.5 * st.energy(first)


def test_each_description_moves_as_the_documentation_says(default):
    """Percentages at the default size, and at the greatest, of the table in the docstring."""
    table = re.findall(
        r"^ +(\S.*?)" + 4 * r"  +(\d+) % \((\d+) %\)" + "$",
        st.explore.stability.__doc__,
        re.MULTILINE,
    )
    assert [row[0] for row in table] == default.names
    for name, *percents in table:
        scatter, alm = st.ScatteringTransform(64, J_min=3), default._alm[name]
        both = [st.scattering.deformation_distances(alm, scatter, size) for size in (0.05, 0.2)]
        found = [(d.signal, d.spectrum, d.scattering, d.means) for d in both]
        expected = np.array(percents, float).reshape(4, 2).T
        np.testing.assert_allclose(expected, 100 * np.array(found), rtol=0, atol=0.5)


def test_broad_spectra_move_less_than_the_maps_and_more_than_their_means(default):
    curves = np.frombuffer(default.curves, "<f4").reshape(len(default.names), 5, 11)
    spectrum, scattering, means = curves[:, 2:, -1].T
    assert (spectrum < scattering).tolist() == [False, True, True, True, False]
    assert (curves[:, 4, 1:] < curves[:, 2, 1:]).all()
    assert (means < scattering).all()


def test_curves_pass_through_the_distances(default):
    curves = np.frombuffer(default.curves, "<f4").reshape(5, 5, 11)
    default.signal, default.size = "A ring", 0.1
    np.testing.assert_allclose(curves[4, :, 5], default.distances(), rtol=1e-6)
    assert abs(curves[:, :, 0]).max() < 1e-11
    default.signal, default.size = NARROW, 0.05


def test_size_can_be_set_and_is_checked(default):
    default.size = 0.2
    for value in (0.21, -0.1, np.nan):
        with pytest.raises(ValueError, match="size must be"):
            default.size = value
    assert default.size == 0.2
    default.size = 0.05


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"size": 0.5}, ValueError, r"size must be .*<= 0\.2, got 0\.5"),
        ({"size": "big"}, TypeError, "size must be a real number"),
        ({"L": 200}, ValueError, "L must be"),
        ({"J_min": 9}, ValueError, "J_min"),
        ({"lam": 1}, ValueError, "lam"),
        ({"unit": 3}, TypeError, "unit must be a string"),
        ({"seed": 0.5}, TypeError, "seed"),
    ],
)
def test_bad_input_is_refused_before_anything_is_shown(options, error, words):
    with pytest.raises(error, match=words):
        st.explore.stability(NOISE, **options)
