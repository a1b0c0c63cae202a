"""From the samples of a grid to the pixels of a map, by a lookup made once."""

from __future__ import annotations

import functools
import math

import cartopy.crs as ccrs
import ducc0
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from ..sphere.grids.grid import Grid
from ..sphere.grids.labelled import sampled


class PixelMap:
    r"""Turn samples into the picture of a map, fast: what is looked up where is computed once.

    Each pixel shows the sample nearest to its centre: the nearest ring, then the nearest
    longitude on it; on HEALPix the pixel that contains it. Made for maps that are redrawn.

    Parameters
    ----------
    projection : cartopy.crs.Mollweide or cartopy.crs.Orthographic
        Brings its own centre; that of a map that is already drawn is ``ax.projection``.
    grid : Grid
        The grid of the samples.
    width : int
        Width of the picture in pixels; the height follows from the projection.

    Attributes
    ----------
    shape : (int, int)
        Height and width of the picture; its first row is the northernmost.
    extent : (float, float, float, float)
        Left, right, bottom and top in the projection's coordinates, as ``imshow`` wants them.
    index : array (height, width), int32
        Flat index of the sample that each pixel shows.
    inside : array (height, width), bool
        True where the pixel's centre lies on the map. The pixels beyond the limb repeat the
        limb, so that axes that clip the picture get a smooth outline.

    Raises
    ------
    TypeError
        ``grid`` is no Grid, ``width`` no integer.
    ValueError
        Another projection, or ``width`` below 2.

    Examples
    --------
    Redraw a map that is already there:

    >>> import sphere_toolkit as st
    >>> grid = st.Grid.gauss_legendre(64)
    >>> relief = st.inverse(st.signals.earth_relief(64), grid)
    >>> ax = st.plot.mollweide(relief, grid)
    >>> to_picture = st.plot.PixelMap(ax.projection, grid, width=1000)
    >>> to_picture.shape
    (500, 1000)
    >>> ax.images[0].set_data(to_picture(-relief))
    """

    def __init__(self, projection: ccrs.Projection, grid: Grid, width: int) -> None:
        if not isinstance(projection, ccrs.Mollweide | ccrs.Orthographic):
            raise ValueError(
                "projection must be cartopy's Mollweide or Orthographic, "
                f"got {type(projection).__name__}"
            )
        checks.instance("grid", grid, Grid)
        width = checks.integer("width", width, 2)
        self.projection, self.grid = projection, grid
        (left, right), (bottom, top) = projection.x_limits, projection.y_limits
        self.extent = (float(left), float(right), float(bottom), float(top))
        self.shape = (round(width * (top - bottom) / (right - left)), width)
        theta, phi, self.inside = self._directions()
        self.index = _nearest(grid, theta, phi).astype(np.int32)

    def __repr__(self) -> str:
        height, width = self.shape
        name = type(self.projection).__name__
        return f"PixelMap({name}, {self.grid!r}, {width} x {height} pixels)"

    def __call__(self, f: ArrayLike) -> NDArray:
        """Picture (..., height, width) of the samples ``f`` (..., *grid.shape).

        Raises
        ------
        ValueError
            ``f`` does not end in ``grid.shape``, or is an xarray with the coordinates of another
            grid.
        """
        f = np.asarray(sampled(f, self.grid)[0])
        k = len(self.grid.shape)
        if f.shape[-k:] != self.grid.shape:
            raise ValueError(
                f"f must end in the grid's shape {self.grid.shape}, got shape {f.shape}"
            )
        return f.reshape(*f.shape[:-k], -1)[..., self.index]

    def _directions(self) -> tuple[NDArray, NDArray, NDArray]:
        """Colatitude and longitude of the pixels' centres, and which of them are on the map."""
        left, right, bottom, top = self.extent
        height, width = self.shape
        # In units of the semi-axes of the limb both projections fill the unit circle.
        u = (2 * np.arange(width) + 1) / width - 1
        v = 1 - (2 * np.arange(height)[:, None] + 1) / height
        radius = np.hypot(u, v)
        # Rounding may put the limb itself off the sphere, hence a hair less than 1.
        inwards = (1 - 1e-9) / np.maximum(radius, 1)
        x = (left + right) / 2 + u * inwards * (right - left) / 2
        y = (bottom + top) / 2 + v * inwards * (top - bottom) / 2
        lon_lat = geodetic(self.projection).transform_points(self.projection, x, y)
        phi = np.radians(lon_lat[..., 0]) % (2 * np.pi)
        return np.radians(90 - lon_lat[..., 1]), phi, radius <= 1


def geodetic(projection: ccrs.Projection) -> ccrs.Geodetic:
    """Longitude and latitude in degrees on the projection's own sphere."""
    return ccrs.Geodetic(globe=projection.globe)


def _nearest(grid: Grid, theta: NDArray, phi: NDArray) -> NDArray:
    """Flat index of the sample nearest to each direction."""
    if grid.nside is not None:
        base = ducc0.healpix.Healpix_Base(grid.nside, "RING")
        return base.ang2pix(np.stack([theta, phi], axis=-1))
    ring = np.searchsorted((grid.theta[1:] + grid.theta[:-1]) / 2, theta)
    n_phi = grid.shape[1]
    column = np.rint((phi - grid.phi0) * (n_phi / (2 * np.pi))).astype(np.int64) % n_phi
    return ring * n_phi + column


@functools.lru_cache(maxsize=8)
def cached_pixel_map(projection: ccrs.Projection, grid: Grid, width: int) -> PixelMap:
    """A PixelMap, kept for the next map of the same kind (2 MB each at 1000 x 500 pixels)."""
    return PixelMap(projection, grid, width)


def sampling_band_limit(projection: ccrs.Projection, width: int) -> int:
    """Band-limit whose Gauss-Legendre grid is at least as fine as the map's pixels."""
    left, right = projection.x_limits
    # Pixels are finest, in radians, where a map stretches most: an Orthographic map has scale 1
    # in its centre, a Mollweide map 2 sqrt(2) / pi along its equator.
    stretch = 2 * math.sqrt(2) / math.pi if isinstance(projection, ccrs.Mollweide) else 1.0
    pixel = (right - left) / (width * stretch * projection.globe.semimajor_axis)
    return math.ceil(math.pi / pixel)
