"""Scattering coefficients as an xarray."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xarray import DataArray as DataArray

from ..sphere.coefficients import degrees, orders
from .paths import path_name

if TYPE_CHECKING:
    from .coefficients import ScatteringCoefficients


def as_xarray(S: ScatteringCoefficients) -> DataArray:
    """See `ScatteringCoefficients.to_xarray`."""
    batch = [f"batch_{i}" for i in range(len(S.batch_shape))]
    return DataArray(
        S.alm,
        dims=[*batch, "path", "coefficient"],
        coords={
            "path": [path_name(path) for path in S.paths],
            "depth": ("path", [len(path) for path in S.paths]),
            "degree": ("coefficient", degrees(S.L)),
            "order": ("coefficient", orders(S.L)),
        },
        name="scattering",
        attrs=S.parameters,
    )
