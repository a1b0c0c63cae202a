"""The networks that are compared on rotated digits, and how they are trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from sphere_toolkit import nn

from ..run import Run
from .planar import planar_like
from .sets import DigitSet, Part

BATCH = 32


class Network(NamedTuple):
    """A network to be compared.

    Attributes
    ----------
    key : str
        Short name, for files and results.
    title : str
        Name in tables and figures.
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
    # Fewer channels than by default, so that it trains in minutes on two cores.
    return nn.SphericalCNN(1, L, n_classes, channels=(8, 16), key=key)


def _planar(L: int, n_classes: int, key: jax.Array) -> Any:
    like = nn.GeneralizedCNN(1, L, n_classes, key=key)
    return planar_like(like, L, n_classes, key=key)


NETWORKS = (
    Network("planar", "planar CNN", _planar, 3e-3, 1e-2),
    Network("spherical", "SphericalCNN", _spherical, 1e-2, 1e-2),
    Network("generalized", "GeneralizedCNN", _generalized, 1e-2, 5e-2),
)


def train(
    network: Network, data: DigitSet, validation: Part, rotate: bool, run: Run
) -> tuple[Any, nn.History]:
    """A trained network and its history.

    With ``rotate`` every image is under a new random rotation in every epoch.
    """
    name = f"{data.name}-L{data.L}-{len(data.train.y)}-{run.epochs}-seed{run.seed}"
    return run.fit(
        network.make(data.L, data.n_classes, jax.random.key(run.seed)),
        (data.train.x, data.train.y),
        (validation.x, validation.y),
        f"{name}-{network.key}-{'R' if rotate else 'NR'}",
        batch_size=BATCH,
        learning_rate=network.learning_rate,
        weight_decay=network.weight_decay,
        augment=nn.random_rotations if rotate else None,
    )
