"""Scale-discretised wavelets on the sphere, and what they do to a signal."""

from .directional import DirectionalWaveletBank
from .measures import angular_spread, energy_by_scale
from .responses import DirectionalWaveletCoefficients, DominantDirection
from .zonal import WaveletBank, WaveletCoefficients

__all__ = [
    "DirectionalWaveletBank",
    "DirectionalWaveletCoefficients",
    "DominantDirection",
    "WaveletBank",
    "WaveletCoefficients",
    "angular_spread",
    "energy_by_scale",
]
