"""Masks: their geometry, fits under them, and what fills their holes."""

import healpy as hp
import numpy as np
import pytest
from strategies import noise

import sphere_toolkit as st

GRID = st.Grid.healpix(16)
BAND = st.masks.Mask(np.abs(np.cos(GRID.theta)) > 0.3, GRID)
SKY = st.inverse(st.cmb.gaussian(32, seed=1), GRID)
GRIDS = [st.Grid.gauss_legendre(12), st.Grid.mcewen_wiaux(12), st.Grid.healpix(8)]


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: grid.scheme)
def test_the_fraction_is_the_area_of_what_is_kept(grid):
    cap = np.broadcast_to(grid.mesh()[0] < 1.2, grid.shape)
    assert st.masks.Mask(cap, grid).fraction == pytest.approx((1 - np.cos(1.2)) / 2, abs=0.06)
    assert st.masks.Mask(np.ones(grid.shape), grid).fraction == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.ones(5), r"shape \(3072,\), got \(5,\)"),
        (np.full(GRID.shape, 2.0), r"lie in \[0, 1\]"),
        (np.zeros(GRID.shape), "keep at least one"),
        (np.full(GRID.shape, np.nan), "finite"),
    ],
)
def test_what_is_no_mask_is_refused(samples, said):
    with pytest.raises(ValueError, match=said):
        st.masks.Mask(samples, GRID)
    with pytest.raises(TypeError, match="must be a Mask"):
        st.forward(SKY, GRID, mask=samples)


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: grid.scheme)
def test_distances_are_those_of_all_pairs(grid):
    mask = st.masks.Mask(np.random.default_rng(0).random(grid.shape) > 0.03, grid)
    theta, phi = (np.ravel(angle) for angle in grid.mesh())
    n = hp.ang2vec(theta, phi)
    out = ~mask.keeps.ravel()
    expected = np.arccos(np.clip(n @ n[out].T, -1, 1)).min(axis=1).reshape(grid.shape)
    expected[~mask.keeps] = 0
    np.testing.assert_allclose(st.masks.distances(mask), expected, atol=1e-7)
    np.testing.assert_allclose(st.masks.distances(mask, 0.3), np.minimum(expected, 0.3), atol=1e-7)
    eroded = st.masks.erode(mask, 0.2)
    np.testing.assert_array_equal(eroded.keeps, expected > 0.2)


@pytest.mark.parametrize("kind", st.masks.APODISATIONS)
def test_an_apodised_mask_rises_as_it_says(kind):
    soft = st.masks.apodise(BAND, 0.5, kind)
    x = np.minimum(st.masks.distances(BAND) / 0.5, 1)
    expected = {"cosine": np.sin(np.pi * x / 2) ** 2, "c2": x - np.sin(2 * np.pi * x) / 2 / np.pi}
    np.testing.assert_allclose(soft.samples, expected[kind], atol=1e-12)
    with pytest.raises(ValueError, match="'cosine', 'c2'"):
        st.masks.apodise(BAND, 0.5, "linear")


def test_nothing_left_is_said():
    with pytest.raises(ValueError, match="nothing is left of Mask"):
        st.masks.erode(BAND, 1.5)
    with pytest.raises(ValueError, match="at the best place 0.9"):
        st.masks.valid_at_scale(BAND, st.WaveletBank(32, J_min=2), 2, 0.999)


def test_the_dipole_is_that_of_healpy():
    f = SKY + 1e4 + 300 * np.cos(GRID.theta)
    ours = st.masks.remove_dipole(f, BAND)
    theirs = hp.remove_dipole(hp.ma(np.where(BAND.keeps, f, hp.UNSEEN)), copy=True)
    np.testing.assert_allclose(ours[BAND.keeps], theirs.filled(0)[BAND.keeps], atol=1e-7)
    assert st.masks.remove_monopole(f, BAND).sum() == pytest.approx(0, abs=1e-6)
    batch = st.masks.remove_dipole(np.stack([f, 2 * f]), BAND)
    np.testing.assert_allclose(batch, np.stack([ours, 2 * ours]), atol=1e-7)


HOLED = {
    "NaN": np.where(BAND.keeps, SKY, np.nan),
    "UNSEEN": np.where(BAND.keeps, SKY, hp.UNSEEN),
    "masked array": np.ma.array(SKY, mask=~BAND.keeps),
    "healpy.ma": hp.ma(np.where(BAND.keeps, SKY, hp.UNSEEN)),
    "the Galaxy": np.where(BAND.keeps, SKY, 1e9),
}


