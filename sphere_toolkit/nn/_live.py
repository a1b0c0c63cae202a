"""What a training shows while it runs: a progress bar, and a chart in a notebook."""

from __future__ import annotations

import io
import sys
from time import perf_counter
from types import TracebackType
from typing import Any

from .history import _SIZE, History, draw

PROGRESS = (False, True, "bar", "chart")

# The chart may take this share of the time that training takes.
_SHARE = 0.1


class Progress:
    """A context that shows ``steps`` per epoch of ``epochs``, of which some may be done.

    ``how`` is False (nothing), "bar", "chart" (both) or True: both in a notebook, else the bar.
    """

    def __init__(self, how: bool | str, epochs: int, steps: int, history: History) -> None:
        self._epochs, self._steps = epochs, steps
        self._bar: Any = None
        self._chart = _Chart() if how in (True, "chart") and in_notebook() else None
        if how:
            from tqdm.auto import tqdm

            total, done = epochs * steps, history.epochs * steps
            self._bar = tqdm(total=total, initial=done, desc="training", unit="batch")

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def step(self, epoch: int, loss: float, accuracy: float) -> None:
        """One batch is done; loss and accuracy are those of the epoch so far."""
        if self._bar is not None:
            self._bar.set_description(f"epoch {epoch}/{self._epochs}", refresh=False)
            postfix = f"loss {loss:.3g}, accuracy {100 * accuracy:.1f} %"
            self._bar.set_postfix_str(postfix, refresh=False)
            self._bar.update()

    def epoch(self, history: History, last: bool) -> None:
        """One epoch is done; after the last the chart is drawn in any case."""
        if self._bar is not None and history.validation_loss:
            self._bar.set_postfix_str(
                f"loss {history.loss[-1]:.3g}, accuracy {100 * history.accuracy[-1]:.1f} %, "
                f"validation {history.validation_loss[-1]:.3g}, "
                f"{100 * history.validation_accuracy[-1]:.1f} %"
            )
        if self._chart is not None:
            self._chart.show(history, last)


def in_notebook() -> bool:
    """Whether this runs in a Jupyter kernel, which can replace what it has shown."""
    # Only a process that runs in IPython has loaded it.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")


class _Chart:
    """The chart of a history, drawn again in place as the history grows."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._next = 0.0

    def show(self, history: History, last: bool) -> None:
        start = perf_counter()
        if start < self._next and not last:
            return
        display = sys.modules["IPython"].display
        picture = display.Image(data=_png(history), width=72 * _SIZE[0])
        if self._handle is None:
            self._handle = display.display(picture, display_id=True)
        else:
            self._handle.update(picture)
        now = perf_counter()
        self._next = now + (now - start) / _SHARE


def _png(history: History) -> bytes:
    """The chart at twice the resolution of a plain screen."""
    from matplotlib.figure import Figure

    stream = io.BytesIO()
    # Not through pyplot: a notebook would show what is left open there once more.
    draw(history, Figure(figsize=_SIZE, layout="constrained")).savefig(stream, dpi=144)
    return stream.getvalue()
