"""The networks that are compared with linear classifiers."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import equinox as eqx
import jax
import numpy as np
from numpy.typing import NDArray

from .. import nn
from ..nn.evaluation import logits
from ._classifiers import Classifier, Run, Trained
from ._skies import Skies

# Pairs of training maps (one of each class) are dealt out to so many parts. One part is held out
# to stop in time; of a committee each member holds out another.
PARTS = 5
_BATCH = 32

Model = Callable[[NDArray, jax.Array], Any]


def low_resolution(skies: Skies, run: Run) -> Trained:
    """A spherical convolutional network on the map cut to its degrees below 32.

    Training maps are turned at random in every epoch: the activations of this network alias, so
    that it takes a turned map for a slightly different one.
    """
    return _learn(_low, "none", _spherical, skies, run, augment=nn.random_rotations)


def hybrid(skies: Skies, run: Run) -> Trained:
    """A committee of hybrid networks on the images of the scattering paths.

    Turned maps would teach it nothing: it is exactly invariant.
    """
    return _learn(_images, "positive", hybrid_model, skies, run, members=PARTS)


def _low(skies: Skies) -> NDArray:
    return skies.plain.low


def _images(skies: Skies) -> NDArray:
    return skies.scattering.alm


def _spherical(x: NDArray, key: jax.Array) -> Any:
    L = int(nn.to_fragments(x[0]).L)
    return nn.SphericalCNN(x.shape[1], L, 2, channels=(4, 8), key=key)


def hybrid_model(x: NDArray, key: jax.Array) -> Any:
    r"""A small `HybridClassifier` for images of scattering paths, before its training.

    Eight smooth filters that look alike from all sides read the paths, and the only products kept
    are those of degree 0: second moments of what was read, with weights per degree that are
    learned. Two changes make it learn from a thousand maps. The mixing
    behind the lift, one matrix per degree, is left out: with zonal filters it only undoes their
    smoothness. And the invariants are whitened, as measured on ``x``, before the dense layers
    read them: those that tell the classes apart are small beside what all maps share.

    Parameters
    ----------
    x : array (n, paths, L(L+1)/2), complex
        Standardised training images.
    key : jax.random.key
    """
    L = int(nn.to_fragments(x[0]).L)
    model: Any = nn.HybridClassifier(
        x.shape[1], L, 2, channels=(8, 32), band_limits=(L, 1), N=1, key=key
    )
    layers: tuple[Any, ...] = model.layers
    lift, _, *others = layers
    # Its bias is what hands the means of the images on beside the products.
    lift = eqx.tree_at(lambda layer: layer.bias, lift, np.ones_like(lift.bias))
    at = [isinstance(layer, nn.Invariants) for layer in others].index(True) + 1
    front = eqx.tree_at(lambda m: m.layers, model, (lift, *others[:at]))
    whiten = _Whitening(logits(front, x, 4 * _BATCH))
    layers = (lift, *others[:at], eqx.nn.Lambda(whiten), *others[at:])
    return eqx.tree_at(lambda m: m.layers, model, layers)


class _Whitening:
    """Numbers brought to mean 0 and, in all directions in which they vary, to variance 1.

    A fixed table, not learned.
    """

    def __init__(self, found: NDArray) -> None:
        self.mean = found.mean(axis=0)
        variance, axes = np.linalg.eigh(np.cov(found.astype(np.float64), rowvar=False))
        # What hardly varies is not blown up.
        scale = 1 / np.sqrt(variance + 1e-4 * variance[-1])
        self.matrix = ((axes * scale) @ axes.T).astype(found.dtype)

    def __call__(self, features: jax.Array) -> jax.Array:
        return (features - self.mean) @ self.matrix


def _learn(
    signals: Callable[[Skies], NDArray],
    logarithm: str,
    build: Model,
    skies: Skies,
    run: Run,
    *,
    members: int = 1,
    augment: Callable | None = None,
) -> Trained:
    """Standardise, train until the held out maps say stop, and take the best weights."""
    x, y = signals(skies), skies.labels
    part = np.arange(len(x)) // 2 % PARTS
    committee, notes, seconds = [], [], 0.0
    for member in range(members):
        started = perf_counter()
        rest, held = part != member, part == member
        standardise = nn.Standardisation.from_data(x[rest], logarithm)
        known = standardise(x[rest])
        key = jax.random.fold_in(jax.random.key(run.seed), member)
        seconds += perf_counter() - started
        model, history = nn.fit(
            build(known, key),
            (known, y[rest]),
            validation=(standardise(x[held]), y[held]),
            epochs=run.epochs,
            batch_size=_BATCH,
            learning_rate=1e-2,
            schedule="cosine",
            weight_decay=0.1,
            seed=run.seed,
            patience=run.epochs,
            augment=augment,
            checkpoint=run.checkpoint.with_suffix(f".{member}.ckpt"),
            progress="bar" if run.progress else False,
        )
        committee.append((standardise, model))
        seconds += sum(history.seconds)
        notes.append(f"{history.best_epoch} ({min(history.validation_loss):.3f})")
    note = (
        f"{members} network(s), each with another fifth of the training maps held out; best of "
        f"{run.epochs} epochs (validation loss, nats): {', '.join(notes)}"
    )

    def scores(some: Skies) -> NDArray[np.float64]:
        # The logarithm of the odds, averaged over the committee.
        found = [logits(m, standardise(signals(some)), 4 * _BATCH) for standardise, m in committee]
        return np.diff(np.mean(found, axis=0), axis=1)[:, 0].astype(np.float64)

    parameters = sum(nn.count_parameters(model) for _, model in committee)
    return Trained(parameters, seconds, note, scores)


NETWORKS = (
    Classifier("b", "spherical CNN on degrees below 32", low_resolution),
    Classifier("d", "scattering: hybrid networks on its images", hybrid),
)
