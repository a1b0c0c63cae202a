"""The coefficients of a scattering network by path, beside those of an ensemble."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from .._util import checks
from .._util.colours import CATEGORIES
from ..scattering import ScatteringCoefficients
from ..scattering.paths import in_order, path_name
from ._common import GREY, PALE, in_unit, plain_axes

_WIDTH = 0.22  # inches for each path
_LEVELS = ((2.5, 97.5, 0.25), (16.0, 84.0, 0.5))  # percentiles and how dark their bars are


def path_means(
    S: ScatteringCoefficients,
    ensemble: ScatteringCoefficients | None = None,
    *,
    ax: Axes | None = None,
    unit: str | None = None,
    title: str | None = None,
) -> Axes:
    """The mean of each path's image, with the spread that an ensemble has there.

    Depths stand side by side, from the coarsest scales to the finest. Behind the points of each
    signal bars show what 68 % and 95 % of the ensemble lie in. The empty path is left out: its
    mean is that of the signal and may have either sign.

    Parameters
    ----------
    S : ScatteringCoefficients
        Of one signal or of a batch.
    ensemble : ScatteringCoefficients, optional
        Of many signals, of the same paths.
    unit : str, optional
        Unit of the signal.
    ax, title
        As of `power_spectrum`.

    Returns
    -------
    Axes
        Its first ``lines`` are the points, one for each signal.

    Raises
    ------
    TypeError, ValueError
        ``S`` or ``ensemble`` is not ScatteringCoefficients, holds no path but the empty one, or
        their paths differ; ``ensemble`` is a single signal.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> scatter, relief = st.ScatteringTransform(64, J_min=3), st.signals.earth_relief(64)
    >>> twins = st.signals.gaussian(st.power_spectrum(relief), seed=0, n=50)
    >>> ax = st.plot.path_means(scatter(relief), scatter(twins), unit="m")
    """
    checks.instance("S", S, ScatteringCoefficients)
    paths = sorted((path for path in S.paths if path), key=in_order)
    if not paths:
        raise ValueError(f"S must hold a path besides the empty one, got {S.paths}")
    ax = plain_axes(ax, (max(4.0, 1.2 + _WIDTH * len(paths)), 3.8))
    rows = [S.paths.index(path) for path in paths]
    place = np.arange(len(paths)) + np.array([0.8 * (len(path) - 1) for path in paths])
    (light, _), (strong, _) = CATEGORIES[:2]
    if ensemble is not None:
        checks.instance("ensemble", ensemble, ScatteringCoefficients)
        if ensemble.paths != S.paths:
            raise ValueError(f"ensemble must have the paths {S.paths}, got {ensemble.paths}")
        means = ensemble.means()[..., rows].reshape(-1, len(rows))
        if len(means) < 2:
            raise ValueError(f"ensemble must hold several signals, got {len(means)}")
        for low, high, alpha in _LEVELS:
            below, above = np.percentile(means, [low, high], axis=0)
            ax.bar(place, above - below, 0.7, below, color=light, alpha=alpha, linewidth=0)
    for means in S.means()[..., rows].reshape(-1, len(rows)):
        ax.plot(place, means, "o", color=strong, markersize=4)
    ax.set_yscale("log")
    ax.set_xticks(place, [path_name(path) for path in paths], rotation=90, fontsize="small")
    for depth in {len(path) for path in paths} - {1}:
        ax.axvline(place[[len(path) for path in paths].index(depth)] - 0.9, color=PALE, lw=0.8)
    ax.grid(axis="y", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlabel("path", color=GREY)
    ax.set_ylabel(in_unit("mean", unit))
    if title:
        ax.set_title(title)
    return ax
