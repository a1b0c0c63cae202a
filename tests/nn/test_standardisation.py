"""Standardisation: variance 1 per channel and degree, and rotations go through it."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from strategies import noise, relative

import sphere_toolkit as st
from sphere_toolkit import nn

L = 6


@pytest.fixture(scope="module")
def signals():
    """Forty signals of three channels, of which the second has a positive mean."""
    alm = np.stack([noise(L, seed, 3) for seed in range(40)])
    alm *= np.exp(-st.degrees(L) / 2) * np.array([1e-3, 50.0, 7.0])[:, None]
    alm[:, 1, 0] = np.abs(alm[:, 1, 0]) + 1
    return alm


def test_every_degree_has_variance_one_and_every_mean_is_centred(signals):
    x = nn.Standardisation.from_data(signals, logarithm="positive")(signals)
    real = np.concatenate([x.real, x.imag], axis=-1).astype(float)
    for degree in range(1, L):
        chosen = np.flatnonzero(st.degrees(L) == degree)
        # Orders m > 0 stand for two real coefficients of sqrt(2) times the size.
        values = np.concatenate([real[..., chosen], real[..., chosen + x.shape[-1]]], axis=-1)
        weight = np.where(st.orders(L)[chosen] > 0, 2.0, 1.0)
        power = (values**2 * np.tile(weight, 2)).sum(axis=-1) / (2 * degree + 1)
        np.testing.assert_allclose(power.mean(axis=0), 1, rtol=1e-5)
    np.testing.assert_allclose(x[..., 0].real.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(x[..., 0].real.std(axis=0), 1, rtol=1e-5)
    assert x.dtype == np.complex64


def test_only_positive_means_become_logarithms(signals):
    measured = nn.Standardisation.from_data(signals, logarithm="positive")
    assert measured.logarithm.tolist() == [False, True, False]
    values = np.log(signals[:, 1, 0].real / np.sqrt(4 * np.pi))
    expected = (values - values.mean()) / values.std()
    np.testing.assert_allclose(measured(signals)[:, 1, 0].real, expected, rtol=1e-5, atol=1e-6)
    assert not nn.Standardisation.from_data(signals).logarithm.any()


def test_rotations_go_through(signals):
    standardise = nn.Standardisation.from_data(signals, logarithm="positive")
    rotation = Rotation.random(rng=np.random.default_rng(3))
    turned = standardise(st.rotate(signals[0], rotation))
    assert relative(turned, st.rotate(standardise(signals[0]), rotation)) < 1e-6


def test_degrees_without_power_stay_empty(signals):
    signals = signals.copy()
    signals[..., st.degrees(L) == 1] = 0
    x = nn.Standardisation.from_data(signals)(signals)
    assert not x[..., st.degrees(L) == 1].any()
    assert np.isfinite(x).all()


def test_bad_input_is_named(signals):
    standardise = nn.Standardisation.from_data(signals, logarithm="positive")
    with pytest.raises(ValueError, match=r"shape \(..., 3, 21\), got \(2, 21\)"):
        standardise(signals[0, :2])
    with pytest.raises(ValueError, match="1 signals or channels have a mean <= 0"):
        standardise(signals[0] * -1.0)
    with pytest.raises(ValueError, match=r"shape \(n, channels, L\(L\+1\)/2\), got \(3, 21\)"):
        nn.Standardisation.from_data(signals[0])
    with pytest.raises(ValueError, match="at least 2 signals to measure a scale, got 1"):
        nn.Standardisation.from_data(signals[:1])
    with pytest.raises(ValueError, match="logarithm must be one of 'none', 'positive', got 'all'"):
        nn.Standardisation.from_data(signals, logarithm="all")
