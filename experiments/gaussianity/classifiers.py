"""The classifiers that are compared: each learns from skies and gives one score per test sky."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ..run import Run
from .skies import Skies

_RIDGES = np.logspace(-4, 4, 17)


@dataclass(frozen=True)
class Trained:
    """A trained classifier.

    Attributes
    ----------
    parameters : int
        Number of trained parameters.
    seconds : float
        Wall time of the training.
    note : str
        The choices made on training skies.
    scores : callable (skies) -> array (n,)
        A score above 0 means class 1.
    """

    parameters: int
    seconds: float
    note: str
    scores: Callable[[Skies], NDArray[np.float64]]


@dataclass(frozen=True)
class Classifier:
    """A method of classification.

    Attributes
    ----------
    name : str
        Short name, for files.
    letter : str
        Label in tables and results.
    title : str
        Name in tables and figures.
    reads : {"scattering", "summary", "sky"}
        Scattering coefficients, what is kept of every sky, or the whole sky.
    train : callable (skies, run, checkpoint) -> Trained
        ``checkpoint`` names the files in the store of the run that a long training leaves.
    """

    name: str
    letter: str
    title: str
    reads: str
    train: Callable[[Skies, Run, str], Trained]


# --- linear ---------------------------------------------------------------------------------

Features = Callable[[Skies], NDArray[np.float64]]


def spectrum(known: Skies) -> Features:
    """The logarithm of the power spectrum."""
    return lambda some: some.log_spectrum


def path_means(known: Skies) -> Features:
    """The logarithms of the means of the scattering paths, as by `log_path_means`."""
    return lambda some: np.log(some.spectra[:, 0, 1:, 0] / np.sqrt(4 * np.pi))


def sparsities(known: Skies) -> Features:
    r"""The logarithms of the path means over the size of the first wavelet coefficients.

    .. math:: \log \frac{\langle S[j_1, \ldots] f \rangle}{\|f \star \Psi_{j_1}\|}

    The size follows from the power spectrum. A path mean alone varies with it from sky to sky,
    while the quotient tells how sparse the coefficients are.
    """
    means = path_means(known)
    return lambda some: means(some) - _log_sizes(some)


def _log_sizes(some: Skies) -> NDArray[np.float64]:
    bank, paths = some.transform.bank, some.transform.paths[1:]
    power = np.exp(some.log_spectrum) * (2 * np.arange(2, bank.L) + 1)
    squares: dict[Any, NDArray] = {(j,): power @ bank.window(j)[2:] ** 2 for j in bank.scales}
    return np.log(np.stack([squares[path[:1]] for path in paths], axis=-1)) / 2


def moments(known: Skies) -> Features:
    """Path means, and variances and correlations of the images."""
    return _with_moments(path_means, known)


def sparsities_and_moments(known: Skies) -> Features:
    """Path means over sizes, and variances and correlations of the images."""
    return _with_moments(sparsities, known)


def _with_moments(means: Callable[[Skies], Features], known: Skies) -> Features:
    """With the second moments of `whitened_moments`, from cross-spectra."""
    first = means(known)
    power = np.diagonal(known.spectra[:, 1:], axis1=-2, axis2=-1).mean(axis=0, dtype=np.float64)
    modes = 2 * np.arange(1, known.spectra.shape[1]) + 1
    weight = np.zeros_like(power)
    np.divide(np.sqrt(modes)[:, None], np.sqrt(power), out=weight, where=power > 0)
    p, q = np.triu_indices(power.shape[1], k=1)

    def features(some: Skies) -> NDArray[np.float64]:
        sums = np.einsum("nlpq,lp,lq->npq", some.spectra[:, 1:], weight, weight)
        variance = np.diagonal(sums, axis1=-2, axis2=-1)
        correlation = sums[:, p, q] / np.sqrt(variance[:, p] * variance[:, q])
        return np.concatenate([first(some), np.log(variance), correlation], axis=-1)

    return features


def logistic(measure: Callable[[Skies], Features], skies: Skies, run: Run, _: str) -> Trained:
    """Logistic regression, with the strength of its ridge from five-fold cross validation.

    Parameters
    ----------
    measure : callable (training skies) -> callable (skies) -> array (n, features)
    skies, run
        As for every `Classifier`.
    """
    started = perf_counter()
    features = measure(skies)
    x = features(skies)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000)),
        {"logisticregression__C": _RIDGES},
        scoring="neg_log_loss",
        cv=StratifiedKFold(5, shuffle=True, random_state=run.seed),
    ).fit(x, skies.labels)
    chosen = search.best_params_["logisticregression__C"]
    return Trained(
        x.shape[1] + 1,
        perf_counter() - started,
        f"{x.shape[1]} features, ridge C = {chosen:.3g} by 5-fold cross validation",
        lambda some: search.decision_function(features(some)),
    )


# --- the classical statistic --------------------------------------------------------------------


def kurtosis(skies: Skies, run: Run, checkpoint: str) -> Trained:
    """A threshold on the kurtosis of the whitened sky."""
    started = perf_counter()
    threshold = best_threshold(skies.kurtosis, skies.labels)
    return Trained(
        1,
        perf_counter() - started,
        f"class 1 above an excess kurtosis of {threshold:.3g}",
        lambda some: some.kurtosis - threshold,
    )


def best_threshold(values: NDArray, labels: NDArray) -> float:
    """The threshold for class 1 with the fewest errors, midway between two samples."""
    order = np.argsort(values)
    values, is_one = values[order], labels[order] == 1
    # Errors when the first k samples are assigned to class 0 and the rest to class 1.
    errors = np.concatenate([[0], np.cumsum(is_one)]) + np.count_nonzero(~is_one)
    errors -= np.concatenate([[0], np.cumsum(~is_one)])
    best = np.flatnonzero(errors == errors.min())
    k = best[len(best) // 2]
    ends = np.concatenate([[values[0] - 1], values, [values[-1] + 1]])
    return float(ends[k] + ends[k + 1]) / 2


CLASSIFIERS = (
    Classifier("spectrum", "a", "power spectrum", "summary", partial(logistic, spectrum)),
    Classifier("path_means", "c", "path means", "scattering", partial(logistic, path_means)),
    Classifier(
        "moments", "c2", "means and second moments", "scattering", partial(logistic, moments)
    ),
    Classifier(
        "sparsities", "c3", "means over sizes", "scattering", partial(logistic, sparsities)
    ),
    Classifier(
        "sparsities_and_moments", "c4", "means over sizes, second moments", "scattering",
        partial(logistic, sparsities_and_moments),
    ),
    Classifier("kurtosis", "e", "kurtosis of the whitened map", "summary", kurtosis),
)  # fmt: skip
