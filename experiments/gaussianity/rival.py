"""The network that a practitioner would take: graph convolutions on the pixels of the whole sky.

A sky of band-limit L is sampled on the HEALPix map of L/2 pixels per side of a base pixel, which
holds all its degrees. The network is convolutional on the graph of pixels (Perraudin et al. 2019,
Defferrard et al. 2020), so that it is equivariant only approximately: training skies are therefore
seen in several random orientations, in each with the eight rotations that map pixels to pixels, and
with both signs, under which neither class changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from sphere_toolkit import band_limit, nn

from ..run import Run
from .classifiers import Classifier, Trained
from .healpix import CHANNELS, Graph, GraphNetwork, graphs_of, pixels, symmetries
from .networks import BATCH, PARTS
from .skies import Skies

# Random orientations of each training sky.
_ORIENTATIONS = 4
# The rate with the lower validation loss is taken.
_RATES = (1e-3, 3e-3)
# An epoch is this many batches, whatever the number of skies: few skies are not seen too seldom.
_STEPS = 200
# For a learning rate of 1; the weight decay is that of the other networks.
_ADAMW = optax.adamw(1.0, weight_decay=0.1)

Scale = Callable[[NDArray], Callable[[NDArray], NDArray]]


def on_map(skies: Skies, run: Run, checkpoint: str) -> Trained:
    """The network on the map as it is, in units of its standard deviation."""
    return _learn(_as_it_is, skies, run)


def on_whitened_map(skies: Skies, run: Run, checkpoint: str) -> Trained:
    """The network on the map with all degrees at one size, as measured on training skies."""
    return _learn(_whitened, skies, run)


def _as_it_is(known: NDArray) -> Callable[[NDArray], NDArray]:
    return lambda alm: alm


def _whitened(known: NDArray) -> Callable[[NDArray], NDArray]:
    standardise = nn.Standardisation.from_data(known[:, None])
    return lambda alm: standardise(alm[:, None])[:, 0]


def _learn(scale: Scale, skies: Skies, run: Run) -> Trained:
    alm, y = skies.alm, skies.labels
    started = perf_counter()
    held = np.arange(len(alm)) // 2 % PARTS == 0
    nside = band_limit(alm) // 2
    scaled = scale(alm[~held])
    rng = np.random.default_rng((run.seed, 2))
    turned = [nn.random_rotations(alm[~held], rng) for _ in range(_ORIENTATIONS)]
    maps = pixels(scaled(np.concatenate(turned)), nside)
    unit = maps.std()
    # Half precision, in which all orientations fit on a graphics card.
    data = jnp.asarray(maps / unit, jnp.float16), jnp.tile(y[~held], _ORIENTATIONS)
    validation = jnp.asarray(pixels(scaled(alm[held]), nside) / unit), jnp.asarray(y[held])
    turns = jnp.asarray(symmetries(nside))
    found = [
        _fit(data, validation, turns, rate, run.epochs, jax.random.key(run.seed)) for rate in _RATES
    ]
    best = int(np.argmin([loss for _, loss, _ in found]))
    network, _, graphs = found[best]
    told = ", ".join(
        f"{rate:g}: {loss:.3f}" for rate, (_, loss, _) in zip(_RATES, found, strict=True)
    )

    def scores(some: Skies) -> NDArray[np.float64]:
        maps = jnp.asarray(pixels(scaled(some.alm), nside) / unit)
        return np.diff(_logits(network, graphs, maps), axis=1)[:, 0].astype(np.float64)

    return Trained(
        nn.count_parameters(network),
        perf_counter() - started,
        f"nside {nside}; a fifth of the training maps held out; {_ORIENTATIONS} orientations, 8 "
        f"symmetries and both signs of the others; validation loss (nats) by learning rate: {told}",
        scores,
    )


def _fit(
    data: tuple[Any, Any],
    validation: tuple[Any, Any],
    turns: Any,
    rate: float,
    epochs: int,
    key: Any,
) -> tuple[GraphNetwork, float, tuple[Graph, ...]]:
    """The network with the lowest validation loss, that loss, and the graphs of the network."""
    nside = int(np.sqrt(data[0].shape[1] / 12))
    network = GraphNetwork(2, jax.random.fold_in(key, 0), CHANNELS)
    graphs = jax.tree.map(jnp.asarray, graphs_of(nside, network))
    rates = optax.cosine_decay_schedule(rate, epochs * _STEPS)(jnp.arange(epochs * _STEPS))
    state = _ADAMW.init(eqx.filter(network, eqx.is_inexact_array))
    best, lowest = network, np.inf
    for epoch, some in enumerate(rates.reshape(epochs, -1)):
        drawn = jax.random.fold_in(key, 1 + epoch)
        network, state = _epoch(network, state, graphs, turns, *data, some, drawn)
        loss = float(_cross_entropy(_logits(network, graphs, validation[0]), validation[1]))
        if loss < lowest:
            best, lowest = network, loss
    return best, lowest, graphs


@eqx.filter_jit
def _epoch(
    network: GraphNetwork,
    state: Any,
    graphs: Sequence[Graph],
    turns: jax.Array,
    maps: jax.Array,
    labels: jax.Array,
    rates: jax.Array,
    key: jax.Array,
) -> tuple[GraphNetwork, Any]:
    """The network after one batch for each rate, of random skies turned at random."""
    weights, rest = eqx.partition(network, eqx.is_inexact_array)

    def loss(weights: Any, x: jax.Array, y: jax.Array) -> jax.Array:
        return _cross_entropy(jax.vmap(partial(eqx.combine(weights, rest), graphs))(x), y)

    def step(now: Any, drawn: tuple[jax.Array, jax.Array]) -> tuple[Any, None]:
        (weights, state), (rate, key) = now, drawn
        which, turn, sign = jax.random.split(key, 3)
        rows = jax.random.randint(which, (BATCH,), 0, len(maps))
        images = turns[jax.random.randint(turn, (BATCH,), 0, len(turns))]
        x = jnp.take_along_axis(maps[rows].astype(jnp.float32), images, axis=1)
        x *= jax.random.rademacher(sign, (BATCH, 1), jnp.float32)
        updates, state = _ADAMW.update(jax.grad(loss)(weights, x, labels[rows]), state, weights)
        updates = jax.tree.map(lambda update: rate * update, updates)
        return (optax.apply_updates(weights, updates), state), None

    (weights, state), _ = jax.lax.scan(
        step, (weights, state), (rates, jax.random.split(key, len(rates)))
    )
    return eqx.combine(weights, rest), state


@eqx.filter_jit
def _logits(network: GraphNetwork, graphs: Sequence[Graph], maps: jax.Array) -> jax.Array:
    return jax.lax.map(partial(network, graphs), maps, batch_size=BATCH)


def _cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


RIVALS = (
    Classifier("graph", "f", "graph CNN on the map", "sky", on_map),
    Classifier("graph_whitened", "g", "graph CNN on the whitened map", "sky", on_whitened_map),
)
