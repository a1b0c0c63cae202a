import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from scipy.spatial.transform import Rotation
from scipy.special import eval_legendre
from strategies import relative, seeds

import sphere_toolkit as st
from sphere_toolkit.sphere import deformations

NOISE = st.signals.band_limited_noise(24, 0, slope=-2)
POLE = st.signals.harmonic(2, 1, 0)  # h = z: every point moves north


@given(seeds, hs.integers(1, 40))
def test_size_zero_is_the_identity(seed, L):
    alm = st.signals.band_limited_noise(L, seed)
    assert relative(st.deform(alm, 0.0), alm) < 1e-11


@pytest.mark.parametrize("size", [0.05, 0.4])
def test_moving_north_is_a_known_change_of_colatitude(size):
    """For h = z, a point goes to the colatitude theta - s sin theta, at its longitude."""
    for degree in (1, 2, 5):
        alm = st.signals.harmonic(64, degree, 0)
        grid = st.Grid.gauss_legendre(64)
        found = st.inverse(st.deform(alm, size, POLE), grid)
        theta = grid.theta - size * np.sin(grid.theta)
        expected = np.sqrt((2 * degree + 1) / (4 * np.pi)) * eval_legendre(degree, np.cos(theta))
        # The greatest gradient, 1 on the equator, is looked for between rings: 3e-4 is missed.
        np.testing.assert_allclose(found, np.broadcast_to(expected[:, None], grid.shape), atol=2e-3)
        assert found.std(axis=1).max() < 1e-9


