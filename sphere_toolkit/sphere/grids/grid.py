"""Sampling of the sphere: where the samples of a signal lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import ducc0
import numpy as np
from numpy.typing import NDArray

from ..._util import checks
from .rings import Rings, areas, colatitudes

EQUIANGULAR = ("clenshaw-curtis", "fejer")
SIZED = ("gauss-legendre", *EQUIANGULAR)
"""Schemes with any number of rings and longitudes, and any first longitude."""
SCHEMES = ("gauss-legendre", "mcewen-wiaux", *EQUIANGULAR, "healpix")
EXACT_SCHEMES = SCHEMES[:-1]


@dataclass(frozen=True, repr=False)
class Grid:
    r"""A sampling of the sphere that carries signals of band-limit ``L``.

    Make one with `Grid.gauss_legendre`, `Grid.equiangular` (latitudes and longitudes at even
    steps, as of ERA5 or of a panorama), `Grid.mcewen_wiaux` or `Grid.healpix`. Grids are
    immutable, hashable and equal when they sample alike.

    Parameters
    ----------
    scheme : {"gauss-legendre", "mcewen-wiaux", "clenshaw-curtis", "fejer", "healpix"}
        The third and the fourth are the equiangular grids with poles and without.
    L : int
        Band-limit: signals with degrees :math:`0 \le \ell < L`.
    nside : int, optional
        Resolution of a HEALPix grid; None for the others.
    n_theta, n_phi : int, optional
        Rings and longitudes of an equiangular or Gauss-Legendre grid, by default ``2L`` longitudes
        and the fewest rings that carry ``L``; None for the others, and for a Gauss-Legendre grid
        that has just those.
    phi0 : float, default 0
        Longitude of the first column of an equiangular or Gauss-Legendre grid, in radians.

    Raises
    ------
    TypeError
        ``L``, ``nside``, ``n_theta`` or ``n_phi`` is not an integer, or ``phi0`` no number.
    ValueError
        The scheme is unknown, a number is out of range, or the scheme has no such parameter.

    Notes
    -----
    ================  ======================  ================================================
    scheme            shape of the samples    harmonic transforms
    ================  ======================  ================================================
    Gauss-Legendre    ``(L, 2L)``, or others  exact; the fastest
    McEwen-Wiaux      ``(L, 2L - 1)``         exact; the sampling of pyssht ("MW")
    Clenshaw-Curtis   ``(n_theta, n_phi)``    exact; equiangular, with rings on both poles
    Fejér             ``(n_theta, n_phi)``    exact; equiangular, centres of the pixels of an image
    HEALPix           ``(12 nside**2,)``      approximate; equal-area pixels
    ================  ======================  ================================================

    A shape alone does not tell the scheme: ``(180, 360)`` fits Gauss-Legendre and Fejér, whose
    first rings lie 0.26° apart. So nothing here guesses a grid from a shape.

    Sources: McEwen & Wiaux 2011 for the second; Huffenberger & Wandelt 2010 for the third and the
    fourth, see `equiangular`; Górski et al. 2005 for the last.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.Grid.gauss_legendre(64)
    Grid(gauss-legendre, L=64, 64 x 128 samples, exact)
    >>> st.Grid.equiangular(721, 1440)
    Grid(clenshaw-curtis, L=720, 721 x 1440 samples, exact)
    >>> st.Grid.healpix(32).exact
    False
    """

    scheme: str
    L: int
    nside: int | None = None
    n_theta: int | None = None
    n_phi: int | None = None
    phi0: float = 0.0

    def __post_init__(self) -> None:
        checks.choice("scheme", self.scheme, SCHEMES)
        object.__setattr__(self, "L", checks.integer("L", self.L, 1))
        own_size = (self.n_theta, self.n_phi, self.phi0) != (None, None, 0)
        if self.scheme in EQUIANGULAR or (own_size and self.scheme in SIZED):
            self._check_size()
        elif own_size:
            raise ValueError(
                "n_theta, n_phi and phi0 belong to equiangular and Gauss-Legendre grids only, got "
                f"{self.n_theta!r}, {self.n_phi!r} and {self.phi0!r}"
            )
        if self.scheme == "healpix":
            nside = checks.integer("nside", self.nside, 1)
            # Beyond this there are more coefficients than the sampling can tell apart.
            checks.integer("L", self.L, 1, maximum=3 * nside, given=f"nside={nside}")
            object.__setattr__(self, "nside", nside)
        elif self.nside is not None:
            raise ValueError(f"nside belongs to HEALPix grids only, got {self.nside!r}")

    def _check_size(self) -> None:
        """Fill in and check the size and the first longitude of a grid that may have any."""
        poles = int(self.scheme == EQUIANGULAR[0])
        sizes = {"n_theta": (self.n_theta, self.L + poles, 1 + poles)}
        sizes["n_phi"] = (self.n_phi, 2 * self.L, 1)
        for name, (given, least, minimum) in sizes.items():
            size = least if given is None else checks.integer(name, given, minimum)
            object.__setattr__(self, name, size)
        n_theta, n_phi = self.shape
        checks.integer(
            "L", self.L, 1, maximum=min(n_theta - poles, (n_phi + 1) // 2),
            given=f"n_theta={n_theta} and n_phi={n_phi}",
        )  # fmt: skip
        phi0 = checks.real("phi0", self.phi0) % (2 * np.pi)
        object.__setattr__(self, "phi0", phi0 if phi0 < 2 * np.pi else 0.0)
        if self.scheme not in EQUIANGULAR and (*self.shape, self.phi0) == (self.L, 2 * self.L, 0):
            object.__setattr__(self, "n_theta", None)  # one grid, however it is named
            object.__setattr__(self, "n_phi", None)

    @classmethod
    def gauss_legendre(
        cls, L: int, *, n_theta: int | None = None, n_phi: int | None = None, phi0: float = 0.0
    ) -> Grid:
        """Rings at Gauss-Legendre nodes: exact and fast.

        Parameters
        ----------
        L : int
            Band-limit, at most ``min(n_theta, (n_phi + 1) // 2)``.
        n_theta, n_phi : int, optional
            Rings and longitudes, ``L`` and ``2L`` by default. With others, as the grids of weather
            models have them, the transform is as exact, but not as fast.
        phi0 : float, default 0
            Longitude of the first column in radians.

        Returns
        -------
        Grid

        Raises
        ------
        TypeError, ValueError
            A size or ``L`` is no integer or out of range, ``phi0`` no number.

        Examples
        --------
        >>> import sphere_toolkit as st
        >>> st.Grid.gauss_legendre(94, n_phi=192)  # the NCEP reanalysis (T62)
        Grid(gauss-legendre, L=94, 94 x 192 samples, exact)
        """
        return cls("gauss-legendre", L, None, n_theta, n_phi, phi0)

    @classmethod
    def mcewen_wiaux(cls, L: int) -> Grid:
        """``L`` equiangular rings (the last is the south pole), ``2L - 1`` longitudes: exact."""
        return cls("mcewen-wiaux", L)

    @classmethod
    def equiangular(
        cls,
        n_theta: int,
        n_phi: int,
        poles: bool = True,
        *,
        phi0: float = 0.0,
        L: int | None = None,
    ) -> Grid:
        r"""Latitudes and longitudes at even steps, north first: exact below its band-limit.

        With poles the rings lie at :math:`\theta_t = \pi t / (n_\theta - 1)`, the first and the
        last on the poles (ERA5: 721 x 1440). Without, they lie at
        :math:`\theta_t = \pi (t + 1/2) / n_\theta`, at the centres of the pixels of an image of
        the whole sphere. Columns lie at :math:`\varphi_0 + 2\pi p / n_\varphi`.

        Parameters
        ----------
        n_theta : int
            Rings: at least 2 with poles, 1 without.
        n_phi : int
            Longitudes, at least 1, odd or even.
        poles : bool, default True
        phi0 : float, default 0
            Longitude of the first column in radians. The pixels of an image have their centres half
            a step beyond its left edge: ``np.pi / n_phi`` if this edge lies at longitude 0,
            ``np.pi / n_phi - np.pi`` if it is the date line.
        L : int, optional
            Band-limit, by default the highest that is exact,
            ``min(n_theta - poles, (n_phi + 1) // 2)``. With a lower one, `forward` gives the lower
            degrees of a signal of the highest, and these are exact too.

        Returns
        -------
        Grid
            Of the scheme "clenshaw-curtis" with poles, "fejer" without.

        Raises
        ------
        TypeError, ValueError
            A size or ``L`` is no integer or out of range, ``poles`` no bool, ``phi0`` no number.

        Notes
        -----
        The `weights` of ``n`` rings integrate degrees up to ``n - 1`` exactly. They could analyse
        a signal of about ``n / 2`` degrees, since its products with harmonics have twice as many.
        The transform does not stop there: it evaluates each meridian, a trigonometric polynomial on
        the circle through both poles, at twice as many rings, which is exact, and integrates
        there. Tests measure the round trip at 721 x 1440, and what the weights alone would carry.
        The sampling theorem: Huffenberger & Wandelt 2010; engine: ducc0.

        Examples
        --------
        >>> import numpy as np, sphere_toolkit as st
        >>> era5 = st.Grid.equiangular(721, 1440)
        >>> era5.L, np.degrees(era5.theta[[0, 1, -1]]).round(10).tolist()
        (720, [0.0, 0.25, 180.0])
        >>> image = st.Grid.equiangular(180, 360, poles=False, phi0=np.pi / 360 - np.pi)
        >>> image.L, np.degrees(image.theta[0]).item(), np.degrees(image.phi[0]).item()
        (180, 0.5, 180.5)
        """
        checks.choice("poles", poles, (True, False))
        n_theta = checks.integer("n_theta", n_theta, 1 + poles)
        n_phi = checks.integer("n_phi", n_phi, 1)
        if L is None:
            L = min(n_theta - poles, (n_phi + 1) // 2)
        return cls(EQUIANGULAR[0 if poles else 1], L, None, n_theta, n_phi, phi0)

    @classmethod
    def healpix(cls, nside: int, L: int | None = None) -> Grid:
        """HEALPix pixels in RING order; ``L`` defaults to ``2 * nside``. Approximate."""
        nside = checks.integer("nside", nside, 1)
        return cls("healpix", 2 * nside if L is None else L, nside)

    def __repr__(self) -> str:
        resolution = f"nside={self.nside}, " if self.nside else ""
        start = f", phi0={self.phi0!r}" if self.phi0 else ""
        samples = " x ".join(map(str, self.shape))
        quality = "exact" if self.exact else "approximate"
        return f"Grid({self.scheme}, {resolution}L={self.L}, {samples} samples{start}, {quality})"

    @property
    def exact(self) -> bool:
        """Whether forward and inverse transforms are exact for band-limited signals."""
        return self.scheme in EXACT_SCHEMES

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one signal's samples."""
        if self.nside is not None:
            return (12 * self.nside**2,)
        if self.n_theta is not None and self.n_phi is not None:
            return (self.n_theta, self.n_phi)
        return (self.L, 2 * self.L - (self.scheme == "mcewen-wiaux"))

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return int(np.prod(self.shape))

    @cached_property
    def theta(self) -> NDArray[np.float64]:
        """Colatitudes in [0, pi], one per ring, or one per pixel on HEALPix. Read-only."""
        if self.scheme == "healpix":
            return _read_only(np.repeat(self.rings.theta, self.rings.nphi.astype(np.int64)))
        return _read_only(colatitudes(self.scheme, self.shape[0]))

    @cached_property
    def phi(self) -> NDArray[np.float64]:
        """Longitudes in [0, 2 pi), one per column, or one per pixel on HEALPix. Read-only."""
        if self.scheme != "healpix":
            n = self.shape[1]
            phi = self.phi0 + 2 * np.pi * np.arange(n) / n
            return _read_only(np.where(phi < 2 * np.pi, phi, phi - 2 * np.pi))
        nphi = self.rings.nphi.astype(np.int64)
        index = np.arange(self.n_samples) - np.repeat(self.rings.ringstart.astype(np.int64), nphi)
        return _read_only(
            np.repeat(self.rings.phi0, nphi) + index * np.repeat(2 * np.pi / nphi, nphi)
        )

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        r"""Solid angle that a sample stands for: one number per ring, or per pixel. Read-only.

        .. math:: \int_{S^2} f(\omega)\, d\omega \approx \sum_{t,p} w_t\, f_{tp}

        in steradians, of the shape of `theta`; the weights of all samples add up to
        :math:`4\pi`. On ``n`` rings the sum is exact for degrees below ``2 n`` at Gauss-Legendre
        nodes and below ``n`` on the other rings, as long as no order reaches the number of
        longitudes. On HEALPix it is approximate, with equal weights.

        Examples
        --------
        >>> import numpy as np, sphere_toolkit as st
        >>> grid = st.Grid.gauss_legendre(16)
        >>> theta, phi = grid.mesh()
        >>> integral = (grid.weights[:, None] * np.cos(theta) ** 2).sum()
        >>> round(float(integral / (4 * np.pi)), 12)
        0.333333333333
        """
        if self.scheme == "healpix":
            return _read_only(np.full(self.shape, 4 * np.pi / self.n_samples))
        n_rings, n_longitudes = self.shape
        return _read_only(areas(self.scheme, n_rings) / n_longitudes)

    def mesh(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Colatitude and longitude of every sample, both of shape `shape`. Read-only.

        Examples
        --------
        >>> import numpy as np, sphere_toolkit as st
        >>> theta, phi = st.Grid.gauss_legendre(4).mesh()
        >>> np.cos(theta).shape
        (4, 8)
        """
        if self.scheme == "healpix":
            return self.theta, self.phi
        return (
            np.broadcast_to(self.theta[:, None], self.shape),
            np.broadcast_to(self.phi[None, :], self.shape),
        )

    @cached_property
    def rings(self) -> Rings:
        """The grid as iso-latitude rings, in the terms of ducc0."""
        if self.nside is not None:
            info = ducc0.healpix.Healpix_Base(self.nside, "RING").sht_info()
            return Rings(info["theta"], info["phi0"], info["nphi"], info["ringstart"])
        n_rings, n_longitudes = self.shape
        return Rings(
            self.theta,
            np.full(n_rings, self.phi0),
            np.full(n_rings, n_longitudes, np.uint64),
            np.arange(n_rings, dtype=np.uint64) * np.uint64(n_longitudes),
        )


def same_points(a: Grid, b: Grid) -> bool:
    """Whether two grids have the same points; their band-limits may differ."""
    apart = abs(np.exp(1j * (a.phi0 - b.phi0)) - 1)  # first longitudes, perhaps of rounded degrees
    return (a.scheme, a.shape) == (b.scheme, b.shape) and apart < 1e-6


def _read_only(array: NDArray) -> NDArray:
    array.flags.writeable = False
    return array
