"""The explorer of directions in Chromium."""

from __future__ import annotations

import pytest

import sphere_toolkit as st

pytestmark = pytest.mark.browser


def turn(explorer, gamma):
    explorer.move("Direction γ", gamma)
    explorer.wait_for(gamma=gamma)


def test_every_number_equals_python_and_the_pictures_follow(show):
    widget = st.explore.directions(L=32, scale=4)
    explorer = show(widget, viewport={"width": 390, "height": 844}).explorer()
    seen = {explorer.picture()}
    for name in ("A ring", "Earth's relief"):
        explorer.choose(name)
        widget.signal = name
        for N in (2, 4):
            explorer.press(f"{N}")
            explorer.wait_for(bandLimit=N)
            for gamma in (30, 175):
                turn(explorer, gamma)
                widget.N, widget.gamma = N, gamma
                for key in ("found", "swing"):
                    expected = getattr(widget, key)()
                    assert float(explorer.data[key]) == pytest.approx(expected, abs=1e-5)
                seen.add(explorer.picture())
    assert len(seen) == 9
    assert explorer.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_strokes_are_drawn_again_on_a_globe_that_turns(show):
    explorer = show(st.explore.directions(L=16), theme="dark").explorer()
    strokes = "root => root.querySelectorAll('canvas.st-coast')[2].toDataURL()"
    seen = {explorer.root.evaluate(strokes)}
    before = explorer.draws
    explorer.root.get_by_role("button", name="Show globes").click()
    explorer.wait_for_draw(before)
    seen.add(explorer.root.evaluate(strokes))
    before = explorer.draws
    explorer.root.locator(".st-globe").nth(2).press("ArrowLeft")
    explorer.wait_for_draw(before)
    seen.add(explorer.root.evaluate(strokes))
    explorer.slider.nth(0).press("ArrowRight")
    explorer.wait_for(scale=3)
    seen.add(explorer.root.evaluate(strokes))
    turn(explorer, 0)
    assert explorer.root.evaluate(strokes) in seen  # the crests do not turn with the wavelet
    assert len(seen) == 4


def test_a_signal_without_energy_at_the_scale_says_so(show):
    widget = st.explore.directions(st.signals.harmonic(32, 2, 1), scale=5)
    explorer = show(widget).explorer()
    assert "no energy at this scale" in explorer.root.inner_text()
