"""What a worker does: one shard of a data set."""

from __future__ import annotations

import json
import signal
from functools import lru_cache

import ducc0
import numpy as np
from distributed import Worker, WorkerPlugin
from numpy.typing import NDArray

from ..scattering.transform import ScatteringTransform
from .sources import Part, UnusableMap
from .store import Store


class Deaf(WorkerPlugin):
    """Leaves Ctrl-C, which a terminal sends to every process, to the client."""

    def setup(self, worker: Worker) -> None:
        """Ignore it from now on."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def versions() -> dict[str, str]:
    """Of what computes the bytes."""
    from .. import __version__

    return {"sphere_toolkit": __version__, "ducc0": ducc0.__version__, "numpy": np.__version__}


def scatter_shard(
    store: Store, shard: int, part: Part, order: str, wanted: dict[str, str]
) -> tuple[int, list[str]]:
    """Compute one shard and write it. Runs on a worker.

    Parameters
    ----------
    store : Store
    shard : int
    part : Part
        Its maps.
    order : str
        Parameters of the transform, as JSON.
    wanted : dict
        Versions that the worker must have.

    Returns
    -------
    tuple of int and list of str
        The shard, and per map why it is unusable; empty if it is not.
    """
    if versions() != wanted:
        raise RuntimeError(f"workers must run the versions {wanted}, one has {versions()}")
    transform, rows = _transform(order), store.rows(shard)
    block = np.full((rows.stop - rows.start, *store.alm.shape[1:]), np.nan, np.complex64)
    problems, stamps = [], []
    for i, target in enumerate(block, start=rows.start):
        stamps.append(part.stamp(i))  # first: what changes while it is read will be noticed
        problems.append(_scatter_one(transform, part, i, target))
    store.write(shard, block, problems, stamps)
    return shard, problems


def _scatter_one(transform: ScatteringTransform, part: Part, i: int, target: NDArray) -> str:
    """Fill ``target`` from map ``i``, or say why that cannot be done."""
    try:
        alm = part.read(i)
        if np.ndim(alm) != 1:
            raise UnusableMap(f"one signal has shape (L(L+1)/2,), got {np.shape(alm)}")
        coefficients = transform(alm).alm
    except (UnusableMap, TypeError, ValueError) as error:
        return str(error)
    with np.errstate(over="ignore"):
        single = coefficients.astype(np.complex64)
    if not np.isfinite(single).all():
        return "coefficients are beyond the range of single precision"
    target[:] = single
    return ""


@lru_cache(maxsize=4)
def _transform(order: str) -> ScatteringTransform:
    """A worker keeps the tables and the work arrays of its transforms from shard to shard."""
    return ScatteringTransform(**json.loads(order), n_threads=1)
