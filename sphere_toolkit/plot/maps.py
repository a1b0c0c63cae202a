"""Maps of one signal: the whole sphere (Mollweide) or one side of it (globe)."""

from __future__ import annotations

import functools
from io import BytesIO
from typing import Any

import cartopy.crs as ccrs
import matplotlib.pyplot as plt
import numpy as np
from cartopy.mpl.geoaxes import GeoAxes
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from .. import data
from .._util import checks
from ..sphere.coefficients import band_limit, one_signal
from ..sphere.grids.grid import Grid
from ..sphere.grids.labelled import holds_labelled_samples, sampled
from ..sphere.masks.mask import Mask, as_mask, blanked
from ..sphere.transforms import as_samples, inverse
from ._common import GREY, HIDDEN, MODULUS, SIGNED, colour_bar
from .pixels import cached_pixel_map, geodetic, sampling_band_limit

# Below zero by less than this share of the largest magnitude is ringing, not a sign: a
# non-negative signal that was smoothed with a band-limited kernel does that.
_RINGING = 0.01
# Like the map below it, and unlike text, it keeps its colour on a dark page.
COAST = "#14181c"


def mollweide(
    f_or_alm: ArrayLike,
    grid: Grid | None = None,
    *,
    mask: Mask | None = None,
    ax: Axes | None = None,
    unit: str | None = None,
    title: str | None = None,
    coastlines: bool = False,
    symmetric: bool | None = None,
    limits: tuple[float, float] | None = None,
    width: int = 1000,
) -> GeoAxes:
    r"""Map of the whole sphere in Mollweide's equal-area projection.

    North is up, longitude grows to the right, longitude 0 is in the middle.

    Parameters
    ----------
    f_or_alm : array
        Coefficients of one real signal, (L(L+1)/2,) complex: they are drawn smoothly, from
        samples at least as fine as the pixels. Or real samples of shape ``grid.shape``: each
        pixel shows the nearest one, so the sampling itself is seen.
    grid : Grid, optional
        The grid of the samples; omitted for coefficients, and for an xarray with latitudes and
        longitudes (see `from_xarray`).
    mask : Mask, optional
        What it hides is grey: ``st.masks.known(f, grid)`` hides what a map lacks. On the grid of
        the samples; on any grid where coefficients are drawn.
    ax : Axes, optional
        A cartopy Mollweide axes, or an empty plain one, which is *replaced* by a map in the
        same place. By default a new figure.
    unit : str, optional
        Label of the colour bar.
    title : str, optional
    coastlines : bool
        Draw the Earth's coastlines (Natural Earth, 1:110m; bundled, nothing is downloaded).
    symmetric : bool, optional
        True for a diverging colour scale with zero in its middle, False for a sequential one
        from minimum to maximum. By default diverging where the signal goes below zero by more
        than 1 % of its largest magnitude.
    limits : (float, float), optional
        Ends of the colour scale, for maps to be compared.
    width : int
        Pixels across the picture.

    Returns
    -------
    GeoAxes
        The picture is ``ax.images[0]``, the colour bar ``ax.images[0].colorbar``.

    Raises
    ------
    TypeError
        ``f_or_alm`` is complex although a grid is given, or real although none is.
    ValueError
        Not one signal, a wrong shape, NaN or infinite values, axes of another projection,
        axes that hold something already, limits that do not increase, samples that are missing
        where no mask hides them.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> relief = st.signals.earth_relief(128)
    >>> ax = st.plot.mollweide(relief, unit="m", coastlines=True)
    """
    return _map(
        f_or_alm, grid, mask, ccrs.Mollweide(), ax, figsize=(8, 4.7), unit=unit, title=title,
        coastlines=coastlines, symmetric=symmetric, limits=limits, width=width,
    )  # fmt: skip


