"""The explorer of envelopes as a Python object."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from ipywidgets.embed import dependency_state
from scipy.spatial.transform import Rotation

import sphere_toolkit as st

NOISE = st.signals.band_limited_noise(32, 0)


@pytest.fixture(scope="module")
def default():
    return st.explore.envelope()


def test_the_default_shows_the_relief(default):
    assert (default.L, default.scale, default.order, default.oversampling) == (128, 5, 1, 2)
    assert default.controls["order"]["options"] == [0, 1, 2, 3]
    assert default.nonlinearity == "envelope"
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 450_000
    assert len(state["state"]["_esm"]) < 95_000


def test_each_order_sends_less_up_and_errs_less():
    explorer = st.explore.envelope(NOISE, scale=4)
    above, errors = [], []
    for explorer.order in range(4):
        shares = explorer.shares()
        assert sum(shares) == pytest.approx(1)
        above.append(shares[2])
        errors.append(explorer.error())
    assert all(b < a / 2 for a, b in pairwise(above))
    assert all(b < a / 2 for a, b in pairwise(errors))
    explorer.order, explorer.oversampling = 1, 1
    assert explorer.error() < errors[0]  # on the coarse grid less than the modulus on the fine one


def test_shares_are_those_of_the_explorer_of_energy():
    explorer = st.explore.envelope(NOISE, scale=3, order=0)
    other = st.explore.energy_shift(NOISE, scale=3)
    assert explorer.shares()[0] == pytest.approx(other.energy_fraction_below()[1])


def test_the_error_is_that_of_the_definition():
    """With the formula written out: samples of every spin, squares, a root, and back."""
    explorer = st.explore.envelope(NOISE, scale=4, order=1)
    bank, grid = st.WaveletBank(32), st.Grid.gauss_legendre(64)

    def envelope(alm):
        wavelet = alm * bank.window(4)[st.degrees(32)]
        both = np.stack([wavelet, np.zeros_like(wavelet)])
        squares = st.inverse(wavelet, grid) ** 2
        squares += (st.inverse(both, grid, spin=1) ** 2).sum(axis=0)
        return st.truncate(st.forward(np.sqrt(squares / 2), grid), 16)

    turn = Rotation.from_euler("ZYZ", [30, 50, 20], degrees=True)
    expected = st.equivariance_error(envelope, NOISE, turn)
    assert explorer.error() == pytest.approx(expected[0], rel=1e-6)


def test_a_signal_without_energy_at_the_scale_has_no_error():
    explorer = st.explore.envelope(st.signals.harmonic(32, 2, 1), scale=4)
    assert explorer.shares() == (0, 0, 0)
    assert np.isnan(explorer.error())


def test_what_is_chosen_is_checked(default):
    for trait, value, words in [
        ("order", 4, "order must be one of 0, 1, 2, 3, got 4"),
        ("oversampling", 4, "oversampling must be one of 1, 2, got 4"),
        ("scale", 8, "scale must be one of 0, .*got 8"),
        ("view", "cube", "view must be one of 'map', 'globe'"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(default, trait, value)
    with pytest.raises(ValueError, match="J_min"):
        st.explore.envelope(NOISE, J_min=9)
