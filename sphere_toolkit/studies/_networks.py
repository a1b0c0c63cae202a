"""The networks that are compared with linear classifiers."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from .. import nn
from ..nn.evaluation import logits
from ..sphere.coefficients import band_limit, degrees, orders
from ._classifiers import Classifier, Run, Trained
from ._skies import Skies

# Pairs of training maps (one of each class) are dealt out to so many parts. One part is held out
# to stop in time; of a committee each member holds out another.
PARTS = 5
_BATCH = 32
_FILTERS = 64
# Standard deviation of what the dense layer reads: the larger, the faster it learns beside the
# filters, whose learning rate is the same.
_LOUDNESS = 10

Model = Callable[[NDArray, jax.Array], Any]


def low_resolution(skies: Skies, run: Run) -> Trained:
    """A spherical convolutional network on the map cut to its degrees below 32.

    Training maps are turned at random in every epoch: the activations of this network alias, so
    that it takes a turned map for a slightly different one.
    """
    return _learn(_low, "none", _spherical, skies, run, augment=nn.random_rotations)


def hybrid(skies: Skies, run: Run) -> Trained:
    """A committee of hybrid networks on the images of the scattering paths.

    They are trained, and asked, on the cross-spectra of the images (`OnSpectra`), all that they
    can see: that gives the same logits at a fraction of the cost, so that every map is seen twice
    as often. Turned maps would teach them nothing: they are exactly invariant.
    """
    run = run._replace(epochs=2 * run.epochs)
    return _learn(_images, "positive", hybrid_model, skies, run, members=PARTS, learning_rate=3e-4,
                  prepare=spectra)  # fmt: skip


def _low(skies: Skies) -> NDArray:
    return skies.plain.low


def _images(skies: Skies) -> NDArray:
    return skies.scattering.alm


def _spherical(x: NDArray, key: jax.Array) -> Any:
    L = int(nn.to_fragments(x[0]).L)
    return nn.SphericalCNN(x.shape[1], L, 2, channels=(4, 8), key=key)


def hybrid_model(x: NDArray, key: jax.Array) -> Any:
    r"""A small `HybridClassifier` for images of scattering paths, before its training.

    Filters that look alike from all sides read the paths, and the only products kept are those of
    degree 0: second moments of what was read, with weights per degree. Its start makes it learn
    from a thousand maps:

    - filters and weights treat all degrees alike, so that a moment is a sum over all of them;
    - the mixing behind the lift, one matrix per degree, and the normalisation are left out: with
      zonal filters the one only undoes their smoothness, and the other divides by what is to be
      measured;
    - the invariants are whitened, as measured on ``x``, and read by a single dense layer: those
      that tell the classes apart are small beside what all maps share.

    Parameters
    ----------
    x : array (n, L, paths, paths), real
        Cross-spectra of standardised training images, see `spectra`.
    key : jax.random.key

    Returns
    -------
    OnSpectra
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
        # The bias is what hands the means of the images on beside the products.
        (jnp.broadcast_to(alike, lift.weights.shape), jnp.ones_like(lift.bias)),
    )
    mix = nn.GeneralizedConvolution(
        _FILTERS, _FILTERS, products.types, contracted=1, key=jax.random.fold_in(key, 1)
    )
    # What a product of degree l has to be multiplied by to be a sum over its orders.
    sums = 1 / _weights_of_products(L)
    sums[0] = np.sqrt(L)
    sums = (sums / np.linalg.norm(sums)).astype(np.float32)
    mix = eqx.tree_at(lambda layer: layer.contraction, mix, jnp.asarray(sums))
    front = (lift, products, mix, invariants)
    read = OnSpectra(eqx.tree_at(lambda m: m.layers, net, front))
    whiten = _Whitening(logits(read, x, 4 * _BATCH))
    dense = eqx.nn.Linear(_FILTERS, 2, key=jax.random.fold_in(key, 2))
    dense = eqx.tree_at(lambda d: (d.weight, d.bias), dense, replace_fn=jnp.zeros_like)
    return OnSpectra(eqx.tree_at(lambda m: m.layers, net, (*front, whiten, dense)))


