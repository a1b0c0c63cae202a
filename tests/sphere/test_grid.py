import numpy as np
import pytest
from commands import peer_when_used
from hypothesis import given
from strategies import exact_grids

import sphere_toolkit as st
from sphere_toolkit.sphere.grids.grid import EXACT_SCHEMES

hp = peer_when_used("healpy")


def test_gauss_legendre_rings_are_the_legendre_nodes():
    grid = st.Grid.gauss_legendre(17)
    nodes, _ = np.polynomial.legendre.leggauss(17)
    np.testing.assert_allclose(np.cos(grid.theta), nodes[::-1], atol=1e-15)
    assert grid.shape == (17, 34)
    assert (np.diff(grid.theta) > 0).all()


@pytest.mark.parametrize("L", [1, 2, 9, 64])
def test_mcewen_wiaux_positions_are_those_of_pyssht(L, pyssht):
    grid = st.Grid.mcewen_wiaux(L)
    theta, phi = pyssht.sample_positions(L, Method="MW")
    np.testing.assert_allclose(grid.theta, theta, rtol=1e-14)
    np.testing.assert_allclose(grid.phi, phi, atol=1e-14)
    assert grid.shape == pyssht.sample_shape(L, Method="MW")


def test_equiangular_rings_and_columns_lie_at_even_steps():
    era5 = st.Grid.equiangular(721, 1440)
    np.testing.assert_allclose(np.degrees(era5.theta), np.arange(0, 180.1, 0.25), atol=1e-13)
    np.testing.assert_allclose(np.degrees(era5.phi), np.arange(0, 360, 0.25), atol=1e-12)
    assert (era5.L, era5.shape, era5.exact) == (720, (721, 1440), True)
    image = st.Grid.equiangular(180, 360, poles=False, phi0=np.pi / 360 - np.pi)
    np.testing.assert_allclose(np.degrees(image.theta), np.arange(0.5, 180), atol=1e-13)
    np.testing.assert_allclose(np.degrees(image.phi), (np.arange(360) + 180.5) % 360, atol=1e-12)
    assert (image.L, image.shape) == (180, (180, 360))
    # An array of this shape fits the Gauss-Legendre rings too, which lie elsewhere.
    apart = np.degrees(np.abs(image.theta - st.Grid.gauss_legendre(180).theta))
    assert apart.argmax() in (0, 179)
    assert round(apart.max(), 2) == 0.26


@pytest.mark.parametrize(
    ("n_theta", "n_phi", "poles", "L"),
    [(721, 1440, True, 720), (720, 1440, False, 720), (12, 5, False, 3), (12, 6, True, 3),
     (4, 99, True, 3), (4, 99, False, 4), (2, 1, True, 1), (1, 1, False, 1)],
)  # fmt: skip
def test_band_limit_of_an_equiangular_grid(n_theta, n_phi, poles, L):
    assert st.Grid.equiangular(n_theta, n_phi, poles).L == L
    with pytest.raises(ValueError, match=f"L must be .* <= {L} for n_theta={n_theta} and n_phi"):
        st.Grid.equiangular(n_theta, n_phi, poles, L=L + 1)


@given(exact_grids)
def test_weights_integrate_what_they_say(grid):
    n_rings, n_longitudes = grid.shape
    degrees = 2 * n_rings if grid.scheme == "gauss-legendre" else n_rings
    x = np.cos(grid.theta)
    of_power = (grid.weights[:, None] * x[:, None] ** np.arange(degrees)).sum(axis=0)
    power = np.arange(degrees)
    expected = np.where(power % 2, 0, 4 * np.pi / (power + 1))
    np.testing.assert_allclose(n_longitudes * of_power, expected, atol=1e-12)
    assert grid.weights.min() > 0


def test_weights_of_a_pixel():
    np.testing.assert_allclose(st.Grid.healpix(4).weights, 4 * np.pi / 192, rtol=1e-15)
    assert st.Grid.healpix(4).weights.shape == st.Grid.healpix(4).theta.shape


@pytest.mark.parametrize("nside", [1, 2, 8, 12])
def test_healpix_positions_are_those_of_healpy(nside):
    grid = st.Grid.healpix(nside)
    theta, phi = hp.pix2ang(nside, np.arange(12 * nside**2))
    np.testing.assert_allclose(grid.theta, theta, atol=1e-14)
    np.testing.assert_allclose(grid.phi, phi, atol=1e-14)
    assert grid.L == 2 * nside


def test_mesh_has_the_shape_of_the_samples():
    for grid in (*(st.Grid(scheme, 5) for scheme in EXACT_SCHEMES), st.Grid.healpix(2)):
        theta, phi = grid.mesh()
        assert theta.shape == phi.shape == grid.shape
        assert grid.n_samples == theta.size
        assert 0 <= phi.min()
        assert phi.max() < 2 * np.pi


