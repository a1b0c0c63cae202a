"""Signals with spin: their transforms against ducc0, healpy, pyssht and textbook harmonics."""

import ducc0
import numpy as np
import oracles
import pytest
from commands import peer_when_used
from hypothesis import given
from hypothesis import strategies as hs
from scipy.spatial.transform import Rotation
from strategies import noise, relative, rotations, seeds

import sphere_toolkit as st
from sphere_toolkit.sphere.grids.grid import EXACT_SCHEMES
from sphere_toolkit.sphere.legendre import (
    fourier,
    inverse_fourier,
    inverse_legendre,
    legendre,
    ring_series,
    ring_series_size,
    ring_weights,
)

hp = peer_when_used("healpy")


def spin_noise(L, spin, seed=0):
    """E and B of a random signal, without degrees below the spin."""
    return noise(L, seed, n=2) * (st.degrees(L) >= spin)


@pytest.mark.parametrize("n_rings", [16, 25])
@pytest.mark.parametrize("spin", [1, 2, 8])
@pytest.mark.parametrize("of", [slice(0, 2), slice(0, 1)])
def test_the_two_steps_on_gauss_legendre_are_those_of_ducc0(n_rings, spin, of):
    L, grid = 16, st.Grid.gauss_legendre(n_rings)
    alm = spin_noise(L, spin)
    alm[1:] *= of == slice(0, 2)  # E alone has no B
    shape = n_rings + 1, 2 * n_rings
    rings = ring_series(*shape, np.empty(ring_series_size(*shape), complex))
    f = np.empty((2, *grid.shape))
    columns = f.reshape(2 * n_rings, -1).T
    legendre(alm[of], L, grid.theta, rings, 1, spin)
    fourier(rings, L, columns, 1)
    expected = ducc0.sht.synthesis_2d(
        alm=alm, spin=spin, lmax=L - 1, geometry="GL", ntheta=n_rings, nphi=2 * n_rings
    )
    np.testing.assert_allclose(f, expected, atol=1e-13)
    inverse_fourier(columns, ring_weights(n_rings, f.dtype, 2), L, rings, 1)
    back = np.full_like(alm[of], np.nan)
    inverse_legendre(rings, grid.theta, L, back, 1, spin)
    np.testing.assert_allclose(back, alm[of], atol=1e-13)


