"""The conventions of the book's page of that name, one test each, against formulas written out."""

from itertools import pairwise

import numpy as np
import pytest
from commands import peer_when_used
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation
from scipy.special import sph_harm_y

import sphere_toolkit as st

healpy = peer_when_used("healpy")

L = 24


@pytest.fixture
def alm():
    return st.signals.band_limited_noise(L, seed=0)


def one_coefficient(degree, order):
    """alm of band-limit 3 with a single 1 in it."""
    out = np.zeros(st.n_coefficients(3), complex)
    out[(st.degrees(3) == degree) & (st.orders(3) == order)] = 1
    return out


def test_angles():
    theta, phi = st.Grid.gauss_legendre(L).mesh()
    assert np.all((theta > 0) & (theta < np.pi) & (phi >= 0) & (phi < 2 * np.pi))
    assert np.all(np.diff(theta, axis=0) > 0)  # colatitude: the first ring is the northernmost
    assert np.all(np.diff(phi, axis=1) > 0)
    poles, pixels = st.Grid.equiangular(5, 8), st.Grid.equiangular(4, 8, poles=False, phi0=0.1)
    assert_allclose(poles.theta, np.pi * np.arange(5) / 4)
    assert_allclose(pixels.theta, np.pi * (np.arange(4) + 0.5) / 4)
    assert_allclose(pixels.phi, 0.1 + 2 * np.pi * np.arange(8) / 8)
    assert (poles.L, pixels.L, st.Grid.equiangular(721, 1440).L) == (4, 4, 720)
    assert_allclose(st.to_xarray(np.zeros((5, 8)), poles).lat, [90, 45, 0, -45, -90])


def test_band_limit_is_exclusive(alm):
    assert st.degrees(L).max() == L - 1
    assert st.band_limit(alm) == L


@pytest.mark.parametrize(
    ("degree", "order", "harmonic"),
    [
        (0, 0, lambda t, p: np.sqrt(1 / (4 * np.pi)) + 0 * t),
        (1, 0, lambda t, p: np.sqrt(3 / (4 * np.pi)) * np.cos(t)),
        (1, 1, lambda t, p: -np.sqrt(3 / (8 * np.pi)) * np.sin(t) * np.exp(1j * p)),
        (2, 1, lambda t, p: -np.sqrt(15 / (8 * np.pi)) * np.sin(t) * np.cos(t) * np.exp(1j * p)),
        (2, 2, lambda t, p: np.sqrt(15 / (32 * np.pi)) * np.sin(t) ** 2 * np.exp(2j * p)),
    ],
)
def test_harmonics_are_orthonormal_with_condon_shortley_phase(degree, order, harmonic):
    grid = st.Grid.gauss_legendre(3)
    # A real signal also has the coefficient of order -m, which the layout leaves out.
    written_out = (2 if order else 1) * np.real(harmonic(*grid.mesh()))
    assert_allclose(st.inverse(one_coefficient(degree, order), grid), written_out, atol=1e-14)


