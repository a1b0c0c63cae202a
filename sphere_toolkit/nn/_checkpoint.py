"""What `fit` keeps after each epoch, and takes up again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from . import saving
from ._structure import differences
from .history import History


class Progressed(NamedTuple):
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
        All that makes another run, in words. A file of another one is refused.

    Raises
    ------
    FileNotFoundError
        The folder of ``path`` does not exist: better said before the first epoch than after.
    """

    def __init__(self, path: Any, run: Mapping[str, str]) -> None:
        self.path, self._run = Path(path), dict(run)
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"checkpoint: there is no folder {self.path.parent}")

    def read(self, like: Progressed) -> Progressed | None:
        """The training that the file holds; None if there is no file.

        Raises
        ------
        ValueError
            The file is none of `fit`, is damaged or belongs to another run.
        """
        if not self.path.exists():
            return None
        header, content = saving.read(self.path)
        if "training" not in header:
            raise ValueError(
                f"checkpoint {self.path} is a saved model, not a checkpoint: name another file; "
                "nothing is overwritten"
            )
        saving.check_architecture(self.path, header, like.model)
        found = differences(header["training"]["run"], self._run, "the run")
        if found:
            raise ValueError(
                f"checkpoint {self.path} belongs to another run: {found}. Nothing is overwritten: "
                "go on with the same arguments, or begin anew with another file"
            )
        history = History(**header["training"]["history"])
        tree = (like.model, (like.best, like.state))
        model, (best, state) = saving.arrays(self.path, content, tree)
        return Progressed(model, best, state, history)

    def write(self, now: Progressed) -> None:
        """Replace the file, in one step."""
        training = {"run": self._run, "history": now.history.to_dict()}
        saving.write(self.path, now.model, {"training": training}, (now.best, now.state))
