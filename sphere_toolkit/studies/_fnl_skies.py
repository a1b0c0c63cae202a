"""The skies of the study of f_NL: pairs to learn from, single ones to be tested on."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from .. import cmb
from .._progress import bar
from ..pipeline.worker import versions
from ..scattering.transform import ScatteringTransform
from ._skies import in_processes

# Training skies have half of the set's f_NL, with either sign: as far from each other as the
# classes that are to be told apart.
HALF = 0.5
_STEP = 32


@dataclass(frozen=True)
class Pairs:
    """Skies to learn from.

    Attributes
    ----------
    up, down : complex64 array (n, n_paths, n_coefficients)
        Scattering coefficients of a Gaussian sky with +50 and with -50 of what f_NL multiplies.
    plain, curved : complex64 array (n, n_paths, n_coefficients)
        The same for the set's own classes, 0 and 100.
    paths : tuple of tuple of int
    """

    up: NDArray
    down: NDArray
    plain: NDArray
    curved: NDArray
    paths: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Tests:
    """Skies of the set itself, the classes in turn.

    Attributes
    ----------
    labels : int array (n,)
    alm : complex64 array (n, n_paths, n_coefficients)
        Scattering coefficients.
    ksw : float64 array (n,)
        The optimal estimate of f_NL.
    """

    labels: NDArray
    alm: NDArray
    ksw: NDArray


def pairs(
    name: str, n: int, seed: int, folder: Path, n_workers: int | None, progress: bool
) -> Pairs:
    """Skies ``0 .. n - 1``; those that the folder has already are read."""
    jobs = _jobs(_Pair, name, seed, 0, n, folder)
    (alm,) = _collect(jobs, n_workers, progress, "skies to learn from")
    return Pairs(alm[:, 0], alm[:, 1], alm[:, 2], alm[:, 3], transform(name).paths)


def tests(
    name: str, n: int, seed: int, first: int, folder: Path, n_workers: int | None, progress: bool
) -> Tests:
    """Skies ``first .. first + n - 1`` of the set."""
    jobs = _jobs(_Test, name, seed, first, n, folder)
    alm, ksw = _collect(jobs, n_workers, progress, "skies to be tested on")
    simulations = cmb.simulation_set(name)
    labels = np.array([simulations.label(i) for i in range(first, first + n)])
    return Tests(labels, alm, ksw)


def transform(name: str) -> ScatteringTransform:
    """The scattering transform of the study."""
    return ScatteringTransform(cmb.simulation_set(name).L, oversampling=1, n_threads=1)


@dataclass(frozen=True)
class _Block:
    """Skies ``start .. stop - 1`` of a set, and the file that holds what is read off them."""

    name: str
    seed: int
    start: int
    stop: int
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / f"{type(self).__name__[1:].lower()}-{self.start}-{self.stop}.npz"

    def make(self) -> dict[str, NDArray]:
        """What is read off the skies, by name."""
        raise TypeError("a block is a pair or a test")

    def run(self) -> None:
        """Simulate and write the file, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.file.with_name(f"{self.file.name}.{os.getpid()}.partial")
        with partial.open("wb") as stream:
            made: dict[str, Any] = {"made_by": self._made_by(), **self.make()}
            np.savez(stream, **made)
        partial.replace(self.file)

    def read(self) -> list[NDArray] | None:
        """What the file holds; None if it is absent, damaged or of another version."""
        with (
            suppress(FileNotFoundError, BadZipFile, KeyError, ValueError, EOFError, OSError),
            self.file.open("rb") as stream,
            np.load(stream, allow_pickle=False) as content,
        ):
            if str(content["made_by"]) == self._made_by():
                return [content[key] for key in content.files if key != "made_by"]
        return None

    def _made_by(self) -> str:
        return json.dumps({"set": self.name, "seed": self.seed, **versions()})


class _Pair(_Block):
    def make(self) -> dict[str, NDArray]:
        simulations, scatter = cmb.simulation_set(self.name), transform(self.name)
        rows = []
        for i in range(self.start, self.stop):
            # Of one number both classes have the same Gaussian sky; their difference is the rest.
            plain, curved = (simulations.simulate(label, self.seed, i) for label in (0, 1))
            rest = HALF * (curved - plain)
            skies = np.stack([plain + rest, plain - rest, plain, curved])
            rows.append(scatter(skies).alm.astype(np.complex64))
        return {"alm": np.array(rows)}


class _Test(_Block):
    def make(self) -> dict[str, NDArray]:
        simulations, scatter = cmb.simulation_set(self.name), transform(self.name)
        ksw = cmb.KSW(simulations.L)
        skies = [simulations.map(i, self.seed) for i in range(self.start, self.stop)]
        alm = [scatter(sky).alm.astype(np.complex64) for sky in skies]
        return {"alm": np.array(alm), "ksw": ksw(np.array(skies))}


def _jobs(
    kind: type[_Block], name: str, seed: int, first: int, n: int, folder: Path
) -> list[_Block]:
    stop = first + n
    return [
        kind(name, seed, start, min(start + _STEP, stop), folder / f"{name}-seed{seed}")
        for start in range(first, stop, _STEP)
    ]


def _collect(
    jobs: Sequence[_Block], n_workers: int | None, progress: bool, what: str
) -> list[NDArray]:
    todo = [job for job in jobs if job.read() is None]
    with bar(progress and bool(todo), len(todo), f"{what}, {_STEP} at a time") as tick:
        for _ in in_processes(todo, n_workers):
            tick()
    parts = []
    for job in jobs:
        part = job.read()
        if part is None:
            raise OSError(f"{job.file} was written but cannot be read back")
        parts.append(part)
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]
