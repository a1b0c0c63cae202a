"""The explorer of directions as a Python object."""

from __future__ import annotations

import numpy as np
import pytest
from ipywidgets.embed import dependency_state

import sphere_toolkit as st

EASTWARD = st.signals.harmonic(64, degree=40, order=40)  # its crests run north and south


@pytest.fixture(scope="module")
def default():
    return st.explore.directions()


def test_the_default_shows_the_relief(default):
    assert (default.L, default.scale, default.N, default.gamma) == (128, 5, 3, 90)
    assert default.scales == [2, 3, 4, 5, 6, 7]
    assert default.controls["N"]["options"] == [2, 3, 4]
    assert default.grid_band_limit == 256
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 450_000
    assert len(state["state"]["_esm"]) < 90_000


def test_the_mean_of_all_directions_is_one(default):
    # The energy has no faster part than cos 4 gamma: six directions give its mean.
    found = []
    for default.gamma in range(0, 180, 30):
        found.append(default.found())
    assert np.mean(found) == pytest.approx(1)
    assert np.ptp(found) > 0.05
    default.gamma = 90


def test_a_wave_is_found_in_its_direction():
    for N in (2, 3, 4):
        explorer = st.explore.directions(EASTWARD, scale=5, N=N)
        east, explorer.gamma = explorer.found(), 0
        south = explorer.found()
        assert east > 1.4
        assert south < {2: 0.52, 3: 0.03, 4: 0.003}[N]


def test_how_far_the_energy_swings():
    explorer = st.explore.directions(EASTWARD, scale=5, N=2)
    assert explorer.swing() == pytest.approx(0.5)  # |V_1|^2 over the mean, whatever the signal
    sharper = st.explore.directions(EASTWARD, scale=5, N=4)
    assert sharper.swing() > 1.2
    empty = st.explore.directions(st.signals.harmonic(32, 2, 1), scale=4)
    assert np.isnan(empty.swing())
    assert np.isnan(empty.found())


def test_the_response_turns_with_the_signal():
    """A quarter turn about the vertical axis leaves every direction as it is."""
    relief = st.signals.earth_relief(32)
    from scipy.spatial.transform import Rotation

    turned = st.rotate(relief, Rotation.from_euler("z", 90, degrees=True))
    explorers = [st.explore.directions(one, gamma=30) for one in (relief, turned)]
    assert explorers[0].found() == pytest.approx(explorers[1].found())
    mirrored = st.rotate(relief, Rotation.from_euler("y", 180, degrees=True))
    assert st.explore.directions(mirrored, gamma=30).found() == pytest.approx(explorers[0].found())


def test_what_is_chosen_is_checked(default):
    default.gamma, default.N, default.scale = 175, 4, 7
    assert (default.gamma, default.N, default.scale) == (175, 4, 7)
    for trait, value, words in [
        ("gamma", 180, "gamma must be an integer >= 0 and <= 175.*got 180"),
        ("N", 1, "N must be one of 2, 3, 4, got 1"),
        ("scale", 1, "scale must be one of 2, .*got 1"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(default, trait, value)
    default.gamma, default.N, default.scale = 90, 3, 5
    with pytest.raises(ValueError, match="J_min"):
        st.explore.directions(EASTWARD, J_min=9)
    small = st.explore.directions(st.signals.band_limited_noise(2, 0))
    assert (small.scales, small.N, small.controls["N"]["options"]) == ([1], 2, [2])
    assert np.isnan(small.found())  # of scale 1 there is degree 1 alone
