"""The explorer of equivariance in Chromium."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from static_page import embedded_state, write_page

import sphere_toolkit as st

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return st.explore.equivariance()


def press(explorer, text):
    """Choose a radio button."""
    explorer.root.locator(".st-choices label", has_text=text).click()


def test_every_number_equals_python(visit, tmp_path, widget):
    explorer = visit(write_page(tmp_path, [widget]).as_uri()).explorer()
    assert "5.5\u00a0%" in explorer.root.inner_text()
    signals, paths = explorer.menu.nth(0), explorer.menu.nth(1)
    twin = st.explore.equivariance()
    for name in widget.names:
        signals.select_option(name)
        for path in ([6], [5, 4]):
            paths.select_option(f"({', '.join(map(str, path))})")
            for rho in ("modulus", "square", "relu", "envelope"):
                press(explorer, rho)
                for oversampling in (1, 2):
                    press(explorer, f"{oversampling}")
                    explorer.wait_for(
                        signal=name,
                        path=",".join(map(str, path)),
                        nonlinearity=rho,
                        oversampling=oversampling,
                    )
                    twin.signal, twin.path = name, path
                    twin.nonlinearity, twin.oversampling = rho, oversampling
                    expected = twin.error()
                    assert float(explorer.data["error"]) == pytest.approx(expected, abs=1e-5)
                    if (rho, oversampling) == ("square", 2):
                        assert "exact" in explorer.root.inner_text()


def test_globes_sliders_and_keys_rotate(visit, site, tmp_path, widget):
    explorer = visit(f"{site}/{write_page(tmp_path, [widget]).name}").explorer()
    start = explorer.picture()
    explorer.slider.nth(1).focus()
    explorer.slider.nth(1).press("ArrowRight")
    explorer.wait_for(angles="30,51,20")
    turned = float(explorer.data["error"])
    assert explorer.picture() != start
    widget.angles = (30, 51, 20)
    assert turned == pytest.approx(widget.error(), abs=1e-5)
    widget.angles = (30, 50, 20)
    explorer.slider.nth(1).press("ArrowLeft")
    explorer.wait_for(angles="30,50,20")
    assert explorer.picture() == start

    globe = explorer.root.locator(".st-sphere").nth(0)
    globe.focus()
    before = explorer.draws
    globe.press("ArrowRight")
    explorer.wait_for_draw(before)
    # To the right: about the axis that points up in the picture, 20 degrees off the pole.
    up = np.array([-np.sin(0.35), 0, np.cos(0.35)])
    expected = Rotation.from_rotvec(np.deg2rad(5) * up) * widget.rotation
    found = [float(angle) for angle in explorer.data["angles"].split(",")]
    difference = Rotation.from_euler("ZYZ", found, degrees=True).inv() * expected
    assert np.rad2deg(difference.magnitude()) < 1.5  # the page rounds to whole degrees
    globe.press("ArrowLeft")
    explorer.wait_for(angles="30,50,20")

    box = explorer.root.locator(".st-sphere").nth(2).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    explorer.page.mouse.move(x, y)
    explorer.page.mouse.down()
    explorer.page.mouse.move(x + box["width"] / 4, y - box["height"] / 8, steps=5)
    explorer.page.mouse.up()
    explorer.wait_for_draw(before + 2)
    assert explorer.data["angles"] != "30,50,20"
    assert explorer.picture() != start


def test_both_orders_agree_where_theory_says_so(visit, tmp_path):
    widget = st.explore.equivariance(nonlinearity="square", oversampling=2)
    explorer = visit(write_page(tmp_path, [widget], theme="dark").as_uri()).explorer()
    colour = (
        explorer.root.locator("canvas.st-pixels")
        .nth(3)
        .evaluate(
            """c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        const seen = new Set(); for (let k = 0; k < d.length; k += 4) seen.add(d[k]);
        return seen.size; }"""
        )
    )
    assert colour <= 2  # a blank picture: zero, on either side of it
    maps = [explorer.map_colour(0.4, 0.6, which) for which in (1, 2)]
    assert maps[0] == maps[1]
    assert "band-limit 2B − 1" in explorer.root.inner_text()
    press(explorer, "modulus")
    explorer.wait_for(nonlinearity="modulus")
    assert float(explorer.data["error"]) > 1e-3
    for slider, angle in enumerate((45, 0, 0)):
        explorer.slider.nth(slider).evaluate(
            "(slider, angle) => { slider.value = angle;"
            " slider.dispatchEvent(new Event('input', {bubbles: true})); }",
            angle,
        )
    explorer.wait_for(angles="45,0,0")
    assert float(explorer.data["error"]) < 2e-6
    assert "carries the grid into itself" in explorer.root.inner_text()


def test_a_phone_and_a_lost_path(visit, tmp_path, widget):
    page = write_page(tmp_path, [widget]).as_uri()
    visited = visit(page, viewport={"width": 360, "height": 700}, device_scale_factor=2)
    visited.explorer()
    assert visited.page.evaluate("document.documentElement.scrollWidth") <= 360
    state = embedded_state(widget)
    state[widget.model_id]["state"]["path"] = [9]
    page = visit(write_page(tmp_path, [widget], state=state, name="damaged.html").as_uri())
    page.page.wait_for_selector(".st-error")
    assert "no path “9”" in page.page.inner_text(".st-error")
    empty = st.explore.equivariance(st.signals.harmonic(32, 2, 1), J_min=3, path=(5,))
    explorer = visit(write_page(tmp_path, [empty], name="empty.html").as_uri()).explorer()
    assert "nothing on this path" in explorer.root.inner_text()
