"""Invariant numbers of a signal, against sums over pixels and against rotations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from scipy.spatial.transform import Rotation
from strategies import noise, rotations, seeds

import sphere_toolkit as st
from sphere_toolkit.scattering import features

L = 16


def integrate(samples, grid):
    """Mean over the sphere of samples on a Gauss-Legendre grid."""
    weights = np.polynomial.legendre.leggauss(grid.L)[1] / 2
    return weights @ samples.mean(axis=-1)


def test_path_means_are_the_logarithms_of_the_means_of_the_images():
    S = st.ScatteringTransform(L, J_min=2)(np.stack([noise(L, 1), noise(L, 2)]))
    grid = st.Grid.gauss_legendre(S.L)
    means = np.array([[integrate(image, grid) for image in sky] for sky in S.maps(grid)])
    found = features.log_path_means(S)
    assert found.shape == (2, len(S.paths) - 1)
    np.testing.assert_allclose(found, np.log(means[:, 1:]), rtol=1e-10)


def test_whitened_moments_are_those_of_the_images_without_their_means():
    channels = noise(L, 5, 3)
    rms = np.ones((3, L))
    grid = st.Grid.gauss_legendre(L)
    images = st.inverse(channels, grid)
    images = images - np.array([integrate(image, grid) for image in images])[:, None, None]
    covariance = np.array([[4 * np.pi * integrate(a * b, grid) for a in images] for b in images])
    deviation = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(deviation, deviation)
    found = features.whitened_moments(channels, rms)
    np.testing.assert_allclose(found[:3], np.log(np.diag(covariance)), rtol=1e-10)
    np.testing.assert_allclose(found[3:], correlation[[0, 0, 1], [1, 2, 2]], rtol=1e-9)


def test_degrees_count_alike_after_division_by_their_rms():
    skies = np.stack([noise(L, seed, 2) for seed in range(30)])
    damped = skies * np.exp(-st.degrees(L) / 3)
    expected = features.whitened_moments(skies, features.degree_rms(skies))
    found = features.whitened_moments(damped, features.degree_rms(damped))
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-10)


def test_degrees_without_power_are_left_out():
    skies = np.stack([noise(L, seed, 2) for seed in range(5)])
    skies[..., st.degrees(L) < 2] = 0
    rms = features.degree_rms(skies)
    assert not rms[:, :2].any()
    assert np.isfinite(features.whitened_moments(skies, rms)).all()


@given(seed=seeds, rotation=rotations)
def test_nothing_turns_with_the_sky(seed, rotation: Rotation):
    sky = noise(8, seed, 2)
    turned = st.rotate(sky, rotation)
    rms = np.ones((2, 8))
    np.testing.assert_allclose(
        features.whitened_moments(turned, rms), features.whitened_moments(sky, rms), atol=1e-9
    )
    np.testing.assert_allclose(features.log_spectrum(turned), features.log_spectrum(sky), atol=1e-9)


@given(hs.integers(3, 20))
def test_spectra_begin_at_degree_two(L):
    assert features.log_spectrum(noise(L)).shape == (L - 2,)


def test_what_has_no_logarithm_or_another_shape_is_refused():
    with pytest.raises(ValueError, match="power of every degree .* 14 of 14 .* lowest 0"):
        features.log_spectrum(np.zeros(st.n_coefficients(L), complex))
    S = st.ScatteringTransform(L, J_min=2)(np.zeros(st.n_coefficients(L), complex))
    with pytest.raises(ValueError, match="mean of every path must be positive"):
        features.log_path_means(S)
    alm = noise(L, 0, 2)
    with pytest.raises(ValueError, match=r"rms must have shape .* got \(3, 16\) for \(2, 136\)"):
        features.whitened_moments(alm, np.ones((3, L)))
    with pytest.raises(ValueError, match="variance of every image .* 1 of 2"):
        features.whitened_moments(alm * np.array([[1], [0]]), np.ones((2, L)))
