"""The explorers in a live JupyterLab, from both sides: the page and the kernel."""

from __future__ import annotations

import pytest
from commands import ROOT
from driving import Explorer
from lab import ask, jupyter_lab, wait_for_idle
from nbformat.v4 import new_markdown_cell

import sphere_toolkit as st

pytestmark = pytest.mark.browser


SKY = ROOT / "notebooks" / "data" / "wmap_w_whole.fits"

_ANSWER = "<details><summary>Show the answer</summary>\n\nA *third*.\n\n</details>"

# Per explorer: the trait, what the page calls it, its value after one step of the control, the
# value that Python sets then, and one of the page's numbers with its counterpart in Python.
_AT_NODE = "energy_by_path().arriving[one.transform.paths.index(one.path)]"
_EVERY = [
    ("sampling", "degree", "degree", 13, 9, "share", "share()"),
    ("harmonics", "band_limit", "bandLimit", 17, 9, "residual", "residual_energy()"),
    ("wavelets", "scale", "scale", 3, 5, "share", "energy_by_scale()[one.scale]"),
    ("energy_shift", "scale", "scale", 4, 2, "after", "energy_fraction_below()[1]"),
    ("scattering_tree", "path", "path", (4,), (5, 4), "arriving", _AT_NODE),
    ("equivariance", "angles", "angles", (31, 50, 20), (60, 10, 0), "error", "error()"),
    ("network", "angles", "angles", (71, 25, 0), (60, 10, 0), "moved", "errors().logits"),
    ("stability", "size", "size", 0.052, 0.1, "scatteringDistance", "distances().scattering"),
]
_OPTIONS = {"network": "", "sampling": ""}  # their band-limits have values of their own

_CELLS = {
    "import": "import sphere_toolkit as st",
    "explorer": "explorer = st.explore.energy_shift()\nexplorer",
    "asked": "asked = st.explore.predict('How much?', 0.3)\nasked",
    "answer": new_markdown_cell(_ANSWER),
    "output": "print('a' + ' table')",
    "text": new_markdown_cell("As the table shows."),
    "heading": new_markdown_cell("## Another section"),
    "other": "st.explore.check('Which?', 'a', choices=['a', 'b'])",
    **{
        name: f"{name} = st.explore.{name}({_OPTIONS.get(name, 'L=32')})\n{name}"
        for name, *_ in _EVERY
    },
}
"""One notebook for all that is looked at: opening one takes seconds."""


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    """A page with the notebook, run, and a client of its kernel."""
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as lab:
        lab.write_notebook("explore.ipynb", list(_CELLS.values()))
        page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
        page.set_default_timeout(90_000)  # a cold JupyterLab on a busy machine
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(lab.url("explore.ipynb"))
        lab.run_all(page)
        page.wait_for_function(
            "n => document.querySelectorAll('.st-explorer[data-draws]').length === n",
            arg=len(_EVERY) + 1,
        )
        kernel = lab.kernel()
        yield page, kernel
        kernel.stop_channels()
        page.context.close()
        assert errors == []


def cell(page, name):
    return page.locator(".jp-Notebook .jp-Cell").nth(list(_CELLS).index(name))


def explorer_of(page, name):
    return Explorer(cell(page, name).locator(".st-explorer"))


def wait_for_kernel(kernel, page, expression, expected):
    """The page's message travels through the server: give it some time to arrive."""
    for _ in range(50):
        found = ask(kernel, f"print({expression})")
        if found == expected:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{expression} is {found} in the kernel, expected {expected}")


def test_page_and_kernel_agree(notebook):
    page, kernel = notebook
    explorer = explorer_of(page, "explorer")
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
        st.scattering.energy_fraction_below(alm, st.WaveletBank(128), 4)[1], abs=1e-5
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


def test_a_file_of_the_readers_stays_in_the_page(notebook):
    """The kernel keeps its own choice of a signal, and may choose another one."""
    page, kernel = notebook
    explorer = explorer_of(page, "explorer")
    explorer.root.locator("input[type=file]").set_input_files(SKY)
    explorer.wait_for(signal=SKY.name)
    assert "Python does not know it" in explorer.root.inner_text()
    explorer.set_scale(3)
    wait_for_kernel(kernel, page, "explorer.scale", "3")
    assert explorer.data["signal"] == SKY.name
    assert ask(kernel, "print(explorer.signal)") == "Earth's relief"
    ask(kernel, "explorer.signal = 'A ring'")
    explorer.wait_for(signal="A ring")
    explorer.choose(SKY.name)
    explorer.choose("Earth's relief")
    wait_for_kernel(kernel, page, "explorer.signal", "Earth's relief")


