"""Deforming signals: moving every point of the sphere a little, smoothly and invertibly."""

from __future__ import annotations

from functools import lru_cache
from math import ceil

import ducc0
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from .._util.threads import each
from .coefficients import as_alm, band_limit, harmonic, one_signal, truncate
from .grids.grid import Grid
from .transforms import forward, inverse

_MAX_POTENTIAL_L = 32
# Rings of the grid on which the greatest gradient and folds are looked for.
_MIN_RINGS = 64
_RINGS_PER_DEGREE = 8
_EPSILON = 1e-12  # of values between the samples


def deform(
    alm: ArrayLike,
    size: float,
    potential: ArrayLike | None = None,
    *,
    oversampling: float = 2.0,
    n_threads: int | None = None,
) -> NDArray[np.complex128]:
    r"""A signal after a smooth deformation of the sphere.

    .. math:: (D f)(\omega) = f(\zeta(\omega)), \qquad
              \zeta(\omega) = \exp_\omega(s\, \nabla h(\omega))
                            = \cos(s|\nabla h|)\, \omega
                            + \sin(s|\nabla h|)\, \frac{\nabla h}{|\nabla h|}

    Every point is moved along a great circle in the direction of the gradient of a potential
    :math:`h`, by at most the angle :math:`s`: the greatest gradient is scaled to 1.

    Parameters
    ----------
    alm : array (..., L(L+1)/2), complex
        The signal :math:`f`, or a batch of them.
    size : float
        :math:`s`, the greatest angle by which a point moves, radians. 0 is the identity.
    potential : array (n,), complex, optional
        :math:`h` as coefficients of band-limit at most 32; only its shape counts. By default a
        fixed one of degrees 1 to 3, which allows sizes up to 0.4.
    oversampling : float, default 2.0
        Rings of the Gauss-Legendre grid on which the deformed signal is sampled, over its
        band-limit. At least 1.
    n_threads : int, optional
        As of `rotate`.

    Returns
    -------
    array (..., L(L+1)/2), complex128

    Raises
    ------
    TypeError, ValueError
        ``alm`` or ``potential`` is no valid set of coefficients; the potential is constant, or has
        too high a band-limit; ``size`` is negative, or so large that the sphere folds onto
        itself.

    Notes
    -----
    The values :math:`f(\zeta(\omega))` are exact to 1e-12 of the signal's norm. Their analysis is
    approximate, for the deformed signal has no band-limit: what lies at degrees of L and above is
    left out, and what is above the grid's band-limit aliases. Measured for white noise at
    ``L = 64``, the worst case, with the default potential:

    =========================  =======  =======  =======
    size                       0.05     0.1      0.3
    =========================  =======  =======  =======
    energy that is left out    3 %      7 %      16 %
    aliased, oversampling 1    4e-2     8e-2     2e-1
    aliased, oversampling 2    3e-13    2e-13    2e-13
    =========================  =======  =======  =======

    The second and third row are distances to an oversampling of 4, over the signal's norm.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> relief = st.signals.earth_relief(32)
    >>> np.allclose(st.deform(relief, 0.0), relief)
    True
    >>> moved = st.deform(relief, 0.1)
    >>> bool(0.1 < np.sqrt(st.energy(moved - relief) / st.energy(relief)) < 0.3)
    True
    """
    alm = as_alm(alm)
    L = band_limit(alm)
    size = checks.real("size", size, minimum=0.0)
    oversampling = checks.real("oversampling", oversampling, minimum=1.0)
    components = displacement(potential)
    _refuse_folds(components, size)
    grid = Grid.gauss_legendre(max(ceil(oversampling * L), band_limit(components)))
    x, y, z = moved_points(components, size, grid)
    where = np.stack([np.arctan2(np.hypot(x, y), z), np.arctan2(y, x) % (2 * np.pi)], axis=-1)
    where = where.reshape(-1, 2)
    signals = alm.reshape(-1, alm.shape[-1])
    out = np.empty_like(signals)
    threads = checks.threads(n_threads)
    per_signal = threads if len(signals) == 1 else 1

    def one(i: int) -> None:
        values = ducc0.sht.synthesis_general(
            alm=signals[i : i + 1], loc=where, spin=0, lmax=L - 1, epsilon=_EPSILON,
            nthreads=per_signal,
        )  # fmt: skip
        out[i] = truncate(forward(values.reshape(grid.shape), grid, n_threads=per_signal), L)

    each(one, len(signals), threads)
    return out.reshape(alm.shape)


