"""Presenter mode: everything on one screen, legible, alive, and the page as it was afterwards."""

from __future__ import annotations

import pytest
from axe import violations
from static_page import write_page

import sphere_toolkit as st

pytestmark = pytest.mark.browser

_SMALL = {"network": {}, "sampling": {}, "guess_the_sky": {"L": 16, "rounds": 2}}
_NOTES = ("First as it is.", "Then a finer scale.", "And the square.")

# The smallest letter, in pixels; what lies outside the window; what could be scrolled.
_LOOK = """root => {
  const seen = (element) => element.checkVisibility({visibilityProperty: true})
    && element.getClientRects().length;
  const sizes = [], texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode()); ) {
    if (text.textContent.trim() && seen(text.parentElement)) {
      sizes.push(parseFloat(getComputedStyle(text.parentElement).fontSize));
    }
  }
  const kinds = ".st-sphere, .st-chart, input, select, button, .st-node, .st-choices";
  const parts = [...root.querySelectorAll(kinds)];
  const outside = parts.filter(seen).filter((part) => {
    const {left, right, top, bottom} = part.getBoundingClientRect();
    const end = part.closest(".st-side")?.getBoundingClientRect().right ?? innerWidth;
    return left < -1 || top < -1 || right > end + 1 || bottom > innerHeight + 1;
  }).map((part) => part.outerHTML.slice(0, 100));
  const scrolls = root.scrollHeight > innerHeight || root.scrollWidth > innerWidth;
  return {smallest: Math.min(...sizes), outside, scrolls, height: root.offsetHeight,
    pictures: parts.filter(seen).filter((part) => part.matches(".st-sphere")).length};
}"""


def press(explorer, action):
    explorer.root.locator(f"[data-action={action}]").click()


def present(explorer):
    """Begin; what is seen before anything else happens."""
    explorer.root.evaluate(
        f"""root => root.querySelector("[data-action=present]").addEventListener(
          "click", () => (root.seen = ({_LOOK})(root)), {{once: true}})"""
    )
    press(explorer, "present")
    return explorer.root.evaluate("root => root.seen")


def screen(explorer, width, height):
    """Another window; wait until the letter has its size."""
    explorer.page.set_viewport_size({"width": width, "height": height})
    explorer.page.wait_for_function(
        "size => parseFloat(getComputedStyle(document.documentElement).fontSize) === size",
        arg=16 * height / 720,
    )
    return explorer.root.evaluate(_LOOK)


@pytest.mark.parametrize("name", st.explore.EXPLORERS)
def test_every_explorer_fits_a_laptop_and_a_hall(show, name):
    # Alone on its page: others would draw themselves anew for each window. Below there are two.
    widget = st.explore.EXPLORERS[name](**_SMALL.get(name, {"L": 64}))
    laptop = {"width": 1280, "height": 720}
    explorer = show(widget, width="none", viewport=laptop).explorer()
    before = explorer.root.evaluate(_LOOK)
    assert before["height"] <= 680
    assert present(explorer)["outside"] == []
    for width, height, least in ((1280, 720, 16), (1920, 1080, 24)):
        shown = screen(explorer, width, height)
        assert shown["smallest"] >= least
        assert shown["outside"] == []
        assert not shown["scrolls"]
        assert shown["height"] == height
        assert shown["pictures"] == before["pictures"]
    assert explorer.root.locator(".st-equation i").count() > 1
    explorer.page.set_viewport_size(laptop)
    explorer.page.keyboard.press("Escape")
    explorer.page.wait_for_function("!document.querySelector('.st-presenting')")
    assert explorer.page.evaluate("document.documentElement.style.fontSize") == ""


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    values = [{}, {"scale": 6}, {"nonlinearity": "square"}]
    widget = st.explore.energy_shift(scenes=list(zip(_NOTES, values, strict=True)))
    folder = tmp_path_factory.mktemp("scenes")
    return write_page(folder, [widget, st.explore.sampling()]).as_uri()


