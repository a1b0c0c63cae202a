"""Sources of maps in files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from copy import copy
from math import isqrt
from pathlib import Path
from typing import Any, Self

import ducc0
import numpy as np
from numpy.typing import NDArray

from . import stamps
from .base import Label, Labels, UnusableMap, as_labels
from .contents import reason

Pick = int | str | None
"""Which map of its file: a row or a field; None where a file holds one map."""


class Files:
    """Maps in files, identified by resolved paths and compared by content.

    A continued run computes the maps of files that have changed again. Files that were moved or
    copied to another place are the same maps.

    Attributes
    ----------
    names : list of str
        As the files were given; with ``[pick]`` behind where a file holds several maps.
    files : list of str
        The file of each map, as it was given.
    paths : list of str
        Absolute, without ``~``, since workers may have another working folder. Symbolic links are
        not resolved, since they may lead to other places on other machines.
    """

    def __init__(self, maps: Iterable[tuple[str, Pick]], labels: Labels | None) -> None:
        self.files, self._picks = map(list, zip(*maps, strict=True))
        self.names = [_with(pick, file) for file, pick in zip(self.files, self._picks, strict=True)]
        self.paths = [str(Path(file).expanduser().absolute()) for file in self.files]
        resolved = [str(Path(path).resolve()) for path in self.paths]
        self._resolved = [_with(*pair) for pair in zip(self._picks, resolved, strict=True)]
        first: dict[str, str] = {}
        for name, path in zip(self.names, self._resolved, strict=True):
            if path in first:
                raise ValueError(
                    f"files must differ: {first[path]!r} and {name!r} are both {path!r}"
                )
            first[path] = name
        self.labels: list[Label]
        self.labels, self.targets = as_labels(labels, len(self.names))
        self.seeds: list[int | None] = [None] * len(self.names)

    def arranged(self, order: Sequence[int]) -> Self:
        """The same maps in another order."""
        other = copy(self)
        for name in ("files", "_picks", "names", "paths", "_resolved", "labels", "seeds"):
            values = getattr(self, name)
            setattr(other, name, [values[i] for i in order])
        other.targets = {key: [values[i] for i in order] for key, values in self.targets.items()}
        return other

    def labelled(self, labels: Labels) -> Self:
        """The same maps with labels, as `read_labels` returns them."""
        other = copy(self)
        other.labels, other.targets = as_labels(labels, len(self.names))
        return other

    def identities(self) -> list[Any]:
        """The resolved paths."""
        return list(self._resolved)

    def changed(self, start: int, stamped: Sequence[str]) -> list[bool]:
        """Which files have changed since they were stamped, or have appeared since then."""
        paths = self.paths[start : start + len(stamped)]
        return [stamps.changed(*pair) for pair in zip(paths, stamped, strict=True)]

    def moved(self, start: int, identities: Sequence[Any], stamped: Sequence[str]) -> bool:
        """Whether the files have the content of others, as after a folder was moved or copied.

        A file that was not read yet must have the same name.
        """
        changed = self.changed(start, stamped)
        names = zip(self._resolved[start:], identities, stamped, changed, strict=False)
        return all(
            path == old or (not differs if stamp else Path(path).name == Path(str(old)).name)
            for path, old, stamp, differs in names
        )


def _with(pick: Pick, name: str) -> str:
    return name if pick is None else f"{name}[{pick}]"


class Reader(ABC):
    """Some of the maps, on a worker."""

    def __init__(self, start: int, paths: list[str], picks: list[Pick]) -> None:
        self._start, self._paths, self._picks = start, paths, picks

    def stamp(self, i: int) -> str:
        """Size, times and digest of the file of map ``i``."""
        return stamps.stamp(self._paths[i - self._start])

    def read(self, i: int) -> NDArray:
        """Coefficients of map ``i``; `UnusableMap` says why there are none."""
        try:
            return self.coefficients(self._paths[i - self._start], self._picks[i - self._start])
        except MemoryError:
            raise
        except Exception as error:
            raise UnusableMap(reason(error)) from error

    @abstractmethod
    def coefficients(self, path: str, pick: Pick) -> NDArray:
        """Those of one map of a file; any error makes the map unusable."""


def to_ring(samples: NDArray, ordering: str) -> NDArray:
    """HEALPix samples (..., 12 nside^2) in ring order."""
    if ordering == "RING":
        return samples
    nside = isqrt(samples.shape[-1] // 12)
    if nside & (nside - 1):
        raise ValueError(f"only an nside that is a power of 2 can be NESTED, got nside = {nside}")
    base = ducc0.healpix.Healpix_Base(nside, "NEST")
    return samples[..., base.ring2nest(np.arange(samples.shape[-1]))]


def file_names(files: Iterable[str | Path]) -> list[str]:
    """The names of files, at least one."""
    if isinstance(files, str | Path):
        raise TypeError(
            f"files must be a sequence of paths, got {files!r}; those of a folder or a list are "
            "found by pipeline.find_files"
        )
    names = [str(file) for file in files]
    if not names:
        raise ValueError("files must name at least one file, got none")
    return names
