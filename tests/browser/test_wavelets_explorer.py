"""The explorer of wavelets in Chromium: windows, numbers and controls against Python."""

from __future__ import annotations

import json

import numpy as np
import pytest
from driving import PHONE

import sphere_toolkit as st

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return st.explore.wavelets()


def agrees(explorer, widget, name="Earth's relief"):
    """Whether all numbers are those of Python at what the page says is chosen."""
    data = explorer.data
    assert data["signal"] == name
    bank = st.WaveletBank(128, int(data["jMin"]), float(data["lam"]))
    scale = None if data["scale"] == "scaling" else int(data["scale"])
    expected = st.wavelets.energy_by_scale(widget._alm[name], bank)
    found = json.loads(data["energies"])
    np.testing.assert_allclose(found, list(expected.values()), rtol=0, atol=1e-5)
    assert float(data["share"]) == pytest.approx(expected[scale], abs=1e-5)
    assert float(data["total"]) == pytest.approx(1, abs=1e-12)
    assert float(data["tightness"]) < 1e-15
    spread = st.wavelets.angular_spread(bank, scale)
    assert float(data["spread"]) == pytest.approx(spread, rel=1e-5, nan_ok=True)
    return scale


def test_scale_and_signal_are_chosen_and_numbers_equal_python(explorer, widget):
    start = explorer.picture()
    slider = explorer.control("Scale j")
    seen = {start}
    for position in (7, 2, 1):
        explorer.move(slider, position)
        explorer.wait_for(scale="scaling" if position == 1 else position)
        agrees(explorer, widget)
        seen.add(explorer.picture())
    assert slider.get_attribute("aria-valuetext") == "Φ, degrees 0 to 3"
    slider.press("ArrowRight")
    explorer.wait_for(scale=2)
    for name in widget.names[1:]:
        explorer.choose(name)
        agrees(explorer, widget, name)
        seen.add(explorer.picture())
    assert len(seen) == 7
    explorer.choose("Earth's relief")
    # A click on a window chooses it.
    labels = explorer.root.locator(".st-window-labels text")
    labels.get_by_text("4", exact=True).click()
    explorer.wait_for(scale=4)
    assert explorer.picture() == start
    # A bar tells its value, and lights its window; a click chooses it, too.
    energies = explorer.root.locator(".st-chart").nth(2)
    share, words = explorer.read(energies, 0.4, 0.5)
    scale = int(words.removeprefix("of the energy at scale "))
    bank = st.WaveletBank(128, 2)
    expected = st.wavelets.energy_by_scale(widget._alm["Earth's relief"], bank)[scale]
    assert share == f"{100 * expected:.1f}\u00a0%"
    assert scale != 4
    assert explorer.lit() == {f"scale-{scale}"}
    assert explorer.root.locator(".st-lit-window").get_attribute("d").startswith("M")
    energies.click(position={"x": 0.4 * energies.bounding_box()["width"], "y": 60})
    explorer.wait_for(scale=scale)
    explorer.move(slider, 4)
    explorer.wait_for(scale=4)
    assert "together 100.0\u00a0%" in explorer.root.inner_text()
    assert "the wavelet of scale 4 is filled: degrees 9 to 31" in explorer.root.locator(
        ".st-overview svg"
    ).get_attribute("aria-label")


def test_dilation_and_coarsest_scale_are_dragged_without_a_kernel(explorer, widget):
    start = explorer.picture()
    dilation, coarsest = explorer.control("Dilation λ"), explorer.control("Coarsest scale J_min")
    pictures = {start}
    # The wavelet stays near degree 16, whatever the dilation on the way.
    for lam, scale in ((1.2, 15), (3.0, 3), (4.0, 2), (1.4, 8)):
        explorer.move(dilation, lam)
        explorer.wait_for(lam=f"{lam:g}")
        assert agrees(explorer, widget) == scale
        pictures.add(explorer.picture())
    explorer.move(dilation, 2)
    explorer.wait_for(lam="2")
    assert agrees(explorer, widget) == 4
    assert explorer.picture() == start
    for position, scale in ((7, 7), (0, 4), (5, 5)):
        explorer.move(coarsest, position)
        explorer.wait_for(jMin=position)
        assert agrees(explorer, widget) == scale
        pictures.add(explorer.picture())
    assert len(pictures) == 8
    explorer.drag_slider(dilation, 0.8 / 2.8, 0)
    explorer.wait_for(lam="1.2")
    explorer.move(coarsest, 0)
    explorer.wait_for(jMin=0)
    explorer.move(explorer.control("Scale j"), 2)
    explorer.wait_for(scale=2)
    agrees(explorer, widget)
    assert "No degree lies in its band" in explorer.root.inner_text()


def test_the_wavelet_turns_and_pages_may_be_dark_or_small(show, widget):
    tiny = st.explore.wavelets(st.signals.harmonic(2, 1, 0), unit="K")
    opened = show(widget, tiny, theme="dark", **PHONE)
    opened.explorer(1)
    explorer = opened.explorer()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
    globe = explorer.root.locator(".st-globe")
    assert "wavelet of scale 4 around the pole" in globe.get_attribute("aria-label")
    pictures = {
        explorer.picture(),
        explorer.redrawn(lambda: globe.press("ArrowDown")),
        explorer.show("globes"),
    }
    assert len(pictures) == 3
    assert explorer.use_theme("light") in pictures
