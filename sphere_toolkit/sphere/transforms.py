"""Spherical harmonic transforms between samples on a grid and coefficients, checked and batched."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from .._util.threads import each
from .coefficients import as_alm, band_limit, n_coefficients
from .grids.grid import Grid
from .grids.labelled import sampled
from .masks.filling import fill_all
from .masks.mask import Mask, as_mask, blanked
from .schemes import HEALPIX_ITERATIONS, analyse, synthesise
from .spin import as_spin, check_e_and_b, components

if TYPE_CHECKING:
    from .grids.labelled import DataArray

# Below this band-limit handing work to a second thread costs more than it saves.
_MIN_L_FOR_THREADS = 256
_HEALPIX_WARN_ABOVE = 1e-6

# The GNU C library hands the memory of a large array back to the system when it is freed, and asks
# for it anew in the next call: a third of the time of a transform at L = 256. It keeps blocks up to
# the size of the largest that it has freed, and of 32 MiB at most. Here is one; nothing touches it,
# so it takes none.
np.empty(31 << 20, np.uint8)


class ApproximationWarning(UserWarning):
    """An approximate transform left a residual that the user should know of.

    Examples
    --------
    >>> import warnings, numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(4, L=12)  # more degrees than it resolves well
    >>> f = np.random.default_rng(0).standard_normal(grid.shape)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     alm = st.forward(f, grid)
    >>> [w.category.__name__ for w in caught]
    ['ApproximationWarning']
    """


def forward(
    f: ArrayLike | DataArray,
    grid: Grid | None = None,
    spin: int = 0,
    *,
    mask: Mask | None = None,
    n_threads: int | None = None,
) -> NDArray[np.complex128]:
    r"""Spherical harmonic coefficients of a sampled real signal, or of one with spin.

    .. math:: f_{\ell m} = \int_{S^2} f(\omega)\, Y^*_{\ell m}(\omega)\, d\omega

    of spin 0. A signal of spin :math:`n \ge 1` is two real ones, which change with the directions
    south and east that they are measured against; its coefficients are :math:`E_{\ell m}` and
    :math:`B_{\ell m}`, those of two real signals without degrees below :math:`n`:

    .. math:: E_{\ell m} + i B_{\ell m}
              = -\int_{S^2} (f_1 + i f_2)(\omega)\, {}_n Y^*_{\ell m}(\omega)\, d\omega

    Parameters
    ----------
    f : array (..., *grid.shape), or (..., 2, *grid.shape) with spin, or xarray.DataArray
        Real samples, any unit. Computed in float64 whatever their type. Of spin 1 the components
        of a vector to the south and to the east (-v and u of a wind), of spin 2 Stokes' Q and U as
        in healpy. The latitudes and longitudes of a DataArray are read, see `from_xarray`: its
        samples may lie in any order, and its other dimensions lead in theirs, that of the two
        components last.
    grid : Grid, optional
        Where the samples lie. It must be given, since a shape fits several grids, unless ``f`` is
        a DataArray with coordinates.
    spin : int, default 0
        Below ``grid.L``.
    mask : Mask, optional
        What is known of ``f``, on the same samples. The rest, which may be missing (masked, NaN,
        UNSEEN), is filled first by `sphere_toolkit.masks.fill`, which estimates the spectrum and
        makes its seed of what is known. With spin, E and B mix a little on a part of the sky.
    n_threads : int, optional
        Threads to use; every core this process may use by default. A batch runs one signal
        per thread.

    Returns
    -------
    array (..., L(L+1)/2), or (..., 2, L(L+1)/2) with spin, complex128
        Coefficients of the orders m >= 0 in healpy's order, unit of ``f``; with spin E, then B.

    Raises
    ------
    TypeError
        ``f`` is complex, not numeric, or a quantity with a unit; ``spin`` is no integer; ``grid``
        is missing.
    ValueError
        ``f`` does not end in its shape (both are shown), or samples are missing: NaN, infinite,
        masked, or UNSEEN, the mark of HEALPix, also after a change of unit; ``spin`` is out of
        range; the coordinates of a DataArray are those of no grid, or of another; ``mask`` lies on
        other samples, or keeps what is missing.

    Warns
    -----
    ApproximationWarning
        On HEALPix, once for a whole batch, when the coefficients reproduce a map to worse than
        1e-6; it says how well. Not with a mask: what it hides is filled with what is likely.

    Notes
    -----
    Exact for band-limited ``f`` on all grids but HEALPix: the round trip with `inverse` stays
    below 1e-12 (relative L2), which the tests check up to L = 2048, on equiangular grids up to
    the 721 x 1440 samples of ERA5.
    HEALPix has no exact quadrature; there the least-squares solution is iterated (LSMR,
    at most 20 steps), which recovers band-limited signals with L <= 2 nside to about 1e-10
    and fails to converge towards L = 3 nside. Sources: McEwen & Wiaux 2011; engine:
    Reinecke & Seljebotn 2013 (ducc0). The signs of signals with spin are those of healpy's
    ``map2alm_spin``; the book's page of conventions defines :math:`{}_n Y_{\ell m}`.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.gauss_legendre(16)
    >>> theta, phi = grid.mesh()
    >>> alm = st.forward(np.sin(theta) * np.cos(phi), grid)
    >>> np.flatnonzero(np.abs(alm) > 1e-12), st.degrees(16)[16], st.orders(16)[16]
    (array([16]), np.int64(1), np.int64(1))

    A wind that blows eastwards everywhere has no E:

    >>> wind = np.stack([np.zeros(grid.shape), np.sin(theta)])
    >>> st.power_spectrum(st.forward(wind, grid, spin=1))[:, :3].round(12)
    array([[0.       , 0.       , 0.       ],
           [0.       , 2.7925268, 0.       ]])

    The coordinates of an xarray tell its grid:

    >>> labelled = st.to_xarray(np.sin(theta) * np.cos(phi), grid).sortby("lat")
    >>> bool((st.forward(labelled) == alm).all())
    True

    Stokes' Q and U of a sky to E and B, and back:

    >>> sky = np.zeros((2, st.n_coefficients(16)), complex)
    >>> sky[0, st.degrees(16) >= 2] = 1
    >>> Q, U = st.inverse(sky, grid, spin=2)
    >>> E, B = st.forward([Q, U], grid, spin=2)
    >>> float(st.norm(E).round(12)) == float(st.norm(sky[0]).round(12)), bool(st.norm(B) < 1e-12)
    (True, True)
    """
    f, grid = sampled(f, grid)
    spin = as_spin(spin, grid.L)
    if mask is None:
        samples = as_samples(f, grid, spin)
    else:
        samples = _without_holes(f, grid, spin, mask, n_threads)
    shape = (*components(spin), n_coefficients(grid.L))
    residuals: list[float] = []

    def one(source: NDArray, target: NDArray, threads: int) -> None:
        residuals.append(analyse(source, grid, grid.L, target, threads, spin))

    n_axes = len(components(spin) + grid.shape)
    alm = batched(one, samples, n_axes, shape, np.complex128, grid.L, n_threads)
    worst = max(residuals, default=0.0)
    if worst > _HEALPIX_WARN_ABOVE and mask is None:
        n_inexact = sum(residual > _HEALPIX_WARN_ABOVE for residual in residuals)
        checks.warn(
            f"HEALPix analysis is approximate: the coefficients at L={grid.L} reproduce "
            f"{n_inexact} of {len(residuals)} maps only up to {worst:.2g} of their norm after "
            f"{HEALPIX_ITERATIONS} iterations (nside={grid.nside}). The maps have power at higher "
            "degrees, or L is above 2 nside",
            ApproximationWarning,
        )
    return alm


def inverse(
    alm: ArrayLike, grid: Grid, spin: int = 0, *, n_threads: int | None = None
) -> NDArray[np.float64]:
    r"""Samples of a real signal, or of one with spin, from its spherical harmonic coefficients.

    .. math:: f(\omega) = \sum_{\ell=0}^{L-1} \sum_{m=-\ell}^{\ell} f_{\ell m}\, Y_{\ell m}(\omega)

    of spin 0, and of spin :math:`n \ge 1`

    .. math:: (f_1 + i f_2)(\omega) = -\sum_{\ell=n}^{L-1} \sum_{m=-\ell}^{\ell}
              (E_{\ell m} + i B_{\ell m})\, {}_n Y_{\ell m}(\omega)

    Parameters
    ----------
    alm : array (..., L(L+1)/2), or (..., 2, L(L+1)/2) with spin, complex
        Coefficients of the orders m >= 0 in healpy's order; with spin E, then B. Their
        band-limit may lie below that of the grid.
    grid : Grid
    spin : int, default 0
        Below the band-limit of ``alm``.
    n_threads : int, optional
        As in `forward`.

    Returns
    -------
    array (..., *grid.shape), or (..., 2, *grid.shape) with spin, float64

    Raises
    ------
    TypeError
        ``alm`` is not complex, or ``spin`` is no integer.
    ValueError
        The band-limit of ``alm`` is above that of the grid, ``alm`` is no valid set of
        coefficients of a real signal or, with spin, no E and B, or has degrees below the spin;
        ``spin`` is out of range.

    Notes
    -----
    Exact on every grid (a sum, no quadrature), HEALPix included.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> alm = np.zeros(st.n_coefficients(8), complex)
    >>> alm[0] = np.sqrt(4 * np.pi)
    >>> np.allclose(st.inverse(alm, st.Grid.mcewen_wiaux(8)), 1.0)
    True

    The gradient of a signal is a signal of spin 1, without B:

    >>> h, ell = st.signals.earth_relief(8), st.degrees(8)
    >>> slope = st.inverse([np.sqrt(ell * (ell + 1)) * h, 0 * h], st.Grid.gauss_legendre(8), spin=1)
    >>> slope.shape  # southwards, eastwards
    (2, 8, 16)
    """
    checks.instance("grid", grid, Grid)
    alm = as_alm(alm)
    L = band_limit(alm)
    spin = as_spin(spin, L)
    check_e_and_b(alm, spin)
    if L > grid.L:
        raise ValueError(
            f"alm has band-limit {L}, the grid carries {grid.L}: take a finer grid, or "
            f"truncate(alm, {grid.L}) on purpose"
        )

    def one(source: NDArray, target: NDArray, threads: int) -> None:
        synthesise(source, L, grid, target, threads, spin)

    axes = components(spin)
    return batched(one, alm, len(axes) + 1, axes + grid.shape, np.float64, grid.L, n_threads)


def _without_holes(
    f: ArrayLike, grid: Grid, spin: int, mask: Mask, n_threads: int | None
) -> NDArray[np.float64]:
    """Checked samples whose holes are filled up to the band-limit of ``grid``."""
    mask = as_mask(mask, grid)
    here = mask if mask.grid == grid else Mask(mask.samples, grid)  # of another band-limit
    return fill_all(as_samples(blanked(f, here), grid, spin), here, None, None, n_threads, spin)


def as_samples(f: ArrayLike, grid: Grid, spin: int = 0) -> NDArray[np.float64]:
    """``f`` as checked real samples on ``grid``."""
    array = checks.numeric("f", f)
    if array.dtype.kind == "c":
        raise TypeError(
            f"f must be real, got dtype {array.dtype}; coefficients go to inverse(), and a complex "
            "signal is two real ones"
        )
    expected = components(spin) + grid.shape
    if array.shape[-len(expected) :] != expected:
        what = f"f of spin {spin} must end in two components of" if spin else "f must end in"
        raise ValueError(f"{what} the grid's shape {grid.shape}, got shape {array.shape}")
    return checks.observed("f", array)


def batched(
    one: Callable[[NDArray, NDArray, int], None],
    source: NDArray,
    n_axes: int,
    shape_out: tuple[int, ...],
    dtype: type[np.generic],
    L: int,
    n_threads: int | None,
) -> NDArray:
    """Apply ``one(source, target, threads)`` to each signal of a batch.

    A single signal gets every thread; a batch gets one thread per signal, which scales better.
    """
    batch = source.shape[: source.ndim - n_axes]
    out = np.empty((*batch, *shape_out), dtype)
    sources = source.reshape(-1, *source.shape[source.ndim - n_axes :])
    targets = out.reshape(-1, *shape_out)
    available = checks.threads(n_threads)
    if len(sources) == 1:
        one(sources[0], targets[0], threads_for(L, available))
    else:
        each(lambda i: one(sources[i], targets[i], 1), len(sources), available)
    return out


def threads_for(L: int, available: int) -> int:
    """Threads worth giving to one transform at band-limit ``L``."""
    return available if L >= _MIN_L_FOR_THREADS else 1
