import numpy as np
import pytest

import sphere_toolkit as st


def test_the_acoustic_peaks_are_where_planck_sees_them():
    ell = np.arange(2, 2000)
    D = ell * (ell + 1) / (2 * np.pi) * st.cmb.angular_power_spectrum(2000, lensed=True)[2:]
    # Planck 2018 I (arXiv:1807.06205), table 5: first peaks at 220.6, 538.1, 809.8
    # with heights 5733, 2586, 2518 muK^2.
    for low, high, position, height in [
        (100, 400, 220.6, 5733),
        (450, 650, 538.1, 2586),
        (700, 950, 809.8, 2518),
    ]:
        window = (ell >= low) & (ell < high)
        assert ell[window][D[window].argmax()] == pytest.approx(position, abs=8)
        assert D[window].max() == pytest.approx(height, rel=0.02)


def test_lensing_changes_little_and_only_at_high_degrees():
    plain, lensed = (st.cmb.angular_power_spectrum(1500, lensed=x) for x in (False, True))
    np.testing.assert_allclose(lensed[2:100], plain[2:100], rtol=2e-3)
    assert not np.array_equal(lensed, plain)
    assert (plain[:2] == 0).all()


def test_skies_have_the_spectrum():
    L = 64
    skies = st.cmb.gaussian(L, 5, n=200)
    ratio = st.power_spectrum(skies).mean(axis=0)[2:] / st.cmb.angular_power_spectrum(L)[2:]
    tolerance = 6 * np.sqrt(2 / (200 * (2 * np.arange(2, L) + 1)))
    assert (np.abs(ratio - 1) < tolerance).all()


def test_the_table_cannot_be_spoilt():
    st.cmb.angular_power_spectrum(100)[:] = 0
    assert st.cmb.angular_power_spectrum(100).any()


def test_bad_requests():
    with pytest.raises(ValueError, match="L must be an integer >= 1 and <= 4097, got 5000"):
        st.cmb.angular_power_spectrum(5000)
    with pytest.raises(TypeError, match="lensed must be True or False, got 'yes'"):
        st.cmb.angular_power_spectrum(10, "yes")
