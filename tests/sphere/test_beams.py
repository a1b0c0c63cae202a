"""Beams, pixel windows and whitening."""

import numpy as np
import pytest
from commands import peer_when_used
from strategies import noise

import sphere_toolkit as st

hp = peer_when_used("healpy")


def test_a_gaussian_beam_is_that_of_healpy():
    alm = noise(20)
    theirs = hp.smoothalm(alm.copy(), fwhm=0.2, inplace=False)
    np.testing.assert_allclose(st.smooth(alm, 0.2), theirs, rtol=1e-12)
    np.testing.assert_allclose(st.smooth(alm, hp.gauss_beam(0.2, 30)), theirs, rtol=1e-12)
    np.testing.assert_array_equal(st.smooth(alm, 0), alm)


@pytest.mark.parametrize(
    ("fwhm", "error", "said"),
    [
        (-1, ValueError, ">= 0"),
        (30, ValueError, "in radians, must be .*<= 3.14.*got 30"),  # arc minutes, of the command
        (np.ones(5), ValueError, "each of the 20"),
        ("1", TypeError, "real"),
    ],
)
def test_what_is_no_beam_is_refused(fwhm, error, said):
    with pytest.raises(error, match=said):
        st.smooth(noise(20), fwhm)


def test_the_pixel_window_is_what_averages_of_pixels_do():
    nside, L = 8, 16
    fine, coarse = st.Grid.healpix(16 * nside, L), st.Grid.healpix(nside, 3 * nside)
    sky = st.signals.gaussian(np.ones(L), 0, n=60)
    maps = np.stack([hp.ud_grade(f, nside) for f in st.inverse(sky, fine)])
    with pytest.warns(st.ApproximationWarning):
        seen = st.truncate(st.forward(maps, coarse), L)
    ratio = st.power_spectrum(seen, sky).mean(axis=0) / st.power_spectrum(sky).mean(axis=0)
    np.testing.assert_allclose(ratio[2:], st.pixel_window(nside, L)[2:], rtol=5e-3)
    assert ratio[15] < 0.95


def test_the_pixel_window_says_what_it_needs():
    with pytest.raises(ValueError, match="power of 2, got 12"):
        st.pixel_window(12, 8)
    with pytest.raises(ValueError, match="for nside=4, got 18"):
        st.pixel_window(4, 18)


def test_a_white_signal_has_unit_power():
    C = np.linspace(1, 5, 20)
    C[3] = 0
    white = st.whiten(noise(20), C)
    np.testing.assert_allclose(
        st.power_spectrum(white)[4:], (st.power_spectrum(noise(20)) / np.where(C > 0, C, 1))[4:]
    )
    assert st.power_spectrum(white)[3] == 0
    with pytest.raises(ValueError, match=r"shape \(20,\)"):
        st.whiten(noise(20), C[:5])
