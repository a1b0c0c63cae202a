"""Scale-discretised wavelets on the sphere."""

from .zonal import WaveletBank, WaveletCoefficients

__all__ = ["WaveletBank", "WaveletCoefficients"]
