"""Samples with latitudes and longitudes: placed by their coordinates, or refused."""

import sys

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as hs
from strategies import exact_grids, noise, relative, seeds, sized_grids

import sphere_toolkit as st
from sphere_toolkit.explore._page.shown import shown_signals

PIXELS = st.Grid.equiangular(6, 12, poles=False)
WIAUX = 90 - np.degrees(st.Grid.mcewen_wiaux(6).theta)
LAT, LON = np.arange(-75, 90, 30), np.arange(0, 360, 30)


def labelled(lat=LAT, lon=LON, names=("lat", "lon"), units=None):
    """Random samples at coordinates that may be of any kind."""
    f = np.random.default_rng(0).standard_normal((len(lat), len(lon)))
    out = xr.DataArray(f, dims=names, coords=dict(zip(names, (lat, lon), strict=True)))
    for name, unit in (units or {}).items():
        out[name].attrs["units"] = unit
    return out


@given(exact_grids, seeds, hs.booleans(), hs.booleans(), hs.booleans(), hs.integers(0, 99))
def test_samples_come_back_in_the_order_of_their_grid(grid, seed, south, west, across, start):
    f = np.random.default_rng(seed).standard_normal((3, *grid.shape))
    there = st.to_xarray(f, grid, dims=["time"])
    there = there.isel(lat=slice(None, None, -1)) if south else there
    there = there.roll(lon=start, roll_coords=True)
    there = there.isel(lon=slice(None, None, -1)) if west else there
    there = there.transpose("lon", "time", "lat") if across else there
    samples, found = st.from_xarray(there)
    assert found.shape == grid.shape
    assert samples.shape == f.shape
    alm = st.forward(f, grid)
    assert relative(st.forward(there), alm) < 1e-12


@given(sized_grids)
def test_grids_are_found_from_their_coordinates(grid):
    found = st.from_xarray(st.to_xarray(np.zeros(grid.shape), grid))[1]
    assert (found.scheme, found.L, found.shape) == (grid.scheme, grid.L, grid.shape)
    assert abs(np.exp(1j * (found.phi0 - grid.phi0)) - 1) < 1e-11


def test_coordinates_say_where_the_samples_lie():
    grid = st.Grid.equiangular(4, 5, phi0=np.radians(190))
    f = st.to_xarray(np.arange(20.0).reshape(4, 5), grid, name="t", attrs={"units": "K"})
    np.testing.assert_array_equal(f.lat, [90, 30, -30, -90])
    np.testing.assert_array_equal(f.lon, [-170, -98, -26, 46, 118])
    assert (f.name, f.attrs, f.dims) == ("t", {"units": "K"}, ("lat", "lon"))
    assert (f.lat.units, f.lon.standard_name) == ("degrees_north", "longitude")
    sky = st.to_xarray(np.zeros((2, 48)), st.Grid.healpix(2))
    assert sky.dims == ("batch_0", "pixel")
    assert sky.lat.dims == sky.lon.dims == ("pixel",)


def test_era5_in_either_order_has_the_same_coefficients():
    grid, alm = st.Grid.equiangular(721, 1440), noise(720)
    lat, lon = np.arange(90, -90.1, -0.25, np.float32), np.arange(0, 360, 0.25, np.float32)
    f = xr.DataArray(st.inverse(alm, grid), {"latitude": lat, "longitude": lon})
    assert st.from_xarray(f)[1] == grid
    found = st.forward(f)
    assert relative(found, alm) < 1e-12
    assert np.array_equal(found, st.forward(f.sortby("latitude")))
    west = f.assign_coords(longitude=(f.longitude + 180) % 360 - 180).sortby("longitude")
    assert (west.longitude[0], west.latitude[0]) == (-180, 90)
    assert relative(st.forward(west), alm) < 1e-12


NODES = np.degrees(np.arcsin(np.polynomial.legendre.leggauss(94)[0]))


