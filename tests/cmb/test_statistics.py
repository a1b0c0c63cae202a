import numpy as np
import pytest
from oracles import evaluate
from scipy.spatial.transform import Rotation

import sphere_toolkit as st


def test_it_is_the_kurtosis_of_the_samples_with_weights():
    L = 6
    alm, C = st.signals.gaussian(np.ones(L), 1), np.array([0, 0, 4.0, 1, 9, 2])
    scaled = alm * np.sqrt(C)[st.degrees(L)]
    x, w = np.polynomial.legendre.leggauss(40)
    phi = np.arange(80) * np.pi / 40
    white = np.where(st.degrees(L) >= 2, alm, 0)
    samples = evaluate(white, np.arccos(x)[:, None], phi)
    second, fourth = (w / 2 @ (samples**k).mean(axis=1) for k in (2, 4))
    assert st.cmb.whitened_kurtosis(scaled, C) == pytest.approx(fourth / second**2 - 3, rel=1e-11)


def test_it_does_not_turn_with_the_sky():
    alm = st.cmb.poisson_sources(32, 0.9, 50, seed=2)
    C = st.cmb.angular_power_spectrum(32)
    turned = st.rotate(alm, Rotation.random(rng=3))
    expected = st.cmb.whitened_kurtosis(alm, C)
    assert expected > 0.5
    assert st.cmb.whitened_kurtosis(turned, C) == pytest.approx(expected, rel=1e-10)
    assert st.cmb.whitened_kurtosis(-7 * alm, 3 * C) == pytest.approx(expected, rel=1e-12)


def test_mean_over_skies_is_the_closed_form_and_zero_for_gaussian_ones():
    L, f, N, n = 32, 0.5, 100, 300
    C = st.cmb.angular_power_spectrum(L)
    x, w = np.polynomial.legendre.leggauss(2 * L)
    K = np.polynomial.legendre.legval(x, (2 * np.arange(L) + 1) * (np.arange(L) >= 2))
    expected = 3 * f**2 / N * 2 * (w @ K**4) / (w @ K**2) ** 2
    kicked, plain = (st.cmb.whitened_kurtosis(st.cmb.poisson_sources(L, share, N, 4, n), C)
                     for share in (f, 0.0))  # fmt: skip
    # One sky's mean square differs from the ensemble's: a bias of the ratio, of order 1 / L**2.
    bias = 10 / L**2
    assert abs(kicked.mean() - expected) < 4.5 * kicked.std() / np.sqrt(n) + bias * (1 + expected)
    assert abs(plain.mean()) < 4.5 * plain.std() / np.sqrt(n) + bias
    assert expected > 10 * kicked.std() / np.sqrt(n)


def test_batch_axes_are_kept():
    alm = st.signals.gaussian(np.ones(8), 5, n=6).reshape(2, 3, -1)
    k = st.cmb.whitened_kurtosis(alm, np.ones(8))
    assert k.shape == (2, 3)
    assert k[1, 2] == st.cmb.whitened_kurtosis(alm[1, 2], np.ones(8))


@pytest.mark.parametrize(
    ("spectrum", "message"),
    [
        (np.ones(7), r"spectrum must be real of shape \(8,\), got float64 \(7,\)"),
        (-np.ones(8), r"spectrum must not be negative.*\[-1, -1\]"),
        (np.zeros(8), r"nor zero at every degree.*\[0, 0\]"),
        (np.full(8, np.nan), "spectrum must be finite, got 8 NaN"),
    ],
)
def test_bad_spectra(spectrum, message):
    with pytest.raises(ValueError, match=message):
        st.cmb.whitened_kurtosis(st.signals.gaussian(np.ones(8), 0), spectrum)


def test_a_sky_of_nothing():
    with pytest.raises(ValueError, match="alm must not be zero at every degree"):
        st.cmb.whitened_kurtosis(np.zeros(36, complex), np.ones(8))
