"""Checkpoints: `fit` writes one after each epoch, and can continue from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from . import saving
from .history import History
from .structure import decode, describe, differences, encode


class TrainState(NamedTuple):
    """A training after some epochs."""

    model: Any
    best: Any
    state: Any
    history: History


class Checkpoint:
    """A file that belongs to one run: its architecture, data and options.

    Parameters
    ----------
    path : path
    run : mapping of str to str
        A description of everything that defines the run. A file of another run is refused.

    Raises
    ------
    FileNotFoundError
        The folder of ``path`` does not exist (raised before the first epoch).
    """

    def __init__(self, path: Any, run: Mapping[str, str]) -> None:
        self.path, self._run = Path(path), dict(run)
        saving.check_folder(self.path)

    def read(self, start: TrainState) -> TrainState | None:
        """The training that the file holds; None if there is no file.

        Raises
        ------
        TypeError
            The model of ``start`` cannot be saved: see `save`.
        ValueError
            The file was not written by `fit`, is damaged or belongs to another run.
        """
        encoded, arrays = encode(start.model)
        if not self.path.exists():
            return None
        header, content = saving.read(self.path)
        if "training" not in header:
            raise ValueError(
                f"checkpoint {self.path} is a saved model, not a checkpoint: name another file; "
                "nothing is overwritten"
            )
        found = differences(describe(header["model"]), describe(encoded), "the model")
        if found:
            raise ValueError(f"checkpoint {self.path} holds another architecture: {found}")
        found = differences(header["training"]["run"], self._run, "the run")
        if found:
            raise ValueError(
                f"checkpoint {self.path} belongs to another run: {found}. Nothing is overwritten: "
                "go on with the same arguments, or begin anew with another file"
            )
        history = History(**header["training"]["history"])
        like = (arrays, (start.best, start.state))
        arrays, (best, state) = saving.parse(self.path, content, like)
        return TrainState(decode(encoded, arrays), best, state, history)

    def write(self, now: TrainState) -> None:
        """Replace the file, in one step."""
        training = {"run": self._run, "history": now.history.to_dict()}
        saving.write(self.path, now.model, {"training": training}, (now.best, now.state))
