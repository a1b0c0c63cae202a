"""What a run leaves on disk: a Zarr group whose shards are complete or absent."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import Crc32cCodec
from zarr.core.array_spec import ArrayConfig

FORMAT = "sphere_toolkit scattering data set 2"
NOT_COMPUTED = "not computed yet"
# The index at the end of a shard: offset and size of each chunk, then a checksum (Zarr v3).
_INDEX_ENTRY, _CHECKSUM = 16, 4
# Otherwise Zarr leaves out what equals the fill value, and a map without coefficients would look
# like a hole.
_WRITE_ALL = ArrayConfig(order="C", write_empty_chunks=True)


class Shard(NamedTuple):
    """What is known of the maps of one shard."""

    alm: NDArray
    problems: list[str]
    stamps: list[str]


@dataclass(frozen=True)
class Store:
    """The arrays of a data set; small, so that it travels with every task.

    A shard of ``alm`` is what one task computes, one chunk per map, each with a checksum. The
    reasons why maps could not be used, and what was read (`Part.stamp`), are written first: a
    shard of ``alm`` is the seal.
    """

    path: Path
    alm: zarr.Array
    problem: zarr.Array
    stamp: zarr.Array

    @classmethod
    def create(cls, path: Path, header: dict[str, Any], shape: tuple[int, int, int]) -> Store:
        """A new store, which appears complete with its header or not at all."""
        n, n_paths, n_coefficients = shape
        k = header["maps_per_shard"]
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
        try:
            group = zarr.create_group(draft, attributes=header)
            group.create_array(
                "alm",
                shape=shape,
                chunks=(1, n_paths, n_coefficients),
                shards=(k, n_paths, n_coefficients),
                dtype="complex64",
                fill_value=complex(np.nan, np.nan),
                # Scattering coefficients look like noise: compression would gain nothing.
                compressors=Crc32cCodec(),
                config=_WRITE_ALL,
                dimension_names=("map", "path", "coefficient"),
            )
            for name in ("problem", "stamp"):
                group.create_array(
                    name,
                    shape=(n,),
                    chunks=(k,),
                    dtype="string",
                    fill_value=NOT_COMPUTED,
                    compressors=Crc32cCodec(),
                    config=_WRITE_ALL,
                    dimension_names=("map",),
                )
            draft.rename(path)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return cls.open(path)[0]

    @classmethod
    def open(cls, path: Path) -> tuple[Store, dict[str, Any]]:
        """An existing store and its header."""
        if not path.exists():
            raise FileNotFoundError(f"there is no data set at {str(path)!r}")
        try:
            group = zarr.open_group(path, mode="r+")
            # As parsed by JSON, whatever the reader makes of it.
            header = json.loads(json.dumps(group.attrs.asdict()))
            if header["format"] != FORMAT:
                raise ValueError(f"format {header['format']!r}, expected {FORMAT!r}")
            arrays = []
            for name in ("alm", "problem", "stamp"):
                array = group[name]
                if not isinstance(array, zarr.Array):
                    raise ValueError(f"{name} must be an array")
                arrays.append(array.with_config(_WRITE_ALL))
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise ValueError(f"{str(path)!r} holds no scattering data set: {error}") from error
        return cls(path, *arrays), header

    @property
    def n_shards(self) -> int:
        """Number of shards of a complete store."""
        return -(-self.alm.shape[0] // self.problem.chunks[0])

    def rows(self, shard: int) -> slice:
        """The maps of a shard."""
        k = self.problem.chunks[0]
        return slice(shard * k, min((shard + 1) * k, self.alm.shape[0]))

    def present(self, shard: int) -> bool:
        """Whether a shard is there and of the right size."""
        rows = self.rows(shard)
        chunk = int(np.prod(self.alm.shape[1:])) * self.alm.dtype.itemsize + _CHECKSUM
        index = self.problem.chunks[0] * _INDEX_ENTRY + _CHECKSUM
        try:
            return self._file(shard).stat().st_size == (rows.stop - rows.start) * chunk + index
        except FileNotFoundError:
            return False

    def read(self, shard: int) -> Shard | None:
        """Coefficients, problems and stamps of a shard; None if it is absent or damaged."""
        if not self.present(shard):
            return None
        rows = self.rows(shard)
        try:
            problems = [str(reason) for reason in np.asarray(self.problem[rows])]
            stamps = [str(stamp) for stamp in np.asarray(self.stamp[rows])]
            alm = np.asarray(self.alm[rows])
        except (ValueError, OSError):  # a checksum does not fit, a file is cut off
            return None
        unusable = np.array([bool(reason) for reason in problems])
        # What holds no coefficients must have a reason, and nothing else may have one.
        if (
            NOT_COMPUTED in (*problems, *stamps)
            or (np.isnan(alm).any(axis=(1, 2)) != unusable).any()
        ):
            return None
        return Shard(alm, problems, stamps)

    def write(
        self, shard: int, alm: NDArray, problems: Sequence[str], stamps: Sequence[str]
    ) -> None:
        """Put a shard in place, whole."""
        rows = self.rows(shard)
        try:
            # A damaged shard would be read to be completed.
            self._file(shard).unlink(missing_ok=True)
            for array, texts in ((self.problem, problems), (self.stamp, stamps)):
                self._text_file(array, shard).unlink(missing_ok=True)
                array[rows] = np.array(texts, dtype=np.dtypes.StringDType())
            self.alm[rows] = alm
        except OSError as error:
            raise OSError(
                error.errno,
                f"maps {rows.start}..{rows.stop - 1} could not be written to {str(self.path)!r}: "
                f"{error.strerror or error}. All that was written before is kept; the same call "
                "goes on from there",
            ) from error

    def sweep(self) -> None:
        """Remove what writers left that were killed on the way."""
        for rest in self.path.rglob("*.partial"):
            rest.unlink(missing_ok=True)

    def _file(self, shard: int) -> Path:
        return self.path / "alm" / self.alm.metadata.encode_chunk_key((shard, 0, 0))

    def _text_file(self, array: zarr.Array, shard: int) -> Path:
        return self.path / array.basename / array.metadata.encode_chunk_key((shard,))


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


def _known_by(header: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A header in which maps are known by what they are; by name where one does not tell."""
    maps = dict(header["maps"])
    names, sources = maps.pop("names"), maps.pop("sources")
    known = [
        name if None in pair else pair[0]
        for name, *pair in zip_longest(names, sources, other["maps"]["sources"])
    ]
    return header | {"maps": maps | {"sources": known[: len(names)]}}


def open_for(path: Path, header: dict[str, Any], shape: tuple[int, int, int]) -> Store:
    """The store at ``path``, made if it is not there, refused if it was made otherwise."""
    empty = path.is_dir() and not any(path.iterdir())
    if empty or not path.exists():
        return Store.create(path, header, shape)
    store, there = Store.open(path)
    unequal = list(differences(_known_by(there, header), _known_by(header, there)))
    if unequal:
        raise ValueError(
            f"the store {str(path)!r} was made with other parameters and is left as it is: "
            + "; ".join(unequal)
        )
    return store
