"""Every page of the book as a screen reader or a keyboard meets it."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from built_book import CHAPTERS, PAGES

pytestmark = pytest.mark.browser
VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe.min.js"


def violations(page):
    """What axe-core finds serious or critical: rule, element and reason."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    results = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert results["passes"], "axe-core has checked nothing"
    return [
        f"{found['impact']} {found['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for found in results["violations"]
        for node in found["nodes"]
        if found["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("name", PAGES)
def test_no_serious_violation(visit, addresses, name):
    """In light on a desk, and in dark on a phone."""
    desk = {"viewport": {"width": 1280, "height": 900}}
    page = visit(f"{addresses['http']}/{name}", own=addresses["http"], **desk).page
    page.evaluate("window.MathJax && MathJax.startup.promise.then(() => document.fonts.ready)")
    # Until the theme's icons are pictures, each is a letter that nothing names.
    page.wait_for_selector("html.fontawesome-i2svg-complete", state="attached")
    explorers = page.locator(".st-explorer")
    for n in range(page.locator(".sphere-host").count()):
        explorers.nth(n).locator("canvas, svg").first.wait_for()
    assert violations(page) == []
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(800)  # the theme fades its colours, and looks what scrolls now
    assert violations(page) == []


def test_the_checker_finds_what_is_wrong(visit, site, tmp_path):
    page = """<!doctype html><html lang="en"><title>t</title><link rel="icon" href="data:,">
        <main><h1>t</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
        <p style="color: #ccc; background: #fff">pale</p></main></html>"""
    (tmp_path / "page.html").write_text(page)
    found = " ".join(violations(visit(f"{site}/page.html").page))
    assert "critical image-alt" in found
    assert "serious color-contrast" in found


def test_the_checker_is_what_its_readme_says():
    readme = (VENDOR / "README.md").read_text()
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in readme
    version = re.match(r"# axe-core (\S+)", readme)[1]
    assert AXE.read_text(encoding="utf-8").startswith(f"/*! axe v{version}\n")
    assert AXE.stat().st_size < 1_000_000
    names = {path.name for path in VENDOR.iterdir()} - {"README.md"}
    assert [name for name in sorted(names) if f"`{name}`" not in readme] == []


class _Images(HTMLParser):
    """The attributes of every image of a page."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes))


@pytest.mark.parametrize("name", PAGES)
def test_every_image_says_what_it_shows(book, name):
    """Set it in a cell's metadata: ``{"mystnb": {"image": {"alt": "…"}}}``."""
    images = _Images((book / name).read_text(encoding="utf-8")).found
    assert images, "not even the logo"
    assert [i["src"] for i in images if not (i.get("alt") or "").strip()] == []
    figures = [image for image in images if "_images/" in image["src"]]
    # A sentence, and not the name of a file, which is what Sphinx writes where there is none.
    poor = [i["src"] for i in figures if len(i["alt"].split()) < 6 or "_images/" in i["alt"]]
    assert poor == []
    assert len({image["alt"] for image in figures}) == len(figures)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_figure_of_each_chapter_is_on_its_page(book, chapter):
    """So that the check of images above has something to look at."""
    images = _Images((book / f"{chapter}.html").read_text(encoding="utf-8")).found
    assert [image for image in images if "_images/" in image["src"]]
