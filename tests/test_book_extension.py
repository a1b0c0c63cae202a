"""The book's extension: which pages a build reads again, and what they show of a chapter."""

import copy
import os
import re
import subprocess
import sys
from io import BytesIO, StringIO
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from commands import ROOT, load_extension
from matplotlib import colormaps
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image
from sphinx.application import Sphinx
from sphinx.errors import ConfigError

import sphere_toolkit as st

EXTENSIONS = ROOT / "book/_extensions"


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A book of one page beside a package."""
    monkeypatch.syspath_prepend(str(EXTENSIONS))
    source = tmp_path / "source"
    (source / "sphere_toolkit/explore").mkdir(parents=True)
    (source / "sphere_toolkit/wavelets.py").write_text("L = 1\n")
    (source / "sphere_toolkit/explore/view.js").write_text("let L = 1;\n")
    (source / "benchmarks/results").mkdir(parents=True)
    (source / "benchmarks/results/cost.json").write_text("{}\n")
    (source / "constraints.txt").write_text("numpy==1\n")
    (source / "conf.py").write_text("extensions = ['execution']\n")
    (source / "index.rst").write_text("Title\n=====\n")
    return source


def pages_read(source):
    """The pages that a build reads."""
    read = []
    out = source.parent / "out"
    app = Sphinx(source, source, out, out / ".doctrees", "dummy", status=None, warning=sys.stderr)
    app.connect("source-read", lambda app, page, content: read.append(page))
    app.build()
    return read


@pytest.mark.parametrize(
    "changed",
    [
        "sphere_toolkit/wavelets.py",
        "sphere_toolkit/explore/view.js",
        "benchmarks/results/cost.json",
        "constraints.txt",
    ],
)
def test_pages_are_read_again_when_what_they_run_has_changed(source, changed):
    assert pages_read(source) == ["index"]
    assert pages_read(source) == []
    path = source / changed
    path.write_text(path.read_text().replace("1", "2").replace("{}", "[]"))
    assert pages_read(source) == ["index"]
    assert pages_read(source) == []


def test_caches_and_a_renamed_module_are_told_apart(source):
    assert pages_read(source) == ["index"]
    (source / "sphere_toolkit/__pycache__").mkdir()
    (source / "sphere_toolkit/__pycache__/wavelets.pyc").touch()
    assert pages_read(source) == []
    module = source / "sphere_toolkit/wavelets.py"
    module.rename(module.with_name("bank.py"))
    assert pages_read(source) == ["index"]


def chapter(folder, name, code):
    """A notebook with one cell of code."""
    cells = [new_markdown_cell(f"# {name}"), new_code_cell(code)]
    kernel = {"name": "python3", "display_name": "Python 3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = new_notebook(cells=cells, metadata=metadata)
    nbformat.write(notebook, folder / f"{name}.ipynb")


def test_pages_show_executed_chapters_and_one_that_fails_is_a_warning(source, tmp_path):
    chapter(source, "good", "print(6 * 7)")
    chapter(source, "bad", "1 / 0")
    (source / "index.rst").write_text("Title\n=====\n\n.. toctree::\n\n   good\n   bad\n")
    with (source / "conf.py").open("a") as config:
        config.write("nb_execution_excludepatterns = ['*.ipynb']\n")
    command = [sys.executable, "-m", "sphinx", "--no-color", "-q", source, tmp_path / "out"]
    environment = os.environ | {"PYTHONPATH": str(EXTENSIONS)}
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert "42" in (tmp_path / "out/good.html").read_text()
    (warning,) = [line for line in result.stderr.splitlines() if "WARNING: " in line]
    assert "bad.ipynb: ZeroDivisionError" in warning
    (copy,) = (tmp_path / "executed").glob("*.ipynb")
    assert copy.name.startswith("good.")


def test_what_widgets_have_in_common_is_held_once():
    code, signal = "let L = 1;\n" * 200, "AAAA" * 300
    one = {"state": {"_esm": code, "L": 8}, "buffers": [{"path": ["alm"], "data": signal}]}
    widgets = {"state": {"a": one, "b": copy.deepcopy(one), "layout": {"state": {}}}}
    execution = load_extension("execution")
    execution.share(widgets)
    assert sorted(widgets["shared"].values()) == sorted([code, signal])
    first, second = widgets["state"]["a"], widgets["state"]["b"]
    assert first == second
    assert first["state"]["L"] == 8
    assert widgets["shared"][first["state"]["_esm"]] == code
    assert widgets["shared"][first["buffers"][0]["data"]] == signal


def test_chapters_bear_their_numbers_and_the_map_of_the_network_leads_to_them(source, tmp_path):
    (source / "notebooks").mkdir()
    for name in ("05_energy", "08_direction", "a_page"):
        station = " ".join(st.plot.you_are_here("modulus")._repr_html_().split())
        title = f"{name.partition('_')[2]}\n{'=' * len(name)}"
        text = f"{title}\n\n.. raw:: html\n\n   {station}\n"
        (source / "notebooks" / f"{name}.rst").write_text(text)
    toc = "Title\n=====\n\n.. toctree::\n   :glob:\n\n   notebooks/*\n"
    (source / "index.rst").write_text(toc)
    (source / "conf.py").write_text("extensions = ['chapter_numbers']\n")
    out = tmp_path / "out"
    Sphinx(source, source, out, out / ".doctrees", "html", status=None, warning=None).build()
    pages = {path.stem: path.read_text() for path in (out / "notebooks").glob("*.html")}
    assert "<title>05 · energy" in pages["05_energy"]
    assert "<title>page" in pages["a_page"]
    assert ">08 · direction</a>" in (out / "index.html").read_text()

    def links(page):
        return re.findall(r"<a href='([^']+)' aria-label='([^']+)'>", pages[page])

    both = [("05_energy.html", "chapter 05"), ("08_direction.html", "chapter 08")]
    name = ("05_energy.html", "modulus, chapter 05")
    assert links("05_energy") == both[1:]
    assert links("08_direction") == [name, both[0]]
    assert links("a_page") == [name, *both]


def test_pictures_are_small_and_keep_their_colours():
    """Two maps with tables of their own, a small peak, black letters and a white page."""
    rng = np.random.default_rng(1)
    x = np.linspace(-1, 1, 300)
    smooth = np.clip(x * x[:, None] + 0.02 * rng.normal(size=(300, 300)), -1, 1)
    page = np.full((320, 640, 3), 255, np.uint8)
    page[10:310, 10:310] = 255 * colormaps["RdBu_r"]((smooth + 1) / 2)[..., :3]
    page[10:310, 330:630] = 255 * colormaps["viridis"](smooth**2)[..., :3]
    page[100:110, 100:110] = (90, 10, 120)
    page[2:6, 2:200:7] = 0
    png = BytesIO()
    Image.fromarray(page).save(png, "PNG")
    execution = load_extension("execution")
    small = execution.with_few_colours(png.getvalue())
    assert len(small) < 0.6 * len(png.getvalue())
    shown = np.asarray(Image.open(BytesIO(small)).convert("RGB")).astype(int)
    assert np.sqrt(np.mean((shown - page) ** 2)) < 4
    assert np.abs(shown - page).max() < 40
    assert (shown[page.min(axis=-1) == 255] == 255).all()
    cut_out = BytesIO()
    Image.fromarray(np.zeros((9, 9, 4), np.uint8)).save(cut_out, "PNG")
    assert execution.with_few_colours(cut_out.getvalue()) == cut_out.getvalue()


def test_the_reference_says_which_chapters_use_an_object(tmp_path):
    used_in = load_extension("used_in")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    kernel = "import sphere_toolkit as st\nfrom sphere_toolkit import nn as net\n"
    chapter(
        folder, "04_bank", kernel + "%matplotlib inline\nbank = st.WaveletBank(8)\nbank.band(2)"
    )
    chapter(folder, "09_fit", kernel + "net.fit\nst.WaveletBank")
    chapter(folder, "appendix", kernel + "st.norm, st.no_such_thing")
    uses = used_in.uses(folder)
    assert uses[id(st.WaveletBank)] == ["04_bank", "09_fit"]
    assert uses[id(st.nn.fit)] == ["09_fit"]
    assert id(st.WaveletBank.band) not in uses
    docs = {"notebooks/04_bank", "notebooks/09_fit"}
    environment = SimpleNamespace(found_docs=docs, note_dependency=lambda path: None)
    app = SimpleNamespace(srcdir=tmp_path, env=environment)

    def said(what, obj):
        lines = []
        used_in.say_where(app, what, "name", obj, None, lines)
        return "".join(lines)

    two = ":doc:`04 </notebooks/04_bank>`, :doc:`09 </notebooks/09_fit>`"
    assert said("class", st.WaveletBank) == f"*Used in chapters* {two}."
    assert said("function", st.nn.fit) == "*Used in chapter* :doc:`09 </notebooks/09_fit>`."
    assert said("module", st.nn) == said("function", st.norm) == said("function", st.inner) == ""


GLOSSARY = """# Glossary

