"""An optional progress bar; a no-op when it is disabled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any


def no_tick() -> None:
    """Do nothing, in place of advancing a bar."""


def bar(show: bool, total: int, what: str) -> AbstractContextManager[Callable[[], Any]]:
    """A context whose value is a function that advances a bar of ``total`` steps by one.

    The bar works in terminals and notebooks. Without ``show``, tqdm is not even imported.
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
