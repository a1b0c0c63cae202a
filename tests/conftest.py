"""What every test sees: figures are drawn off screen, and hypothesis draws the same examples.

`make test` runs two tests at a time (pytest-xdist). One process begins with the explorers in the
browser, the other with the chapters. When these are executed, one of the two builds the book, once,
and checks its pages. The tests of any other file stay together, since they share what the file
prepares.
"""

import gc
import os
import re
import sys
from pathlib import Path

import hypothesis
import matplotlib
import pytest
from commands import is_due, peer

# What is loaded until the tests begin stays. To look for what nobody uses among it took a fifth of
# the time that loading it takes, and a second at the end.
gc.disable()
# With this, jsonschema would check addresses by a grammar that takes a second to compile. Notebooks
# hold none.
sys.modules["rfc3987_syntax"] = None

# For JAX on a CPU: an older way to make machine code, in half the time. Processes that
# tests start compile as those of a user do, so the flag goes as soon as JAX has read it. A version
# of JAX that no longer knows the flag says so and ends.
QUICK = "--xla_cpu_use_fusion_emitters=false"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '').replace(QUICK, '')} {QUICK}"

# Not by MPLBACKEND: notebooks run in this environment too, and theirs is the inline backend.
matplotlib.use("agg")

# Two cores shared by many tests make single examples slow at random: no deadline per example.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("project")

HERE = Path(__file__).parent
# Files that import healpy in their first lines need it for every test.
collect_ignore = [
    str(file.relative_to(HERE))
    for file in ([] if is_due("healpy") else HERE.rglob("test_*.py"))
    if re.search("^import healpy", file.read_text(encoding="utf-8"), re.M)
]


def pytest_report_header():
    """Say what is left out."""
    return [f"left out, without a wheel of healpy: {name}" for name in collect_ignore]


def pytest_collection_finish():
    """Look for what nobody uses again, among what the tests make; give back the environment."""
    gc.freeze()
    gc.enable()
    if "jax" in sys.modules:
        sys.modules["jax"].devices()
    flags = os.environ.pop("XLA_FLAGS").replace(QUICK, "").strip()
    if flags:
        os.environ["XLA_FLAGS"] = flags


@pytest.fixture(scope="session")
def pyssht():
    """An oracle of transforms."""
    return peer("pyssht")


@pytest.fixture(scope="session")
def executed_chapters(tmp_path_factory):
    """The folder of the chapters that this session executes, for all of its processes."""
    folder = tmp_path_factory.getbasetemp()
    return (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "executed"


BOOK = ("tests/browser/test_book.py", "tests/browser/test_accessibility.py")
# What takes longest comes first, and the book after the chapters that it shows.
FIRST = (
    "tests/browser/", "tests/test_notebooks.py", *BOOK, "tests/test_types.py", "sphere_toolkit/"
)  # fmt: skip


def pytest_collection_modifyitems(items):
    """Sort the tests by the last entry of ``FIRST`` that they belong to; others come last."""

    def rank(item):
        found = [k for k, start in enumerate(FIRST) if item.nodeid.startswith(start)]
        return max(found, default=len(FIRST))

    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """How pytest-xdist shares out the tests, where it runs: `-p no:xdist` leaves it out."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        """Each of these in one process: a file, explorers, the book, doctests, a chapter."""

        # Not by marks and --dist=loadgroup: pytest 9.2 does not show pytest-xdist 3.8 the groups.
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if file in BOOK:
                return "the book"
            for folder in ("tests/browser/", "sphere_toolkit/"):
                if file.startswith(folder):
                    return folder
            return nodeid if file == "tests/test_notebooks.py" else file

    config.option.loadscopereorder = False  # what is collected first is the longest
    return Together(config, log)
