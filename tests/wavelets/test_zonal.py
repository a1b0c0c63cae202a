import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from strategies import noise, relative, seeds

import sphere_toolkit as st

dilations = hs.floats(1.1, 6.0)


@hs.composite
def banks(draw):
    L, lam = draw(hs.integers(1, 80)), draw(dilations)
    finest = st.WaveletBank(L, 0, lam).J
    return st.WaveletBank(L, draw(hs.integers(0, finest)), lam)


def squared_sum(bank):
    return bank.scaling**2 + sum(bank.window(j) ** 2 for j in bank)


@given(banks())
def test_tight(bank):
    np.testing.assert_allclose(squared_sum(bank), 1, atol=1e-13, rtol=0)


@pytest.mark.parametrize(("L", "J_min", "lam"), [(4096, 5, 2.0), (1000, 0, 1.7), (2048, 3, 3.0)])
def test_tight_at_high_band_limit(L, J_min, lam):
    np.testing.assert_allclose(squared_sum(st.WaveletBank(L, J_min, lam)), 1, atol=1e-13, rtol=0)


@pytest.mark.parametrize(("lam", "J_min"), [(2.0, 0), (2.0, 3), (1.3, 5), (3.0, 1), (2.718, 2)])
def test_windows_by_adaptive_quadrature(lam, J_min):
    bank = st.WaveletBank(100, J_min, lam)
    np.testing.assert_allclose(
        bank.scaling**2, oracles.scaling_window(100, J_min, lam) ** 2, atol=1e-12
    )
    for j in bank:
        expected = oracles.wavelet_window(100, j, lam)
        np.testing.assert_allclose(bank.window(j) ** 2, expected**2, atol=1e-12)


@given(banks())
def test_supports(bank):
    ell = np.arange(bank.L)
    assert not bank.scaling[ell >= bank.scaling_band_limit].any()
    for j in bank:
        lower, upper = bank.support(j)
        slack = 1e-9 * upper  # powers of lam are rounded
        outside = (ell <= lower - slack) | (ell >= upper + slack)
        assert not bank.window(j)[outside].any()
        assert not bank.window(j)[ell >= bank.band_limit(j)].any()
        assert 1 <= bank.band_limit(j) <= bank.L


@given(banks())
def test_the_finest_scale_is_the_smallest_that_reaches_the_band_limit(bank):
    assert bank.lam**bank.J >= bank.L * (1 - 1e-9)
    assert bank.J == 0 or bank.lam ** (bank.J - 1) < bank.L


@pytest.mark.parametrize(("lam", "J"), [(2.0, 10), (3.0, 5), (5.0, 3), (10.0, 4), (1.1, 7)])
def test_powers_of_the_dilation_are_not_rounded_away(lam, J):
    L = round(lam**J)
    bank = st.WaveletBank(L, 0, lam)
    assert bank.J == (J if abs(lam**J - L) < 1e-9 else bank.J)
    assert bank.J >= J
    if lam != 1.1:
        assert bank.band_limit(J - 1) == L
        assert bank.scaling_band_limit == 1


@given(banks(), seeds)
def test_analysis_and_synthesis(bank, seed):
    alm = noise(bank.L, seed, n=2)
    w = bank.analysis(alm)
    assert relative(bank.synthesis(w), alm) < 1e-13
    parts = st.energy(w.scaling) + sum(st.energy(w.wavelets[j]) for j in bank)
    np.testing.assert_allclose(parts, st.energy(alm), rtol=1e-12)


def test_coefficients_are_products_degree_by_degree():
    bank, alm = st.WaveletBank(20, 2), noise(20)
    w = bank.analysis(alm)
    for j in bank:
        L = bank.band_limit(j)
        expected = st.truncate(alm, L) * bank.window(j)[st.degrees(L)]
        np.testing.assert_array_equal(w.wavelets[j], expected)
    np.testing.assert_array_equal(w.scaling, st.truncate(alm, 4) * bank.scaling[st.degrees(4)])


