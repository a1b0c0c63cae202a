"""Scattering coefficients of a data set, computed once with Dask and kept in a Zarr store.

`scatter_dataset` takes a source of maps (`NamedSet`, `Arrays`, `MapFiles`, `HealpixFiles`), a
`ScatteringTransform` and a folder for the store; a run that was stopped can be continued.
`load_dataset` reads the store. `bundled_dataset` reads a data set that comes with the package.
"""

from .bundled import bundled_dataset
from .dataset import Dataset, load_dataset
from .run import Report, UnusableMapsWarning, scatter_dataset
from .sources.base import Arrays, NamedSet
from .sources.healpix import HealpixFiles, StokesWarning
from .sources.labels import read_labels
from .sources.listing import find_files
from .sources.numpy_files import MapFiles

__all__ = [
    "Arrays",
    "Dataset",
    "HealpixFiles",
    "MapFiles",
    "NamedSet",
    "Report",
    "StokesWarning",
    "UnusableMapsWarning",
    "bundled_dataset",
    "find_files",
    "load_dataset",
    "read_labels",
    "scatter_dataset",
]
