import healpy as hp
import numpy as np
import pyssht
import pytest
from hypothesis import given
from strategies import band_limits, noise, seeds

import sphere_toolkit as st


@given(band_limits)
def test_layout_is_that_of_healpy(L):
    ell, m = hp.Alm.getlm(L - 1)
    np.testing.assert_array_equal(st.degrees(L), ell)
    np.testing.assert_array_equal(st.orders(L), m)
    assert st.n_coefficients(L) == ell.size
    assert st.band_limit(np.zeros(ell.size, complex)) == L


@given(band_limits, seeds)
def test_power_spectrum_is_that_of_healpy(L, seed):
    alm = noise(L, seed, n=2)
    spectra = st.power_spectrum(alm)
    for row, one in zip(spectra, alm, strict=True):
        np.testing.assert_allclose(row, hp.alm2cl(one), rtol=1e-13)


def test_power_spectrum_of_a_large_signal_is_that_of_healpy():
    alm = noise(1024)
    np.testing.assert_allclose(st.power_spectrum(alm), hp.alm2cl(alm), rtol=1e-13)


@given(band_limits, seeds)
def test_energy_is_the_sum_of_the_spectrum(L, seed):
    alm = noise(L, seed)
    expected = ((2 * np.arange(L) + 1) * st.power_spectrum(alm)).sum()
    np.testing.assert_allclose(st.energy(alm), expected, rtol=1e-13)


@given(band_limits, seeds)
def test_truncation_keeps_the_low_degrees(L, seed):
    alm = noise(L, seed, n=3)
    L_out = 1 + seed % L
    cut = st.truncate(alm, L_out)
    np.testing.assert_array_equal(cut, alm[:, st.degrees(L) < L_out])
    assert st.band_limit(cut) == L_out


def test_truncation_copies():
    alm = noise(4)
    st.truncate(alm, 4)[:] = 0
    assert alm.any()


def test_truncation_upwards_is_refused():
    with pytest.raises(ValueError, match="L_out must be at most the band-limit of alm, 4, got 5"):
        st.truncate(noise(4), 5)


@given(band_limits, seeds)
def test_pyssht_layout_round_trip(L, seed):
    alm = noise(L, seed, n=2)
    np.testing.assert_array_equal(st.from_pyssht(st.to_pyssht(alm)), alm)


def test_pyssht_reads_what_we_hand_it():
    L = 12
    alm = noise(L)
    flm = st.to_pyssht(alm)
    for ell, m in [(0, 0), (3, -2), (11, 11), (7, -7)]:
        value = alm[hp.Alm.getidx(L - 1, ell, abs(m))]
        expected = value if m >= 0 else (-1) ** m * value.conj()
        assert flm[pyssht.elm2ind(ell, m)] == expected


def test_coefficients_of_a_complex_signal_are_refused():
    flm = st.to_pyssht(noise(4))
    flm[1] += 1e-3
    with pytest.raises(ValueError, match=r"real signal.*difference of 0\.001"):
        st.from_pyssht(flm)
    with pytest.raises(ValueError, match=r"length L\*L, got shape \(7,\)"):
        st.from_pyssht(np.zeros(7, complex))
    with pytest.raises(ValueError, match="flm must be finite, got 1 NaN or infinite of 4"):
        st.from_pyssht(np.array([np.nan, 0, 0, 0], complex))


@pytest.mark.parametrize("length", [0, 2, 5, 11])
def test_lengths_that_fit_no_band_limit(length):
    with pytest.raises(ValueError, match=r"L\(L\+1\)/2.*got shape"):
        st.power_spectrum(np.zeros(length, complex))


def test_nearest_lengths_are_told():
    with pytest.raises(ValueError, match=r"10 \(L=4\) and 15 \(L=5\)"):
        st.band_limit(np.zeros(11))


def test_bad_coefficients():
    alm = noise(4)
    with pytest.raises(TypeError, match="alm must be complex, got dtype float64"):
        st.energy(alm.real)
    with pytest.raises(TypeError, match="alm must be an array of numbers"):
        st.energy(np.array(["a"] * 10))
    with pytest.raises(ValueError, match="rectangular array"):
        st.energy([[1j, 2j], [1j]])
    alm[5] = np.inf
    alm[7] = np.nan
    with pytest.raises(ValueError, match="alm must be finite, got 2 NaN or infinite of 10"):
        st.energy(alm)


def test_order_zero_must_be_real():
    alm = noise(4)
    alm[2] += 0.5j
    with pytest.raises(ValueError, match=r"order m = 0 must be real.*imaginary part of 0\.5"):
        st.power_spectrum(alm)
    alm[2] = alm[2].real + 1e-14j  # rounding is let through
    st.power_spectrum(alm)


def test_inputs_are_not_touched():
    alm = noise(8)
    before = alm.copy()
    st.power_spectrum(alm), st.energy(alm), st.truncate(alm, 3), st.to_pyssht(alm)
    np.testing.assert_array_equal(alm, before)
