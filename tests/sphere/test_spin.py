"""Signals with spin: their transforms against ducc0, healpy, pyssht and textbook harmonics."""

import ducc0
import numpy as np
import pytest
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit.sphere.legendre import (
    fourier,
    inverse_fourier,
    inverse_legendre,
    legendre,
    ring_series,
    ring_series_size,
    ring_weights,
)


def spin_noise(L, spin, seed=0):
    """E and B of a random signal, without degrees below the spin."""
    return noise(L, seed, n=2) * (st.degrees(L) >= spin)


@pytest.mark.parametrize("n_rings", [16, 25])
@pytest.mark.parametrize("spin", [1, 2, 8])
@pytest.mark.parametrize("of", [slice(0, 2), slice(0, 1), 0])
def test_the_two_steps_on_gauss_legendre_are_those_of_ducc0(n_rings, spin, of):
    L, grid = 16, st.Grid.gauss_legendre(n_rings)
    alm = spin_noise(L, spin)
    alm[1:] *= of == slice(0, 2)  # E alone has no B
    rings = ring_series(grid, 2, np.empty(ring_series_size(grid, 2), complex))
    f = np.empty((2, *grid.shape))
    columns = f.reshape(2 * n_rings, -1).T
    legendre(alm[of], L, grid, rings, 1, spin)
    fourier(rings, L, columns, 1)
    expected = ducc0.sht.synthesis_2d(
        alm=alm, spin=spin, lmax=L - 1, geometry="GL", ntheta=n_rings, nphi=2 * n_rings
    )
    np.testing.assert_allclose(f, expected, atol=1e-13)
    inverse_fourier(columns, ring_weights(n_rings, f.dtype, 2), L, rings, 1)
    back = np.full_like(alm[of], np.nan)
    inverse_legendre(rings, grid, L, back, 1, spin)
    np.testing.assert_allclose(back, alm[of], atol=1e-13)
