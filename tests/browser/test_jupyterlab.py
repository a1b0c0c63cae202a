"""The explorer in a live JupyterLab, from both sides: the page and the kernel."""

from __future__ import annotations

import pytest
from driving import Explorer
from lab import ask, jupyter_lab, wait_for_idle

import sphere_toolkit as st

pytestmark = pytest.mark.browser

_CELLS = [
    "import sphere_toolkit as st",
    "explorer = st.explore.energy_shift()\nexplorer",
]


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """A server; asked for after the browser, so that nothing starts where there is none."""
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def notebook(lab, browser):
    """A page with the notebook run, the explorer in it, and a client of its kernel."""
    lab.write_notebook("explore.ipynb", _CELLS)
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.set_default_timeout(90_000)  # a cold JupyterLab on a busy machine
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(lab.url("explore.ipynb"))
    lab.run_all(page)
    page.wait_for_selector(".st-explorer[data-draws]", timeout=90_000)
    kernel = lab.kernel()
    yield Explorer(page.locator(".st-explorer").first), kernel
    kernel.stop_channels()
    page.context.close()
    lab.stop_kernels()
    assert errors == []


def wait_for_kernel(kernel, page, expression, expected):
    """The page's message travels through the server: give it some time to arrive."""
    for _ in range(50):
        found = ask(kernel, f"print({expression})")
        if found == expected:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{expression} is {found} in the kernel, expected {expected}")


def test_page_and_kernel_agree(notebook):
    explorer, kernel = notebook
    page = explorer.page
    alm = st.signals.earth_relief(128)
    assert explorer.data["scale"] == "5"
    start = explorer.picture()

    # In command mode the notebook has shortcuts on the arrow keys: they are not meant here.
    wait_for_idle(page)
    page.locator(".jp-Notebook.jp-mod-commandMode").wait_for()
    explorer.slider.focus()
    explorer.slider.press("ArrowLeft")
    explorer.wait_for(scale=4)
    wait_for_kernel(kernel, page, "explorer.scale", "4")
    shown = float(explorer.data["after"])
    assert shown == pytest.approx(
        st.explore.energy_fraction_below(alm, st.WaveletBank(128), 4)[1], abs=1e-5
    )
    assert shown == pytest.approx(
        float(ask(kernel, "print(explorer.energy_fraction_below()[1])")), abs=1e-5
    )

    explorer.choose("A ring")
    wait_for_kernel(kernel, page, "explorer.signal", "A ring")

    ask(kernel, 'explorer.scale, explorer.signal = 5, "Earth\'s relief"')
    explorer.wait_for(scale=5, signal="Earth's relief")
    assert explorer.slider.input_value() == "5"
    assert explorer.menu.input_value() == "Earth's relief"
    assert explorer.picture() == start

    refusal = ask(
        kernel, "try:\n    explorer.scale = 99\nexcept ValueError as error:\n    print(error)"
    )
    assert "scale must be one of" in refusal
    wait_for_idle(page)


def test_dark_theme_and_a_second_view(notebook):
    explorer, kernel = notebook
    page = explorer.page
    light = explorer.picture()
    before = explorer.draws
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    explorer.wait_for_draw(before)
    assert explorer.picture() != light
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    explorer.wait_for_draw(before + 1)
    assert explorer.picture() == light

    # "New view for output" shows the same model again, in a panel of another width.
    explorer.root.click(button="right", position={"x": 5, "y": 5})
    page.get_by_text("Create New View for Cell Output").click()
    page.wait_for_function("document.querySelectorAll('.st-explorer[data-draws]').length === 2")
    second = Explorer(page.locator(".st-explorer").nth(1))
    ask(kernel, "explorer.scale = 2")
    explorer.wait_for(scale=2)
    second.wait_for(scale=2)
