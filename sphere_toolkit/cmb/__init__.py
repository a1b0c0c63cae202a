"""The cosmic microwave background: its power spectrum, and skies that are Gaussian or not.

`gaussian`, `kicks` and `rocha` make skies of one ensemble spectrum, that of
`angular_power_spectrum`. `simulation_set` has named sets of two such classes to tell apart;
`whitened_kurtosis` is the classical statistic that does.
`LocalNonGaussianity` makes skies with local f_NL, and `KSW` estimates it.
"""

from .kicks import kicks
from .ksw import KSW
from .local import LocalNonGaussianity
from .rocha import rocha
from .sets import SETS, SimulationSet, simulate, simulation_set
from .spectrum import MAX_L, angular_power_spectrum, gaussian
from .statistics import whitened_kurtosis

__all__ = [
    "KSW",
    "MAX_L",
    "SETS",
    "LocalNonGaussianity",
    "SimulationSet",
    "angular_power_spectrum",
    "gaussian",
    "kicks",
    "rocha",
    "simulate",
    "simulation_set",
    "whitened_kurtosis",
]
