"""The task of a worker: one shard of a data set."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from typing import NamedTuple

import ducc0
import numpy as np
from numpy.typing import NDArray

from ..scattering.transform import ScatteringTransform
from .sources.base import Part, UnusableMap
from .store import Shard, Store


def versions() -> dict[str, str]:
    """The versions of the packages on which the results depend."""
    ours = metadata.version("sphere-toolkit")
    return {"sphere_toolkit": ours, "ducc0": ducc0.__version__, "numpy": np.__version__}


@dataclass(frozen=True)
class Order:
    """The data that all shards of a run share; sent with every task."""

    store: Store
    transform: str
    """Its parameters, as JSON."""
    versions: dict[str, str]
    """Of the client."""
    accept_versions: bool
    patience: float
    """Seconds after which one machine should see what another wrote."""


class Receipt(NamedTuple):
    """The report of a worker on a shard that it wrote."""

    shard: int
    problems: list[str]
    stamps: list[str]
    digests: dict[str, str]
    """Of the files, as `Store.write` returns them."""
    worker: str


def scatter_shard(order: Order, shard: int, part: Part) -> Receipt:
    """Compute one shard and write it. Runs on a worker.

    Parameters
    ----------
    order : Order
    shard : int
    part : Part
        Its maps.

    Returns
    -------
    Receipt
    """
    store, mine = order.store, versions()
    if mine != order.versions and not order.accept_versions:
        raise RuntimeError(
            f"workers must run the versions {order.versions}, {here()} has {mine}. Install the "
            "same ones, or accept others: accept_versions=True, --accept-versions"
        )
    if not within(order.patience, store.is_here):
        raise RuntimeError(
            f"{here()} does not find the store {str(store.path)!r} of this run: it does not share "
            "the client's disk. Give a store on a disk that every machine mounts under one path"
        )
    transform, rows = _transform(order.transform), store.rows(shard)
    block = np.full((rows.stop - rows.start, *store.alm.shape[1:]), np.nan, np.complex64)
    problems, stamps = [], []
    for i, target in enumerate(block, start=rows.start):
        stamps.append(part.stamp(i))  # first, so that a change while it is read is noticed
        problems.append(_scatter_one(transform, part, i, target))
    own = [json.dumps(mine)] * len(block)
    digests = store.write(shard, Shard(block, problems, stamps, own))
    return Receipt(shard, problems, stamps, digests, here())


def here() -> str:
    """The name of this worker in messages."""
    return f"the worker on host {socket.gethostname()!r} (working folder {_folder()!r})"


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        return f"unknown: {error.strerror}"


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether a condition holds within some seconds; network file systems may be slow."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(min(0.5, seconds / 10))
    return True


def _scatter_one(transform: ScatteringTransform, part: Part, i: int, target: NDArray) -> str:
    """Compute map ``i`` into ``target``, or return the reason why it is unusable."""
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
    """A transform, cached so that a worker keeps its tables and work arrays between shards."""
    return ScatteringTransform(**json.loads(order), n_threads=1)
