"""The store of a run on disk: a Zarr group whose shards are complete or absent."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from errno import ENOENT
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import Crc32cCodec
from zarr.core.array_spec import ArrayConfig
from zarr.storage import MemoryStore, StorePath

from .coordinates import write_coordinates
from .folder import HEADER, TEXTS, clear, edit, holds, put

FORMAT = "sphere_toolkit scattering data set 3"
NOT_COMPUTED = "not computed yet"
# The index at the end of a shard: offset and size of each chunk, then a checksum (Zarr v3).
_INDEX_ENTRY, _CHECKSUM = 16, 4
# By default Zarr does not write chunks that equal the fill value, and a map without coefficients
# would look like a missing one.
_WRITE_ALL = ArrayConfig(order="C", write_empty_chunks=True)


class Shard(NamedTuple):
    """The content of one shard: coefficients, problems, stamps and versions of its maps."""

    alm: NDArray
    problems: list[str]
    stamps: list[str]
    versions: list[str]


@dataclass(frozen=True)
class Store:
    """The arrays of a data set; a small object that is sent with every task.

    One task computes one shard of ``alm``, with one chunk and checksum per map. The other arrays
    (reasons of unusable maps, stamps, versions) are written first, so a shard with ``alm`` is
    complete.
    """

    path: Path
    digest: str
    """Of the header: a task that continues after its run must not write to the store of another."""
    alm: zarr.Array
    problem: zarr.Array
    stamp: zarr.Array
    versions: zarr.Array

    @classmethod
    def create(cls, path: Path, header: dict[str, Any], shape: tuple[int, int, int]) -> Store:
        """A new store in a folder without one; the header is written last."""
        n, n_paths, n_coefficients = shape
        k = header["maps_per_shard"]
        clear(path)
        zarr.create_array(
            path / "alm",
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
        for name in TEXTS:
            zarr.create_array(
                path / name,
                shape=(n,),
                chunks=(k,),
                dtype="string",
                fill_value=NOT_COMPUTED,
                compressors=Crc32cCodec(),
                config=_WRITE_ALL,
                dimension_names=("map",),
            )
        write_coordinates(path, header)
        zarr.create_group(path, attributes=header)
        return cls.open(path)[0]

    @classmethod
    def open(cls, path: Path) -> tuple[Store, dict[str, Any]]:
        """An existing store and its header."""
        if not path.exists():
            raise FileNotFoundError(f"there is no data set at {str(path)!r}")
        if not path.is_dir():
            raise NotADirectoryError(f"the store must be a folder, got the file {str(path)!r}")
        if not (path / HEADER).exists():
            raise ValueError(f"{str(path)!r} holds no scattering data set: it has no {HEADER}")
        try:
            group = zarr.open_group(path, mode="r+")
            # In the types of JSON, whatever types Zarr returns.
            header = json.loads(json.dumps(group.attrs.asdict()))
            if header["format"] != FORMAT:
                raise ValueError(f"format {header['format']!r}, expected {FORMAT!r}")
            n = len(header["maps"]["names"])
            arrays = []
            for name in ("alm", *TEXTS):
                array = group[name]
                if not isinstance(array, zarr.Array):
                    raise ValueError(f"{name} must be an array")
                if array.shape[0] < n:
                    raise ValueError(f"{name} has {array.shape[0]} rows for {n} maps")
                arrays.append(_first_rows(array, n).with_config(_WRITE_ALL))
            digest = _digest(path / HEADER)
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise ValueError(f"{str(path)!r} holds no scattering data set: {error}") from error
        return cls(path, digest, *arrays), header

    def described_by(self, header: dict[str, Any]) -> Store:
        """The same store with another header, which may have more maps behind the present ones.

        The arrays grow first. If the process ends between the two steps, the header still counts
        the maps that there were before, and `open` goes by the header.
        """
        n = len(header["maps"]["names"])
        arrays = {name: getattr(self, name) for name in ("alm", *TEXTS)}
        try:
            for name, array in arrays.items():
                if array.shape[0] != n:
                    edit(self.path / name / HEADER, {"shape": [n, *array.shape[1:]]})
            write_coordinates(self.path, header)
            edit(self.path / HEADER, {"attributes": header})
        except OSError as error:
            raise OSError(
                error.errno,
                f"the store {str(self.path)!r} must get other maps or labels, and cannot be "
                f"written to: {error.strerror or error}. It is left as it is",
            ) from error
        return Store.open(self.path)[0]

    def is_here(self) -> bool:
        """Whether this process finds the same store under the same path."""
        try:
            return _digest(self.path / HEADER) == self.digest
        except OSError:
            return False

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
        """The content of a shard; None if it is absent or damaged."""
        if not self.present(shard):
            return None
        rows = self.rows(shard)
        try:
            texts = [
                [str(text) for text in np.asarray(array[rows])]
                for array in (self.problem, self.stamp, self.versions)
            ]
            found = Shard(np.asarray(self.alm[rows]), *texts)
        except (ValueError, OSError):  # a checksum does not fit, a file is cut off
            return None
        unusable = np.array([bool(reason) for reason in found.problems])
        # Exactly the maps without coefficients must have a reason.
        if (np.isnan(found.alm).any(axis=(1, 2)) != unusable).any():
            return None
        return None if any(NOT_COMPUTED in column for column in texts) else found

    def write(self, shard: int, content: Shard) -> dict[str, str]:
        """Write a shard completely.

        Returns
        -------
        dict of str to str
            The written files, relative to the store, with the SHA-256 of each.
        """
        rows = self.rows(shard)
        texts = (content.problems, content.stamps, content.versions)
        arrays = (self.problem, self.stamp, self.versions)
        files = dict(
            _encoded(array, rows, np.array(column, np.dtypes.StringDType()))
            for array, column in zip(arrays, texts, strict=True)
        )
        files |= [_encoded(self.alm, rows, content.alm)]  # last, since it marks a complete shard
        try:
            if not (self.path / HEADER).exists():
                raise FileNotFoundError(ENOENT, "the store is gone")
            if not all(holds(self.path / name, data) for name, data in files.items()):
                # Old coefficients must not remain beside new texts.
                self.discard(shard)
                for name, data in files.items():
                    put(self.path / name, data)
        except OSError as error:
            raise OSError(
                error.errno,
                f"maps {rows.start}..{rows.stop - 1} could not be written to {str(self.path)!r}: "
                f"{error.strerror or error}. All that was written before is kept; the same call "
                "goes on from there",
            ) from error
        return {name: sha256(data).hexdigest() for name, data in files.items()}

    def holds(self, digests: dict[str, str]) -> bool:
        """Whether this process finds the files that `write` returned."""
        try:
            return all(_digest(self.path / name) == digest for name, digest in digests.items())
        except OSError:
            return False

    def discard(self, shard: int) -> None:
        """Remove the coefficients of a shard, which then counts as not computed."""
        self._file(shard).unlink(missing_ok=True)

    def _file(self, shard: int) -> Path:
        return self.path / "alm" / self.alm.metadata.encode_chunk_key((shard, 0, 0))


def _encoded(array: zarr.Array, rows: slice, values: NDArray) -> tuple[str, bytes]:
    """The file of a shard of an array, relative to the store, and its bytes."""
    memory: dict[str, Any] = {}
    place = StorePath(MemoryStore(memory))
    blank: zarr.Array = zarr.Array(replace(array.async_array, store_path=place))
    blank[rows] = values
    ((key, content),) = memory.items()
    return f"{array.basename}/{key}", content.to_bytes()


def _first_rows(array: zarr.Array, n: int) -> zarr.Array:
    """An array without the rows behind the first ``n``; nothing is written."""
    metadata = array.metadata.update_shape((n, *array.shape[1:]))
    return zarr.Array(replace(array.async_array, metadata=metadata))


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