@nn.register
class OnSpectra(eqx.Module):
    r"""A zonal hybrid network on the cross-spectra of its channels: the same logits, for less.

    With zonal filters :math:`\psi` and products of degree 0 alone a network sees of its input only

    .. math:: \sum_m \Big| \sum_p \psi^\ell_p x^p_{\ell m} \Big|^2
              = \sum_{pq} \psi^\ell_p \psi^\ell_q G^\ell_{pq}

    and, at degree 0, the means. So G, see `spectra`, stands for the images.

    Parameters
    ----------
    model : HybridClassifier
        With layers (lift with N = 1, products of ``L_out`` 1, ...), as `hybrid_model` makes it.
    """

    model: Any

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Logits of one map from its cross-spectra (L, paths, paths)."""
        lift, products, *others = self.model.layers
        filters = lift.spectrum[:, 0]
        pairs = jnp.einsum("cpl,cql->lcpq", filters, filters)
        L, channels = pairs.shape[:2]
        squares = jnp.einsum("lcx,lx->cl", pairs.reshape(L, channels, -1), x.reshape(L, -1))
        mean = filters[:, :, 0] @ x[0, :, 0] + lift.bias
        values = jnp.concatenate([mean[:, None] ** 2, squares[:, 1:]], axis=1)
        values = values * _weights_of_products(L).astype(values.dtype)
        signal: Any = nn.Fragments.from_rows(values, products.types)
        for layer in others:
            signal = layer(signal)
        return signal


def _weights_of_products(L: int) -> NDArray[np.float64]:
    """Clebsch-Gordan coefficients of the product of a degree with itself that has degree 0."""
    ell = np.arange(L)
    return (-1.0) ** ell / np.sqrt(2 * ell + 1)


def spectra(x: NDArray) -> NDArray[np.float32]:
    r"""Cross-spectra of the channels, all that a zonal network with moments sees of a signal.

    .. math:: G^\ell_{pq} = \sum_m x^p_{\ell m}\, x^{q*}_{\ell m} \quad (\ell \ge 1)

    At degree 0 the first column holds the coefficients themselves: their sign matters.

    Parameters
    ----------
    x : array (n, channels, L(L+1)/2), complex

    Returns
    -------
    array (n, L, channels, channels), float32
    """
    n, channels, _ = x.shape
    ell, m = degrees(band_limit(x)), orders(band_limit(x))
    out = np.zeros((n, ell.max() + 1, channels, channels), np.float32)
    out[:, 0, :, 0] = x[:, :, 0].real
    for degree in range(1, out.shape[1]):
        of_degree = ell == degree
        rows = x[:, :, of_degree] * np.where(m[of_degree] > 0, np.sqrt(2), 1).astype(np.float32)
        out[:, degree] = (rows @ rows.conj().swapaxes(-1, -2)).real
    return out


@nn.register
class _Whitening(eqx.Module):
    """Numbers brought to mean 0 and, in all directions in which they vary, to one variance.

    A fixed table, not learned.
    """

    mean: nn.Constant = eqx.field(static=True)
    matrix: nn.Constant = eqx.field(static=True)

    def __init__(self, found: NDArray) -> None:
        self.mean = nn.Constant(found.mean(axis=0))
        variance, axes = np.linalg.eigh(np.cov(found.astype(np.float64), rowvar=False))
        # What hardly varies is not blown up.
        scale = 1 / np.sqrt(variance + 1e-4 * variance[-1])
        self.matrix = nn.Constant((_LOUDNESS * (axes * scale) @ axes.T).astype(found.dtype))

    def __call__(self, features: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        return (features - self.mean.array) @ self.matrix.array


def _learn(
    signals: Callable[[Skies], NDArray],
    logarithm: str,
    build: Model,
    skies: Skies,
    run: Run,
    *,
    members: int = 1,
    augment: Callable | None = None,
    learning_rate: float = 1e-2,
    prepare: Callable[[NDArray], NDArray] = np.asarray,
) -> Trained:
    """Standardise, train until the held out maps say stop, and take the best weights."""
    x, y = signals(skies), skies.labels
    part = np.arange(len(x)) // 2 % PARTS
    committee, notes, seconds = [], [], 0.0
    for member in range(members):
        started = perf_counter()
        rest, held = part != member, part == member
        standardise = nn.Standardisation.from_data(x[rest], logarithm)
        known = prepare(standardise(x[rest]))
        key = jax.random.fold_in(jax.random.key(run.seed), member)
        seconds += perf_counter() - started
        model, history = nn.fit(
            build(known, key),
            (known, y[rest]),
            validation=(prepare(standardise(x[held])), y[held]),
            epochs=run.epochs,
            batch_size=_BATCH,
            learning_rate=learning_rate,
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
        found = [
            logits(model, prepare(standardise(signals(some))), 4 * _BATCH)
            for standardise, model in committee
        ]
        return np.diff(np.mean(found, axis=0), axis=1)[:, 0].astype(np.float64)

    parameters = sum(nn.count_parameters(model) for _, model in committee)
    return Trained(parameters, seconds, note, scores)


NETWORKS = (
    Classifier("b", "spherical CNN on degrees below 32", low_resolution),
    Classifier("d", "scattering: hybrid networks on its images", hybrid),
)
