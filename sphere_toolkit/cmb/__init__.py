"""The cosmic microwave background: its power spectrum, and skies that are Gaussian or not.

`gaussian`, `poisson_sources` and `oscillator_pixels` make skies with the same ensemble spectrum,
that of `angular_power_spectrum`. `simulation_set` has named sets of two classes of such skies, and
`whitened_kurtosis` is the classical statistic that tells the classes apart. `LocalNonGaussianity`
makes skies with local f_NL, and `KSW` estimates it.
"""

from .ksw import KSW
from .local import LocalNonGaussianity
from .oscillator import oscillator_pixels
from .poisson import poisson_sources
from .sets import FIRST_TEST, SETS, SimulationSet, simulate, simulation_set
from .spectrum import MAX_L, angular_power_spectrum, gaussian
from .statistics import whitened_kurtosis

__all__ = [
    "FIRST_TEST",
    "KSW",
    "MAX_L",
    "SETS",
    "LocalNonGaussianity",
    "SimulationSet",
    "angular_power_spectrum",
    "gaussian",
    "oscillator_pixels",
    "poisson_sources",
    "simulate",
    "simulation_set",
    "whitened_kurtosis",
]