@pytest.mark.parametrize(
    ("lat", "lon", "L"),
    [
        (NODES[::-1].round(3), np.arange(192) * 1.875, 94),  # NCEP reanalysis, T62
        (NODES, np.arange(-180, 180, 1.875) + 0.9375, 94),
        (NODES, np.arange(0, 360, 2.5), 72),
        (np.arange(90, -91, -2.5), np.arange(0, 360, 2.5), 72),  # NCEP reanalysis, pressure levels
        (np.arange(-89.5, 90), np.arange(0.5, 360), 180),  # HadISST and its like
        (np.linspace(-90, 90, 192), np.arange(0, 360, 1.25), 144),  # CESM
    ],
)
def test_grids_of_climate_data_are_exact(lat, lon, L):
    f = xr.DataArray(np.zeros((len(lat), len(lon))), {"lat": lat, "lon": lon})
    grid = st.from_xarray(f)[1]
    assert (grid.L, grid.shape, grid.exact) == (L, f.shape, True)
    alm = noise(L)
    there = st.to_xarray(st.inverse(alm, grid), grid)
    np.testing.assert_allclose(np.sort(there.lat), np.sort(lat), atol=1e-3)
    np.testing.assert_allclose(np.sort(there.lon % 360), np.sort(lon % 360), atol=1e-9)
    samples = there.assign_coords(lon=there.lon % 360).sel(lat=lat, lon=lon % 360, method="nearest")
    f = f.copy(data=samples.values)
    assert relative(st.forward(f), alm) < 1e-12


def test_rings_on_the_poles_that_are_missing_can_be_filled():
    whole, alm = st.Grid.equiangular(91, 180), noise(60)
    f = st.to_xarray(st.inverse(alm, whole), whole)
    f = f.isel(lat=slice(-2, 0, -1))  # ERSST: from 88 degrees south to 88 north
    with pytest.raises(
        ValueError,
        match=r"lat must have rings on the poles, got 89 values from 88 to -88 in steps of 2: add "
        r"the two as missing, f = f.reindex\(lat=np.linspace\(-90, 90, 91\)\), and let them be "
        r"filled, st.forward\(f, mask=st.masks.known\(f\)\)",
    ):
        st.forward(f)
    f = f.reindex(lat=np.linspace(-90, 90, 91))
    found = st.forward(f, mask=st.masks.known(f))
    assert relative(st.truncate(found, 60), alm) < 1e-5


@pytest.mark.parametrize("scheme", ["gauss-legendre", "mcewen-wiaux"])
def test_other_latitudes_are_known_even_if_they_are_rounded(scheme):
    grid, alm = st.Grid(scheme, 64), noise(64)
    f = st.to_xarray(st.inverse(alm, grid), grid).sortby("lat").roll(lon=30, roll_coords=True)
    f = f.assign_coords(lat=f.lat.round(2), lon=f.lon.astype(np.float32))
    assert st.from_xarray(f)[1] == grid
    assert relative(st.forward(f), alm) < 1e-12


@pytest.mark.parametrize(
    "f",
    [
        labelled(),
        labelled(names=("latitude", "longitude")),
        labelled(names=("Lat", "LON")),
        labelled(units={"lat": "degrees_north", "lon": "degree_east"}),
        labelled(np.radians(LAT), np.radians(LON), units={"lat": "radians", "lon": "rad"}),
        labelled(names=("y", "x")).assign_coords(
            y=("y", LAT, {"standard_name": "latitude"}),
            x=("x", LON, {"standard_name": "longitude"}),
        ),
        labelled().chunk({"lat": 2}),
        labelled().assign_coords(latitude=(("lat", "lon"), np.zeros((6, 12)))),
    ],
)
def test_names_units_and_lazy_values(f):
    samples, grid = st.from_xarray(f)
    assert grid == PIXELS
    np.testing.assert_array_equal(samples, labelled().values[::-1])


