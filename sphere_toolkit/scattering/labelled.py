"""Scattering coefficients as an xarray."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from xarray import DataArray as DataArray

from ..sphere.grids.grid import Grid
from ..sphere.grids.labelled import leading_dims, to_xarray
from .paths import axes

if TYPE_CHECKING:
    from .coefficients import ScatteringCoefficients


def as_xarray(
    S: ScatteringCoefficients, grid: Grid | None, dims: Iterable[str] | None
) -> DataArray:
    """See `ScatteringCoefficients.to_xarray`."""
    leading = [*leading_dims("S", len(S.batch_shape), dims), "path"]
    coords: dict[str, Any] = axes(S.paths, S.L)
    if S.weights is not None:
        coords["area"] = ("path", S.area)
    if grid is not None:
        maps = to_xarray(S.maps(grid), grid, dims=leading, name="scattering", attrs=S.parameters)
        return maps.assign_coords({key: one for key, one in coords.items() if one[0] == "path"})
    return DataArray(
        S.alm,
        dims=[*leading, "coefficient"],
        coords=coords,
        name="scattering",
        attrs=S.parameters,
    )
