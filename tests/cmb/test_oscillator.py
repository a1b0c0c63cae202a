from itertools import pairwise

import ducc0
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import eval_hermitenorm, sph_harm_y
from scipy.stats import kstest

import sphere_toolkit as st


def density(x, alpha3):
    """The pixel law, straight from the wave functions, scaled to variance 1."""
    width = np.sqrt(1 + 6 * alpha3**2)
    y = width * x
    psi0 = (2 * np.pi) ** -0.25 * np.exp(-(y**2) / 4)
    psi3 = psi0 * eval_hermitenorm(3, y) / np.sqrt(6)
    return width * (np.sqrt(1 - alpha3**2) * psi0 + alpha3 * psi3) ** 2


def integral(function):
    return quad(function, -12, 12, points=[-3, 0, 3], limit=400, epsabs=1e-11)[0]


def moment(alpha3, k):
    return integral(lambda x: x**k * density(x, alpha3))


def pixels(monkeypatch, alpha3, nside, seeds):
    """Pixel values as they reach the transform."""
    seen, true = [], ducc0.sht.adjoint_synthesis

    def spy(**keywords):
        seen.append(keywords["map"][0].copy())
        return true(**keywords)

    monkeypatch.setattr(ducc0.sht, "adjoint_synthesis", spy)
    for seed in seeds:
        st.cmb.oscillator_pixels(2, alpha3, nside, seed)
    monkeypatch.undo()
    return np.concatenate(seen) * np.sqrt(12 * nside**2 / (4 * np.pi))


def whitened(alm, L):
    C = st.cmb.angular_power_spectrum(L)
    return alm / np.sqrt(np.where(C > 0, C, 1))[st.degrees(L)]


@pytest.mark.parametrize("alpha3", [0.0, 0.085, -0.3, 0.8, 1.0])
def test_moments_stated_are_those_of_the_wave_functions(alpha3):
    width = np.sqrt(1 + 6 * alpha3**2)
    third = 2 * np.sqrt(6) * alpha3 * np.sqrt(1 - alpha3**2) / width**3
    fourth = (3 + 72 * alpha3**2) / width**4
    for k, expected in enumerate([1, 0, 1, third, fourth]):
        assert moment(alpha3, k) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("alpha3", [0.0, 0.085, -0.3, 0.8, 1.0])
def test_pixels_have_the_law(monkeypatch, alpha3):
    x = pixels(monkeypatch, alpha3, 64, seeds=range(4))  # 196 608 of them
    edges = np.linspace(-9, 9, 1801)
    mass = [quad(density, a, b, (alpha3,))[0] for a, b in pairwise(edges)]
    below = np.concatenate([[0], np.cumsum(mass)])
    assert kstest(x, lambda v: np.interp(v, edges, below)).pvalue > 1e-3
    for k in range(1, 5):
        spread = np.sqrt(moment(alpha3, 2 * k) - moment(alpha3, k) ** 2)
        assert abs(np.mean(x**k) - moment(alpha3, k)) < 4.5 * spread / np.sqrt(x.size)


@pytest.mark.parametrize("alpha3", [0.085, -0.3, 0.9, 1.0])
def test_the_increasing_function_meets_the_moments_as_the_docstring_states(monkeypatch, alpha3):
    # Deviates in place of random ones: T is applied to the nodes of a quadrature.
    g = np.linspace(-8.5, 8.5, 12 * 128**2)
    weight = np.exp(-(g**2) / 2)
    weight /= weight.sum()

    class Given(np.random.Generator):
        def standard_normal(self, n):
            assert n == g.size
            return g.copy()

    x = pixels(monkeypatch, alpha3, 128, [Given(np.random.PCG64(0))])
    tolerance = 3e-7 if alpha3 == 0.085 else 5e-6
    for k in range(1, 5):
        assert weight @ x**k == pytest.approx(moment(alpha3, k), abs=tolerance)
    assert (np.diff(x) > 0).all()


def test_coefficients_are_the_sum_over_the_pixels(monkeypatch):
    L, nside = 8, 4
    x = pixels(monkeypatch, 0.5, nside, [1])
    theta, phi = st.Grid.healpix(nside).theta, st.Grid.healpix(nside).phi
    C = st.cmb.angular_power_spectrum(L)
    expected = [
        np.sqrt(C[ell] * 4 * np.pi / x.size) * (x @ sph_harm_y(ell, m, theta, phi).conj())
        for ell, m in zip(st.degrees(L), st.orders(L), strict=True)
    ]
    alm = st.cmb.oscillator_pixels(L, 0.5, nside, 1)
    np.testing.assert_allclose(alm, expected, rtol=0, atol=1e-11 * np.abs(expected).max())


@pytest.mark.parametrize("alpha3", [0.0, 0.085, 0.6])
def test_the_ensemble_spectrum_is_that_of_the_standard_model(alpha3):
    L, n = 24, 1500
    power = st.power_spectrum(whitened(st.cmb.oscillator_pixels(L, alpha3, 16, 4, n=n), L))[:, 2:]
    error = power.std(axis=0) / np.sqrt(n)
    assert (np.abs(power.mean(axis=0) - 1) < 4.5 * error).all()
    assert (error < 2 * np.sqrt(2 / (2 * np.arange(2, L) + 1) / n)).all()


def test_orders_lack_as_little_variance_as_the_docstring_states():
    for nside, most, rms in [(8, 0.03, 0.0045), (32, 0.0081, 0.0006)]:
        L, grid = 2 * nside, st.Grid.healpix(nside)
        m = st.orders(L)
        theta, per_ring = np.unique(grid.theta, return_counts=True)
        assert per_ring.sum() == grid.n_samples
        variance = np.array(
            [
                4 * np.pi / grid.n_samples
                * np.sum(per_ring * np.abs(sph_harm_y(ell, order, theta, 0.0)) ** 2)
                for ell, order in zip(st.degrees(L), m, strict=True)
            ]
        )  # fmt: skip
        deviation = variance - 1
        assert np.abs(deviation).max() < most
        count = np.where(m > 0, 2, 1)
        assert np.sqrt(np.average(deviation**2, weights=count)) < rms
        # The mean over the orders of a degree is 1: the spectrum is exact.
        mean = np.bincount(st.degrees(L), count * variance) / (2 * np.arange(L) + 1)
        np.testing.assert_allclose(mean, 1, rtol=1e-12)


def test_both_classes_have_the_same_random_numbers():
    L = 32
    plain, slight = (whitened(st.cmb.oscillator_pixels(L, a, 16, 7), L) for a in (0.0, 0.02))
    plain, slight = (np.where(st.degrees(L) >= 2, alm, 0) for alm in (plain, slight))
    r = st.inner(plain, slight) / (st.norm(plain) * st.norm(slight))
    assert 0.99 < r < 1


def test_the_sign_of_alpha3_is_the_sign_of_the_skewness(monkeypatch):
    plus, minus = (pixels(monkeypatch, a, 32, range(3)) for a in (0.3, -0.3))
    assert (plus**3).mean() == pytest.approx(moment(0.3, 3), rel=0.1)
    assert (minus**3).mean() == pytest.approx(-moment(0.3, 3), rel=0.1)