```{glossary}
.. also: spectra
spectrum
  Of a *degree*.

.. not: in order
order
  $m$.

scattering network
  Takes no order.

.. only: angular spread
spread
  An angle.
```
"""
CHAPTER = """# Spectra and order

*30 minutes. You need: the spectrum.*

## A scattering network

In order to see it, `spectrum` and $order$: a scattering
network has *spectra*, a spectrum, orders, a [spectrum](https://host.example/) and its spread.

A second order, and two angular spreads.

**Sources.** *The angular spread.*
"""


@pytest.fixture
def linked(source, tmp_path):
    """Builds a chapter beside a glossary; the words of its links to terms, and the term of each."""
    (source / "book").mkdir()
    (source / "notebooks").mkdir()
    (source / "book/glossary.md").write_text(GLOSSARY)
    (source / "index.rst").write_text(
        "Title\n=====\n\n.. toctree::\n\n   book/glossary\n   notebooks/one\n"
    )
    (source / "conf.py").write_text(
        "extensions = ['myst_nb', 'glossary_links']\nmyst_enable_extensions = ['dollarmath']\n"
    )

    def build(chapter):
        (source / "notebooks/one.md").write_text(chapter)
        out = tmp_path / "out"
        app = Sphinx(
            source, source, out, out / ".doctrees", "html", status=None, warning=sys.stderr
        )
        app.build()
        page = (out / "notebooks/one.html").read_text()
        links = re.findall(r'<a [^>]*glossary.html#term-([^"]+)"><span[^>]*>([^<]+)<', page)
        return [(term, " ".join(words.split())) for term, words in links]

    return build


def test_the_first_use_of_each_term_in_the_prose_of_a_chapter_is_a_link(linked):
    assert linked(CHAPTER) == [
        ("scattering-network", "scattering network"),
        ("spectrum", "spectra"),
        ("order", "orders"),
        ("spread", "angular spreads"),
    ]
    # A chapter's own link is the first use; a word that belongs to a longer one is not that word.
    own = "# One\n\nThe {term}`spectrum`, a spectrum, reordered and order-2.\n"
    assert linked(own) == [("spectrum", "spectrum")]


def test_no_form_in_the_glossary_belongs_to_two_terms_and_terms_stand_in_order():
    links = load_extension("glossary_links")
    text = (ROOT / links.GLOSSARY).read_text()
    forms = links.terms_and_forms(text)
    terms = list(dict.fromkeys(term for term in forms.values() if term))
    assert len(terms) > 90
    assert terms == sorted(terms, key=lambda term: re.sub(r"\W+", " ", term.lower()))
    with pytest.raises(ConfigError, match="'spectra' is a form of two terms"):
        links.terms_and_forms(GLOSSARY.replace("angular spread", "spectra"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOOK_REPOSITORY", "github.com/an-owner/a-name"),
        ("BOOK_REPOSITORY", "https://github.com/an-owner"),
        ("BOOK_ADDRESS", "https://host.example/no-slash"),
        ("BOOK_VERSION", "v1"),
    ],
)
def test_a_wrong_address_stops_the_build(name, value, monkeypatch):
    """Sphinx stops at a ``ConfigError`` of what it calls when it has read the configuration."""
    monkeypatch.setenv(name, value)
    config = {"repository": "", "html_baseurl": "", "exclude_patterns": []}
    with pytest.raises(ConfigError, match=f"^{name} must be .*{re.escape(value)}"):
        load_extension("living_book").read_addresses(None, config)


EXERCISES = """# One

*30 minutes. You need: nothing.*

**1.** Not an exercise.

## Exercises

### Warm up

**1.** What is $x$, see [chapter 02](02_two.ipynb)?

<details><summary>Solution</summary>

It is folded.

**1.** A step of the solution.

</details>

### Derive

**2. A title?** Show it. Hint: look.

### Project

**3.** Measure {words}. Then go on.

## What to take away

**4.** Nothing.
"""


@pytest.fixture
def kit(source, tmp_path):
    """Builds a page for lecturers beside a chapter; the page, the chapter and the warnings."""
    (source / "notebooks").mkdir()
    (source / "book/teaching").mkdir(parents=True)
    (source / "index.rst").write_text(
        "Title\n=====\n\n.. toctree::\n   :glob:\n\n   notebooks/*\n   book/teaching/*\n"
    )
    (source / "conf.py").write_text(
        "extensions = ['myst_nb', 'problem_sets', 'reading_time', 'scene_links']\n"
        "myst_enable_extensions = ['dollarmath']\nnb_execution_mode = 'off'\n"
    )
    parts = re.split(r"\n\n(?=##)", EXERCISES.format(words="it " * 70))
    cells = [new_markdown_cell(part) for part in parts]
    shown = [
        "scenes = [('one', {'scale': 5}), ('two', {'angles': (90.0, 0.0), 'signal': 'A ring'})]",
        "st.explore.energy_shift(scenes=scenes)",
        "st.explore.predict('?', 1)\nplt.subplots()",
    ]
    cells[1:1] = [new_code_cell(code) for code in shown]
    kernel = {"name": "python3", "display_name": "Python 3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    for name in ("01_one", "02_two"):
        nbformat.write(
            new_notebook(cells=cells, metadata=metadata), source / f"notebooks/{name}.ipynb"
        )

    def build(page):
        (source / "book/teaching/page.md").write_text(page)
        out, said = tmp_path / "out", StringIO()
        Sphinx(source, source, out, out / ".doctrees", "html", status=None, warning=said).build()
        read = [
            (out / name).read_text()
            for name in ("book/teaching/page.html", "notebooks/01_one.html")
        ]
        # Sphinx says so of its own parts when another book was built in this process.
        ours = [line for line in said.getvalue().splitlines() if "already registered" not in line]
        return *read, "\n".join(line for line in ours if re.search(r"\w", line))

    return build


def test_exercises_are_collected_by_grade_and_linked(kit):
    page, chapter, warnings = kit(
        "# Sets\n\n```{problem-set} Warm up\n```\n\n```{problem-set} Project\n```\n"
    )
    assert warnings == ""
    assert re.findall(r'<p id="(exercise-\d)"', chapter) == [f"exercise-{n}" for n in (1, 2, 3)]
    links = re.findall(r'href="\.\./\.\./notebooks/(\w+\.html#exercise-\d)"', page)
    assert links == [f"{c}.html#exercise-{n}" for n in (1, 3) for c in ("01_one", "02_two")]
    assert 'href="../../notebooks/02_two.html"' in page
    assert page.count("Then go on.") == 2
    assert "A step" not in page


def test_links_lead_to_scenes_and_minutes_are_counted(kit):
    page, _, warnings = kit(
        "# Kit\n\n{scene}`a ring <01 energy_shift 2>` {scene}`none <01 energy_shift 3>`\n\n"
        "```{reading-time}\n```\n\n```{problem-set} Hard\n```\n"
    )
    state = "#energy_shift.angles=90,0&amp;energy_shift.signal=A%20ring"
    assert f'href="../../notebooks/01_one.html{state}">a ring</a>' in page
    assert "there is no 'none <01 energy_shift 3>'" in warnings
    assert "'Hard' is none of" in warnings
    row = re.search(r"<td><p><strong>02</strong> · (.*?)</p></td>", page.replace("\n", " "))
    held = "1 figure, 4 lines of code, 1 prediction, 1 explorer"
    assert re.fullmatch(rf"\d+ words, {held}", row[1])
    quoted = "> Read\n>\n> ```python\n> left = `out`\n> ```\n>\n> and `two` more, `words` too.\n"
    for text in (quoted, re.sub("^> ?", "", quoted, flags=re.M)):
        assert load_extension("reading_time").words(text) == 6


def test_a_drawing_keeps_the_size_of_letters_and_drops_digits_that_nobody_sees():
    letters = (
        '<g transform="translate(3.14159 2) scale(0.015625 -0.015625)"><path d="M 1.23456 7"/></g>'
    )
    svg = f'<svg width="90pt" height="45pt">{letters}</svg>'
    drawn = load_extension("figures").drawing(svg, "a & b")
    assert 'transform="translate(3.14 2) scale(0.01562 -0.01562)"' in drawn
    assert 'd="M 1.23 7"' in drawn
    assert 'aria-label="a &amp; b"' in drawn
    assert 'width="120" height="60"' in drawn