def test_a_bank_is_a_collection_of_scales():
    bank = st.WaveletBank(128, J_min=4)
    assert list(bank) == list(bank.scales) == [4, 5, 6, 7]
    assert len(bank) == 4
    assert 7 in bank
    assert bank.N == 1
    assert "j=5: 16 < ell < 64" in repr(bank)
    with pytest.raises(ValueError, match="read-only"):
        bank.window(5)[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        bank.scaling[0] = 2


def test_bad_banks():
    with pytest.raises(ValueError, match=r"lam must be a finite number > 1\.0, got 1"):
        st.WaveletBank(16, lam=1)
    with pytest.raises(TypeError, match=r"lam must be a real number > 1\.0, got '2'"):
        st.WaveletBank(16, lam="2")
    with pytest.raises(ValueError, match="lam must be a finite number"):
        st.WaveletBank(16, lam=np.inf)
    with pytest.raises(ValueError, match="J_min must be an integer >= 0 and <= 4.*got 5"):
        st.WaveletBank(16, J_min=5)
    with pytest.raises(ValueError, match="J_min must be an integer >= 0 and <= 4.*got -1"):
        st.WaveletBank(16, J_min=-1)
    with pytest.raises(TypeError, match="J_min must be an integer"):
        st.WaveletBank(16, J_min=1.0)
    with pytest.raises(ValueError, match="scale must be one of 2, 3, 4, got 7"):
        st.WaveletBank(16, J_min=2).window(7)
    with pytest.raises(ValueError, match=r"136 coefficients \(L=16\), got 10 \(L=4\)"):
        st.WaveletBank(16).analysis(noise(4))


def test_bad_coefficients_to_synthesise():
    bank = st.WaveletBank(16, J_min=2)
    w = bank.analysis(noise(16))
    missing = {j: w.wavelets[j] for j in (2, 3)}
    with pytest.raises(ValueError, match=r"scales \[2, 3, 4\], got \[2, 3\]"):
        bank.synthesis(st.WaveletCoefficients(w.scaling, missing))
    with pytest.raises(ValueError, match=r"136 coefficients \(L=16\)"):
        bank.synthesis(st.WaveletCoefficients(w.scaling, {**w.wavelets, 4: noise(8)}))
    with pytest.raises(ValueError, match=r"batch shape \(\), got \(2,\)"):
        bank.synthesis(st.WaveletCoefficients(w.scaling, {**w.wavelets, 4: noise(16, n=2)}))


def test_banks_compare_and_hash_by_their_parameters():
    bank = st.WaveletBank(32, 1)
    assert bank == st.WaveletBank(L=32, J_min=1, lam=2)
    assert {bank: 1}[st.WaveletBank(32, 1)] == 1
    assert bank != st.WaveletBank(32, 2)
    assert bank != st.WaveletBank(32, 1, 1.5)
    assert bank != st.WaveletBank(33, 1)
    assert bank != (32, 1, 2.0)


@given(banks(), seeds)
def test_calling_is_analysis_and_indexing_is_the_window(bank, seed):
    alm = noise(bank.L, seed)
    called, analysed = bank(alm), bank.analysis(alm)
    np.testing.assert_array_equal(called.scaling, analysed.scaling)
    for j in bank:
        np.testing.assert_array_equal(called.wavelets[j], analysed.wavelets[j])
        np.testing.assert_array_equal(bank[j], bank.window(j))


@given(banks(), seeds)
def test_frame_bounds_hold_for_every_signal(bank, seed):
    lower, upper = bank.frame_bounds()
    assert 1 - 1e-14 < lower <= upper < 1 + 1e-14
    alm = noise(bank.L, seed)
    w = bank(alm)
    kept = st.energy(w.scaling) + sum(st.energy(part) for part in w.wavelets.values())
    assert lower - 1e-13 < kept / st.energy(alm) < upper + 1e-13
