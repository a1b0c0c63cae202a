"""Trainable layers, models and training for signals on the sphere (JAX, Equinox, Optax).

A layer maps one signal, ``layer(x)`` or, as Equinox has it, ``layer(x, key=key)``; `jax.vmap` takes
a batch. The arrays in a layer are what it learns, and nothing else: constant tables (transforms,
Clebsch-Gordan coefficients) are no fields.
They are NumPy arrays in double precision from functions of a few integers under
`functools.cache`, and are cast where they are used, ``table.astype(x.dtype)``. So every filter of
Equinox sees the parameters only, a saved model holds no table, and two layers of one size share
theirs.
"""

from ._constant import Constant
from ._registry import register
from .activation import ACTIVATIONS, Activation
from .augmentation import random_rotations
from .convolution import GroupConvolution, LiftConvolution, ZonalConvolution
from .equivariance import equivariance_error
from .evaluation import accuracy, confusion, predict
from .fragments import Fragments, rotate, to_alm, to_fragments
from .generalized import GeneralizedConvolution
from .history import History
from .invariants import Invariants
from .models import GeneralizedCNN, HybridClassifier, SphericalCNN
from .normalisation import Normalisation
from .pointwise import PointwiseActivation
from .pooling import SpectralPooling
from .saving import load, read_metadata, save
from .standardisation import Standardisation
from .summary import Summary, count_parameters, summary
from .tensor_product import TensorProductActivation
from .training import TrainingError, TrainingInterrupted, fit
from .zonal import ZonalCNN

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Constant",
    "Fragments",
    "GeneralizedCNN",
    "GeneralizedConvolution",
    "GroupConvolution",
    "History",
    "HybridClassifier",
    "Invariants",
    "LiftConvolution",
    "Normalisation",
    "PointwiseActivation",
    "SpectralPooling",
    "SphericalCNN",
    "Standardisation",
    "Summary",
    "TensorProductActivation",
    "TrainingError",
    "TrainingInterrupted",
    "ZonalCNN",
    "ZonalConvolution",
    "accuracy",
    "confusion",
    "count_parameters",
    "equivariance_error",
    "fit",
    "load",
    "predict",
    "random_rotations",
    "read_metadata",
    "register",
    "rotate",
    "save",
    "summary",
    "to_alm",
    "to_fragments",
]
