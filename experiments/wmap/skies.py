"""WMAP's sky and simulations of it, and what is measured of either."""

from __future__ import annotations

from functools import lru_cache

import ducc0
import numpy as np
from numpy.typing import NDArray

import sphere_toolkit as st
from sphere_toolkit.pipeline.sources.tables import read_samples, table

L, NSIDE, L_SKY, NSIDE_SKY = 64, 32, 192, 64
"""Band-limit and pixels of the analysis; of the skies that are simulated."""
GRID = st.Grid.healpix(NSIDE, L)
_GRID_SKY = st.Grid.healpix(NSIDE_SKY, L_SKY)
BANDS = ("V", "W")
FWHM = {"V": 0.35, "W": 0.22}
"""Of the beam, degrees."""
NOISE = {"V": 3.97, "W": 5.43}
"""Of a pixel of nside 32, microkelvin, alike in all and independent of each other: what the columns
Q_STOKES and U_STOKES of the released files hold outside the mask at degrees 40 to 63, over the root
of 2. They have no power from the sky to speak of there. The difference of the two bands gives the
same within a few per cent, see ``noise`` in the result."""
SCATTER = st.ScatteringTransform(L, J_min=3, n_threads=1)
_SQUARES = st.ScatteringTransform(L, J_min=3, depth=1, nonlinearity="square", n_threads=1)
EVERYTHING = st.masks.Mask(np.ones(GRID.shape), GRID)
N_PATHS, N_SCALES = len(SCATTER.paths), len(_SQUARES.paths) - 1
N_RAW = 2 * N_PATHS + N_SCALES + L
N_SOURCES = 600
"""Point sources on the sphere, in skies that have them."""
PIVOT = 30
"""Degree at which a tilt leaves the spectrum as it is."""


@lru_cache(maxsize=1)
def mask() -> st.masks.Mask:
    """WMAP's temperature mask: 62 % of the sky are kept."""
    return st.masks.read(st.data.path("wmap_mask.fits"))


@lru_cache(maxsize=2)
def wmap(band: str) -> NDArray[np.float64]:
    """The map of a band, in microkelvin."""
    with table(str(st.data.path(f"wmap_{band.lower()}_whole.fits")), None) as found:
        return 1e3 * np.asarray(read_samples(found, 0), np.float64)  # mK; in RING order


@lru_cache(maxsize=1)
def _prior() -> NDArray[np.float64]:
    """The spectrum that the holes are filled with."""
    return st.cmb.angular_power_spectrum(L) * st.pixel_window(NSIDE, L) ** 2


@lru_cache(maxsize=2)
def _window(band: str) -> NDArray[np.float64]:
    """Beam and pixels of the simulated sky; its own average over larger pixels follows."""
    one = np.ones(st.n_coefficients(L_SKY), complex)
    zonal = np.arange(L_SKY)  # the coefficients of order 0 come first
    beam = st.smooth(one, np.radians(FWHM[band])).real[zonal]
    return beam * st.pixel_window(NSIDE_SKY, L_SKY)


@lru_cache(maxsize=1)
def _local() -> st.cmb.LocalNonGaussianity:
    return st.cmb.LocalNonGaussianity(L_SKY)


def skies(
    kind: str, levels: tuple[float, ...], rng: np.random.Generator
) -> list[NDArray[np.complex128]]:
    """One sky of a kind for each level, all of the same random numbers; band-limit ``L_SKY``."""
    if kind == "point sources":
        seed = int(rng.integers(2**63))
        return [st.cmb.poisson_sources(L_SKY, level, N_SOURCES, seed) for level in levels]
    if kind == "f_NL":
        gaussian, quadratic = _local()(rng)
        return [gaussian + level * quadratic for level in levels]
    gaussian = st.cmb.gaussian(L_SKY, rng)
    ell = np.maximum(st.degrees(L_SKY), 1)
    if kind == "amplitude":
        return [np.sqrt(1 + level) * gaussian for level in levels]
    if kind == "tilt":
        return [(ell / PIVOT) ** (level / 2) * gaussian for level in levels]
    return [gaussian for _ in levels]


