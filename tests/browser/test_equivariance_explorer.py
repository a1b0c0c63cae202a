"""The explorer of equivariance in Chromium."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from driving import PHONE
from scipy.spatial.transform import Rotation

import sphere_toolkit as st

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return st.explore.equivariance()


def test_every_number_equals_python(show):
    twin = st.explore.equivariance(L=32)
    explorer = show(twin).explorer()
    signals, paths = explorer.menu.nth(0), explorer.menu.nth(1)
    # Each nonlinearity on both paths and with both oversamplings, and with every signal.
    chosen = itertools.product(([5], [4, 3]), (1, 2))
    for name, (path, oversampling) in zip(twin.names, chosen, strict=True):
        signals.select_option(name)
        paths.select_option(f"({', '.join(map(str, path))})")
        explorer.press(f"{oversampling}")
        for rho in twin.controls["nonlinearity"]["options"]:
            explorer.press("local RMS" if rho == "rms" else rho)
            explorer.wait_for(
                signal=name,
                path=",".join(map(str, path)),
                nonlinearity=rho,
                oversampling=oversampling,
            )
            twin.signal, twin.path = name, path
            twin.nonlinearity, twin.oversampling = rho, oversampling
            assert float(explorer.data["error"]) == pytest.approx(twin.error(), abs=1e-5)
            if (rho, oversampling) == ("square", 2):
                assert "exact" in explorer.root.inner_text()
            if rho == "rms":
                assert "the root hardly aliases" in explorer.root.inner_text()


def test_globes_sliders_and_keys_rotate(show, widget):
    explorer = show(widget, served=True).explorer()
    assert "5.5\u00a0%" in explorer.root.inner_text()
    assert float(explorer.data["error"]) == pytest.approx(widget.error(), abs=1e-5)
    start = explorer.picture()
    slider = explorer.slider.nth(1)
    assert explorer.step(slider, "ArrowRight", angles="30,51,20") != start
    turned = float(explorer.data["error"])
    widget.angles = (30, 51, 20)
    assert turned == pytest.approx(widget.error(), abs=1e-5)
    widget.angles = (30, 50, 20)
    assert explorer.step(slider, "ArrowLeft", angles="30,50,20") == start

    # The small sphere lights the arc of the angle, and its pole is where the rotation carries it.
    arcs = explorer.root.locator(".st-euler .st-now[data-angle]")
    assert set(arcs.evaluate_all("all => all.map((one) => one.dataset.angle)")) == {"beta"}
    arrow = explorer.root.locator(".st-euler .st-arrow").get_attribute("d")
    x, y = map(float, arrow[1:].split("L")[0].split())
    look = Rotation.from_euler("zy", [-0.6, 0.45])  # its middle is longitude 0.6, latitude 0.45
    _, right, up = 46 * look.apply(widget.rotation.apply([0, 0, 1]))
    assert [x, -y] == pytest.approx([right, up], abs=0.06)
    globe = explorer.root.locator(".st-sphere").nth(0)
    globe.focus()
    explorer.redrawn(lambda: globe.press("ArrowRight"))
    # To the right: about the axis that points up in the picture, 20 degrees off the pole.
    up = np.array([-np.sin(0.35), 0, np.cos(0.35)])
    expected = Rotation.from_rotvec(np.deg2rad(5) * up) * widget.rotation
    found = [float(angle) for angle in explorer.data["angles"].split(",")]
    difference = Rotation.from_euler("ZYZ", found, degrees=True).inv() * expected
    assert np.rad2deg(difference.magnitude()) < 1.5  # the page rounds to whole degrees
    globe.press("ArrowLeft")
    explorer.wait_for(angles="30,50,20")

    third = explorer.root.locator(".st-sphere").nth(2)
    assert explorer.redrawn(lambda: explorer.drag(third, 1 / 4, -1 / 8)) != start
    assert explorer.data["angles"] != "30,50,20"


def test_both_orders_agree_where_theory_says_so(show):
    widget = st.explore.equivariance(nonlinearity="square", oversampling=2)
    explorer = show(widget, theme="dark").explorer()
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
    assert explorer.root.locator(".st-empty:visible").all_inner_texts() == [
        "Nothing is large enough for these colours."
    ]
    explorer.press("modulus")
    explorer.wait_for(nonlinearity="modulus")
    assert float(explorer.data["error"]) > 1e-3
    for slider, angle in enumerate((45, 0, 0)):
        explorer.move(explorer.slider.nth(slider), angle)
    explorer.wait_for(angles="45,0,0")
    assert float(explorer.data["error"]) < 2e-6
    assert "carries the grid into itself" in explorer.root.inner_text()


def test_a_phone_and_an_empty_path(show, widget):
    visited = show(widget, **PHONE)
    visited.explorer()
    assert visited.page.evaluate("document.documentElement.scrollWidth") <= 360
    empty = st.explore.equivariance(st.signals.harmonic(32, 2, 1), J_min=3, path=(5,))
    shown = show(empty).explorer().root
    assert "nothing on this path" in shown.locator(".st-result").inner_text()
    # The difference of nothing and nothing.
    assert shown.locator(".st-empty:visible").count() == 3
