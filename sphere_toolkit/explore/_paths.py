"""Scattering along chosen paths, with a choice of nonlinearity, as the explorers' pages do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil, log2
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from ..sphere.coefficients import as_alm, n_coefficients, truncate
from ..sphere.equivariance import equivariance_error
from ..sphere.grid import Grid
from ..sphere.transforms import forward, inverse
from ..wavelets.zonal import WaveletBank

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation

Path = tuple[int, ...]

NONLINEARITIES: dict[str, Callable[[NDArray], NDArray]] = {
    "modulus": np.abs,
    "square": np.square,
    "ReLU": lambda samples: np.maximum(samples, 0.0),
}

_LEAST_RINGS = 8  # static/sht.js works on rings in blocks


def paths_of(bank: WaveletBank, depth: int) -> list[Path]:
    """Every strictly decreasing tuple of the bank's scales of length 0 to ``depth``."""
    level: list[Path] = [()]
    paths = list(level)
    for _ in range(depth):
        level = sorted((*p, j) for p in level for j in bank if not p or j < p[-1])
        paths += level
    return paths


def sampling_band_limit(bank: WaveletBank, scale: int, oversampling: float) -> int:
    """Rings of the grid that samples the nonlinearity: a power of two, as the page's FFT needs.

    That of `ScatteringTransform` whenever ``bank.L``, ``bank.lam`` and ``oversampling`` are
    powers of two; otherwise the next larger one.
    """
    return rings(bank.band_limit(scale), oversampling)


def rings(band_limit: int, oversampling: float) -> int:
    """The power of two at or above ``oversampling * band_limit``."""
    return max(_LEAST_RINGS, 1 << ceil(log2(oversampling * band_limit) - 1e-9))


def scatter_path(
    alm: ArrayLike,
    bank: WaveletBank,
    path: Sequence[int],
    *,
    nonlinearity: str = "modulus",
    oversampling: float = 2,
) -> NDArray[np.complex128]:
    r"""Scattering coefficients of one path, with the modulus or another nonlinearity.

    .. math:: S[p] f = \rho(\cdots \rho(\rho(f \star \Psi^{j_1}) \star \Psi^{j_2}) \cdots
              \star \Psi^{j_d}) \star \Phi

    Parameters
    ----------
    alm : array (L(L+1)/2,), complex
        One signal.
    bank : WaveletBank
        Of the same band-limit.
    path : sequence of int
        Strictly decreasing scales of the bank; empty: the signal's average.
    nonlinearity : {"modulus", "square", "ReLU"}
        :math:`\rho(x) = |x|`, :math:`x^2` or :math:`\max(x, 0)`, sample by sample.
    oversampling : float, default 2
        Rings of the Gauss-Legendre grid on which it is taken, over the band-limit of the wavelet
        coefficients; rounded up to a power of two rings. At least 1.

    Returns
    -------
    array (n_coefficients(bank.scaling_band_limit),), complex128
        Unit of ``alm``; to the power :math:`2^d` for the square.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is no single signal of band-limit ``bank.L``, or the path or an option is unknown.

    Notes
    -----
    With the modulus, ``S[path]`` of `ScatteringTransform` when ``L``, ``lam`` and the oversampling
    are powers of two. The square of a signal of band-limit B has band-limit 2 B - 1 and is sampled
    and analysed without error at an oversampling of 2; the modulus and ReLU alias on every grid.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> alm = st.signals.earth_relief(32)
    >>> found = st.explore.scatter_path(alm, st.WaveletBank(32, J_min=2), (5, 3))
    >>> np.allclose(found, st.ScatteringTransform(32, J_min=2)(alm)[(5, 3)])
    True
    """
    array = as_single(alm, bank)
    path = as_path(path, bank)
    _checks.choice("nonlinearity", nonlinearity, NONLINEARITIES)
    oversampling = _checks.real("oversampling", oversampling, minimum=1.0)
    return scatter_paths(array, bank, [path], nonlinearity, oversampling)[0]