def displacement(potential: ArrayLike | None = None) -> NDArray[np.complex128]:
    r"""The field :math:`\nabla h`, scaled to a greatest length of 1, by its components.

    Parameters
    ----------
    potential : array (L(L+1)/2,), complex, optional
        As for `deform`.

    Returns
    -------
    array (3, (L+1)(L+2)/2), complex128
        Coefficients of the components along x, y and z, which have a band-limit one higher than
        the potential: a gradient on the sphere, seen in space, is as smooth as a signal.

    Raises
    ------
    TypeError, ValueError
        As `deform`.

    Notes
    -----
    Exact, but for the scale: the greatest length is looked for on a grid of at least 64 rings,
    where its error is below 1e-3.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> field = st.displacement(st.signals.harmonic(2, 1, 0))  # h = z: towards the north pole
    >>> v = st.inverse(field, st.Grid.gauss_legendre(65))
    >>> print(f"{v[2, 32, 0]:.2f} on the equator, {v[2, 0, 0]:.2f} at the pole")
    1.00 on the equator, 0.00 at the pole
    """
    if potential is None:
        return _default_displacement()
    h = one_signal(potential, name="potential")
    L = band_limit(h)
    if L > _MAX_POTENTIAL_L:
        raise ValueError(f"potential must have a band-limit of at most 32, got {L}")
    grid = Grid.gauss_legendre(_rings(L + 1))
    theta, phi = grid.mesh()
    along_theta, along_phi = _gradient(h, grid)
    east = np.stack([-np.sin(phi), np.cos(phi), np.zeros_like(phi)])
    south = np.stack([np.cos(theta) * np.cos(phi), np.cos(theta) * np.sin(phi), -np.sin(theta)])
    components = truncate(forward(along_theta * south + along_phi * east, grid), L + 1)
    greatest = np.hypot(along_theta, along_phi).max()
    if not greatest > 0:
        raise ValueError("potential must not be constant: it moves nothing")
    return np.ascontiguousarray(components / greatest)


def stretch(size: float, potential: ArrayLike | None = None) -> tuple[float, float]:
    r"""By which factors a deformation changes short distances: the least and the greatest.

    The singular values of the differential of :math:`\zeta`, the map by which `deform` moves the
    points. A rotation has 1 and 1. The greatest departure from 1 is to a deformation of the sphere
    what the greatest gradient of the displacement is to one of the plane.

    Parameters
    ----------
    size, potential
        As for `deform`.

    Returns
    -------
    least, greatest : float
        Of all points and directions, no unit.

    Raises
    ------
    TypeError, ValueError
        ``size`` or ``potential`` is not valid, see `deform`; or the sphere folds onto itself.

    Notes
    -----
    Derivatives are exact; the extremes are looked for on a grid of at least 64 rings, where their
    departure from 1 is exact to 1e-3 of itself.

    Examples
    --------
    Towards the north pole by s sin(theta), colatitudes shrink to theta - s sin(theta): by 1 - s at
    the north pole, by 1 + s at the south pole.

    >>> import sphere_toolkit as st
    >>> least, greatest = st.stretch(0.1, st.signals.harmonic(2, 1, 0))
    >>> print(f"{least:.3f} {greatest:.3f}")
    0.900 1.100
    """
    size = checks.real("size", size, minimum=0.0)
    components = displacement(potential)
    _refuse_folds(components, size)
    factors = np.linalg.svd(_differential(components, size)[1], compute_uv=False)
    return float(factors.min()), float(factors.max())


@lru_cache(maxsize=1)
def _default_displacement() -> NDArray[np.complex128]:
    potential = harmonic(4, 1, 1) + harmonic(4, 2, 1) + harmonic(4, 2, -2) + harmonic(4, 3, -2)
    components = displacement(potential + 0.7 * harmonic(4, 3, 3))
    components.flags.writeable = False
    return components


def moved_points(
    components: NDArray[np.complex128], size: float, grid: Grid
) -> NDArray[np.float64]:
    """Where the points of a grid go, as unit vectors ``(3, *grid.shape)``."""
    theta, phi = grid.mesh()
    sine = np.sin(theta)
    start = np.stack([sine * np.cos(phi), sine * np.sin(phi), np.cos(theta)])
    v = inverse(components, grid)
    angle = size * np.linalg.norm(v, axis=0)
    return np.cos(angle) * start + size * np.sinc(angle / np.pi) * v


def _refuse_folds(components: NDArray[np.complex128], size: float) -> None:
    if not _least_area(components, size) > 0:
        raise ValueError(
            f"size must be small enough for the deformation to be invertible, got {size}, where "
            "the sphere folds onto itself"
        )


def _least_area(components: NDArray[np.complex128], size: float) -> float:
    """The least factor by which an area grows; where it is not positive, the sphere folds."""
    moved, derivatives = _differential(components, size)
    # The triple product of the moved point and the derivatives of its place.
    columns = np.concatenate([moved[..., None], derivatives], axis=-1)
    return float(np.linalg.det(columns).min())


def _differential(
    components: NDArray[np.complex128], size: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Moved points ``(..., 3)``, and their derivatives southwards and eastwards ``(..., 3, 2)``."""
    grid = Grid.gauss_legendre(_rings(band_limit(components)))
    moved = moved_points(components, size, grid)
    derivatives = np.stack([_gradient(one, grid) for one in forward(moved, grid)])
    return np.moveaxis(moved, 0, -1), np.moveaxis(derivatives, (0, 1), (-2, -1))


def _gradient(alm: NDArray[np.complex128], grid: Grid) -> NDArray[np.float64]:
    """Derivatives by colatitude and, divided by its sine, by longitude of a signal."""
    rings, longitudes = grid.shape
    derivatives: NDArray[np.float64] = ducc0.sht.synthesis_2d(
        alm=alm[None], spin=1, lmax=band_limit(alm) - 1, geometry="GL", ntheta=rings,
        nphi=longitudes, mode="DERIV1",
    )  # fmt: skip
    return derivatives


def _rings(L: int) -> int:
    return max(_MIN_RINGS, _RINGS_PER_DEGREE * L)
