"""The explorer of samples and aliases, as a Python object."""

from __future__ import annotations

import numpy as np
import pytest

import sphere_toolkit as st


@pytest.fixture(scope="module")
def default():
    return st.explore.sampling()


def test_what_is_below_the_band_limit_is_carried_and_the_rest_is_not(default):
    for scheme in ("gauss-legendre", "mcewen-wiaux"):
        default.scheme = scheme
        default.degree, default.order = 7, 5
        np.testing.assert_allclose(default.alias(), st.signals.harmonic(8, 7, 5), atol=1e-12)
    default.scheme, default.degree, default.order = "gauss-legendre", 8, 0
    np.testing.assert_allclose(default.alias(), 0, atol=1e-12)  # its zeros are the rings
    default.degree, default.order = 12, 12


def test_an_alias_has_the_same_samples(default):
    """On a grid that is exact, and for an order that its rings can hold."""
    default.degree, default.order = 12, 12
    grid = st.Grid.gauss_legendre(8)
    _, phi = grid.mesh()
    rings = st.inverse(default.alias(), grid)
    wave = np.cos(12 * phi[0])  # on 16 longitudes the same as cos 4 phi
    np.testing.assert_allclose(wave, np.cos(4 * phi[0]), atol=1e-12)
    np.testing.assert_allclose(rings / rings[:, :1], np.tile(wave, (8, 1)), atol=1e-9)


def test_the_page_gets_points_and_aliases(default):
    points = np.frombuffer(default.points, "<f4").reshape(-1, 2)
    assert default.counts == [128, 120, 192]
    theta, phi = st.Grid.healpix(4, L=8).mesh()
    np.testing.assert_allclose(points[248:], np.stack([theta, phi], axis=-1), atol=1e-6)
    table = np.frombuffer(default.aliases, "<f4").view(np.complex64).reshape(3, 136, 36)
    default.degree, default.order = 9, 2
    for row, scheme in zip(table, ("gauss-legendre", "mcewen-wiaux", "healpix"), strict=True):
        default.scheme = scheme
        np.testing.assert_allclose(row[9 * 10 // 2 + 2], default.alias(), atol=1e-6)
    default.scheme, default.degree, default.order = "gauss-legendre", 12, 12


@pytest.mark.parametrize("L", [4, 8, 16])
def test_the_default_harmonic_aliases(L):
    explorer = st.explore.sampling(L)
    assert explorer.degree == explorer.order == 3 * L // 2
    assert explorer.share() > 0.5


def test_bad_input_is_refused(default):
    for options, words in [
        ({"L": 7}, "L must be one of 4, 8, 16, got 7"),
        ({"scheme": "icosahedral"}, "scheme must be one of .*'healpix', got 'icosahedral'"),
        ({"degree": 16}, "degree must be .*<= 15, got 16"),
        ({"degree": 3, "order": 4}, "order must be .*<= 3, got 4"),
    ]:
        with pytest.raises(ValueError, match=words):
            st.explore.sampling(**options)
    default.degree = 3  # brings the order along
    assert default.order == 3
    default.degree, default.order = 12, 12
