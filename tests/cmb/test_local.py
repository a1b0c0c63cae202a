import numpy as np
import pytest
from oracles import evaluate
from scipy.special import spherical_jn

import sphere_toolkit as st
from sphere_toolkit.cmb import local

A_S, N_S, PIVOT = 2.1e-9, 0.9649, 0.05  # Planck 2018 VI, as the data folder's README has them


def by_quadrature(ell, r, s):
    """Covariance of the potential between shells, straight from the integral over wave numbers."""
    k = np.exp(np.linspace(np.log(1e-8), np.log(2.0), 400_001))
    power = 9 / 25 * 2 * np.pi**2 / k**3 * A_S * (k / PIVOT) ** (N_S - 1)
    integrand = 2 / np.pi * k**3 * power * spherical_jn(ell, k * r) * spherical_jn(ell, k * s)
    return np.trapezoid(integrand, np.log(k))


@pytest.mark.parametrize("ell", [2, 3, 20])
def test_the_covariance_between_shells_is_the_integral_over_wave_numbers(ell):
    r = np.array([9000.0, 13_800.0, 14_100.0])
    expected = [[by_quadrature(ell, a, b) for a in r] for b in r]
    np.testing.assert_allclose(local.potential_covariance(ell + 1, r)[ell], expected, rtol=2e-4)


def test_the_covariance_is_right_where_scipy_overflows():
    covariance = local.potential_covariance(256, np.array([13_800.0, 13_830.0]))
    assert np.isfinite(covariance).all()
    # On one shell a scale-invariant potential has nearly a power of 1 / ell (ell + 1).
    ell = np.arange(100, 256)
    scaled = covariance[100:, 0, 0] * ell * (ell + 1)
    slope = np.polyfit(np.log(ell + 0.5), np.log(scaled), 1)[0]
    assert slope == pytest.approx(N_S - 1, abs=1e-4)
    assert (covariance[2:, 0, 1] < covariance[2:, 0, 0]).all()


def test_the_table_fits_the_spectrum_and_the_potential():
    """CAMB's table, its spectrum and the closed form for the potential make one covariance."""
    known, root = local._conditional(256)
    table, C = local.radial(256), st.cmb.angular_power_spectrum(256)
    assert table.alpha.shape == table.beta.shape == (256, len(table.r))
    assert (table.weight > 0).all()
    assert (np.diff(table.r) > 0).all()
    full = local.potential_covariance(256, table.r)
    made = root @ root.swapaxes(1, 2) + known[:, :, None] * known[:, None] * C[:, None, None]
    np.testing.assert_allclose(made[2:], full[2:], rtol=1e-9, atol=1e-9 * full[2:].max())
    open_ = full[2:] - table.beta[2:, :, None] * table.beta[2:, None] / C[2:, None, None]
    values = np.linalg.eigvalsh(open_)
    assert (values[:, 0] > -1e-9 * values[:, -1]).all()


def test_large_spots_are_cold_where_there_will_be_too_much_matter():
    table = local.radial(31)
    surface = np.abs(table.r - 13_900).argmin()
    potential = local.potential_covariance(31, table.r)[10:31, surface, surface]
    # Sachs and Wolfe: minus a third of the potential, but for what happens on the way.
    response = table.beta[10:31, surface] / potential / 2.7255e6
    assert response == pytest.approx(-1 / 3, abs=0.12)


def test_the_gaussian_part_is_the_gaussian_sky():
    alm, _ = st.cmb.LocalNonGaussianity(32)(5)
    np.testing.assert_array_equal(alm, st.cmb.gaussian(32, 5))


def test_the_other_part_is_the_square_of_the_potential_on_each_shell():
    L, seed = 4, 3
    simulator = st.cmb.LocalNonGaussianity(L)
    alm, found = simulator(seed)
    table, (known, root) = local.radial(L), local._conditional(L)
    rng = np.random.default_rng(seed)
    st.cmb.gaussian(L, rng)
    noise = st.signals.gaussian(np.ones(L), rng, simulator.n_shells)
    x, w = np.polynomial.legendre.leggauss(10)
    phi = np.arange(20) * np.pi / 10
    ell, m = st.degrees(L), st.orders(L)
    expected = np.zeros(alm.size, complex)
    for i, weight in enumerate(table.weight):
        potential = np.zeros(alm.size, complex)
        for c in np.flatnonzero(ell >= 2):
            potential[c] = known[ell[c], i] * alm[c] + root[ell[c], i] @ noise[:, c]
        square = evaluate(potential, np.arccos(x)[:, None], phi) ** 2
        for c in range(alm.size):
            unit = np.zeros(alm.size, complex)
            unit[c] = 1.0
            real = evaluate(unit, np.arccos(x)[:, None], phi)
            imaginary = evaluate(1j * unit, np.arccos(x)[:, None], phi) if m[c] else 0 * real
            share = 0.5 if m[c] else 1.0
            value = (w @ (square * (real + 1j * imaginary)).sum(axis=1)) * np.pi / 10 * share
            expected[c] += weight * table.alpha[ell[c], i] * value
    np.testing.assert_allclose(found, expected, atol=1e-10 * np.abs(expected).max())


def test_its_power_does_not_give_it_away():
    simulator = st.cmb.LocalNonGaussianity(64)
    power = np.mean([st.power_spectrum(simulator(seed)[1]) for seed in range(10)], axis=0)
    share = 100**2 * power[2:] / st.cmb.angular_power_spectrum(64)[2:]
    assert 0 < share.max() < 5e-4


def test_a_sky_is_the_same_to_the_bit_and_has_no_dipole():
    simulator = st.cmb.LocalNonGaussianity(16)
    first, second = simulator(9), st.cmb.LocalNonGaussianity(16)(np.random.default_rng(9))
    np.testing.assert_array_equal(first, second)
    assert ((first[1] == 0) == (st.degrees(16) < 2)).all()
    np.testing.assert_array_equal(
        simulator.quadratic(first[0], 1), simulator.quadratic(first[0], 1)
    )


@pytest.mark.parametrize("L", [2, 257])
def test_bad_band_limits(L):
    for make in (st.cmb.LocalNonGaussianity, st.cmb.KSW):
        with pytest.raises(ValueError, match=f"L must be an integer >= 3 and <= 256, got {L}"):
            make(L)


def test_bad_gaussian_part():
    simulator = st.cmb.LocalNonGaussianity(8)
    with pytest.raises(ValueError, match=r"alm must have shape \(36,\) for L=8, got \(10,\)"):
        simulator.quadratic(np.zeros(10, complex))
