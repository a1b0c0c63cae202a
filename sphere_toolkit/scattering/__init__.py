"""The scattering network on the sphere, its coefficients, features of them, and energies."""

from . import features
from .coefficients import ScatteringCoefficients
from .energy import (
    EnergyByDegree,
    EnergyByPath,
    energy_by_degree,
    energy_by_path,
    energy_fraction_below,
)
from .nonlinearities import Envelope, LocalRMS
from .stability import DeformationDistances, deformation_distances
from .synthesis import Synthesis, SynthesisHistory, synthesise
from .transform import ScatteringTransform

__all__ = [
    "DeformationDistances",
    "EnergyByDegree",
    "EnergyByPath",
    "Envelope",
    "LocalRMS",
    "ScatteringCoefficients",
    "ScatteringTransform",
    "Synthesis",
    "SynthesisHistory",
    "deformation_distances",
    "energy_by_degree",
    "energy_by_path",
    "energy_fraction_below",
    "features",
    "synthesise",
]
