"""How the command ends: exit statuses, and one line that says why."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

FAILED, UNUSABLE, STOPPED = 1, 3, 130


def fail(reason: str) -> int:
    """Say why the command failed, in one line, and return its exit status."""
    print(f"sphere-toolkit: error: {' '.join(reason.split())}", file=sys.stderr)
    return FAILED


def note(text: str) -> None:
    """Say something beside the result."""
    print(" ".join(text.split()), file=sys.stderr)


def check_file(out: Path, what: str) -> None:
    """Raise before the work unless a result can be written to a file."""
    if out.is_dir():
        raise IsADirectoryError(f"{what} must be a file, got the folder {str(out)!r}")
    if not out.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(out.parent)!r} for {what} {out.name!r}")


def done(n: int, unusable: Mapping[str, str]) -> int:
    """The exit status of work on ``n`` maps, after a list of those that were unusable."""
    if not unusable:
        return 0
    for name, reason in unusable.items():
        note(f"unusable: {name}: {reason}")
    note(f"Unusable maps: {len(unusable)} of {n}. A map is tried again when its file has changed, "
         "or with --retry-unusable.")  # fmt: skip
    return UNUSABLE