def test_other_dimensions_lead_in_their_order():
    f = labelled().expand_dims(time=[1, 2], level=3)
    mixed = f.transpose("lon", "time", "lat", "level")
    assert st.from_xarray(mixed)[0].shape == (2, 3, 6, 12)
    wind = xr.concat([labelled(), 2 * labelled()], "component").transpose("lat", "component", "lon")
    samples = labelled().values[::-1]
    expected = st.forward([samples, 2 * samples], PIXELS, spin=1)
    np.testing.assert_array_equal(st.forward(wind, spin=1), expected)


def test_a_named_grid_must_be_that_of_the_coordinates():
    f, alm = labelled(), st.forward(labelled())
    np.testing.assert_array_equal(st.forward(f, PIXELS), alm)
    low = st.Grid.equiangular(6, 12, poles=False, L=3)
    np.testing.assert_array_equal(st.forward(f, low), st.truncate(alm, 3))
    for other in (st.Grid.gauss_legendre(6), st.Grid.equiangular(6, 12, poles=False, phi0=0.1)):
        with pytest.raises(ValueError, match=r"grid must be that of .* L=6, 6 x 12 samples"):
            st.forward(f, other)
    bare = f.drop_vars(["lat", "lon"])
    np.testing.assert_array_equal(st.forward(bare[::-1], PIXELS), alm)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((180, 360), r"fits Grid.gauss_legendre\(180\) and Grid.equiangular\(180, 360\) and "
                     r"Grid.equiangular\(180, 360, poles=False\), which differ"),
        ((5, 9), r"Grid.mcewen_wiaux\(5\) and Grid.equiangular\(5, 9\)"),
        ((2, 48), r"Grid.equiangular\(2, 48, poles=False\) and Grid.healpix\(2\)"),
        ((48,), r"shape \(48,\) fits Grid.healpix\(2\)$"),
        ((94, 192), r"fits Grid.gauss_legendre\(94, n_phi=192\) and Grid.equiangular\(94, 192\)"),
        ((7,), r"shape \(7,\) fits no grid"),
    ],
)  # fmt: skip
def test_a_shape_does_not_tell_the_grid(shape, said):
    with pytest.raises(TypeError, match=f"grid must be given, since f has no coordinates.*{said}"):
        st.forward(np.zeros(shape))


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (labelled(lon=np.linspace(0, 360, 12)),
         r"12 values from 0 to 360, which is the first again: drop the last, f.isel\(lon=slice"),
        (labelled(lon=np.arange(-30, 18, 4)),
         "lon must go once around .* 30 degrees for 12 values, got 12 values from -30 to 14 in "
         "steps of 4"),
        (labelled(lon=np.where(LON == 90, 80, LON)), "even steps.*in steps of 20 to 40"),
        (labelled(lat=np.arange(-60, 61, 24)),
         "lat must go from pole to pole, 6 values from 90 to -90 in steps of 36 degrees, from 75 "
         "to -75 in steps of 30, .* got values from 60 to -60 in steps of 24"),
        (labelled(lat=np.where(LAT == 15, 20, LAT)), "in steps of 25 to 35"),
        (labelled(lat=np.where(LAT == 15, np.nan, LAT)), "lat must be finite, got 1 NaN"),
        (labelled(lat=LAT.astype(str)), "lat must be an array of numbers"),
        (labelled(units={"lat": "metres"}),
         "units of lat must be degrees_north or radians, got 'metres'"),
        (labelled(units={"lon": "degrees_west"}),
         "units of lon must be degrees_east or radians, got 'degrees_west'"),
        (labelled(names=("y", "x")), "one coordinate named lat or latitude, got only y, x"),
        (labelled().drop_vars("lon"), "one coordinate named lon or longitude, got only lat"),
        (labelled().drop_vars(["lat", "lon"]), "named lat or latitude, got no coordinates"),
        (labelled().isel(lat=0), r"lat must lie along one dimension, got \(\)"),
        (labelled().isel(lon=slice(0)), "lon must have at least one value"),
        (labelled(WIAUX, np.arange(0, 360, 36)),
         "lon must have 11 values where lat has the 6 rings of the mcewen-wiaux grid, got 10"),
        (labelled(WIAUX, np.arange(11) * 360 / 11 + 7),
         "lon must hold 0 where lat has the rings of the mcewen-wiaux grid, got values from 7"),
        (labelled().where(labelled() < 1), "f must be finite, got 13 NaN"),
        (st.to_xarray(np.zeros(48), st.Grid.healpix(2)), "both along 'pixel': name the grid"),
    ],
)  # fmt: skip
def test_what_cannot_be_placed_is_refused(f, said):
    with pytest.raises((TypeError, ValueError), match=said):
        st.forward(f)


