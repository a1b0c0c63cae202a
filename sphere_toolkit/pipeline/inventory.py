"""Checks of what a store holds: before a run, after each of its shards, and at its end."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from .folder import sweep
from .header import differences, find, update
from .sources.base import Source
from .sources.stamps import ABSENT
from .store import Store
from .worker import Receipt, within


@dataclass
class Known:
    """What a store holds already; a reason is None for a map that is not computed."""

    store: Store | None
    reasons: list[str | None]
    missing: list[int]


def look_through(
    path: Path, header: dict[str, Any], source: Source, retry_unusable: bool, accept_versions: bool
) -> Known:
    """Read and check every shard of a store, and list what is missing.

    A store that lacks maps or labels of ``header`` gets them first.

    Raises
    ------
    ValueError
        The store was made with other parameters, or with other versions that are not accepted.
    """
    n, k = len(source.names), header["maps_per_shard"]
    there = find(path, header, source)
    if there is None:
        return Known(None, [None] * n, list(range(-(-n // k))))
    if os.access(path, os.W_OK):
        sweep(path)
    store = update(*there)
    found = Known(store, [None] * n, [])
    others: dict[str, int] = {}
    for shard in range(store.n_shards):
        content, rows = store.read(shard), store.rows(shard)
        if (
            content is None
            or (retry_unusable and any(content.problems))
            or any(source.changed(rows.start, content.stamps))
        ):
            found.missing.append(shard)
            continue
        found.reasons[rows] = content.problems
        for computed_with in content.versions:
            if json.loads(computed_with) != header["versions"]:
                others[computed_with] = others.get(computed_with, 0) + 1
    if others and not accept_versions:
        computed_with, count = next(iter(others.items()))
        raise ValueError(
            f"the store {str(path)!r} holds {count} maps computed with other versions: "
            + "; ".join(differences(json.loads(computed_with), header["versions"], "versions"))
            + ". Other versions may give other last digits. Install those, give another store, or "
            "keep these maps and go on: accept_versions=True, --accept-versions"
        )
    return found


def verify(receipt: Receipt, store: Store, source: Source, patience: float) -> None:
    """Raise unless this process finds the shard, and the same files that it was computed from."""
    rows = store.rows(receipt.shard)
    if not within(patience, partial(_is_seen, store, receipt)):
        raise RuntimeError(
            f"maps {rows.start}..{rows.stop - 1} are not in the store {str(store.path)!r} of this "
            f"process: {receipt.worker} has written them under that path on a disk of its own. "
            "Give a store on a disk that every machine mounts under one path"
        )
    changed = source.changed(rows.start, receipt.stamps)
    if any(changed):
        store.discard(receipt.shard)
        i = changed.index(True)
        what = "does not find" if receipt.stamps[i] == ABSENT else "has read something else than"
        raise RuntimeError(
            f"{receipt.worker} {what} the file of map {source.names[rows.start + i]!r} that is "
            "here. Give files on a disk that every machine mounts under one path; or, if the file "
            "was changed just now, repeat the same call"
        )


def _is_seen(store: Store, receipt: Receipt) -> bool:
    for name in receipt.digests:  # listing a folder makes a network file system look again
        folder = (store.path / name).parent
        if folder.is_dir():
            os.listdir(folder)
    return store.holds(receipt.digests)


def verify_all(store: Store) -> None:
    """Raise unless every shard is there at the end; others may have removed some."""
    gone = [shard for shard in range(store.n_shards) if not store.present(shard)]
    if gone:
        rows = store.rows(gone[0])
        raise RuntimeError(
            f"{len(gone)} of {store.n_shards} shards were removed from {str(store.path)!r} while "
            f"the run went on, the first of them with maps {rows.start}..{rows.stop - 1}; the same "
            "call computes them again"
        )
