"""Scattering as estimators of scikit-learn: in pipelines, grid searches and cross-validation."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from ._util import checks
from ._util.extras import explained
from .scattering import ScatteringCoefficients, ScatteringTransform
from .scattering.nonlinearities import Nonlinearity
from .sphere.coefficients import as_alm, band_limit
from .sphere.grids.grid import Grid
from .sphere.grids.labelled import holds_labelled_samples, sampled
from .sphere.transforms import forward

__all__ = ["ScatteringFeatures", "SphericalClassifier"]


class _OnSignals(BaseEstimator):
    """Reads signals as samples or as coefficients, and scatters them."""

    # No defaults here: scikit-learn reads each estimator's own signature.
    def __init__(
        self,
        grid: Grid | None,
        J_min: int,
        depth: int,
        lam: float,
        oversampling: float,
        nonlinearity: str | Nonlinearity,
        directions: int,
        n_threads: int | None,
    ) -> None:
        self.grid = grid
        self.J_min = J_min
        self.depth = depth
        self.lam = lam
        self.oversampling = oversampling
        self.nonlinearity = nonlinearity
        self.directions = directions
        self.n_threads = n_threads

    def _start(self, X: ArrayLike) -> NDArray[np.complex128]:
        """The signals that an estimator is fitted to; makes its transform."""
        alm = self._coefficients(X, reset=True)
        self.transform_ = ScatteringTransform(
            band_limit(alm), self.J_min, self.depth, self.lam, self.oversampling,
            nonlinearity=self.nonlinearity, directions=self.directions, n_threads=self.n_threads,
        )  # fmt: skip
        return alm

    def _scatter(self, X: ArrayLike) -> ScatteringCoefficients:
        """Coefficients of signals like those that the estimator was fitted to."""
        check_is_fitted(self, "transform_")
        return self.transform_(self._coefficients(X, reset=False))

    def _coefficients(self, X: ArrayLike, reset: bool) -> NDArray[np.complex128]:
        """Signals ``(n, n_coefficients(L))`` from coefficients, or from samples on the grid."""
        checks.plain("X", X)
        if self.grid is not None:
            checks.instance("grid", self.grid, Grid)
        if self.grid is not None and holds_labelled_samples(X):
            X, _ = sampled(X, self.grid)
        if not issparse(X) and np.asarray(X).dtype.kind == "c":
            alm = as_alm(X)
        else:
            return self._analyse(validate_data(self, X, reset=reset, allow_nd=True))
        if alm.ndim != 2:
            raise ValueError(f"X must be coefficients of shape (n, L(L+1)/2), got {alm.shape}")
        if reset:
            self.n_features_in_ = alm.shape[1]
        return alm

    def _analyse(self, X: NDArray) -> NDArray[np.complex128]:
        """Coefficients of samples ``(n, *grid.shape)`` or ``(n, n_samples)``."""
        if self.grid is None:
            raise ValueError(
                f"X must be complex coefficients of shape (n, L(L+1)/2), got {X.dtype} of shape "
                f"{X.shape}; for samples, state where they lie: grid=st.Grid..."
            )
        if X.ndim == 2 and X.shape[1] == self.grid.n_samples:
            X = X.reshape(len(X), *self.grid.shape)
        if X.shape[1:] != self.grid.shape:
            raise ValueError(
                f"X must have shape (n, {', '.join(map(str, self.grid.shape))}) on {self.grid!r}, "
                f"got {X.shape}"
            )
        return forward(X, self.grid, n_threads=self.n_threads)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


class ScatteringFeatures(TransformerMixin, _OnSignals):
    r"""Rotation-invariant features of signals: logarithms of moments of scattering coefficients.

    For each path with at least one scale :math:`\log \langle S[p] f \rangle`, the mean over the
    sphere; with ``moments=2`` also :math:`\log \langle (S[p] f)^2 \rangle`, for each path.

    Parameters
    ----------
    grid : Grid, optional
        Where real samples lie. Not needed for coefficients.
    J_min, depth, lam, oversampling, nonlinearity, directions, n_threads
        As for `sphere_toolkit.ScatteringTransform`, but for ``J_min``, which is 2 by default; the
        band-limit is that of the signals.
    moments : {1, 2}

    Attributes
    ----------
    transform_ : ScatteringTransform
    n_features_in_ : int
        Numbers per signal.

    Raises
    ------
    TypeError, ValueError
        ``X`` is neither coefficients nor samples on ``grid``, or has another band-limit than in
        `fit`; a parameter is out of range; or a signal has nothing on some path, so that the
        logarithm does not exist (the message names both).

    Notes
    -----
    Invariant under rotations up to the aliasing of the nonlinearity, which
    `sphere_toolkit.ScatteringTransform` measures. `fit` learns nothing but the band-limit.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> alm, label = st.cmb.simulate("cmb128-laptop", 40, seed=0)
    >>> model = make_pipeline(
    ...     st.sklearn.ScatteringFeatures(J_min=5), StandardScaler(), LogisticRegression()
    ... )
    >>> model.fit(alm, label).score(alm, label) > 0.8
    True
    """

    def __init__(
        self,
        grid: Grid | None = None,
        J_min: int = 2,
        depth: int = 2,
        lam: float = 2.0,
        oversampling: float = 2.0,
        nonlinearity: str | Nonlinearity = "modulus",
        directions: int = 1,
        moments: int = 1,
        n_threads: int | None = None,
    ) -> None:
        super().__init__(grid, J_min, depth, lam, oversampling, nonlinearity, directions, n_threads)
        self.moments = moments

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Find the band-limit of the signals.

        Parameters
        ----------
        X : complex array (n, L(L+1)/2), or real array (n, *grid.shape) or (n, n_samples)
            Coefficients, or samples on ``grid``.
        y : ignored
        """
        checks.choice("moments", self.moments, (1, 2))
        self._start(X)
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Features ``(n, n_features)`` of signals like those of `fit`."""
        S = self._scatter(X)
        paths = [i for i, path in enumerate(S.paths) if path]
        columns = [S.means()[:, paths]]
        if self.moments == 2:
            columns.append(S.second_moments())
        values = np.concatenate(columns, axis=1)
        if not (values > 0).all():
            row, column = np.argwhere(~(values > 0))[0]
            raise ValueError(
                f"X must have energy on every path, got {values[row, column]:.3g} as "
                f"{self.get_feature_names_out()[column]!r} of signal {row}"
            )
        return np.log(values)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Names such as ``"log mean (7, 5)"``, one per feature."""
        check_is_fitted(self, "transform_")
        names = [f"log mean {path}" for path in self.transform_.paths if path]
        if self.moments == 2:
            names += [f"log mean square {path}" for path in self.transform_.paths]
        return np.array(names, dtype=object)


