"""Checks of what a caller hands in: every message names the value and what was expected."""

from __future__ import annotations

import os
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def integer(name: str, value: object, minimum: int, maximum: int | None = None) -> int:
    """``value`` as an int within ``minimum..maximum`` (inclusive)."""
    expected = f"an integer >= {minimum}" + ("" if maximum is None else f" and <= {maximum}")
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be {expected}, got {value!r} of type {type(value).__name__}")
    number = int(value)
    if number < minimum or (maximum is not None and number > maximum):
        raise ValueError(f"{name} must be {expected}, got {number}")
    return number


def real(
    name: str, value: object, *, above: float | None = None, least: float | None = None
) -> float:
    """``value`` as a finite float, strictly ``above`` or at ``least`` a bound."""
    bound = f" > {above}" if above is not None else f" >= {least}" if least is not None else ""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(
            f"{name} must be a real number{bound}, got {value!r} of type {type(value).__name__}"
        )
    number = float(value)
    too_low = (above is not None and number <= above) or (least is not None and number < least)
    if not np.isfinite(number) or too_low:
        raise ValueError(f"{name} must be a finite number{bound}, got {value!r}")
    return number


def choice(name: str, value: Any, allowed: Iterable) -> Any:
    """``value`` if it is one of ``allowed``."""
    allowed = tuple(allowed)
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return value


def finite(name: str, values: NDArray) -> None:
    """Raise if any element is NaN or infinite, and say how many are."""
    # One sum is far cheaper than an array of flags; only a suspicious sum is looked into.
    with np.errstate(over="ignore", invalid="ignore"):
        suspicious = not np.isfinite(values.sum())
    if suspicious:
        bad = int(values.size - np.count_nonzero(np.isfinite(values)))
        if bad:
            raise ValueError(f"{name} must be finite, got {bad} NaN or infinite of {values.size}")


def numeric(name: str, values: ArrayLike) -> NDArray:
    """``values`` as an array of numbers; text, objects and ragged lists are refused."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array of numbers: {error}") from None
    if array.dtype.kind not in "iufc":
        raise TypeError(f"{name} must be an array of numbers, got dtype {array.dtype}")
    return array


def threads(n_threads: int | None) -> int:
    """The number of threads to use; None means every core this process may use."""
    if n_threads is not None:
        return integer("n_threads", n_threads, 1)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
