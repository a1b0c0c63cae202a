"""Digits, or other small images, on the sphere: parts for training, validation and testing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sphere_toolkit import nn, signals
from sphere_toolkit.signals.handwritten import SPLITS

from . import idx

# One of this many training images is held out for validation.
_HELD_OUT = 6
_BLOCK = 1000
SMALLEST = 30


class Part(NamedTuple):
    """Signals (n, 1, L(L+1)/2) and labels (n,)."""

    x: NDArray
    y: NDArray[np.int64]

    def rotated(self, rng: np.random.Generator) -> Part:
        """Every signal under another random rotation."""
        return Part(nn.random_rotations(self.x, rng).astype(self.x.dtype), self.y)


@dataclass(frozen=True)
class DigitSet:
    """A data set for the experiment.

    Attributes
    ----------
    name : str
    L, n_classes : int
    train, validation, test : Part
    """

    name: str
    L: int
    n_classes: int
    train: Part
    validation: Part
    test: Part

    def standardised(self) -> DigitSet:
        """All degrees at the same scale, as measured on the training part."""
        scale = nn.Standardisation.from_data(self.train.x)
        train, validation, test = (
            Part(scale(part.x), part.y) for part in (self.train, self.validation, self.test)
        )
        return replace(self, train=train, validation=validation, test=test)


def bundled(L: int, n: int | None = None) -> DigitSet:
    """The digits that come with scikit-learn.

    Parameters
    ----------
    L : int
        Band-limit.
    n : int, optional
        Largest number for training and for testing; validation gets a fifth of it.
    """
    limits = dict(zip(SPLITS, (n, None if n is None else n // (_HELD_OUT - 1), n), strict=True))
    parts = {}
    for split, limit in limits.items():
        alm, labels = signals.digits(L, split)
        parts[split] = Part(alm[:limit, None].astype(np.complex64), labels[:limit])
    return DigitSet("digits", L, 10, parts["train"], parts["validation"], parts["test"])


def from_idx(folder: Path, L: int, n: int | None = None) -> DigitSet:
    """MNIST, or a data set in the same files.

    Parameters
    ----------
    folder : Path
        See `idx.read_labelled`.
    L, n
        As in `bundled`. The training images are put into a fixed random order, and the last sixth
        is for validation.

    Raises
    ------
    FileNotFoundError, ValueError
        A file is missing, or does not hold images or labels; a class is only tested.
    """
    images, labels = idx.read_labelled(folder, "train")
    order = np.random.default_rng(0).permutation(len(images))
    n_held_out = len(order) // _HELD_OUT
    train, held_out = np.split(order, [len(order) - n_held_out])
    held_out = held_out[: None if n is None else n // (_HELD_OUT - 1)]
    test_images, test_labels = (some[:n] for some in idx.read_labelled(folder, "test"))
    n_classes = int(labels.max()) + 1 if len(labels) else 0
    if len(test_labels) and test_labels.max() >= n_classes:
        raise ValueError(
            f"test labels in {str(folder)!r} must be below {n_classes} like those for training, "
            f"got {test_labels.max()}"
        )
    parts = [
        Part(_coefficients(images[rows], L), labels[rows].astype(np.int64))
        for rows in (train[:n], held_out)
    ]
    test = Part(_coefficients(test_images, L), test_labels.astype(np.int64))
    return DigitSet(folder.resolve().name, L, n_classes, parts[0], parts[1], test)


def _coefficients(images: NDArray[np.uint8], L: int) -> NDArray[np.complex64]:
    """Coefficients (n, 1, L(L+1)/2) of images, whose values 0 to 255 are scaled to 0 to 1."""
    blocks = [images[start : start + _BLOCK] for start in range(0, max(len(images), 1), _BLOCK)]
    found = [signals.project_images(block / 255, L).astype(np.complex64) for block in blocks]
    return np.concatenate(found)[:, None]
