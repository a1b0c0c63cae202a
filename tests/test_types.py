"""The types of the package: mypy on one core, while other tests use the other."""

import subprocess
import sys

from commands import ROOT


def test_nothing_is_found_in_the_types():
    run = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
