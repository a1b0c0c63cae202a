"""The progress of a training: a bar in a terminal, a bar and a chart in a notebook."""

from __future__ import annotations

import html
import io
import sys
from time import perf_counter
from typing import Any, Protocol

from .history import SIZE, History, draw

PROGRESS = (False, True, "bar", "chart")

# Seconds between two updates of the bar in a notebook.
_PAUSE = 0.2
# The chart is drawn again after _SHARE times the time of the last drawing, at most _LONGEST
# seconds.
_SHARE, _LONGEST = 9, 3.0


class Progress(Protocol):
    """The calls that the training loop makes."""

    def step(self, epoch: int, loss: float, accuracy: float | None) -> None:
        """One batch is done; loss and accuracy (None without classes) are of the epoch so far."""

    def epoch(self, history: History) -> None:
        """One epoch is done."""

    def close(self) -> None:
        """Training has ended, for whatever reason."""


def progress(how: bool | str, epochs: int, steps: int, history: History) -> Progress:
    """A display of ``steps`` batches in each of ``epochs``, of which those in ``history`` are done.

    ``how`` is False (nothing), "bar", "chart" (a bar, in a notebook also a chart) or True.
    """
    if not how:
        return _Silent()
    if in_notebook():
        return _Notebook(epochs, steps, history, chart=how != "bar")
    return _Terminal(epochs, steps, history)


def in_notebook() -> bool:
    """Whether this runs in a Jupyter kernel, whose outputs can be replaced."""
    # If IPython is not loaded, this is not a process of it.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")


class _Silent:
    def step(self, epoch: int, loss: float, accuracy: float | None) -> None: ...

    def epoch(self, history: History) -> None: ...

    def close(self) -> None: ...


class _Terminal:
    def __init__(self, epochs: int, steps: int, history: History) -> None:
        from tqdm import tqdm

        self._epochs = epochs
        total, done = epochs * steps, history.epochs * steps
        self._bar = tqdm(total=total, initial=done, desc="training", unit="batch")

    def step(self, epoch: int, loss: float, accuracy: float | None) -> None:
        self._bar.set_description(f"epoch {epoch}/{self._epochs}", refresh=False)
        self._bar.set_postfix_str(_numbers(loss, accuracy), refresh=False)
        self._bar.update()

    def epoch(self, history: History) -> None:
        self._bar.set_postfix_str(_last_numbers(history))

    def close(self) -> None:
        self._bar.close()


class _Notebook:
    """HTML and a picture, not widgets, so that a saved notebook and the static book keep them."""

    def __init__(self, epochs: int, steps: int, history: History, chart: bool) -> None:
        self._epochs, self._steps, self._history = epochs, steps, history
        self._done = history.epochs * steps
        self._next = 0.0
        self._bar, self._chart = _Shown(), _Chart() if chart else None
        self._show(f"epoch {history.epochs + 1} of {epochs}: compiling")
        if self._chart is not None and history.epochs:
            self._chart.draw(history)

    def step(self, epoch: int, loss: float, accuracy: float | None) -> None:
        self._done += 1
        if perf_counter() >= self._next:
            self._next = perf_counter() + _PAUSE
            self._show(f"epoch {epoch} of {self._epochs}: {_numbers(loss, accuracy)}")

    def epoch(self, history: History) -> None:
        self._history = history
        if self._chart is not None:
            self._chart.update(history)

    def close(self) -> None:
        self._bar.show({"text/plain": repr(self._history)})
        if self._chart is not None and self._history.epochs:
            self._chart.draw(self._history)

    def _show(self, text: str) -> None:
        total = self._epochs * self._steps
        mark = (
            f'<progress value="{self._done}" max="{total}" aria-label="training" '
            f'style="width: 16em; vertical-align: middle"></progress> {html.escape(text)}'
        )
        self._bar.show({"text/html": mark, "text/plain": text})


class _Shown:
    """An output of a cell that is replaced in place."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, thing: Any) -> None:
        raw = isinstance(thing, dict)
        if self._handle is None:
            display = sys.modules["IPython"].display.display
            self._handle = display(thing, raw=raw, display_id=True)
        else:
            self._handle.update(thing, raw=raw)


class _Chart(_Shown):
    """The chart of a history."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn = -1
        self._next = 0.0

    def update(self, history: History) -> None:
        """Draw it, unless drawing would take too large a share of the time."""
        start = perf_counter()
        if start >= self._next:
            self.draw(history)
            now = perf_counter()
            self._next = now + min(_SHARE * (now - start), _LONGEST)

    def draw(self, history: History) -> None:
        """Draw it, unless this history is drawn already."""
        if history.epochs != self._drawn:
            image = sys.modules["IPython"].display.Image
            self.show(image(_png(history), width=int(72 * SIZE[0]), alt=repr(history)))
            self._drawn = history.epochs


def _png(history: History) -> bytes:
    """The chart at twice the resolution of a plain screen."""
    from matplotlib.figure import Figure

    stream = io.BytesIO()
    # Not with pyplot: a notebook would show its open figures again.
    draw(history, Figure(figsize=SIZE, layout="constrained")).savefig(stream, dpi=144)
    return stream.getvalue()


def _numbers(loss: float, accuracy: float | None) -> str:
    return f"loss {loss:.3g}" + ("" if accuracy is None else f", accuracy {100 * accuracy:.1f} %")


def _last_numbers(history: History) -> str:
    text = _numbers(history.loss[-1], history.accuracy[-1] if history.accuracy else None)
    if history.validation_loss:
        accuracy = history.validation_accuracy[-1] if history.validation_accuracy else None
        text += f"; validation {_numbers(history.validation_loss[-1], accuracy)}"
    return text
