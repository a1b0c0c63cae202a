"""The share of energy that the modulus moves, against sums in real space and known cases."""

from __future__ import annotations

import numpy as np
import pytest

import sphere_toolkit as st


@pytest.fixture(scope="module")
def bank():
    return st.WaveletBank(64, J_min=1)


@pytest.fixture(scope="module")
def relief():
    return st.signals.earth_relief(64)


def test_before_is_the_window_times_the_spectrum(bank, relief):
    for j in bank:
        before, _ = st.scattering.energy_by_degree(relief, bank, j)
        expected = (2 * np.arange(64) + 1) * st.power_spectrum(relief) * bank.window(j) ** 2
        np.testing.assert_allclose(before, expected / expected.sum(), rtol=1e-12, atol=1e-16)
        lower, upper = bank.support(j)
        assert not before[: int(lower) + 1].any()
        assert before[int(lower) + 1 : int(min(upper, 64))].sum() == pytest.approx(1)


def test_the_mean_of_the_modulus_equals_a_sum_over_pixels(bank, relief):
    """Degree 0 of |W| is its mean: here over equal-area pixels, without any transform of |W|."""
    grid = st.Grid.healpix(256, L=64)
    for j in (2, 4, 6):
        _, after = st.scattering.energy_by_degree(relief, bank, j)
        w = st.inverse(bank.analysis(relief).wavelets[j], grid)
        assert after[0] == pytest.approx(np.mean(np.abs(w)) ** 2 / np.mean(w**2), rel=2e-3)


def test_a_dipole_becomes_a_known_mean():
    """|cos theta| has mean 1/2 and mean square 1/3: three quarters of the energy."""
    bank = st.WaveletBank(16)
    before, after = st.scattering.energy_fraction_below(st.signals.harmonic(16, 1, 0), bank, 0)
    assert before == 0
    assert after == pytest.approx(0.75, abs=1e-4)


def test_the_square_and_relu_of_a_dipole_have_known_means():
    """cos^2 has mean 1/3 and mean square 1/5; the positive part has 1/4 and 1/6."""
    bank, dipole = st.WaveletBank(16), st.signals.harmonic(16, 1, 0)
    for rho, expected, tolerance in (("square", 5 / 9, 1e-12), ("relu", 6 / 16, 1e-4)):
        before, after = st.scattering.energy_fraction_below(dipole, bank, 0, rho)
        assert before == 0
        assert after == pytest.approx(expected, abs=tolerance)


def test_means_of_every_nonlinearity_equal_sums_over_pixels(bank, relief):
    grid = st.Grid.healpix(256, L=64)
    w = st.inverse(bank.analysis(relief).wavelets[4], grid)
    for rho, g in (("modulus", np.abs(w)), ("square", w**2), ("relu", (w + np.abs(w)) / 2)):
        after = st.scattering.energy_by_degree(relief, bank, 4, rho).after
        assert after[0] == pytest.approx(np.mean(g) ** 2 / np.mean(g**2), rel=2e-3)


def test_the_square_of_a_coarse_scale_is_seen_whole(bank, relief):
    """Its band-limit is below twice that of the wavelet, and here below L."""
    share = st.scattering.energy_by_degree(relief, bank, 3, "square").after
    assert share.sum() == pytest.approx(1, abs=1e-12)
    assert share[2 * bank.band_limit(3) - 1 :].sum() == pytest.approx(0, abs=1e-12)


def test_energy_is_never_created(bank, relief):
    for alm in (relief, st.signals.band_limited_noise(64, 1), st.cmb.gaussian(64, 2)):
        for j in bank:
            share = st.scattering.energy_by_degree(alm, bank, j)
            assert share.before.sum() == pytest.approx(1)
            assert 0 < share.after.sum() < 1 + 1e-3  # the rest lies above L; aliasing is below it
            assert (share.after >= 0).all()


def test_shares_do_not_depend_on_unit_or_sign(bank, relief):
    expected = st.scattering.energy_by_degree(relief, bank, 4)
    for factor in (-1.0, 1e-30, 1e30):
        found = st.scattering.energy_by_degree(factor * relief, bank, 4)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)
    for rho in ("square", "relu"):
        expected = st.scattering.energy_by_degree(relief, bank, 4, rho)
        for factor in (1e-100, 1e100):
            found = st.scattering.energy_by_degree(factor * relief, bank, 4, rho)
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)


def test_the_edge_of_the_band_belongs_to_the_energy_below():
    for lam in (2.0, 3.0, 1.3):
        bank = st.WaveletBank(32, lam=lam)
        for j in bank:
            share = st.scattering.energy_by_degree(st.signals.band_limited_noise(32, 3), bank, j)
            ell = np.arange(32)
            expected = share.after[ell <= lam ** (j - 1) * (1 + 1e-12)].sum()
            found = st.scattering.energy_fraction_below(
                st.signals.band_limited_noise(32, 3), bank, j
            )
            assert found == (0, pytest.approx(expected))


def test_a_scale_without_energy_has_no_shares(bank):
    alm = st.signals.harmonic(64, 3, 1)
    before, after = st.scattering.energy_by_degree(alm, bank, 6)
    assert not before.any()
    assert not after.any()
    assert st.scattering.energy_fraction_below(alm, bank, 6) == (0, 0)


def test_bad_input_is_refused(bank, relief):
    with pytest.raises(ValueError, match=r"scale must be one of 1, 2, .*got 9"):
        st.scattering.energy_by_degree(relief, bank, 9)
    with pytest.raises(ValueError, match=r"2080 coefficients \(L=64\).*L=32"):
        st.scattering.energy_by_degree(st.truncate(relief, 32), bank, 4)
    with pytest.raises(ValueError, match="one signal"):
        st.scattering.energy_by_degree(np.stack([relief, relief]), bank, 4)
    with pytest.raises(ValueError, match="nonlinearity must be one of .*'rms', got 'tanh'"):
        st.scattering.energy_by_degree(relief, bank, 4, "tanh")
    with pytest.raises(TypeError, match="must be a WaveletBank"):
        st.scattering.energy_by_degree(relief, 64, 4)
    broken = relief.copy()
    broken[5] = np.nan
    with pytest.raises(ValueError, match="1 NaN or infinite"):
        st.scattering.energy_by_degree(broken, bank, 4)
