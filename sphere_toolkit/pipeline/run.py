"""The run: shards that are missing go to the workers, a few at a time."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import uuid
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import dask
from distributed import Client, KilledWorker, LocalCluster, as_completed
from distributed.comm.core import connect
from numpy.typing import NDArray
from tqdm.auto import tqdm

from .. import _checks
from ..scattering.transform import ScatteringTransform
from ..sphere.coefficients import n_coefficients
from .sources import Arrays, Source
from .store import FORMAT, Store, open_for
from .worker import Deaf, scatter_shard, versions

CONNECT_SECONDS = 10
_SHOWN = 20
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "DUCC0_NUM_THREADS"), "1")


class UnusableMapsWarning(UserWarning):
    """Maps of a data set have no coefficients; the message names them."""


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes
    ----------
    store : pathlib.Path
    n : int
        Maps in the data set.
    n_computed : int
        Maps computed by this run; the others were there already.
    unusable : dict of str to str
        By name, the maps without coefficients, and why; those found by earlier runs included.
    """

    store: Path
    n: int
    n_computed: int
    unusable: dict[str, str]


def scatter_dataset(
    source: Source | Iterable[NDArray],
    transform: ScatteringTransform,
    store: str | Path,
    *,
    client: Client | str | None = None,
    n_workers: int | None = None,
    maps_per_shard: int | None = None,
    retry_unusable: bool = False,
    progress: bool = True,
) -> Report:
    """Scattering coefficients of every map of a data set, computed once and kept on disk.

    A run that was stopped (Ctrl-C, a killed worker or client, a full disk) goes on where it was
    when it is called again, and leaves the same bytes as one that was not.

    Parameters
    ----------
    source : NamedSet, Arrays, MapFiles, HealpixFiles; or array or sequence of alm
    transform : ScatteringTransform
        Every map is scattered by one thread, whatever its ``n_threads``.
    store : str or Path
        A folder, made if it is not there; on a cluster, one that every worker reaches.
    client : distributed.Client or str, optional
        A client or the address of a scheduler. By default worker processes on this machine,
        one thread each, that last as long as the call. Workers of your own are faster where
        ``MALLOC_TRIM_THRESHOLD_`` is not set as Dask sets it (in its configuration,
        ``distributed.nanny.pre-spawn-environ``).
    n_workers : int, optional
        Number of those processes; one per core that this process may use by default.
    maps_per_shard : int, optional
        Maps in one task and one shard; by default ``8192 // L``, at most 256, and fewer for
        small sets, so that there are 16 shards.
    retry_unusable : bool, default False
        Compute shards again in which there are unusable maps.
    progress : bool, default True
        Show a bar with the maps done, the rate and the time left.

    Returns
    -------
    Report

    Raises
    ------
    TypeError
        ``source``, ``transform`` or ``client`` is of another kind.
    ValueError
        The band-limits of source and transform differ; the store was made from another source,
        with other parameters or versions, and is left as it is (the message lists what
        differs); another run is writing to it.
    ConnectionError
        No scheduler answers at the address within ten seconds.
    OSError
        The disk is full or refuses to write. What was written before is kept.
    RuntimeError
        Workers died again and again on the same maps, or run other versions of the package.

    Warns
    -----
    UnusableMapsWarning
        Maps with NaN, of a wrong size or from unreadable files: they are named, and their rows
        in the store hold NaN. `Dataset.valid` and `Dataset.problems` know them as well.

    Notes
    -----
    The store is a Zarr (version 3) group. ``alm``: complex64 (pairs of float32), shape (maps,
    paths, coefficients), one shard per task, one chunk with a checksum per map.
    ``problem``: strings, empty for a map that could be used. ``stamp``: strings, of a map from a
    file the size, times and digest of what was read: a file that holds something else when the
    call is made again is computed again. The attributes hold the parameters of the transform,
    the paths, the source with labels, seeds, names and identities of the maps, and the versions
    of this package, ducc0 and NumPy. A shard is written under another name and moved into place,
    so it is complete or absent; one that was damaged later is found by its size and checksums
    and computed again.

    The same source, parameters, versions and kind of processor give the same bytes, however
    many workers there are and however often they were stopped.

    Workers are spawned: a script that calls this keeps the call under
    ``if __name__ == "__main__":``.
    """
    if not isinstance(transform, ScatteringTransform):
        raise TypeError(f"transform must be a ScatteringTransform, got {transform!r}")
    _checks.choice("retry_unusable", retry_unusable, (False, True))
    maps = _as_source(source)
    if maps.L != transform.L:
        raise ValueError(
            f"source and transform must have the same band-limit, got {maps.L} and {transform.L}"
        )
    header = _header(maps, transform, maps_per_shard)
    shape = (len(maps.names), len(transform.paths), n_coefficients(transform.L_out))
    target = open_for(Path(store), header, shape)
    with _locked(target.path):
        target.sweep()
        reasons, missing = _inventory(target, maps, retry_unusable)
        n_before = sum(reason is not None for reason in reasons)
        if missing:
            with ExitStack() as stack:
                workers = stack.enter_context(_connected(client, n_workers))
                bar = stack.enter_context(
                    tqdm(total=len(reasons), initial=n_before, desc="scattering", unit="map",
                         disable=not progress, smoothing=0.1)
                )  # fmt: skip
                for shard, found in _work(workers, maps, target, header, missing):
                    reasons[target.rows(shard)] = found
                    bar.update(len(found))
    unusable = {name: why for name, why in zip(maps.names, reasons, strict=True) if why}
    if unusable:
        warnings.warn(_listing(unusable, len(reasons)), UnusableMapsWarning, stacklevel=2)
    return Report(target.path, len(reasons), len(reasons) - n_before, unusable)