def test_a_dataset_is_refused_by_the_names_of_its_variables():
    with pytest.raises(TypeError, match="got Dataset; take one of its variables, 't2m', 'msl'"):
        st.forward(xr.Dataset({"t2m": labelled(), "msl": labelled()}))
    with pytest.raises(TypeError, match="got Dataset; take one of its variables, 'z'"):
        st.forward(xr.Dataset({"z": ("x", [1.0])}), PIXELS)
    with pytest.raises(TypeError, match="f must be an xarray.DataArray, got ndarray"):
        st.from_xarray(np.zeros((6, 12)))


def test_every_door_reads_the_coordinates():
    f, samples = labelled(), labelled().values[::-1]
    pictures = [
        st.plot.mollweide(*x, width=60).images[0].get_array()
        for x in ((f,), (f, PIXELS), (samples, PIXELS))
    ]
    np.testing.assert_array_equal(pictures[0], pictures[2])
    np.testing.assert_array_equal(pictures[1], pictures[2])
    pixels = st.plot.PixelMap(st.plot.mollweide(f, width=60).projection, PIXELS, 60)
    np.testing.assert_array_equal(pixels(f), pixels(samples))
    alm = st.forward(f)
    options = {"L": None, "unit": "", "coastlines": False, "seed": 0}
    for shown in (shown_signals(f, **options), shown_signals(xr.Dataset({"a": f}), **options)):
        (signal,) = shown.values()
        np.testing.assert_array_equal(signal.alm, alm)
    features = st.sklearn.ScatteringFeatures(PIXELS, 1)
    stack = f.expand_dims(n=2)
    np.testing.assert_array_equal(
        features.fit_transform(stack), features.fit_transform(np.stack([samples, samples]))
    )


def test_masks_are_placed_like_the_samples():
    north = labelled().where(labelled().lat > 0)
    rows = np.arange(6)[:, None] < 3
    for mask in (
        st.masks.known(north),
        st.masks.known(north, PIXELS),
        st.masks.Mask(north.notnull(), PIXELS),
    ):
        assert mask.grid == PIXELS
        np.testing.assert_array_equal(mask.keeps, np.broadcast_to(rows, PIXELS.shape))
    np.testing.assert_array_equal(
        st.forward(north, mask=mask), st.forward(north.values[::-1], PIXELS, mask=mask)
    )
    with pytest.raises(ValueError, match=r"mask must lie on the grid of the samples, .*phi0=0\.5"):
        st.forward(labelled(lon=LON + np.degrees(0.5)), mask=mask)


def test_without_xarray_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ModuleNotFoundError, match=r"to_xarray needs xarray.*\[scale\]"):
        st.to_xarray(np.zeros(PIXELS.shape), PIXELS)
    assert st.forward(np.ones(PIXELS.shape), PIXELS).shape == (21,)


def test_bad_arguments_of_to_xarray():
    with pytest.raises(
        ValueError, match=r"f must end in the grid's shape \(6, 12\), got shape \(12,\)"
    ):
        st.to_xarray(np.zeros(12), PIXELS)
    with pytest.raises(
        ValueError, match=r"dims must name the 1 leading axes of f, got \['a', 'b'\]"
    ):
        st.to_xarray(np.zeros((3, 6, 12)), PIXELS, dims=["a", "b"])
    with pytest.raises(TypeError, match="grid must be a Grid, got 3"):
        st.to_xarray(np.zeros((6, 12)), 3)
