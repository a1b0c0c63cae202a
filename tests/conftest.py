"""What every test sees: figures are drawn off screen, and hypothesis draws the same examples."""

import os
from pathlib import Path

import hypothesis
import pytest

os.environ["MPLBACKEND"] = "Agg"

# Two cores shared by many tests make single examples slow at random: no deadline per example.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return Path(__file__).resolve().parents[1]