def path_equivariance_error(
    alm: ArrayLike,
    bank: WaveletBank,
    path: Sequence[int],
    rotation: Rotation,
    *,
    nonlinearity: str = "modulus",
    oversampling: float = 2,
) -> float:
    r"""Relative difference of "rotate, then scatter" and "scatter, then rotate", for one path.

    .. math:: \epsilon = \frac{\lVert S[p](R f) - R\, S[p] f \rVert}{\lVert S[p] f \rVert}

    Parameters
    ----------
    alm, bank, path, nonlinearity, oversampling
        As for `scatter_path`.
    rotation : scipy.spatial.transform.Rotation
        A single one.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        As `scatter_path` and `equivariance_error`; a stack of rotations; a signal that has
        nothing on this path.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> from scipy.spatial.transform import Rotation
    >>> alm, bank = st.signals.earth_relief(64), st.WaveletBank(64, J_min=4)
    >>> R = Rotation.from_euler("ZYZ", [40, 50, 0], degrees=True)
    >>> for rho in ("modulus", "square"):
    ...     error = st.explore.path_equivariance_error(alm, bank, (5,), R, nonlinearity=rho)
    ...     print(f"{rho}: {'exact' if error < 1e-12 else 'below 1 %' if error < 1e-2 else error}")
    modulus: below 1 %
    square: exact
    """
    if not getattr(rotation, "single", False):
        raise TypeError(f"rotation must be a single scipy Rotation, got {rotation!r}")

    def operator(signal: NDArray) -> NDArray:
        return scatter_path(
            signal, bank, path, nonlinearity=nonlinearity, oversampling=oversampling
        )

    return float(equivariance_error(operator, as_single(alm, bank), rotation)[0])


def scatter_paths(
    alm: NDArray[np.complex128],
    bank: WaveletBank,
    paths: Sequence[Path],
    nonlinearity: str = "modulus",
    oversampling: float = 2.0,
) -> NDArray[np.complex128]:
    """Scattering coefficients of several paths, ``(n_paths, n_out)``; no checks."""
    rho = NONLINEARITIES[nonlinearity]
    seen: dict[Path, tuple[NDArray, int]] = {(): (alm, bank.L)}  # coefficients and band-limit

    def propagated(path: Path) -> tuple[NDArray, int]:
        if path not in seen:
            parent, L = propagated(path[:-1])
            j = path[-1]
            grid = Grid.gauss_legendre(sampling_band_limit(bank, j, oversampling))
            samples = rho(inverse(bank.filter(j, L)(parent), grid, n_threads=1))
            # Scales below j, and the average, look at no higher degree.
            keep = bank.band_limit(j - 1) if j > bank.J_min else bank.scaling_band_limit
            seen[path] = truncate(forward(samples, grid, n_threads=1), keep), keep
        return seen[path]

    out = np.empty((len(paths), n_coefficients(bank.scaling_band_limit)), np.complex128)
    for row, path in zip(out, paths, strict=True):
        modulus, L = propagated(path)
        bank.filter(None, L)(modulus, row)
    return out


def as_single(alm: ArrayLike, bank: WaveletBank) -> NDArray[np.complex128]:
    if not isinstance(bank, WaveletBank):
        raise TypeError(f"bank must be a WaveletBank, got {bank!r} of type {type(bank).__name__}")
    array = as_alm(alm, bank.L)
    if array.ndim != 1:
        raise ValueError(f"alm must be one signal of shape (L(L+1)/2,), got shape {array.shape}")
    return array


def as_path(path: Any, bank: WaveletBank) -> Path:
    """``path`` as a checked tuple of the bank's scales."""
    if isinstance(path, str) or not isinstance(path, Sequence):
        raise TypeError(f"path must be a sequence of scales, got {path!r}")
    scales = tuple(_checks.choice("scale of path", j, bank.scales) for j in path)
    if any(a <= b for a, b in pairwise(scales)):
        raise ValueError(f"path must have strictly decreasing scales, got {scales}")
    return scales
