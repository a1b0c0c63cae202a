"""Scattering behind a mask: what counts, and that the means do not see its edges."""

import numpy as np
import pytest
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit.sphere.masks.mask import areas
from sphere_toolkit.wavelets.reach import energy_kernel

BANK = st.WaveletBank(32, J_min=3)
SCATTER = st.ScatteringTransform(32, J_min=3)
GRID = st.Grid.healpix(16)
BAND = st.masks.Mask(np.abs(np.cos(GRID.theta)) > 0.3, GRID)


@pytest.fixture(scope="module")
def wmap():
    """The mask of WMAP at nside 32."""
    mask = st.masks.read(st.data.path("wmap_mask.fits"))
    assert mask.fraction == pytest.approx(0.62, abs=0.005)
    return mask


def wavelet(scale, grid):
    """Samples of a wavelet around the north pole, normalised to unit energy."""
    window = BANK.scaling if scale is None else BANK.window(scale)
    alm = np.zeros(st.n_coefficients(32), complex)
    alm[:32] = np.sqrt(2 * np.arange(32) + 1) * window
    return st.inverse(alm / st.norm(alm), grid)


@pytest.mark.parametrize("scale", [None, 3, 4, 5])
def test_reach_and_kernel_are_those_of_the_wavelet(scale):
    grid = st.Grid.gauss_legendre(400)
    energy = wavelet(scale, grid) ** 2
    inside = grid.mesh()[0] < st.masks.reach(BANK, scale, 0.9)
    share = st.forward(energy * inside, grid)[0].real * np.sqrt(4 * np.pi)
    assert share == pytest.approx(0.9, abs=0.02)
    expected = st.forward(energy, grid)[:63].real / np.sqrt((2 * np.arange(63) + 1) / (4 * np.pi))
    kernel = energy_kernel(BANK, scale)
    np.testing.assert_allclose(kernel, expected[: kernel.size], atol=1e-10)
    np.testing.assert_allclose(expected[kernel.size :], 0, atol=1e-10)


def test_what_a_wavelet_sees_is_its_energy_on_the_mask():
    grid = st.Grid.gauss_legendre(32)
    theta = grid.mesh()[0]
    cap = st.masks.Mask(theta < 1, grid)
    seen = st.masks.seen(cap, BANK, 4)
    fine = st.Grid.gauss_legendre(400)
    energy = wavelet(4, fine) ** 2
    at_pole = st.forward(energy * (fine.mesh()[0] < 1), fine)[0].real * np.sqrt(4 * np.pi)
    assert seen[0].mean() == pytest.approx(at_pole, abs=0.02)
    assert (seen >= 0).all()
    assert (seen <= 1).all()
    valid = st.masks.valid_at_scale(cap, BANK, 4, 0.9)
    np.testing.assert_array_equal(valid.keeps, seen >= 0.9)


def test_a_mask_that_keeps_all_gives_the_coefficients_of_whole_signals():
    alm = noise(32, n=3)
    whole, plain = SCATTER(alm, mask=st.masks.Mask(np.ones(GRID.shape), GRID)), SCATTER(alm)
    np.testing.assert_array_equal(whole.alm, plain.alm)
    assert plain.weights is None
    assert (plain.area == 1).all()
    np.testing.assert_allclose(whole.area, 1, rtol=1e-12)
    np.testing.assert_allclose(whole.means(), plain.means(), rtol=1e-9)
    np.testing.assert_allclose(whole.second_moments(), plain.second_moments(), rtol=1e-9)
    np.testing.assert_allclose(whole.energy(), plain.energy(), rtol=1e-9)


