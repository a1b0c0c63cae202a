"""The networks that are compared with the linear classifiers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from sphere_toolkit import nn

from ..run import Run
from .classifiers import Classifier, Trained
from .skies import Skies

# Pairs of training skies (one of each class) are dealt out to this many parts. One part is held out
# for validation; each member of a committee holds out another one.
PARTS = 5
BATCH = 32
_FILTERS = 64
# Standard deviation of the input of the dense layer. It learns the faster, the larger this is; the
# filters have the same learning rate.
_FEATURE_SCALE = 10

Model = Callable[[NDArray, jax.Array], Any]


def low_resolution(skies: Skies, run: Run, checkpoint: str) -> Trained:
    """A spherical convolutional network on the degrees below 32.

    Training skies are rotated at random in every epoch: the activations of this network alias, so
    that its output changes slightly under rotations.
    """
    return _learn(
        lambda some: some.low, nn.Standardisation.from_data, _spherical, skies, run, checkpoint,
        augment=nn.random_rotations,
    )  # fmt: skip


def hybrid(skies: Skies, run: Run, checkpoint: str) -> Trained:
    """A committee of hybrid networks on the images of the scattering paths.

    They read only the cross-spectra of the images (`SpectraClassifier`), which gives the same
    logits at a fraction of the cost, so they are trained for twice as many epochs. They are exactly
    invariant, so that rotated training skies would add nothing.
    """
    return _learn(
        lambda some: some.spectra, standardisation, hybrid_model, skies,
        replace(run, epochs=2 * run.epochs), checkpoint, members=PARTS, learning_rate=3e-4,
    )  # fmt: skip


def standardisation(known: NDArray) -> Callable[[NDArray], NDArray[np.float32]]:
    """What `nn.Standardisation` does to images, with the logarithm of means that are positive.

    Parameters
    ----------
    known : array (n, L, paths, paths)
        Cross-spectra of training images, as in `Skies`.

    Returns
    -------
    callable (spectra) -> spectra
    """
    modes = 2 * np.arange(1, known.shape[1]) + 1
    power = np.diagonal(known[:, 1:], axis1=-2, axis2=-1).mean(axis=0) / modes[:, None]
    factor = _inverse(np.sqrt(power))
    positive = (known[:, 0, :, 0] > 0).all(axis=0)

    def means(some: NDArray) -> NDArray:
        first = some[:, 0, :, 0].astype(np.float64)
        return np.where(positive, np.log(np.where(positive, first, 1)), first)

    first = means(known)
    mean, scale = first.mean(axis=0), _inverse(first.std(axis=0))

    def standardised(some: NDArray) -> NDArray[np.float32]:
        out = np.zeros(some.shape, np.float32)
        out[:, 1:] = some[:, 1:] * (factor[:, :, None] * factor[:, None, :])
        out[:, 0, :, 0] = (means(some) - mean) * scale
        return out

    return standardised


def _inverse(sizes: NDArray) -> NDArray:
    """Where a size is 0, as of the monopole of the microwave background, 0."""
    out = np.zeros_like(sizes)
    np.divide(1.0, sizes, out=out, where=sizes > 0)
    return out


def _spherical(x: NDArray, key: jax.Array) -> Any:
    L = int(nn.to_irreps(x[0]).L)
    return nn.SphericalCNN(x.shape[1], L, 2, channels=(4, 8), key=key)


def hybrid_model(x: NDArray, key: jax.Array) -> Any:
    r"""A small untrained `HybridClassifier` for images of scattering paths.

    Zonal filters read the paths, and only products of degree 0 are kept: second moments of the
    filtered images, with a weight for each degree. Three choices let it learn from few skies:

    - at the start, filters and weights are the same at all degrees, so that a moment is a sum over
      all of them;
    - the mixing after the lift and the normalisation are left out. With zonal filters, the mixing
      (one matrix per degree) only undoes their smoothness, and the normalisation divides by the
      moments that are to be measured;
    - the invariants are whitened, as measured on ``x``, and read by a single dense layer, since the
      differences between the classes are small compared to what all skies share.

    Parameters
    ----------
    x : array (n, L, paths, paths), real
        Cross-spectra of standardised training images, see `cross_spectra`.
    key : jax.random.key

    Returns
    -------
    SpectraClassifier
        Its ``model`` is the `HybridClassifier`.
    """
    L, paths = x.shape[1:3]
    net: Any = nn.HybridClassifier(
        paths, L, 2, channels=(_FILTERS, _FILTERS), band_limits=(L, 1), N=1, hidden=1, key=key
    )
    lift, _, _, products, _, invariants, *_ = net.layers
    alike = lift.weights.mean(axis=-1, keepdims=True) * np.sqrt(lift.weights.shape[-1])
    lift = eqx.tree_at(
        lambda layer: (layer.weights, layer.bias),
        lift,
        # The bias passes the means of the images on, beside the products.
        (jnp.broadcast_to(alike, lift.weights.shape), jnp.ones_like(lift.bias)),
    )
    mix = nn.GeneralizedConvolution(
        _FILTERS, _FILTERS, products.multiplicities, contracted=1, key=jax.random.fold_in(key, 1)
    )
    # Factors that turn a product of degree l into a sum over its orders.
    sums = 1 / _weights_of_products(L)
    sums[0] = np.sqrt(L)
    sums = (sums / np.linalg.norm(sums)).astype(np.float32)
    mix = eqx.tree_at(lambda layer: layer.contraction, mix, jnp.asarray(sums))
    front = (lift, products, mix, invariants)
    read = SpectraClassifier(eqx.tree_at(lambda m: m.layers, net, front))
    whiten = _Whitening(nn.outputs(read, x, batch_size=4 * BATCH))
    dense = eqx.nn.Linear(_FILTERS, 2, key=jax.random.fold_in(key, 2))
    dense = eqx.tree_at(lambda d: (d.weight, d.bias), dense, replace_fn=jnp.zeros_like)
    return SpectraClassifier(eqx.tree_at(lambda m: m.layers, net, (*front, whiten, dense)))


@nn.register
class SpectraClassifier(eqx.Module):
    r"""A zonal hybrid network on the cross-spectra of its channels: the same logits at less cost.

    With zonal filters :math:`\psi` and products of degree 0, the logits depend on the input through

    .. math:: \sum_m \Big| \sum_p \psi^\ell_p x^p_{\ell m} \Big|^2
              = \sum_{pq} \psi^\ell_p \psi^\ell_q G^\ell_{pq}

    and, at degree 0, on the means. The input of this class is therefore G; see `cross_spectra`.

    Parameters
    ----------
    model : HybridClassifier
        Its layers are a lift with N = 1, products with ``L_out`` 1, ..., as in `hybrid_model`.
    """

    model: Any

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Logits of one sky from its cross-spectra (L, paths, paths)."""
        lift, products, *others = self.model.layers
        filters = lift.spectrum[:, 0]
        # c: channels of the lift; p, q: paths; l: degrees; x: pairs of paths.
        pairs = jnp.einsum("cpl,cql->lcpq", filters, filters)
        L, channels = pairs.shape[:2]
        squares = jnp.einsum("lcx,lx->cl", pairs.reshape(L, channels, -1), x.reshape(L, -1))
        mean = filters[:, :, 0] @ x[0, :, 0] + lift.bias
        values = jnp.concatenate([mean[:, None] ** 2, squares[:, 1:]], axis=1)
        values = values * _weights_of_products(L).astype(values.dtype)
        signal: Any = nn.IrrepArray.from_rows(values, products.multiplicities)
        for layer in others:
            signal = layer(signal)
        return signal


