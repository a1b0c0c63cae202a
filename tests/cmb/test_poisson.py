import ducc0
import numpy as np
import pytest
from oracles import evaluate
from scipy.special import sph_harm_y
from scipy.stats import kstest

import sphere_toolkit as st


def kernel_kurtosis(L, N):
    """Excess kurtosis of N white sources cut to the degrees 2 to L - 1, by quadrature."""
    x, w = np.polynomial.legendre.leggauss(2 * L)
    density = (2 * np.arange(L) + 1) / (4 * np.pi) * (np.arange(L) >= 2)
    K = np.polynomial.legendre.legval(x, density)
    return 3 / N * 4 * np.pi * (2 * np.pi * (w @ K**4)) / (2 * np.pi * (w @ K**2)) ** 2


def whitened(alm, L):
    C = st.cmb.angular_power_spectrum(L)
    return alm / np.sqrt(np.where(C > 0, C, 1))[st.degrees(L)]


@pytest.fixture
def seen(monkeypatch):
    """Positions and strengths of the sources, as they reach the transform."""
    record, true = [], ducc0.sht.adjoint_synthesis_general

    def spy(**keywords):
        record.append((keywords["loc"].copy(), keywords["map"][0].copy()))
        return true(**keywords)

    monkeypatch.setattr(ducc0.sht, "adjoint_synthesis_general", spy)
    return record


def test_coefficients_are_the_sum_over_the_sources(seen):
    L = 12
    alm = st.cmb.poisson_sources(L, f=1.0, N=30, seed=1)
    (((theta, phi), strength),) = [(where.T, w) for where, w in seen]
    C = st.cmb.angular_power_spectrum(L)
    expected = [
        np.sqrt(C[ell]) * (strength @ sph_harm_y(ell, m, theta, phi).conj())
        for ell, m in zip(st.degrees(L), st.orders(L), strict=True)
    ]
    np.testing.assert_allclose(alm, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


def test_positions_are_uniform_and_strengths_standard_normal(seen):
    N = 20_000
    st.cmb.poisson_sources(4, f=0.5, N=N, seed=2)
    ((where, strength),) = seen
    assert kstest(np.cos(where[:, 0]), "uniform", (-1, 2)).pvalue > 1e-3
    assert kstest(where[:, 1], "uniform", (0, 2 * np.pi)).pvalue > 1e-3
    assert kstest(strength * np.sqrt(N / (4 * np.pi)), "norm").pvalue > 1e-3
    assert np.abs(np.corrcoef([*where.T, strength])[np.triu_indices(3, 1)]).max() < 5 / np.sqrt(N)


def test_a_single_source_has_one_strength_at_every_degree():
    L = 20
    alm = whitened(st.cmb.poisson_sources(L, f=1.0, N=1, seed=3), L)
    power = st.power_spectrum(alm)[2:]  # the addition theorem: w**2, wherever the source is
    np.testing.assert_allclose(power, power[0], rtol=1e-6)
    sharpest = np.abs(evaluate(alm, *np.meshgrid(np.linspace(0, np.pi, 40), np.arange(0, 6, 0.1))))
    assert sharpest.max() > 10 * np.median(sharpest)


@pytest.mark.parametrize("f", [0.0, 0.3, 1.0])
def test_the_ensemble_spectrum_is_that_of_the_gaussian_class(f):
    L, n, N = 24, 1500, 40
    power = st.power_spectrum(whitened(st.cmb.poisson_sources(L, f, N, seed=4, n=n), L))[:, 2:]
    error = power.std(axis=0) / np.sqrt(n)
    assert (np.abs(power.mean(axis=0) - 1) < 4.5 * error).all()
    # The spread of the error itself: a bound that the test cannot hide behind.
    cosmic = np.sqrt(2 / (2 * np.arange(2, L) + 1) / n)
    assert (error < 2.5 * cosmic).all()


def test_all_orders_have_the_same_variance():
    L, n = 12, 4000
    alm = whitened(st.cmb.poisson_sources(L, 1.0, 20, seed=5, n=n), L)[:, st.degrees(L) >= 2]
    m = st.orders(L)[st.degrees(L) >= 2]
    square = np.abs(alm) ** 2
    deviation = (square.mean(axis=0) - 1) / (square.std(axis=0) / np.sqrt(n))
    assert np.abs(deviation).max() < 4.5
    # Coefficients of different degree or order do not know of each other.
    correlation = np.corrcoef(np.concatenate([alm.real, alm.imag[:, m > 0]], axis=1).T)
    assert np.abs(correlation[np.triu_indices(len(correlation), 1)]).max() < 7 / np.sqrt(n)


@pytest.mark.parametrize(("f", "theta"), [(1.0, 0.0), (1.0, 1.5), (0.8, 0.4)])
def test_moments_at_a_point_are_the_closed_form_wherever_it_is(f, theta):
    L, n, N = 8, 6000, 12
    alm = whitened(st.cmb.poisson_sources(L, f, N, seed=6, n=n), L)
    y = sph_harm_y(st.degrees(L), st.orders(L), theta, 0.3)
    x = (alm * y).real @ np.where(st.orders(L) > 0, 2.0, 1.0)
    variance = x.var()
    assert variance == pytest.approx((L**2 - 4) / (4 * np.pi), rel=0.1)
    cubes, fourths = x**3 / variance**1.5, x**4 / variance**2
    assert abs(cubes.mean()) < 4.5 * cubes.std() / np.sqrt(n)
    excess = f**2 * kernel_kurtosis(L, N)
    assert abs(fourths.mean() - 3 - excess) < 4.5 * fourths.std() / np.sqrt(n)
    assert excess > 5 * fourths.std() / np.sqrt(n)


def test_white_pixels_have_the_kurtosis_that_the_docstring_states(seen):
    L, f, N = 16, 0.8, 1000
    n_pixels, squares, fourths = 3 * L**2, [], []
    for seed in range(150):
        st.cmb.poisson_sources(L, f, N, seed=seed)
        (where, strength), seen[:] = seen[-1], []
        z, phi = np.cos(where[:, 0]), where[:, 1]
        rows, columns = 24, 32  # equal areas
        pixel = np.floor((z + 1) / 2 * rows) * columns + np.floor(phi / (2 * np.pi) * columns)
        assert rows * columns == n_pixels
        p = np.bincount(pixel.astype(int), strength, n_pixels) * np.sqrt(n_pixels / (4 * np.pi))
        g = np.random.default_rng(1000 + seed).standard_normal(n_pixels)
        x = np.sqrt(1 - f) * g + np.sqrt(f) * p
        squares.append((x**2).mean())
        fourths.append((x**4).mean())
    k4 = np.mean(fourths) / np.mean(squares) ** 2 - 3
    error = np.std(fourths) / np.sqrt(150)
    assert abs(k4 - 9 * L**2 * f**2 / N) < 4.5 * error < 0.5


def test_without_sources_it_is_the_gaussian_sky():
    np.testing.assert_array_equal(
        st.cmb.poisson_sources(32, 0.0, 10, seed=7), st.cmb.gaussian(32, 7)
    )
    mixed = st.cmb.poisson_sources(32, 0.36, 10, seed=7) - 0.8 * st.cmb.gaussian(32, 7)
    pure = st.cmb.poisson_sources(32, 1.0, 10, seed=7)
    np.testing.assert_allclose(mixed, 0.6 * pure, atol=1e-12 * np.abs(pure).max())
