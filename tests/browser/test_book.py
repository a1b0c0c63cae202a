"""The built book, page by page: quiet, complete, and alive with no network and no server."""

import html
import http.server
import json
import re
import shutil
import threading
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from axe import fill_again, thin_out, violations
from built_book import CHAPTERS, PAGES, ROOT, TOC, build_command, run
from driving import skip_predictions

import sphere_toolkit as st

pytestmark = pytest.mark.browser
# The theme's own scripts, styles and fonts, MathJax and Font Awesome.
VENDORED = re.compile(r"/_static/(vendor|scripts|styles)/")

# After a change of theme and size colours fade for a while, from the next picture on, and only then
# does the keyboard reach what scrolls now: boxes by the theme's own script, formulas by book.js.
NEXT_PICTURE = "() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"
SETTLED = """() => {
  const boxes = "pre, .nboutput > .output_area, .cell_output > .output, .jp-RenderedHTMLCommon, " +
    ".pst-scrollable-table-container";
  const formulas = "div.math, mjx-container[display], " +
    ":is(dl.field-list, .st-sheet ~ section) span.math";
  const wide = box => box.scrollWidth > box.clientWidth;
  const scrolls = box => wide(box) || box.scrollHeight > box.clientHeight;
  const all = selectors => [...document.querySelectorAll(selectors)];
  return [...all(boxes).filter(scrolls), ...all(formulas).filter(wide)].every(b => b.tabIndex === 0)
    && document.getAnimations().every(animation => animation.playState !== "running");
}"""


SCROLLING_TABLES = """() => [...document.querySelectorAll(".pst-scrollable-table-container")]
  .filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.innerText.slice(0, 80))"""
# What a reader of a phone would scroll sideways, or find broken: formulas, also those in closed
# answers, and a name in code by which a row is found.
WIDE_FORMULAS = """() => {
  const closed = [...document.querySelectorAll("details:not([open])")];
  closed.forEach(answer => { answer.open = true; });
  const wide = [...document.querySelectorAll("mjx-container[display]")]
    .filter(box => box.scrollWidth > box.clientWidth + 1)
    .map(box => `${box.closest("section").id}: ${box.scrollWidth} px`);
  closed.forEach(answer => { answer.open = false; });
  return wide;
}"""
BROKEN_NAMES = """() => [...document.querySelectorAll(".table td:first-child code")]
  .filter(code => /^\\w+$/.test(code.textContent) && code.getClientRects().length > 1)
  .map(code => code.textContent)"""
# One page of each kind is checked by all rules again when it is dark and narrow.
WHOLLY = {"book/intro.html", f"{CHAPTERS[0]}.html", "book/api/wavelets.html", "search.html"}
# Where explorers are operated.
ALIVE = {f"{document}.html" for document in [*CHAPTERS, "book/intro"]}
# From a file as well as over http: the first page, and the one with most formulas, whose fonts a
# browser could refuse.
BOTH_WAYS = ["book/intro.html", "book/conventions.html"]


def operate(explorer):
    """Change the first control that an explorer has; how to change it back."""
    for selector in ("input[type=range]", "select", "button"):
        controls = explorer.root.locator(f"{selector}:enabled:visible")
        if controls.count():
            control = controls.first
            break
    else:
        raise AssertionError("the explorer has no control")
    if selector == "button":
        control.click()
        return control.click
    value = control.input_value()
    if selector == "select":
        values = control.locator("option").evaluate_all("options => options.map(o => o.value)")
        control.select_option(next(other for other in values if other != value))
        return partial(control.select_option, value)
    at_its_end = value == control.get_attribute("max")
    there, back = ("ArrowLeft", "ArrowRight") if at_its_end else ("ArrowRight", "ArrowLeft")
    control.press(there)
    return partial(control.press, back)


def assert_alive(explorer):
    """The first control of an explorer changes its picture, and changes it back."""
    explorer.root.scroll_into_view_if_needed()
    explorer.wait_for_rest()  # descents and networks are drawn in many frames
    before, draws = explorer.picture(), explorer.draws
    undo = operate(explorer)
    explorer.wait_for_rest(draws)
    assert explorer.picture() != before
    draws = explorer.draws
    undo()
    explorer.wait_for_rest(draws)
    assert explorer.picture() == before


def settle(page):
    """Wait until a page looks and acts as it will."""
    page.evaluate(NEXT_PICTURE)
    page.wait_for_function(SETTLED, polling=100)


