"""What every test sees: figures are drawn off screen, and hypothesis draws the same examples.

`make test` runs two tests at a time (pytest-xdist): one process takes all that needs the browser
and the built book, which it builds once; the tests of any other file stay together, for they share
what the file prepares.
"""

import hypothesis
import matplotlib
import pytest

# Not by MPLBACKEND: notebooks run in this environment too, and theirs is the inline backend.
matplotlib.use("agg")

# Two cores shared by many tests make single examples slow at random: no deadline per example.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("project")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """How pytest-xdist shares out the tests, where it runs: `-p no:xdist` leaves it out."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        """Tests of a file, and all of the browser, in one process."""

        # Not by marks and --dist=loadgroup: pytest 9.2 does not show pytest-xdist 3.8 the groups.
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "browser" if file.startswith("tests/browser/") else file

    return Together(config, log)
