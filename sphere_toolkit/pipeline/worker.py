"""What a worker does: one shard of a data set."""

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
    """Of what computes the bytes."""
    ours = metadata.version("sphere-toolkit")
    return {"sphere_toolkit": ours, "ducc0": ducc0.__version__, "numpy": np.__version__}


@dataclass(frozen=True)
class Order:
    """What is the same for all shards of a run; travels with every task."""

    store: Store
    transform: str
    """Its parameters, as JSON."""
    versions: dict[str, str]
    """Of the client."""
    accept_versions: bool
    patience: float
    """Seconds until what one machine wrote can be expected to be seen by another."""


class Receipt(NamedTuple):
    """What a worker says of a shard that it wrote."""

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
        stamps.append(part.stamp(i))  # first: what changes while it is read will be noticed
        problems.append(_scatter_one(transform, part, i, target))
    own = [json.dumps(mine)] * len(block)
    digests = store.write(shard, Shard(block, problems, stamps, own))
    return Receipt(shard, problems, stamps, digests, here())


def here() -> str:
    """What a message calls the worker in which it is written."""
    return f"the worker on host {socket.gethostname()!r} (working folder {_folder()!r})"


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        return f"unknown: {error.strerror}"


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether a condition holds, now or soon: network file systems show files after a while."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(min(0.5, seconds / 10))
    return True


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
