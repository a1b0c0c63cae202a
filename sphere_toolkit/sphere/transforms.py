"""Spherical harmonic transforms between samples on a grid and coefficients.

Every transform between samples and coefficients in this package goes through
`synthesise` and `analyse`, two thin functions over ducc0 without checks; `forward` and
`inverse` are their checked, batched public faces.
"""

from __future__ import annotations

from collections.abc import Callable

import ducc0
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from .._util.threads import each
from .coefficients import as_alm, band_limit, n_coefficients
from .grid import Grid
from .legendre import (
    fourier,
    inverse_fourier,
    inverse_legendre,
    legendre,
    ring_series,
    ring_series_size,
    ring_weights,
)

# Below this band-limit handing work to a second thread costs more than it saves.
_MIN_L_FOR_THREADS = 256
_HEALPIX_ITERATIONS = 20
_HEALPIX_TOLERANCE = 1e-10
_HEALPIX_WARN_ABOVE = 1e-6


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


def synthesise(alm: NDArray, L: int, grid: Grid, out: NDArray, n_threads: int) -> NDArray:
    """Samples of one signal of band-limit ``L <= grid.L``, written to ``out``. No checks."""
    SYNTHESIS[grid.scheme](alm, L, grid, out, n_threads)
    return out


def analyse(f: NDArray, grid: Grid, L: int, out: NDArray, n_threads: int) -> float:
    """Coefficients of degree below ``L <= grid.L`` of one signal, written to ``out``. No checks.

    Returns how far they are from reproducing the samples, relative to their norm, where the
    quadrature is approximate (HEALPix), and 0 where it is exact.
    """
    residual = ANALYSIS[grid.scheme](f, grid, L, out, n_threads)
    out[:L].imag = 0  # order 0 of a real signal: ducc0 leaves rounding there on some grids
    return residual


def _synthesise_gauss_legendre(
    alm: NDArray, L: int, grid: Grid, out: NDArray, n_threads: int
) -> None:
    rings = ring_series(grid, 1, np.empty(ring_series_size(grid, 1), alm.dtype))
    legendre(alm, L, grid, rings, n_threads)
    fourier(rings, L, out.T, n_threads)


def _analyse_gauss_legendre(f: NDArray, grid: Grid, L: int, out: NDArray, n_threads: int) -> float:
    rings = ring_series(grid, 1, np.empty(ring_series_size(grid, 1), out.dtype))
    inverse_fourier(f.T, ring_weights(grid.L, f.dtype), L, rings, n_threads)
    inverse_legendre(rings, grid, L, out, n_threads)
    return 0.0


def _synthesise_mcewen_wiaux(
    alm: NDArray, L: int, grid: Grid, out: NDArray, n_threads: int
) -> None:
    ducc0.sht.synthesis_2d(
        alm=alm[None], spin=0, lmax=L - 1, geometry="MW", map=out[None], nthreads=n_threads
    )


def _analyse_mcewen_wiaux(f: NDArray, grid: Grid, L: int, out: NDArray, n_threads: int) -> float:
    ducc0.sht.analysis_2d(
        map=f[None], spin=0, lmax=L - 1, geometry="MW", alm=out[None], nthreads=n_threads
    )
    return 0.0


def _synthesise_healpix(alm: NDArray, L: int, grid: Grid, out: NDArray, n_threads: int) -> None:
    ducc0.sht.synthesis(
        alm=alm[None], spin=0, lmax=L - 1, map=out[None], nthreads=n_threads,
        **grid.rings._asdict(),
    )  # fmt: skip


def _analyse_healpix(f: NDArray, grid: Grid, L: int, out: NDArray, n_threads: int) -> float:
    _, _, _, residual, _ = ducc0.sht.pseudo_analysis(
        map=f[None], spin=0, lmax=L - 1, alm=out[None], nthreads=n_threads,
        maxiter=_HEALPIX_ITERATIONS, epsilon=_HEALPIX_TOLERANCE, **grid.rings._asdict(),
    )  # fmt: skip
    return float(residual)


# One entry for each scheme of `Grid`.
SYNTHESIS = {
    "gauss-legendre": _synthesise_gauss_legendre,
    "mcewen-wiaux": _synthesise_mcewen_wiaux,
    "healpix": _synthesise_healpix,
}
ANALYSIS = {
    "gauss-legendre": _analyse_gauss_legendre,
    "mcewen-wiaux": _analyse_mcewen_wiaux,
    "healpix": _analyse_healpix,
}