def test_layout_is_healpys(alm):
    assert_allclose(st.power_spectrum(alm), healpy.alm2cl(alm), rtol=1e-13)
    m, ell = st.orders(L), st.degrees(L)
    assert_allclose(np.arange(alm.size), m * (2 * L - 1 - m) // 2 + ell)
    assert_allclose(np.arange(alm.size), healpy.Alm.getidx(L - 1, ell, m))


def test_layout_of_pyssht(alm, pyssht):
    flm = st.to_pyssht(alm)
    grid = st.Grid.mcewen_wiaux(L)
    assert_allclose(pyssht.inverse(flm, L, Reality=True), st.inverse(alm, grid), atol=1e-12)
    ell, m = 5, 3
    (expected,) = alm[(st.degrees(L) == ell) & (st.orders(L) == m)]
    assert flm[ell * ell + ell + m] == expected
    assert flm[ell * ell + ell - m] == (-1) ** m * np.conj(expected)


def test_energy_is_the_integral_of_the_square(alm):
    fine = st.Grid.gauss_legendre(2 * L)  # carries the degrees of f^2
    squared = st.forward(st.inverse(alm, fine) ** 2, fine)
    integral = np.sqrt(4 * np.pi) * squared[0].real
    by_degree = np.sum((2 * np.arange(L) + 1) * st.power_spectrum(alm))
    assert_allclose([st.energy(alm), by_degree], integral, rtol=1e-12)
    assert_allclose([st.norm(alm) ** 2, st.inner(alm, alm)], integral, rtol=1e-12)


def slope(height):
    """E and B of the gradient of a real signal."""
    ell = st.degrees(st.band_limit(height))
    return np.stack([np.sqrt(ell * (ell + 1)) * height, 0 * height])


def test_spin_1_is_a_vector_to_the_south_and_to_the_east():
    grid = st.Grid.gauss_legendre(3)
    theta, phi = grid.mesh()
    height = st.forward(np.sin(theta) * np.cos(phi), grid)  # the coordinate x
    south, east = st.inverse(slope(height), grid, spin=1)
    assert_allclose(south, np.cos(theta) * np.cos(phi), atol=1e-14)
    assert_allclose(east, -np.sin(phi), atol=1e-14)  # derivative by phi, over sin(theta)


@pytest.mark.parametrize(
    ("spin", "degree", "order", "harmonic", "of_minus_order"),
    [
        (1, 1, 0, lambda t, p: np.sqrt(3 / (8 * np.pi)) * np.sin(t) + 0j, None),
        (
            1, 1, 1, lambda t, p: -np.sqrt(3 / (16 * np.pi)) * (1 - np.cos(t)) * np.exp(1j * p),
            lambda t, p: -np.sqrt(3 / (16 * np.pi)) * (1 + np.cos(t)) * np.exp(-1j * p),
        ),
        (2, 2, 0, lambda t, p: np.sqrt(15 / (32 * np.pi)) * np.sin(t) ** 2 + 0j, None),
        (
            2, 2, 2, lambda t, p: np.sqrt(5 / (64 * np.pi)) * (1 - np.cos(t)) ** 2 * np.exp(2j * p),
            lambda t, p: np.sqrt(5 / (64 * np.pi)) * (1 + np.cos(t)) ** 2 * np.exp(-2j * p),
        ),
    ],
)  # fmt: skip
def test_spin_harmonics_and_the_sign_of_healpix(spin, degree, order, harmonic, of_minus_order):
    grid, one = st.Grid.gauss_legendre(3), one_coefficient(degree, order)
    f = harmonic(*grid.mesh())
    if of_minus_order:
        f = f + (-1) ** order * of_minus_order(*grid.mesh())
    assert_allclose(st.inverse([one, 0 * one], grid, spin=spin), [-f.real, -f.imag], atol=1e-14)
    assert_allclose(st.inverse([0 * one, one], grid, spin=spin), [f.imag, -f.real], atol=1e-14)
    maps = healpy.alm2map_spin([one, 0 * one], 4, spin, 2)
    assert_allclose(st.inverse([one, 0 * one], st.Grid.healpix(4), spin=spin), maps, atol=1e-14)


def test_rotations_carry_vectors_along():
    # The slope of the height a . x, for a vector a, becomes the slope of the height (R a) . x.
    grid, rotation = st.Grid.gauss_legendre(3), Rotation.from_euler("ZYZ", [0.3, 1.2, 2.0])
    theta, phi = grid.mesh()
    x = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)
    a = np.array([0.2, -0.5, 0.8])
    before, after = (slope(st.forward(x @ vector, grid)) for vector in (a, rotation.apply(a)))
    assert_allclose(st.rotate(before, rotation), after, atol=1e-14)
    components = st.inverse(before, grid, spin=1)
    weights = np.polynomial.legendre.leggauss(3)[1][:, None] * np.pi / 3
    assert_allclose((weights * components**2).sum(), st.energy(before).sum())


def test_batch_axes_lead(alm):
    grid = st.Grid.gauss_legendre(L)
    batch = np.stack([[alm, 2 * alm, 3 * alm]] * 2)
    f = st.inverse(batch, grid)
    assert f.shape == (2, 3, *grid.shape)
    assert_allclose(f[1, 2], 3 * st.inverse(alm, grid), rtol=1e-12, atol=1e-12)
    assert st.power_spectrum(batch).shape == (2, 3, L)


def test_rotations_are_active(alm):
    rotation = Rotation.from_euler("ZYZ", [0.4, 1.1, -0.7])
    grid = st.Grid.gauss_legendre(L)
    theta, phi = grid.mesh()
    x = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)
    back = rotation.inv().apply(x.reshape(-1, 3))
    angles = np.stack([np.arccos(back[:, 2]), np.arctan2(back[:, 1], back[:, 0]) % (2 * np.pi)], -1)
    expected = values_at(alm, angles).reshape(grid.shape)  # f(R^-1 x)
    assert_allclose(st.inverse(st.rotate(alm, rotation), grid), expected, atol=1e-11)