def test_means_are_those_of_the_images_with_the_weights():
    S = SCATTER(noise(32, n=2), mask=BAND)
    grid = st.Grid.gauss_legendre(2 * S.L)
    quadrature = np.ones(4 * S.L) * areas(grid)
    maps, weights = S.maps(grid), S.weights * quadrature
    total = weights.sum(axis=(1, 2))
    np.testing.assert_allclose(S.means(), (maps * weights).sum(axis=(2, 3)) / total)
    np.testing.assert_allclose(S.second_moments(), (maps**2 * weights).sum(axis=(2, 3)) / total)
    np.testing.assert_allclose(S.area, total / (4 * np.pi))
    assert (S.area < BAND.fraction).all()
    assert f"over {S.area.min():.0%} to {S.area.max():.0%} of the sphere" in repr(S)
    assert f"(), over {S.at_depth(0).area[0]:.0%} of the sphere" in repr(S[0].at_depth(0))
    one = S[1]
    np.testing.assert_array_equal(one.means(), S.means()[1])
    np.testing.assert_array_equal(S.at_depth(1).area, S.area[1:4])


def test_deeper_paths_see_less_of_the_sky():
    S = SCATTER(noise(32), mask=BAND)
    area = dict(zip(S.paths, S.area, strict=True))
    assert all(area[path] < area[path[:-1]] for path in S.paths if path)


def test_paths_of_which_nothing_is_known_have_no_mean():
    small = st.masks.Mask(GRID.theta < 0.4, GRID)
    with pytest.warns(st.ApproximationWarning, match=r"nothing is known of the paths \[\(5, 3\)"):
        S = SCATTER(noise(32), mask=small)
    nowhere = np.array([path == (5, 3) for path in S.paths])
    np.testing.assert_array_equal(np.isnan(S.means()), nowhere)
    np.testing.assert_array_equal(S.area == 0, nowhere)
    assert "0.0%" in S._repr_html_()
    with pytest.raises(TypeError, match="mask must be a Mask"):
        SCATTER(noise(32), mask=small.samples)


def test_weights_are_kept_in_every_form(tmp_path):
    S = SCATTER(noise(32), mask=BAND)
    S.save(tmp_path / "S.npz")
    again = st.ScatteringCoefficients.load(tmp_path / "S.npz")
    np.testing.assert_array_equal(again.means(), S.means())
    np.testing.assert_array_equal(S.to_xarray()["area"], S.area)
    assert "area" not in SCATTER(noise(32)).to_xarray().coords
    assert f"{S.area[1]:.1%}" in S._repr_html_()
    with pytest.raises(
        ValueError, match=r"weights must lie in \[0, 1\] and have shape \(7, 16, 32"
    ):
        st.ScatteringCoefficients(S.alm, S.paths, weights=np.ones((2, 2)))


def test_the_mean_of_no_path_sees_the_mask_of_wmap(wmap):
    """16 skies: the full check, with 500, is ``python -m experiments.masks``."""
    L, n = 64, 16
    skies = st.cmb.gaussian(L, seed=7, n=n)
    scatter = st.ScatteringTransform(L, J_min=4)
    seen = scatter(st.forward(st.inverse(skies, wmap.grid), wmap.grid, mask=wmap), mask=wmap)
    whole = scatter(skies)
    with pytest.raises(ValueError, match="no place is valid at scale 6 for share=0.99"):
        st.masks.valid_at_scale(wmap, scatter.bank, 6)
    for name, most in (("means", 0.1), ("second_moments", 0.2)):
        a, b = getattr(seen, name)(), getattr(whole, name)()
        bias = (a - b).mean(axis=0) / a.std(axis=0, ddof=1)
        error = (a - b).std(axis=0, ddof=1) / a.std(axis=0, ddof=1) / np.sqrt(n)
        assert (np.abs(bias) < most + 3 * error).all(), name
    # Pixels of zero in the place of the fill would be found at once.
    with pytest.warns(st.ApproximationWarning):
        zeros = st.forward(st.inverse(skies, wmap.grid) * wmap.samples, wmap.grid)
    zero = scatter(zeros, mask=wmap)
    assert ((zero.means() - whole.means()).mean(axis=0) / zero.means().std(axis=0))[2] < -2
