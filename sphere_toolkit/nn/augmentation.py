"""Augmentation: training data that change from epoch to epoch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..sphere import rotations


def random_rotations(x: NDArray, rng: np.random.Generator) -> NDArray[np.complex128]:
    """Rotate each signal of a batch by its own random rotation, for ``augment`` of `fit`.

    Parameters
    ----------
    x : array (b, ..., L(L+1)/2), complex
        alm; all channels of a signal are rotated together.
    rng : numpy.random.Generator

    Returns
    -------
    array (b, ..., L(L+1)/2), complex128

    Notes
    -----
    Rotations are drawn uniformly (Haar measure) and are exact, see `sphere_toolkit.rotate`.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> x = np.stack([st.signals.earth_relief(16)[None]] * 3)
    >>> turned = st.nn.random_rotations(x, np.random.default_rng(0))
    >>> turned.shape, np.allclose(st.energy(turned), st.energy(x))
    ((3, 1, 136), True)
    """
    from scipy.spatial.transform import Rotation

    x = np.asarray(x)
    turns = Rotation.random(len(x), rng=rng)
    # `rotate` wants the axis that the rotations belong to last among the batch axes.
    turned = rotations.rotate(np.moveaxis(x, 0, -2), turns)
    return np.moveaxis(turned, -2, 0)
