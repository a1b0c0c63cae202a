"""The header of a store: what it was made from, and whether it fits what is asked for now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from .._util import checks
from ..scattering.transform import ScatteringTransform
from .coordinates import write_coordinates
from .folder import check_is_store, is_nobodys
from .sources.base import Source
from .store import FORMAT, Store

Header = dict[str, Any]
_PER_SHARD, _SHARDS = 256, 16


def make(
    source: Source,
    transform: ScatteringTransform,
    maps_per_shard: int | None,
    versions: dict[str, str],
    there: Header | None,
) -> Header:
    """The description of a store for a run; ``there`` is that of the store that it continues."""
    n = len(source.names)
    if maps_per_shard is not None:
        # Not cut to n: the same request must find the store after it has grown.
        checks.integer("maps_per_shard", maps_per_shard, 1)
    elif there is not None:
        maps_per_shard = there["maps_per_shard"]
    else:
        maps_per_shard = max(1, min(_PER_SHARD, 8192 // transform.L, n // _SHARDS))
    header = {
        "format": FORMAT,
        "versions": versions,
        "transform": transform.parameters(),
        "paths": transform.paths,
        "source": source.describe(),
        "maps_per_shard": maps_per_shard,
        "maps": {
            "names": source.names,
            "sources": source.identities(),
            "labels": source.labels,
            "seeds": source.seeds,
            "targets": getattr(source, "targets", {}),
        },
    }
    return json.loads(json.dumps(header))  # as it will be read back: lists for tuples


def read(path: Path) -> Header | None:
    """The header of the store at ``path``; None if nothing was computed there."""
    if is_nobodys(path):
        return None
    check_is_store(path)
    return Store.open(path)[1]


def in_order_of(there: Header | None, source: Source) -> Source:
    """The source with the maps of a store first and in their order, if it has all of them."""
    if there is None or not hasattr(source, "arranged"):
        return source
    places = {str(key): i for i, key in enumerate(source.names)}
    places |= {str(key): i for i, key in enumerate(source.identities()) if key is not None}
    known = zip(there["maps"]["sources"], there["maps"]["names"], strict=True)
    first = [places.get(str(identity), places.get(name)) for identity, name in known]
    if None in first or len(set(first)) < len(first):
        return source
    return source.arranged([*first, *sorted(set(range(len(source.names))) - set(first))])


def find(path: Path, asked: Header, source: Source) -> tuple[Store, Header] | None:
    """The store at ``path`` and the header that it should have; None if nothing was computed.

    That header has the further maps and the new labels of ``asked``. Nothing is written here. A
    store that was made otherwise is refused. Versions are not compared here but for each shard
    (`Shard.versions`).
    """
    if is_nobodys(path):
        return None
    check_is_store(path)
    store, there = Store.open(path)
    n = len(there["maps"]["names"])
    first = asked | {"maps": _rows(asked["maps"], n)}
    there = _followed(store, there, first, source)
    known, mine = _comparable(there, first), _comparable(first, there)
    if len(asked["maps"]["names"]) != n and known["maps"] != mine["maps"]:
        raise ValueError(_other_maps(path, there["maps"], asked["maps"]))
    unequal = list(differences(known, mine))
    if unequal:
        raise ValueError(
            f"the store {str(path)!r} was made with other parameters and is left as it is: "
            + "; ".join(unequal)
            + ". Ask for the same again, or give another store"
        )
    return store, there | {"maps": _merged(there["maps"], asked["maps"])}


def update(store: Store, header: Header) -> Store:
    """Write the maps and labels of ``header`` to a store, if they are others than there are.

    A store from before stores had coordinates gets them.
    """
    there = Store.open(store.path)[1]
    grown = len(there["maps"]["names"]) < len(header["maps"]["names"])
    if not grown and _labels(there["maps"]) == _labels(header["maps"]):
        with suppress(OSError):  # it may be one that can only be read
            write_coordinates(store.path, there)
        return store
    if not grown:  # names and places of files stay as they were
        header = there | {"maps": there["maps"] | _labels(header["maps"])}
    return store.described_by(header)


def differences(there: Any, asked: Any, name: str = "") -> Iterator[str]:
    """One line for each entry in which two headers differ."""
    if isinstance(there, dict) and isinstance(asked, dict):
        for key in [*there, *(key for key in asked if key not in there)]:
            yield from differences(there.get(key), asked.get(key), f"{name}.{key}".lstrip("."))
    elif isinstance(there, list) and isinstance(asked, list) and len(there) == len(asked):
        unequal = [i for i, pair in enumerate(zip(there, asked, strict=True)) if pair[0] != pair[1]]
        if unequal:
            i = unequal[0]
            yield f"{name}[{i}] is {there[i]!r} there, {asked[i]!r} here"
    elif isinstance(there, list) and isinstance(asked, list):
        yield f"{name} has {len(there)} entries there, {len(asked)} here"
    elif there != asked:
        yield f"{name} is {there!r} there, {asked!r} here"


# --- maps -------------------------------------------------------------------------------------


def _rows(maps: Header, n: int) -> Header:
    """The entries of the first ``n`` maps."""
    rows: Header = {key: values[:n] for key, values in maps.items() if key != "targets"}
    return rows | {"targets": {key: values[:n] for key, values in _targets(maps).items()}}


def _targets(maps: Header) -> Header:
    return maps.get("targets", {})  # stores without further labels may have no such entry


def _labels(maps: Header) -> Header:
    return {"labels": maps["labels"], "targets": _targets(maps)}


def _merged(there: Header, asked: Header) -> Header:
    """The maps that are asked for; labels that are not given are those that were there."""
    n = len(asked["names"])

    def one(old: list, new: list) -> list:
        return new if any(label is not None for label in new) else old + [None] * (n - len(old))

    targets = _targets(there) | _targets(asked)
    kept = {key: one(_targets(there).get(key, []), _targets(asked).get(key, [])) for key in targets}
    return asked | {"labels": one(there["labels"], asked["labels"]), "targets": kept}


def _comparable(header: Header, other: Header) -> Header:
    """What must agree: without versions and labels, and maps by what identifies them in both.

    A map counts by its identity, or by its name where one of the two has no identity for it.
    """
    maps, theirs = header["maps"], other["maps"]["sources"]
    known = [
        name if None in pair else pair[0]
        for name, *pair in zip_longest(maps["names"], maps["sources"], theirs)
    ]
    maps = {"sources": known[: len(maps["sources"])], "seeds": maps["seeds"]}
    return header | {"versions": None, "maps": maps}


def _followed(store: Store, there: Header, asked: Header, source: Source) -> Header:
    """The header of a store with the current identities, if its maps were only moved."""
    old, new = (header["maps"]["sources"] for header in (there, asked))
    if len(old) != len(new) or old == new:
        return there
    for shard in range(store.n_shards):
        rows = store.rows(shard)
        stamps = [""] * len(old[rows])
        if store.present(shard):
            stamps = [str(stamp) for stamp in np.asarray(store.stamp[rows])]
        if old[rows] != new[rows] and not source.moved(rows.start, old[rows], stamps):
            return there
    return there | {"maps": there["maps"] | {"sources": new}}


def _other_maps(path: Path, there: Header, asked: Header) -> str:
    """The message for a store with other maps."""
    text = (
        f"the store {str(path)!r} was made for {len(there['names'])} maps, got "
        f"{len(asked['names'])}, and is left as it is"
    )
    for word, mine, other in (("new", asked, there), ("gone", there, asked)):
        known = set(map(str, other["sources"] + other["names"]))
        pairs = zip(mine["names"], mine["sources"], strict=True)
        names = [name for name, source in pairs if not known & {name, str(source)}]
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            text += f"; {word}: {', '.join(names[:3])}{more}"
    return (
        text + ". Name all of its maps again, with new ones beside them if you like, or give "
        "another store"
    )
