"""The explorer of a trained network in Chromium: the page computes what Python computes."""

from __future__ import annotations

import base64
from functools import partial

import numpy as np
import pytest
from driving import PHONE
from scipy.spatial.transform import Rotation

import sphere_toolkit as st

pytestmark = pytest.mark.browser

# Both sides compute in single precision. Measured over all digits: 4.4e-7 and 7e-6.
ERRORS, LOGITS = 2e-6, 5e-5


@pytest.fixture(scope="module")
def widget():
    return st.explore.network()


def numbers(explorer, name):
    return np.array([float(x) for x in explorer.data[name].split(",")])


def globe(explorer, which):
    """What a globe shows, as an array of red, green and blue over rows and columns."""
    side, data = (
        explorer.root.locator("canvas.st-pixels")
        .nth(which)
        .evaluate(
            """c => {
          const { data } = c.getContext("2d").getImageData(0, 0, c.width, c.height);
          const blob = new Blob([data]), reader = new FileReader();
          reader.readAsDataURL(blob);
          return new Promise((done) => { reader.onload = () => done([c.width, reader.result]); });
        }"""
        )
    )
    pixels = np.frombuffer(base64.b64decode(data.partition(",")[2]), np.uint8)
    return pixels.reshape(side, side, 4)[..., :3].astype(float)


def test_every_number_equals_python(show, widget):
    explorer = show(widget).explorer()
    for digit in ("3", "0", "7"):
        explorer.menu.select_option(digit)
        for oversampling in (1, 2, 4):
            explorer.press(f"{oversampling}")
            explorer.wait_for(signal=digit, oversampling=oversampling)
            widget.signal, widget.oversampling = digit, oversampling
            layers, moved = widget.errors()
            np.testing.assert_allclose(numbers(explorer, "errors"), layers, atol=ERRORS)
            assert float(explorer.data["moved"]) == pytest.approx(moved, abs=ERRORS)
            for name, rotated in (("logits", True), ("upright", False)):
                expected = widget.logits(rotated)
                np.testing.assert_allclose(numbers(explorer, name), expected, atol=LOGITS)
            assert f"{digit} (" in explorer.root.locator(".st-number").first.inner_text()
    widget.signal, widget.oversampling = "3", 2


def test_logits_stand_still_on_fine_grids_and_move_on_coarse_ones(show, widget):
    explorer = show(widget).explorer()
    most = {}
    for oversampling in (1, 2, 4):
        explorer.press(f"{oversampling}")
        moves = []
        for beta in range(10, 180, 17):
            explorer.move(explorer.slider.nth(1), beta)
            explorer.wait_for(angles=f"70,{beta},0", oversampling=oversampling)
            logits = numbers(explorer, "logits")
            assert logits.argmax() == numbers(explorer, "upright").argmax() == 3
            moves.append(float(explorer.data["moved"]))
        most[oversampling] = max(moves)
    explorer.move(explorer.slider.nth(1), 180)  # out of sight
    explorer.wait_for(angles="70,180,0")
    assert explorer.root.locator(".st-empty:visible").all_inner_texts() == [
        "It lies on the far side: turn the globe."
    ]
    assert most[4] < 0.01
    assert most[2] < 0.05
    assert most[1] > 3 * most[4]


def test_layers_turn_as_the_digit_does(show, widget):
    """A half turn about the pole, which stands in the middle of every globe."""
    explorer = show(widget).explorer()
    assert explorer.root.locator("canvas.st-pixels").count() == 13
    for beta, alpha in ((0, 0), (0, 180)):
        for slider, angle in enumerate((alpha, beta)):
            explorer.move(explorer.slider.nth(slider), angle)
        explorer.wait_for(angles=f"{alpha},{beta},0")
        if alpha == 0:
            before = [globe(explorer, which) for which in range(13)]
    for which, seen in enumerate(before):
        turned = globe(explorer, which)[::-1, ::-1]
        spread = np.abs(seen - seen.mean(axis=(0, 1))).mean()
        assert np.abs(turned - seen).mean() < 0.1 * spread
        assert np.abs(turned[::-1, ::-1] - seen).mean() > 0.3 * spread
    assert "carries the grids into themselves" in explorer.root.inner_text()


def test_globes_sliders_and_keys_rotate(show, widget):
    explorer = show(widget, served=True).explorer()
    start = explorer.picture()
    slider = explorer.slider.nth(1)
    assert explorer.step(slider, "ArrowRight", angles="70,26,0") != start
    assert explorer.step(slider, "ArrowLeft", angles="70,25,0") == start

    globes = explorer.root.locator(".st-sphere")
    assert globes.evaluate_all("all => all.map((one) => one.tabIndex)") == [0] + 12 * [-1]
    labels = globes.evaluate_all("all => all.map((one) => one.ariaLabel)")
    assert labels[0].startswith("Globe, turned by arrow keys, of the rotated digit")
    assert labels[6].startswith("Globe of layer 2, channel 2. Colours from −")
    assert len(set(labels)) == 13
    globes.nth(0).focus()
    explorer.redrawn(lambda: globes.nth(0).press("ArrowRight"))
    # Seen from above with longitude 0 at the bottom, up in the picture is against the axis x.
    expected = Rotation.from_rotvec([-5, 0, 0], degrees=True) * widget.rotation
    found = Rotation.from_euler("ZYZ", numbers(explorer, "angles"), degrees=True)
    assert (found.inv() * expected).magnitude() < np.deg2rad(1.5)  # rounded to whole degrees
    globes.nth(0).press("ArrowLeft")
    explorer.wait_for(angles="70,25,0")
    bars = explorer.root.locator(".st-logit-rows")
    assert f"3: {widget.logits()[3]:.1f} (10.2)" in bars.get_attribute("aria-label")

    for which in (0, 7):  # the digit, and a channel of the second layer
        angles = explorer.data["angles"]
        explorer.redrawn(partial(explorer.drag, globes.nth(which), 1 / 4, -1 / 8))
        assert explorer.data["angles"] != angles
    assert numbers(explorer, "logits").argmax() == 3


def test_a_wrong_verdict_is_said(show, widget):
    """The network is damaged on purpose: its last bias always speaks for the 8."""
    head = np.frombuffer(widget.head, "<f4").copy()
    head[-2] += 1000
    before, widget.head = widget.head, head.tobytes()
    explorer = show(widget).explorer()
    widget.head = before
    assert "says 8 (100.0\u00a0%), as of the upright digit; it is a 3." in (
        explorer.root.locator(".st-result").inner_text()
    )


def test_a_phone_and_the_dark(show, widget):
    visited = show(widget, theme="dark", **PHONE)
    explorer = visited.explorer()
    assert visited.page.evaluate("document.documentElement.scrollWidth") <= 360
    digit, logits, layer = (
        explorer.root.locator(name).first.bounding_box()
        for name in (".st-sphere", ".st-logit-rows", ".st-layers")
    )
    assert digit["x"] + digit["width"] <= logits["x"]
    assert layer["y"] > max(one["y"] + one["height"] for one in (digit, logits))
    assert explorer.map_colour(0.5, 0.02)[0] > 200  # zero, on a dark page as on a light one
