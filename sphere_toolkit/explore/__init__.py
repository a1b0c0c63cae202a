"""Interactive explorers: one question each, alive in JupyterLab and in the static book.

An explorer computes what it shows in the page, so that it needs no kernel once it is drawn; in
JupyterLab its controls are also readable and settable as attributes. This is the only part of
the package that imports anywidget.
"""

from ._base import MAX_BAND_LIMIT
from ._deformation import DeformationDistances, deformation_distances
from ._energy import (
    EnergyByDegree,
    EnergyByPath,
    energy_by_degree,
    energy_by_path,
    energy_fraction_below,
)
from ._paths import path_equivariance_error, scatter_path
from .energy_shift import EnergyShift, energy_shift
from .equivariance_explorer import Equivariance, equivariance
from .guess_the_sky import GuessTheSky, guess_the_sky
from .harmonics_explorer import Harmonics, harmonics, real_coefficient, residual_energy
from .network_explorer import Network, NetworkErrors, network
from .scattering_tree import ScatteringTree, scattering_tree
from .stability import Stability, stability
from .wavelets_explorer import Wavelets, angular_spread, energy_by_scale, wavelets

__all__ = [
    "MAX_BAND_LIMIT",
    "DeformationDistances",
    "EnergyByDegree",
    "EnergyByPath",
    "EnergyShift",
    "Equivariance",
    "GuessTheSky",
    "Harmonics",
    "Network",
    "NetworkErrors",
    "ScatteringTree",
    "Stability",
    "Wavelets",
    "angular_spread",
    "deformation_distances",
    "energy_by_degree",
    "energy_by_path",
    "energy_by_scale",
    "energy_fraction_below",
    "energy_shift",
    "equivariance",
    "guess_the_sky",
    "harmonics",
    "network",
    "path_equivariance_error",
    "real_coefficient",
    "residual_energy",
    "scatter_path",
    "scattering_tree",
    "stability",
    "wavelets",
]