def test_a_prediction_hides_cells_up_to_the_next_heading(notebook):
    """And what is said to a question stays in the page."""
    page, kernel = notebook
    question, other = (cell(page, name).locator(".st-asked") for name in ("asked", "other"))
    waits = [cell(page, name).locator("p, pre").last for name in ("answer", "output", "text")]
    question.wait_for()
    other.wait_for()
    page.wait_for_function("document.querySelectorAll('[data-st-waits]').length === 3")
    assert [one.is_visible() for one in waits] == [False, False, False]
    assert page.get_by_role("heading", name="Another section").is_visible()
    wait_for_idle(page)
    question.get_by_role("textbox").fill("1/4")
    question.get_by_role("textbox").press("Enter")
    assert question.locator(".st-verdict").inner_text() == "You said 0.25. It is 0.3."
    assert [one.is_visible() for one in waits] == [True, True, True]
    assert ask(kernel, "print(asked.given)") == "None"
    other.get_by_role("radio", name="b").press("Space")
    other.get_by_role("button", name="Check").press("Enter")
    assert other.locator(".st-verdict").inner_text().startswith("Not yet.")


@pytest.mark.parametrize("case", _EVERY, ids=lambda case: case[0])
def test_every_explorer_and_its_python_object_agree(notebook, case):
    page, kernel = notebook
    name, trait, key, stepped, chosen, number, expression = case
    explorer = explorer_of(page, name)
    before = explorer.picture()

    def written(value):
        return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)

    def numbers_agree():
        expected = ask(kernel, f"one = {name}; print(one.{expression})")
        data = explorer.data
        if name == "scattering_tree":  # the tree keeps its numbers at its nodes
            node = explorer.root.locator("[aria-pressed=true]")
            data = node.evaluate("node => ({...node.dataset})")
        assert float(data[number]) == pytest.approx(float(expected), abs=1e-5)

    if name == "scattering_tree":
        explorer.root.locator(f'[data-path="{written(stepped)}"]').click()
    else:
        explorer.slider.first.focus()
        explorer.slider.first.press("ArrowRight")
    explorer.wait_for(**{key: written(stepped)})
    assert explorer.picture() != before
    wait_for_kernel(kernel, page, f"{name}.{trait} == {stepped!r}", "True")
    numbers_agree()

    ask(kernel, f"{name}.{trait} = {chosen!r}")
    explorer.wait_for(**{key: written(chosen)})
    numbers_agree()
    if name == "sampling":  # of harmonics alone
        return
    other = "7" if name == "network" else "A ring"
    ask(kernel, f"{name}.signal = {other!r}")
    explorer.wait_for(signal=other)
    numbers_agree()


BACKGROUND = "body => getComputedStyle(body).backgroundColor"


def test_dark_theme_and_a_second_view(notebook):
    page, kernel = notebook
    explorer = explorer_of(page, "explorer")
    picture, body = explorer.picture(), explorer.root.locator(".st-body")
    light = body.evaluate(BACKGROUND)
    switch = "light => { document.body.dataset.jpThemeLight = light; }"
    assert explorer.redrawn(lambda: page.evaluate(switch, "false")) == picture
    assert body.evaluate(BACKGROUND) != light
    assert explorer.redrawn(lambda: page.evaluate(switch, "true")) == picture
    assert body.evaluate(BACKGROUND) == light

    # "New view for output" shows the same model again, in a panel of another width, without what
    # the reader has opened in the first.
    explorer.root.locator("input[type=file]").set_input_files(SKY)
    explorer.wait_for(signal=SKY.name)
    explorer.root.click(button="right", position={"x": 5, "y": 5})
    page.get_by_text("Create New View for Cell Output").click()
    second = Explorer(page.locator(".jp-LinkedOutputView .st-explorer"))
    ask(kernel, "explorer.scale = 2")
    explorer.wait_for(scale=2)
    second.wait_for(scale=2, signal="Earth's relief")
