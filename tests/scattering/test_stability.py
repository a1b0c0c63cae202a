"""Distances that a deformation causes."""

from __future__ import annotations

import numpy as np
import pytest

import sphere_toolkit as st

NOISE = st.signals.band_limited_noise(32, 0)
SCATTER = st.ScatteringTransform(32, J_min=2)


def test_distances_equal_sums_over_samples_and_the_scattering_transform():
    found = st.scattering.deformation_distances(NOISE, SCATTER, 0.1)
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
    means = scatter(NOISE).means(), scatter(moved).means()
    apart = ((means[1] - means[0]) ** 2).sum() / (means[0] ** 2).sum()
    assert found.means == pytest.approx(np.sqrt(apart), rel=1e-9)
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
        found = st.scattering.deformation_distances(NOISE, SCATTER, size)
        assert found.spectrum < found.amplitudes < found.signal


def test_scattering_moves_in_proportion_and_the_signal_does_not():
    sizes = (0.02, 0.16)
    near, far = (st.scattering.deformation_distances(NOISE, SCATTER, s) for s in sizes)
    assert far.scattering / near.scattering == pytest.approx(8, rel=0.2)
    assert far.signal / near.signal < 7


def test_nothing_moves_at_size_zero_and_units_do_not_matter():
    assert max(st.scattering.deformation_distances(NOISE, SCATTER, 0.0)) < 1e-11
    wave, slope = st.signals.harmonic(32, 8, 3), st.signals.harmonic(32, 1, 1)
    assert 0 < st.scattering.deformation_distances(wave, SCATTER, 0.1).means < 0.2
    assert np.isnan(st.scattering.deformation_distances(slope, SCATTER, 0.1).means)
    once = st.scattering.deformation_distances(NOISE, SCATTER, 0.1)
    many = st.scattering.deformation_distances(1e20 * NOISE, SCATTER, 0.1)
    np.testing.assert_allclose(many, once, rtol=1e-9)


def test_bad_input_of_the_distances():
    for arguments, error, words in [
        ((0 * NOISE, SCATTER, 0.1), ValueError, "zero everywhere"),
        ((NOISE, 32, 0.1), TypeError, "scatter must be a ScatteringTransform, got 32"),
        ((st.signals.ring(16), SCATTER, 0.1), ValueError, "L=32"),
        ((NOISE, SCATTER, -1), ValueError, "size"),
    ]:
        with pytest.raises(error, match=words):
            st.scattering.deformation_distances(*arguments)