def test_what_a_mask_hides_does_not_matter():
    expected, filled = st.forward(SKY, GRID, mask=BAND, n_threads=1), st.masks.fill(SKY, BAND)
    for f in HOLED.values():
        np.testing.assert_array_equal(st.forward(f, GRID, mask=BAND, n_threads=1), expected)
        np.testing.assert_array_equal(st.masks.fill(f, BAND), filled)  # whatever the threads do


def test_an_xarray_has_a_mask_where_it_is_nan():
    grid = st.Grid.equiangular(13, 24)
    f = st.inverse(noise(12), grid)
    land = st.to_xarray(np.where(f > 0, f, np.nan), grid).sortby("lat")
    samples, found = st.from_xarray(land)
    mask = st.masks.known(samples, found)
    expected = st.forward(np.where(f > 0, f, 0), grid, mask=mask)
    np.testing.assert_array_equal(st.forward(land, mask=mask), expected)


def test_what_is_known_of_a_map_is_found():
    for name in ("NaN", "UNSEEN", "masked array", "healpy.ma"):
        np.testing.assert_array_equal(st.masks.known(HOLED[name], GRID).samples, BAND.samples)


@pytest.mark.parametrize("name", ["NaN", "UNSEEN", "masked array"])
def test_samples_that_are_missing_where_a_mask_keeps_them_are_refused(name):
    whole = st.masks.Mask(np.ones(GRID.shape), GRID)
    with pytest.raises(ValueError, match=f"got {np.count_nonzero(~BAND.keeps)} of 3072 samples"):
        st.forward(HOLED[name], GRID, mask=whole)


def test_a_mask_goes_with_its_grid():
    with pytest.raises(ValueError, match="must lie on the grid of the samples"):
        st.forward(noise(4).real, st.Grid.healpix(8), mask=BAND)


def test_e_stays_e_behind_a_mask():
    mask = st.masks.read(st.data.path("wmap_mask.fits"))
    C = st.cmb.angular_power_spectrum(64)
    E = st.cmb.gaussian(64, seed=1)
    QU = st.inverse([E, 0 * E], mask.grid, spin=2)
    hidden = np.where(mask.keeps, QU, np.nan)
    filled = st.masks.fill(hidden, mask, [C, 1e-4 * C], spin=2)
    np.testing.assert_array_equal(filled[:, mask.keeps], QU[:, mask.keeps])
    with pytest.warns(st.ApproximationWarning):
        given = st.forward(filled, mask.grid, spin=2)
    estimated = st.forward(hidden, mask.grid, spin=2, mask=mask)
    for alm, most in ((given, 1e-3), (estimated, 0.05)):
        (of_E, of_B), whole = st.power_spectrum(alm)[:, 10:].sum(axis=1), st.power_spectrum(E)
        assert of_E == pytest.approx(whole[10:].sum(), rel=0.3)
        assert of_B < most * of_E
    with pytest.raises(ValueError, match=r"shape \(2, 64\)"):
        st.masks.fill(hidden, mask, C, spin=2)


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: grid.scheme)
def test_vectors_are_filled_on_every_grid(grid):
    alm = noise(12, n=2) * (st.degrees(12) >= 1)
    f = st.inverse(alm, grid, spin=1)
    mask = st.masks.Mask(np.abs(np.cos(grid.mesh()[0])) > 0.2, grid)
    filled = st.masks.fill(np.stack([f, 2 * f]), mask, spin=1)
    np.testing.assert_array_equal(filled[0][:, mask.keeps], f[:, mask.keeps])
    np.testing.assert_allclose(filled[1], 2 * filled[0], rtol=1e-12)
    assert filled[0][:, ~mask.keeps].std() == pytest.approx(f[:, mask.keeps].std(), rel=0.4)


def test_a_mask_that_keeps_all_changes_nothing():
    whole = st.masks.Mask(np.ones(GRID.shape), GRID)
    np.testing.assert_array_equal(st.forward(SKY, GRID, mask=whole), st.forward(SKY, GRID))


