"""Interactive explorers: one question each, alive in JupyterLab and in the static book.

An explorer computes what it shows in the page, so that it needs no kernel once it is drawn; in
JupyterLab its controls are also readable and settable as attributes. This is the only part of
the package that imports anywidget.
"""

from ._deformation import DeformationDistances, deformation_distances
from ._energy import (
    EnergyByDegree,
    EnergyByPath,
    energy_by_degree,
    energy_by_path,
    energy_fraction_below,
)
from ._energy_shift.widget import EnergyShift, energy_shift
from ._equivariance.widget import Equivariance, equivariance
from ._guess_the_sky.widget import GuessTheSky, guess_the_sky
from ._harmonics.widget import Harmonics, harmonics, real_coefficient, residual_energy
from ._network.widget import Network, NetworkErrors, network
from ._page.base import MAX_BAND_LIMIT
from ._paths import path_equivariance_error, scatter_path
from ._scattering_tree.widget import ScatteringTree, scattering_tree
from ._wavelets.widget import Wavelets, angular_spread, energy_by_scale, wavelets
from .stability import Stability, stability

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
