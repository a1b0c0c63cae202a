"""Directional wavelets: against their definition, s2wav, the zonal bank and brute force."""

import pickle
from math import comb
from pathlib import Path

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from scipy.spatial.transform import Rotation
from scipy.special import sph_harm_y
from strategies import noise, relative, rotations, seeds

import sphere_toolkit as st
from sphere_toolkit.wavelets.angular import KINDS

kinds = pytest.mark.parametrize("kind", KINDS)
Ns = pytest.mark.parametrize("N", [1, 2, 3, 4, 5])


@hs.composite
def banks(draw):
    L, lam = draw(hs.integers(1, 40)), draw(hs.floats(1.3, 5.0))
    J_min = draw(hs.integers(0, st.WaveletBank(L, 0, lam).J))
    N = draw(hs.integers(1, min(L, 7)))
    return st.DirectionalWaveletBank(L, J_min, lam, N, draw(hs.sampled_from(KINDS)))


def steerable(ell, n, N):
    """The directionality of McEwen et al. 2015, in the article's terms."""
    eta = 1 if N % 2 else 1j
    upsilon = (1 - (-1) ** (N + n)) // 2
    gamma = min(N - 1, ell - (1 + (-1) ** (N + ell)) // 2)
    if not upsilon or abs(n) > gamma:
        return 0
    return eta * np.sqrt(comb(gamma, (gamma - n) // 2) / 2**gamma)


def one_sided(ell, n, N):
    """(-i)^n times the root of a binomial coefficient, of those orders that the degree has."""
    if abs(n) > min(ell, N - 1):
        return 0
    total = sum(comb(2 * N - 2, N - 1 + k) for k in range(-N + 1, N) if abs(k) <= ell)
    return (-1j) ** n * np.sqrt(comb(2 * N - 2, N - 1 + n) / total)


DIRECTIONALITY = {"complex": one_sided, "steerable": steerable}


@given(banks())
def test_tight(bank):
    np.testing.assert_allclose(bank.frame_bounds(), 1, atol=1e-13, rtol=0)


@kinds
@Ns
@pytest.mark.parametrize("L", [64, 256])
def test_tight_at_high_band_limit(L, N, kind):
    bank = st.DirectionalWaveletBank(L, 3, N=N, kind=kind)
    np.testing.assert_allclose(bank.frame_bounds(), 1, atol=1e-14, rtol=0)
    alm = noise(L)
    assert relative(bank.synthesis(bank(alm)), alm) < 1e-13


@given(banks(), seeds)
def test_analysis_and_synthesis(bank, seed):
    alm = noise(bank.L, seed, n=2)
    w = bank.analysis(alm)
    assert relative(bank.synthesis(w), alm) < 1e-13
    parts = st.energy(w.scaling) + sum(w.energy(j) for j in bank)
    np.testing.assert_allclose(parts, st.energy(alm), rtol=1e-12)


@kinds
@Ns
def test_the_wavelet_is_the_sum_of_its_harmonics(N, kind):
    bank = st.DirectionalWaveletBank(12, 1, N=N, kind=kind)
    theta, phi = np.array([0.2, 0.9, 1.8]), np.array([0.4, 3.0, 5.1])
    for j in bank:
        expected = 0
        kappa = oracles.wavelet_window(12, j, 2.0)
        for ell in range(12):
            for n in range(-ell, ell + 1):
                size = np.sqrt((2 * ell + 1) / (4 * np.pi)) * kappa[ell]
                psi = size * DIRECTIONALITY[kind](ell, n, N)
                expected = expected + psi * sph_harm_y(ell, n, theta, phi)
        parts = np.atleast_2d(bank.wavelet(j))
        found = sum(1j**k * oracles.evaluate(part, theta, phi) for k, part in enumerate(parts))
        np.testing.assert_allclose(found, expected, atol=1e-12)


@kinds
@Ns
def test_the_response_is_the_inner_product_with_the_turned_wavelet(N, kind):
    bank, alm = st.DirectionalWaveletBank(10, 1, N=N, kind=kind), noise(10)
    w, n_gamma = bank(alm), 7
    for j in bank:
        L = bank.band_limit(j)
        grid = st.Grid.gauss_legendre(L)
        W = w.directions(j, n_gamma)
        assert W.shape == (n_gamma, *grid.shape)
        for k, ring, column in [(0, 0, 1), (2, L // 2, 3), (5, L - 1, 0)]:
            angles = [grid.phi[column], grid.theta[ring], 2 * np.pi * k / n_gamma]
            psi = st.rotate(np.atleast_2d(bank.wavelet(j)), Rotation.from_euler("ZYZ", angles))
            expected = st.inner(st.truncate(alm, L), psi) @ [1, -1j][: len(psi)]
            np.testing.assert_allclose(W[k, ring, column], expected, atol=1e-12)


@pytest.mark.parametrize("N", [2, 3])
def test_steerable_coefficients_are_those_of_s2wav(N):
    # Made by scripts/make_s2wav_reference.py; s2wav's factor is that of the article.
    with np.load(Path(__file__).with_name("s2wav_L16.npz")) as reference:
        bank = st.DirectionalWaveletBank(16, 2, N=N, kind="steerable")
        w, zonal = bank(reference["alm"]), st.WaveletBank(16, 2)
        for j in bank:
            L, expected = bank.band_limit(j), np.sqrt(2 * np.pi) * reference[f"N{N}_j{j}"]
            grid = st.Grid.mcewen_wiaux(L)
            found = w.directions(j, 2 * N - 1, grid)[:, ::3, ::4]
            assert relative(found, expected) < 3e-5  # s2wav integrates its windows by 300 steps
            ours, theirs = zonal.window(j), reference["kappa"][j]
            ratio = np.divide(theirs, ours, out=np.zeros(16), where=ours > 0)
            theirs = {**w.wavelets, j: w.wavelets[j] * ratio[st.degrees(L)]}
            same = st.DirectionalWaveletCoefficients(bank, w.scaling, theirs)
            found = same.directions(j, 2 * N - 1, grid)[:, ::3, ::4]
            np.testing.assert_allclose(found, expected, atol=1e-12)
        scaling = st.inverse(w.scaling, st.Grid.mcewen_wiaux(bank.scaling_band_limit))
        assert relative(scaling, reference["scaling"]) < 3e-5


@kinds
def test_without_direction_it_is_the_zonal_bank(kind):
    zonal, bank = st.WaveletBank(20, 2), st.DirectionalWaveletBank(20, 2, N=1, kind=kind)
    alm = noise(20, n=3)
    expected, found = zonal(alm), bank(alm)
    assert bank.spins == (0,)
    np.testing.assert_array_equal(found.scaling, expected.scaling)
    for j in bank:
        np.testing.assert_allclose(found.wavelets[j][:, 0], expected.wavelets[j], rtol=1e-15)
        samples = st.inverse(expected.wavelets[j], st.Grid.gauss_legendre(zonal.band_limit(j)))
        np.testing.assert_allclose(found.directions(j)[:, 0], samples, atol=1e-12)
    np.testing.assert_allclose(bank.synthesis(found), zonal.synthesis(expected), atol=1e-12)


@pytest.mark.parametrize(("N", "ratio"), [(2, 6), (3, 19), (4, 51)])
def test_a_complex_wavelet_passes_waves_of_its_direction_only(N, ratio):
    # cos(m phi), concentrated on the equator: waves to the east and to the west, equally strong.
    m, grid = 24, st.Grid.gauss_legendre(33)
    bank = st.DirectionalWaveletBank(32, 3, N=N)
    W = bank(st.signals.harmonic(32, m, m)).directions(4, 8, grid)[:, 16]
    south, east, north, west = W[::2]
    spectrum = np.abs(np.fft.fft(east)) / east.size
    # e^{+im phi} runs to the east. On a plane it is stronger by the ratio that the docstring names.
    d, sign = bank.weights[:, -1] * np.where(np.arange(N), 2, 1), (-1.0) ** np.arange(N)
    assert round(d.sum() / abs(sign @ d)) == ratio
    assert spectrum[m] > ratio * spectrum[-m]
    np.testing.assert_allclose(west, east.conj(), atol=1e-12)
    np.testing.assert_allclose(north, south.conj(), atol=1e-12)
    # Its modulus hums little: the smaller of the two waves over the larger.
    envelope = np.abs(east)
    hum = (envelope.max() - envelope.min()) / (envelope.max() + envelope.min())
    np.testing.assert_allclose(hum, spectrum[-m] / spectrum[m], rtol=0.03)
    assert np.abs(south).mean() < 0.6 * envelope.mean()


@pytest.mark.parametrize("N", [2, 3])
def test_a_steerable_wavelet_responds_along_the_crests(N):
    grid = st.Grid.gauss_legendre(33)
    bank = st.DirectionalWaveletBank(32, 3, N=N, kind="steerable")
    W = bank(st.signals.harmonic(32, 24, 24)).directions(4, 4, grid)[:, 16]
    south, east, north, _ = W
    assert np.abs(east).max() < 0.45 * np.abs(south).max()  # the crests run north and south
    np.testing.assert_allclose(north, (-1) ** (N - 1) * south, atol=1e-12)


@pytest.mark.parametrize("N", [2, 3, 4])
def test_the_mean_square_over_directions_is_the_riesz_envelope(N):
    c = {2: [1 / 2, 1 / 2], 3: [3 / 8, 1 / 2, 1 / 8], 4: [10 / 32, 15 / 32, 6 / 32, 1 / 32]}[N]
    bank, alm = st.DirectionalWaveletBank(32, 3, N=N), noise(32)
    grid, j = st.Grid.gauss_legendre(32), 4
    W = bank(alm).directions(j, 2 * N - 1, grid)
    zonal = st.WaveletBank(32, 3)(alm).wavelets[j]  # its degrees are above N
    squares = [st.inverse(zonal, grid) ** 2]
    for n in range(1, N):
        squares.append((st.inverse([zonal, 0 * zonal], grid, spin=n) ** 2).sum(axis=0))
    np.testing.assert_allclose((np.abs(W) ** 2).mean(0), np.tensordot(c, squares, 1), atol=1e-12)


@kinds
@Ns
def test_the_energy_is_the_mean_over_directions_and_the_integral(N, kind):
    bank = st.DirectionalWaveletBank(16, 2, N=N, kind=kind)
    w = bank(noise(16))
    for j in bank:
        L = bank.band_limit(j)
        squares = (np.abs(w.directions(j)) ** 2).mean(axis=0).sum(axis=-1)
        weights = np.polynomial.legendre.leggauss(L)[1] * np.pi / L
        np.testing.assert_allclose(weights @ squares, w.energy(j), rtol=1e-12)


@kinds
@Ns
def test_components_are_the_fourier_series_over_the_directions(N, kind):
    bank = st.DirectionalWaveletBank(16, 0, N=N, kind=kind)  # scale 0 has no degree above 1
    w, grid = bank(noise(16)), st.Grid.healpix(8)
    for j in bank:
        series = np.fft.ifft(w.directions(j, 2 * N - 1, grid), axis=0)  # sum of W e^{+i n gamma}
        found = w.components(j, grid)
        np.testing.assert_allclose(found, series[list(bank.spins)], atol=1e-12)
        sign = -1 if kind == "complex" else 1
        for n, component in zip(bank.spins, found, strict=True):
            expected = sign**n * component.conj() if n else component
            np.testing.assert_allclose(series[-n], expected, atol=1e-12)


@kinds
@pytest.mark.parametrize("N", [2, 3, 4])
def test_the_dominant_direction_is_the_second_harmonic_of_the_squared_response(N, kind):
    w = st.DirectionalWaveletBank(16, 2, N=N, kind=kind)(noise(16, n=2))
    angle, strength = w.dominant_direction(3)
    assert angle.shape == strength.shape == (2, 16, 32)
    assert np.all((angle >= 0) & (angle <= np.pi) & (strength >= 0))
    gamma = 2 * np.pi * np.arange(16) / 16
    squares = np.abs(w.directions(3, 16)) ** 2
    second = np.einsum("k,bkij->bij", np.exp(2j * gamma), squares) / 16
    np.testing.assert_allclose(strength**2 / 2 * np.exp(2j * angle), second, atol=1e-12)


@pytest.mark.parametrize(("kind", "angle"), [("complex", np.pi / 2), ("steerable", 0)])
@pytest.mark.parametrize("N", [2, 3, 4, 5])
def test_the_dominant_direction_of_waves_to_the_east(N, kind, angle):
    grid = st.Grid.gauss_legendre(33)
    w = st.DirectionalWaveletBank(32, 3, N=N, kind=kind)(st.signals.harmonic(32, 24, 24))
    found = w.dominant_direction(4, grid)
    strong = found.strength[16] > 1e-6 * found.strength.max()
    assert strong.mean() > 0.9
    turns = (found.angle[16][strong] - angle) / np.pi  # half turns count as none
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-9)


@given(rotations, hs.sampled_from(KINDS), hs.integers(2, 4))
def test_the_dominant_direction_turns_with_the_signal(rotation, kind, N):
    # strength^2 e^{2 i angle} is a signal of spin 2 with twice the degrees.
    bank, alm, grid = (
        st.DirectionalWaveletBank(8, 1, N=N, kind=kind),
        noise(8),
        st.Grid("gauss-legendre", 16),
    )

    def second(alm):
        angle, strength = bank(alm).dominant_direction(2, grid)
        P = strength**2 * np.exp(2j * angle)
        return st.forward([P.real, P.imag], grid, spin=2)

    assert relative(second(st.rotate(alm, rotation)), st.rotate(second(alm), rotation)) < 1e-12


@kinds
def test_batches_and_threads(kind):
    bank, alm = st.DirectionalWaveletBank(12, 2, N=3, kind=kind), noise(12, n=6).reshape(2, 3, -1)
    w, grid = bank(alm), st.Grid.mcewen_wiaux(12)
    assert w.wavelets[3].shape == (2, 3, len(bank.spins), 78)
    W = w.directions(3, 4, grid)
    assert W.shape == (2, 3, 4, *grid.shape)
    assert W.dtype == (np.complex128 if kind == "complex" else np.float64)
    np.testing.assert_array_equal(W[1, 2], bank(alm[1, 2]).directions(3, 4, grid, n_threads=1))
    assert bank(alm[:0]).directions(3, 4, grid).shape == (0, 3, 4, *grid.shape)


def test_more_threads_change_nothing_at_high_band_limit():
    w = st.DirectionalWaveletBank(256, 7, N=2)(noise(256))
    one, two = (w.components(7, n_threads=n) for n in (1, 2))
    np.testing.assert_allclose(two, one, atol=1e-10)


def test_a_bank_is_a_collection_of_scales():
    bank = st.DirectionalWaveletBank(64, 3, N=4, kind="steerable")
    zonal = st.WaveletBank(64, 3)
    assert list(bank) == list(zonal)
    assert len(bank) == 4
    assert bank.spins == (1, 3)
    assert "N=4, kind='steerable'): scaling ell < 8, scales 3..6\n  j=3: 4 < ell < 16" in repr(bank)
    for j in bank:
        assert bank.band(j) == zonal.band(j)
        np.testing.assert_array_equal(bank[j], zonal[j] * bank.weights)
    with pytest.raises(ValueError, match="read-only"):
        bank.weights[0] = 1


def test_banks_compare_and_hash_by_their_parameters():
    bank = st.DirectionalWaveletBank(32, 1, N=2)
    assert bank == st.DirectionalWaveletBank(L=32, J_min=1, lam=2, N=2, kind="complex")
    assert {bank: 1}[pickle.loads(pickle.dumps(bank))] == 1
    assert bank != st.DirectionalWaveletBank(32, 1, N=3)
    assert bank != st.DirectionalWaveletBank(32, 1, N=2, kind="steerable")
    assert st.DirectionalWaveletBank(32, 1, N=1) != st.WaveletBank(32, 1)
    assert bank != (32, 1, 2.0)


def test_bad_banks():
    with pytest.raises(ValueError, match="N must be an integer >= 1 and <= 16 for L=16, got 0"):
        st.DirectionalWaveletBank(16, N=0)
    with pytest.raises(ValueError, match="N must be an integer >= 1 and <= 16 for L=16, got 17"):
        st.DirectionalWaveletBank(16, N=17)
    with pytest.raises(TypeError, match="N must be an integer"):
        st.DirectionalWaveletBank(16, N=2.0)
    with pytest.raises(ValueError, match="kind must be one of 'complex', 'steerable', got 'real'"):
        st.DirectionalWaveletBank(16, kind="real")
    with pytest.raises(ValueError, match="J_min must be an integer >= 0 and <= 4.*got 5"):
        st.DirectionalWaveletBank(16, 5)
    with pytest.raises(ValueError, match="scale must be one of 2, 3, 4, got 7"):
        st.DirectionalWaveletBank(16, 2).window(7)
    with pytest.raises(ValueError, match=r"136 coefficients \(L=16\), got 10 \(L=4\)"):
        st.DirectionalWaveletBank(16)(noise(4))


def test_bad_requests():
    w = st.DirectionalWaveletBank(16, 2, N=2)(noise(16))
    with pytest.raises(ValueError, match="n_gamma must be an integer >= 1, got 0"):
        w.directions(3, 0)
    with pytest.raises(ValueError, match="scale must be one of 2, 3, 4, got 5"):
        w.directions(5)
    with pytest.raises(ValueError, match="scale 3 has band-limit 16, the grid carries 8"):
        w.components(3, st.Grid.gauss_legendre(8))
    with pytest.raises(TypeError, match="grid must be a Grid"):
        w.directions(3, grid=16)
    with pytest.raises(ValueError, match="N must be at least 2 for a direction, got .* N=1"):
        st.DirectionalWaveletBank(16, 2, N=1)(noise(16)).dominant_direction(3)


def test_bad_coefficients_to_synthesise():
    bank = st.DirectionalWaveletBank(16, 2, N=2)
    w = bank(noise(16))

    def changed(**parts):
        return st.DirectionalWaveletCoefficients(**{**vars(w), **parts})

    with pytest.raises(ValueError, match=r"scales \[2, 3, 4\], got \[2, 3\]"):
        bank.synthesis(changed(wavelets={j: w.wavelets[j] for j in (2, 3)}))
    with pytest.raises(
        ValueError, match=r"shape \(\.\.\., 2, 136\), for the spins \(0, 1\), got \(136,\)"
    ):
        bank.synthesis(changed(wavelets={**w.wavelets, 4: noise(16)}))
    with pytest.raises(ValueError, match=r"batch shape \(\), got \(3,\)"):
        bank.synthesis(changed(wavelets={**w.wavelets, 4: bank(noise(16, n=3)).wavelets[4]}))
    with pytest.raises(ValueError, match="degrees below 1, .* got 1 other"):
        bank.synthesis(changed(wavelets={**w.wavelets, 4: noise(16, n=2)}))
    with pytest.raises(ValueError, match="must be of DirectionalWaveletBank.*N=3"):
        st.DirectionalWaveletBank(16, 2, N=3).synthesis(w)
    with pytest.raises(TypeError, match="coefficients must be a DirectionalWaveletCoefficients"):
        bank.synthesis(st.WaveletBank(16, 2)(noise(16)))