@pytest.mark.parametrize("spin", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("grid", [*(st.Grid(s, 10) for s in EXACT_SCHEMES), st.Grid.healpix(4, 12)])
def test_inverse_is_the_sum_of_spin_weighted_harmonics(grid, spin):
    alm = spin_noise(10, spin)
    f = st.inverse(alm, grid, spin=spin)
    expected = oracles.evaluate_spin(alm, spin, *grid.mesh())
    np.testing.assert_allclose(f[0] + 1j * f[1], expected, atol=1e-11)


@pytest.mark.parametrize("spin", [1, 2, 3, 8])
def test_mcewen_wiaux_samples_are_those_of_pyssht(spin, pyssht):
    L, grid = 20, st.Grid.mcewen_wiaux(20)
    alm = spin_noise(L, spin)
    # All orders of E + iB; those below zero of a signal with spin do not follow from the others.
    E, B = st.to_pyssht(alm)
    samples = pyssht.inverse(-(E + 1j * B), L, Spin=spin, Method="MW")
    f = st.inverse(alm, grid, spin=spin)
    np.testing.assert_allclose(f[0] + 1j * f[1], samples, atol=1e-11)
    flm = pyssht.forward(samples, L, Spin=spin, Method="MW")
    E, B = st.to_pyssht(st.forward([samples.real, samples.imag], grid, spin=spin))
    np.testing.assert_allclose(-(E + 1j * B), flm, atol=1e-11)


@pytest.mark.parametrize("spin", [1, 2, 3])
def test_healpix_signs_are_those_of_healpy(spin):
    L, grid = 16, st.Grid.healpix(8)
    alm = spin_noise(L, spin)
    maps = np.array(hp.alm2map_spin(list(alm), 8, spin, L - 1))
    np.testing.assert_allclose(st.inverse(alm, grid, spin=spin), maps, atol=1e-12)
    np.testing.assert_allclose(st.forward(maps, grid, spin=spin), alm, atol=1e-8)
    # healpy takes one step of the iteration only.
    assert relative(np.array(hp.map2alm_spin(list(maps), spin, L - 1)), alm) < 0.02


def test_spin_2_is_the_polarisation_of_healpy():
    L, grid = 16, st.Grid.healpix(8)
    E, B = spin_noise(L, 2)
    _, Q, U = hp.alm2map([0 * E, E, B], 8, lmax=L - 1, pol=True)
    np.testing.assert_allclose(st.inverse([E, B], grid, spin=2), [Q, U], atol=1e-12)


def test_spin_1_is_the_gradient():
    # f_1 to the south, f_2 to the east, by central differences of the scalar signal.
    L, grid, step = 8, st.Grid.gauss_legendre(8), 1e-5
    h, ell = noise(L), st.degrees(L)
    theta, phi = grid.mesh()
    south = oracles.evaluate(h, theta + step, phi) - oracles.evaluate(h, theta - step, phi)
    east = oracles.evaluate(h, theta, phi + step) - oracles.evaluate(h, theta, phi - step)
    f = st.inverse([np.sqrt(ell * (ell + 1)) * h, 0 * h], grid, spin=1)
    np.testing.assert_allclose(f, [south, east / np.sin(theta)] / np.array(2 * step), atol=1e-7)


spins_and_exact_grids = hs.integers(1, 9).flatmap(
    lambda spin: hs.tuples(
        hs.just(spin),
        hs.builds(st.Grid, hs.sampled_from(EXACT_SCHEMES), hs.integers(spin + 1, 40))
        | hs.builds(
            st.Grid.equiangular,
            hs.integers(spin + 2, 40),
            hs.integers(2 * spin + 2, 80),
            hs.booleans(),
            phi0=hs.floats(-10, 10),
        ),
    )
)


@given(spins_and_exact_grids, seeds)
def test_round_trip(spin_and_grid, seed):
    spin, grid = spin_and_grid
    alm = spin_noise(grid.L, spin, seed)
    back = st.forward(st.inverse(alm, grid, spin=spin), grid, spin=spin)
    assert relative(back, alm) < 1e-13
    assert not back[:, : grid.L].imag.any()  # order 0 of real signals, to the last bit


@pytest.mark.parametrize("scheme", EXACT_SCHEMES[:2])
@pytest.mark.parametrize("spin", [2, 7])
def test_round_trip_at_high_band_limit(scheme, spin):
    grid = st.Grid(scheme, 512)
    alm = spin_noise(512, spin)
    assert relative(st.forward(st.inverse(alm, grid, spin=spin), grid, spin=spin), alm) < 1e-12


@pytest.mark.parametrize("spin", [1, 2, 4])
def test_parseval(spin):
    L = 20
    alm, (_, weights) = spin_noise(L, spin), np.polynomial.legendre.leggauss(L)
    squares = (st.inverse(alm, st.Grid.gauss_legendre(L), spin=spin) ** 2).sum(axis=(0, 2))
    np.testing.assert_allclose(
        (weights * squares).sum() * np.pi / L, st.energy(alm).sum(), rtol=1e-12
    )


@pytest.mark.parametrize("grid", [*(st.Grid(s, 6) for s in EXACT_SCHEMES), st.Grid.healpix(4, 6)])
def test_batches_are_their_members(grid):
    alm = np.stack([spin_noise(6, 2, seed) for seed in range(6)]).reshape(2, 3, 2, -1)
    f = st.inverse(alm, grid, spin=2)
    assert f.shape == (2, 3, 2, *grid.shape)
    for i in np.ndindex(2, 3):
        np.testing.assert_array_equal(f[i], st.inverse(alm[i], grid, spin=2, n_threads=1))
    np.testing.assert_allclose(st.forward(f, grid, spin=2), alm, atol=1e-9)


def test_an_empty_batch_stays_empty():
    grid = st.Grid.gauss_legendre(4)
    assert st.inverse(np.zeros((0, 2, 10), complex), grid, spin=1).shape == (0, 2, 4, 8)
    assert st.forward(np.zeros((0, 2, 4, 8)), grid, spin=1).shape == (0, 2, 10)


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_the_number_of_threads_changes_nothing(n_threads):
    grid, alm = st.Grid.gauss_legendre(300), spin_noise(300, 2)
    f = st.inverse(alm, grid, spin=2)
    np.testing.assert_allclose(st.inverse(alm, grid, spin=2, n_threads=n_threads), f, atol=1e-10)


def test_a_finer_grid_carries_a_lower_band_limit():
    alm, grid = spin_noise(5, 3), st.Grid.mcewen_wiaux(9)
    back = st.forward(st.inverse(alm, grid, spin=3), grid, spin=3)
    np.testing.assert_allclose(st.truncate(back, 5), alm, atol=1e-12)


def test_a_map_with_higher_degrees_is_reported_on_healpix():
    f = np.random.default_rng(0).standard_normal((2, 192))
    with pytest.warns(st.ApproximationWarning, match="1 of 1 maps"):
        st.forward(f, st.Grid.healpix(4), spin=2)


def test_spectra_norms_and_products_take_e_and_b_as_a_batch():
    alm, other = spin_noise(7, 2), spin_noise(7, 2, seed=1)
    for batched in (st.power_spectrum, st.energy, st.norm):
        np.testing.assert_array_equal(batched(alm), [batched(alm[0]), batched(alm[1])])
    for pair in (st.power_spectrum, st.inner):
        np.testing.assert_array_equal(
            pair(alm, other), [pair(alm[0], other[0]), pair(alm[1], other[1])]
        )


def frames(theta, phi):
    """Directions outwards, to the south and to the east, shape (3, points, 3)."""
    sin, cos = np.sin(theta), np.cos(theta)
    outwards = [sin * np.cos(phi), sin * np.sin(phi), cos]
    south = [cos * np.cos(phi), cos * np.sin(phi), -sin]
    east = [-np.sin(phi), np.cos(phi), 0 * phi]
    return np.moveaxis([outwards, south, east], 1, -1)


@given(rotations, hs.sampled_from([1, 2, 3, 5]))
def test_rotating_e_and_b_carries_the_signal_along(rotation, spin):
    # An arrow moves with its point; seen from the frame there, it has turned by an angle.
    alm = spin_noise(7, spin)
    theta, phi = np.array([0.3, 1.2, 1.7, 2.9]), np.array([0.1, 2.0, 3.5, 5.0])
    where, south, east = frames(theta, phi)
    x, y, z = rotation.inv().apply(where).T
    theta_before, phi_before = np.arctan2(np.hypot(x, y), z), np.arctan2(y, x)
    carried = rotation.apply(frames(theta_before, phi_before)[1])
    turned = np.arctan2((carried * east).sum(-1), (carried * south).sum(-1))
    before = oracles.evaluate_spin(alm, spin, theta_before, phi_before)
    after = oracles.evaluate_spin(st.rotate(alm, rotation), spin, theta, phi)
    np.testing.assert_allclose(after, before * np.exp(1j * spin * turned), atol=1e-12)


@pytest.mark.parametrize("spin", [1, 2, 3])
def test_a_mirror_changes_the_sign_of_b(spin):
    # The mirror takes phi to -phi, and an arrow to the east to one to the west.
    E, B = spin_noise(8, spin)
    grid = st.Grid.gauss_legendre(8)
    f_1, f_2 = np.roll(st.inverse([E, B], grid, spin=spin)[..., ::-1], 1, axis=-1)
    mirrored = st.inverse([E.conj(), -B.conj()], grid, spin=spin)
    np.testing.assert_allclose(mirrored, [f_1, -f_2], atol=1e-13)


def test_a_rotated_signal_has_no_degrees_below_the_spin():
    alm = st.rotate(spin_noise(9, 4), Rotation.from_euler("ZYZ", [0.3, 1.2, 2.0]))
    assert st.inverse(alm, st.Grid.gauss_legendre(9), spin=4).shape == (2, 9, 18)


@pytest.mark.parametrize("function", [st.forward, st.inverse])
@pytest.mark.parametrize(
    ("spin", "error", "message"),
    [
        (-1, ValueError, "spin must be an integer >= 0 and <= 3 for band-limit 4, got -1"),
        (4, ValueError, "spin must be an integer >= 0 and <= 3 for band-limit 4, got 4"),
        (1.0, TypeError, "spin must be an integer >= 0 .*, got 1.0 of type float"),
        (True, TypeError, "spin must be an integer"),
    ],
)
def test_bad_spins(function, spin, error, message):
    signal = np.zeros((2, 4, 8)) if function is st.forward else np.zeros((2, 10), complex)
    with pytest.raises(error, match=message):
        function(signal, st.Grid.gauss_legendre(4), spin=spin)


def test_bad_shapes():
    grid = st.Grid.gauss_legendre(4)
    for shape in [(4, 8), (3, 4, 8), (2, 8, 4), (1, 4, 8)]:
        with pytest.raises(
            ValueError, match=r"f of spin 2 must end in two components of the grid's"
        ):
            st.forward(np.zeros(shape), grid, spin=2)
    for shape in [(10,), (3, 10), (1, 10)]:
        with pytest.raises(ValueError, match=r"shape \(\.\.\., 2, L\(L\+1\)/2\), E and B, got \("):
            st.inverse(np.zeros(shape, complex), grid, spin=2)


def test_degrees_below_the_spin_are_refused():
    alm = noise(4, n=2)
    message = "zero at the degrees below 2, which no signal of this spin has, got 6 other"
    with pytest.raises(ValueError, match=message):
        st.inverse(alm, st.Grid.gauss_legendre(4), spin=2)
    st.inverse(alm * (st.degrees(4) >= 2), st.Grid.gauss_legendre(4), spin=2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, hp.UNSEEN])
def test_missing_samples_are_refused(bad):
    grid = st.Grid.healpix(2)
    f = np.ones((2, *grid.shape))
    f[1, 5:8] = bad
    with pytest.raises(ValueError, match="got 3 "):
        st.forward(f, grid, spin=2)
    with pytest.raises(ValueError, match="got 3 masked"):
        st.forward(np.ma.masked_invalid(np.where(f == bad, np.nan, f)), grid, spin=2)


def test_bad_coefficients_are_refused():
    grid = st.Grid.gauss_legendre(4)
    alm = spin_noise(4, 1)
    alm[1, 5] = np.nan
    with pytest.raises(ValueError, match="got 1 NaN"):
        st.inverse(alm, grid, spin=1)
    with pytest.raises(ValueError, match="order m = 0 must be real"):
        st.inverse(1j * spin_noise(4, 1), grid, spin=1)
    with pytest.raises(ValueError, match="alm has band-limit 5, the grid carries 4"):
        st.inverse(spin_noise(5, 1), grid, spin=1)
