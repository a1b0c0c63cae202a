"""Distances that a deformation causes, and the explorer of them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from ipywidgets.embed import dependency_state

import sphere_toolkit as st

NOISE = st.signals.band_limited_noise(32, 0)
BANK = st.WaveletBank(32, J_min=2)
NARROW = "Noise of degrees 28 to 36"


def test_distances_equal_sums_over_samples_and_the_scattering_transform():
    found = st.explore.deformation_distances(NOISE, BANK, 0.1)
    moved = st.deform(NOISE, 0.1)
    grid = st.Grid.mcewen_wiaux(64)
    before, after = st.inverse(NOISE, grid), st.inverse(moved, grid)
    area = np.sin(grid.mesh()[0])
    area[-1] = 0  # the pole
    distance = np.sqrt((area * (after - before) ** 2).sum() / (area * before**2).sum())
    assert found.signal == pytest.approx(distance, rel=1e-2)  # a plain sum, no quadrature
    scatter = st.ScatteringTransform(32, J_min=2)
    S = scatter(NOISE).alm
    apart = st.energy(scatter(moved).alm - S).sum() / st.energy(S).sum()
    assert found.scattering == pytest.approx(np.sqrt(apart), rel=1e-9)
    flm, glm = st.to_pyssht(NOISE), st.to_pyssht(moved)  # with the orders m < 0
    sizes = np.linalg.norm(abs(glm) - abs(flm)) / np.linalg.norm(flm)
    assert found.amplitudes == pytest.approx(sizes, rel=1e-9)
    ell = np.floor(np.sqrt(np.arange(32 * 32))).astype(int)
    roots = [np.sqrt(np.bincount(ell, abs(a) ** 2)) for a in (flm, glm)]
    expected = np.linalg.norm(roots[1] - roots[0]) / np.linalg.norm(roots[0])
    assert found.spectrum == pytest.approx(expected, rel=1e-9)


def test_no_description_moves_further_than_what_it_forgets_less():
    """| |a| - |b| | <= |a - b|, coefficient by coefficient and degree by degree."""
    for size in (0.01, 0.05, 0.2):
        found = st.explore.deformation_distances(NOISE, BANK, size)
        assert found.spectrum < found.amplitudes < found.signal


def test_scattering_moves_in_proportion_and_the_signal_does_not():
    sizes = (0.02, 0.16)
    near, far = (st.explore.deformation_distances(NOISE, BANK, s) for s in sizes)
    assert far.scattering / near.scattering == pytest.approx(8, rel=0.2)
    assert far.signal / near.signal < 7


def test_nothing_moves_at_size_zero_and_units_do_not_matter():
    assert max(st.explore.deformation_distances(NOISE, BANK, 0.0)) < 1e-11
    once = st.explore.deformation_distances(NOISE, BANK, 0.1)
    many = st.explore.deformation_distances(1e20 * NOISE, BANK, 0.1)
    np.testing.assert_allclose(many, once, rtol=1e-9)


def test_bad_input_of_the_distances():
    for arguments, error, words in [
        ((0 * NOISE, BANK, 0.1), ValueError, "zero everywhere"),
        ((NOISE, 32, 0.1), TypeError, "bank must be a WaveletBank"),
        ((st.signals.ring(16), BANK, 0.1), ValueError, "L=32"),
        ((NOISE, BANK, -1), ValueError, "size"),
    ]:
        with pytest.raises(error, match=words):
            st.explore.deformation_distances(*arguments)


# --- the explorer ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def default():
    return st.explore.stability()


def test_the_default_shows_that_scattering_is_stable(default):
    assert (default.L, default.size, default.signal) == (64, 0.05, NARROW)
    assert default.bank.J_min == 3
    assert len(default.paths) == 11
    found = default.distances()
    assert found.scattering < found.spectrum / 4 < found.signal / 6
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 200_000
    assert len(state["state"]["_esm"]) < 70_000


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
        r"^ +(\S.*?)  +(\d+) % \((\d+) %\) +(\d+) % \((\d+) %\) +(\d+) % \((\d+) %\)$",
        st.explore.stability.__doc__,
        re.MULTILINE,
    )
    assert [row[0] for row in table] == default.names
    for name, *percents in table:
        both = [
            st.explore.deformation_distances(default._alm[name], default.bank, size)
            for size in (0.05, 0.2)
        ]
        found = [(d.signal, d.spectrum, d.scattering) for d in both]
        expected = np.array(percents, float).reshape(3, 2).T
        np.testing.assert_allclose(expected, 100 * np.array(found), rtol=0, atol=0.5)


def test_broad_spectra_move_less_than_scattering_at_the_largest_displacement(default):
    curves = np.frombuffer(default.curves, "<f4").reshape(len(default.names), 4, 11)
    spectrum, scattering = curves[:, 2, -1], curves[:, 3, -1]
    assert (spectrum < scattering).tolist() == [False, True, True, True, False]


def test_curves_pass_through_the_distances(default):
    curves = np.frombuffer(default.curves, "<f4").reshape(5, 4, 11)
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
        ({"size": 0.5}, ValueError, r"size must be at most 0.2 radians, got 0\.5"),
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