def forward(f: ArrayLike, grid: Grid, *, n_threads: int | None = None) -> NDArray[np.complex128]:
    r"""Spherical harmonic coefficients of a sampled real signal.

    .. math:: f_{\ell m} = \int_{S^2} f(\omega)\, Y^*_{\ell m}(\omega)\, d\omega

    Parameters
    ----------
    f : array (..., *grid.shape)
        Real samples, any unit. Computed in float64 whatever their type.
    grid : Grid
    n_threads : int, optional
        Threads to use; every core this process may use by default. A batch runs one signal
        per thread.

    Returns
    -------
    array (..., L(L+1)/2), complex128
        Coefficients of the orders m >= 0 in healpy's order, unit of ``f``.

    Raises
    ------
    TypeError
        ``f`` is complex, not numeric, or a quantity with a unit.
    ValueError
        ``f`` does not end in ``grid.shape`` (both are shown), or samples are missing: NaN,
        infinite, masked, or UNSEEN, the mark of HEALPix, also after a change of unit.

    Warns
    -----
    ApproximationWarning
        On HEALPix, once for a whole batch, when the coefficients reproduce a map to worse than
        1e-6; it says how well.

    Notes
    -----
    Exact for band-limited ``f`` on the Gauss-Legendre and McEwen-Wiaux grids: the round trip
    with `inverse` stays below 1e-12 (relative L2) up to L = 2048, which the tests check.
    HEALPix has no exact quadrature; there the least-squares solution is iterated (LSMR,
    at most 20 steps), which recovers band-limited signals with L <= 2 nside to about 1e-10
    and fails to converge towards L = 3 nside. Sources: McEwen & Wiaux 2011; engine:
    Reinecke & Seljebotn 2013 (ducc0).

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.gauss_legendre(16)
    >>> theta, phi = grid.mesh()
    >>> alm = st.forward(np.sin(theta) * np.cos(phi), grid)
    >>> np.flatnonzero(np.abs(alm) > 1e-12), st.degrees(16)[16], st.orders(16)[16]
    (array([16]), np.int64(1), np.int64(1))
    """
    checks.instance("grid", grid, Grid)
    samples = as_samples(f, grid)
    n = n_coefficients(grid.L)
    residuals: list[float] = []

    def one(source: NDArray, target: NDArray, threads: int) -> None:
        residuals.append(analyse(source, grid, grid.L, target, threads))

    alm = _batched(one, samples, len(grid.shape), (n,), np.complex128, grid.L, n_threads)
    worst = max(residuals, default=0.0)
    if worst > _HEALPIX_WARN_ABOVE:
        n_inexact = sum(residual > _HEALPIX_WARN_ABOVE for residual in residuals)
        checks.warn(
            f"HEALPix analysis is approximate: the coefficients at L={grid.L} reproduce "
            f"{n_inexact} of {len(residuals)} maps only up to {worst:.2g} of their norm after "
            f"{_HEALPIX_ITERATIONS} iterations (nside={grid.nside}). The maps have power at higher "
            "degrees, or L is above 2 nside",
            ApproximationWarning,
        )
    return alm


def inverse(alm: ArrayLike, grid: Grid, *, n_threads: int | None = None) -> NDArray[np.float64]:
    r"""Samples of a real signal from its spherical harmonic coefficients.

    .. math:: f(\omega) = \sum_{\ell=0}^{L-1} \sum_{m=-\ell}^{\ell} f_{\ell m}\, Y_{\ell m}(\omega)

    Parameters
    ----------
    alm : array (..., L(L+1)/2), complex
        Coefficients of the orders m >= 0 in healpy's order. Their band-limit may lie below
        that of the grid.
    grid : Grid
    n_threads : int, optional
        As in `forward`.

    Returns
    -------
    array (..., *grid.shape), float64

    Raises
    ------
    TypeError
        ``alm`` is not complex.
    ValueError
        The band-limit of ``alm`` is above that of the grid, or ``alm`` is no valid set of
        coefficients of a real signal.

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
    """
    checks.instance("grid", grid, Grid)
    alm = as_alm(alm)
    L = band_limit(alm)
    if L > grid.L:
        raise ValueError(
            f"alm has band-limit {L}, the grid carries {grid.L}: take a finer grid, or "
            f"truncate(alm, {grid.L}) on purpose"
        )

    def one(source: NDArray, target: NDArray, threads: int) -> None:
        synthesise(source, L, grid, target, threads)

    return _batched(one, alm, 1, grid.shape, np.float64, grid.L, n_threads)


def as_samples(f: ArrayLike, grid: Grid) -> NDArray[np.float64]:
    """``f`` as checked real samples on ``grid``."""
    array = checks.numeric("f", f)
    if array.dtype.kind == "c":
        raise TypeError(
            f"f must be real, got dtype {array.dtype}; coefficients go to inverse(), and a complex "
            "signal is two real ones"
        )
    k = len(grid.shape)
    if array.shape[-k:] != grid.shape:
        raise ValueError(f"f must end in the grid's shape {grid.shape}, got shape {array.shape}")
    array = checks.converted("f", array, np.float64)
    checks.observed("f", array)
    return array


def _batched(
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
