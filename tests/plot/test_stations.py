"""The map of the whole network at the head of each chapter."""

from html.parser import HTMLParser

import pytest

from sphere_toolkit import plot
from sphere_toolkit.plot.stations import ROTATIONS, STATIONS

KEYS = [*STATIONS, "rotations"]


class _Stations(HTMLParser):
    """The stations of a map in their order, and those that are lit."""

    def __init__(self, text):
        super().__init__()
        self.names, self.lit, self.current, self.root = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.root = self.root or attributes
        if name := attributes.get("data-station"):
            self.names.append(name)
            self.lit += [name] * ("st-lit" in attributes["class"].split())
            self.current += [name] * ("aria-current" in attributes)


@pytest.mark.parametrize("here", KEYS)
def test_the_given_station_alone_is_lit(here):
    shown = plot.you_are_here(here)
    page = _Stations(shown._repr_html_())
    assert sorted(page.names) == sorted(KEYS)
    assert page.lit == page.current == [here]
    assert page.root["aria-label"] == f"The whole network. You are here: {here}."
    assert shown.alt.endswith(f"You are here: {here}.")
    assert [key for key in KEYS if key not in shown.alt.lower()] == []
    assert f"[{here}]" in repr(shown)


def test_without_a_station_all_are_lit():
    page = _Stations(plot.you_are_here()._repr_html_())
    assert sorted(page.lit) == sorted(KEYS)
    assert page.current == []


def test_an_unknown_station_is_refused():
    with pytest.raises(ValueError, match="'moduli'") as refused:
        plot.you_are_here("moduli")
    assert [key for key in KEYS if repr(key) not in str(refused.value)] == []


def test_each_chapter_of_the_network_has_its_station():
    chapters = [c for station in [*STATIONS.values(), ROTATIONS] for c in station.chapters]
    assert sorted(chapters) == [f"{n:02}" for n in range(15)]
