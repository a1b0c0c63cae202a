"""Checks of what a caller hands in: every message names the value and what was expected."""

from __future__ import annotations

import os
import sys
import warnings
from cmath import isfinite
from collections.abc import Iterable, Mapping
from contextlib import suppress
from numbers import Integral, Real
from operator import ge, gt, le, lt
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Kind = TypeVar("Kind")
Seed = int | np.random.Generator | None
"""What public functions take as ``seed``."""
_PACKAGE = __name__.partition(".")[0]
UNSEEN = -1.6375e30
"""Marks missing pixels in HEALPix maps."""
# Other marks: the fill values of netCDF and of climate models.
_MARKS = (UNSEEN, 9.969209968386869e36, 1e20, -1e20, -9.99e33)
# Nothing below this is taken for a mark, and negative values beyond the other always.
_MARKS_FROM, _HUGE = 1e9, -1e15
FILL = (
    "What samples f on a grid lack, st.forward(f, grid, mask=st.masks.known(f, grid)) fills, and "
    "st.plot.mollweide with this mask draws in grey"
)
"""Ends the message about missing samples."""
# Products of smaller single-precision numbers lose digits.
_SMALLEST_SINGLE = 1e-30
_LONGEST = 100
"""Characters of a wrong value that a message shows."""


def integer(
    name: str,
    value: object,
    minimum: int,
    maximum: int | None = None,
    given: str = "",
    has_default: bool = False,
) -> int:
    """``value`` as an int within ``minimum..maximum`` (inclusive), ``given`` what sets the bounds.

    Where ``name`` has a default that the bounds may exclude, the message reminds of it.
    """
    number = int(value) if not isinstance(value, bool) and isinstance(value, Integral) else None
    if number is not None and number >= minimum and (maximum is None or number <= maximum):
        return number
    expected = f"an integer >= {minimum}" + ("" if maximum is None else f" and <= {maximum}")
    expected += f" for {given}" if given else ""
    if number is None:
        raise TypeError(
            f"{name} must be {expected}, got {_shown(value)} of type {type(value).__name__}"
        )
    hint = " (given, or by default)" if has_default else ""
    raise ValueError(f"{name} must be {expected}, got {number}{hint}")


def real(
    name: str,
    value: object,
    *,
    above: float | None = None,
    below: float | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
) -> float:
    """``value`` as a finite float within bounds: ``above`` and ``below`` exclude the bound."""
    tests = ((">", above, gt), (">=", minimum, ge), ("<", below, lt), ("<=", maximum, le))
    given = [(sign, bound, holds) for sign, bound, holds in tests if bound is not None]
    expected = "number" + " and".join(f" {sign} {bound}" for sign, bound, _ in given)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(
            f"{name} must be a real {expected}, got {_shown(value)} of type {type(value).__name__}"
        )
    number = float(value)
    if not np.isfinite(number) or not all(holds(number, bound) for _, bound, holds in given):
        raise ValueError(f"{name} must be a finite {expected}, got {value!r}")
    return number


def instance(name: str, value: object, kind: type[Kind]) -> Kind:
    """``value`` if it is of the type ``kind``."""
    if not isinstance(value, kind):
        package = kind.__module__.partition(".")[0]
        origin = "" if package == _PACKAGE else f" of {package}"
        raise TypeError(
            f"{name} must be a {kind.__name__}{origin}, "
            f"got {_shown(value)} of type {type(value).__name__}"
        )
    return value


def generator(seed: Seed) -> np.random.Generator:
    """``seed`` itself if it is a generator, else a new one; None seeds it from the system."""
    if seed is None or isinstance(seed, np.random.Generator):
        return np.random.default_rng(seed)
    return np.random.default_rng(integer("seed", seed, 0))


def choice(name: str, value: Any, allowed: Iterable) -> Any:
    """``value`` if it is one of ``allowed``."""
    allowed = tuple(allowed)
    # Arrays compare element by element.
    if getattr(value, "ndim", 0) or value not in allowed:
        raise ValueError(
            f"{name} must be one of {', '.join(map(repr, allowed))}, got {_shown(value)}"
        )
    return value