def test_keys_lead_through_scenes_in_a_hall_light_or_dark(visit, scenes):
    page = visit(scenes, fresh=True, viewport={"width": 1920, "height": 1080})
    explorer, keyboard = page.explorer(), page.page.keyboard
    # The explorer in sight hears the key, also when the verdict of a question has the focus.
    page.page.evaluate(
        "(p => { p.tabIndex = -1; document.body.append(p); p.focus(); })"
        "(document.createElement('p'))"
    )
    keyboard.press("f")
    explorer.root.locator(".st-scene").get_by_text("arrow keys").wait_for()
    for key, k in (("ArrowRight", 1), ("PageDown", 2), ("PageDown", 3), ("ArrowRight", 3)):
        keyboard.press(key)
        explorer.wait_for(scene=k)
        assert explorer.root.locator(".st-scene").inner_text() == f"{k} / 3 {_NOTES[k - 1]}"
    explorer.wait_for(scale=5, nonlinearity="square")
    fills = "document.fullscreenElement.dataset.explorer"
    assert page.page.evaluate(fills) == "energy_shift"
    equation = explorer.root.locator(".st-equation")
    assert "W52" in equation.inner_text().replace("\n", "")
    keyboard.press("PageUp")
    explorer.wait_for(scale=6, nonlinearity="modulus")
    # The slider keeps its arrow keys; a clicker's keys lead on.
    explorer.slider.focus()
    keyboard.press("ArrowLeft")
    explorer.wait_for(scale=5)
    assert f"{100 * float(explorer.data['after']):.1f}\u00a0%" in equation.inner_text()
    keyboard.press("PageDown")
    explorer.wait_for(scene=3)
    # Another look, in the dark.
    explorer.redrawn(lambda: press(explorer, "hall"))
    background = "root => getComputedStyle(root).backgroundColor"
    assert explorer.root.evaluate(background) == "rgb(0, 0, 0)"
    assert explorer.root.evaluate(_LOOK)["smallest"] >= 24
    assert violations(page.page) == []
    # From the slider to the picture; the least of several, for the machine has other work.
    times = []
    for scale in (2, 3, 4, 5, 6, 7):
        explorer.set_scale(scale)
        times.append(float(explorer.data["drawMs"]))
    assert min(times) <= 50
    keyboard.press("Escape")
    page.page.wait_for_function("!document.querySelector('.st-presenting')")
    assert page.page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.page.locator("[inert]").count() == 0
    assert page.explorer(1).data["explorer"] == "sampling"


def test_where_no_page_may_fill_the_screen_it_fills_the_window(visit, scenes):
    page = visit(scenes, fresh=True, viewport={"width": 1280, "height": 720})
    explorer = page.explorer(1)
    page.page.evaluate(
        "() => { Element.prototype.requestFullscreen = () => Promise.reject(new Error()); }"
    )
    explorer.root.scroll_into_view_if_needed()
    scroll = page.page.evaluate("scrollY")
    press(explorer, "present")
    shown = screen(explorer, 1280, 720)
    assert (shown["height"], shown["smallest"], shown["outside"]) == (720, 16, [])
    assert page.page.locator(".st-presenting:popover-open").count() == 1
    page.page.keyboard.press("Escape")
    page.page.wait_for_function("!document.querySelector('.st-presenting')")
    assert page.page.evaluate("scrollY") == scroll
    assert page.page.locator("[inert]").count() == 0
    focused = page.page.evaluate("document.activeElement.dataset.action")
    assert focused == "present"
    # After a link to a scene the presenter begins with it.
    page.page.evaluate("location.hash = '#energy_shift.scale=6'")
    linked = page.explorer(0)
    linked.wait_for(scale=6)
    press(linked, "present")
    assert linked.root.locator(".st-scene").inner_text() == f"2 / 3 {_NOTES[1]}"
    page.page.keyboard.press("ArrowRight")
    linked.wait_for(scene=3)
