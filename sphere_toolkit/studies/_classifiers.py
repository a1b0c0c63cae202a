"""The classifiers that are compared: each learns from skies and gives one score per test sky."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ._skies import Skies
from .features import degree_rms, log_path_means, second_moments

# Every fifth training map of each class is held out where a choice is to be made.
VALIDATION_SHARE = 5
_RIDGES = np.logspace(-4, 2, 13)


class Run(NamedTuple):
    """One training.

    Attributes
    ----------
    seed : int
    checkpoint : Path
        A file that a long training leaves and takes up again.
    epochs : int
        Of the networks: how often they see every map.
    progress : bool
    """

    seed: int
    checkpoint: Path
    epochs: int
    progress: bool


@dataclass(frozen=True)
class Trained:
    """A classifier that has learnt.

    Attributes
    ----------
    parameters : int
        Numbers that were learnt.
    seconds : float
        Wall time of learning.
    note : str
        What was chosen on training maps.
    scores : callable (skies) -> array (n,)
        Above 0 it says class 1.
    """

    parameters: int
    seconds: float
    note: str
    scores: Callable[[Skies], NDArray[np.float64]]


@dataclass(frozen=True)
class Classifier:
    """A way to learn.

    Attributes
    ----------
    key : str
        Short name, for files and tables.
    title : str
        What a reader sees.
    train : callable (skies, run) -> Trained
    """

    key: str
    title: str
    train: Callable[[Skies, Run], Trained]


# --- linear ---------------------------------------------------------------------------------


def _logistic(features: Callable[[Skies], NDArray], skies: Skies, run: Run) -> Trained:
    """Logistic regression; the strength of its ridge by five-fold cross validation."""
    started = perf_counter()
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


def spectrum(skies: Skies, run: Run) -> Trained:
    """Logistic regression on the logarithm of each map's power spectrum."""
    return _logistic(lambda some: some.plain.log_spectrum, skies, run)


def path_means(skies: Skies, run: Run) -> Trained:
    """Logistic regression on the logarithms of the means of the scattering paths."""
    return _logistic(lambda some: log_path_means(some.scattering), skies, run)


def moments(skies: Skies, run: Run) -> Trained:
    """The same with variances and correlations of the paths' images."""
    rms = degree_rms(skies.scattering.alm)

    def features(some: Skies) -> NDArray:
        S = some.scattering
        return np.concatenate([log_path_means(S), second_moments(S.alm, rms)], axis=-1)

    return _logistic(features, skies, run)


# --- the right statistic --------------------------------------------------------------------


def kurtosis(skies: Skies, run: Run) -> Trained:
    """A threshold on the kurtosis of the whitened map."""
    started = perf_counter()
    threshold = best_threshold(skies.plain.kurtosis, skies.labels)
    return Trained(
        1,
        perf_counter() - started,
        f"class 1 above an excess kurtosis of {threshold:.3g}",
        lambda some: some.plain.kurtosis - threshold,
    )


def best_threshold(values: NDArray, labels: NDArray) -> float:
    """The value above which class 1 is said with the fewest errors; midway between two samples."""
    order = np.argsort(values)
    values, is_one = values[order], labels[order] == 1
    # Errors if the first k are called class 0 and the rest class 1.
    errors = np.concatenate([[0], np.cumsum(is_one)]) + np.count_nonzero(~is_one)
    errors -= np.concatenate([[0], np.cumsum(~is_one)])
    best = np.flatnonzero(errors == errors.min())
    k = best[len(best) // 2]
    ends = np.concatenate([[values[0] - 1], values, [values[-1] + 1]])
    return float(ends[k] + ends[k + 1]) / 2


CLASSIFIERS = (
    Classifier("a", "power spectrum", spectrum),
    Classifier("c", "scattering: path means", path_means),
    Classifier("c2", "scattering: means and second moments", moments),
    Classifier("e", "kurtosis of the whitened map", kurtosis),
)