def test_it_samples_the_signal_at_the_moved_points():
    """Away from the truncation, against a sum of harmonics point by point."""
    grid = st.Grid.gauss_legendre(64)
    alm = st.signals.band_limited_noise(6, 1)
    moved = deformations.moved_points(st.displacement(), 0.2, grid)
    padded = np.zeros(st.n_coefficients(64), complex)
    padded[[m * 64 - m * (m - 1) // 2 + ell - m for m in range(6) for ell in range(m, 6)]] = alm
    found = st.inverse(st.deform(padded, 0.2), grid)
    from scipy.special import sph_harm_y

    theta, phi = np.arccos(moved[2]), np.arctan2(moved[1], moved[0])
    expected = sum(
        (2 if m else 1) * (a * sph_harm_y(int(ell), int(m), theta, phi)).real
        for a, ell, m in zip(alm, st.degrees(6), st.orders(6), strict=True)
    )
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_points_stay_on_the_sphere_and_move_by_at_most_the_size():
    grid = st.Grid.gauss_legendre(40)
    theta, phi = grid.mesh()
    start = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    moved = deformations.moved_points(st.displacement(), 0.3, grid)
    np.testing.assert_allclose(np.linalg.norm(moved, axis=0), 1, atol=1e-14)
    angle = np.arccos(np.clip((moved * start).sum(axis=0), -1, 1))
    assert 0.295 < angle.max() < 0.3001


@pytest.mark.parametrize("size", [0.0, 0.1, 0.4])
def test_moving_north_stretches_by_known_factors(size):
    """1 - s cos theta along meridians, and as the sine of the colatitude along parallels."""
    theta = np.linspace(1e-6, np.pi - 1e-6, 2000)
    along = 1 - size * np.cos(theta)
    across = np.sin(theta - size * np.sin(theta)) / np.sin(theta)
    expected = min(along.min(), across.min()), max(along.max(), across.max())
    np.testing.assert_allclose(st.stretch(size, POLE), expected, atol=2e-3 * size + 1e-12)


def test_no_short_distance_changes_by_more_than_the_stretch():
    least, greatest = st.stretch(0.3)
    grid = st.Grid.gauss_legendre(300)
    theta, phi = grid.mesh()
    start = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    moved = deformations.moved_points(st.displacement(), 0.3, grid)
    lengths = [np.sqrt((np.diff(x, axis=1) ** 2).sum(axis=0)) for x in (moved, start)]
    factors = lengths[0] / lengths[1]
    assert 0.998 * least < factors.min() < factors.max() < 1.002 * greatest
    assert factors.max() - factors.min() > 0.7 * (greatest - least)


def test_the_field_is_tangential_and_a_gradient():
    """Along a path the potential grows by the field's component in its direction."""
    potential = st.signals.band_limited_noise(5, 3)
    v = st.displacement(potential)
    assert st.band_limit(v) == 6
    grid = st.Grid.gauss_legendre(400)
    theta, phi = grid.mesh()
    x = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    field, h = st.inverse(v, grid), st.inverse(potential, grid)
    assert abs((field * x).sum(axis=0)).max() < 1e-12
    # Between neighbours on a ring, to second order; one scale for all places.
    step = x[:, :, 2:] - x[:, :, :-2]
    rise = (field[:, :, 1:-1] * step).sum(axis=0)
    slope = (h[:, 2:] - h[:, :-2])[50:-50]
    ratio = (rise[50:-50] * slope).sum() / (slope**2).sum()
    np.testing.assert_allclose(rise[50:-50], ratio * slope, atol=1e-3 * abs(rise).max())


@given(seeds)
def test_a_rotated_potential_deforms_the_rotated_signal(seed):
    turn = Rotation.random(random_state=seed)
    potential = st.signals.harmonic(4, 2, 1) + st.signals.harmonic(4, 3, 0)
    alm = np.zeros(st.n_coefficients(40), complex)
    alm[st.degrees(40) < 8] = st.signals.band_limited_noise(40, seed)[st.degrees(40) < 8]
    found = st.deform(st.rotate(alm, turn), 0.1, st.rotate(potential, turn))
    # The greatest gradient is looked for on a grid, which is no longer the same.
    assert relative(found, st.rotate(st.deform(alm, 0.1, potential), turn)) < 2e-3


def test_a_batch_is_deformed_one_by_one_and_left_as_it_was():
    batch = np.stack([NOISE, 2 * NOISE, st.signals.ring(24)]).reshape(3, 1, -1)
    before = batch.copy()
    found = st.deform(batch, 0.1, n_threads=2)
    assert (batch == before).all()
    assert found.shape == batch.shape
    for one, many in zip(batch[:, 0], found[:, 0], strict=True):
        np.testing.assert_allclose(st.deform(one, 0.1), many, atol=1e-12)


def test_oversampling_removes_aliasing():
    white = st.signals.band_limited_noise(64, 0)
    fine = st.deform(white, 0.1, oversampling=4)
    assert relative(st.deform(white, 0.1, oversampling=1), fine) > 0.05
    assert relative(st.deform(white, 0.1), fine) < 1e-11
    assert 0.9 < st.energy(fine) / st.energy(white) < 0.95


def test_a_fold_is_refused():
    st.deform(NOISE, 0.95, POLE)
    with pytest.raises(ValueError, match=r"invertible, got 1\.05, where the sphere folds"):
        st.deform(NOISE, 1.05, POLE)
    st.deform(NOISE, 0.4)
    for refuses in (lambda size: st.deform(NOISE, size), st.stretch):
        with pytest.raises(ValueError, match=r"got 0\.45"):
            refuses(0.45)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ((NOISE[:-1], 0.1), {}, ValueError, "nearest lengths"),
        ((NOISE.real, 0.1), {}, TypeError, "complex"),
        ((NOISE * np.nan, 0.1), {}, ValueError, "NaN"),
        ((NOISE, -0.1), {}, ValueError, r"size must be a finite number >= 0.0, got -0\.1"),
        ((NOISE, np.inf), {}, ValueError, "size must be a finite number"),
        ((NOISE, "small"), {}, TypeError, "size must be a real number"),
        ((NOISE, 0.1), {"oversampling": 0.5}, ValueError, "oversampling"),
        ((NOISE, 0.1), {"n_threads": 0}, ValueError, "n_threads"),
        ((NOISE, 0.1, st.signals.harmonic(2, 0, 0)), {}, ValueError, "must not be constant"),
        ((NOISE, 0.1, st.signals.ring(33)), {}, ValueError, "at most 32, got 33"),
        ((NOISE, 0.1, np.stack([POLE, POLE])), {}, ValueError, "potential must be one signal"),
    ],
)
def test_bad_input(arguments, options, error, words):
    with pytest.raises(error, match=words):
        st.deform(*arguments, **options)
