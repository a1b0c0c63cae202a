"""Is the scale of the data one at which a network learns?"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from .. import _checks
from .standardisation import Standardisation

# Weights start for values of about 1; AdamW moves each by about the learning rate in a step.
_SMALLEST, _LARGEST = 1e-3, 1e3


def check(model: Any, x: NDArray) -> None:
    """Warn if values are far from 1 and the model does not standardise them itself.

    Of alm ``(n, channels, n_coefficients)`` every channel is looked at by itself.
    """
    parts = jax.tree.leaves(model, is_leaf=lambda part: isinstance(part, Standardisation))
    if any(isinstance(part, Standardisation) for part in parts):
        return
    of_channel = x.ndim == 3 and np.iscomplexobj(x)
    axes = (0, 2) if of_channel else None
    largest = np.max(np.abs(x), axis=axes, keepdims=True)
    scale = np.where(largest > 0, largest, 1)
    rms = np.sqrt(np.mean(np.abs(x / scale) ** 2, axis=axes)) * largest.squeeze()
    rms = np.atleast_1d(rms)
    far = np.flatnonzero((rms > 0) & ((rms < _SMALLEST) | (rms > _LARGEST)))
    if far.size:
        where = f"channel {far[0]} of x" if of_channel else "x"
        _checks.warn(
            f"{where} has values of about {rms[far[0]]:.1e} (root mean square), and networks learn "
            "from values of about 1: scale them, for example with "
            "nn.Standardisation.from_data(x), as the first layer of the model or before it",
            UserWarning,
        )
