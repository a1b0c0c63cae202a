"""Files in the IDX format of MNIST and similar data sets."""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Two zero bytes, the type of the elements (8: unsigned bytes), the number of axes.
_BYTES = 8
_PARTS = {"train": "train", "test": "t10k"}


def read_labelled(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images (n, rows, columns) and labels (n,) of one part of a data set.

    Parameters
    ----------
    folder : Path
        With the files ``train-images-idx3-ubyte`` and ``train-labels-idx1-ubyte``, and for the test
        part the same with ``t10k``; each may be compressed (``.gz``).
    part : {"train", "test"}

    Raises
    ------
    FileNotFoundError
        The folder or a file is missing.
    ValueError
        A file is damaged, truncated or in another format; the numbers of labels and images differ.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {str(folder)!r}")
    prefix = _PARTS[part]
    images_file = _find(folder, f"{prefix}-images-idx3-ubyte")
    labels_file = _find(folder, f"{prefix}-labels-idx1-ubyte")
    images, labels = read(images_file, 3), read(labels_file, 1)
    if len(images) != len(labels):
        raise ValueError(
            f"{images_file} holds {len(images)} images, but {labels_file} {len(labels)} labels"
        )
    return images, labels


def read(path: Path, n_axes: int) -> NDArray[np.uint8]:
    """The array in one file of unsigned bytes, compressed (``.gz``) or not.

    Raises
    ------
    ValueError
        The file does not begin with the bytes 0, 0, 8, ``n_axes``; its length does not fit the
        sizes in its head; its compression is damaged.
    """
    content = _content(path)
    expected = bytes([0, 0, _BYTES, n_axes])
    if content[:4] != expected:
        raise ValueError(
            f"{path} must begin with the bytes {expected.hex(' ')} (unsigned bytes, {n_axes} "
            f"axes), got {content[:4].hex(' ') or 'an empty file'}"
        )
    start = 4 + 4 * n_axes
    if len(content) < start:
        raise ValueError(f"{path} is truncated: {len(content)} of {start} bytes of its head")
    shape = tuple(int(size) for size in np.frombuffer(content[4:start], ">u4"))
    if len(content) - start != prod(shape):
        what = "is truncated" if len(content) - start < prod(shape) else "is too long"
        raise ValueError(
            f"{path} {what}: {len(content) - start} bytes follow its head, "
            f"expected {prod(shape)} for shape {shape}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _find(folder: Path, name: str) -> Path:
    for file in (folder / name, folder / f"{name}.gz"):
        if file.is_file():
            return file
    raise FileNotFoundError(f"there is neither {name} nor {name}.gz in {str(folder)!r}")


def _content(path: Path) -> bytes:
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as stream:
            return stream.read()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is damaged: {error}") from None
