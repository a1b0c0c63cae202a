"""Files that come with the package or the course, checked against their checksums when read."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHA256 = {
    "cl_planck2018_lcdm_tt.txt": "9549ef19e6de09646bf35f53e095b74e2ebc8ebd5fbd6d53d182da3ff27ee1d0",
    "coastlines_110m.npz": "1bd2e127e834d93018496c43818814aa7e5130bba9899c5ae093c90ff241866d",
    "digit_network_L16.eqx": "bcfb84b2e58c8bdd36b15284d6c277026f779d542a3e0bbb1c6503a9eaa4ca0c",
    "earth_relief_20min.npz": "8d9b386b26217483ac8848845063a0aca4a206d4e0d79e836c0b67f9090a9bfc",
    "panorama_city.jpg": "47962142a46e41c1f6de3f1f6ce59c288aae3a0eb885b4d10543e22b2edd2837",
    "panorama_sky.jpg": "1f348e1633f5d7c434c174cb469a47bb81421c29b524fa556948d6fc6112edc5",
    "panorama_sunset.jpg": "9bdd73c859c6a72c87d85b0e246a78bd2b1ff3975aadae06766b100a3601fc26",
    "scattering_cmb128_laptop.npz": "bf304fbbefd77ca73ccc48ec5ec3afec6c9867c33c06ff25e3613d3f64c8e6c5",  # noqa: E501
    "transfer_planck2018_256.npz": "7166313ce44b267cf2be994a4aaa32124da19f75dba4a9175614b04ad2f25659",  # noqa: E501
    "wmap_mask.fits": "c77a1204179838e1cd5be674517d160ab7886ab4ef3d239ecf637ae6f5aa5264",
    "wmap_v_whole.fits": "106c221b621b5ebf07cbd616e6f069ea953b97d2083880bb856e2847b99582b9",
    "wmap_w_masked.fits": "6befcba294f807d15c0654771bddd9318535e3b3d30f0ccbd379218d2de9f8c4",
    "wmap_w_whole.fits": "4b59af5c618d063af72d8a677fd6d080eaeb74e9d7939287483d872fb2b0e5da",
}


OF_THE_COURSE = (
    "panorama_city.jpg", "panorama_sky.jpg", "panorama_sunset.jpg", "scattering_cmb128_laptop.npz",
    "wmap_mask.fits", "wmap_v_whole.fits", "wmap_w_masked.fits", "wmap_w_whole.fits",
)  # fmt: skip
"""Files that lie beside the notebooks of a checkout, where a reader may open them."""

TOO_LARGE = "scattering_cmb128_laptop.npz"
"""The one that the installed package leaves out."""

RESULTS = (
    "cost", "digits", "digits-augmentation", "directions", "equivariance", "fnl256",
    "fnl256-envelope", "gaussianity-choice-cmb128-laptop", "gaussianity-cmb1024",
    "gaussianity-cmb1024-seed2",
    "gaussianity-cmb128-laptop", "gaussianity-cmb128-laptop-rms",
    "gaussianity-cmb128-laptop-seed2", "gaussianity-cmb256-class",
    "gaussianity-cmb256-class-seed2", "healpix", "masks", "pipeline", "relief", "scale",
    "side_by_side", "synthesis", "tensor_product", "transforms", "wmap",
)  # fmt: skip
"""Results of experiments and benchmarks that chapters read."""

_CHECKOUT = Path(__file__).resolve().parents[2]


def read(name: str) -> bytes:
    """The content of a file that comes with the package or the course.

    Parameters
    ----------
    name : str
        A key of ``SHA256``. Files of the course (``OF_THE_COURSE``) are read from the folder
        ``notebooks/data`` of the checkout that the package lies in, from the installed package, or
        else from the working directory or its folder ``data``.

    Raises
    ------
    ValueError
        There is no such file, or its content is not what was shipped.
    FileNotFoundError
        The package is installed without the course, and the file is ``TOO_LARGE`` for it.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> len(st.data.read("panorama_city.jpg"))
    19754
    """
    if name not in SHA256:
        raise ValueError(f"name must be one of {', '.join(map(repr, SHA256))}, got {name!r}")
    content = _path(name).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise ValueError(f"{name} is damaged (sha256 {found}): reinstall sphere_toolkit")
    return content


def path(name: str) -> Path:
    """Where a file that `read` knows lies, for what opens files by name.

    Parameters
    ----------
    name : str
        A key of ``SHA256``.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ValueError, FileNotFoundError
        As of `read`, which checks the content.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> f"{st.masks.read(st.data.path('wmap_mask.fits')).fraction:.2f}"
    '0.62'
    """
    read(name)
    return Path(str(_path(name)))


def earth_heights() -> NDArray[np.int16]:
    """Height of the Earth's land and depth of its sea, as they were published.

    `sphere_toolkit.signals.earth_relief` has their coefficients.

    Returns
    -------
    array (541, 1080), int16
        Metres; latitudes from -90 to 90 degrees, longitudes from 0 eastwards, 20 arc minutes apart.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.data.earth_heights()[369, 270]  # Tibet: 33 degrees north, 90 east
    np.int16(5074)
    """
    low, high = np.load(BytesIO(read("earth_relief_20min.npz")))["steps"].astype(np.uint16)
    packed = high << 8 | low
    steps = (packed >> 1) ^ -(packed & 1)  # of either sign, modulo 2^16 as their sums
    return np.cumsum(steps, axis=1, dtype=np.uint16).view(np.int16)


def results(name: str) -> dict[str, Any]:
    """What an experiment or a benchmark has found, with its command and the versions it used.

    Parameters
    ----------
    name : str
        One of ``RESULTS``: the file ``benchmarks/results/NAME.json`` of the repository. The
        installed package has a copy.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        There is no such result.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.data.results("digits")["images"]["test"]
    400
    """
    if name not in RESULTS:
        raise ValueError(f"name must be one of {', '.join(map(repr, RESULTS))}, got {name!r}")
    file = _first([_CHECKOUT / "benchmarks/results", _shipped() / "results"], f"{name}.json")
    return json.loads(file.read_text(encoding="utf-8"))


def _shipped() -> Traversable:
    return files(__package__)


def _path(name: str) -> Traversable:
    if name not in OF_THE_COURSE:
        return _shipped() / name
    return _first([_CHECKOUT / "notebooks/data", _shipped(), Path("data"), Path()], name)


def _first(folders: list[Traversable], name: str) -> Traversable:
    """The file in the first of the folders that has it."""
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    places = " or ".join(str(f.absolute() if isinstance(f, Path) else f) for f in folders)
    raise FileNotFoundError(
        f"{name} comes with the course, not with the installed package, and is not in {places}. "
        "Work in a checkout of the repository, or copy the file from its folder notebooks/data "
        "to the working directory"
    )
