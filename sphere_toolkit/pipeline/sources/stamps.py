"""Stamps by which a change of a file is found: its size and times, and a digest of its content."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

ABSENT = "absent"


def stamp(path: str | Path) -> str:
    """Size, times and a digest of a file, as one line.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    str
        ``"<bytes> <mtime> <ctime> <SHA-256>"``, times in nanoseconds; `ABSENT` if the file
        cannot be read.
    """
    try:
        status = _status(path)  # first, so that a later change is noticed
        return f"{status} {_digest(str(path), status)}"
    except OSError:
        return ABSENT


def changed(path: str | Path, earlier: str) -> bool:
    """Whether the content of a file has changed since it was stamped.

    Size and times are compared first, and the file is read only if they differ. One of the times is
    ctime, the time of the last change of the file's entry. A copy that keeps the time of the
    content (``cp -p``, ``rsync -t``) does not keep ctime.
    """
    status, _, digest = earlier.rpartition(" ")
    try:
        if _status(path) == status:
            return False
    except OSError:
        return earlier != ABSENT
    return stamp(path).rpartition(" ")[2] != digest


@lru_cache(maxsize=100_000)
def _digest(path: str, status: str) -> str:
    """Checksum of a file; read once as long as its status stays."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _status(path: str | Path) -> str:
    found = os.stat(path)
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
