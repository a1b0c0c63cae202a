import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from scipy.special import sph_harm_y
from strategies import relative, seeds

import sphere_toolkit as st


def test_the_relief_is_where_it_should_be():
    grid = st.Grid.gauss_legendre(270)
    heights = st.inverse(st.signals.earth_relief(270), grid)

    def height(latitude, longitude):
        ring = np.abs(grid.theta - np.deg2rad(90 - latitude)).argmin()
        return heights[ring, np.abs(grid.phi - np.deg2rad(longitude % 360)).argmin()]

    assert height(33, 88) > 4000  # Tibet
    assert height(-20, -68) > 3000  # the Altiplano
    assert height(24, 12) > 200  # the Sahara
    assert height(15, -140) < -4000  # the Pacific
    assert height(-35, -10) < -3000  # the South Atlantic
    assert height(-85, 90) > 2000  # Antarctica, high and at the south pole
    assert height(89, 0) < -2000  # the Arctic Ocean


def test_the_relief_is_that_of_its_own_grid():
    from sphere_toolkit import data

    south_first = data.earth_heights()
    latitude = np.deg2rad(np.linspace(-90, 90, 541))
    rows, columns = np.array([100, 271, 400]), np.array([5, 300, 900])
    alm = st.signals.earth_relief(32)
    smooth = oracles.evaluate(alm, np.pi / 2 - latitude[rows], np.deg2rad(columns / 3))
    # The area mean of what is sampled is the monopole, and the low degrees follow the samples.
    area = np.cos(latitude)[:, None] * np.ones(1080)
    mean = (south_first * area).sum() / area.sum()
    assert alm[0].real / np.sqrt(4 * np.pi) == pytest.approx(mean, rel=1e-3)
    block = np.array(
        [
            south_first[r - 8 : r + 9, max(c - 8, 0) : c + 9].mean()
            for r, c in zip(rows, columns, strict=True)
        ]
    )
    assert np.abs(smooth - block).max() < 800
    assert np.corrcoef(smooth, block)[0, 1] > 0.95


@pytest.mark.parametrize("alm", [st.signals.earth_relief(64), st.signals.spots(64)])
def test_order_zero_is_real_to_the_last_bit(alm):
    assert not alm[:64].imag.any()


def test_lower_band_limits_are_truncations():
    np.testing.assert_array_equal(
        st.signals.earth_relief(20), st.truncate(st.signals.earth_relief(64), 20)
    )


def test_the_shared_relief_cannot_be_spoilt():
    st.signals.earth_relief(270)[:] = 0
    assert st.signals.earth_relief(270).any()


@pytest.mark.parametrize(("degree", "order"), [(0, 0), (3, 0), (5, 2), (5, -2), (7, 7), (7, -7)])
def test_harmonics_are_real_and_of_unit_energy(degree, order):
    alm = st.signals.harmonic(8, degree, order)
    grid = st.Grid.gauss_legendre(8)
    y = sph_harm_y(degree, abs(order), *grid.mesh())
    expected = y.real if order == 0 else np.sqrt(2) * (y.real if order > 0 else y.imag)
    np.testing.assert_allclose(st.inverse(alm, grid), expected, atol=1e-13)
    np.testing.assert_allclose(st.energy(alm), 1)


@given(seeds, hs.floats(-3, 1))
def test_noise_has_unit_variance_and_its_slope(seed, slope):
    L = 48
    alm = st.signals.band_limited_noise(L, seed, slope, n=60)
    assert alm.shape == (60, st.n_coefficients(L))
    spectrum = st.power_spectrum(alm).mean(axis=0)
    shape = (np.arange(L) + 1.0) ** slope
    expected = 4 * np.pi * shape / ((2 * np.arange(L) + 1) * shape).sum()
    # 60 (2 ell + 1) degrees of freedom: six standard deviations
    tolerance = 6 * np.sqrt(2 / (60 * (2 * np.arange(L) + 1)))
    assert (np.abs(spectrum / expected - 1) < tolerance).all()


def test_noise_is_reproducible_by_seed_and_generator():
    a = st.signals.band_limited_noise(8, 3)
    np.testing.assert_array_equal(a, st.signals.band_limited_noise(8, np.random.default_rng(3)))
    assert relative(a, st.signals.band_limited_noise(8, 4)) > 0.1


def test_gaussian_fields_split_their_power_evenly_between_orders():
    alm = st.signals.gaussian(np.ones(4), 0, n=4000)
    assert np.abs(np.mean(np.abs(alm) ** 2, axis=0) - 1).max() < 0.1
    assert np.abs(np.mean(alm**2, axis=0)[4:]).max() < 0.1  # circular for m > 0
    assert not alm[:, :4].imag.any()


def test_spots_are_where_they_are_put_and_about_one_high():
    positions = [(0.5, 1.0), (2.0, 4.0)]
    alm = st.signals.spots(64, positions, width=0.1)
    theta, phi = np.array(positions).T
    np.testing.assert_allclose(oracles.evaluate(alm, theta, phi), 1, atol=0.01)
    assert abs(oracles.evaluate(alm, np.array([1.2]), np.array([1.0]))[0]) < 1e-3


def test_a_ring_is_the_mean_of_spots_over_longitudes():
    L, colatitude, width = 48, 1.1, 0.12
    n = 2 * L
    positions = [(colatitude, 2 * np.pi * k / n) for k in range(n)]
    mean = st.signals.spots(L, positions, width) / n
    found = st.signals.ring(L, colatitude, width)
    factor = np.sqrt(2 * np.pi) * np.sin(colatitude) / width
    np.testing.assert_allclose(found, mean * factor, atol=1e-10)
    crest = oracles.evaluate(found, np.array([colatitude]), np.array([0.3]))
    np.testing.assert_allclose(crest, 1, atol=0.02)


def test_bad_signals():
    with pytest.raises(ValueError, match="L must be an integer >= 1 and <= 270, got 271"):
        st.signals.earth_relief(271)
    with pytest.raises(ValueError, match="degree must be an integer >= 0 and <= 3, got 4"):
        st.signals.harmonic(4, 4, 0)
    with pytest.raises(ValueError, match="order must be an integer >= -2 and <= 2, got 3"):
        st.signals.harmonic(4, 2, 3)
    with pytest.raises(ValueError, match=r"positions must have shape \(n, 2\).*got \(0,\)"):
        st.signals.spots(8, [])
    with pytest.raises(ValueError, match=r"colatitudes must lie in \[0, pi\]"):
        st.signals.spots(8, [(4.0, 0.0)])
    with pytest.raises(ValueError, match="width must be a finite number > 0"):
        st.signals.spots(8, width=0)
    with pytest.raises(ValueError, match="colatitude must be .* < 3.14159.*, got 3.14159"):
        st.signals.ring(8, np.pi)
    with pytest.raises(ValueError, match="slope must be a finite number, got nan"):
        st.signals.band_limited_noise(8, 0, slope=np.nan)
    with pytest.raises(ValueError, match="seed must be an integer >= 0, got -1"):
        st.signals.band_limited_noise(8, -1)
    with pytest.raises(ValueError, match="spectrum must not be negative"):
        st.signals.gaussian([1.0, -1.0])
    with pytest.raises(ValueError, match=r"spectrum must be real of shape \(L,\)"):
        st.signals.gaussian([[1.0]])
