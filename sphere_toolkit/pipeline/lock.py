"""One writer at a time: the lock of a store."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

LOCK = ".sphere_toolkit.lock"
_TRIES = 5


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other runs from a store; the lock ends with the process that holds it.

    The folder is created if it does not exist. At the end the lock file is removed, and so is every
    folder that was created for it and is still empty. A folder without write permission is not
    locked.

    A lock on the folder itself would need no file, but network file systems refuse it: they lock
    only files that are open for writing.
    """
    if path.is_dir() and not os.access(path, os.W_OK):
        yield  # no run can write to it
        return
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    lock = FileLock(path / LOCK, blocking=False)
    try:
        with uninterrupted():  # or it would not be known whether the file is ours
            _acquire(lock, path)
        yield
    finally:
        with uninterrupted():
            if lock.is_locked:
                _release(lock, path)
            with suppress(OSError):  # not empty
                for folder in made:
                    folder.rmdir()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the context, where the system can do this."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _release(lock: FileLock, path: Path) -> None:
    # While the lock is held: a process that opened the file before sees that it is gone.
    try:
        (path / LOCK).unlink(missing_ok=True)
        lock.release()
    except PermissionError:  # Windows removes no file that is open, by this run or another
        lock.release()
        with suppress(PermissionError):
            (path / LOCK).unlink(missing_ok=True)


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
