"""The state of explorers in the address: links, reset, back and forward, links that are damaged."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from qr_codes import decode
from static_page import write_page

import sphere_toolkit as st

pytestmark = pytest.mark.browser

# Of each explorer a state that is not the default; with ranges that depend on other controls.
_STATES = {
    "sampling": {"scheme": "healpix", "degree": 15, "order": 14},
    "harmonics": {"mode": "harmonic", "degree": 9, "order": -7},
    "equivariance": {"signal": "A ring", "path": (4,), "angles": (10, 20, -30)},
    "wavelets": {"lam": 1.5, "J_min": 1, "scale": 7, "view": "globe"},
    "energy_shift": {"signal": "A ring", "scale": 3, "nonlinearity": "square"},
    "scattering_tree": {"path": (), "nonlinearity": "envelope"},
    "stability": {"signal": "Earth's relief", "size": 0.1},
    "network": {"signal": "7", "angles": (0, 90, 0)},
    "envelope": {"order": 3, "scale": 4},
    "directions": {"N": 4, "gamma": 30},
    "guess_the_sky": {"round": 1, "evidence": "spectra"},
    "synthesis": {"signal": "Earth's relief", "match": "directional", "step": 7},
}
_SMALL = {"sampling": {}, "network": {}, "guess_the_sky": {"L": 16, "rounds": 2}}


def hash_of(name, values):
    """The address of a state, as Python would write it."""
    words = {
        trait: ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for trait, value in values.items()
    }
    return "#" + "&".join(f"{name}.{k}={quote(v, safe=',')}" for k, v in words.items())


def numbers(explorer):
    """What is shown, without what differs from frame to frame."""
    own = {"draws", "drawMs", "link", "known"}
    return {key: value for key, value in explorer.data.items() if key not in own}


def settled(explorer):
    """Wait until an explorer that looks ahead has computed all of its numbers."""
    explorer.wait_for_rest()
    return numbers(explorer)


@pytest.fixture(scope="module")
def widgets():
    """All explorers, small, on one page."""
    made = st.explore.EXPLORERS
    return {name: made[name](**_SMALL.get(name, {"L": 16})) for name in made}


@pytest.fixture(scope="module")
def all_of_them(widgets, tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("links"), list(widgets.values()))


def test_every_state_is_restored_beside_the_others(visit, all_of_them, widgets):
    url = all_of_them.as_uri()
    state = "&".join(hash_of(name, values)[1:] for name, values in _STATES.items())
    plain, linked = visit(url), visit(f"{url}#{state}")
    for n, (name, values) in enumerate(_STATES.items()):
        explorer = linked.explorer(n)
        shown, before = settled(explorer), settled(plain.explorer(n))
        assert shown["explorer"] == name
        assert shown != before, name
        assert explorer.root.locator(".st-note").inner_text() == "", name
        # The page's own link leads to the same place, and Python takes the same values.
        explorer.root.locator("[data-action=link]").evaluate("button => button.click()")
        link = explorer.page.wait_for_function(
            "r => r.dataset.link", arg=explorer.root.element_handle()
        )
        for part in hash_of(name, values)[1:].split("&"):
            assert part in link.json_value()
        for trait, value in values.items():
            setattr(widgets[name], trait, value)
    other = visit(link.json_value())
    for n, name in enumerate(_STATES):
        assert settled(other.explorer(n)) == settled(linked.explorer(n)), name
    # Reset leads back to the beginning, of one explorer alone.
    linked.explorer(0).root.locator("[data-action=reset]").click()
    linked.explorer(0).wait_for(degree=plain.explorer(0).data["degree"])
    assert settled(linked.explorer(0)) == settled(plain.explorer(0))
    assert settled(linked.explorer(1)) == settled(other.explorer(1))


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_back_and_forward_walk_through_states(visit, site, tmp_path, scheme):
    twin = st.explore.energy_shift(L=16)
    page = write_page(tmp_path, [twin, st.explore.energy_shift(L=16)])
    url = f"{site}/{page.name}" if scheme == "http" else page.as_uri()
    both = visit(url, fresh=True)
    first, second = both.explorer(0), both.explorer(1)
    start = first.data["scale"]
    steps = "() => history.length"
    for explorer, scale, key in ((first, 3, "energy_shift"), (second, 0, "energy_shift-2")):
        length = first.page.evaluate(steps)
        explorer.set_scale(scale)
        first.page.wait_for_function(f"n => {steps[6:]} > n", arg=length)
        assert f"{key}.scale={scale}" in first.page.url
    first.page.go_back()
    second.wait_for(scale=start)
    assert first.data["scale"] == "3"
    first.page.go_back()
    first.wait_for(scale=start)
    first.page.go_forward()
    first.wait_for(scale=3)
    # A link to a section of the page changes nothing.
    first.page.evaluate("location.hash = '#section'")
    draws = first.draws
    first.page.evaluate("location.hash = '#energy_shift.scale=1'")
    first.wait_for(scale=1)
    assert first.draws == draws + 1
    # In the address that was copied in the one tab, the other finds the same numbers.
    first.root.locator("[data-action=link]").click()
    first.page.wait_for_function("r => r.dataset.link", arg=first.root.element_handle())
    again = visit(first.data["link"]).explorer()
    again.wait_for(scale=1)
    assert numbers(again) == numbers(first)
    stays_in_sight(again)
    # And so does a telephone in the hall, where the address is one that others can open.
    for action in ("present", "code"):
        first.root.locator(f"[data-action={action}]").click()
    if scheme == "file":
        first.root.locator(".st-note").get_by_text("needs an address").wait_for()
        assert not first.root.locator(".st-code").is_visible()
    else:
        assert link_of_code(first) == first.data["link"]


def stays_in_sight(explorer):
    """A link ends at its explorer, however much appears above it, until the reader scrolls."""
    page, root = explorer.page, explorer.root
    page.evaluate("document.documentElement.style.overflowAnchor = 'none'")  # as in Safari
    grow = """height => document.body.insertAdjacentHTML("afterbegin",
      `<div style="height: ${height}px"></div>`)"""
    for height in (500, 3000):
        page.evaluate(grow, height)
        page.wait_for_function("r => r.getBoundingClientRect().top < 9", arg=root.element_handle())
        assert root.bounding_box()["y"] > -9
    page.mouse.wheel(0, -200)
    page.wait_for_function("r => r.getBoundingClientRect().top > 99", arg=root.element_handle())
    page.evaluate(grow, 3000)
    explorer.redrawn(lambda: explorer.set_scale(2))
    assert root.bounding_box()["y"] > 3000


def link_of_code(explorer):
    """What the QR code says that an explorer shows."""
    code = explorer.root.locator(".st-code svg")
    size = int(code.get_attribute("viewBox").split()[-1]) - 8  # four light modules on each side
    rows = [[0] * size for _ in range(size)]
    for column, row in re.findall(r"M(\d+) (\d+)h1", code.locator("path").get_attribute("d")):
        rows[int(row) - 4][int(column) - 4] = 1
    return decode(rows)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("scale=99", "no scale “99”"),
        ("scale=", "no scale “"),
        ("signal=Mars", "no signal “Mars”"),
        ("speed=3", "no control is called “speed”"),
        ("__proto__=3", "no control is called “__proto__”"),
        ("signal=%E0%A4%A", "is no text of an address"),
        ("scale=2&energy_shift.nonlinearity=cube", "no nonlinearity “cube”"),
    ],
)
def test_a_damaged_link_says_so_and_shows_the_default(visit, damaged_page, damage, words):
    explorer = visit(f"{damaged_page}#energy_shift.{damage}").explorer()
    assert words in explorer.root.locator(".st-note").inner_text()
    assert (explorer.data["scale"], explorer.data["nonlinearity"]) == ("2", "modulus")
    explorer.set_scale(1)  # and it is alive


@pytest.fixture(scope="module")
def damaged_page(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("link"), [st.explore.energy_shift(L=16)]).as_uri()
