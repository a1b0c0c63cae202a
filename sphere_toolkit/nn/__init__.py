"""Trainable layers, models and training for signals on the sphere (JAX, Equinox, Optax).

A layer maps one signal, ``layer(x)`` or, as in Equinox, ``layer(x, key=key)``; `jax.vmap` maps a
batch. The arrays in a layer are its trainable parameters. Constant tables (transforms,
Clebsch-Gordan coefficients) are not fields of a layer: cached functions of a few integers return
them as NumPy arrays in double precision, and they are cast where they are used,
``table.astype(x.dtype)``. So the filters of Equinox find the parameters only, a saved model holds
no tables, and two layers of one size share theirs.
"""

from .augmentation import random_rotations
from .equivariance import equivariance_error
from .host import forward, inverse
from .layers.activation import ACTIVATIONS, Activation
from .layers.convolution import GroupConvolution, LiftConvolution, ZonalConvolution
from .layers.generalized import GeneralizedConvolution
from .layers.invariants import Invariants
from .layers.normalisation import Normalisation
from .layers.pointwise import PointwiseActivation
from .layers.pooling import SpectralPooling
from .layers.residual import Residual
from .layers.scattering import Scattering
from .layers.standardisation import Standardisation
from .layers.tensor_product import TensorProductActivation
from .math.clebsch_gordan import clebsch_gordan
from .math.constant import Constant
from .math.irreps import IrrepArray, rotate, to_alm, to_irreps
from .models.base import Network
from .models.networks import GeneralizedCNN, HybridClassifier, SphericalCNN
from .models.regressor import Regressor
from .models.table import Summary, count_parameters, summary
from .models.zonal import ZonalCNN
from .registry import register
from .training.evaluation import accuracy, confusion_matrix, outputs, predict, predict_proba
from .training.fitting import fit
from .training.history import History
from .training.loop import TrainingError, TrainingInterrupted
from .training.saving import load, read_metadata, save

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Constant",
    "GeneralizedCNN",
    "GeneralizedConvolution",
    "GroupConvolution",
    "History",
    "HybridClassifier",
    "Invariants",
    "IrrepArray",
    "LiftConvolution",
    "Network",
    "Normalisation",
    "PointwiseActivation",
    "Regressor",
    "Residual",
    "Scattering",
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
    "clebsch_gordan",
    "confusion_matrix",
    "count_parameters",
    "equivariance_error",
    "fit",
    "forward",
    "inverse",
    "load",
    "outputs",
    "predict",
    "predict_proba",
    "random_rotations",
    "read_metadata",
    "register",
    "rotate",
    "save",
    "summary",
    "to_alm",
    "to_irreps",
]