def values_at(alm, angles):
    """The signal at any points (colatitude, longitude), summed over scipy's harmonics."""
    ell, m = st.degrees(L)[:, None], st.orders(L)[:, None]
    theta, phi = angles.T
    terms = alm[:, None] * sph_harm_y(ell, m, theta, phi)
    return np.sum(np.where(m > 0, 2, 1) * terms.real, axis=0)


def test_scales_and_supports():
    bank = st.WaveletBank(100, J_min=2, lam=3.0)
    assert bank.J == 5  # 3^4 < 100 <= 3^5
    assert list(bank) == [2, 3, 4, 5]
    ell = np.arange(100)
    assert np.all(ell[bank.scaling > 0] < 3.0**2)
    for j in bank:
        inside = ell[bank.window(j) > 0]
        assert np.all((inside > 3.0 ** (j - 1)) & (inside < 3.0 ** (j + 1)))


def test_the_frame_is_tight():
    bank = st.WaveletBank(100, J_min=2, lam=1.7)
    total = bank.scaling**2 + sum(bank.window(j) ** 2 for j in bank)
    assert_allclose(total, 1, atol=1e-13)


@pytest.mark.parametrize(("kind", "of_south", "of_east"), [("complex", 0, 2), ("steerable", 2, 0)])
@pytest.mark.parametrize("N", [2, 3])
def test_directions_are_measured_from_south_to_east(kind, of_south, of_east, N):
    bank, grid = st.DirectionalWaveletBank(32, 3, N=N, kind=kind), st.Grid.gauss_legendre(33)
    of_order_0, of_order_24 = (st.signals.harmonic(32, 24, m) for m in (0, 24))
    # Root mean squares along rings for gamma = 0, 45, 90, 135 degrees; waves in latitude run south.
    for alm, ring, direction in [(of_order_0, 10, of_south), (of_order_24, 16, of_east)]:
        W = bank(alm).directions(4, 8, grid)[:4, ring - 3 : ring + 4]
        assert (np.abs(W) ** 2).mean(axis=(1, 2)).argmax() == direction


def test_paths_are_decreasing_scales():
    scatter = st.ScatteringTransform(32, J_min=3, depth=3)
    assert scatter.paths[0] == ()
    assert (5, 4, 3) in scatter.paths
    assert all(a > b for path in scatter.paths for a, b in pairwise(path))
    assert len(scatter.paths) == len(set(scatter.paths)) == 2 ** len(scatter.bank)


def test_a_mask_is_one_where_a_sample_is_kept():
    grid = st.Grid.gauss_legendre(8)
    kept = grid.mesh()[0] < 2
    mask = st.masks.Mask(kept, grid)
    hidden = np.ma.array(np.ones(grid.shape), mask=~kept)
    np.testing.assert_array_equal(st.masks.known(hidden, grid).samples, mask.samples)
    f = np.where(kept, np.cos(grid.mesh()[0]), np.nan)
    np.testing.assert_array_equal(st.masks.fill(f, mask)[kept], f[kept])


def test_nothing_is_changed_in_silence(alm):
    grid = st.Grid.gauss_legendre(L)
    kept = alm.copy()
    f = st.inverse(alm, grid)
    st.rotate(alm, Rotation.from_euler("Y", 1.0))
    assert np.array_equal(alm, kept)
    assert (f.dtype, st.forward(f.astype(np.float32), grid).dtype) == (np.float64, np.complex128)
    f[3, 4] = np.nan
    with pytest.raises(ValueError, match=r"1\b.*(finite|NaN)|(finite|NaN).*\b1\b"):
        st.forward(f, grid)
    with pytest.raises(ValueError, match=r"\(24, 48\).*\(3, 3\)|\(3, 3\).*\(24, 48\)"):
        st.forward(np.zeros((3, 3)), grid)
    with pytest.raises(ValueError, match="gauss-legendre.*mcewen-wiaux.*healpix"):
        st.Grid("equiangular", L)
    with pytest.raises(ValueError, match="24"):
        st.truncate(alm, L + 1)