def observed(sky: NDArray, band: str, noise: NDArray) -> NDArray[np.float64]:
    """The map of a sky in a band: beam, pixels, and ``noise`` of unit variance."""
    fine = st.inverse(st.smooth(sky, _window(band)), _GRID_SKY, n_threads=1)
    return averaged(fine) + NOISE[band] * noise


def averaged(fine: NDArray) -> NDArray[np.float64]:
    """A map averaged from the pixels of ``NSIDE_SKY`` over those of ``NSIDE``, in RING order."""
    small, large = (ducc0.healpix.Healpix_Base(nside, "NEST") for nside in (NSIDE_SKY, NSIDE))
    out = np.empty(large.npix())
    nested = fine[small.nest2ring(np.arange(small.npix()))]
    out[large.nest2ring(np.arange(large.npix()))] = nested.reshape(large.npix(), -1).mean(axis=1)
    return out


def filled(f: NDArray, seed: int | None = None) -> NDArray[np.float64]:
    """A map without monopole and dipole, its holes filled; with a seed, in another way."""
    clean = st.masks.remove_dipole(f, mask())
    return st.masks.fill(clean, mask(), _prior(), seed=seed, n_threads=1)


def raw(f: NDArray, fill: NDArray | None = None) -> NDArray[np.float64]:
    """What is measured of a map, shape ``(N_RAW,)``.

    Means and second moments of every path; mean squares of the wavelet coefficients of every scale;
    the pseudo-spectrum, over the share of the sky. Outside the mask if there is a ``fill`` for it,
    else of the whole sphere.
    """
    where = None if fill is None else mask()
    region = EVERYTHING if where is None else where
    clean = st.masks.remove_dipole(f, region)
    whole = clean if fill is None else np.where(region.keeps, clean, fill)
    # With a mask, forward does not warn that pixels hold degrees beyond L.
    alm, cut = st.forward(np.stack([whole, clean]), GRID, mask=EVERYTHING, n_threads=1)
    S = SCATTER(alm, mask=where)
    sizes = _SQUARES(alm, mask=where).means()[1:]
    spectrum = st.power_spectrum(cut) / region.fraction
    return np.concatenate([S.means(), S.second_moments(), sizes, spectrum])


def both(v: NDArray, w: NDArray, seed: int | None = None) -> NDArray[np.float64]:
    """`raw` of V and W outside the mask, and of W whole, shape ``(3, N_RAW)``.

    Both bands see one sky, so that the fill of W, which costs most, serves V too.
    """
    fill = filled(w, seed)
    return np.stack([raw(v, fill), raw(w, fill), raw(w)])


@lru_cache(maxsize=1)
def galaxy() -> NDArray[np.float64]:
    """What W has inside the mask beyond a fill of the sky: the Galaxy, in microkelvin."""
    monopole, dipole = st.masks.fit_dipole(wmap("W"), mask())
    theta, phi = GRID.mesh()
    ways = [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)]
    large = monopole + dipole @ np.stack(ways)
    return np.where(mask().keeps, 0.0, wmap("W") - large - filled(wmap("W")))


def measure(
    kind: str, seed: int, start: int, stop: int, levels: tuple[float, ...] = (0.0,)
) -> tuple[NDArray[np.float64], ...]:
    """`raw` of the simulated skies ``start .. stop - 1`` of a kind.

    Gaussian skies give ``(n, 3, N_RAW)``: V and W outside the mask, and W whole. The others give
    ``(n, len(levels), N_RAW)``: W outside the mask; with the Galaxy, W whole, with a share
    ``level`` of what the Galaxy adds to it.
    """
    rows = []
    for i in range(start, stop):
        rng = np.random.default_rng((seed, i))
        noise = dict(zip(BANDS, rng.standard_normal((len(BANDS), GRID.n_samples)), strict=True))
        found = skies(kind, levels, rng)
        if kind == "Gaussian":
            v, w = (observed(found[0], band, noise[band]) for band in BANDS)
            rows.append(both(v, w))
            continue
        maps = [observed(sky, "W", noise["W"]) for sky in found]
        if kind == "Galaxy":
            row = [raw(f + level * galaxy()) for f, level in zip(maps, levels, strict=True)]
        else:
            row = [raw(f, filled(f)) for f in maps]
        rows.append(np.stack(row))
    return (np.stack(rows),)
