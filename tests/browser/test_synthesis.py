"""The explorer of what coefficients remember, in Chromium."""

from __future__ import annotations

import pytest

import sphere_toolkit as st

pytestmark = pytest.mark.browser


def test_every_number_equals_python_and_the_pictures_follow(show):
    widget = st.explore.synthesis(L=16, step=0)
    explorer = show(widget, viewport={"width": 390, "height": 844}).explorer()
    seen = {explorer.picture()}
    for name, match, step in (
        ("Earth's relief", "zonal", 20),
        ("A ring", "directional", 20),
        ("A ring", "spectrum", 3),
    ):
        explorer.choose(name)
        explorer.root.locator(f"input[type=radio][value={match}]").check(force=True)
        explorer.move("Step", step)
        explorer.wait_for(match=match, step=step)
        widget.signal, widget.match, widget.step = name, match, step
        error = widget.descent().errors[-1]
        assert float(explorer.data["error"]) == pytest.approx(error, rel=1e-4)
        for what in ("skewness", "kurtosis"):
            original, drawn = getattr(widget, what)()
            assert float(explorer.data[what]) == pytest.approx(drawn, abs=1e-4)
            shown = f"{original:.2f}".replace("-", "−")
            assert shown in explorer.root.locator(".st-share").first.inner_text()
        seen.add(explorer.picture())
    assert len(seen) == 4
    assert explorer.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_playing_walks_through_the_steps_and_stops(show):
    explorer = show(st.explore.synthesis(L=16, step=0)).explorer()
    explorer.root.get_by_role("button", name="Play Step").click()
    explorer.page.wait_for_function(
        "root => root.dataset.step > 4", arg=explorer.root.element_handle()
    )
    explorer.root.get_by_role("button", name="Stop Step").click()
    stopped = explorer.data["step"]
    explorer.page.wait_for_timeout(100)
    assert explorer.data["step"] == stopped
    assert explorer.control("Step").input_value() == stopped
