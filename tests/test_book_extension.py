"""The book's extension: which pages a build reads again."""

import sys

import pytest
from commands import ROOT
from sphinx.application import Sphinx

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
    (source / "conf.py").write_text("extensions = ['living_book']\n")
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
