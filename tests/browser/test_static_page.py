"""Explorers in a page without a kernel, and the host that mounts them."""

from __future__ import annotations

import json

import anywidget
import ipywidgets
import numpy as np
import pytest
from commands import load_extension
from static_page import embedded_state, write_page

import sphere_toolkit as st
from sphere_toolkit.explore._energy_shift.widget import COMPARED

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return st.explore.energy_shift()


@pytest.mark.parametrize("served", [True, False])
def test_the_default_shows_the_phenomenon(show, widget, served):
    explorer = show(widget, served=served).explorer()
    assert explorer.data["explorer"] == "energy_shift"
    assert float(explorer.data["before"]) == 0
    assert float(explorer.data["after"]) > 0.6
    assert "71.1\u00a0%" in explorer.root.inner_text()
    assert float(explorer.data["drawMs"]) > 0


def test_slider_moves_by_script_keyboard_and_mouse_and_returns(explorer):
    start = explorer.picture()
    explorer.set_scale(3)
    at_three = explorer.picture()
    explorer.slider.focus()
    explorer.slider.press("ArrowRight")
    explorer.wait_for(scale=4)
    at_four = explorer.picture()
    explorer.slider.press("ArrowRight")
    explorer.wait_for(scale=5)
    assert explorer.picture() == start
    assert len({start, at_three, at_four}) == 3

    explorer.drag_slider(explorer.slider, 5 / 7, 0)
    explorer.wait_for(scale=0)
    assert explorer.picture() not in {start, at_three, at_four}


def test_a_slider_plays_until_somebody_stops_it_or_nobody_sees_it(explorer):
    button = explorer.root.locator(".st-play")
    start, label = explorer.data["scale"], "Play Scale j"
    assert button.get_attribute("aria-label") == label
    stops = [
        lambda: button.press("Enter"),
        lambda: explorer.root.locator("[data-action=reset]").click(),
        lambda: explorer.root.evaluate("root => { root.style.display = 'none'; }"),
    ]
    for stop in stops:
        steps = explorer.page.evaluate("history.length")
        button.press("Enter")
        explorer.page.wait_for_function(  # for its first step; those that follow may be stopped
            "([root, scale]) => root.dataset.scale !== scale",
            arg=[explorer.root.element_handle(), start],
        )
        assert button.get_attribute("aria-label") == "Stop Scale j"
        assert explorer.root.locator(".st-result").get_attribute("aria-live") == "off"
        assert explorer.page.evaluate("history.length") == steps
        stop()
        explorer.page.wait_for_function(
            "([one, label]) => one.getAttribute('aria-label') === label",
            arg=[button.element_handle(), label],
        )
    explorer.root.evaluate("root => { root.style.display = ''; }")
    # Who wants no movement gets one step for each press, and the first value after the last.
    explorer.page.emulate_media(reduced_motion="reduce")
    explorer.set_scale(7)
    button.click()
    explorer.wait_for(scale=0)
    assert button.get_attribute("aria-label") == label
    explorer.set_scale(int(start))


def test_redraws_are_coalesced(explorer):
    before = explorer.draws
    explorer.slider.evaluate(
        """slider => { for (let k = 0; k < 40; k++) {
          slider.value = k % 8; slider.dispatchEvent(new Event('input', {bubbles: true})); } }"""
    )
    explorer.wait_for(scale=39 % 8)
    assert explorer.draws - before == 1


def test_every_number_equals_python(explorer, widget):
    bank = st.WaveletBank(128)
    for name in widget.names:
        explorer.choose(name)
        for j in widget.scales:
            explorer.set_scale(j)
            data = explorer.data
            before, after = st.scattering.energy_fraction_below(widget._alm[name], bank, j)
            share = st.scattering.energy_by_degree(widget._alm[name], bank, j).after
            within = share[slice(*widget.bands[j])].sum()
            assert float(data["before"]) == pytest.approx(before, abs=1e-5)
            assert float(data["after"]) == pytest.approx(after, abs=1e-5)
            assert float(data["within"]) == pytest.approx(within, abs=1e-5)
            total = sum(float(data[key]) for key in ("after", "within", "above"))
            assert total == pytest.approx(1 if after else 0, abs=1e-5)


