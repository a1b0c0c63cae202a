"""What every test sees: figures are drawn off screen, and hypothesis draws the same examples.

`make test` runs two tests at a time (pytest-xdist): one process takes all that needs the browser
and the built book, which it builds once; the other meanwhile executes the chapters that the book
shows. The tests of any other file stay together, for they share what the file prepares.
"""

import os

import hypothesis
import matplotlib
import pytest

# Not by MPLBACKEND: notebooks run in this environment too, and theirs is the inline backend.
matplotlib.use("agg")

# Two cores shared by many tests make single examples slow at random: no deadline per example.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="session")
def executed_chapters(tmp_path_factory):
    """The folder of the chapters that this session executes, for all of its processes."""
    folder = tmp_path_factory.getbasetemp()
    return (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "executed"


def pytest_collection_modifyitems(items):
    """First what takes longest: the browser's tests, those of the built book last, and chapters."""

    def rank(item):
        if item.nodeid.startswith("tests/browser/"):
            return 1 if "book" in item.fixturenames else 0
        first = ("tests/test_notebooks.py", "sphere_toolkit/")
        return 4 - item.nodeid.startswith(first)

    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """How pytest-xdist shares out the tests, where it runs: `-p no:xdist` leaves it out."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        """Tests of a file, all of the browser, and all doctests in one process; chapters apart."""

        # Not by marks and --dist=loadgroup: pytest 9.2 does not show pytest-xdist 3.8 the groups.
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            for folder in ("tests/browser/", "sphere_toolkit/"):
                if file.startswith(folder):
                    return folder
            return nodeid if file == "tests/test_notebooks.py" else file

    config.option.loadscopereorder = False  # what is collected first is the longest
    return Together(config, log)
