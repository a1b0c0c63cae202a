import numpy as np
import pytest
from commands import peer_when_used
from hypothesis import given
from hypothesis import strategies as hs
from strategies import band_limits, noise, seeds

import sphere_toolkit as st

hp = peer_when_used("healpy")


@given(band_limits)
def test_layout_is_that_of_healpy(L):
    ell, m = hp.Alm.getlm(L - 1)
    np.testing.assert_array_equal(st.degrees(L), ell)
    np.testing.assert_array_equal(st.orders(L), m)
    assert st.n_coefficients(L) == ell.size
    assert st.band_limit(np.zeros(ell.size, complex)) == L


@given(band_limits, seeds)
def test_power_spectrum_is_that_of_healpy(L, seed):
    alm = noise(L, seed, n=2)
    spectra = st.power_spectrum(alm)
    for row, one in zip(spectra, alm, strict=True):
        np.testing.assert_allclose(row, hp.alm2cl(one), rtol=1e-13)


@given(band_limits, seeds)
def test_cross_spectrum_is_that_of_healpy(L, seed):
    a, b = noise(L, seed, n=2)
    scale = np.abs(a).max() * np.abs(b).max()
    np.testing.assert_allclose(st.power_spectrum(a, b), hp.alm2cl(a, b), atol=1e-13 * scale)
    np.testing.assert_array_equal(st.power_spectrum(a, a), st.power_spectrum(a))
    both = st.power_spectrum(noise(L, seed, n=2), b)
    np.testing.assert_array_equal(both, [st.power_spectrum(a, b), st.power_spectrum(b)])


def test_cross_spectrum_of_other_band_limits_is_refused():
    with pytest.raises(ValueError, match=r"alm must hold 10 .*L=4.*got 15 \(L=5\)"):
        st.power_spectrum(noise(4), noise(5))


def test_power_spectrum_of_a_large_signal_is_that_of_healpy():
    alm = noise(1024)
    np.testing.assert_allclose(st.power_spectrum(alm), hp.alm2cl(alm), rtol=1e-13)


@given(band_limits, seeds)
def test_energy_is_the_sum_of_the_spectrum(L, seed):
    alm = noise(L, seed)
    expected = ((2 * np.arange(L) + 1) * st.power_spectrum(alm)).sum()
    np.testing.assert_allclose(st.energy(alm), expected, rtol=1e-13)


@given(band_limits, seeds)
def test_truncation_keeps_the_low_degrees(L, seed):
    alm = noise(L, seed, n=3)
    L_out = 1 + seed % L
    cut = st.truncate(alm, L_out)
    np.testing.assert_array_equal(cut, alm[:, st.degrees(L) < L_out])
    assert st.band_limit(cut) == L_out


def test_truncation_copies():
    alm = noise(4)
    st.truncate(alm, 4)[:] = 0
    assert alm.any()


def test_truncation_upwards_is_refused():
    with pytest.raises(ValueError, match="L_out must be at most the band-limit of alm, 4, got 5"):
        st.truncate(noise(4), 5)


@given(band_limits, seeds)
def test_pyssht_layout_round_trip(L, seed):
    alm = noise(L, seed, n=2)
    np.testing.assert_array_equal(st.from_pyssht(st.to_pyssht(alm)), alm)


def test_pyssht_reads_what_we_hand_it(pyssht):
    L = 12
    alm = noise(L)
    flm = st.to_pyssht(alm)
    for ell, m in [(0, 0), (3, -2), (11, 11), (7, -7)]:
        value = alm[hp.Alm.getidx(L - 1, ell, abs(m))]
        expected = value if m >= 0 else (-1) ** m * value.conj()
        assert flm[pyssht.elm2ind(ell, m)] == expected


def test_coefficients_of_a_complex_signal_are_refused():
    flm = st.to_pyssht(noise(4))
    flm[1] += 1e-3
    with pytest.raises(ValueError, match=r"real signal.*difference of 0\.001"):
        st.from_pyssht(flm)
    with pytest.raises(ValueError, match=r"length L\*L, got shape \(7,\)"):
        st.from_pyssht(np.zeros(7, complex))
    with pytest.raises(ValueError, match="flm must be finite, got 1 NaN or infinite of 4"):
        st.from_pyssht(np.array([np.nan, 0, 0, 0], complex))


@pytest.mark.parametrize("length", [0, 2, 5, 11])
def test_lengths_that_fit_no_band_limit(length):
    with pytest.raises(ValueError, match=r"L\(L\+1\)/2.*got shape"):
        st.power_spectrum(np.zeros(length, complex))