# A chapter is opened from a file, where a browser allows a page least, any other page over http.
# What a chapter loads the first page loads too, and that is opened both ways.
@pytest.mark.parametrize(
    ("scheme", "name"),
    [("file" if name.startswith("notebooks/") else "http", name) for name in PAGES]
    + [("file", name) for name in BOTH_WAYS],
)
def test_page_is_quiet_typeset_light_alive_accessible_and_fits_a_phone(
    visit, addresses, book, scheme, name
):
    """Opened on a desk, then made as narrow as a phone, and dark."""
    desk = {"viewport": {"width": 1280, "height": 900}}
    opened = visit(f"{addresses[scheme]}/{name}", own=addresses[scheme], **desk)
    page = opened.page
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
    if name == "book/conventions.html":
        assert formulas.count() > 30
    if formulas.count():
        assert [font for font in fonts if font.startswith("MJX") and font.endswith(" loaded")]
    loaded = {url.removeprefix(addresses[scheme]).partition("?")[0] for url in opened.asked}
    assert any(VENDORED.search(path) for path in loaded)
    own = {path: (book / path[1:]).stat().st_size for path in loaded if not VENDORED.search(path)}
    assert 10_000 < sum(own.values()) <= 2_000_000, sorted(own.items(), key=lambda i: -i[1])
    # Until the theme's icons are pictures, each is a letter that nothing names.
    page.wait_for_selector("html.fontawesome-i2svg-complete", state="attached")
    skip_predictions(page)
    explorers = page.locator(".st-explorer")
    for n in range(explorers.count()):
        explorers.nth(n).locator("canvas, svg").first.wait_for()
    if name in ALIVE:
        assert explorers.count() > 0
        for n in range(explorers.count()):
            assert_alive(opened.explorer(n))
    check_all = name not in BOTH_WAYS or scheme == "http"
    if check_all:
        thin_out(page)
        settle(page)
        assert violations(page) == []
        fill_again(page)
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
    phone = {"width": 390, "height": 844}
    page.set_viewport_size(phone)
    assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
    read_by_rows = ("book/install", "book/intro", "book/notation", "book/teaching/", "notebooks/")
    if name.startswith(read_by_rows):
        assert page.evaluate(SCROLLING_TABLES) == []
        assert page.evaluate(BROKEN_NAMES) == []
    if not name.startswith("book/api/"):  # docstrings, which are written for a terminal
        assert page.evaluate(WIDE_FORMULAS) == []
    if check_all:
        thin_out(page)
        settle(page)
        assert violations(page, looks=name not in WHOLLY) == []


def test_code_is_marked_where_its_colour_is_another(book):
    """Names, punctuation and spaces have no marks, since they have the colour of all code."""
    styles = (book / "_static/pygments.css").read_text()
    for theme in ("light", "dark"):
        code = re.escape(f'html[data-theme="{theme}"] .highlight')
        colour = re.search(rf"^{code} {{.* (color: #\w+) }}$", styles, re.M)[1]
        rules = dict(re.findall(rf"^{code} \.(\w+) {{ (.*) }}", styles, re.M))
        assert {rules[name] for name in ("n", "nn", "p", "w")} == {colour}
        assert rules["k"] != colour
    marks = re.findall(r'<span class="(\w+)">', (book / f"{CHAPTERS[0]}.html").read_text())
    assert not {"n", "nn", "p", "w"} & set(marks)
    assert {"k", "o", "mi"} <= set(marks)


# --- the way in ------------------------------------------------------------------------------


def test_first_page_is_the_index(visit, addresses):
    page = visit(f"{addresses['file']}/index.html", own=addresses["file"]).page
    page.wait_for_url(f"**/{TOC['root']}.html")


def test_the_first_page_shows_an_explorer_at_once(visit, addresses):
    url = f"{addresses['file']}/book/intro.html"
    first = visit(url, own=addresses["file"], viewport={"width": 1280, "height": 900})
    root = first.explorer().root
    box = root.bounding_box()
    assert box["y"] < 300
    assert box["y"] + box["height"] / 2 < 900
    # Between the title and the explorer there is one sentence only: what to do.
    above = [p.strip() for p in first.page.locator("h1 ~ p").all_inner_texts()]
    assert above[0].startswith("Drag ")
    assert root.evaluate(
        "root => root.compareDocumentPosition(document.querySelectorAll('h1 ~ p')[1])"
        " & Node.DOCUMENT_POSITION_FOLLOWING"
    )


