"""What every test sees: figures are drawn off screen, and hypothesis draws the same examples.

`make test` runs two tests at a time (pytest-xdist, ``--dist loadgroup``): one process takes all
that needs the browser and the built book, which it builds once; the tests of a file stay together,
for they share what the file prepares.
"""

import hypothesis
import matplotlib
import pytest

# Not by MPLBACKEND: notebooks run in this environment too, and theirs is the inline backend.
matplotlib.use("agg")

# Two cores shared by many tests make single examples slow at random: no deadline per example.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("project")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests must run in one process."""
    for item in items:
        browser = item.path.parent.name == "browser"
        item.add_marker(pytest.mark.xdist_group("browser" if browser else str(item.path)))
