"""What `st.citation` prints is valid BibTeX, complete, and what the book cites."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from pybtex.database import parse_file, parse_string

import sphere_toolkit as st
from sphere_toolkit.citations import TOPICS
from sphere_toolkit.sphere.grids.grid import SCHEMES

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "sphere_toolkit/references.bib"
REFERENCES = parse_file(SOURCE).entries
ALWAYS = ["sphere_toolkit", "mcewen2022", "reinecke2013"]
# What a reader needs to find a work, by kind of entry.
REQUIRED = {
    "article": {"title", "journal", "volume", "pages", "year", "doi"},
    "inproceedings": {"title", "booktitle", "year", "url"},
    "misc": {"title", "year"},
}


def keys(*used):
    """Keys of what is cited, read by an independent parser."""
    return list(parse_string(st.citation(*used), "bibtex").entries)


def test_the_toolkit_its_method_and_its_engine_come_first():
    assert keys() == ALWAYS


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (st.Grid.gauss_legendre(8), []),
        (st.Grid.mcewen_wiaux(8), ["mcewen2011"]),
        (st.Grid.healpix(4), ["gorski2005"]),
        (st.WaveletBank(16), ["wiaux2008", "leistedt2013", "mcewen2018"]),
        ("cmb", ["lewis2000", "planck2020"]),
        ("relief", ["etopo5"]),
        ("masks", ["hoffman1991", "bucher2012", "kim2012"]),
        ("synthesis", ["portilla2000", "bruna2018", "cheng2024", "mousset2024", "liu1989"]),
    ],
    ids=str,
)
def test_what_was_used_is_cited(used, expected):
    assert keys(used) == ALWAYS + expected


def test_a_network_and_its_coefficients_cite_the_same():
    scatter = st.ScatteringTransform(16, J_min=2)
    cited = keys(scatter)
    assert {"mallat2012", "bruna2013", "wiaux2008"} <= set(cited)
    assert keys(scatter(st.signals.ring(16))) == cited
    assert keys(st.WaveletBank(16).analysis(st.signals.ring(16))) == keys(st.WaveletBank(16))


def test_a_network_cites_its_envelope_and_its_directions():
    monogenic, directional = {"felsberg2001", "fleischmann2010"}, {"mcewen2015"}
    plain = set(keys(st.ScatteringTransform(16, J_min=2)))
    assert not plain & (monogenic | directional)
    smooth = st.ScatteringTransform(16, J_min=2, nonlinearity=st.Envelope(2))
    assert set(keys(smooth)) == plain | set(keys(st.Envelope(2)))
    assert monogenic < set(keys(st.Envelope(2))) == set(keys("envelope"))
    both = st.ScatteringTransform(16, J_min=2, nonlinearity="envelope", directions=3)
    assert monogenic | directional < set(keys(both))
    assert keys(both(st.signals.ring(16))) == keys(both)


def test_a_drawn_sky_cites_its_model():
    drawn = st.scattering.Synthesis(st.signals.ring(8), st.scattering.SynthesisHistory(()))
    assert keys(drawn) == keys("synthesis")


def test_a_mask_and_what_lies_behind_it_cite_how_holes_are_filled():
    grid, scatter = st.Grid.healpix(8), st.ScatteringTransform(16, J_min=2)
    mask = st.masks.Mask(np.abs(np.cos(grid.theta)) > 0.3, grid)
    assert keys(mask) == keys("masks")
    assert keys(scatter(st.signals.ring(16), mask=mask)) == keys(scatter, "masks")


def test_each_source_of_a_docstring_belongs_to_a_topic():
    texts = [path.read_text() for path in (ROOT / "sphere_toolkit").rglob("*.py")]
    named = {key for text in texts for key in re.findall(r"\[(\w+)\]", text)} & set(REFERENCES)
    assert len(named) > 10
    assert named <= set(ALWAYS).union(*TOPICS.values())


def test_nothing_is_cited_twice():
    cited = keys(*TOPICS, *TOPICS, st.WaveletBank(16), st.ScatteringTransform(16, J_min=2))
    assert len(set(cited)) == len(cited)
    assert set(cited) == set(ALWAYS).union(*TOPICS.values())


def test_each_scheme_of_a_grid_is_a_topic():
    assert set(SCHEMES) <= set(TOPICS)
    assert keys(st.Grid.equiangular(5, 8)) == keys("clenshaw-curtis")


def test_a_prompt_shows_the_text_as_it_is():
    text = st.citation("healpix")
    assert repr(text) == str(text)
    assert "\n" in repr(text)
    assert isinstance(text, str)


@pytest.mark.parametrize("topic", ["CMB", "", "wavelet"])
def test_an_unknown_topic_is_refused(topic):
    with pytest.raises(ValueError, match=f"topic must be one of .*'healpix'.*, got {topic!r}"):
        st.citation("cmb", topic)


@pytest.mark.parametrize("thing", [None, 3, st.cmb, np.zeros(3)], ids=repr)
def test_another_thing_is_refused(thing):
    with pytest.raises(TypeError, match="must be one of Grid, WaveletBank.*'cmb'.*got"):
        st.citation(thing)


@pytest.mark.parametrize("key", REFERENCES)
def test_a_reference_is_complete(key):
    entry = REFERENCES[key]
    assert REQUIRED[entry.type] <= {name.lower() for name in entry.fields}
    assert entry.persons["author"]
    assert re.fullmatch(r"(19|20)\d\d", entry.fields["year"])
    # Pages of a range are joined by a dash of two; a DOI is bare, a URL is an arXiv abstract's.
    assert re.fullmatch(r"[ABL]?\d+(--L?\d+)?", entry.fields.get("pages", "1"))
    assert re.fullmatch(r"10\.\d{4,}/\S+", entry.fields.get("doi", "10.1000/1"))
    arxiv = r"https://arxiv\.org/abs/\d{4}\.\d{4,5}"
    assert re.fullmatch(arxiv, entry.fields.get("url", "https://arxiv.org/abs/2102.02828"))


def test_the_toolkit_is_cited_in_its_version():
    assert REFERENCES["sphere_toolkit"].fields["note"] == f"Version {st.__version__}"


def test_the_book_reads_the_same_file():
    config = yaml.safe_load((ROOT / "book/_config.yml").read_text())
    assert [ROOT / name for name in config["bibtex_bibfiles"]] == [SOURCE]


def test_the_citation_file_names_the_same_works():
    listed = yaml.safe_load((ROOT / "CITATION.cff").read_text())["references"]
    dois = {work["doi"] for work in listed if "doi" in work}
    assert dois
    assert dois <= {entry.fields.get("doi") for entry in REFERENCES.values()}


def test_the_page_of_references_says_what_each_work_did():
    works = set(REFERENCES) - {"sphere_toolkit"}
    page = (ROOT / "book/references.md").read_text()
    cited = {key for keys in re.findall(r"\{cite\}`([^`]+)`", page) for key in keys.split(",")}
    assert cited == works
