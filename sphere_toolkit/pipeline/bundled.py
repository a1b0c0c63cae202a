"""The scattered data set that comes with the course."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from .. import data
from .._util import checks
from ..scattering.paths import as_paths
from ..sphere.coefficients import degrees
from .dataset import Dataset

FILES = {"cmb128-laptop": "scattering_cmb128_laptop.npz"}
PARTS = ("train", "test")
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
    FileNotFoundError
        The package is installed without the course: the file (4.6 MB) is in ``notebooks/data`` of
        its repository, and ``sphere_toolkit.data.read`` says where else it is looked for.

    Notes
    -----
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
    checks.choice("part", part, PARTS)
    with np.load(BytesIO(data.read(FILES[name]))) as content:
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
