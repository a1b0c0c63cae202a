"""What explorers share that turn a signal and sample a nonlinearity: angles and oversampling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from ... import _checks
from .base import Explorer

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation

OVERSAMPLINGS = (1, 2, 4)
_BOUNDS = {"alpha": (-180.0, 180.0), "beta": (0.0, 180.0), "gamma": (-180.0, 180.0)}


class TurningExplorer(Explorer):
    """Base of explorers whose reader rotates a signal; static/turning.js is their page side."""

    angles = traitlets.Tuple().tag(sync=True)
    oversampling = traitlets.Int().tag(sync=True)

    @property
    def rotation(self) -> Rotation:
        """The rotation that the page shows now."""
        from scipy.spatial.transform import Rotation

        return Rotation.from_euler("ZYZ", self.angles, degrees=True)

    @traitlets.validate("angles")
    def _within_bounds(self, proposal: Any) -> tuple[float, ...]:
        return euler_angles(proposal["value"])

    @traitlets.validate("oversampling")
    def _known_oversampling(self, proposal: Any) -> int:
        return _checks.choice("oversampling", proposal["value"], OVERSAMPLINGS)


def euler_angles(angles: Any) -> tuple[float, ...]:
    """Three angles in degrees, checked against what the sliders can show."""
    if isinstance(angles, str) or np.shape(angles) != (len(_BOUNDS),):
        raise ValueError(f"angles must be three numbers (alpha, beta, gamma), got {angles!r}")
    checked = []
    for (name, (least, most)), angle in zip(_BOUNDS.items(), angles, strict=True):
        angle = _checks.real(f"angle {name}", angle, minimum=least)
        if angle > most:
            raise ValueError(f"angle {name} must be at most {most:g} degrees, got {angle}")
        checked.append(angle)
    return tuple(checked)
