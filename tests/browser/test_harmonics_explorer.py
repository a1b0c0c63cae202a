"""The explorer of band-limits in Chromium: its mathematics, its numbers, its controls."""

from __future__ import annotations

import numpy as np
import pytest
from driving import PHONE

import sphere_toolkit as st
from sphere_toolkit.sphere.spectra import real_coefficient, residual_energy

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return st.explore.harmonics()


def numbers(explorer, *names):
    data = explorer.data
    return [float(data[name]) for name in names]


def test_the_band_limit_is_dragged_and_the_numbers_equal_python(explorer, widget):
    slider = explorer.control("Band-limit")
    start = explorer.picture()
    for name in widget.names:
        explorer.choose(name)
        expected = residual_energy(widget._alm[name])
        root_mean_square = np.sqrt(st.energy(widget._alm[name]) / (4 * np.pi))
        for limit in (1, 9, 128):
            explorer.move(slider, limit)
            explorer.wait_for(bandLimit=limit)
            kept, residual, rms = numbers(explorer, "kept", "residual", "rms")
            assert residual == pytest.approx(expected[limit], abs=1e-5)
            assert kept == pytest.approx(1 - expected[limit], abs=1e-5)
            off = np.sqrt(expected[limit]) * root_mean_square
            assert rms == pytest.approx(off, abs=1e-5 * root_mean_square)
    explorer.choose("Earth's relief")
    explorer.move(slider, 15)
    slider.press("ArrowRight")
    explorer.wait_for(bandLimit=16)
    assert explorer.picture() == start
    assert slider.get_attribute("aria-valuetext") == "16, degrees 0 to 15"
    assert "92.4\u00a0% of the energy is kept" in explorer.root.inner_text()
    assert "92.4" in explorer.root.locator("svg.st-chart").first.get_attribute("aria-label")
    explorer.drag_slider(slider, 15 / 127, 1)
    explorer.wait_for(bandLimit=128)
    assert numbers(explorer, "residual") == [0]
    assert "0.0\u00a0% is left out: off by 0 m rms" in explorer.root.inner_text()


def test_one_harmonic_by_degree_and_order(explorer, widget):
    signal = explorer.picture()
    explorer.control("One harmonic").check(force=True)
    explorer.wait_for(mode="harmonic", degree=5, order=3)
    degree, order = explorer.control("Degree ℓ"), explorer.control("Order m")
    assert explorer.control("Band-limit").count() == 0
    pictures = {signal, explorer.picture()}
    relief = widget._alm["Earth's relief"]
    share = -np.diff(residual_energy(relief))
    size = np.sqrt(st.energy(relief))
    for ell, m in ((12, 7), (12, -7), (40, 0), (127, -127)):
        explorer.move_together({"Degree ℓ": ell, "Order m": m})
        explorer.wait_for(degree=ell, order=m)
        coefficient, energy = numbers(explorer, "coefficient", "degreeEnergy")
        expected = real_coefficient(relief, ell, m)
        assert coefficient == pytest.approx(expected, abs=1e-5 * size)
        assert energy == pytest.approx(share[ell], abs=1e-5)
        pictures.add(explorer.picture())
    assert len(pictures) == 6
    explorer.move(degree, 3)  # brings the order along
    explorer.wait_for(degree=3, order=-3)
    assert order.get_attribute("min") == "-3"
    order.press("End")
    explorer.wait_for(order=3)
    words = explorer.root.locator(".st-result").inner_text()
    assert "3 great circles through the poles and 0 parallels: 3 + 0 = 3" in words
    still = explorer.show("globes")
    globe = explorer.root.locator(".st-globe").first
    assert explorer.redrawn(lambda: globe.press("ArrowLeft")) != still
    explorer.control("All up to a degree").check(force=True)
    explorer.wait_for(mode="signal")


def test_small_screens_dark_pages_and_tiny_signals(show, widget):
    tiny = {"degree 0": st.signals.harmonic(1, 0, 0)}
    small = [st.explore.harmonics(tiny, degree=0, order=0), st.explore.harmonics(mode="harmonic")]
    opened = show(widget, *small, theme="dark", **PHONE)
    for n in range(3):
        explorer = opened.explorer(n)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
    dark = explorer.picture()
    assert explorer.use_theme("light") == dark  # the colours of a map are data
    row = explorer.root.locator(".st-choices")
    assert row.evaluate("row => row.scrollWidth <= row.clientWidth + 1")