def test_nearest_lengths_are_told():
    with pytest.raises(ValueError, match=r"10 \(L=4\) and 15 \(L=5\)"):
        st.band_limit(np.zeros(11))


def test_bad_coefficients():
    alm = noise(4)
    with pytest.raises(TypeError, match="alm must be complex, got dtype float64"):
        st.energy(alm.real)
    with pytest.raises(TypeError, match="alm must be an array of numbers"):
        st.energy(np.array(["a"] * 10))
    with pytest.raises(ValueError, match="rectangular array"):
        st.energy([[1j, 2j], [1j]])
    alm[5] = np.inf
    alm[7] = np.nan
    with pytest.raises(ValueError, match="alm must be finite, got 2 NaN or infinite of 10"):
        st.energy(alm)


def test_order_zero_must_be_real():
    alm = noise(4)
    alm[2] += 0.5j
    with pytest.raises(ValueError, match=r"order m = 0 must be real.*imaginary part of 0\.5"):
        st.power_spectrum(alm)
    alm[2] = alm[2].real + 1e-14j  # rounding is let through
    st.power_spectrum(alm)


def test_inputs_are_not_touched():
    alm = noise(8)
    before = alm.copy()
    st.power_spectrum(alm), st.energy(alm), st.truncate(alm, 3), st.to_pyssht(alm)
    np.testing.assert_array_equal(alm, before)


@given(band_limits, seeds)
def test_norm_and_inner_product_are_those_on_the_sphere(L, seed):
    a, b = noise(L, seed, n=2)
    grid = st.Grid.gauss_legendre(L)
    f, g = st.inverse(a, grid), st.inverse(b, grid)
    weights = areas(L)
    np.testing.assert_allclose(st.norm(a) ** 2, (weights * f * f).sum(), rtol=1e-12)
    scale = st.norm(a) * st.norm(b)
    np.testing.assert_allclose(st.inner(a, b), (weights * f * g).sum(), atol=1e-12 * scale)


def areas(L):
    """Area that each sample of a Gauss-Legendre grid stands for."""
    return np.polynomial.legendre.leggauss(L)[1][:, None] * np.pi / L * np.ones(2 * L)


@given(band_limits, seeds)
def test_norm_of_a_batch(L, seed):
    batch = noise(L, seed, n=3)
    np.testing.assert_allclose(st.norm(batch), [st.norm(one) for one in batch], rtol=1e-14)
    np.testing.assert_allclose(
        st.inner(batch, batch[0]), [st.inner(one, batch[0]) for one in batch]
    )
    np.testing.assert_allclose(st.inner(batch, batch), st.energy(batch), rtol=1e-14)


def test_inner_product_of_other_band_limits_is_refused():
    with pytest.raises(ValueError, match=r"hold 10 .*L=4.*got 15 \(L=5\).*from_healpy"):
        st.inner(noise(4), noise(5))


@given(hs.integers(0, 20), hs.data(), seeds)
def test_healpy_with_fewer_orders(lmax, data, seed):
    mmax = data.draw(hs.integers(0, lmax))
    full = noise(lmax + 1, seed)
    few = hp.resize_alm(full, lmax, lmax, lmax, mmax) if lmax else full
    expected = np.where(st.orders(lmax + 1) <= mmax, full, 0)
    np.testing.assert_array_equal(st.from_healpy(few, lmax, mmax), expected)
    np.testing.assert_array_equal(st.from_healpy(full, lmax), full)
    # What healpy makes of them is what we make of them.
    nside = 8
    np.testing.assert_allclose(
        st.inverse(st.from_healpy(few, lmax, mmax), st.Grid.healpix(nside, lmax + 1)),
        hp.alm2map(few, nside, lmax=lmax, mmax=mmax),
        atol=1e-12 * np.abs(full).max() * (lmax + 1),
    )


@pytest.mark.parametrize(
    ("length", "lmax", "mmax", "said"),
    [
        (170, 30, 5, "171"),
        (171, 30, 30, "496"),
        (171, 17, 5, "93"),
        (10, 3, 4, "mmax must be an integer >= 0 and <= 3, got 4"),
        (10, -1, None, "lmax must be an integer >= 0, got -1"),
    ],
)
def test_healpy_lengths_that_do_not_fit(length, lmax, mmax, said):
    with pytest.raises(ValueError, match=said):
        st.from_healpy(np.ones(length, complex), lmax, mmax)


def test_a_length_that_fits_no_band_limit_names_the_way_from_healpy():
    with pytest.raises(
        ValueError, match=r"got shape \(170,\).*L=17.*L=18.*mmax < lmax.*from_healpy"
    ):
        st.energy(np.ones(170, complex))