def test_the_reading_order_says_what_the_chapters_say(visit, addresses):
    url, own = f"{addresses['file']}/book/intro.html", addresses["file"]
    page = visit(url, own=own, formulas=False).page
    rows = page.locator("#reading-order tbody tr")
    assert rows.count() == len(CHAPTERS)
    for row, chapter in zip(rows.all(), CHAPTERS, strict=True):
        cells = json.loads((ROOT / f"{chapter}.ipynb").read_text())["cells"]
        beginning = " ".join("".join(cells[0]["source"]).split())
        title, minutes, needs = row.locator("td").all_inner_texts()
        assert beginning.startswith(f"# {title.splitlines()[0].partition(' · ')[2]} **")
        assert f"*{minutes} minutes" in beginning
        assert f"You need: {needs[:10]}" in beginning
        if "**Question.**" in beginning:
            question = title.splitlines()[1].strip()
            assert re.sub("[“”]", '"', question).replace("’", "'") in beginning
        assert row.locator("a").first.get_attribute("href") == f"../{chapter}.html"
    minutes = {
        row.locator("a").first.inner_text()[:2]: row.locator("td").nth(1) for row in rows.all()
    }
    readers = page.locator("#which-way-is-yours tbody tr")
    assert readers.count() == 4
    for reader in readers.all():
        links = reader.locator("a[href*='notebooks/']").all()
        read = [int(minutes[link.inner_text()].inner_text()) for link in links]
        assert int(reader.locator("td").last.inner_text()) == sum(read) > 0


def test_every_notebook_is_a_page():
    notebooks = {f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert notebooks == set(CHAPTERS)


# --- the way around --------------------------------------------------------------------------


class _Links(HTMLParser):
    """The targets of a page's links, and the places in it that can be linked to."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.places = [], {"", "top"}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.places.add(attributes.get("id"))
        if tag == "a" and "href" in attributes:
            self.targets.append(urlsplit(attributes["href"]))


def test_every_link_inside_the_book_leads_somewhere(book):
    pages = {(book / name).resolve(): _Links((book / name).read_text()) for name in PAGES}
    dead = []
    for page, links in pages.items():
        for target in links.targets:
            if target.scheme:
                continue
            path = (page.parent / unquote(target.path)).resolve() if target.path else page
            known = pages.get(path)
            place = unquote(target.fragment)
            if re.match(rf"({'|'.join(st.explore.EXPLORERS)})\.\w+=", place):
                place = ""  # the state of an explorer
            if not path.exists() or (known and place not in known.places):
                dead.append(f"{page.name}: {target.geturl()}")
    assert sum(len(links.targets) for links in pages.values()) > 500
    assert dead == []


@pytest.mark.parametrize(
    ("words", "page"),
    [("equivariance_error", "wavelets.html"), ("oversampling aliasing", "glossary.html")],
)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_search_finds(visit, addresses, scheme, words, page):
    url = f"{addresses[scheme]}/search.html?q={words.replace(' ', '+')}"
    # In a window of its own: it asks for one page after another, as long as it is there.
    found = visit(url, own=addresses[scheme], fresh=True).page.locator("ul.search li a")
    # Results come in one by one: this waits until the page is among them.
    found.and_(found.page.locator(f"[href*='{page}']")).first.wait_for()


def test_pages_follow_the_system_in_light_and_dark(visit, addresses):
    url, own = f"{addresses['file']}/book/conventions.html", addresses["file"]
    backgrounds = {
        scheme: visit(url, own=own, formulas=False, color_scheme=scheme).page.evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    }
    assert backgrounds["light"] == "rgb(255, 255, 255)"
    assert backgrounds["dark"] != backgrounds["light"]


class _Host(http.server.SimpleHTTPRequestHandler):
    """Answers a request for what is not there with the book's own page, as hosts of pages do."""

    def send_error(self, code, *_):
        content = Path(self.directory, "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("path", ["nowhere", "a/b/c/nowhere.html", "notebooks/99_nowhere.html"])
def test_a_wrong_address_leads_back_into_the_book(visit, book, path):
    handler = partial(_Host, directory=str(book))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        wrong = visit(f"{address}/{path}", own=address)
        page = wrong.page
        assert page.locator(".bd-article h1").inner_text().startswith("There is no such page")
        # The browser reports the wrong address itself; styles and scripts have all arrived.
        assert len(wrong.errors) == 1
        assert "404" in wrong.errors[0]
        wrong.expected_errors = wrong.errors[:]
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.bd-main')).display") == "flex"
        )
        statuses = page.evaluate(
            "Promise.all([...document.querySelectorAll('a[href]')].map(a => a.href)"
            ".filter(url => !url.includes('#')).map(async (url) => {"
            " const answer = await fetch(url); await answer.text(); return answer.status; }))"
        )
        assert len(statuses) > 10
        assert set(statuses) == {200}
        first = page.get_by_role("link", name="first chapter")
        first.click(trial=True)  # it could be; the chapter itself is opened by other tests
        assert first.evaluate("a => a.href") == f"{address}/notebooks/00_why_the_sphere.html"
        server.shutdown()


def test_the_summary_is_one_sheet_of_paper(visit, addresses):
    page = visit(f"{addresses['file']}/book/summary.html", own=addresses["file"], fresh=True).page
    page.wait_for_selector("mjx-container")
    page.evaluate("MathJax.startup.promise.then(() => document.fonts.ready)")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    (width, height) = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed).groups()
    assert (round(float(width)), round(float(height))) in {(595, 842), (596, 842), (595, 841)}
    page.emulate_media(media="print")
    assert page.locator(".bd-article h1").is_visible()
    assert not page.locator(".bd-sidebar-primary").is_visible()


