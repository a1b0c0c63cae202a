"""The explorer of what coefficients remember, in Chromium."""

from __future__ import annotations

import pytest

import sphere_toolkit as st

pytestmark = pytest.mark.browser


def test_every_number_equals_python_and_the_pictures_follow(show):
    widget = st.explore.synthesis(step=0)
    explorer = show(widget, viewport={"width": 390, "height": 844}).explorer()
    seen = {explorer.picture()}
    for name, match, step in (
        ("Earth's relief", "zonal", 20),
        ("A ring", "zonal", 20),
        ("A ring", "spectrum", 3),
    ):
        explorer.choose(name)
        explorer.root.locator(f"input[type=radio][value={match}]").check(force=True)
        explorer.move("Step", step)
        explorer.wait_for(match=match, step=step)
        widget.signal, widget.match, widget.step = name, match, step
        errors = widget.descent().errors
        assert float(explorer.data["error"]) == pytest.approx(errors[-1], rel=1e-4)
        original, drawn = widget.skewness()
        assert float(explorer.data["original"]) == pytest.approx(original, abs=1e-4)
        assert float(explorer.data["skewness"]) == pytest.approx(drawn, abs=1e-4)
        seen.add(explorer.picture())
    assert len(seen) == 4
    assert explorer.page.evaluate("document.documentElement.scrollWidth") <= 390
