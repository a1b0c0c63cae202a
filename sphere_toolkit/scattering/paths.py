"""Paths of a scattering network: tuples of decreasing scales."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..sphere.coefficients import degrees, orders

Path = tuple[int | tuple[int, int], ...]
"""Scales, each smaller than the one before; ``(j, n)`` for the spin n at scale j."""


def scale_of(step: int | tuple[int, int]) -> int:
    """The scale of one step of a path."""
    return step[0] if isinstance(step, tuple) else step


def spin_of(step: int | tuple[int, int]) -> int:
    """The spin of one step of a path: 0 unless it is written down."""
    return step[1] if isinstance(step, tuple) else 0


def in_order(path: Path) -> tuple[int, list[tuple[int, int]]]:
    """What sorts paths: by depth, then by scale, then by spin."""
    return len(path), [(scale_of(step), spin_of(step)) for step in path]


def path_name(path: Path) -> str:
    """``"7,5"`` for (7, 5), ``"7,5:2"`` for (7, (5, 2)), empty for the empty path."""
    return ",".join(":".join(map(str, step)) if isinstance(step, tuple) else str(step)
                    for step in path)  # fmt: skip


def axes(paths: Sequence[Path], L_out: int) -> dict[str, tuple[str, NDArray]]:
    """Coordinates of an array of coefficients: by name, the axis that each belongs to, and values.

    They are ``path`` and ``depth`` along the axis "path", and ``degree`` and ``order`` along the
    axis "coefficient" for the band-limit ``L_out``.
    """
    return {
        "path": ("path", np.array([path_name(path) for path in paths])),
        "depth": ("path", np.array([len(path) for path in paths])),
        "degree": ("coefficient", degrees(L_out)),
        "order": ("coefficient", orders(L_out)),
    }


def as_paths(paths: Iterable[Any]) -> tuple[Path, ...]:
    """Paths from lists, as JSON and numpy give them."""
    return tuple(tuple(map(_as_step, path)) for path in paths)


def _as_step(step: Any) -> int | tuple[int, int]:
    """One step, from JSON or numpy."""
    if isinstance(step, tuple | list):
        j, n = step
        return int(j), int(n)
    return int(step)


def as_path(path: object, known: Sequence[Path]) -> Path:
    """``path`` as one of the ``known`` tuples of scales."""
    if isinstance(path, int | np.integer):
        raise TypeError(f"a path is a tuple of scales: write ({path},), not {path}")
    if not isinstance(path, tuple | list):
        raise TypeError(f"a path is a tuple of scales such as (9, 7), got {path!r}")
    wanted = tuple(tuple(step) if isinstance(step, list) else step for step in path)
    if wanted not in known:
        if any(isinstance(step, tuple) for step in wanted) and not any(map(_has_spin, known)):
            raise ValueError(
                f"path {wanted!r} asks for a spin, which only a transform with directions > 2 has"
            )
        shown = ", ".join(map(str, known[:12])) + (", ..." if len(known) > 12 else "")
        raise ValueError(f"path must be one of {shown} (strictly decreasing), got {wanted!r}")
    return wanted


def _has_spin(path: Path) -> bool:
    return any(isinstance(step, tuple) for step in path)


def paths_of(
    scales: Sequence[int], depth: int, spins: Mapping[int, Sequence[int]] | None = None
) -> list[Path]:
    """All strictly decreasing tuples of ``scales`` up to a depth: by depth, then by scale.

    With ``spins`` a scale at the second place comes once for each of its own, ``(j, n)`` for those
    above 0.
    """
    level: list[Path] = [()]
    paths = list(level)
    for length in range(1, depth + 1):
        own = spins if spins and length == 2 else {}
        steps = [(j, n) if n else j for j in sorted(scales) for n in own.get(j, (0,))]
        level = [(*p, s) for p in level for s in steps if not p or scale_of(s) < scale_of(p[-1])]
        paths += level
    return paths
