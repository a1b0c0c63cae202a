"""The networks that are compared on rotated digits, and how each is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax

from .. import nn
from ._digit_sets import DigitSet, Part
from ._planar import planar_like

BATCH = 32


@dataclass(frozen=True)
class Network:
    """A network to be compared.

    Attributes
    ----------
    key, title : str
        Short name, and what a reader sees.
    make : callable (L, n_classes, key) -> eqx.Module
    learning_rate, weight_decay : float
        Chosen on validation images.
    """

    key: str
    title: str
    make: Callable[[int, int, jax.Array], Any]
    learning_rate: float
    weight_decay: float


def _generalized(L: int, n_classes: int, key: jax.Array) -> Any:
    return nn.GeneralizedCNN(1, L, n_classes, key=key)


def _spherical(L: int, n_classes: int, key: jax.Array) -> Any:
    # Fewer channels than by default: it trains in minutes on two cores.
    return nn.SphericalCNN(1, L, n_classes, channels=(8, 16), key=key)


def _planar(L: int, n_classes: int, key: jax.Array) -> Any:
    like = nn.GeneralizedCNN(1, L, n_classes, key=key)
    return planar_like(like, L, n_classes, key=key)


NETWORKS = (
    Network("planar", "planar CNN", _planar, 3e-3, 1e-2),
    Network("spherical", "SphericalCNN", _spherical, 1e-2, 1e-2),
    Network("generalized", "GeneralizedCNN", _generalized, 1e-2, 5e-2),
)


@dataclass(frozen=True)
class Training:
    """How long, from which seed, and where to go on.

    Attributes
    ----------
    epochs, seed : int
    checkpoint : Path
    progress : bool
    """

    epochs: int
    seed: int
    checkpoint: Path
    progress: bool


def train(
    network: Network, data: DigitSet, validation: Part, rotate: bool, training: Training
) -> tuple[Any, nn.History]:
    """A trained network: the weights of the epoch with the lowest validation loss.

    With ``rotate`` every image is under another random rotation in every epoch.
    """
    model = network.make(data.L, data.n_classes, jax.random.key(training.seed))
    return nn.fit(
        model,
        (data.train.x, data.train.y),
        validation=(validation.x, validation.y),
        epochs=training.epochs,
        batch_size=BATCH,
        learning_rate=network.learning_rate,
        schedule="cosine",
        weight_decay=network.weight_decay,
        seed=training.seed,
        patience=training.epochs,
        augment=nn.random_rotations if rotate else None,
        checkpoint=training.checkpoint,
        progress="bar" if training.progress else False,
    )