def _weights_of_products(L: int) -> NDArray[np.float64]:
    """Clebsch-Gordan coefficients of the degree-0 product of each degree with itself."""
    ell = np.arange(L)
    return (-1.0) ** ell / np.sqrt(2 * ell + 1)


@nn.register
class _Whitening(eqx.Module):
    """An affine map, not trained, that gives features mean 0 and the same variance everywhere."""

    mean: nn.Constant = eqx.field(static=True)
    matrix: nn.Constant = eqx.field(static=True)

    def __init__(self, found: NDArray) -> None:
        self.mean = nn.Constant(found.mean(axis=0))
        variance, axes = np.linalg.eigh(np.cov(found.astype(np.float64), rowvar=False))
        # Directions with little variance are not amplified.
        scale = 1 / np.sqrt(variance + 1e-4 * variance[-1])
        self.matrix = nn.Constant((_FEATURE_SCALE * (axes * scale) @ axes.T).astype(found.dtype))

    def __call__(self, features: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        return (features - self.mean.array) @ self.matrix.array


def _learn(
    signals: Callable[[Skies], NDArray],
    scale: Callable[[NDArray], Callable[[NDArray], NDArray]],
    build: Model,
    skies: Skies,
    run: Run,
    checkpoint: str,
    *,
    members: int = 1,
    augment: Callable | None = None,
    learning_rate: float = 1e-2,
) -> Trained:
    """Standardise, train, and keep the weights with the lowest loss on the held out skies."""
    x, y = signals(skies), skies.labels
    part = np.arange(len(x)) // 2 % PARTS
    committee, notes, seconds = [], [], 0.0
    for member in range(members):
        started = perf_counter()
        rest, held = part != member, part == member
        standardise = scale(x[rest])
        known = standardise(x[rest])
        key = jax.random.fold_in(jax.random.key(run.seed), member)
        seconds += perf_counter() - started
        model, history = run.fit(
            build(known, key),
            (known, y[rest]),
            (standardise(x[held]), y[held]),
            f"{checkpoint}.{member}",
            batch_size=BATCH,
            learning_rate=learning_rate,
            weight_decay=0.1,
            augment=augment,
        )
        committee.append((standardise, model))
        seconds += sum(history.seconds)
        notes.append(f"{history.best_epoch} ({min(history.validation_loss):.3f})")
    note = (
        f"{members} network(s), each with another fifth of the training maps held out; best of "
        f"{run.epochs} epochs (validation loss, nats): {', '.join(notes)}"
    )

    def scores(some: Skies) -> NDArray[np.float64]:
        # Log-odds, averaged over the committee.
        found = [
            nn.outputs(model, standardise(signals(some)), batch_size=4 * BATCH)
            for standardise, model in committee
        ]
        return np.diff(np.mean(found, axis=0), axis=1)[:, 0].astype(np.float64)

    parameters = sum(nn.count_parameters(model) for _, model in committee)
    return Trained(parameters, seconds, note, scores)


NETWORKS = (
    Classifier(
        "low_resolution", "b", "spherical CNN on degrees below 32", "summary", low_resolution
    ),
    Classifier("hybrid", "d", "hybrid networks on the images", "scattering", hybrid),
)
