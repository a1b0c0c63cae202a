from math import factorial

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import sphere_toolkit as st
from sphere_toolkit.cmb import local
from sphere_toolkit.cmb.ksw import bispectrum_overlap

L = 16


@pytest.fixture(scope="module")
def ksw():
    return st.cmb.KSW(L)


@pytest.fixture(scope="module")
def parts():
    simulator = st.cmb.LocalNonGaussianity(L)
    return np.array([simulator(seed) for seed in range(300)]).swapaxes(0, 1)


def symbol_squared(l1, l2, l3):
    """The square of the 3j symbol without orders, in closed form."""
    total = l1 + l2 + l3
    if total % 2 or max(l1, l2, l3) > total / 2:
        return 0.0
    half, rest = factorial(total // 2), [total - 2 * ell for ell in (l1, l2, l3)]
    for n in rest:
        half /= factorial(n // 2)
    return np.prod([float(factorial(n)) for n in rest]) / factorial(total + 1) * half**2


def bispectrum(table, l1, l2, l3):
    """Reduced, for a unit of f_NL, shell by shell."""
    a, b = table.alpha, table.beta
    return 2 * (a[l1] * b[l2] * b[l3] + b[l1] * a[l2] * b[l3] + b[l1] * b[l2] * a[l3])


def test_the_overlap_is_the_sum_over_triples_of_degrees():
    small = 9
    table, C = local.radial(small), st.cmb.angular_power_spectrum(small)
    expected = 0
    for l1 in range(2, small):
        for l2 in range(2, small):
            for l3 in range(2, small):
                symbol = symbol_squared(l1, l2, l3)
                count = (2 * l1 + 1) * (2 * l2 + 1) * (2 * l3 + 1) / (4 * np.pi) * symbol
                b = bispectrum(table, l1, l2, l3)
                expected = expected + count * np.outer(b, b) / (6 * C[l1] * C[l2] * C[l3])
    found = bispectrum_overlap(table.alpha, table.beta, C)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-12 * np.abs(expected).max())
    error = (table.weight @ expected @ table.weight) ** -0.5
    assert st.cmb.KSW(small).error == pytest.approx(error, rel=1e-9)


def test_the_estimate_is_unbiased(ksw, parts):
    gaussian, quadratic = parts
    # The estimator is cubic: its odd part in f_NL is its response, with little noise.
    step = 50.0
    up, down = (ksw(gaussian + sign * step * quadratic) for sign in (1, -1))
    response = (up - down) / (2 * step)
    error = response.std() / np.sqrt(len(response))
    assert abs(response.mean() - 1) < 4 * error
    assert error < 0.1


def test_the_error_is_what_it_says(ksw, parts):
    estimates = ksw(parts[0])
    n = len(estimates)
    assert abs(estimates.mean()) < 4 * ksw.error / np.sqrt(n)
    assert estimates.std() == pytest.approx(ksw.error, rel=0.25)


def test_the_other_sign_of_the_sky_is_the_other_sign_of_f_nl(ksw, parts):
    sky = parts[0][:3]
    np.testing.assert_allclose(ksw(-sky), -ksw(sky), rtol=1e-12)


def test_it_does_not_turn_with_the_sky(ksw, parts):
    sky = parts[0][0]
    turned = st.rotate(sky, Rotation.random(rng=3))
    assert ksw(turned) == pytest.approx(ksw(sky), rel=1e-9)


def test_a_batch_is_its_skies(ksw, parts):
    batch = parts[0][:4].reshape(2, 2, -1)
    found = ksw(batch)
    assert found.shape == (2, 2)
    np.testing.assert_array_equal(found.ravel(), [ksw(sky) for sky in parts[0][:4]])


def test_bad_skies(ksw):
    with pytest.raises(ValueError, match="alm must have band-limit 16, got 8"):
        ksw(np.zeros(36, complex))
    with pytest.raises(ValueError, match="alm must be finite, got 1 NaN"):
        ksw(np.where(np.arange(136) == 7, np.nan, 0j))
