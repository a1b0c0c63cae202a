"""The explorer of samples and aliases in Chromium."""

from __future__ import annotations

import numpy as np
import pytest

import sphere_toolkit as st

pytestmark = pytest.mark.browser


def test_every_number_equals_python_and_the_pictures_tell_the_two_apart(show):
    widget = st.explore.sampling()
    explorer = show(widget, served=True, viewport={"width": 390, "height": 844}).explorer()
    seen = {explorer.picture()}
    for scheme, words in (("mcewen-wiaux", "McEwen-Wiaux"), ("healpix", "HEALPix")):
        explorer.menu.select_option(words)
        for degree, order in ((9, 2), (6, 6), (14, 3)):
            explorer.move("Degree ℓ", degree)
            explorer.move("Order m", order)
            explorer.wait_for(scheme=scheme, degree=degree, order=order)
            widget.scheme, widget.degree, widget.order = scheme, degree, order
            assert float(explorer.data["share"]) == pytest.approx(widget.share(), abs=1e-5)
            seen.add(explorer.picture())
    assert len(seen) == 7
    explorer.move("Degree ℓ", 2)  # brings the order along
    explorer.wait_for(degree=2, order=2)
    assert "192 samples" in explorer.root.inner_text()
    # Below the band-limit both globes show the same.
    explorer.menu.select_option("Gauss-Legendre")
    explorer.wait_for(scheme="gauss-legendre")
    assert explorer.map_colour(0.5, 0.5, 0) == explorer.map_colour(0.5, 0.5, 1)
    assert explorer.page.evaluate("document.documentElement.scrollWidth") <= 390
    globe = explorer.root.locator(".st-globe").first
    # The value under the pointer: the middle of the globe is longitude 0, latitude 0.35.
    draws = explorer.draws
    value, place = explorer.read(globe, 0.5, 0.5)
    assert float(value) == pytest.approx(np.sqrt(15 / np.pi) / 4 * np.cos(0.35) ** 2, abs=0.005)
    assert place == "θ = 70°, φ = 0°"
    assert explorer.draws == draws
    still = explorer.picture()
    assert explorer.redrawn(lambda: globe.press("ArrowLeft")) != still