# --- launching and taking away ---------------------------------------------------------------


def test_a_chapter_can_be_taken_away(visit, addresses, book):
    (chapter, *_) = CHAPTERS
    url = f"{addresses['http']}/{chapter}.html"
    page = visit(url, own=addresses["http"], formulas=False).page
    link = page.locator("a[href$='.ipynb']", has_text=".ipynb").first.get_attribute("href")
    file = (book / chapter).parent / link
    assert file.read_bytes() == (ROOT / f"{chapter}.ipynb").read_bytes()


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """Builds two pages without running any code, with addresses in the environment."""
    folder = tmp_path_factory.mktemp("small")
    config = yaml.safe_load((ROOT / "book/_config.yml").read_text())
    config["execute"] = {"execute_notebooks": "off"}
    extensions = dict.fromkeys(config["sphinx"]["local_extensions"], str(ROOT / "book/_extensions"))
    config["sphinx"]["local_extensions"] = extensions
    (folder / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True))
    toc = {"format": "jb-book", "root": "book/intro", "chapters": [{"file": CHAPTERS[0]}]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc))

    def build_small(**environment):
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        command = build_command(out).replace("book/_config.yml", str(folder / "_config.yml"))
        # The links of these pages to those that are left out would be errors.
        command = command.replace("book/_toc.yml", str(folder / "_toc.yml")).replace(" -W ", " ")
        return run(command, **environment), out / "_build/html"

    return build_small


def launch_links(page):
    return re.findall(r'href="(https://(?:mybinder|colab)[^"]+)"', page.read_text())


def test_without_an_address_there_is_no_launch_link(book):
    config = yaml.safe_load((ROOT / "book/_config.yml").read_text())["sphinx"]["config"]
    assert (config["repository"], config["html_baseurl"]) == ("", "")
    for document in [*CHAPTERS, "book/intro"]:
        assert launch_links(book / f"{document}.html") == []
    assert "Colab" not in (book / "book/intro.html").read_text()


def test_with_an_address_a_chapter_can_be_launched(small_book):
    repository = "https://github.com/an-owner/a-name"
    environment = {"BOOK_ADDRESS": "https://host.example/a/v1/", "BOOK_VERSION": "v1"}
    result, pages = small_book(BOOK_REPOSITORY=repository, **environment)
    assert result.returncode == 0, result.stderr[-2000:]
    (chapter, *_) = CHAPTERS
    assert launch_links(pages / f"{chapter}.html") == [
        f"https://mybinder.org/v2/gh/an-owner/a-name/v1?urlpath=lab/tree/{chapter}.ipynb",
        f"https://colab.research.google.com/github/an-owner/a-name/blob/v1/{chapter}.ipynb",
    ]
    assert launch_links(pages / "book/intro.html") == []
    intro = html.unescape(re.sub("<[^>]+>", "", (pages / "book/intro.html").read_text()))
    # With the folder beside the chapters that some of them read, and with all that they import.
    assert f"git clone --depth 1 --branch v1 {repository} course" in intro
    assert '%cd course/notebooks\n%pip install "..[course]"' in intro
    targets = [t for t in _Links((pages / "404.html").read_text()).targets if not t.scheme]
    assert {t.path.split("/")[1:3] == ["a", "v1"] for t in targets if t.path} == {True}
    # The versions beside it are read from above it, on a page that stands anywhere, too.
    for page in ("404.html", f"{chapter}.html"):
        text = (pages / page).read_text()
        assert "theme_switcher_json_url = '/a/switcher.json'" in text
        assert text.count('class="version-switcher__container') == 1
