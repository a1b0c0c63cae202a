"""The explorer of a trained network, against a network summed by hand."""

from __future__ import annotations

import itertools

import numpy as np
import oracles
import pytest
from ipywidgets.embed import dependency_state
from scipy.spatial.transform import Rotation

import sphere_toolkit as st


@pytest.fixture(scope="module")
def default():
    return st.explore.network()


def sent(explorer):
    """The network as the page gets it: pairs of weights and biases, of convolutions and dense."""
    pairs = []
    for trait, L, widths in (
        ("filters", explorer.L, explorer.channels),
        ("head", 1, explorer.widths),
    ):
        rest = np.frombuffer(getattr(explorer, trait), "<f4").astype(float)
        found = []
        for before, after in itertools.pairwise(widths):
            weight, bias, rest = np.split(rest, [after * before * L, after * (before * L + 1)])
            shape = (after, before, L) if trait == "filters" else (after, before)
            found.append((weight.reshape(shape), bias))
        assert rest.size == 0
        pairs.append(found)
    return pairs


@pytest.mark.parametrize("oversampling", [1, 2])
def test_logits_equal_slow_sums(default, oversampling):
    default.oversampling = oversampling
    digits, labels = st.signals.digits(16, "test")
    alm = digits[labels == 3][0]
    turned = st.rotate(alm, default.rotation)
    for signal, rotated in ((alm, False), (turned, True)):
        expected = oracles.zonal_network(signal, *sent(default), 16 * oversampling)
        np.testing.assert_allclose(default.logits(rotated), expected, atol=5e-5)
    default.oversampling = 2


def test_the_default_stands_still(default):
    assert (default.L, default.signal, default.oversampling) == (16, "3", 2)
    assert default.names == [str(digit) for digit in range(10)]
    layers, moved = default.errors()
    assert default.logits().argmax() == 3
    assert 1e-3 < layers[0] < layers[1] < layers[2] < 0.05
    assert 1e-3 < moved < 0.03


def test_it_is_small_enough_for_a_page(default):
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 50_000
    assert len(state["state"]["_esm"]) < 90_000


def test_finer_grids_turn_more_exactly(default):
    found = {}
    for oversampling in (1, 2, 4):
        default.oversampling = oversampling
        found[oversampling] = default.errors()
    default.oversampling = 2
    for coarse, fine in ((1, 2), (2, 4)):
        assert np.all(found[coarse].layers > 3 * found[fine].layers)
    assert found[1].logits > 3 * found[2].logits > 3 * found[4].logits
    assert found[4].layers.max() < 0.01
    assert found[4].logits < 0.01


def test_a_rotation_that_carries_the_grids_into_themselves_is_exact(default):
    default.angles = (45, 0, 0)
    layers, moved = default.errors()
    assert max(*layers, moved) < 2e-6  # single precision
    default.angles = (70, 25, 0)


def test_fine_grids_agree_with_the_network_itself(default):
    """Its own activations have grids of twice the band-limit too, but not the page's."""
    for digit in default.names:
        default.signal = digit
        alm = default._alm[digit]
        own = np.asarray(default.model(alm[None].astype(np.complex64)))
        apart = np.linalg.norm(default.logits(rotated=False) - own) / np.linalg.norm(own)
        assert 1e-4 < apart < 0.03
    default.signal = "3"


def test_every_digit_keeps_its_class(default):
    """At the oversampling of the training; the digits are the first of their class."""
    alm, labels = st.signals.digits(16, "test")
    for turn in Rotation.random(3, random_state=1).as_euler("ZYZ", degrees=True):
        default.angles = [turn[0], abs(turn[1]), turn[2]]
        for digit in default.names:
            default.signal = digit
            np.testing.assert_array_equal(default._alm[digit], alm[labels == int(digit)][0])
            assert default.logits().argmax() == default.logits(rotated=False).argmax()
    default.signal, default.angles = "3", (70, 25, 0)


def test_what_is_chosen_can_be_set_and_is_checked(default):
    default.signal, default.oversampling, default.angles = "7", 4, [-180, 90, 12.5]
    assert (default.signal, default.oversampling) == ("7", 4)
    assert default.angles == (-180.0, 90.0, 12.5)
    for trait, value, words in [
        ("signal", "10", "signal must be one of .*got '10'"),
        ("oversampling", 3, "oversampling must be one of 1, 2, 4, got 3"),
        ("angles", (0, -1, 0), "angle beta must be a finite number >= 0"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(default, trait, value)
    default.signal, default.oversampling, default.angles = "3", 2, (70, 25, 0)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"digit": 10}, ValueError, "digit must be an integer >= 0 and <= 9, got 10"),
        ({"digit": "3"}, TypeError, "digit must be an integer"),
        ({"oversampling": 8}, ValueError, "oversampling must be one of 1, 2, 4, got 8"),
        ({"angles": (0, 0)}, ValueError, "angles must be 3 numbers"),
        ({"angles": 5}, ValueError, "angles must be 3 numbers"),
    ],
)
def test_bad_input_is_refused_before_anything_is_shown(options, error, words):
    with pytest.raises(error, match=words):
        st.explore.network(**options)
