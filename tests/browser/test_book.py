"""The built book, page by page: quiet, complete, and alive with no network and no server."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from commands import ROOT, make
from driving import serve

TOC = yaml.safe_load((ROOT / "book/_toc.yml").read_text())


def files(entry):
    """The documents that an entry of the table of contents names, at any depth."""
    if isinstance(entry, dict):
        named = [entry[key] for key in ("root", "file") if key in entry]
        return named + [f for value in entry.values() for f in files(value)]
    return [f for item in entry for f in files(item)] if isinstance(entry, list) else []


DOCUMENTS = files(TOC)
PAGES = [f"{document}.html" for document in DOCUMENTS] + ["search.html", "genindex.html"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def book(tmp_path_factory, browser):
    """The folder of a fresh build, by the command of `make book`."""
    out = tmp_path_factory.mktemp("book")
    tools = Path(sys.executable).parent
    recipe = make("-n", "book", f"BOOK_DIR={out}", f"BIN={tools}").stdout
    command = recipe[recipe.index(f"{tools}/jupyter-book") :]
    result = subprocess.run(command, cwd=ROOT, shell=True, capture_output=True, text=True)
    said = (result.stdout + result.stderr).splitlines()
    assert result.returncode == 0, [line for line in said if "WARNING: " in line or "Error" in line]
    return out / "_build" / "html"


@pytest.fixture(scope="session")
def addresses(book):
    """Where the book can be opened: over http, and from a file."""
    with serve(book) as address:
        yield {"http": address, "file": book.as_uri()}


@pytest.mark.parametrize("scheme", ["http", "file"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_quiet_typeset_and_fits_a_phone(visit, addresses, scheme, name):
    page = visit(f"{addresses[scheme]}/{name}", own=addresses[scheme]).page
    page.wait_for_function("window.MathJax === undefined || MathJax.startup.promise !== undefined")
    page.evaluate("window.MathJax && MathJax.startup.promise")
    assert page.locator(".bd-article-container").inner_text().strip()
    # Each formula holds its typeset form, drawn with a font that has arrived, and no error.
    formulas = page.locator(".math")
    assert page.locator(".math:has(mjx-container)").count() == formulas.count()
    assert page.locator("mjx-merror").count() == 0
    fonts = page.evaluate(
        "document.fonts.ready.then(all => [...all].map(f => `${f.family} ${f.status}`))"
    )
    assert [font for font in fonts if font.endswith("error")] == []
    if formulas.count():
        assert [font for font in fonts if font.startswith("MJX") and font.endswith(" loaded")]
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["http", "file"])
@pytest.mark.parametrize(
    "document", [d for d in DOCUMENTS if d.startswith("notebooks/")] + ["book/intro"]
)
def test_explorer_is_alive(visit, addresses, scheme, document):
    page = visit(f"{addresses[scheme]}/{document}.html", own=addresses[scheme])
    explorer = page.explorer()
    before = explorer.picture()
    scale = int(explorer.data["scale"])
    explorer.set_scale(scale - 1)
    assert explorer.picture() != before
    explorer.set_scale(scale)
    assert explorer.picture() == before


def test_first_page_is_the_index(visit, addresses):
    page = visit(f"{addresses['file']}/index.html", own=addresses["file"]).page
    page.wait_for_url(f"**/{TOC['root']}.html")


def test_formulas_are_there(visit, addresses):
    page = visit(f"{addresses['file']}/book/conventions.html", own=addresses["file"]).page
    page.wait_for_selector("mjx-container")
    assert page.locator(".math").count() > 30


def test_search_finds_a_name(visit, addresses):
    url = f"{addresses['http']}/search.html?q=equivariance_error"
    page = visit(url, own=addresses["http"]).page
    page.wait_for_selector("ul.search li a")
    assert "wavelets.html" in page.locator("ul.search li a").first.get_attribute("href")


def test_pages_follow_the_system_in_light_and_dark(visit, addresses):
    url, own = f"{addresses['file']}/book/conventions.html", addresses["file"]
    backgrounds = {
        scheme: visit(url, own=own, color_scheme=scheme).page.evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    }
    assert backgrounds["light"] == "rgb(255, 255, 255)"
    assert backgrounds["dark"] != backgrounds["light"]


def test_every_notebook_is_a_page():
    notebooks = {f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert notebooks == {d for d in DOCUMENTS if d.startswith("notebooks/")}
