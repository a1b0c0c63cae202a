"""The classifiers that are compared: each learns from skies and gives one score per test sky."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sphere_toolkit.scattering.features import degree_rms, log_path_means, whitened_moments

from ..run import Run
from .skies import Skies

_RIDGES = np.logspace(-4, 2, 13)


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


def _logistic(features: Callable[[Skies], NDArray], skies: Skies, seed: int) -> Trained:
    """Logistic regression, with the strength of its ridge from five-fold cross validation."""
    started = perf_counter()
    x = features(skies)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000)),
        {"logisticregression__C": _RIDGES},
        scoring="neg_log_loss",
        cv=StratifiedKFold(5, shuffle=True, random_state=seed),
    ).fit(x, skies.labels)
    chosen = search.best_params_["logisticregression__C"]
    return Trained(
        x.shape[1] + 1,
        perf_counter() - started,
        f"{x.shape[1]} features, ridge C = {chosen:.3g} by 5-fold cross validation",
        lambda some: search.decision_function(features(some)),
    )


def spectrum(skies: Skies, run: Run, checkpoint: str) -> Trained:
    """Logistic regression on the logarithm of the power spectrum."""
    return _logistic(lambda some: some.log_spectrum, skies, run.seed)


def path_means(skies: Skies, run: Run, checkpoint: str) -> Trained:
    """Logistic regression on the logarithms of the means of the scattering paths."""
    return _logistic(lambda some: log_path_means(some.scattering), skies, run.seed)


def moments(skies: Skies, run: Run, checkpoint: str) -> Trained:
    """Logistic regression on path means, and on variances and correlations of the images."""
    rms = degree_rms(skies.scattering.alm)

    def features(some: Skies) -> NDArray:
        S = some.scattering
        return np.concatenate([log_path_means(S), whitened_moments(S.alm, rms)], axis=-1)

    return _logistic(features, skies, run.seed)


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
    Classifier("spectrum", "a", "power spectrum", "summary", spectrum),
    Classifier("path_means", "c", "path means", "scattering", path_means),
    Classifier("moments", "c2", "means and second moments", "scattering", moments),
    Classifier("kurtosis", "e", "kurtosis of the whitened map", "summary", kurtosis),
)
