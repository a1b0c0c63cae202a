"""The explorers' JavaScript without a page: style, types, and its mathematics against Python's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from commands import ROOT, unavailable

sys.path.append(str(ROOT / "tests" / "javascript"))
import oracle

PACKAGE = json.loads((ROOT / "package.json").read_text())


@pytest.fixture(scope="module")
def npm():
    """Runs a script of package.json; see `unavailable` where there is no npm."""
    if shutil.which("npm") is None or not (ROOT / "node_modules").is_dir():
        unavailable("no npm, or no packages of it: install Node.js 20 or newer, then run 'npm ci'")

    def run(script, **environment):
        command = ["npm", "run", "--silent", script]
        result = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run


@pytest.mark.parametrize("script", ["lint", "types"])
def test_nothing_is_found_in_the_sources(npm, script):
    npm(script)


def test_the_mathematics_equals_python(npm, tmp_path):
    oracle.write(tmp_path)
    told = npm("unit", ORACLE=str(tmp_path))
    counts = dict(line[2:].split() for line in told.splitlines() if line.startswith("# pass"))
    assert int(counts["pass"]) > 30


def test_the_lock_file_names_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert all("resolved" not in package for package in lock["packages"].values())
    assert lock["packages"][""]["devDependencies"] == PACKAGE["devDependencies"]