@pytest.mark.parametrize("grid", [*GRIDS[:2], st.Grid.healpix(8, 12)], ids=lambda grid: grid.scheme)
def test_a_fill_keeps_what_is_known_and_is_the_same_each_time(grid):
    f = 1e3 + st.inverse(noise(12), grid)
    mask = st.masks.Mask(np.abs(np.cos(grid.mesh()[0])) > 0.2, grid)
    one = st.masks.fill(np.where(mask.keeps, f, np.nan), mask)
    np.testing.assert_array_equal(one[mask.keeps], f[mask.keeps])
    np.testing.assert_array_equal(st.masks.fill(f, mask), one)
    other = st.masks.fill(f, mask, seed=1)
    assert not np.array_equal(other, one)
    C = 1.0 / (1 + np.arange(12)) ** 2
    given = st.masks.fill(f, mask, C)
    for c in (1e-9, 1e6, 0.3):  # units change nothing
        batch = st.masks.fill(np.stack([f, c * f]), mask)
        np.testing.assert_array_equal(batch[0], one)
        np.testing.assert_allclose(batch[1], c * one, rtol=1e-12)
        np.testing.assert_allclose(st.masks.fill(c * f, mask, seed=1), c * other, rtol=1e-12)
        np.testing.assert_allclose(st.masks.fill(c * f, mask, c**2 * C), c * given, rtol=1e-12)


def test_different_maps_are_filled_independently():
    cap, far = st.masks.Mask(GRID.theta < 0.5, GRID), st.masks.Mask(GRID.theta > 1, GRID)
    filled = st.masks.fill(st.inverse(noise(32, n=8), GRID), cap, np.ones(32))
    # The monopole and dipole of a small cap reach far.
    chance = st.masks.remove_dipole(filled, far)[:, far.keeps]
    assert np.abs(np.corrcoef(chance)[np.triu_indices(8, 1)]).max() < 0.15


def test_small_holes_are_filled_with_what_is_there():
    holes = np.random.default_rng(0).random(GRID.shape) < 0.02
    mask = st.masks.Mask(~holes, GRID)
    error = st.masks.fill(SKY, mask) - SKY
    assert 0 < np.abs(error[holes]).max() < 0.15 * SKY.std()


def test_holes_have_as_much_noise_as_the_rest():
    f = SKY + 20 * np.random.default_rng(0).standard_normal(GRID.shape)
    filled = st.masks.fill(f, BAND)
    whole = st.masks.Mask(np.ones(GRID.shape), GRID)  # forward does not warn of the noise
    beyond = filled - st.inverse(st.forward(filled, GRID, mask=whole), GRID)
    assert beyond[~BAND.keeps].std() == pytest.approx(beyond[BAND.keeps].std(), rel=0.15)


def test_filled_gaussian_skies_are_gaussian_skies():
    # Given the spectrum, covariances of the coefficients are those of whole skies.
    L, n = 16, 60
    grid = st.Grid.healpix(8)
    mask = st.masks.Mask(np.abs(np.cos(grid.theta)) > 0.3, grid)
    C = 1.0 / (1 + np.arange(L)) ** 2
    skies = st.inverse(st.signals.gaussian(C, 3, n), grid)
    filled = st.masks.fill(skies, mask, C, seed=4)
    with pytest.warns(st.ApproximationWarning, match="only up to 0.0"):
        alm = st.forward(filled, grid)
    ratio = st.power_spectrum(alm).mean(axis=0) / C
    error = np.sqrt(2 / (2 * np.arange(L) + 1) / n)
    assert (np.abs(ratio - 1) < 4 * error)[2:].all()
    # and so is the power inside of the band, which a fill of zeros would not have
    inside = st.inverse(alm, grid)[:, ~mask.keeps].var()
    assert inside == pytest.approx(skies.var(), rel=0.15)


def test_a_constant_stays_one():
    np.testing.assert_allclose(st.masks.fill(np.full(GRID.shape, 7.0), BAND), 7.0, rtol=1e-12)


def test_a_mask_is_read_in_either_order(tmp_path):
    for nest in (False, True):
        samples = hp.reorder(BAND.samples, r2n=True) if nest else BAND.samples
        hp.write_map(tmp_path / f"{nest}.fits", samples, nest=nest, dtype=np.float32)
        np.testing.assert_array_equal(
            st.masks.read(tmp_path / f"{nest}.fits").samples, BAND.samples
        )
    (tmp_path / "no.fits").write_text("no")
    with pytest.raises(ValueError, match="no.fits: it is of an unknown kind"):
        st.masks.read(tmp_path / "no.fits")
