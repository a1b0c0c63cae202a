"""One writer at a time: the lock of a store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

LOCK = ".sphere_toolkit.lock"
_TRIES = 5


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other runs from a store; the lock dies with the process that holds it.

    The folder is made if it is not there. At the end the file of the lock goes, and so does every
    folder that was made for it and is still empty.

    A folder that cannot be written to is left alone.

    A lock on the folder itself would need no file, but network file systems refuse it: they lock
    only what is open for writing.
    """
    if path.is_dir() and not os.access(path, os.W_OK):
        yield  # it can be read, and nobody writes
        return
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    lock = FileLock(path / LOCK, blocking=False)
    _acquire(lock, path)
    try:
        yield
    finally:
        # While the lock is held: whoever opened the file before sees that its name is gone.
        (path / LOCK).unlink(missing_ok=True)
        lock.release()
        with suppress(OSError):  # not empty
            for folder in made:
                folder.rmdir()


def _acquire(lock: FileLock, path: Path) -> None:
    for attempt in range(_TRIES):
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            return
        except Timeout:
            raise ValueError(
                f"another run is writing to the store {str(path)!r}; wait until it is done, or "
                "give this one a store of its own"
            ) from None
        except FileNotFoundError:  # a run that ended took the empty folder away
            if attempt == _TRIES - 1:
                raise
        except FileExistsError:
            raise NotADirectoryError(
                f"the store must be a folder, got {str(path)!r}, which is something else"
            ) from None