def test_nonlinearities_side_by_side_equal_python(explorer, widget):
    bank = st.WaveletBank(128)
    pictures = {explorer.picture()}
    labels = explorer.root.locator(".st-comparison label")
    for name, j in (("Earth's relief", 5), ("A ring", 6), ("CMB-like Gaussian sky", 0)):
        explorer.choose(name)
        explorer.set_scale(j)
        rows = labels.evaluate_all("rows => rows.map(row => ({...row.dataset}))")
        assert [row["nonlinearity"] for row in rows] == [*COMPARED]
        for row in rows:
            alm = widget._alm[name]
            share = st.scattering.energy_by_degree(alm, bank, j, row["nonlinearity"]).after
            first, end = widget.bands[j]
            found = [float(row[part]) for part in ("below", "within", "above")]
            above = 1 - share[:end].sum() if share.any() else 0
            expected = [share[:first].sum(), share[first:end].sum(), above]
            assert found == pytest.approx(expected, abs=1e-5)
    explorer.choose("Earth's relief")
    explorer.set_scale(5)
    # A part of a bar lights its degrees in the spectra; the mean is the first of them.
    explorer.root.locator(".st-share-bar .st-first").first.hover()
    assert explorer.lit() == {"below"}
    assert explorer.root.locator(".st-chart .st-moved.st-lit").count() == 2
    chart = explorer.root.locator(".st-chart").nth(1)
    share, words = explorer.read(chart, 0.1, 0.5)
    mean = st.scattering.energy_by_degree(widget._alm["Earth's relief"], bank, 5).after[0]
    assert (share, words) == (f"{100 * mean:.1f}\u00a0%", "of the energy at ℓ = 0")
    # No axis of a density is labelled as a share.
    assert "%" not in chart.locator(".st-axes").text_content()
    radios = explorer.root.locator("input[type=radio]")
    radios.first.focus()
    for kind, unit, words in (
        ("square", " m²", "The square has an energy of its own"),
        ("relu", " m", "ReLU keeps"),
    ):
        explorer.page.keyboard.press("ArrowDown")
        explorer.wait_for(nonlinearity=kind)
        pictures.add(explorer.picture())
        after = st.scattering.energy_fraction_below(widget._alm["Earth's relief"], bank, 5, kind)[1]
        assert float(explorer.data["after"]) == pytest.approx(after, abs=1e-5)
        label = explorer.root.locator(".st-sphere").nth(1).get_attribute("aria-label")
        assert label.endswith(f"{unit}.")
        assert words in explorer.root.locator(".st-result").inner_text()
    assert len(pictures) == 3


def test_the_menu_changes_the_signal_and_the_words(explorer, widget):
    start = explorer.picture()
    explorer.choose("A ring")
    assert explorer.picture() != start
    label = explorer.root.locator(".st-sphere").first.get_attribute("aria-label")
    assert "A ring" in label
    assert explorer.root.locator(".st-sphere").first.get_attribute("role") == "img"
    explorer.choose("Earth's relief")
    assert explorer.picture() == start


def test_text_alternatives_follow_the_numbers(explorer):
    charts = explorer.root.locator("svg.st-chart")
    assert "0.0\u00a0%" in charts.nth(0).get_attribute("aria-label")
    assert "71.1\u00a0%" in charts.nth(1).get_attribute("aria-label")
    explorer.set_scale(2)
    assert "71.1\u00a0%" not in charts.nth(1).get_attribute("aria-label")
    assert explorer.slider.get_attribute("aria-label") == "Scale j"
    assert explorer.slider.get_attribute("aria-valuetext") == "2, degrees 3 to 7"


def test_a_scale_without_energy_says_so(explorer):
    explorer.choose("CMB-like Gaussian sky")  # its dipole is not part of the signal
    explorer.set_scale(0)
    assert "no energy at scale 0" in explorer.root.inner_text()
    notes = explorer.root.locator(".st-empty:visible")
    assert notes.all_inner_texts() == 2 * ["No energy at this scale."]
    explorer.set_scale(4)
    assert notes.count() == 0


def test_globes_turn_by_pointer_and_keys(explorer):
    maps = explorer.picture()
    globe = explorer.root.locator(".st-sphere").first
    pictures = explorer.turn_globes() | {explorer.redrawn(lambda: explorer.drag(globe, 0.3))}
    assert len(pictures) == 4
    assert explorer.show("maps") == maps


def test_maps_show_north_up_and_east_to_the_right(show):
    signals = {
        "north": st.signals.harmonic(8, 1, 0),
        "east": -st.signals.harmonic(8, 1, -1),
    }
    # Which sign a harmonic has at a place is read off its samples, not off a convention.
    grid = st.Grid.gauss_legendre(8)
    assert st.inverse(signals["north"], grid)[0, 0] > 0
    assert st.inverse(signals["east"], grid)[4, 4] > 0  # longitude 90 degrees
    widget = st.explore.energy_shift(signals, scale=0)
    explorer = show(widget).explorer()

    def warm(x, y):
        red, _, blue = explorer.map_colour(x, y)
        return red > blue

    assert warm(0.5, 0.1)
    assert not warm(0.5, 0.9)
    explorer.choose("east")
    assert warm(0.75, 0.5)
    assert not warm(0.25, 0.5)
    # The modulus is as warm on both sides.
    assert explorer.map_colour(0.25, 0.5, 1) == explorer.map_colour(0.75, 0.5, 1)


