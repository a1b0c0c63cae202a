"""The explorer of wavelets in Chromium: windows, numbers and controls against Python."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from module import from_text, load_module, pairs, to_text
from static_page import embedded_state, write_page
from strategies import relative

import sphere_toolkit as st

pytestmark = pytest.mark.browser

BANKS = [(128, 2.0, 0), (128, 1.2, 0), (128, 4.0, 2), (64, 2**0.5, 5), (100, 3.0, 5), (2, 2.0, 1)]


@pytest.fixture(scope="module")
def widget():
    return st.explore.wavelets()


@pytest.fixture
def explorer(visit, tmp_path, widget):
    return visit(write_page(tmp_path, [widget]).as_uri()).explorer()


def control(explorer, label):
    return explorer.root.get_by_label(label, exact=True)


def move(slider, value):
    slider.evaluate(
        "(slider, v) => { slider.value = v;"
        " slider.dispatchEvent(new Event('input', {bubbles: true})); }",
        value,
    )


def windows_of(bank):
    return [bank.scaling, *(bank.window(j) for j in bank)]


@pytest.fixture
def engine(visit, tmp_path):
    return load_module(visit, tmp_path, "_wavelets/view.js", "generatingFunction", "Wavelets")


def test_windows_equal_python(engine):
    """The quadrature in the page, to the last digits; the bank is used again and again."""
    found = engine(
        """let core, before; return argument.map(([L, lam, J_min]) => {
          if (L !== before) core = new engine.Wavelets(L, 1.2).windows;
          before = L;
          core.update(lam, J_min);
          return [core.J, core.windows.map((w) => Array.from(w)),
                  core.scales.map((j) => core.band(j)), core.tightness]; });""",
        BANKS,
    )
    for (L, lam, J_min), (J, windows, bands, tightness) in zip(BANKS, found, strict=True):
        bank = st.WaveletBank(L, J_min, lam)
        assert bank.J == J
        expected = np.array(windows_of(bank))
        np.testing.assert_allclose(np.square(windows), expected**2, rtol=0, atol=1e-12)
        # A root magnifies what is wrong of almost nothing; relative to itself it is right too.
        large = expected > 1e-6
        np.testing.assert_allclose(np.array(windows)[large], expected[large], rtol=1e-10)
        assert tightness < 1e-15
        for window, (first, end) in zip(expected, bands, strict=True):
            assert not window[:first].any()
            assert not window[end:].any()


def test_the_generating_function_equals_python(engine):
    from sphere_toolkit.wavelets.windows import generating_function

    t = np.linspace(0, 1.3, 131)
    for lam in (1.2, 2.0, 4.0):
        found = engine(
            "const [t, lam] = argument; return t.map((x) => engine.generatingFunction(x, lam));",
            [t.tolist(), lam],
        )
        np.testing.assert_allclose(
            np.transpose(found), generating_function(t, lam), rtol=1e-9, atol=1e-13
        )


def test_wavelet_and_coefficients_equal_python(engine):
    grid = st.Grid.gauss_legendre(256)
    alm = st.signals.band_limited_noise(100, 4)
    alm /= np.sqrt(st.energy(alm))
    bank = st.WaveletBank(100, J_min=3, lam=1.7)
    zonal = np.zeros(alm.size, complex)
    for scale in (None, 5, bank.J):
        found = engine(
            """const [alm, scale] = argument, core = new engine.Wavelets(100, 1.2);
            core.bank(1.7, 3, floats(alm)); core.shape(scale); core.look(floats(alm), scale);
            return [text(core.wavelet), text(core.samples)];""",
            [to_text(pairs(alm)), scale],
        )
        window = bank.scaling if scale is None else bank.window(scale)
        zonal[:100] = np.sqrt((2 * np.arange(100) + 1) / (4 * np.pi)) * window
        seen = alm * window[st.degrees(100)]
        for text, expected in zip(found, (zonal, seen), strict=True):
            assert relative(from_text(text), st.inverse(expected, grid).ravel()) < 1e-5


def agrees(explorer, widget, name="Earth's relief"):
    """Whether all numbers are those of Python at what the page says is chosen."""
    data = explorer.data
    assert data["signal"] == name
    bank = st.WaveletBank(128, int(data["jMin"]), float(data["lam"]))
    scale = None if data["scale"] == "scaling" else int(data["scale"])
    expected = st.explore.energy_by_scale(widget._alm[name], bank)
    found = json.loads(data["energies"])
    np.testing.assert_allclose(found, list(expected.values()), rtol=0, atol=1e-5)
    assert float(data["share"]) == pytest.approx(expected[scale], abs=1e-5)
    assert float(data["total"]) == pytest.approx(1, abs=1e-12)
    assert float(data["tightness"]) < 1e-15
    spread = st.explore.angular_spread(bank, scale)
    assert float(data["spread"]) == pytest.approx(spread, rel=1e-5, nan_ok=True)
    return scale


def test_scale_and_signal_are_chosen_and_numbers_equal_python(explorer, widget):
    start = explorer.picture()
    slider = control(explorer, "Scale j")
    seen = {start}
    for position in (7, 2, 1):
        move(slider, position)
        explorer.wait_for(scale="scaling" if position == 1 else position)
        agrees(explorer, widget)
        seen.add(explorer.picture())
    assert slider.get_attribute("aria-valuetext") == "Φ, degrees 0 to 3"
    slider.press("ArrowRight")
    explorer.wait_for(scale=2)
    for name in widget.names[1:]:
        explorer.choose(name)
        agrees(explorer, widget, name)
        seen.add(explorer.picture())
    assert len(seen) == 7
    explorer.choose("Earth's relief")
    # A click on a window chooses it.
    labels = explorer.root.locator(".st-window-labels text")
    labels.get_by_text("4", exact=True).click()
    explorer.wait_for(scale=4)
    assert explorer.picture() == start
    assert "together 100.0\u00a0%" in explorer.root.inner_text()
    assert "the wavelet of scale 4 is filled: degrees 9 to 31" in explorer.root.locator(
        ".st-overview svg"
    ).get_attribute("aria-label")


def test_dilation_and_coarsest_scale_are_dragged_without_a_kernel(explorer, widget):
    start = explorer.picture()
    dilation, coarsest = control(explorer, "Dilation λ"), control(explorer, "Coarsest scale J_min")
    pictures = {start}
    # The wavelet stays near degree 16, whatever the dilation on the way.
    for lam, scale in ((1.2, 15), (3.0, 3), (4.0, 2), (1.4, 8)):
        move(dilation, lam)
        explorer.wait_for(lam=f"{lam:g}")
        assert agrees(explorer, widget) == scale
        pictures.add(explorer.picture())
    move(dilation, 2)
    explorer.wait_for(lam="2")
    assert agrees(explorer, widget) == 4
    assert explorer.picture() == start
    for position, scale in ((7, 7), (0, 4), (5, 5)):
        move(coarsest, position)
        explorer.wait_for(jMin=position)
        assert agrees(explorer, widget) == scale
        pictures.add(explorer.picture())
    assert len(pictures) == 8
    box = dilation.bounding_box()
    mouse, middle = explorer.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + 8 + (box["width"] - 16) * 0.8 / 2.8, middle)
    mouse.down()
    mouse.move(box["x"], middle, steps=8)
    mouse.up()
    explorer.wait_for(lam="1.2")
    move(coarsest, 0)
    move(control(explorer, "Scale j"), 2)
    explorer.wait_for(scale=2)
    agrees(explorer, widget)
    assert "No degree lies in its band" in explorer.root.inner_text()


def test_the_wavelet_turns_and_pages_may_be_dark_or_small(visit, tmp_path, widget):
    tiny = st.explore.wavelets(st.signals.harmonic(2, 1, 0), unit="K")
    page = write_page(tmp_path, [widget, tiny], theme="dark").as_uri()
    opened = visit(page, viewport={"width": 360, "height": 700}, device_scale_factor=2)
    opened.explorer(1)
    explorer = opened.explorer()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
    pictures = [explorer.picture()]

    def changes(action):
        before = explorer.draws
        action()
        explorer.wait_for_draw(before)
        pictures.append(explorer.picture())

    globe = explorer.root.locator(".st-globe")
    assert "wavelet of scale 4 around the pole" in globe.get_attribute("aria-label")
    changes(lambda: globe.press("ArrowDown"))
    changes(explorer.root.get_by_role("button", name="Show globes").click)
    changes(lambda: opened.page.evaluate("document.documentElement.dataset.theme = 'light'"))
    assert len(set(pictures)) == 4


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [("lam", 0.5, "no dilation “0.5”"), ("J_min", 8, "no J_min “8”"), ("scale", 1, "no scale “1”")],
)
def test_damaged_state_shows_a_message(visit, tmp_path, widget, trait, value, words):
    state = copy.deepcopy(embedded_state(widget))
    state[widget.model_id]["state"][trait] = value
    page = visit(write_page(tmp_path, [widget], state=state).as_uri()).page
    assert words in page.inner_text(".st-error")
    assert page.locator("canvas").count() == 0
