"""Building the book as `make book` does, and what its table of contents lists."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml
from commands import make

ROOT = Path(__file__).resolve().parents[2]
TOC = yaml.safe_load((ROOT / "book/_toc.yml").read_text())


def _files(entry: object) -> list[str]:
    """The documents that an entry of the table of contents names, at any depth."""
    if isinstance(entry, dict):
        named = [entry[key] for key in ("root", "file") if key in entry]
        return named + [f for value in entry.values() for f in _files(value)]
    return [f for item in entry for f in _files(item)] if isinstance(entry, list) else []


DOCUMENTS = _files(TOC)
CHAPTERS = [document for document in DOCUMENTS if document.startswith("notebooks/")]
PAGES = [f"{document}.html" for document in DOCUMENTS]
PAGES += ["book/404.html", "genindex.html", "py-modindex.html", "search.html"]


def run(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the root of the repository."""
    # Whatever the tests' own environment asks of Python's warnings is not for the build.
    ours = {k: v for k, v in os.environ.items() if k != "PYTHONWARNINGS"} | environment
    return subprocess.run(command, cwd=ROOT, shell=True, capture_output=True, text=True, env=ours)


def build_command(out: Path) -> str:
    """The command of `make book`, with the Python of the tests."""
    python = Path(sys.executable).parent
    dry = make("-n", "book", f"BOOK_DIR={out}", f"BIN={python}").stdout
    return dry[dry.index(f"{python}/jupyter-book") :]


def build(out: Path, **environment: str) -> Path:
    """Build the book; the folder of its pages."""
    result = run(build_command(out), **environment)
    lines = result.stderr.splitlines()
    problems = [line for line in lines if "WARNING:" in line or "ERROR:" in line]
    assert result.returncode == 0, "\n".join(problems) or result.stderr[-4000:]
    return out / "_build" / "html"
