"""Rotation in the page, and the explorer of equivariance, in Chromium."""

from __future__ import annotations

import numpy as np
import pytest
from module import from_text, load_module, pairs, to_text
from scipy.spatial.transform import Rotation
from static_page import embedded_state, write_page
from strategies import relative

import sphere_toolkit as st

pytestmark = pytest.mark.browser


@pytest.fixture
def engine(visit, tmp_path):
    names = ("Rotator", "eulerFromMatrix", "matrixFromAxis", "matrixFromEuler", "multiply")
    return load_module(visit, tmp_path, "_equivariance/view.js", *names)


def test_rotations_equal_python(engine):
    for L in (1, 8, 32, 100, 128):
        alm = pairs(st.signals.band_limited_noise(L, L)).view(np.complex64).astype(complex)
        angles = Rotation.random(4, random_state=L).as_euler("ZYZ").tolist()
        angles += [[0, 0, 0], [1, np.pi, 0.3], [0.2, 0, 3], [-3, np.pi / 2, 5]]
        found = engine(
            """const [L, alm, angles] = argument, rotator = new engine.Rotator(L);
            return angles.map((turn) => {
              const out = floats(alm); // in place
              rotator.rotate(out, ...turn, out);
              return text(out); });""",
            [L, to_text(pairs(alm)), angles],
        )
        for turn, one in zip(angles, found, strict=True):
            flat = from_text(one)
            expected = st.rotate(alm, Rotation.from_euler("ZYZ", turn))
            assert relative(flat[::2] + 1j * flat[1::2], expected) < 1e-6


def test_matrices_and_angles_equal_scipy(engine):
    angles = [
        *Rotation.random(5, random_state=0).as_euler("ZYZ").tolist(),
        [0.4, 0, 0.3],
        [1, 0, 0],
    ]
    for turn in angles:
        expected = Rotation.from_euler("ZYZ", turn).as_matrix()
        found = engine("return engine.matrixFromEuler(...argument);", turn)
        np.testing.assert_allclose(np.reshape(found, (3, 3)), expected, atol=1e-12)
        again = engine("return engine.eulerFromMatrix(argument);", found)
        np.testing.assert_allclose(
            Rotation.from_euler("ZYZ", again).as_matrix(), expected, atol=1e-9
        )
    a, b = Rotation.random(2, random_state=1)
    product = engine(
        """const [axis, angle, b] = argument;
        return engine.multiply(engine.matrixFromAxis(axis, angle), b);""",
        [(a.as_rotvec() / a.magnitude()).tolist(), a.magnitude(), b.as_matrix().ravel().tolist()],
    )
    np.testing.assert_allclose(np.reshape(product, (3, 3)), (a * b).as_matrix(), atol=1e-12)


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
    for name in widget.names:
        signals.select_option(name)
        for path in ([6], [5, 4]):
            paths.select_option(f"({', '.join(map(str, path))})")
            for rho in ("modulus", "square", "ReLU"):
                press(explorer, rho)
                for oversampling in (1, 2):
                    press(explorer, f"{oversampling}")
                    explorer.wait_for(
                        signal=name,
                        path=",".join(map(str, path)),
                        nonlinearity=rho,
                        oversampling=oversampling,
                    )
                    expected = st.explore.path_equivariance_error(
                        widget._alm[name],
                        widget.bank,
                        path,
                        widget.rotation,
                        nonlinearity=rho,
                        oversampling=oversampling,
                    )
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
