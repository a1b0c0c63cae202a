"""Numbers as `oracle.js` decodes them."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np


def array(values: Any, dtype: str = "<f8") -> dict[str, str]:
    """Numbers as `oracle.js` decodes them."""
    data = np.ascontiguousarray(values, dtype).tobytes()
    return {dtype[1:]: base64.b64encode(data).decode()}


def pairs(alm: np.ndarray) -> dict[str, str]:
    """Coefficients as the page keeps them: real and imaginary parts in turn, float32."""
    return array(alm.astype(np.complex64).view(np.float32), "<f4")


def rounded(alm: np.ndarray) -> np.ndarray:
    """The coefficients that the page gets to see."""
    return alm.astype(np.complex64).astype(complex)


def complex_pairs(alm: np.ndarray) -> dict[str, str]:
    """Expected coefficients, real and imaginary parts in turn, float64."""
    return array(alm.astype(complex).view(float))
