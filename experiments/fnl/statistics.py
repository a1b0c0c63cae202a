"""Statistics of scattering coefficients that measure f_NL: three linear ones, and a network."""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf

from sphere_toolkit import ScatteringCoefficients, nn, power_spectrum
from sphere_toolkit.scattering.features import degree_rms, log_path_means

from ..run import Run
from .skies import Pairs, Tests

# The last of eight pairs is held out for validation.
_HELD_OUT = 8
_BATCH = 128


class Statistic(NamedTuple):
    """A statistic that was trained on pairs, and its values for the test skies.

    Attributes
    ----------
    numeral : str
        Label in tables and results.
    title : str
        Name in tables and figures.
    parameters : int
        Number of trained parameters.
    seconds : float
        Wall time of the training.
    note : str
    scores : array (n_test,)
        They grow with f_NL.
    """

    numeral: str
    title: str
    parameters: int
    seconds: float
    note: str
    scores: NDArray[np.float64]


# --- linear ---------------------------------------------------------------------------------


def path_means(pairs: Pairs, tests: Tests) -> Statistic:
    """The linear discriminant of the logarithms of the path means."""
    started = perf_counter()
    fnl0, fnl100, scored = (
        log_path_means(ScatteringCoefficients(alm, pairs.paths))
        for alm in (pairs.fnl0, pairs.fnl100, tests.alm)
    )
    middle = (fnl0 + fnl100) / 2
    covariance, _ = ledoit_wolf(middle - middle.mean(axis=0), assume_centered=True)
    weight = np.linalg.solve(covariance, (fnl100 - fnl0).mean(axis=0))
    return Statistic(
        "i", "scattering: path means, linear", weight.size, perf_counter() - started,
        f"{weight.size} features, even in f_NL: trained on f_NL = 0 and 100",
        scored @ weight,
    )  # fmt: skip


def cross_correlations(pairs: Pairs, tests: Tests, depth: int = 1) -> Statistic:
    """The linear discriminant of the cross-correlations of the depth-0 image and deeper ones.

    Those of depth 1, or 1 to ``depth``.
    """
    started = perf_counter()
    rows = [i for i, path in enumerate(pairs.paths) if 1 <= len(path) <= depth]
    numeral, depths = ("ii", "depth 1") if depth == 1 else ("ii+", f"depths 1 to {depth}")
    rms = degree_rms(pairs.fnl0)
    up, down = (cross_spectra(alm, rows, rms) for alm in (pairs.up, pairs.down))
    # The features are odd in the sky, so that their mean is zero without f_NL.
    covariance, _ = ledoit_wolf((up + down) / 2, assume_centered=True)
    weight = np.linalg.solve(covariance, (up - down).mean(axis=0))
    return Statistic(
        numeral, f"scattering: depth 0 x {depths}, linear", weight.size, perf_counter() - started,
        f"{weight.size} features: {len(rows)} maps at {weight.size // len(rows)} degrees",
        cross_spectra(tests.alm, rows, rms) @ weight,
    )  # fmt: skip


def cross_spectra(alm: NDArray, rows: list[int], rms: NDArray) -> NDArray[np.float64]:
    r"""Correlation of the first image with others at every degree from 2 on.

    .. math:: c_{p\ell} = \frac{1}{\sqrt{2\ell+1}} \sum_m
          \frac{a_{0,\ell m}\, a^*_{p,\ell m}}{\sigma_{0\ell}\, \sigma_{p\ell}}

    Parameters
    ----------
    alm : array (n, channels, L(L+1)/2), complex
    rows : list of int
        The other images.
    rms : array (channels, L)
        :math:`\sigma_{p\ell}`

    Returns
    -------
    array (n, len(rows) * (L - 2))
    """
    modes = 2 * np.arange(2, rms.shape[-1]) + 1
    scale = np.sqrt(modes) / (rms[0] * rms[rows])[:, 2:]
    cross = power_spectrum(alm[:, :1], alm[:, rows])[..., 2:] * scale
    return cross.reshape(len(alm), -1)


# --- the network ----------------------------------------------------------------------------


def hybrid(pairs: Pairs, tests: Tests, run: Run, checkpoint: str) -> Statistic:
    """The hybrid network on the scattering images of depths 0 and 1.

    It learns to tell +50 from -50. The negative of a sky has the opposite f_NL: each pair gives
    four training skies, and the score is half the difference of the logits of a sky and its
    negative.
    """
    held_out = np.arange(len(pairs.up)) % _HELD_OUT == _HELD_OUT - 1
    # With the images of depth 2 the network overfits: the validation loss is higher.
    rows = [i for i, path in enumerate(pairs.paths) if len(path) <= 1]
    known = pairs.fnl0[~held_out][:, rows]
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
        key=jax.random.key(run.seed),
    )
    model, history = run.fit(
        model,
        samples(~held_out),
        samples(held_out),
        checkpoint,
        batch_size=_BATCH,
        learning_rate=2e-2,
        weight_decay=0.05,
    )

    def logit(alm: NDArray) -> NDArray:
        # Log-odds, which do not saturate as probabilities do.
        probabilities = nn.predict_proba(model, standardise(alm[:, rows]), batch_size=_BATCH)
        return np.diff(np.log(np.maximum(probabilities, np.finfo(np.float32).tiny)), axis=1)[:, 0]

    return Statistic(
        "iii", "scattering: hybrid network on its maps", nn.count_parameters(model),
        sum(history.seconds),
        f"best of {history.epochs} epochs: {history.best_epoch}, validation loss "
        f"{min(history.validation_loss):.3g} nats; {np.count_nonzero(held_out)} of "
        f"{len(held_out)} pairs held out for that",
        (logit(tests.alm) - logit(negative(tests.alm))) / 2,
    )  # fmt: skip


def negative(alm: NDArray) -> NDArray:
    """Scattering coefficients of the negative of each sky: only depth 0 changes sign."""
    out = alm.copy()
    out[:, 0] *= -1
    return out
