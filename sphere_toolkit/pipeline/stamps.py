"""How a file is known again: by its size and times, and where they differ by its content."""

from __future__ import annotations

import hashlib
import os
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
        with open(path, "rb") as stream:
            status = _status(os.fstat(stream.fileno()))  # first: a later change will be noticed
            return f"{status} {hashlib.file_digest(stream, 'sha256').hexdigest()}"
    except OSError:
        return ABSENT


def changed(path: str | Path, earlier: str) -> bool:
    """Whether a file holds something else than when it was stamped.

    Size and times are compared first: a file is read only where they differ. Among them is the
    time when the entry of the file changed (ctime), which a copy that keeps the time of the
    content (``cp -p``, ``rsync -t``) does not keep.
    """
    status, _, digest = earlier.rpartition(" ")
    try:
        if _status(os.stat(path)) == status:
            return False
    except OSError:
        return earlier != ABSENT
    return stamp(path).rpartition(" ")[2] != digest


def _status(found: os.stat_result) -> str:
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
