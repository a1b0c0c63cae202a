"""Wavelets, scattering networks and rotation-equivariant CNNs on the sphere.

Coefficients (``alm``) are complex arrays ``(..., L(L+1)/2)`` in healpy's order; batch axes
lead. ``st.forward`` and ``st.inverse`` lead from samples on a `Grid` to coefficients and back.
"""

from importlib import import_module as _import_module
from importlib.metadata import version as _version
from typing import TYPE_CHECKING as _TYPE_CHECKING

from . import cmb, data, masks, signals
from ._util import extras
from .citations import citation
from .scattering import Envelope, LocalRMS, ScatteringCoefficients, ScatteringTransform
from .sphere.beams import pixel_window, smooth, whiten
from .sphere.coefficients import band_limit, degrees, n_coefficients, orders, truncate
from .sphere.deformations import deform, displacement, stretch
from .sphere.equivariance import equivariance_error
from .sphere.grids.grid import Grid
from .sphere.grids.labelled import from_xarray, to_xarray
from .sphere.layouts import from_healpy, from_pyssht, to_pyssht
from .sphere.rotations import rotate
from .sphere.spectra import energy, inner, norm, power_spectrum
from .sphere.transforms import ApproximationWarning, forward, inverse
from .wavelets.directional import DirectionalWaveletBank
from .wavelets.responses import DirectionalWaveletCoefficients
from .wavelets.zonal import WaveletBank, WaveletCoefficients

if _TYPE_CHECKING:
    from types import ModuleType

    from . import explore, nn, pipeline, plot, sklearn

__version__ = _version("sphere-toolkit")

__all__ = [
    "ApproximationWarning",
    "DirectionalWaveletBank",
    "DirectionalWaveletCoefficients",
    "Envelope",
    "Grid",
    "LocalRMS",
    "ScatteringCoefficients",
    "ScatteringTransform",
    "WaveletBank",
    "WaveletCoefficients",
    "band_limit",
    "citation",
    "cmb",
    "data",
    "deform",
    "degrees",
    "displacement",
    "energy",
    "equivariance_error",
    "explore",
    "forward",
    "from_healpy",
    "from_pyssht",
    "from_xarray",
    "inner",
    "inverse",
    "masks",
    "n_coefficients",
    "nn",
    "norm",
    "orders",
    "pipeline",
    "pixel_window",
    "plot",
    "power_spectrum",
    "rotate",
    "signals",
    "sklearn",
    "smooth",
    "stretch",
    "to_pyssht",
    "to_xarray",
    "truncate",
    "whiten",
]

# Heavy floors load on first use, so that `import sphere_toolkit` stays quick.
_LAZY = ("explore", "nn", "pipeline", "plot", "sklearn")


def __getattr__(name: str) -> "ModuleType":
    if name in _LAZY:
        try:
            return _import_module(f".{name}", __name__)
        except ModuleNotFoundError as error:
            raise extras.explained(error, f"{__name__}.{name}") from error
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_LAZY))