def test_dark_pages_are_dark_and_maps_keep_their_colours(show, widget):
    explorer = show(widget, theme="dark").explorer()
    background = "body => getComputedStyle(body).backgroundColor"
    body = explorer.root.locator(".st-body")
    dark, picture = body.evaluate(background), explorer.picture()
    assert explorer.use_theme("light") == picture
    assert body.evaluate(background) == "rgb(255, 255, 255)" != dark
    assert explorer.use_theme("dark") == picture
    assert body.evaluate(background) == dark


@pytest.mark.parametrize("width", [320, 360, 768])
def test_it_fits_small_screens(show, widget, width):
    visited = show(widget, viewport={"width": width, "height": 700}, device_scale_factor=2)
    visited.explorer()
    assert visited.page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_follows_the_width_of_the_page(show, widget):
    explorer = show(widget).explorer()
    wide = explorer.picture()
    resize = explorer.page.set_viewport_size
    assert explorer.redrawn(lambda: resize({"width": 420, "height": 800})) != wide
    assert explorer.redrawn(lambda: resize({"width": 1000, "height": 900})) == wide


def test_it_may_be_hidden_at_first(show, widget):
    """As in a solution that the reader unfolds."""
    explorer = show(widget).explorer()
    shown = explorer.picture()
    display = "style => { document.querySelector('main').style.display = style; }"
    explorer.redrawn(lambda: explorer.page.evaluate(display, "none"))
    assert explorer.redrawn(lambda: explorer.page.evaluate(display, "block")) == shown


def test_several_explorers_do_not_interfere(show, widget):
    other = st.explore.energy_shift(scale=6)
    # The last is a second view of the first.
    page = show(widget, other, widget)
    first, second, third = (page.explorer(n) for n in range(3))
    still = second.picture()
    assert first.picture() == third.picture()
    first.set_scale(2)
    third.wait_for(scale=2)
    assert first.picture() == third.picture()
    assert second.picture() == still
    assert second.data["scale"] == "6"
    sheets = page.page.evaluate("[...document.styleSheets].map(s => s.ownerNode.textContent)")
    assert sum(".st-explorer" in text for text in sheets) == 1


def test_boxes_hold_explorers(show, widget):
    box = ipywidgets.VBox([ipywidgets.HBox([widget, ipywidgets.IntSlider()])])
    page = show(box)
    page.explorer().set_scale(4)
    assert page.page.locator(".st-explorer").bounding_box()["width"] > 300
    assert "IntSliderModel) needs a kernel" in page.page.inner_text("main")


class Failing(anywidget.AnyWidget):
    """A widget whose module has a mistake."""

    _esm = "export default { render() { throw new Error('on purpose'); } };"


class Callable(anywidget.AnyWidget):
    """A module may export a function that makes the widget, with an `initialize`."""

    _esm = """export default async () => ({
      initialize({ model }) { model.set("word", "made"); },
      render({ model, el }) { el.textContent = model.get("word"); },
    });"""


def test_a_failing_widget_leaves_a_message_and_the_others_alone(show, widget):
    page = show(Failing(), Callable(), widget)
    page.explorer().set_scale(1)
    words = page.page.inner_text("main")
    assert "cannot be shown here: on purpose" in words
    assert "made" in words


def test_a_page_without_its_widgets_state_says_so(show, widget):
    page = show(widget, state={})
    page.page.wait_for_selector(".sphere-host-message")
    assert "no state for widget" in page.page.inner_text("main")


def test_what_two_widgets_have_in_common_is_put_back(visit, tmp_path, widget):
    """As the book's chapters hold it."""
    pair = [widget, st.explore.energy_shift()]
    content = {"state": embedded_state(*pair)}
    load_extension("execution").share(content)
    page = write_page(tmp_path, pair, state=content["state"])
    version = '{"version_major": 2, '
    text = page.read_text()
    assert text.count(version) == 3  # of two views and of the state
    head, state = text.rsplit(version, 1)
    page.write_text(f'{head}{version}"shared": {json.dumps(content["shared"])}, {state}')
    shown = visit(page.as_uri())
    assert shown.explorer(0).picture() == shown.explorer(1).picture()


def test_a_signal_of_the_users_own(show):
    grid = st.Grid.gauss_legendre(20)
    samples = np.cos(3 * grid.mesh()[0]) + 0.2 * np.sin(5 * grid.mesh()[1])
    widget = st.explore.energy_shift((samples, grid), scale=3, unit="K")
    explorer = show(widget).explorer()
    before, after = widget.energy_fraction_below()
    assert float(explorer.data["before"]) == pytest.approx(before, abs=1e-5)
    assert float(explorer.data["after"]) == pytest.approx(after, abs=1e-5)
    assert " K" in explorer.root.inner_text()
    assert explorer.menu.count() == 0
