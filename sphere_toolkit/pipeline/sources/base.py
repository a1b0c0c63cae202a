"""Sources of maps: the protocol, arrays and simulations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from numbers import Integral
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ... import cmb
from ..._util import checks
from ...sphere.coefficients import band_limit

Label = int | float | str | None
Labels = Sequence[Label] | Mapping[str, Sequence[Label]]
"""One label per map, or columns of labels by name; that of the name "label" is the main one."""
LABEL = "label"


class UnusableMap(Exception):
    """A map without coefficients; the message gives the reason."""


class Part(Protocol):
    """Some maps of a source, sent to a worker."""

    def stamp(self, i: int) -> str:
        """A stamp of the current content of map ``i`` for `Source.changed`, made before reading."""

    def read(self, i: int) -> NDArray:
        """Coefficients of map ``i`` of the source; raises `UnusableMap`."""


class Source(Protocol):
    """A named sequence of maps.

    Messages use the names. A continued run recognises maps by their identities, and compares the
    stamps of maps whose content can change under the same identity (files).

    Attributes
    ----------
    L : int
        Band-limit of the coefficients.
    names : list of str
        One per map.
    labels, seeds : list
        Label and seed of each map, or None.

    A source may also have ``targets``, further columns of labels by name, and a method
    ``arranged(order)``, which returns the source with its maps in another order.
    """

    L: int
    names: list[str]
    labels: list[Label]
    seeds: list[int | None]

    def describe(self) -> dict[str, Any]:
        """A description of the source in types of JSON; a continued run must find the same."""

    def identities(self) -> list[Any]:
        """The identity of each map, in types of JSON; None if only its name identifies it.

        For a file it is the resolved path, for a simulation its set, number and seed, and for an
        array a digest of its content.
        """

    def changed(self, start: int, stamps: Sequence[str]) -> list[bool]:
        """Whether maps ``start``, ``start + 1``, ... have changed since they were stamped."""

    def moved(self, start: int, identities: Sequence[Any], stamps: Sequence[str]) -> bool:
        """Whether maps ``start``, ``start + 1``, ... are those with the given identities, moved.

        The stamp of a map that was not computed yet is empty.
        """

    def part(self, start: int, stop: int) -> Part:
        """Maps ``start..stop-1``; parts are asked for in order, each at most once."""


class Fixed:
    """Base of sources and parts whose maps cannot change under the same identity."""

    def moved(self, start: int, identities: Sequence[Any], stamps: Sequence[str]) -> bool:
        """They have no place."""
        return False

    def changed(self, start: int, stamps: Sequence[str]) -> list[bool]:
        """None of them."""
        return [False] * len(stamps)

    def stamp(self, i: int) -> str:
        """Nothing to say."""
        return ""


class Arrays(Fixed):
    """Coefficients in memory, or from an iterator.

    Parameters
    ----------
    alm : complex array (n, L(L+1)/2), or iterable of arrays (L(L+1)/2,)
        An iterable is consumed once, a few maps ahead of the workers.
    n : int, optional
        Number of maps; needed for an iterable without ``len()``. The first ``n`` are taken.
    labels : sequence, optional
        A label for each map: its class, an integer >= 0 or a name, or a number; None for a map
        without one. Or a dictionary of several such columns by name (see `read_labels`).
    names : sequence of str, optional
        ``map 0``, ``map 1``, ... by default.

    Raises
    ------
    TypeError, ValueError
        The first map has no valid band-limit, lengths differ, or ``n`` is missing.

    Notes
    -----
    A continued run compares the content of arrays, lists and tuples. For an iterator it compares
    the names and the first map only; the caller must make sure that the other maps are the same.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> skies, labels = st.cmb.simulate("cmb128-laptop", n=4, seed=1)
    >>> source = st.pipeline.Arrays(skies, labels=labels)
    >>> len(source.names), source.L
    (4, 128)
    """

    def __init__(
        self,
        alm: Iterable[NDArray],
        n: int | None = None,
        labels: Labels | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        if n is None:
            try:
                n = len(alm)  # type: ignore[arg-type]
            except TypeError:
                raise ValueError("n must be given for an iterator of unknown length") from None
            if n == 0:
                raise ValueError("alm must hold at least one map, got none")
        n = checks.integer("n", n, 1)
        rest = iter(alm)
        first = list(islice(rest, 1))
        if not first:
            raise ValueError(f"alm must hold {n} maps, got none")
        first[0] = checks.numeric("alm", first[0])
        if first[0].ndim > 1 or first[0].dtype.kind != "c":
            raise ValueError(
                "alm must hold complex coefficients of shape (L(L+1)/2,), one array per map, got "
                f"dtype {first[0].dtype} and shape {first[0].shape} for the first; samples go "
                "through st.forward(f, grid) first"
            )
        self.L = band_limit(first[0])
        self._rest: Iterator[NDArray] = chain(first, rest)
        self._taken = 0
        self._digest = _digest(first[0])
        self._in_memory = alm[:n] if isinstance(alm, np.ndarray | list | tuple) else None
        self.names = list(per_map("names", names, n) or (f"map {i}" for i in range(n)))
        self.labels, self.targets = as_labels(labels, n)
        self.seeds: list[int | None] = [None] * n

    def describe(self) -> dict[str, Any]:
        """Kind, band-limit and a checksum of the first map."""
        return {"kind": "arrays", "L": self.L, "first_map": self._digest}

    def identities(self) -> list[Any]:
        """A digest of each map in memory; None for what an iterator will make."""
        if self._in_memory is None:
            return [None] * len(self.names)
        digests = [_digest(alm) for alm in self._in_memory]
        return digests + [None] * (len(self.names) - len(digests))  # part() says what is missing

    def part(self, start: int, stop: int) -> Part:
        """The maps themselves, which are sent to the worker."""
        maps = list(islice(self._rest, start - self._taken, stop - self._taken))
        if len(maps) < stop - start:
            raise ValueError(
                f"alm must hold {len(self.names)} maps, got no more than {start + len(maps)}; "
                "what was computed is kept"
            )
        self._taken = stop
        return _Block(start, maps)


class _Block(Fixed):
    def __init__(self, start: int, maps: list[NDArray]) -> None:
        self._start, self._maps = start, maps

    def read(self, i: int) -> NDArray:
        return self._maps[i - self._start]


class NamedSet(Fixed):
    """Maps ``first .. first + n - 1`` of a named set of simulations.

    Parameters
    ----------
    name : str
        A set of `sphere_toolkit.cmb.simulation_set`, such as "cmb128-laptop".
    n : int
        Number of maps, of all classes together.
    seed : int, default 0
        Seed of the set.
    first : int, default 0
        Number of the first map. Ranges that do not overlap give independent maps.

    Raises
    ------
    TypeError, ValueError
        The set is unknown, ``n`` or ``seed`` out of range.

    Notes
    -----
    Classes alternate (`SimulationSet.label`). Map ``i`` is the same in every range.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> source = st.pipeline.NamedSet("cmb128-laptop", 10)
    >>> len(source.names), source.L
    (10, 128)
    """

    def __init__(self, name: str, n: int, seed: int = 0, first: int = 0) -> None:
        n, first = checks.integer("n", n, 1), checks.integer("first", first, 0)
        self.name, self.seed = name, checks.integer("seed", seed, 0)
        simulations = cmb.simulation_set(name)
        self.L, self._classes = simulations.L, list(simulations.classes)
        self._first = first
        labels = [simulations.label(i) for i in range(first, first + n)]
        self.labels: list[Label] = list(labels)
        self.names = [
            f"{name} {i} ({self._classes[label]})" for i, label in enumerate(labels, start=first)
        ]
        self.seeds: list[int | None] = [self.seed] * n

    def describe(self) -> dict[str, Any]:
        """Name and range of the set."""
        return {"kind": "set", "name": self.name, "L": self.L, "seed": self.seed,
                "first": self._first, "classes": self._classes}  # fmt: skip

    def identities(self) -> list[Any]:
        """Set, number and seed."""
        numbers = range(self._first, self._first + len(self.names))
        return [f"{self.name} {i} of seed {self.seed}" for i in numbers]

    def part(self, start: int, stop: int) -> Part:
        """The name and the range; the workers simulate."""
        return _Simulations(self.name, self.seed, self._first)


class _Simulations(Fixed):
    def __init__(self, name: str, seed: int, first: int) -> None:
        self._name, self._seed, self._first = name, seed, first

    def read(self, i: int) -> NDArray:
        return cmb.simulation_set(self._name).map(self._first + i, self._seed)


def _digest(alm: Any) -> str:
    """A checksum of the values, which does not depend on precision and byte order."""
    try:
        content = np.ascontiguousarray(checks.numeric("alm", alm), np.complex128)
    except (TypeError, ValueError):  # an unusable map, which is reported when it is read
        return hashlib.sha256(repr(alm).encode()).hexdigest()[:32]
    return hashlib.sha256(repr(content.shape).encode() + content.tobytes()).hexdigest()[:32]


def per_map(name: str, values: Sequence | None, n: int) -> Sequence | None:
    """``values`` if there is one for each of ``n`` maps."""
    if values is not None and len(values) != n:
        raise ValueError(f"{name} must have one entry for each of {n} maps, got {len(values)}")
    return values


def as_labels(labels: Labels | None, n: int) -> tuple[list[Label], dict[str, list[Label]]]:
    """One label for each of ``n`` maps, or None; and further columns of labels, by name."""
    columns = labels if isinstance(labels, Mapping) else {LABEL: labels}
    found = {name: _column(name, values, n) for name, values in columns.items()}
    return found.pop(LABEL, [None] * n), found


def _column(name: str, labels: Sequence[Label] | None, n: int) -> list[Label]:
    """Labels of one kind: integers from 0, or names, or numbers; None where there is none."""
    values = per_map(f"{name}s" if name == LABEL else name, labels, n)
    if values is None:
        return [None] * n
    given = [value for value in values if value is not None]
    if all(isinstance(value, str) for value in given):
        kind: Any = str
    elif all(isinstance(value, Integral) for value in given):
        kind = lambda value: checks.integer(name, value, 0)  # noqa: E731
    else:
        kind = lambda value: checks.real(name, value)  # noqa: E731
    return [None if value is None else kind(value) for value in values]


def as_array(labels: Sequence[Label]) -> NDArray:
    """Labels as an array: integers with -1, names with "", numbers with NaN where there is none."""
    given = [label for label in labels if label is not None]
    if all(isinstance(label, int) for label in given):
        return np.array([-1 if label is None else label for label in labels], np.int64)
    if all(isinstance(label, str) for label in given):
        return np.array([label or "" for label in labels], np.str_)
    return np.array([np.nan if label is None else label for label in labels], np.float64)
