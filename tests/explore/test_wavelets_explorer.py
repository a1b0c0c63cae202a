"""Energy by scale, how far a wavelet spreads, and the explorer's Python side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as hs
from ipywidgets.embed import dependency_state

import sphere_toolkit as st

NOISE = st.signals.band_limited_noise(16, 0)


@pytest.fixture
def default():
    return st.explore.wavelets()


def test_shares_are_the_energies_of_the_coefficients():
    bank = st.WaveletBank(48, J_min=2, lam=1.6)
    relief = st.signals.earth_relief(48)
    w = bank.analysis(relief)
    parts = {None: w.scaling, **w.wavelets}
    for factor in (1.0, 1e-200, -1e200):
        shares = st.wavelets.energy_by_scale(factor * relief, bank)
        assert list(shares) == [None, *bank.scales]
        for scale, part in parts.items():
            expected = st.energy(part) / st.energy(relief)
            assert shares[scale] == pytest.approx(expected, rel=1e-12, abs=1e-300)


@settings(max_examples=25, deadline=None)
@given(lam=hs.floats(1.2, 4), data=hs.data())
def test_shares_sum_to_one_for_every_bank(lam, data):
    finest = st.WaveletBank(16, lam=lam).J
    bank = st.WaveletBank(16, J_min=data.draw(hs.integers(0, finest)), lam=lam)
    assert sum(st.wavelets.energy_by_scale(NOISE, bank).values()) == pytest.approx(1, abs=1e-12)


def test_the_spread_is_a_mean_over_the_sphere():
    """By quadrature over samples of the wavelet, exact for the square of a wavelet times cos."""
    bank = st.WaveletBank(32, J_min=1)
    x, weights = np.polynomial.legendre.leggauss(64)
    for scale in (None, *bank):
        window = bank.scaling if scale is None else bank.window(scale)
        wavelet = np.polynomial.legendre.legval(x, (2 * np.arange(32) + 1) * window)
        mean = (weights * wavelet**2 * x).sum() / (weights * wavelet**2).sum()
        found = st.wavelets.angular_spread(bank, scale)
        assert found == pytest.approx(np.degrees(np.arccos(mean)), rel=1e-10)


def test_finer_wavelets_spread_less_and_narrower_windows_more():
    spread = st.wavelets.angular_spread
    bank = st.WaveletBank(256)
    spreads = np.array([spread(bank, j) for j in range(3, 7)])
    np.testing.assert_allclose(spreads[:-1] / spreads[1:], 2, rtol=0.03)
    narrow = st.WaveletBank(256, lam=2**0.5)
    assert spread(narrow, 10) > 1.5 * spread(bank, 5)  # both around degree 32
    assert spread(bank, 0) == pytest.approx(90)  # the dipole alone
    assert np.isnan(spread(st.WaveletBank(32, lam=1.2), 2))  # 1.2 < ell < 1.73


def test_the_default_and_its_size(default):
    assert (default.lam, default.J_min, default.scale, default.L) == (2.0, 2, 4, 128)
    assert sum(default.energy_by_scale().values()) == pytest.approx(1)
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 450_000
    assert len(state["state"]["_esm"]) < 90_000
    tiny = st.explore.wavelets(st.signals.harmonic(2, 1, 0))
    assert (tiny.J_min, tiny.scale) == (1, 1)


def test_dilation_and_coarsest_scale_take_the_rest_along(default):
    default.scale = None
    default.lam = 1.5
    assert (default.scale, default.J_min, default.bank.J) == (None, 2, 12)
    default.J_min, default.scale = 9, 12
    default.lam = 4.0
    assert (default.J_min, default.scale) == (4, 4)
    default.lam = 2.0
    default.J_min = 6
    assert default.scale == 6
    assert default.angular_spread() == st.wavelets.angular_spread(st.WaveletBank(128, 6), 6)
    # A page tells of all three at once, in any order.
    default.set_state({"scale": 14, "J_min": 3, "lam": 1.4})
    assert (default.lam, default.J_min, default.scale) == (1.4, 3, 14)
    assert default.bank.lam == 1.4


def test_impossible_settings_are_refused(default):
    for trait, value, words in [
        ("scale", 8, r"scale must be one of None, 2, 3, .*got 8"),
        ("scale", 1, r"scale must be one of None, 2, 3, .*got 1"),
        ("J_min", 8, "J_min must be an integer >= 0 and <= 7.*got 8"),
        ("lam", 1.1, "lam must be .*>= 1.2.*got 1.1"),
        ("lam", 4.5, "lam must be a finite number >= 1.2 and <= 4.0, got 4.5"),
        ("view", "cube", "view must be one of 'map', 'globe', got 'cube'"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(default, trait, value)
    assert (default.lam, default.J_min, default.scale) == (2.0, 2, 4)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"lam": 1.0}, ValueError, "lam must be .*>= 1.2.*got 1.0"),
        ({"lam": "2"}, TypeError, "lam must be a real number"),
        ({"J_min": 5}, ValueError, "J_min must be an integer >= 0 and <= 4.*got 5"),
        ({"J_min": 3, "scale": 2}, ValueError, "scale must be one of 3, 4, got 2"),
        ({"view": "flat"}, ValueError, "view must be one of"),
    ],
)
def test_bad_options_are_refused_before_anything_is_shown(options, error, words):
    with pytest.raises(error, match=words):
        st.explore.wavelets(NOISE, **options)


def test_bad_input_of_the_numbers_is_refused():
    bank = st.WaveletBank(16, J_min=2)
    with pytest.raises(ValueError, match="zero everywhere"):
        st.wavelets.energy_by_scale(0 * NOISE, bank)
    with pytest.raises(ValueError, match="L=32"):
        st.wavelets.energy_by_scale(NOISE, st.WaveletBank(32))
    with pytest.raises(ValueError, match=r"scale must be one of 2, 3, 4, got 1"):
        st.wavelets.angular_spread(bank, 1)
    with pytest.raises(TypeError, match="must be a WaveletBank"):
        st.wavelets.angular_spread(16, 1)
