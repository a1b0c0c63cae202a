"""A run, which sends the missing shards of a store to the workers, a few at a time."""

from __future__ import annotations

import json
import os
import uuid
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import dask
from distributed import Client, Future
from numpy.typing import NDArray
from tqdm.auto import tqdm

from .._util import checks
from ..scattering.transform import ScatteringTransform
from ..sphere.coefficients import n_coefficients
from . import header as headers
from .cluster import check_workers, connected, refuse_unguarded, results
from .folder import clear
from .inventory import look_through, verify, verify_all
from .lock import locked
from .sources.base import Arrays, Source
from .store import Store
from .worker import Order, scatter_shard, versions

SETTLE_SECONDS = 30.0
"""The longest time after which one machine should see on a network disk what another wrote."""
_SHOWN = 20


class UnusableMapsWarning(UserWarning):
    """Maps of a data set have no coefficients; the message names them."""


@dataclass(frozen=True)
class Report:
    """The result of a run.

    Attributes
    ----------
    store : pathlib.Path
    n : int
        Maps in the data set.
    n_computed : int
        Maps computed by this run; the others were there already.
    unusable : dict of str to str
        The maps without coefficients, by name, with the reason, including those of earlier runs.
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
    accept_versions: bool = False,
    worker_timeout: float = 600,
    progress: bool = True,
) -> Report:
    """Compute the scattering coefficients of every map of a data set, and keep them on disk.

    A run that was stopped (Ctrl-C, a killed worker or client, a full disk) continues when the
    function is called again, and the result has the same bytes as that of an uninterrupted run. A
    store grows when the function is called with its maps and further ones.

    Parameters
    ----------
    source : NamedSet, Arrays, MapFiles, HealpixFiles; or array or sequence of alm
    transform : ScatteringTransform
        Every map is scattered by one thread, whatever its ``n_threads``.
    store : str or Path
        A folder, created if it does not exist; on a cluster, one that every worker reaches.
    client : distributed.Client or str, optional
        A client or the address of a scheduler. By default worker processes on this machine, one
        thread each, are started for the duration of the call. Your own workers are faster without
        the value of ``MALLOC_TRIM_THRESHOLD_`` that Dask sets (in its configuration,
        ``distributed.nanny.pre-spawn-environ``).
    n_workers : int, optional
        Number of these processes; by default one per core that this process may use.
    maps_per_shard : int, optional
        Number of maps in one task and one shard; by default that of the store or, for a new one,
        ``8192 // L``, at most 256, and fewer for small sets, so that there are 16 shards.
    retry_unusable : bool, default False
        Compute the shards that contain unusable maps again.
    accept_versions : bool, default False
        Continue a store that was partly computed with other versions of this package, ducc0 or
        NumPy, and let workers have other versions than this process. The results may differ in
        their last digits; `Dataset.versions` lists the versions of each map.
    worker_timeout : float, default 600
        The run fails if the scheduler has no workers for this number of seconds.
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
        The band-limits of source and transform differ; the store was made from another source or
        with other parameters or versions (it is not changed, and the message lists the
        differences), or has maps that ``source`` lacks; or another run is writing to it.
    ConnectionError
        No scheduler answers at the address within ten seconds, or it is gone during the run.
    TimeoutError
        The scheduler had no workers for ``worker_timeout`` seconds.
    OSError
        The disk is full or refuses to write. What was written before is kept.
    RuntimeError
        Workers died repeatedly on the same maps, have other versions of the package, or do not
        find the store or the files of this process; or a worker cannot be started, for example
        from a script without the guard below.

    Warns
    -----
    UnusableMapsWarning
        Maps have NaN, a wrong size or unreadable files. The warning names them, and their rows in
        the store hold NaN; see also `Dataset.valid` and `Dataset.problems`.

    Notes
    -----
    The store is a Zarr (version 3) group with these arrays. ``alm``: complex64 (pairs of float32),
    shape (maps, paths, coefficients), one shard per task, one chunk with a checksum per map.
    ``problem``: the reason why a map has no coefficients, empty for others. ``stamp``: for a map
    from a file, the size, times and digest of the file; if the file differs in a later call, the
    map is computed again. ``versions``: the versions of this package, ducc0 and NumPy that computed
    a map, as JSON. The attributes hold the parameters of the transform, the paths, the source with
    labels, seeds, names and identities of the maps, and the versions when the store was created.
    ``xarray.open_zarr(store, consolidated=False)`` finds coordinates, too: the names of maps and
    paths, depths, degrees and orders, as `ScatteringCoefficients.to_xarray` has them, and each
    column of labels that is named by a plain word.

    A shard is written under another name and then renamed, so it is complete or absent. A shard
    that was damaged later is found by its size and checksums and computed again. A shard counts as
    computed once this process has read the bytes that the worker reported, under its own path of
    the store. A store in which nothing was computed is removed when the call fails, or taken over
    by the next call.

    The same source, parameters, versions and kind of processor give the same bytes, whatever the
    number of workers and of interruptions.

    Workers are spawned processes, so a script must call this function under
    ``if __name__ == "__main__":``.

    Further maps come behind those of the store, whatever their order in ``source``. The shard that
    was not full is computed again with them. Labels are kept beside the coefficients: those of
    ``source`` replace those of the store, which stay where ``source`` has none.

    Examples
    --------
    A script of its own::

        import sphere_toolkit as st

        if __name__ == "__main__":
            source = st.pipeline.NamedSet("cmb128-laptop", 2000)
            transform = st.ScatteringTransform(source.L)
            print(st.pipeline.scatter_dataset(source, transform, "store.zarr"))
            data = st.pipeline.load_dataset("store.zarr")
    """
    refuse_unguarded()
    checks.instance("transform", transform, ScatteringTransform)
    checks.choice("retry_unusable", retry_unusable, (False, True))
    checks.choice("accept_versions", accept_versions, (False, True))
    checks.real("worker_timeout", worker_timeout, above=0)
    check_workers(client, n_workers)
    maps = _as_source(source)
    if maps.L != transform.L:
        raise ValueError(
            f"source and transform must have the same band-limit, got {maps.L} and {transform.L}"
        )
    path = _absolute(store)
    there = headers.read(path)
    maps = headers.in_order_of(there, maps)
    header = headers.make(maps, transform, maps_per_shard, versions(), there)
    # Before anything is put into a folder that may be somebody's.
    headers.find(path, header, maps)
    with ExitStack() as stack:
        stack.enter_context(locked(path))
        known = look_through(path, header, maps, retry_unusable, accept_versions)
        n_before = sum(reason is not None for reason in known.reasons)
        if known.missing:
            _check_writable(path, known.reasons)
            connection = stack.enter_context(connected(client, n_workers))
            target = known.store or stack.enter_context(_new(path, header, transform))
            bar = stack.enter_context(
                tqdm(total=len(known.reasons), initial=n_before, desc="scattering", unit="map",
                     disable=not progress, smoothing=0.1)
            )  # fmt: skip
            order = Order(target, json.dumps(header["transform"], sort_keys=True),
                          header["versions"], accept_versions, SETTLE_SECONDS)  # fmt: skip
            tasks = _tasks(connection, maps, order, known.missing)
            for receipt in results(connection, tasks, worker_timeout):
                verify(receipt, target, maps, SETTLE_SECONDS)
                known.reasons[target.rows(receipt.shard)] = receipt.problems
                bar.update(len(receipt.problems))
            verify_all(target)
    unusable = {name: why for name, why in zip(maps.names, known.reasons, strict=True) if why}
    if unusable:
        warnings.warn(_listing(unusable, len(maps.names)), UnusableMapsWarning, stacklevel=2)
    return Report(path, len(maps.names), len(maps.names) - n_before, unusable)


def _check_writable(path: Path, reasons: list[str | None]) -> None:
    if not os.access(path, os.W_OK):
        raise PermissionError(
            f"the store {str(path)!r} lacks {reasons.count(None)} of {len(reasons)} maps and "
            "cannot be written to"
        )


def _absolute(store: str | Path) -> Path:
    """The absolute path of the store, since workers may have other working folders."""
    try:
        return Path(store).expanduser().absolute()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"the store {str(store)!r} is named from the working folder, which was removed: change "
            "to another folder, or give the whole path"
        ) from None


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


@contextmanager
def _new(path: Path, header: dict[str, Any], transform: ScatteringTransform) -> Iterator[Store]:
    """A new store, which is removed if nothing is computed."""
    n = len(header["maps"]["names"])
    shape = (n, len(transform.paths), n_coefficients(transform.L_out))
    try:
        yield Store.create(path, header, shape)
    except BaseException:
        clear(path)
        raise


def _tasks(
    client: Client, source: Source, order: Order, shards: list[int]
) -> Iterator[Callable[[], Future]]:
    """Functions that submit the shards."""
    run = uuid.uuid4().hex  # keys must differ from those of other runs

    def submit(shard: int) -> Future:
        rows = order.store.rows(shard)
        part = source.part(rows.start, rows.stop)
        key = f"maps {rows.start}..{rows.stop - 1} of run {run}"
        # Arrays travel with their task, so that another worker can take it over.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "10GB"}):
            return client.submit(scatter_shard, order, shard, part, key=key)

    return (partial(submit, shard) for shard in shards)


def _listing(unusable: dict[str, str], n: int) -> str:
    lines = [f"{name}: {why}" for name, why in islice(unusable.items(), _SHOWN)]
    if len(unusable) > _SHOWN:
        lines.append(f"and {len(unusable) - _SHOWN} more; see the problems of load_dataset")
    head = f"unusable maps: {len(unusable)} of {n}; their rows hold NaN, valid is False:"
    return "\n  ".join([head, *lines])
