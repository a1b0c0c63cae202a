"""Samples with latitudes and longitudes in degrees: from xarray, and to it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._util import checks
from ..._util.extras import explained
from .coordinates import placement, ring_latitudes
from .grid import Grid, same_points

if TYPE_CHECKING:
    from xarray import DataArray as DataArray

# Names of the coordinates, and what units they may have, apart from radians.
_NAMES = {"latitude": ("lat", "latitude"), "longitude": ("lon", "longitude")}
_DEGREES = {"latitude": "n|north", "longitude": "e|east"}


def from_xarray(f: DataArray) -> tuple[NDArray, Grid]:
    """Samples and their grid from an xarray with latitudes and longitudes.

    `forward` does this itself; here to see the grid, or to go back with `inverse`.

    Parameters
    ----------
    f : xarray.DataArray
        With a coordinate named ``lat`` or ``latitude`` and one named ``lon`` or ``longitude``, in
        any case, or with these as ``standard_name``, each along a dimension of its own. They are
        in degrees, unless their attribute ``units`` says radians. Latitudes ascend or descend,
        longitudes start anywhere.

    Returns
    -------
    samples : array (..., latitudes, longitudes)
        North first, longitudes eastwards. The other dimensions lead, in the order of ``f``. Values
        that Dask holds are computed, all at once.
    grid : Grid
        Equiangular with or without poles or Gauss-Legendre, with any number of longitudes, or
        McEwen-Wiaux; of the highest band-limit that is exact.

    Raises
    ------
    TypeError
        ``f`` is no DataArray, or holds neither numbers nor booleans.
    ValueError
        There are no such coordinates, or no grid of the whole sphere has its samples there: of a
        region, irregular, with a meridian twice. The message says what was expected.

    Notes
    -----
    Coordinates may be off by half a percent of a step, since files hold them rounded.

    Where only the rings on the poles are missing, as from 88 to -88 degrees in steps of 2 (ERSST),
    add them and let `forward` fill them, with what else is missing::

        f = f.reindex(lat=np.linspace(-90, 90, 91))
        alm = st.forward(f, mask=st.masks.known(f))

    That is not exact: a test finds a signal below L = 60 again within 1e-5.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st, xarray as xr
    >>> lat, lon = np.arange(-87.5, 90, 5), np.arange(-180, 180, 5)
    >>> f = xr.DataArray(np.ones((72, 36)), {"lon": lon, "lat": lat}, dims=("lon", "lat"))
    >>> samples, grid = st.from_xarray(f)
    >>> samples.shape, grid
    ((36, 72), Grid(fejer, L=36, 36 x 72 samples, phi0=3.141592653589793, exact))
    >>> bool((st.forward(f) == st.forward(samples, grid)).all())
    True
    """
    if not _is_of_xarray(f, "DataArray"):
        hint = ""
        if _is_of_xarray(f, "Dataset"):
            hint = f"; take one of its variables, {', '.join(map(repr, f.data_vars))}"
        raise TypeError(f"f must be an xarray.DataArray, got {type(f).__name__}{hint}")
    lat, lon = (_coordinate(f, kind) for kind in _NAMES)
    (row,), (column,) = f[lat].dims, f[lon].dims
    if row == column:
        raise ValueError(
            f"{lat} and {lon} must each have a dimension of its own, got both along {row!r}: name "
            "the grid of such pixels, st.forward(f, grid)"
        )
    latitude, longitude = _degrees(f[lat], "latitude"), _degrees(f[lon], "longitude")
    place = placement(latitude, longitude, lat, lon)
    ordered = f.transpose(..., row, column)
    is_mask = f.dtype == bool
    return place(ordered.values if is_mask else checks.numeric("f", ordered)), place.grid


def to_xarray(
    f: ArrayLike,
    grid: Grid,
    *,
    dims: Iterable[str] | None = None,
    name: str | None = None,
    attrs: Mapping[str, Any] | None = None,
) -> DataArray:
    """Samples on a grid as an xarray with latitudes and longitudes in degrees.

    Parameters
    ----------
    f : array (..., *grid.shape)
        As of `inverse`.
    grid : Grid
    dims : iterable of str, optional
        Names of the leading axes; ``batch_0, batch_1, ...`` by default.
    name : str, optional
    attrs : mapping, optional
        Attributes, such as ``{"units": "K"}``.

    Returns
    -------
    xarray.DataArray
        Dimensions ``..., lat, lon``, or ``..., pixel`` on HEALPix. The coordinates ``lat``, from
        north to south, and ``lon``, increasing from a first column in [-180, 180), have the
        attributes of the CF conventions. It shares the memory of ``f``.

    Raises
    ------
    ValueError
        ``f`` does not end in ``grid.shape``, or ``dims`` are not as many as its leading axes.
    ModuleNotFoundError
        xarray is not installed; the message names the extra that has it.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.equiangular(181, 360)
    >>> relief = st.inverse(st.signals.earth_relief(128), grid)
    >>> labelled = st.to_xarray(relief, grid, name="height", attrs={"units": "m"})
    >>> labelled.sel(lat=33, lon=90).item() > 4000  # Tibet
    True
    >>> np.allclose(st.forward(labelled)[:128], st.forward(relief, grid)[:128])
    True
    """
    try:
        from xarray import DataArray
    except ModuleNotFoundError as error:
        raise explained(error, "to_xarray") from error
    checks.instance("grid", grid, Grid)
    array = checks.numeric("f", f)
    n = array.ndim - len(grid.shape)
    if array.shape[max(n, 0) :] != grid.shape:
        raise ValueError(f"f must end in the grid's shape {grid.shape}, got shape {array.shape}")
    leading = leading_dims("f", n, dims)
    latitude, longitude = _latitudes_and_longitudes(grid)
    own = ("pixel",) if grid.scheme == "healpix" else ("lat", "lon")
    coordinates = {
        "lat": (own[:1], latitude, _attributes("latitude", "degrees_north")),
        "lon": (own[-1:], longitude, _attributes("longitude", "degrees_east")),
    }
    return DataArray(array, coordinates, (*leading, *own), name=name, attrs=dict(attrs or {}))


def leading_dims(name: str, n: int, dims: Iterable[str] | None) -> list[str]:
    """Names of the ``n`` leading axes of ``name``: those given, or ``batch_0, batch_1, ...``."""
    if dims is None:
        return [f"batch_{i}" for i in range(n)]
    leading = [dims] if isinstance(dims, str) else list(dims)
    if len(leading) != n:
        raise ValueError(f"dims must name the {n} leading axes of {name}, got {leading}")
    return leading


def sampled(f: Any, grid: Grid | None) -> tuple[Any, Grid]:
    """``f`` and its grid, in the order of the grid if ``f`` is an xarray with coordinates.

    Raises
    ------
    TypeError
        ``grid`` is none, or is missing although ``f`` has no coordinates.
    ValueError
        The coordinates are those of no grid, or of another one.
    """
    if grid is not None:
        checks.instance("grid", grid, Grid)
    has_axes = _is_of_xarray(f, "Dataset")  # which is refused, by the names of its variables
    if _is_of_xarray(f, "DataArray"):
        has_axes = grid is None or _has_axes(f)
    if not has_axes:
        if grid is None:
            raise TypeError(f"grid must be given, since f has no coordinates: {_fitting(f)}")
        return f, grid
    samples, found = from_xarray(f)
    if grid is None:
        return samples, found
    if not same_points(found, grid):
        raise ValueError(
            f"grid must be that of the coordinates of f, {found!r}, got {grid!r}; it may be omitted"
        )
    return samples, grid


def holds_labelled_samples(f: Any) -> bool:
    """Whether ``f`` is an xarray of real numbers: complex ones are coefficients."""
    return _is_of_xarray(f, "Dataset") or (_is_of_xarray(f, "DataArray") and f.dtype.kind != "c")


def _is_of_xarray(f: object, kind: str) -> TypeGuard[Any]:
    """Whether ``f`` is an object of xarray, which need not be installed."""
    xarray = sys.modules.get("xarray")
    return xarray is not None and isinstance(f, getattr(xarray, kind))


def _has_axes(f: Any) -> bool:
    """Whether ``f`` has latitudes and longitudes along dimensions of their own."""
    names = [_named(f, kind) for kind in _NAMES]
    if not all(len(found) == 1 for found in names):
        return False
    dims = [f[name].dims for (name,) in names]
    return all(len(along) == 1 for along in dims) and dims[0] != dims[1]


def _named(f: Any, kind: str) -> list[Any]:
    """Coordinates of one kind, by name or by standard name; those along a dimension first."""
    coordinates = getattr(f, "coords", {})
    found = [
        name
        for name, values in coordinates.items()
        if str(name).lower() in _NAMES[kind] or values.attrs.get("standard_name") == kind
    ]
    return [name for name in found if name in f.dims] or found


def _coordinate(f: DataArray, kind: str) -> str:
    """The name of the one coordinate of a kind, along one dimension."""
    found = _named(f, kind)
    if len(found) != 1:
        got = f"{', '.join(map(str, found))}" if found else f"only {', '.join(map(str, f.coords))}"
        raise ValueError(
            f"f must have one coordinate named {' or '.join(_NAMES[kind])}, got "
            f"{got if found or f.coords else 'no coordinates'}"
        )
    if f[found[0]].ndim != 1:
        raise ValueError(
            f"{found[0]} must lie along one dimension, got {f[found[0]].dims}: samples along "
            "curved lines, or of one point, lie on no grid of this package"
        )
    return found[0]


def _degrees(coordinate: DataArray, kind: str) -> NDArray[np.float64]:
    """A checked coordinate in degrees."""
    name = str(coordinate.name)
    values = checks.converted(name, checks.numeric(name, coordinate), np.float64)
    if not values.size:
        raise ValueError(f"{name} must have at least one value, got none")
    units = str(coordinate.attrs.get("units", "degrees")).strip().lower()
    if units in ("rad", "radian", "radians"):
        return np.degrees(values)
    if not re.fullmatch(rf"°|deg(ree)?s?([ _]?({_DEGREES[kind]}))?", units):
        east = _DEGREES[kind].partition("|")[2]
        raise ValueError(f"units of {name} must be degrees_{east} or radians, got {units!r}")
    return values


def _fitting(f: Any) -> str:
    """The grids whose shape fits, in words."""
    shape = np.shape(f)
    fits = []
    if len(shape) > 1 and min(shape[-2:]) > 0:
        n, n_phi = shape[-2:]
        if n_phi >= 2 * n - 1:
            more = "" if n_phi == 2 * n else f", n_phi={n_phi}"
            fits.append(f"Grid.gauss_legendre({n}{more})")
        if n_phi == 2 * n - 1:
            fits.append(f"Grid.mcewen_wiaux({n})")
        if n > 1:
            fits.append(f"Grid.equiangular({n}, {n_phi})")
        fits.append(f"Grid.equiangular({n}, {n_phi}, poles=False)")
    if shape and shape[-1] >= 12 and shape[-1] == 12 * round((shape[-1] / 12) ** 0.5) ** 2:
        fits.append(f"Grid.healpix({round((shape[-1] / 12) ** 0.5)})")
    if not fits:
        return f"shape {shape} fits no grid"
    return f"shape {shape} fits {' and '.join(fits)}" + ", which differ" * (len(fits) > 1)


def _latitudes_and_longitudes(grid: Grid) -> tuple[NDArray, NDArray]:
    """In degrees; numbers that are exact in degrees do not suffer from radians."""
    if grid.scheme == "healpix":
        return 90 - np.degrees(grid.theta), np.degrees(grid.phi)
    n_rings, n = grid.shape
    first = np.degrees(grid.phi0).round(13)
    if first >= 180:  # so that longitudes that start in the west go on increasing
        first -= 360
    return ring_latitudes(grid.scheme, n_rings), first + 360 * np.arange(n) / n


def _attributes(kind: str, units: str) -> dict[str, str]:
    return {"standard_name": kind, "long_name": kind, "units": units}
