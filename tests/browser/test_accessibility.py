"""The checker of pages finds what is wrong, and images of the book say what they show.

Each page is checked where it is opened, in `test_book`.
"""

import hashlib
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from axe import AXE, VENDOR, fill_again, thin_out, violations
from built_book import CHAPTERS, PAGES

pytestmark = pytest.mark.browser


def test_the_checker_finds_what_is_wrong(visit, site, tmp_path):
    page = """<!doctype html><html lang="en"><title>t</title><link rel="icon" href="data:,">
        <style>.p { color: #ccc; background: #fff }</style>
        <main><h1>t</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
        <p class="p">pale</p>
        <pre style="background: linear-gradient(#fff,#fff)"><b style="color: #ccc">code</b></pre>"""
    (tmp_path / "page.html").write_text(page)
    found = " ".join(violations(visit(f"{site}/page.html").page))
    assert "critical image-alt" in found
    assert 'serious color-contrast: <p class="p">' in found
    assert "serious color-contrast: <b style=" in found


def test_a_page_that_is_thinned_out_keeps_one_of_each_look_and_its_size(visit, site, tmp_path):
    words = " ".join(f'<span class="{name}">{name}</span>' for name in ("deep", "pale") * 18)
    formula = '<mjx-container style="display: inline-block; width: 30px">' + "<i>x</i>" * 20
    page = f"""<!doctype html><html lang="en"><title>t</title><link rel="icon" href="data:,">
        <style>.pale {{ color: #ccc }} pre {{ background: #fff; overflow: auto }}</style>
        <main><h1>t</h1><pre tabindex="0">{words * 9}</pre><pre tabindex="0">{words}</pre>
        <p>{formula}</mjx-container>{formula}</mjx-container></p></main></html>"""
    (tmp_path / "page.html").write_text(page)
    page = visit(f"{site}/page.html").page
    sizes = "() => [...document.querySelectorAll('pre, mjx-container')]" + (
        ".map(box => [box.scrollWidth, box.scrollHeight, box.tabIndex])"
    )
    texts, before = page.locator("pre").all_inner_texts(), page.evaluate(sizes)
    content = page.locator("main").inner_html()
    assert len(violations(page)) > 100
    page.reload()
    thin_out(page)
    assert page.locator("pre").all_inner_texts() == texts
    # A word that is a text of its own is as wide as a whole number of parts of a pixel.
    assert np.array(page.evaluate(sizes)) == pytest.approx(np.array(before), rel=1e-3)
    (found,) = violations(page)
    assert found.startswith("serious color-contrast")
    assert 'class="pale"' in found
    fill_again(page)
    assert page.locator("main").inner_html() == content
    assert page.evaluate(sizes) == before


_ALIKE_BUT_FOR = """
  <p class="pale" style="visibility: hidden">hidden</p> <p class="pale">own colour</p>
  <p class="pale">and once more</p>
  <p style="opacity: .4">own opacity</p> <div style="opacity: .4"><p>opacity around</p></div>
  <div style="background: #333"><p>background around</p></div>
  <div style="background: #333; position: relative"><div><p>further out</p></div></div>
  <p style="color: #888; font-size: 30px">large</p> <p style="color: #888">size</p>
  <p style="color: #888; font-size: 19px; font-weight: 700">bold</p>
  <p style="color: #888; font-size: 19px">weight</p>
  <b style="color: #888; font-weight: 400">element</b>
  <div style="position: relative; height: 200px">
    <div class="box" style="background: #333; top: 100px"></div>
    <p class="box">beside the box</p> <p class="box" style="top: 100px">on the box</p>
  </div>
  <input class="pale" aria-label="field" value="field">
  <select class="pale" aria-label="menu"><option>menu</option></select>
  <textarea class="pale" aria-label="area">area</textarea>
  <div class="st-explorer">
    <p>in an explorer</p> <div style="background: #333; height: 60px"></div>
    <p style="margin-top: -50px">over what is drawn</p>
  </div>"""


def test_a_text_whose_like_has_passed_hides_no_fault(visit, site, tmp_path, monkeypatch):
    """What is found does not depend on whether texts that look alike are measured once."""
    page = f"""<!doctype html><html lang="en"><title>t</title><link rel="icon" href="data:,">
        <style>p, b {{ color: #000; margin: 9px }} .pale {{ color: #ccc }}
        .box {{ position: absolute; margin: 0; width: 200px; height: 60px }}</style>
        <main><h1>t</h1>{"<div><p>fine</p></div>" * 20}{_ALIKE_BUT_FOR}</main></html>"""
    (tmp_path / "page.html").write_text(page)

    def found():
        page = visit(f"{site}/page.html").page
        light = violations(page)
        page.add_style_tag(content="main { background: #333 }")
        return light, violations(page, looks=True)

    light, dark = found()
    monkeypatch.setattr("axe._ALIKE", "() => { window.forgetLooks = () => {}; }")
    assert (light, dark) == found()
    assert len(light) == 14
    assert len(dark) > 20


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
        attributes = dict(attributes)
        if tag == "img":
            self.found.append(attributes)
        elif tag == "svg" and attributes.get("role") == "img" and "aria-label" in attributes:
            # A figure of a chapter is a drawing in the page.
            self.found.append({"src": "_images/drawn", "alt": attributes["aria-label"]})


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
