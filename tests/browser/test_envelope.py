"""The explorer of envelopes in Chromium."""

from __future__ import annotations

import pytest

import sphere_toolkit as st

pytestmark = pytest.mark.browser


def rows(explorer):
    """The numbers of all orders, once they are known."""
    explorer.wait_for(known=4)
    return explorer.root.locator(".st-comparison label").evaluate_all(
        "rows => rows.map(({ dataset: d }) => [d.below, d.within, d.above, d.error].map(Number))"
    )


def test_every_number_equals_python(show):
    widget = st.explore.envelope(L=32, scale=4)
    explorer = show(widget, viewport={"width": 390, "height": 844}).explorer()
    for name in ("Earth's relief", "Band-limited noise"):
        explorer.choose(name)
        for scale in (1, 5):
            explorer.set_scale(scale)
            for oversampling in (1, 2):
                explorer.press(f"{oversampling}")
                explorer.wait_for(signal=name, scale=scale, oversampling=oversampling)
                widget.signal, widget.scale, widget.oversampling = name, scale, oversampling
                for widget.order, found in enumerate(rows(explorer)):
                    expected = [*widget.shares(), widget.error()]
                    assert found == pytest.approx(expected, abs=1e-5)
    assert explorer.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_order_is_chosen_in_the_table_and_the_pictures_follow(show):
    widget = st.explore.envelope(L=32)
    explorer = show(widget, theme="dark").explorer()
    first = rows(explorer)
    seen = {explorer.picture()}
    for order in (0, 2, 3):
        explorer.root.locator(".st-comparison input").nth(order).click()
        explorer.wait_for(order=order)
        seen.add(explorer.picture())
        assert rows(explorer) == first
    assert len(seen) == 4
    words = explorer.root.locator(".st-result").inner_text()
    assert "the envelope of order 3 sends" in words
    profile = explorer.root.locator(".st-chart").first
    assert profile.locator("path.st-series").count() == 3
    before = explorer.draws
    explorer.root.get_by_role("button", name="Show globes").click()
    explorer.wait_for_draw(before)
    assert explorer.picture() not in seen


def test_a_signal_without_energy_at_the_scale_says_so(show):
    widget = st.explore.envelope(st.signals.harmonic(32, 2, 1), scale=5)
    explorer = show(widget).explorer()
    explorer.wait_for(known=4)
    assert "no energy at scale 5" in explorer.root.inner_text()
