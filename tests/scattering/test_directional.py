"""Scattering that knows direction: its first layer by itself, and the paths with spins."""

import pickle
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from scipy.spatial.transform import Rotation
from strategies import noise, seeds

import sphere_toolkit as st
from sphere_toolkit.scattering.nonlinearities import Directional, Envelope, Modulus, directional

WITHIN = [Modulus(), Envelope(1)]


def components(rho, alm, grid, L_out):
    """What the first layer makes of one signal: the scalar, then E and B of each spin."""
    L = st.band_limit(alm)
    out = np.empty((1, 2 * len(rho.spins) - 1, st.n_coefficients(L_out)), complex)
    work = np.empty(rho.memory(L, grid, 1), complex)
    return rho.analyse(alm[None, None], L, grid, L_out, out, 1, work)[0]


def response(alm, grid, N, gamma):
    """The complex wavelet's response in the directions gamma, from derivatives of a plane wave."""
    ell = st.degrees(st.band_limit(alm))
    W = st.inverse(alm * np.sqrt(weight(N, 0, ell)), grid)[..., None]
    for n in range(1, N):
        part = alm * np.sqrt(weight(N, n, ell) / 2)
        Q, U = st.inverse(np.stack([part, 0 * part]), grid, spin=n)
        A = -(1j**n) * (Q + 1j * U)[..., None]
        W = W + A * np.exp(-1j * n * gamma) + (-1) ** n * A.conj() * np.exp(1j * n * gamma)
    return W


def weight(N, n, ell):
    c = [comb(2 * N - 2, N - 1 + k) * (2 if k else 1) for k in range(N)]
    return c[n] * (ell >= n) / np.cumsum(c)[np.minimum(ell, N - 1)]


@pytest.mark.parametrize("N", [2, 3, 4, 6])
def test_the_response_is_that_of_a_wavelet_that_looks_one_way(N):
    """A real wave is two of opposite direction, and the wavelet sees each from its own side."""
    L, m = 201, 180
    grid = st.Grid.gauss_legendre(L)
    at = np.abs(grid.theta - np.pi / 2).argmin()
    gamma = np.pi / 60 * np.arange(120)
    wave = st.signals.harmonic(L, m, m)  # goes along the equator, at right angles to meridians
    found = (np.abs(response(wave, grid, N, gamma)[at]) ** 2).mean(axis=0)
    d = np.sqrt([comb(2 * N - 2, k) for k in range(2 * N - 1)])
    one_way = np.polyval(d, np.exp(1j * (gamma - np.pi / 2)))
    expected = np.abs(one_way) ** 2 + np.abs(np.roll(one_way, 60)) ** 2
    np.testing.assert_allclose(found / found.max(), expected / expected.max(), atol=2 * N**2 / m)
    assert np.abs(one_way[90]) < 0.2 * np.abs(one_way[30])  # it hardly sees the opposite wave


@pytest.mark.parametrize("within", WITHIN, ids=lambda rho: rho.name)
@pytest.mark.parametrize("N", [2, 3, 4, 5])
def test_its_components_are_those_of_the_response(within, N):
    """Mean over the neighbouring directions, root, Fourier series over the directions."""
    L, grid = 24, st.Grid.gauss_legendre(48)
    alm, rho = noise(L), Directional(N, within)
    n_directions = 4 * N if isinstance(within, Modulus) else 3 * N
    gamma = np.pi * np.arange(n_directions) / n_directions
    square = np.abs(response(alm, grid, N, gamma)) ** 2
    if isinstance(within, Envelope):
        kernel = np.cos(gamma[:, None] - gamma) ** (2 * N - 2)
        square = square @ (kernel / kernel.sum(axis=0))
    V = np.sqrt(square)
    found = components(rho, alm, grid, 24)
    np.testing.assert_allclose(found[0], st.truncate(st.forward(V.mean(-1), grid), 24), atol=1e-11)
    for i, n in enumerate(range(2, N, 2)):
        Vn = np.sqrt(2) * -(1j**n) * (V * np.exp(1j * n * gamma)).mean(-1)
        expected = st.forward(np.stack([Vn.real, Vn.imag]), grid, spin=n)
        expected = st.truncate(expected, 24)
        np.testing.assert_allclose(found[2 * i + 1 : 2 * i + 3], expected, atol=1e-11)


@given(seeds, hs.integers(2, 6), hs.sampled_from(WITHIN))
def test_it_neither_expands_distances_nor_gains_energy(seed, N, within):
    grid, rho = st.Grid.gauss_legendre(32), Directional(N, within)
    a, b = noise(16, seed, n=2)
    U, V = (components(rho, f, grid, 32) for f in (a, b))
    assert st.energy(U).sum() <= st.energy(a) * (1 + 1e-12)
    assert st.energy(U - V).sum() <= st.energy(a - b) * (1 + 1e-12)


def test_more_directions_would_change_little(monkeypatch):
    alm = noise(64)
    for rho, bound in (("modulus", 1e-3), ("envelope", 1e-5)):
        found = st.ScatteringTransform(64, 3, nonlinearity=rho, directions=4)(alm).alm
        with monkeypatch.context() as patch:
            patch.setattr(directional, "_directions", lambda N, smooth: 32 * N)
            directional.matrices.cache_clear()
            exact = st.ScatteringTransform(64, 3, nonlinearity=rho, directions=4)(alm).alm
        directional.matrices.cache_clear()
        assert (st.norm(found - exact) / st.norm(exact)).max() < bound


