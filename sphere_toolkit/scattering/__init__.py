"""The scattering network on the sphere, its labelled coefficients, and features of them."""

from . import features
from .coefficients import ScatteringCoefficients
from .transform import ScatteringTransform

__all__ = ["ScatteringCoefficients", "ScatteringTransform", "features"]