def _shown(value: object) -> str:
    """``value`` in one line, cut off where it is long, as an array is."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def floating(name: str, value: Any, allowed: Mapping[str, Any]) -> str:
    """The name of a dtype, given as that name, as a type or as a numpy dtype."""
    with suppress(TypeError):
        if value is not None and (found := np.dtype(value).name) in allowed:
            return found
    return choice(name, value, allowed)


def finite(name: str, values: NDArray) -> None:
    """Raise if any element is NaN or infinite, and say how many are."""
    # One sum is far cheaper than an array of flags; only a suspicious sum is looked into.
    with np.errstate(over="ignore", invalid="ignore"):
        suspicious = not isfinite(values.sum())
    if suspicious:
        bad = int(values.size - np.count_nonzero(np.isfinite(values)))
        if bad:
            raise ValueError(f"{name} must be finite, got {bad} NaN or infinite of {values.size}")


def converted(name: str, values: NDArray, dtype: DTypeLike) -> NDArray:
    """``values`` as a contiguous array of ``dtype``: finite before, and within its range."""
    array = _cast(values, dtype)
    try:
        finite(name, array)
    except ValueError:
        finite(name, values)
        largest = np.abs(values).max()
        raise ValueError(
            f"{name} must lie within the range of {array.dtype}, got values up to {largest:.3g}"
        ) from None
    if array.dtype != values.dtype and np.finfo(array.dtype).bits == 32:
        largest = float(np.abs(values).max(initial=0.0))
        if 0 < largest < _SMALLEST_SINGLE:
            raise ValueError(
                f"{name} must lie within the range of {array.dtype}, got values of at most "
                f"{largest:.3g}: bring them nearer to 1, or compute in double precision"
            )
    return array


def _cast(values: NDArray, dtype: DTypeLike) -> NDArray:
    """``values`` as a contiguous array of ``dtype``: infinite beyond its range."""
    if values.dtype == dtype:
        return np.ascontiguousarray(values)
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(values, dtype=dtype)


def observed(name: str, values: NDArray) -> NDArray[np.float64]:
    """`converted` to double precision, unless it holds the value that marks a missing pixel.

    A file may have been converted to another unit or sign, missing pixels with the rest. So any
    value that outweighs all others by a factor of a million counts, if it is one of the common
    marks, or a power of ten times that of HEALPix of either sign, or negative and huge.
    """
    samples = _cast(values, np.float64)
    # Nothing is NaN, infinite or a mark between these bounds.
    if -_MARKS_FROM < samples.min(initial=0.0) and samples.max(initial=0.0) < _MARKS_FROM:
        return samples
    samples = converted(name, values, np.float64)
    missing = marked(samples)
    if missing.any():
        raise ValueError(
            f"{name} must be known everywhere, got {np.count_nonzero(missing)} of {samples.size} "
            f"samples near {samples[missing][0]:.5g}, which marks missing pixels (HEALPix: "
            f"UNSEEN). {FILL}"
        )
    return samples


def marked(samples: NDArray) -> NDArray[np.bool_]:
    """Where samples hold the value that marks a missing pixel, see `observed`."""
    nowhere = np.zeros(1, bool)
    lowest, highest = samples.min(initial=0.0), samples.max(initial=0.0)
    if max(-lowest, highest) < _MARKS_FROM:
        return nowhere
    mark = lowest if -lowest >= highest else highest
    close = np.abs(samples - mark) < 0.9 * abs(mark)
    rest = float(np.abs(samples).max(initial=0.0, where=~close))
    exponent = np.log10(abs(mark) / -UNSEEN)
    is_mark = any(np.isclose(mark, known, rtol=1e-6, atol=0.0) for known in _MARKS)
    is_scaled = (mark < _HUGE and not close.all()) or np.isclose(
        exponent, np.round(exponent), rtol=0.0, atol=1e-6
    )
    return close if (is_mark or is_scaled) and rest < 1e-6 * abs(mark) else nowhere


def numeric(name: str, values: ArrayLike) -> NDArray:
    """``values`` as an array of numbers without mask or unit.

    Text, objects, ragged lists, arrays with masked elements and quantities with a unit are
    refused: numpy would drop the mask or the unit without a word.
    """
    plain(name, values)
    if isinstance(values, str | os.PathLike):
        raise TypeError(
            f"{name} must be an array of numbers, got {_shown(values)}: read a file first, such as "
            "by healpy.read_map or numpy.load"
        )
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array of numbers: {error}") from None
    if array.dtype.kind not in "iufc":
        raise TypeError(f"{name} must be an array of numbers, got dtype {array.dtype}")
    return array


def plain(name: str, values: Any) -> None:
    """Raise if ``values``, or an array in a list or in a container, has a mask or a unit."""
    if type(values) is np.ndarray:
        return
    if isinstance(values, list | tuple):
        for value in values:
            if not isinstance(value, Real):
                plain(name, value)
        return
    mask = getattr(values, "mask", None)  # of numpy.ma and of astropy's Masked
    if isinstance(mask, bool | np.ndarray | np.bool_) and np.any(mask):
        raise ValueError(
            f"{name} must be known everywhere, got {np.count_nonzero(mask)} masked of "
            f"{np.size(mask)} values. {FILL}"
        )
    unit = getattr(values, "unit", getattr(values, "units", None))  # of astropy, of pint
    if unit is not None and not isinstance(unit, str) and str(unit) not in ("", "dimensionless"):
        raise TypeError(
            f"{name} must be plain numbers, got a quantity in {str(unit)!r}: convert it to the "
            f"unit that you want and pass the numbers ({name}.to_value({str(unit)!r}) in astropy)"
        )
    data = getattr(values, "data", None)  # what an xarray.DataArray holds
    if data is not None and not isinstance(data, memoryview | type(values)):
        plain(name, data)


def threads(n_threads: int | None) -> int:
    """The number of threads to use; None means every core this process may use."""
    if n_threads is not None:
        return integer("n_threads", n_threads, 1)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the line of the caller from outside the package, however deep the call lies."""
    level, frame = 2, sys._getframe(1)
    # In a notebook's cells __package__ is there, and None.
    while frame.f_back and (frame.f_globals.get("__package__") or "").split(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
