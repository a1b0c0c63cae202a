"""Scatter a data set once: Dask does the work, Zarr holds the result, a stopped run goes on.

`scatter_dataset` takes a source of maps (`NamedSet`, `Arrays`, `MapFiles`, `HealpixFiles`), a
`ScatteringTransform` and a folder; `load_dataset` reads what it left there. `bundled_dataset`
reads what comes with the package.
"""

from .bundled import bundled_dataset
from .dataset import Dataset, load_dataset
from .run import Report, UnusableMapsWarning, scatter_dataset
from .sources.base import Arrays, NamedSet
from .sources.files import MapFiles
from .sources.healpix import HealpixFiles
from .sources.listing import find_files

__all__ = [
    "Arrays",
    "Dataset",
    "HealpixFiles",
    "MapFiles",
    "NamedSet",
    "Report",
    "UnusableMapsWarning",
    "bundled_dataset",
    "find_files",
    "load_dataset",
    "scatter_dataset",
]