def globe(
    f_or_alm: ArrayLike,
    grid: Grid | None = None,
    *,
    mask: Mask | None = None,
    centre: tuple[float, float] | None = None,
    ax: Axes | None = None,
    unit: str | None = None,
    title: str | None = None,
    coastlines: bool = False,
    symmetric: bool | None = None,
    limits: tuple[float, float] | None = None,
    width: int = 640,
) -> GeoAxes:
    r"""One side of the sphere, seen from far above a point (Orthographic projection).

    Parameters
    ----------
    f_or_alm, grid, mask, unit, title, coastlines, symmetric, limits, width
        As in `mollweide`. The colour scale spans the whole sphere, not the side that is seen,
        so that globes of one signal compare.
    centre : (float, float), optional
        Colatitude and longitude, in radians, of the point in the middle; (pi/2, 0) by default.
    ax : Axes, optional
        A cartopy Orthographic axes, which brings its own centre, or an empty plain one, which
        is *replaced* by a globe in the same place. By default a new figure.

    Returns
    -------
    GeoAxes

    Raises
    ------
    TypeError, ValueError
        As in `mollweide`; also a centre beyond a pole, or beside axes that bring their own.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> relief = st.signals.earth_relief(128)
    >>> ax = st.plot.globe(relief, centre=(1.4, -1.0), unit="m", coastlines=True)
    """
    if centre is not None and isinstance(ax, GeoAxes):
        raise ValueError(f"centre must be omitted for axes that bring their own, got {centre!r}")
    projection = ccrs.Orthographic(*_longitude_latitude(centre))
    return _map(
        f_or_alm, grid, mask, projection, ax, figsize=(5, 5.4), unit=unit, title=title,
        coastlines=coastlines, symmetric=symmetric, limits=limits, width=width,
    )  # fmt: skip


def _map(
    f_or_alm: ArrayLike,
    grid: Grid | None,
    mask: Mask | None,
    projection: ccrs.Projection,
    ax: Axes | None,
    *,
    figsize: tuple[float, float],
    unit: str | None,
    title: str | None,
    coastlines: bool,
    symmetric: bool | None,
    limits: tuple[float, float] | None,
    width: int,
) -> GeoAxes:
    """Draw a map; everything is checked before a figure is made or touched."""
    checks.integer("width", width, 2)
    checks.choice("symmetric", symmetric, (None, True, False))
    projection = _projection_of(ax, projection)
    f, grid = _samples(f_or_alm, grid, mask, sampling_band_limit(projection, width))
    seen = f if mask is None or mask.samples.shape != f.shape else f[mask.keeps]
    style = _colours(seen, symmetric, limits)
    pixels = cached_pixel_map(projection, grid, width)
    picture = pixels(f)
    if mask is not None:
        keeps = cached_pixel_map(projection, mask.grid, width)(mask.keeps)
        picture = np.ma.masked_array(picture, ~keeps)
        style["cmap"] = style["cmap"].with_extremes(bad=HIDDEN)
    geo = _map_axes(ax, projection, figsize)
    extend = style.pop("extend")
    image = geo.imshow(picture, origin="upper", extent=pixels.extent, **style)
    geo.set_global()
    geo.spines["geo"].set(linewidth=0.8, edgecolor=GREY)
    shrink = 0.6 if isinstance(projection, ccrs.Mollweide) else 0.9
    bar = colour_bar(
        image, geo, unit, orientation="horizontal", shrink=shrink, aspect=60 * shrink, pad=0.04,
        extend=extend,
    )  # fmt: skip
    bar.locator = MaxNLocator(3, steps=[1, 2, 5, 10])
    if coastlines:
        _draw_coastlines(geo)
    if title:
        geo.set_title(title)
    return geo


def _longitude_latitude(centre: tuple[float, float] | None) -> tuple[float, float]:
    """Cartopy's degrees from a colatitude and a longitude in radians."""
    if centre is None:
        return 0.0, 0.0
    try:
        theta, phi = centre
    except (TypeError, ValueError):
        raise ValueError(f"centre must be (colatitude, longitude), got {centre!r}") from None
    theta, phi = (checks.real("centre", angle) for angle in (theta, phi))
    if not 0 <= theta <= np.pi:
        raise ValueError(f"centre must have a colatitude in [0, pi] radians, got {theta}")
    return float(np.rad2deg(phi)), float(90 - np.rad2deg(theta))


def _samples(
    f_or_alm: ArrayLike, grid: Grid | None, mask: Mask | None, L: int
) -> tuple[NDArray, Grid]:
    """Samples of one signal and their grid; coefficients go on a grid for ``L`` or finer."""
    if mask is not None:
        as_mask(mask)
    if grid is None and not holds_labelled_samples(f_or_alm):
        dtype = np.asarray(f_or_alm).dtype
        if dtype.kind in "fiub":
            raise TypeError(
                "samples must come with their grid, and coefficients are complex, got dtype "
                f"{dtype} and no grid"
            )
        alm = one_signal(f_or_alm)
        grid = Grid.gauss_legendre(max(L, band_limit(alm)))
        return inverse(alm, grid), grid
    f_or_alm, grid = sampled(f_or_alm, grid)
    if mask is not None:
        f_or_alm = blanked(f_or_alm, as_mask(mask, grid))
    f = as_samples(f_or_alm, grid)
    if f.shape != grid.shape:
        raise ValueError(f"f must be one signal of shape {grid.shape}, got a batch {f.shape}")
    return f, grid