def _as_source(source: Any) -> Source:
    if all(hasattr(source, name) for name in ("L", "names", "identities", "changed", "part")):
        maps = source
    elif isinstance(source, Iterable) and not isinstance(source, str | bytes | dict):
        maps = Arrays(source)
    else:
        raise TypeError(
            "source must be a NamedSet, Arrays, MapFiles, HealpixFiles, or arrays of alm, "
            f"got {source!r}"
        )
    name, count = Counter(maps.names).most_common(1)[0]
    if count > 1:
        raise ValueError(f"names of maps must differ, got {name!r} {count} times")
    return maps


def _header(
    source: Source, transform: ScatteringTransform, maps_per_shard: int | None
) -> dict[str, Any]:
    """What the store says of itself; a run that goes on must find it unchanged."""
    n = len(source.names)
    if maps_per_shard is None:
        maps_per_shard = max(1, min(256, 8192 // transform.L, n // 16))
    header = {
        "format": FORMAT,
        "versions": versions(),
        "transform": transform.parameters(),
        "paths": transform.paths,
        "source": source.describe(),
        "maps_per_shard": min(_checks.integer("maps_per_shard", maps_per_shard, 1), n),
        "maps": {
            "names": source.names,
            "sources": source.identities(),
            "labels": source.labels,
            "seeds": source.seeds,
        },
    }
    return json.loads(json.dumps(header))  # as it will be read back: lists for tuples


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep a second run from the same store; the lock dies with the process that holds it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"another run is writing to the store {str(path)!r}") from None
        yield
    finally:
        os.close(handle)


def _inventory(
    store: Store, source: Source, retry_unusable: bool
) -> tuple[list[str | None], list[int]]:
    """Per map why it is unusable (None: not computed), and the shards to compute."""
    reasons: list[str | None] = [None] * store.alm.shape[0]
    missing = []
    for shard in range(store.n_shards):
        content, rows = store.read(shard), store.rows(shard)
        if (
            content is None
            or (retry_unusable and any(content.problems))
            or any(source.changed(rows.start, content.stamps))
        ):
            missing.append(shard)
        else:
            reasons[rows] = content.problems
    return reasons, missing


@contextmanager
def _connected(client: Client | str | None, n_workers: int | None) -> Iterator[Client]:
    """The client, or one of its own for an address or for processes on this machine."""
    if client is not None and n_workers is not None:
        raise ValueError(f"n_workers is for processes on this machine: got {n_workers} beside "
                         f"client={client!r}")  # fmt: skip
    if n_workers is not None:
        _checks.integer("n_workers", n_workers, 1)
    if isinstance(client, Client):
        yield client
    elif isinstance(client, str):
        _reach(client)
        with Client(client, timeout=CONNECT_SECONDS, set_as_default=False) as connection:
            yield connection
    elif client is None:
        n = _checks.threads(None) if n_workers is None else n_workers
        with (
            local_cluster(n) as cluster,
            Client(cluster, set_as_default=False) as connection,
        ):
            connection.register_plugin(Deaf())
            yield connection
    else:
        raise TypeError(f"client must be a distributed.Client or an address, got {client!r}")


def local_cluster(n_workers: int) -> LocalCluster:
    """Worker processes of this machine, one thread each, that keep memory for the next map.

    Left to itself, Dask has workers return all freed memory to the system at once, and a transform
    asks for it again at every path: a page fault for every four kilobytes.
    """
    with dask.config.set({"distributed.nanny.pre-spawn-environ": _ONE_THREAD}):
        return LocalCluster(
            n_workers=n_workers, threads_per_worker=1, processes=True,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,  # what matters is raised here
        )  # fmt: skip


def _reach(address: str) -> None:
    """Raise if no scheduler is there: a `Client` in vain would take its time to be closed."""

    async def shake_hands() -> None:
        comm = await connect(address, timeout=CONNECT_SECONDS)
        await comm.close()

    try:
        with ThreadPoolExecutor(1) as pool:  # a notebook has a loop running in this thread
            # connect() itself would wait for ever for one that takes the call and says nothing.
            greeting = asyncio.wait_for(shake_hands(), CONNECT_SECONDS + 1)
            pool.submit(asyncio.run, greeting).result()
    except (OSError, ValueError) as error:
        raise ConnectionError(
            f"no Dask scheduler answers at {address!r} within {CONNECT_SECONDS} s: "
            f"{str(error) or 'silence'}"
        ) from error


def _work(
    client: Client, source: Source, store: Store, header: dict[str, Any], shards: list[int]
) -> Iterator[tuple[int, list[str]]]:
    """Shards and their maps' problems as they are written; two tasks per thread are under way."""
    order = json.dumps(header["transform"], sort_keys=True)
    run = uuid.uuid4().hex  # the scheduler may know the maps of other runs

    def submit(shard: int) -> Any:
        rows = store.rows(shard)
        part = source.part(rows.start, rows.stop)
        key = f"maps {rows.start}..{rows.stop - 1} of run {run}"
        return client.submit(scatter_shard, store, shard, part, order, header["versions"], key=key)

    waiting = iter(shards)
    # Arrays travel with their task, so that another worker can take it over.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "10GB"}):
        first = [submit(shard) for shard in islice(waiting, _window(client))]
        running = as_completed(first, loop=client.loop)
        for future in running:
            try:
                yield future.result()
            except KilledWorker as error:
                raise RuntimeError(
                    f"workers died again and again on {future.key}; is there enough memory? "
                    "What was computed is kept, and the same call goes on"
                ) from error
            future.release()
            for shard in islice(waiting, max(0, _window(client) - running.count())):
                running.add(submit(shard))


def _window(client: Client) -> int:
    return 2 * max(1, sum(client.nthreads().values()))


def _listing(unusable: dict[str, str], n: int) -> str:
    lines = [f"{name}: {why}" for name, why in islice(unusable.items(), _SHOWN)]
    if len(unusable) > _SHOWN:
        lines.append(f"and {len(unusable) - _SHOWN} more; see the problems of load_dataset")
    head = f"{len(unusable)} of {n} maps are unusable; their rows hold NaN, valid is False:"
    return "\n  ".join([head, *lines])