@pytest.mark.parametrize("rho", ["modulus", "envelope", "envelope(2)"])
def test_one_direction_is_the_zonal_network(rho):
    alm = noise(48)
    zonal = st.ScatteringTransform(48, 2, nonlinearity=rho)
    one = st.ScatteringTransform(48, 2, nonlinearity=rho, directions=1)
    assert one == zonal
    np.testing.assert_array_equal(one(alm).alm, zonal(alm).alm)
    first = st.ScatteringTransform(48, 2, depth=1, nonlinearity="envelope(2)")(alm)
    # The mean over directions is below the root mean square, but not by much.
    mean = st.ScatteringTransform(48, 2, depth=1, nonlinearity="envelope(2)", directions=3)(alm)
    ratio = mean.means()[1:] / first.means()[1:]
    assert (ratio < 1).all()
    assert (ratio > 0.9).all()


def test_paths_carry_spins_at_the_second_scale():
    scatter = st.ScatteringTransform(32, 2, depth=3, directions=5)
    two = [path for path in scatter.paths if len(path) == 2]
    assert two[:4] == [(3, 2), (3, (2, 2)), (3, (2, 4)), (4, 2)]
    assert (5, (4, 2), 3) in scatter.paths
    assert (5, 4, (3, 2)) not in scatter.paths
    assert len(set(scatter.paths)) == len(scatter.paths)
    S = scatter(noise(32))
    assert S[(5, (3, 4))].shape == (st.n_coefficients(4),)
    assert "5,3:4" in S.to_xarray().path.values
    assert scatter.parameters()["directions"] == 5
    again = pickle.loads(pickle.dumps(scatter))
    assert again == scatter != st.ScatteringTransform(32, 2, depth=3)
    assert "directions=5" in repr(scatter)
    assert "(5, (3, 4))" in S._repr_html_()


@pytest.mark.parametrize("rho", ["modulus", "envelope(3)"])
@pytest.mark.parametrize(("J_min", "N"), [(0, 3), (1, 5), (2, 9)])
def test_scales_below_a_spin_have_no_path_for_it(J_min, N, rho):
    scatter = st.ScatteringTransform(32, J_min, depth=3, nonlinearity=rho, directions=N)
    S = scatter(noise(32))
    assert np.isfinite(S.alm).all()
    spins = {step for path in S.paths for step in path if isinstance(step, tuple)}
    found = {(j, n) for j in list(scatter.bank)[:-1] for n in range(2, N, 2)
             if n < scatter.bank.band_limit(j)}  # fmt: skip
    assert spins == found


def test_coefficients_with_spins_are_saved_and_loaded(tmp_path):
    S = st.ScatteringTransform(16, 1, directions=3)(noise(16))
    S.save(tmp_path / "S.npz")
    again = type(S).load(tmp_path / "S.npz")
    assert again.paths == S.paths
    np.testing.assert_array_equal(again[(4, (3, 2))], S[(4, (3, 2))])


def test_a_batch_and_threads_change_nothing():
    alm = noise(40, n=5)
    one = st.ScatteringTransform(40, 2, nonlinearity="envelope", directions=4, n_threads=1)
    many = st.ScatteringTransform(40, 2, nonlinearity="envelope", directions=4, n_threads=3)
    expected = np.stack([one(a).alm for a in alm])
    np.testing.assert_allclose(many(alm).alm, expected, atol=1e-12)
    samples, grid = one.propagate(alm[0], (5, (3, 2)))
    S = st.truncate(st.forward(samples, grid), one.L_out) * one.bank.scaling[st.degrees(one.L_out)]
    np.testing.assert_allclose(S, expected[0][one.paths.index((5, (3, 2)))], atol=1e-12)


def test_every_kind_of_path_turns_with_the_signal():
    """The target of the design: 2e-3 for N = 4 at L = 256 with the recommended oversampling."""
    alm = st.signals.band_limited_noise(256, 0)
    scatter = st.ScatteringTransform(
        256, 5, oversampling=1.5, nonlinearity=st.Envelope(2), directions=4
    )
    turn = Rotation.random(rng=1)
    S, turned = scatter(alm), scatter(st.rotate(alm, turn))
    difference = st.energy(turned.alm - st.rotate(S.alm, turn))
    for spin in (None, 0, 2):
        rows = [i for i, p in enumerate(S.paths) if len(p) == (1 if spin is None else 2)
                and (spin is None or isinstance(p[1], tuple) == bool(spin))]  # fmt: skip
        assert difference[rows].sum() < 6e-4**2 * S.energy()[rows].sum()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="directions must be .*, got 0"):
        st.ScatteringTransform(16, 2, directions=0)
    with pytest.raises(ValueError, match="directions must be .*, got 10"):
        st.ScatteringTransform(16, 2, directions=10)
    with pytest.raises(TypeError, match="directions"):
        st.ScatteringTransform(16, 2, directions=2.5)
    with pytest.raises(ValueError, match="directions=3 goes with .* 'modulus' .*, got 'square'"):
        st.ScatteringTransform(16, 2, directions=3, nonlinearity="square")
    zonal = st.ScatteringTransform(16, 2)(noise(16))
    with pytest.raises(ValueError, match=r"\(4, \(3, 2\)\) asks for a spin.*directions > 2"):
        zonal[(4, (3, 2))]
    with pytest.raises(ValueError, match=r"one of \(\), \(2,\).*got \(4, \(3, 4\)\)"):
        st.ScatteringTransform(16, 2, directions=3)(noise(16))[(4, (3, 4))]
