"""Scenes: states of an explorer that a presenter walks through."""

from __future__ import annotations

import pytest

import sphere_toolkit as st

_SMALL = {"sampling": {"L": 4}, "network": {}, "guess_the_sky": {"L": 16, "rounds": 2}}


@pytest.mark.parametrize("name", st.explore.EXPLORERS)
def test_every_explorer_takes_scenes_and_stays_as_it_began(name):
    make, options = st.explore.EXPLORERS[name], _SMALL.get(name, {"L": 16})
    plain = make(**options)
    explorer = make(**options, scenes=[("As it begins.", {}), ("Again.", {"signal": plain.signal})])
    beginning = {trait: getattr(plain, trait) for trait in plain.controls}
    assert explorer.scenes == [["As it begins.", beginning], ["Again.", beginning]]
    assert {trait: getattr(explorer, trait) for trait in explorer.controls} == beginning


def test_a_scene_holds_all_controls_also_those_that_follow():
    scenes = [("Wide windows.", {"lam": 4.0}), ("The average.", {"scale": None})]
    explorer = st.explore.wavelets(L=64, scale=5, scenes=scenes)
    (_, wide), (_, average) = explorer.scenes
    assert (wide["lam"], wide["scale"]) == (4.0, 3)  # at most 3 where lam is 4
    assert (average["lam"], average["scale"]) == (2.0, None)
    assert (explorer.lam, explorer.scale) == (2.0, 5)


@pytest.mark.parametrize(
    ("scenes", "error", "words"),
    [
        ("first", TypeError, "scenes must be a list of"),
        ({"first": {}}, TypeError, "scenes must be a list of"),
        ([("first",)], TypeError, r"scenes\[0\] must be a pair"),
        ([("a", {}), "bc"], TypeError, r"scenes\[1\] must be a pair"),
        ([(1, {})], TypeError, r"the note of scenes\[0\] must be a string, got 1"),
        ([("a", [1])], TypeError, r"the values of scenes\[0\] must be a mapping"),
        ([("a", {"speed": 1})], ValueError, r"scenes\[0\] names no control: \['speed'\]"),
        ([("a", {}), ("b", {"scale": 9})], ValueError, r"scenes\[1\]: scale must be one of"),
        ([("a", {"signal": "Mars"})], ValueError, r"scenes\[0\]: signal must be one of"),
    ],
)
def test_scenes_that_cannot_be_shown_are_refused(scenes, error, words):
    with pytest.raises(error, match=words):
        st.explore.energy_shift(L=16, scenes=scenes)
