"""Arrays that belong to a layer but are not learned."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Constant:
    """A NumPy array that is compared and hashed by its content, for static fields of layers.

    Filters of Equinox take every array in a layer for a parameter; they do not see a static
    field. It cannot be changed.

    Attributes
    ----------
    array : array

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.nn.Constant([1, 2]) == st.nn.Constant([1, 2])
    True
    """

    __slots__ = ("_hash", "array")

    array: NDArray

    def __init__(self, array: ArrayLike) -> None:
        self.array = np.array(array)
        self.array.setflags(write=False)
        self._hash = hash((self.array.dtype.str, self.array.shape, self.array.tobytes()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Constant):
            return NotImplemented
        same = self.array.dtype == other.array.dtype and self.array.shape == other.array.shape
        return same and self.array.tobytes() == other.array.tobytes()

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return Constant, (self.array,)  # hashes differ from process to process

    def __repr__(self) -> str:
        return f"Constant({self.array.dtype}{list(self.array.shape)})"