class SphericalClassifier(ClassifierMixin, _OnSignals):
    """A scattering network before a trained equivariant network, as one classifier.

    Signals are scattered once, standardised, and classified by a
    `sphere_toolkit.nn.HybridClassifier`.

    Parameters
    ----------
    grid, J_min, depth, lam, oversampling, nonlinearity, directions, n_threads
        As for `ScatteringFeatures`.
    channels : tuple of int
        Of the convolutions of the network.
    epochs : int
    learning_rate : float
    seed : int
        Of the weights and of the order of the samples.

    Attributes
    ----------
    classes_ : array (n_classes,)
    model_ : nn.HybridClassifier
        Trained.
    history_ : nn.History
    transform_ : ScatteringTransform

    Raises
    ------
    TypeError, ValueError
        As `ScatteringFeatures` and `sphere_toolkit.nn.fit`.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm, label = st.cmb.simulate("cmb128-laptop", 8, seed=0)
    >>> model = st.sklearn.SphericalClassifier(depth=1, channels=(4, 4), epochs=2)
    >>> model.fit(alm, label).predict_proba(alm).shape
    (8, 2)
    """

    def __init__(
        self,
        grid: Grid | None = None,
        J_min: int = 2,
        depth: int = 2,
        lam: float = 2.0,
        oversampling: float = 2.0,
        nonlinearity: str | Nonlinearity = "modulus",
        directions: int = 1,
        channels: tuple[int, ...] = (8, 8),
        epochs: int = 20,
        learning_rate: float = 1e-3,
        seed: int = 0,
        n_threads: int | None = None,
    ) -> None:
        super().__init__(grid, J_min, depth, lam, oversampling, nonlinearity, directions, n_threads)
        self.channels = channels
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.seed = seed

    def fit(self, X: ArrayLike, y: ArrayLike | None) -> Self:
        """Train on signals, as in `ScatteringFeatures.fit`, and their classes ``(n,)``."""
        try:
            import jax

            from . import nn
        except ModuleNotFoundError as error:
            raise explained(error, "SphericalClassifier") from error
        if y is None:
            raise ValueError(
                "SphericalClassifier requires y to be passed, but the target y is None"
            )
        checks.plain("y", y)
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        alm = self._start(X)
        check_consistent_length(alm, y)
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"y must hold more than one class, got only {classes.tolist()}")
        S = self.transform_(alm)
        standardise = nn.Standardisation.from_data(S.alm, logarithm="positive")
        model = nn.HybridClassifier(
            len(S.paths), S.L, len(classes), channels=self.channels,
            standardisation=standardise, key=jax.random.key(self.seed),
        )  # fmt: skip
        self.model_, self.history_ = nn.fit(
            model, (S, codes), epochs=self.epochs, learning_rate=self.learning_rate, seed=self.seed
        )
        self.classes_ = classes
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probability of each class, ``(n, n_classes)``, in the order of ``classes_``."""
        from . import nn

        S = self._scatter(X)
        return np.asarray(nn.predict_proba(self.model_, S), np.float64)

    def predict(self, X: ArrayLike) -> NDArray:
        """The most probable class of each signal, ``(n,)``."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]
