"""The scattered data set that comes with the course."""

from __future__ import annotations

import json
import warnings
from io import BytesIO
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from .. import cmb, data
from .._util import checks
from ..scattering.paths import as_paths
from ..scattering.transform import ScatteringTransform
from ..sphere.coefficients import degrees
from .dataset import Dataset, load_dataset
from .run import scatter_dataset
from .sources.base import NamedSet

FILES = {"cmb128-laptop": "scattering_cmb128_laptop.npz"}
PARTS = {"train": (0, 400), "test": (cmb.FIRST_TEST, 150)}
"""The first map of each part, and the number of maps of each class."""

STEPS = 4
"""Steps in which a coefficient is kept, per standard deviation of its path and degree."""


def bundled_dataset(name: str = "cmb128-laptop", part: str = "train") -> Dataset:
    r"""Scattering coefficients that come with the course, ready to train on.

    Parameters
    ----------
    name : {"cmb128-laptop"}
        The simulation set (`sphere_toolkit.cmb.simulation_set`) whose maps were scattered.
    part : {"train", "test"}
        400 or 150 maps of each class; no map is in both.

    Returns
    -------
    Dataset
        As `load_dataset` would give it; ``alm`` in microkelvin.

    Raises
    ------
    ValueError
        Name or part is unknown, or the file is damaged.

    Notes
    -----
    The file (4.6 MB) lies in ``notebooks/data`` of the repository and not in the installed
    package. Where `sphere_toolkit.data.read` does not find it, the maps are simulated and scattered
    anew: a warning says so, and the coefficients are exact. That takes about half a minute.

    Approximate: to ship a thousand maps in a few megabytes, real and imaginary parts are rounded
    to quarters of the standard deviation of the training maps at the same path and degree, at order
    m = 0 relative to the mean. That adds 0.5 % to the variance of a coefficient (tested). A linear
    classifier has about the same accuracy as with exact coefficients.

    Made by ``scripts/make_laptop_set.py``.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> train = st.pipeline.bundled_dataset()
    >>> train.alm.shape, train.labels[:4].tolist()
    ((800, 7, 528), [0, 1, 0, 1])
    """
    checks.choice("name", name, tuple(FILES))
    checks.choice("part", part, tuple(PARTS))
    try:
        file = data.read(FILES[name])
    except FileNotFoundError as error:
        said = "the maps are simulated and scattered anew, which takes about half a minute"
        warnings.warn(f"{error}. Now {said}.", stacklevel=2)
        return scattered(name, part)
    with np.load(BytesIO(file)) as content:
        header = json.loads(str(content["header"]))[part]
        alm = decode(content[part], content["mean"], content["scale"])
    n = len(alm)
    return Dataset(
        alm=alm,
        labels=np.array(header["maps"]["labels"], np.int64),
        names=header["maps"]["names"],
        seeds=header["maps"]["seeds"],
        paths=as_paths(header["paths"]),
        valid=np.ones(n, bool),
        problems={},
        header=header,
        versions=[header["versions"]] * n,
    )


def scattered(name: str, part: str) -> Dataset:
    """The maps of a part, scattered anew, without rounding.

    Parameters
    ----------
    name, part
        As of `bundled_dataset`.

    Returns
    -------
    Dataset
    """
    first, per_class = PARTS[part]
    source = NamedSet(name, 2 * per_class, seed=0, first=first)
    transform = ScatteringTransform(source.L, oversampling=1, n_threads=1)
    with TemporaryDirectory() as folder:
        scatter_dataset(source, transform, folder, progress=False)
        return load_dataset(folder)


def decode(codes: NDArray[np.int8], mean: NDArray, scale: NDArray) -> NDArray[np.complex64]:
    """Coefficients from their rounded real and imaginary parts.

    Parameters
    ----------
    codes : int8 array (n, n_paths, L*L)
        Real parts of all coefficients, then imaginary parts of those of order 1 and more.
    mean : float32 array (n_paths, L)
        Mean of the coefficients of order 0. At degree 0 it is the mean of the image. At other
        degrees it is a small effect of the grid of the modulus, which treats poles and equator
        differently.
    scale : float32 array (n_paths, L)
        One step of a code at each degree.

    Returns
    -------
    complex64 array (n, n_paths, L(L+1)/2)
    """
    L = scale.shape[-1]
    ell = degrees(L)
    alm = np.zeros((*codes.shape[:-1], ell.size), np.complex64)
    alm.real = codes[..., : ell.size] * scale[:, ell]
    # Order 0 comes first, once per degree, and is real.
    alm.imag[..., L:] = codes[..., ell.size :] * scale[:, ell[L:]]
    alm[..., :L] += mean
    return alm
