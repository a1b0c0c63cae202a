"""Ways to see f_NL in scattering coefficients: linear discriminants, and a network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import jax
import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf

from .. import nn
from ..sphere.coefficients import degrees, orders
from ..sphere.spectra import power_spectrum
from ._fnl_skies import Pairs, Tests

# Of eight pairs the last is held out, to keep the best epoch.
_HELD_OUT = 8
_BATCH = 128


@dataclass(frozen=True)
class Way:
    """A statistic that was learnt from pairs, and what it says of the test skies.

    Attributes
    ----------
    key, title : str
    parameters : int
        Numbers that were learnt.
    seconds : float
        Wall time of learning.
    note : str
    scores : array (n_test,)
        The larger, the more f_NL.
    """

    key: str
    title: str
    parameters: int
    seconds: float
    note: str
    scores: NDArray[np.float64]


# --- linear ---------------------------------------------------------------------------------


def path_means(pairs: Pairs, tests: Tests) -> Way:
    """The linear discriminant of the logarithms of the paths' means."""
    started = perf_counter()
    plain, curved = _log_means(pairs.plain), _log_means(pairs.curved)
    middle = (plain + curved) / 2
    covariance, _ = ledoit_wolf(middle - middle.mean(axis=0), assume_centered=True)
    weight = np.linalg.solve(covariance, (curved - plain).mean(axis=0))
    return Way(
        "i", "scattering: path means, linear", weight.size, perf_counter() - started,
        f"{weight.size} features; learnt from f_NL = 0 and 100, since they do not see its sign",
        _log_means(tests.alm) @ weight,
    )  # fmt: skip


def cross_correlations(pairs: Pairs, tests: Tests) -> Way:
    """The linear discriminant of the order-0 map's correlations with the order-1 maps."""
    started = perf_counter()
    rows = [i for i, path in enumerate(pairs.paths) if len(path) == 1]
    rms = np.sqrt(np.mean(power_spectrum(pairs.plain), axis=0))
    up, down = (cross_spectra(alm, rows, rms) for alm in (pairs.up, pairs.down))
    # The mean of what is odd is zero without f_NL, and need not be measured.
    covariance, _ = ledoit_wolf((up + down) / 2, assume_centered=True)
    weight = np.linalg.solve(covariance, (up - down).mean(axis=0))
    return Way(
        "ii", "scattering: order 0 x order 1, linear", weight.size, perf_counter() - started,
        f"{weight.size} features: {len(rows)} maps at {weight.size // len(rows)} degrees",
        cross_spectra(tests.alm, rows, rms) @ weight,
    )  # fmt: skip


def _log_means(alm: NDArray) -> NDArray[np.float64]:
    """Logarithm of the mean of every map but that of order 0, whose mean is zero."""
    return np.log(alm[:, 1:, 0].real.astype(np.float64) / np.sqrt(4 * np.pi))


def cross_spectra(alm: NDArray, rows: list[int], rms: NDArray) -> NDArray[np.float64]:
    r"""Correlation of the first map with others at every degree from 2 on.

    .. math:: c_{p\ell} = \frac{1}{\sqrt{2\ell+1}} \sum_m
          \frac{a_{0,\ell m}\, a^*_{p,\ell m}}{\sigma_{0\ell}\, \sigma_{p\ell}}

    Parameters
    ----------
    alm : array (n, channels, L(L+1)/2), complex
    rows : list of int
        The other maps.
    rms : array (channels, L)
        :math:`\sigma_{p\ell}`

    Returns
    -------
    array (n, len(rows) * (L - 2))
    """
    L = rms.shape[-1]
    products = (alm[:, :1].conj() * alm[:, rows]).real * np.where(orders(L) > 0, 2.0, 1.0)
    by_degree = np.argsort(degrees(L), kind="stable")
    ell = np.arange(L)
    sums = np.add.reduceat(products[..., by_degree], ell * (ell + 1) // 2, axis=-1)
    sums = sums[..., 2:] / (np.sqrt(2 * ell + 1) * rms[0] * rms[rows])[:, 2:]
    return sums.reshape(len(alm), -1)


# --- the network ----------------------------------------------------------------------------


def hybrid(
    pairs: Pairs, tests: Tests, *, seed: int, epochs: int, checkpoint: Path, progress: bool
) -> Way:
    """The hybrid network on the scattering maps of orders 0 and 1.

    It learns to tell +50 from -50. The negative of a sky has the other sign of f_NL: each pair
    gives four training skies, and the score is what the network says of a sky less what it says
    of its negative, by half.
    """
    held_out = np.arange(len(pairs.up)) % _HELD_OUT == _HELD_OUT - 1
    # The maps of order 2 add more to learn by heart than to learn: with them, held out skies are
    # told apart less well.
    rows = [i for i, path in enumerate(pairs.paths) if len(path) <= 1]
    known = pairs.plain[~held_out][:, rows]
    standardise = nn.Standardisation.from_data(np.concatenate([known, negative(known)]), "positive")

    def samples(chosen: NDArray) -> tuple[NDArray, NDArray]:
        up, down = pairs.up[chosen][:, rows], pairs.down[chosen][:, rows]
        x = np.stack([up, negative(down), down, negative(up)], axis=1).reshape(-1, *up.shape[1:])
        return standardise(x).astype(np.complex64), np.tile([1, 1, 0, 0], len(up))

    model = nn.HybridClassifier(
        len(rows),
        standardise.L,
        2,
        channels=(8, 8),
        band_limits=(standardise.L, 1),
        N=1,
        hidden=8,
        key=jax.random.key(seed),
    )
    model, history = nn.fit(
        model,
        samples(~held_out),
        validation=samples(held_out),
        epochs=epochs,
        batch_size=_BATCH,
        learning_rate=2e-2,
        schedule="cosine",
        weight_decay=0.05,
        seed=seed,
        patience=epochs,
        checkpoint=checkpoint,
        progress="bar" if progress else False,
    )

    def logit(alm: NDArray) -> NDArray:
        # The logarithm of the odds, so that it does not saturate.
        probabilities = nn.predict(model, standardise(alm[:, rows]), batch_size=_BATCH)
        return np.diff(np.log(np.maximum(probabilities, np.finfo(np.float32).tiny)), axis=1)[:, 0]

    return Way(
        "iii", "scattering: hybrid network on its maps", nn.count_parameters(model),
        sum(history.seconds),
        f"best of {history.epochs} epochs: {history.best_epoch}, validation loss "
        f"{min(history.validation_loss):.3g} nats; {np.count_nonzero(held_out)} of "
        f"{len(held_out)} pairs held out for that",
        (logit(tests.alm) - logit(negative(tests.alm))) / 2,
    )  # fmt: skip


def negative(alm: NDArray) -> NDArray:
    """Scattering coefficients of the negative of each sky: only order 0 changes sign."""
    out = alm.copy()
    out[:, 0] *= -1
    return out
