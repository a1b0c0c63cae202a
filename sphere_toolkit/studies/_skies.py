"""The skies of a study, and what is read off each of them once and kept."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from .. import _checks, cmb, pipeline
from .._progress import bar
from ..pipeline.worker import versions
from ..scattering.coefficients import ScatteringCoefficients
from ..scattering.transform import ScatteringTransform
from ..sphere.coefficients import truncate
from .features import log_spectrum

# Maps of a set are numbered; training counts from 0, test from here. No training set is larger.
FIRST_TEST = 10_000_000
L_LOW = 32


@dataclass(frozen=True)
class Plain:
    """What is read off the maps themselves, one row per map.

    Attributes
    ----------
    log_spectrum : float32 array (n, L - 2)
    low : complex64 array (n, 1, n_coefficients(32))
        The map cut to its degrees below 32 (or to its own band-limit, if that is lower).
    kurtosis : float64 array (n,)
        Excess kurtosis of the whitened map.
    """

    log_spectrum: NDArray
    low: NDArray
    kurtosis: NDArray


@dataclass(frozen=True)
class Skies:
    """Maps of a named set, the classes in turn.

    Attributes
    ----------
    labels : int array (n,)
    plain : Plain
    scattering : ScatteringCoefficients
    """

    labels: NDArray[np.int64]
    plain: Plain
    scattering: ScatteringCoefficients

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, chosen: slice | NDArray) -> Skies:
        """Some of the maps."""
        S, plain = self.scattering, self.plain
        return Skies(
            self.labels[chosen],
            Plain(plain.log_spectrum[chosen], plain.low[chosen], plain.kurtosis[chosen]),
            ScatteringCoefficients(S.alm[chosen], S.paths, S.parameters),
        )


def collect(
    name: str,
    n: int,
    seed: int,
    first: int,
    store: Path,
    transform: ScatteringTransform,
    *,
    n_workers: int | None = None,
    progress: bool = True,
) -> Skies:
    """Simulate, scatter and summarise; what ``store`` holds already is not done again.

    Parameters
    ----------
    name : str
        Of a simulation set.
    n : int
        Maps of all classes together, numbered from ``first``.
    seed : int
        Of the set.
    first : int
    store : Path
        Folder: a data set of `pipeline.scatter_dataset` and a folder of summaries go into it.
    transform : ScatteringTransform
    n_workers : int, optional
        Processes; one per core by default.
    progress : bool
    """
    source = pipeline.NamedSet(name, n, seed, first)
    label = f"{name}-seed{seed}-{first}-{n}"
    kind = f"J_min{transform.J_min}-oversampling{transform.oversampling:g}"
    folder = store / f"{label}-{kind}.zarr"
    pipeline.scatter_dataset(source, transform, folder, n_workers=n_workers, progress=progress)
    plain = summarise(name, n, seed, first, store / f"{label}-plain", n_workers, progress)
    data = pipeline.load_dataset(folder)
    return Skies(data.labels, plain, data.coefficients())


def summarise(
    name: str, n: int, seed: int, first: int, folder: Path, n_workers: int | None, progress: bool
) -> Plain:
    """Spectrum, low degrees and kurtosis of every map, in files of a few maps each."""
    folder.mkdir(parents=True, exist_ok=True)
    simulations = cmb.simulation_set(name)
    step = max(8, min(256, 8192 // simulations.L))
    blocks = [(start, min(start + step, first + n)) for start in range(first, first + n, step)]
    jobs = [_Job(name, seed, *block, folder) for block in blocks]
    todo = [job for job in jobs if job.read() is None]
    with bar(
        progress and bool(todo), len(todo), f"spectra and kurtosis, {step} maps at a time"
    ) as tick:
        for _ in in_processes(todo, n_workers):
            tick()
    parts = []
    for job in jobs:
        part = job.read()
        if part is None:
            raise OSError(f"{job.file} was written but cannot be read back")
        parts.append(part)
    return Plain(*(np.concatenate([part[key] for part in parts]) for key in _KEYS))


_KEYS = ("log_spectrum", "low", "kurtosis")


@dataclass(frozen=True)
class _Job:
    """Maps ``start .. stop-1`` of a set, and the file that holds what is read off them."""

    name: str
    seed: int
    start: int
    stop: int
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / f"{self.start}-{self.stop}.npz"

    def run(self) -> None:
        """Simulate the maps and write the file, whole or not at all."""
        simulations = cmb.simulation_set(self.name)
        low = min(L_LOW, simulations.L)
        rows: dict[str, list] = {key: [] for key in _KEYS}
        for i in range(self.start, self.stop):
            alm = simulations.map(i, self.seed)
            rows["log_spectrum"].append(log_spectrum(alm).astype(np.float32))
            rows["low"].append(truncate(alm, low)[None].astype(np.complex64))
            rows["kurtosis"].append(cmb.whitened_kurtosis(alm, simulations.spectrum))
        partial = self.file.with_name(f"{self.file.name}.{os.getpid()}.partial")
        with partial.open("wb") as stream:
            np.savez(
                stream,
                made_by=_made_by(),
                log_spectrum=rows["log_spectrum"],
                low=rows["low"],
                kurtosis=rows["kurtosis"],
            )
        partial.replace(self.file)

    def read(self) -> dict[str, NDArray] | None:
        """What the file holds; None if it is absent, damaged or of another version."""
        with suppress(FileNotFoundError, BadZipFile, KeyError, ValueError, EOFError, OSError):
            with self.file.open("rb") as stream, np.load(stream, allow_pickle=False) as content:
                rows = {key: content[key] for key in _KEYS}
                made_by = str(content["made_by"])
            complete = all(len(values) == self.stop - self.start for values in rows.values())
            if complete and made_by == _made_by():
                return rows
        return None


def _made_by() -> str:
    return json.dumps(versions())


def _run(job: Any) -> None:
    job.run()


def in_processes(jobs: Sequence[Any], n_workers: int | None) -> Iterator[None]:
    """Run jobs side by side, one thread each."""
    n = min(_checks.threads(n_workers), len(jobs))
    if n <= 1:
        yield from map(_run, jobs)
        return
    # Spawned, since a forked process would inherit the locks of Dask's threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(n, mp_context=context) as pool:
        try:
            yield from pool.map(_run, jobs)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
