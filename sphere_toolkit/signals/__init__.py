"""Example signals: the Earth, noise, digits, and simple shapes.

Every function returns coefficients (alm); ``st.inverse(alm, grid)`` samples them.
"""

from ..sphere.coefficients import harmonic
from .earth import EARTH_MAX_L, earth_relief
from .handwritten import digits, project_images
from .noise import band_limited_noise, gaussian
from .shapes import ring, spots

__all__ = [
    "EARTH_MAX_L",
    "band_limited_noise",
    "digits",
    "earth_relief",
    "gaussian",
    "harmonic",
    "project_images",
    "ring",
    "spots",
]
