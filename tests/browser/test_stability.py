"""The explorer of stability in Chromium."""

from __future__ import annotations

import numpy as np
import pytest
from driving import PHONE

import sphere_toolkit as st

pytestmark = pytest.mark.browser

DISTANCES = ("signal", "amplitudes", "spectrum", "scattering", "means")


@pytest.fixture(scope="module")
def widget():
    return st.explore.stability()


def set_size(explorer, size):
    explorer.move(explorer.slider, size)
    explorer.wait_for(size=f"{size:g}")


def test_every_number_equals_python(show, widget):
    explorer = show(widget).explorer()
    text = explorer.root.inner_text()
    assert f"{100 * widget.distances().scattering:.1f}\u00a0%" in text
    assert "2.9°" in text
    twin = st.explore.stability()
    for name in widget.names:
        explorer.choose(name)
        for size in (0, 0.01, 0.2):
            set_size(explorer, size)
            twin.signal, twin.size = name, size
            expected = twin.distances()
            found = [float(explorer.data[f"{key}Distance"]) for key in DISTANCES]
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_slider_and_menu_change_pictures_and_words(show, widget):
    explorer = show(widget, served=True).explorer()
    start = explorer.picture()
    explorer.slider.focus()
    explorer.slider.press("ArrowRight")
    explorer.wait_for(size="0.052")
    assert explorer.picture() != start
    chart = explorer.root.locator("svg.st-chart")
    assert "3.0°" in chart.get_attribute("aria-label")
    assert explorer.slider.get_attribute("aria-valuetext") == "3.0°"
    explorer.slider.press("ArrowLeft")
    explorer.wait_for(size="0.05")
    assert explorer.picture() == start
    assert explorer.root.locator(".st-sphere").count() == 3
    explorer.choose("A ring")
    label = explorer.root.locator(".st-sphere").nth(1).get_attribute("aria-label")
    assert "deformation by up to 2.9°" in label
    assert explorer.picture() != start
    # The marks stand on the curves that Python sent.
    set_size(explorer, 0.1)
    on_curve = explorer.root.evaluate(
        """root => [...root.querySelectorAll(".st-series")].map((path, k) => {
          const dot = root.querySelectorAll(".st-point")[k];
          const [x, y] = path.getAttribute("d").slice(1).split("L")[5].split(" ").map(Number);
          return Math.hypot(x - dot.getAttribute("cx"), y - dot.getAttribute("cy")); })"""
    )
    assert len(on_curve) == 5
    assert max(on_curve) < 0.2  # pixels
    # Its values by the keyboard and under the pointer, and what belongs together.
    chart.focus()
    chart.press("End")
    twin = st.explore.stability(size=0.2)
    twin.signal = "A ring"
    spoken = explorer.root.get_by_role("status").filter(has_text="scattering").inner_text()
    assert spoken.startswith("11.5° ")
    for key in DISTANCES:
        assert f"{key} {100 * getattr(twin.distances(), key):.1f}\u00a0%" in spoken
    explorer.root.locator(".st-legend li").nth(2).hover()
    assert explorer.lit() == {"spectrum"}
    assert explorer.root.locator(".st-series.st-lit").count() == 1
    # At size 0 the first two maps are the same, and the third is everywhere the colour of zero.
    places = ((0.2, 0.5), (0.6, 0.3), (0.5, 0.8))
    before, after, apart = colours_of_maps(explorer, places)
    assert abs(before - after).max() > 20
    assert np.ptp(apart, axis=0).max() > 20
    set_size(explorer, 0)
    before, after, apart = colours_of_maps(explorer, places)
    assert abs(before - after).max() <= 3
    assert np.ptp(apart, axis=0).max() <= 3


def colours_of_maps(explorer, places):
    """Colours at some places of the three maps, ``(3, n_places, 3)``."""
    return np.array([[explorer.map_colour(*p, which) for p in places] for which in range(3)], int)


def test_a_phone_and_a_dark_page(show, widget):
    visited = show(widget, theme="dark", **PHONE)
    explorer = visited.explorer()
    drawn = explorer.root.locator("canvas.st-pixels")
    for which in range(3):  # each map has the pixels of its own width
        pixels, width = drawn.nth(which).evaluate("c => [c.width, c.clientWidth]")
        assert pixels == pytest.approx(2 * width, abs=2)
    assert visited.page.evaluate("document.documentElement.scrollWidth") <= 360
    dark = explorer.picture()
    assert explorer.use_theme("light") == dark  # the colours of a map are data
