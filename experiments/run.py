"""How an experiment runs: seed, store, processes, and the training that all of them use."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Memory, Parallel, delayed
from numpy.typing import NDArray
from tqdm.auto import tqdm

import sphere_toolkit as st
from sphere_toolkit._util import checks

from .report import versions

Data = tuple[NDArray, NDArray]

# Nothing in these changes a number that is kept in a store.
_ROOMS_APART = ("explore", "plot", "pipeline", "cli")
_FILES_APART = ("command.py", "figure.py", "report.py", "style.py")


@cache
def _digest_of_code() -> str:
    """Of the modules of the package and of the experiments that a kept number may come from."""
    digest = hashlib.sha256()
    for root in (Path(st.__file__).parent, Path(__file__).parent):
        for file in sorted(root.rglob("*.py")):
            name = file.relative_to(root)
            if name.parts[0] not in _ROOMS_APART and name.name not in _FILES_APART:
                digest.update(f"{name.as_posix()}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Run:
    """How an experiment runs.

    Attributes
    ----------
    seed : int
        Of simulations, rotations, weights and the order in training.
    epochs : int
        How often a network sees every sample, where one is trained.
    store : Path
        Folder for simulations and networks: the same run, made again by the same code, goes on from
        there.
    n_workers : int or None
        Processes that simulate; one per core by default.
    progress : bool

    Raises
    ------
    TypeError, ValueError
        A number is out of range.
    """

    seed: int
    epochs: int
    store: Path
    n_workers: int | None = None
    progress: bool = False

    def __post_init__(self) -> None:
        checks.integer("--seed", self.seed, 0)
        checks.integer("--epochs", self.epochs, 1)

    @property
    def _folder(self) -> Path:
        """Where the store keeps what these versions and this code compute."""
        found = versions(("sphere-toolkit", "ducc0", "numpy"))
        software = "-".join(f"{package}-{version}" for package, version in found.items())
        return self.store / f"{software}-{_digest_of_code()}"

    def announce(self, what: str) -> None:
        """Print ``what``, if progress is shown."""
        if self.progress:
            print(what, file=sys.stderr)

    def in_blocks(
        self,
        function: Callable[..., tuple[NDArray, ...]],
        name: str,
        first: int,
        n: int,
        step: int,
        what: str,
        options: tuple[Any, ...] = (),
    ) -> list[NDArray]:
        """Apply ``function`` to the skies ``first .. first + n - 1`` of a set, block by block.

        Blocks are computed in parallel, and kept in the store by `joblib.Memory`. A block whose
        file is damaged is computed again.

        Parameters
        ----------
        function : callable (name, seed, start, stop, *options) -> arrays
            Each array has one row per sky ``start .. stop - 1``.
        name : str
            Name of the simulation set.
        first, n : int
            Number of the first sky, and how many skies.
        step : int
            Skies in a block.
        what : str
            Label of the progress bar.
        options : tuple
            More arguments of ``function``; other ones are other blocks.

        Returns
        -------
        list of arrays (n, ...)
        """
        kept = Memory(self._folder, verbose=0).cache(function)
        blocks = [
            (name, self.seed, start, min(start + step, first + n), *options)
            for start in range(first, first + n, step)
        ]
        parallel = Parallel(min(checks.threads(self.n_workers), len(blocks)), return_as="generator")
        parts = parallel(delayed(kept)(*block) for block in blocks)
        shown = tqdm(parts, what, len(blocks), unit="block", disable=not self.progress)
        return [np.concatenate(columns) for columns in zip(*shown, strict=True)]

    def fit(
        self, model: Any, data: Data, validation: Data, checkpoint: str, **options: Any
    ) -> tuple[Any, st.nn.History]:
        """Train with a cosine schedule, and keep the weights of the lowest validation loss.

        Parameters
        ----------
        model : eqx.Module
        data, validation : (x, y)
        checkpoint : str
            Name of the file in the store from which an interrupted training goes on.
        options
            Others of `nn.fit`: batch_size, learning_rate, weight_decay, augment.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        return st.nn.fit(
            model,
            data,
            validation=validation,
            epochs=self.epochs,
            schedule="cosine",
            seed=self.seed,
            patience=self.epochs,
            checkpoint=self._folder / f"{checkpoint}.ckpt",
            progress="bar" if self.progress else False,
            **options,
        )
