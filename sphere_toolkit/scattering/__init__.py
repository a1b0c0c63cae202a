"""The scattering network on the sphere and its labelled coefficients."""

from .coefficients import ScatteringCoefficients
from .transform import ScatteringTransform

__all__ = ["ScatteringCoefficients", "ScatteringTransform"]
