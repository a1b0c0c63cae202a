"""The edges of masks: how far they are, and how they are smoothed and moved."""

from __future__ import annotations

import numpy as np
import scipy  # its parts take 0.3 s to load, when they are first used
from numpy.typing import NDArray

from ..._util import checks
from ..grids.grid import Grid
from .mask import Mask, as_mask, unit_vectors

APODISATIONS = ("cosine", "c2")


def _spacing(grid: Grid) -> float:
    """An angle within which every sample has neighbours on all sides, in radians."""
    if grid.nside is not None:
        return float(np.sqrt(4 * np.pi / grid.n_samples))
    theta = np.concatenate([[-grid.theta[0]], grid.theta, [2 * np.pi - grid.theta[-1]]])
    return max(float(np.diff(theta).max()), 2 * np.pi / grid.shape[1])


def distances(mask: Mask, most: float = np.pi) -> NDArray[np.float64]:
    """Angle from each sample to the nearest that the mask leaves out, in radians.

    Parameters
    ----------
    mask : Mask
    most : float
        Angles beyond it are given as it: a small one is faster.

    Returns
    -------
    array (*grid.shape)
        Between the centres of samples; 0 for those that are left out.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(32)
    >>> mask = st.masks.Mask(grid.theta < 1, grid)
    >>> f"{st.masks.distances(mask)[0]:.2f}"
    '1.00'
    """
    far = np.full(mask.grid.n_samples, float(most))
    out = ~mask.keeps.ravel()
    far[out] = 0.0
    if out.any() and not out.all():
        points = unit_vectors(mask.grid)
        kept = points[~out]
        edge = points[out]
        # The nearest sample that is left out has neighbours that are kept.
        KDTree, spacing = scipy.spatial.KDTree, _spacing(mask.grid)
        near, _ = KDTree(kept).query(edge, distance_upper_bound=3 * spacing)
        chord, _ = KDTree(edge[np.isfinite(near)]).query(
            kept, distance_upper_bound=2 * np.sin(min(most, np.pi) / 2) * (1 + 1e-12)
        )
        far[~out] = np.minimum(2 * np.arcsin(np.minimum(chord / 2, 1.0)), most)
    return far.reshape(mask.grid.shape)


def apodise(mask: Mask, width: float, kind: str = "c2") -> Mask:
    r"""Let a mask fall smoothly to 0 within an angle from its edges, inside what it keeps.

    .. math:: w = \tfrac12 (1 - \cos \pi x) \quad\text{("cosine")}, \qquad
              w = x - \frac{\sin 2\pi x}{2\pi} \quad\text{("c2")}, \qquad
              x = \min(\theta / \text{width}, 1)

    with the angle :math:`\theta` to the nearest sample that is left out.

    Parameters
    ----------
    mask : Mask
    width : float
        Radians.
    kind : {"c2", "cosine"}
        The first has two continuous derivatives, the second one.

    Returns
    -------
    Mask
        The mask times w.

    Raises
    ------
    TypeError, ValueError
        ``width`` is not positive, ``kind`` unknown, ``mask`` no mask.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(32)
    >>> mask = st.masks.Mask(grid.theta < 1, grid)
    >>> soft = st.masks.apodise(mask, np.radians(10))
    >>> f"{mask.fraction:.2f} {soft.fraction:.2f}"
    '0.23 0.20'
    """
    mask = as_mask(mask)
    width = checks.real("width", width, above=0, maximum=np.pi)
    x = distances(mask, width) / width
    if checks.choice("kind", kind, APODISATIONS) == "cosine":
        weight = (1 - np.cos(np.pi * x)) / 2
    else:
        weight = x - np.sin(2 * np.pi * x) / (2 * np.pi)
    return Mask(mask.samples * np.clip(weight, 0, 1), mask.grid)


def erode(mask: Mask, angle: float) -> Mask:
    """Leave out, too, what lies within an angle of a sample that is left out.

    Parameters
    ----------
    mask : Mask
    angle : float
        Radians; for a wavelet see `sphere_toolkit.masks.reach`.

    Returns
    -------
    Mask
        ``mask``, and 0 within ``angle`` of its edges.

    Raises
    ------
    TypeError, ValueError
        ``angle`` is negative or beyond pi, or nothing is left.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(32)
    >>> st.masks.erode(st.masks.Mask(grid.theta < 1, grid), 0.5).grid.theta[0] < 0.5
    np.True_
    """
    mask = as_mask(mask)
    angle = checks.real("angle", angle, minimum=0, maximum=np.pi)
    # A distance that rounding has shortened still counts as beyond.
    left = mask.samples * (distances(mask, min(angle + 0.1, np.pi)) > angle)
    if not left.any():
        raise ValueError(
            f"nothing is left of {mask!r} beyond {np.degrees(angle):.3g} degrees from its edges"
        )
    return Mask(left, mask.grid)