def test_grids_are_values():
    assert st.Grid.gauss_legendre(8) == st.Grid("gauss-legendre", 8)
    assert st.Grid.gauss_legendre(8) != st.Grid.mcewen_wiaux(8)
    assert st.Grid.gauss_legendre(8) == st.Grid.gauss_legendre(8, n_theta=8, n_phi=16)
    assert st.Grid.gauss_legendre(8) != st.Grid.gauss_legendre(8, n_phi=17)
    assert len({st.Grid.healpix(4), st.Grid.healpix(4, 8), st.Grid.healpix(4, 9)}) == 2
    assert st.Grid.equiangular(9, 16) == st.Grid("clenshaw-curtis", 8)
    assert st.Grid.equiangular(8, 16, poles=False) == st.Grid("fejer", 8, phi0=2 * np.pi)
    assert st.Grid.equiangular(9, 16, phi0=-np.pi) == st.Grid.equiangular(9, 16, phi0=np.pi)
    assert st.Grid.equiangular(9, 16, phi0=-1e-20).phi.max() < 2 * np.pi
    assert st.Grid.equiangular(9, 16) != st.Grid.equiangular(9, 17)
    assert hash(st.Grid.equiangular(9, 16)) == hash(st.Grid("clenshaw-curtis", 8, n_phi=16))
    with pytest.raises(AttributeError):
        st.Grid.gauss_legendre(8).L = 9
    with pytest.raises(ValueError, match="read-only"):
        st.Grid.gauss_legendre(8).theta[0] = 0


def test_repr_says_whether_it_is_exact():
    assert "exact" in repr(st.Grid.mcewen_wiaux(8))
    assert "approximate" in repr(st.Grid.healpix(8))
    assert "nside=8" in repr(st.Grid.healpix(8))
    turned = st.Grid.equiangular(5, 9, phi0=0.5, L=3)
    assert repr(turned) == "Grid(clenshaw-curtis, L=3, 5 x 9 samples, phi0=0.5, exact)"


@pytest.mark.parametrize("bad", [0, -3])
def test_band_limit_out_of_range(bad):
    with pytest.raises(ValueError, match=f"L must be an integer >= 1, got {bad}"):
        st.Grid.gauss_legendre(bad)


@pytest.mark.parametrize("bad", [2.5, "8", None, True])
def test_band_limit_that_is_no_integer(bad):
    with pytest.raises(TypeError, match="L must be an integer >= 1"):
        st.Grid.mcewen_wiaux(bad)


def test_other_bad_grids():
    with pytest.raises(ValueError, match=r"scheme must be one of 'gauss-legendre'.*got 'GL'"):
        st.Grid("GL", 8)
    with pytest.raises(ValueError, match="nside must be an integer >= 1, got 0"):
        st.Grid.healpix(0)
    with pytest.raises(ValueError, match="L must be an integer >= 1 and <= 24 for nside=8, got 25"):
        st.Grid.healpix(8, 25)
    with pytest.raises(
        ValueError, match=r"scheme must be one of .* got array\(\[0\., 0\."
    ) as error:
        st.Grid(np.zeros(1000), 8)
    assert len(str(error.value)) < 250
    assert "\n" not in str(error.value)
    with pytest.raises(ValueError, match=r"scheme must be one of .* got array\(\['healpix'\]"):
        st.Grid(np.array(["healpix"]), 8, 4)
    with pytest.raises(ValueError, match="nside belongs to HEALPix grids only, got 4"):
        st.Grid("gauss-legendre", 8, 4)
    with pytest.raises(TypeError, match="nside must be an integer"):
        st.Grid("healpix", 8)
    with pytest.raises(ValueError, match=r"Gauss-Legendre grids only, got None, 16 and 0\.0"):
        st.Grid("mcewen-wiaux", 8, n_phi=16)
    with pytest.raises(ValueError, match="L must be .* <= 90 for n_theta=94 and n_phi=180, got 94"):
        st.Grid.gauss_legendre(94, n_phi=180)
    with pytest.raises(ValueError, match="n_theta must be an integer >= 2, got 1"):
        st.Grid.equiangular(1, 4)
    with pytest.raises(ValueError, match="n_phi must be an integer >= 1, got 0"):
        st.Grid.equiangular(4, 0)
    with pytest.raises(ValueError, match="poles must be one of True, False, got 'no'"):
        st.Grid.equiangular(4, 8, "no")
    with pytest.raises(ValueError, match="phi0 must be a finite number, got nan"):
        st.Grid.equiangular(4, 8, phi0=np.nan)
