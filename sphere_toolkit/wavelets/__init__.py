"""Scale-discretised wavelets on the sphere, and what they do to a signal."""

from .measures import angular_spread, energy_by_scale
from .zonal import WaveletBank, WaveletCoefficients

__all__ = ["WaveletBank", "WaveletCoefficients", "angular_spread", "energy_by_scale"]
