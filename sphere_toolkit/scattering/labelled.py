"""Scattering coefficients as an xarray."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from xarray import DataArray as DataArray

from ..sphere.coefficients import degrees, orders
from ..sphere.grids.grid import Grid
from ..sphere.grids.labelled import leading_dims, to_xarray
from .paths import path_name

if TYPE_CHECKING:
    from .coefficients import ScatteringCoefficients


def as_xarray(
    S: ScatteringCoefficients, grid: Grid | None, dims: Iterable[str] | None
) -> DataArray:
    """See `ScatteringCoefficients.to_xarray`."""
    leading = [*leading_dims("S", len(S.batch_shape), dims), "path"]
    paths: dict[str, Any] = {
        "path": [path_name(path) for path in S.paths],
        "depth": ("path", [len(path) for path in S.paths]),
    }
    if S.weights is not None:
        paths["area"] = ("path", S.area)
    if grid is not None:
        maps = to_xarray(S.maps(grid), grid, dims=leading, name="scattering", attrs=S.parameters)
        return maps.assign_coords(paths)
    return DataArray(
        S.alm,
        dims=[*leading, "coefficient"],
        coords={
            **paths,
            "degree": ("coefficient", degrees(S.L)),
            "order": ("coefficient", orders(S.L)),
        },
        name="scattering",
        attrs=S.parameters,
    )
