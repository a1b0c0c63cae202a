"""What explorers share whose reader turns a signal and samples a nonlinearity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .base import Explorer
from .controls import Choice, Numbers

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation

OVERSAMPLINGS = (1, 2, 4)
"""They keep the page's grids at powers of two, which its Fourier transform needs."""


class TurningExplorer(Explorer):
    """Base of explorers whose reader rotates a signal; turning.js is their page side."""

    angles: Any = Numbers(
        {
            "alpha": ("α (alpha)", -180, 180),
            "beta": ("β (beta)", 0, 180),
            "gamma": ("γ (gamma)", -180, 180),
        },
        "Rotation",
        help="Euler angles of the rotation Rz(alpha) Ry(beta) Rz(gamma) in degrees, alpha and "
        "gamma in [-180, 180] and beta in [0, 180]; set by dragging, too.",
    )
    oversampling = Choice(
        OVERSAMPLINGS, "Oversampling",
        help="Rings of the grid on which the nonlinearity is taken, over the band-limit.",
    )  # fmt: skip

    @property
    def rotation(self) -> Rotation:
        """The rotation that the page shows now."""
        from scipy.spatial.transform import Rotation

        return Rotation.from_euler("ZYZ", self.angles, degrees=True)
