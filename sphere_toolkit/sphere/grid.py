"""Sampling of the sphere: where the samples of a signal lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import ducc0
import numpy as np
from numpy.typing import NDArray

from .._util import checks

SCHEMES = ("gauss-legendre", "mcewen-wiaux", "healpix")
EXACT_SCHEMES = SCHEMES[:2]


class Rings(NamedTuple):
    """Iso-latitude rings as the harmonic transforms of ducc0 want them."""

    theta: NDArray[np.float64]
    phi0: NDArray[np.float64]
    nphi: NDArray[np.uint64]
    ringstart: NDArray[np.uint64]


@dataclass(frozen=True, repr=False)
class Grid:
    r"""A sampling of the sphere that carries signals of band-limit ``L``.

    Make one with `Grid.gauss_legendre`, `Grid.mcewen_wiaux` or `Grid.healpix`. Grids are
    immutable, hashable and equal when they sample alike.

    Parameters
    ----------
    scheme : {"gauss-legendre", "mcewen-wiaux", "healpix"}
    L : int
        Band-limit: signals with degrees :math:`0 \le \ell < L`.
    nside : int, optional
        Resolution of a HEALPix grid; None for the others.

    Raises
    ------
    TypeError
        ``L`` or ``nside`` is not an integer.
    ValueError
        The scheme is unknown, or ``L`` or ``nside`` is out of range.

    Notes
    -----
    ================  ======================  =====================================
    scheme            shape of the samples    harmonic transforms
    ================  ======================  =====================================
    Gauss-Legendre    ``(L, 2L)``             exact; the fastest
    McEwen-Wiaux      ``(L, 2L - 1)``         exact; the sampling of pyssht ("MW")
    HEALPix           ``(12 nside**2,)``      approximate; equal-area pixels
    ================  ======================  =====================================

    Sources: McEwen & Wiaux 2011 for the second, Górski et al. 2005 for the third.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.Grid.gauss_legendre(64)
    Grid(gauss-legendre, L=64, 64 x 128 samples, exact)
    >>> st.Grid.healpix(32).exact
    False
    """

    scheme: str
    L: int
    nside: int | None = None

    def __post_init__(self) -> None:
        checks.choice("scheme", self.scheme, SCHEMES)
        object.__setattr__(self, "L", checks.integer("L", self.L, 1))
        if self.scheme == "healpix":
            nside = checks.integer("nside", self.nside, 1)
            # Beyond this there are more coefficients than the sampling can tell apart.
            checks.integer("L", self.L, 1, maximum=3 * nside, given=f"nside={nside}")
            object.__setattr__(self, "nside", nside)
        elif self.nside is not None:
            raise ValueError(f"nside belongs to HEALPix grids only, got {self.nside!r}")

    @classmethod
    def gauss_legendre(cls, L: int) -> Grid:
        """``L`` rings at the Gauss-Legendre nodes, ``2L`` longitudes each: exact and fast."""
        return cls("gauss-legendre", L)

    @classmethod
    def mcewen_wiaux(cls, L: int) -> Grid:
        """``L`` equiangular rings (the last is the south pole), ``2L - 1`` longitudes: exact."""
        return cls("mcewen-wiaux", L)

    @classmethod
    def healpix(cls, nside: int, L: int | None = None) -> Grid:
        """HEALPix pixels in RING order; ``L`` defaults to ``2 * nside``. Approximate."""
        nside = checks.integer("nside", nside, 1)
        return cls("healpix", 2 * nside if L is None else L, nside)

    def __repr__(self) -> str:
        resolution = f"nside={self.nside}, " if self.nside else ""
        samples = " x ".join(map(str, self.shape))
        quality = "exact" if self.exact else "approximate"
        return f"Grid({self.scheme}, {resolution}L={self.L}, {samples} samples, {quality})"

    @property
    def exact(self) -> bool:
        """Whether forward and inverse transforms are exact for band-limited signals."""
        return self.scheme in EXACT_SCHEMES

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one signal's samples."""
        if self.nside is not None:
            return (12 * self.nside**2,)
        return (self.L, 2 * self.L - (self.scheme == "mcewen-wiaux"))

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return int(np.prod(self.shape))

    @cached_property
    def theta(self) -> NDArray[np.float64]:
        """Colatitudes in [0, pi], one per ring, or one per pixel on HEALPix. Read-only."""
        if self.scheme == "gauss-legendre":
            theta = ducc0.misc.GL_thetas(self.L)
        elif self.scheme == "mcewen-wiaux":
            theta = np.pi * (2 * np.arange(self.L) + 1) / (2 * self.L - 1)
        else:
            theta = np.repeat(self.rings.theta, self.rings.nphi.astype(np.int64))
        return _read_only(theta)

    @cached_property
    def phi(self) -> NDArray[np.float64]:
        """Longitudes in [0, 2 pi), one per column, or one per pixel on HEALPix. Read-only."""
        if self.scheme != "healpix":
            n = self.shape[1]
            return _read_only(2 * np.pi * np.arange(n) / n)
        nphi = self.rings.nphi.astype(np.int64)
        index = np.arange(self.n_samples) - np.repeat(self.rings.ringstart.astype(np.int64), nphi)
        return _read_only(
            np.repeat(self.rings.phi0, nphi) + index * np.repeat(2 * np.pi / nphi, nphi)
        )

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
            np.zeros(n_rings),
            np.full(n_rings, n_longitudes, np.uint64),
            np.arange(n_rings, dtype=np.uint64) * np.uint64(n_longitudes),
        )


def _read_only(array: NDArray) -> NDArray:
    array.flags.writeable = False
    return array
