"""The libraries that a user could pick, each behind the same few calls.

A *contestant* is one way in which one library does one task. `TASKS` maps task and contestant to a
function that prepares it for a band-limit; a library is imported only there, so that one that is
not installed, or does not import, costs nothing but its own rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Prepared:
    """What one contestant does at one band-limit.

    Attributes
    ----------
    operations : dict of callables
        Each does the whole work when called, in double precision.
    error : callable, optional
        Relative L2 error of there and back again.
    says : dict
        What else belongs into the table, by name.
    """

    operations: dict[str, Callable[[], Any]]
    error: Callable[[], float] | None = None
    says: dict[str, Any] | None = None


Maker = Callable[[int], Prepared]


def tasks() -> dict[str, dict[str, Maker]]:
    """All contestants by task, ours first."""
    from . import gradients, scattering, transforms, wavelets

    return {
        "transforms": transforms.CONTESTANTS,
        "wavelets": wavelets.CONTESTANTS,
        "scattering": scattering.CONTESTANTS,
        "gradients of scattering": gradients.SCATTERING,
        "gradients of transforms": gradients.TRANSFORMS,
    }
