"""Images on the sphere, against sums over the plane that they lie in."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from scipy.ndimage import map_coordinates
from scipy.spatial.transform import Rotation
from scipy.special import sph_harm_y
from strategies import relative, seeds

import sphere_toolkit as st
from sphere_toolkit.signals import handwritten as _digits

L = 8


def images(seed, *shape):
    return np.random.default_rng(seed).random(shape)


def plane_sum(image, L, radius, per_pixel=40):
    """Coefficients by the midpoint rule in the plane of the stereographic projection."""
    n = len(image)
    half = 2 * np.tan(radius / 2)
    at = (np.arange((n + 1) * per_pixel) + 0.5) / per_pixel - 1  # pixels; the first row is 0
    row, column = np.meshgrid(at, at, indexing="ij")
    values = map_coordinates(np.pad(image, 1), [row + 1, column + 1], order=1)
    x, y = (2 * (column + 0.5) / n - 1) * half, (1 - 2 * (row + 0.5) / n) * half
    r = np.hypot(x, y)
    area = (2 * half / n / per_pixel) ** 2 / (1 + r**2 / 4) ** 2
    theta, phi = 2 * np.arctan(r / 2), np.arctan2(x, -y)
    return np.array(
        [
            (values * area * sph_harm_y(ell, m, theta, phi).conj()).sum()
            for m in range(L)
            for ell in range(m, L)
        ]
    )


@pytest.mark.parametrize("n", [1, 2, 5, 8])
@pytest.mark.parametrize("radius", [0.3, np.pi / 3, 2.0])
def test_coefficients_are_integrals_over_the_interpolated_image(n, radius):
    image = images(n, n, n)
    assert relative(st.signals.project_images(image, L, radius), plane_sum(image, L, radius)) < 3e-3


@given(seeds, hs.sampled_from([1, 4, 7]))
def test_a_quarter_turn_of_the_image_is_one_of_the_sphere(seed, n):
    image = images(seed, n, n)
    quarter = Rotation.from_euler("z", 90, degrees=True)
    np.testing.assert_allclose(
        st.signals.project_images(np.rot90(image), L),
        st.rotate(st.signals.project_images(image, L), quarter),
        atol=1e-12,
    )


@pytest.mark.parametrize(
    ("pixel", "longitude"), [((0, 4), 180), ((4, 8), 90), ((8, 4), 0), ((4, 0), 270)]
)
def test_seen_from_above_with_greenwich_below_the_image_is_upright(pixel, longitude):
    image = np.zeros((9, 9))
    image[pixel] = 1
    grid = st.Grid.gauss_legendre(64)
    samples = st.inverse(st.signals.project_images(image, 64), grid)
    ring, meridian = np.unravel_index(samples.argmax(), samples.shape)
    # The middle of a pixel at the edge lies half a pixel within the edge's colatitude.
    edge = 2 * np.arctan(8 / 9 * np.tan(np.pi / 6))
    assert grid.theta[ring] == pytest.approx(edge, abs=0.05)
    assert np.rad2deg(grid.phi[meridian]) == pytest.approx(longitude, abs=3)
    assert samples[ring, meridian] == pytest.approx(1, abs=0.2)


def test_many_images_are_projected_one_by_one():
    many = images(0, 2, 3, 5, 5)
    kept = many.copy()
    found = st.signals.project_images(many, L)
    assert found.shape == (2, 3, 36)
    np.testing.assert_allclose(found[1, 2], st.signals.project_images(many[1, 2], L), atol=1e-14)
    np.testing.assert_array_equal(many, kept)
    counts = (many * 255).astype(np.uint8)
    np.testing.assert_allclose(
        st.signals.project_images(counts, L), st.signals.project_images(counts.astype(float), L)
    )


def test_lower_band_limits_are_truncations():
    image = images(3, 8, 8)
    high = st.truncate(st.signals.project_images(image, 30), 10)
    assert relative(st.signals.project_images(image, 10), high) < 1e-3


def test_sixteen_degrees_hold_what_eight_pixels_show():
    alm, _ = st.signals.digits(32, "validation")
    assert st.energy(st.truncate(alm, 16)).sum() > 0.99 * st.energy(alm).sum()


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    given = load_digits()
    alm, labels = st.signals.digits(L)
    np.testing.assert_array_equal(labels, given.target)
    np.testing.assert_allclose(alm, st.signals.project_images(given.images / 16, L), atol=1e-12)
    assert labels.dtype == np.int64


def test_splits_are_fixed_and_share_no_digit():
    alm, labels = st.signals.digits(L)
    rows = [_digits._rows(split) for split in _digits.SPLITS]
    assert [len(part) for part in rows] == [1197, 200, 400]
    np.testing.assert_array_equal(np.sort(np.concatenate(rows)), np.arange(1797))
    for split, part in zip(_digits.SPLITS, rows, strict=True):
        x, y = st.signals.digits(L, split)
        np.testing.assert_allclose(x, alm[part], atol=1e-12)
        np.testing.assert_array_equal(y, labels[part])
        assert np.bincount(y, minlength=10).min() >= len(y) / 20


def test_a_larger_radius_makes_larger_digits():
    small, large = (st.signals.digits(L, "test", radius)[0][0, 0] for radius in (0.5, 1.0))
    assert large.real > 2 * small.real > 0


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            (np.zeros((3, 8, 7)), L),
            ValueError,
            r"square.*got shape \(3, 8, 7\)",
        ),
        ((np.zeros(8), L), ValueError, r"square.*got shape \(8,\)"),
        ((np.zeros((0, 8, 8)), L), ValueError, r"got shape \(0, 8, 8\)"),
        ((np.zeros((8, 8), complex), L), TypeError, "images must be real, got dtype complex128"),
        ((np.full((8, 8), np.nan), L), ValueError, "64 NaN or infinite of 64"),
        (([["a"]], L), TypeError, "images must be an array of numbers"),
        ((np.zeros((8, 8)), 0), ValueError, "L must be an integer >= 1, got 0"),
        ((np.zeros((8, 8)), L, 0), ValueError, "radius must be a finite number > 0"),
        ((np.zeros((8, 8)), L, 4.0), ValueError, "radius must be .* < 3.14159.*, got 4.0"),
    ],
)
def test_what_is_no_image_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        st.signals.project_images(*given)


def test_an_unknown_split_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="split must be one of 'train', 'validation', 'test', got"):
        st.signals.digits(L, "rotated")


def test_without_scikit_learn_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"sklearn.*pip install .*\[nn\]"):
        st.signals.digits(L)
