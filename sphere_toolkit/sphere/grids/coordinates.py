"""Which grid latitudes and longitudes in degrees are, and how to bring samples into its order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .grid import EQUIANGULAR, SIZED, Grid
from .rings import colatitudes

# Coordinates are often rounded, to single precision or to a few decimals. In steps of the grid.
_TOLERANCE = 5e-3
_SINGLE = 1e-4  # what single precision alone explains


class Placement(NamedTuple):
    """How samples with rows of latitude and columns of longitude lie on a grid.

    Attributes
    ----------
    grid : Grid
    rows, columns : slice
        What brings the north first and longitudes in their order, eastwards.
    shift : int
        By how much to roll the columns then.
    """

    grid: Grid
    rows: slice
    columns: slice
    shift: int

    def __call__(self, samples: NDArray) -> NDArray:
        """Samples ``(..., latitudes, longitudes)`` in the order of the grid."""
        ordered = samples[..., self.rows, self.columns]
        return np.roll(ordered, self.shift, axis=-1) if self.shift else ordered


def placement(latitude: NDArray, longitude: NDArray, lat: str, lon: str) -> Placement:
    """Find the grid whose rings and columns lie at these coordinates, in degrees.

    Parameters
    ----------
    latitude, longitude : array (n,)
    lat, lon : str
        Their names, for errors.

    Raises
    ------
    ValueError
        There is none.
    """
    rows = slice(None, None, -1 if latitude[0] < latitude[-1] else None)
    first, eastwards = _first_longitude(longitude, lon)
    columns = slice(None, None, None if eastwards else -1)
    n_rings, n_longitudes = len(latitude), len(longitude)
    scheme = _scheme(latitude[rows], lat)
    if scheme in EQUIANGULAR:
        poles = scheme == EQUIANGULAR[0]
        phi0 = float(np.radians(first))
        grid = Grid.equiangular(n_rings, n_longitudes, poles, phi0=phi0)
        return Placement(grid, rows, columns, 0)
    steps = first * n_longitudes / 360
    shift = round(steps)
    if scheme in SIZED:
        L = min(n_rings, (n_longitudes + 1) // 2)
        if abs(steps - shift) > _SINGLE:
            grid = Grid(scheme, L, None, n_rings, n_longitudes, float(np.radians(first)))
            return Placement(grid, rows, columns, 0)
        # Columns from 0: with twice as many as rings, that is the grid of the fastest transform.
        grid = Grid(scheme, L, None, n_rings, n_longitudes)
        return Placement(grid, rows, columns, shift % n_longitudes)
    grid = Grid(scheme, n_rings)
    if n_longitudes != grid.shape[1]:
        raise ValueError(
            f"{lon} must have {grid.shape[1]} values where {lat} has the {n_rings} rings of the "
            f"{scheme} grid, got {n_longitudes}"
        )
    if abs(steps - shift) > _TOLERANCE:
        raise ValueError(
            f"{lon} must hold 0 where {lat} has the rings of the {scheme} grid, got values from "
            f"{first:.6g} in steps of {360 / n_longitudes:.6g}"
        )
    return Placement(grid, rows, columns, shift % n_longitudes)


def _first_longitude(longitude: NDArray, name: str) -> tuple[float, bool]:
    """The longitude of the first column, eastwards, and whether columns lie in this order."""
    n = len(longitude)
    step = 360 / n
    apart = (np.diff(longitude) + 180) % 360 - 180
    eastwards = n < 3 or bool(np.median(apart) > 0)
    along = longitude if eastwards else longitude[::-1]
    gone = np.cumsum((np.diff(along) + step / 2) % 360 - step / 2)
    if np.abs(gone - step * np.arange(1, n)).max(initial=0.0) <= _TOLERANCE * step:
        return float(along[0]), eastwards
    got = f"{n} values from {longitude[0]:.6g} to {longitude[-1]:.6g}"
    around = (longitude[-1] - longitude[0] + 180) % 360 - 180
    if n > 2 and abs(around) < _TOLERANCE * step:
        raise ValueError(
            f"{name} must hold each meridian once, got {got}, which is the first again: drop the "
            f"last, f.isel({name}=slice(None, -1))"
        )
    raise ValueError(
        f"{name} must go once around the sphere in even steps, {step:.6g} degrees for {n} values, "
        f"got {got} in steps of {_range(np.abs(apart))}"
    )


def _scheme(latitude: NDArray, name: str) -> str:
    """The scheme whose rings lie at these latitudes, north first."""
    n = len(latitude)
    # A single ring is the equator.
    schemes = (*EQUIANGULAR, "gauss-legendre", "mcewen-wiaux") if n > 1 else ("fejer",)
    for scheme in schemes:
        if np.abs(latitude - ring_latitudes(scheme, n)).max() <= _TOLERANCE * 180 / n:
            return scheme
    edge = 90 / n
    _refuse_missing_poles(latitude, name)
    raise ValueError(
        f"{name} must go from pole to pole, {n} values from 90 to -90 in steps of "
        f"{180 / max(n - 1, 1):.6g} degrees, from {90 - edge:.6g} to {edge - 90:.6g} in steps of "
        f"{2 * edge:.6g}, or at Gauss-Legendre nodes, got values from {latitude[0]:.6g} to "
        f"{latitude[-1]:.6g} in steps of {_range(np.abs(np.diff(latitude)))}"
    )


def _refuse_missing_poles(latitude: NDArray, name: str) -> None:
    """Raise if nothing but the rings on the poles is missing, and say how to add them."""
    n = len(latitude) + 2
    if np.abs(latitude - ring_latitudes("clenshaw-curtis", n)[1:-1]).max() > _TOLERANCE * 180 / n:
        return
    raise ValueError(
        f"{name} must have rings on the poles, got {n - 2} values from {latitude[0]:.6g} to "
        f"{latitude[-1]:.6g} in steps of {180 / (n - 1):.6g}: add the two as missing, f = "
        f"f.reindex({name}=np.linspace(-90, 90, {n})), and let them be filled, "
        "st.forward(f, mask=st.masks.known(f))"
    )


def _range(steps: NDArray) -> str:
    """The size of steps, in words."""
    if not len(steps):
        return "0"
    least, most = f"{steps.min():.5g}", f"{steps.max():.5g}"
    return least if least == most else f"{least} to {most}"


def ring_latitudes(scheme: str, n: int) -> NDArray[np.float64]:
    """Latitudes of ``n`` rings in degrees, without the rounding of radians where they are even."""
    ring = np.arange(n)
    if scheme == "clenshaw-curtis":
        return 90 - 180 * ring / (n - 1)
    if scheme == "fejer":
        return 90 - 90 * (2 * ring + 1) / n
    return 90 - np.degrees(colatitudes(scheme, n))
