import healpy as hp
import numpy as np
import pyssht
import pytest

import sphere_toolkit as st


def test_gauss_legendre_rings_are_the_legendre_nodes():
    grid = st.Grid.gauss_legendre(17)
    nodes, _ = np.polynomial.legendre.leggauss(17)
    np.testing.assert_allclose(np.cos(grid.theta), nodes[::-1], atol=1e-15)
    assert grid.shape == (17, 34)
    assert (np.diff(grid.theta) > 0).all()


@pytest.mark.parametrize("L", [1, 2, 9, 64])
def test_mcewen_wiaux_positions_are_those_of_pyssht(L):
    grid = st.Grid.mcewen_wiaux(L)
    theta, phi = pyssht.sample_positions(L, Method="MW")
    np.testing.assert_allclose(grid.theta, theta, rtol=1e-14)
    np.testing.assert_allclose(grid.phi, phi, atol=1e-14)
    assert grid.shape == pyssht.sample_shape(L, Method="MW")


@pytest.mark.parametrize("nside", [1, 2, 8, 12])
def test_healpix_positions_are_those_of_healpy(nside):
    grid = st.Grid.healpix(nside)
    theta, phi = hp.pix2ang(nside, np.arange(12 * nside**2))
    np.testing.assert_allclose(grid.theta, theta, atol=1e-14)
    np.testing.assert_allclose(grid.phi, phi, atol=1e-14)
    assert grid.L == 2 * nside


def test_mesh_has_the_shape_of_the_samples():
    for grid in (st.Grid.gauss_legendre(5), st.Grid.mcewen_wiaux(5), st.Grid.healpix(2)):
        theta, phi = grid.mesh()
        assert theta.shape == phi.shape == grid.shape
        assert grid.n_samples == theta.size
        assert 0 <= phi.min()
        assert phi.max() < 2 * np.pi


def test_grids_are_values():
    assert st.Grid.gauss_legendre(8) == st.Grid("gauss-legendre", 8)
    assert st.Grid.gauss_legendre(8) != st.Grid.mcewen_wiaux(8)
    assert len({st.Grid.healpix(4), st.Grid.healpix(4, 8), st.Grid.healpix(4, 9)}) == 2
    with pytest.raises(AttributeError):
        st.Grid.gauss_legendre(8).L = 9
    with pytest.raises(ValueError, match="read-only"):
        st.Grid.gauss_legendre(8).theta[0] = 0


def test_repr_says_whether_it_is_exact():
    assert "exact" in repr(st.Grid.mcewen_wiaux(8))
    assert "approximate" in repr(st.Grid.healpix(8))
    assert "nside=8" in repr(st.Grid.healpix(8))


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