def _colours(
    f: NDArray, symmetric: bool | None, limits: tuple[float, float] | None
) -> dict[str, Any]:
    """Colour map and range of a signal, and the ends at which it goes beyond the range."""
    low, high = float(f.min()), float(f.max())
    largest = max(-low, high)
    if limits is None:
        diverging = low < -_RINGING * largest if symmetric is None else symmetric
        vmin, vmax = (-largest, largest) if diverging else (low, high)
        if vmin == vmax:  # a constant signal: any range around it will do
            vmin, vmax = vmin - 0.5, vmax + 0.5
    else:
        vmin, vmax = _increasing(limits)
        diverging = vmin == -vmax if symmetric is None else symmetric
        if diverging and vmin != -vmax:
            raise ValueError(f"limits must be (-x, x) for a symmetric scale, got {limits!r}")
    ends = (low < vmin, high > vmax)
    extend = {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}[ends]
    cmap = SIGNED if diverging else MODULUS
    return {"cmap": cmap, "vmin": vmin, "vmax": vmax, "extend": extend}


def _increasing(limits: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = (checks.real("an end of limits", end) for end in limits)
    except (TypeError, ValueError) as error:
        raise ValueError(f"limits must be two numbers, got {limits!r} ({error})") from None
    if low >= high:
        raise ValueError(f"limits must increase, got {limits!r}")
    return low, high


def _projection_of(ax: Axes | None, wanted: ccrs.Projection) -> ccrs.Projection:
    """The projection to draw in: that of map axes, else the one that is wanted."""
    if isinstance(ax, GeoAxes):
        if not isinstance(ax.projection, type(wanted)):
            raise ValueError(
                f"ax must have the projection {type(wanted).__name__}, "
                f"got {type(ax.projection).__name__}"
            )
        return ax.projection
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"ax must be a matplotlib Axes, got {type(ax).__name__}")
    if ax is not None and ax.has_data():
        raise ValueError("ax must be empty to be replaced by a map; it holds a drawing already")
    return wanted


def _map_axes(
    ax: Axes | None, projection: ccrs.Projection, figsize: tuple[float, float]
) -> GeoAxes:
    """Map axes: those given, new ones in place of plain ones, or those of a new figure."""
    if isinstance(ax, GeoAxes):
        return ax
    if ax is None:
        return plt.figure(figsize=figsize, layout="constrained").add_subplot(projection=projection)
    figure, place, position = ax.figure, ax.get_subplotspec(), ax.get_position()
    ax.remove()
    if place is not None:
        return figure.add_subplot(place, projection=projection)
    return figure.add_axes(position.bounds, projection=projection)


@functools.cache
def _coastlines() -> tuple[NDArray, NDArray]:
    """Longitudes and latitudes (n, 2) in degrees, and the index at which each line starts."""
    with np.load(BytesIO(data.read("coastlines_110m.npz"))) as file:
        return file["points"].astype(np.float64), file["starts"]


def _draw_coastlines(ax: GeoAxes) -> None:
    points, starts = _coastlines()
    xy = ax.projection.transform_points(geodetic(ax.projection), *points.T)[:, :2]
    broken = np.isnan(np.diff(xy[:, 0]))  # behind the globe
    if isinstance(ax.projection, ccrs.Mollweide):  # around the edge of the map
        lon = points[:, 0] - ax.projection.proj4_params["lon_0"]
        lon = np.where(np.abs(lon) > 180, lon - np.copysign(360, lon), lon)
        broken |= np.abs(np.diff(lon)) > 180
    cuts = np.union1d(starts[1:], np.flatnonzero(broken) + 1)
    lines = [line for line in np.split(xy, cuts) if len(line) > 1]
    coast = LineCollection(lines, colors=COAST, linewidths=0.6, alpha=0.8, label="coastlines")
    ax.add_collection(coast, autolim=False)
