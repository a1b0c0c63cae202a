"""Where the coefficients of each path are known, if a mask hides a part of the signal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .._util import checks
from ..sphere.coefficients import n_coefficients, orders
from ..sphere.grids.grid import Grid
from ..sphere.masks.mask import Mask, areas, averaged
from ..sphere.schemes import adjoint
from ..sphere.transforms import inverse
from ..wavelets.reach import energy_kernel
from ..wavelets.zonal import WaveletBank
from .paths import Path, scale_of

HALF = 0.5
"""A place has no weight unless more than this share of what it is made of is known."""


def weights_of(mask: Mask, bank: WaveletBank, paths: Sequence[Path]) -> NDArray[np.float64]:
    r"""The weight of every place in the means of each path, shape ``(n_paths, *grid.shape)``.

    .. math:: v_{()} = M, \qquad v_{(p, j)} = \psi_j^2 \star v_p, \qquad
              w_p = \max(0,\, 2\, (\phi^2 \star v_p) - 1)

    with the squares of wavelets and of the scaling function as kernels of integral 1: :math:`v_p`
    is the share of the energy behind a sample of :math:`U[p]` that comes from known samples. On the
    Gauss-Legendre grid of twice the band-limit of the images.
    """
    outer = grid_of(bank.scaling_band_limit)
    scaling = energy_kernel(bank, None)
    out = np.empty((len(paths), *outer.shape))
    found: dict[Path, NDArray] = {}
    for row, path in enumerate(paths):
        scales = tuple(scale_of(step) for step in path)  # spins reach as far
        if scales not in found:
            # Averages one after another: the product of their windows.
            kernel = scaling.copy()
            for j in scales:
                kernel *= energy_kernel(bank, j, len(kernel))
            seen = averaged(mask.samples, mask.grid, kernel, outer)
            found[scales] = np.clip((seen - HALF) / (1 - HALF), 0, 1)
        out[row] = found[scales]
    return out


def grid_of(L: int) -> Grid:
    """Where weights of images of band-limit ``L`` are given."""
    return Grid.gauss_legendre(2 * L)


def as_weights(weights: NDArray, n_paths: int, L: int) -> NDArray[np.float64]:
    """``weights`` checked, for so many paths and images of band-limit ``L``."""
    array = checks.converted("weights", checks.numeric("weights", weights), np.float64)
    expected = (n_paths, *grid_of(L).shape)
    if array.shape != expected or array.min(initial=0) < 0 or array.max(initial=0) > 1:
        raise ValueError(
            f"weights must lie in [0, 1] and have shape {expected}, got shape {array.shape}"
        )
    return array


def area(weights: NDArray, L: int) -> NDArray[np.float64]:
    """The mean of the weights of each path over the sphere, shape ``(n_paths,)``."""
    return (weights * areas(grid_of(L))).sum(axis=(-2, -1)) / (4 * np.pi)


def weighted_means(alm: NDArray, weights: NDArray, L: int) -> NDArray[np.float64]:
    """Weighted mean of each path's image, ``(..., n_paths)``; NaN where no place has a weight."""
    grid = grid_of(L)
    totals = np.empty((len(weights), n_coefficients(L)), np.complex128)
    for one, out in zip(weights * areas(grid), totals, strict=True):
        adjoint(one, grid, L, out, 1)
    counted = totals.conj() * np.where(orders(L) > 0, 2, 1)
    return _ratio(np.einsum("...pi,pi->...p", alm, counted).real, weights, L)


def weighted_squares(alm: NDArray, weights: NDArray, L: int) -> NDArray[np.float64]:
    """Weighted mean square of each path's image, ``(..., n_paths)``; NaN as above."""
    grid = grid_of(L)
    total = np.empty(alm.shape[:-1])
    for signal, out in zip(alm.reshape(-1, *alm.shape[-2:]), total.reshape(-1, len(weights)),
                           strict=True):  # fmt: skip
        squares = np.square(inverse(signal, grid))
        out[:] = np.einsum("pij,pij->p", squares, weights * areas(grid))
    return _ratio(total, weights, L)


def _ratio(total: NDArray, weights: NDArray, L: int) -> NDArray[np.float64]:
    norm = 4 * np.pi * area(weights, L)
    out = np.full(total.shape, np.nan)
    np.divide(total, norm, out=out, where=norm > 0)
    return out
