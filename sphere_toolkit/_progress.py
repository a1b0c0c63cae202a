"""Progress bars that cost nothing when nobody looks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any


def no_tick() -> None:
    """Advance nothing."""


def bar(show: bool, total: int, what: str) -> AbstractContextManager[Callable[[], Any]]:
    """A context that gives the function which advances a bar of ``total`` steps by one.

    In a terminal or a notebook alike; without ``show`` nothing is drawn or imported.
    """
    return _Bar(total, what) if show else nullcontext(no_tick)


class _Bar:
    def __init__(self, total: int, what: str) -> None:
        from tqdm.auto import tqdm

        self._bar = tqdm(total=total, desc=what)

    def __enter__(self) -> Callable[[], Any]:
        return self._bar.update

    def __exit__(self, *_: object) -> None:
        self._bar.close()
