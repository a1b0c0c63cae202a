"""Images on the sphere, and the handwritten digits of scikit-learn."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks, extras
from ..sphere.coefficients import n_coefficients, truncate
from ..sphere.grids.grid import Grid
from ..sphere.transforms import forward

RADIUS = np.pi / 3
SPLITS = ("train", "validation", "test")
_SIZES = (1197, 200, 400)
# Along each axis the projected image is sampled this many times finer than its band-limit needs.
_OVERSAMPLING = 6


def project_images(images: ArrayLike, L: int, radius: float = RADIUS) -> NDArray[np.complex128]:
    r"""Coefficients of square images, projected onto the sphere around the north pole.

    The image lies in the plane of the stereographic projection from the south pole,

    .. math:: (x, y) = 2\tan\frac{\theta}{2}\,(\sin\varphi, -\cos\varphi),

    with its middle on the pole, x to the right and y up: seen from above, with longitude 0 at the
    bottom, it is upright (``st.plot.globe(alm, centre=(0, 0))``). The projection
    preserves angles, and therefore small shapes. Between the centres of pixels the image is
    interpolated linearly along x and y, and falls to 0 within one pixel beyond its edge.

    Parameters
    ----------
    images : array (..., n, n), real
        First row at the top, in any unit.
    L : int
        Band-limit; the notes say how to choose it.
    radius : float, default pi/3
        Colatitude of the middle of each edge of the image, in radians, below pi. The corners
        reach :math:`2\arctan(\sqrt2\tan(\text{radius}/2))`: 1.37 by default, on this side of
        the equator.

    Returns
    -------
    array (..., L(L+1)/2), complex128
        Unit of ``images``.

    Raises
    ------
    TypeError, ValueError
        ``images`` is not real, finite and square, ``L`` is not a positive integer, or ``radius`` is
        outside (0, pi).

    Notes
    -----
    The coefficients are integrals of the interpolated image over the sphere, up to degree L - 1,
    and do not alias: the image is sampled on a grid finer than its pixels and than L, analysed, and
    then cut. A pixel in the middle is :math:`4\tan(\text{radius}/2)/n` radians wide, a pixel at
    the edges :math:`\cos^2(\text{radius}/2)` times as wide. With two samples per shortest wave, L
    should be about pi over that width: 11 to 15 for the digits of 8 x 8 pixels, 38 to 51 for
    28 x 28.

    Digits on the sphere are a standard test since Cohen et al. 2018 [cohen2018]. Interpolation,
    size and band-limit differ from theirs.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> alm = st.signals.project_images(np.ones((5, 8, 8)), L=16)
    >>> alm.shape
    (5, 136)
    """
    images = checks.numeric("images", images)
    if images.ndim < 2 or images.shape[-1] != images.shape[-2] or images.size == 0:
        raise ValueError(f"images must be square, shape (..., n, n), got shape {images.shape}")
    if images.dtype.kind == "c":
        raise TypeError(f"images must be real, got dtype {images.dtype}")
    checks.finite("images", images)
    L = checks.integer("L", L, 1)
    radius = checks.real("radius", radius, above=0, below=np.pi)
    n = images.shape[-1]
    pixels = images.reshape(*images.shape[:-2], n * n).astype(np.float64)
    return pixels @ _pixel_coefficients(n, L, radius)


@lru_cache(maxsize=8)
def _pixel_coefficients(n: int, L: int, radius: float) -> NDArray[np.complex128]:
    """Coefficients of an image with one pixel of value 1, for each pixel: (n * n, L(L+1)/2)."""
    half = 2 * np.tan(radius / 2)
    finest = 2 * half / n * np.cos(radius / 2) ** 2
    grid = Grid.gauss_legendre(_OVERSAMPLING * max(L, int(np.pi / finest) + 1))
    r = 2 * np.tan(grid.theta / 2)[:, None]
    # In pixels, from the centre of the first row and column.
    column = (r * np.sin(grid.phi) / half + 1) * n / 2 - 0.5
    row = (r * np.cos(grid.phi) / half + 1) * n / 2 - 0.5
    found = np.empty((n, n, n_coefficients(L)), np.complex128)
    for i in range(n):
        along = np.maximum(1 - np.abs(row - i), 0)
        tents = np.stack([along * np.maximum(1 - np.abs(column - j), 0) for j in range(n)])
        found[i] = truncate(forward(tents, grid), L)
    found.flags.writeable = False
    return found.reshape(n * n, -1)


def digits(
    L: int, split: str | None = None, radius: float = RADIUS
) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
    r"""Handwritten digits on the sphere.

    Parameters
    ----------
    L : int
        Band-limit. 16 holds what 8 x 8 pixels show; see `project_images`.
    split : {"train", "validation", "test"}, optional
        1197, 200 or 400 of the 1797 digits, the same ones in every call. By default all of them, in
        the order of the data set.
    radius : float, default pi/3
        Colatitude of the middle of each edge of the image; see `project_images`.

    Returns
    -------
    alm : array (n, L(L+1)/2), complex128
        Ink from 0 to 1 over the north pole, upright when seen from above with longitude 0 at the
        bottom.
    labels : array (n,), int64
        0 to 9.

    Raises
    ------
    ImportError
        scikit-learn is not installed.
    TypeError, ValueError
        ``L`` is not a positive integer, ``split`` is unknown, or ``radius`` is outside (0, pi).

    Notes
    -----
    Rotations remove the orientation: a 6 turned upside down looks like a 9. Only the shape of the
    stroke tells them apart, for a network as for a human.

    The images are those of `sklearn.datasets.load_digits`: 8 x 8 pixels by 13 writers, the test
    part of Alpaydin & Kaynak 1998 [alpaydin1998]. Nothing is downloaded.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm, labels = st.signals.digits(16, split="test")
    >>> alm.shape, labels[:5].tolist()
    ((400, 136), [5, 1, 8, 2, 5])
    """
    if split is not None:
        checks.choice("split", split, SPLITS)
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise extras.explained(error, "st.signals.digits") from error
    images, labels = load_digits(return_X_y=True)
    rows = slice(None) if split is None else _rows(split)
    images = images.reshape(-1, 8, 8)[rows] / 16
    return project_images(images, L, radius), labels[rows].astype(np.int64)


def _rows(split: str) -> NDArray[np.int64]:
    """Digits of a part, chosen at random, so that writers and classes are in all parts."""
    order = np.random.default_rng(0).permutation(sum(_SIZES))
    return np.split(order, np.cumsum(_SIZES)[:-1])[SPLITS.index(split)]
