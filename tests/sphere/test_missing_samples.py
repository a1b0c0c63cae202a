"""Samples that are missing, and numbers with a unit: refused at every door, however they come."""

import astropy.units as u
import healpy as hp
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from astropy.table import Column, MaskedColumn
from astropy.utils.masked import Masked
from hypothesis import given
from hypothesis import strategies as hs
from strategies import noise, seeds

import sphere_toolkit as st

GRID = st.Grid.healpix(4, 4)
SKY = st.inverse(noise(4), GRID)
BAD = np.arange(GRID.n_samples) % 19 == 0
N_BAD = int(BAD.sum())


def holed(value, sky=SKY, dtype=np.float64):
    return np.where(BAD, value, sky).astype(dtype)


def beyond_float64():
    return np.where(BAD, np.longdouble("1e400"), SKY)


MISSING = {
    "NaN": holed(np.nan),
    "infinity": holed(np.inf),
    "UNSEEN": holed(hp.UNSEEN),
    "UNSEEN, big-endian single precision": holed(hp.UNSEEN).astype(">f4"),
    "UNSEEN, K to muK": 1e6 * holed(hp.UNSEEN, 1e-6 * SKY),
    "UNSEEN, muK to K": 1e-6 * holed(hp.UNSEEN),
    "UNSEEN, muK to K in single precision": np.float32(1e-6) * holed(hp.UNSEEN, dtype=np.float32),
    "UNSEEN, K to MJy/sr at 353 GHz": 287.45 * holed(hp.UNSEEN),
    "UNSEEN, MJy/sr to K at 545 GHz": holed(hp.UNSEEN) / 58.04 * 1e-3,
    "UNSEEN, divided by 1e20": 1e-20 * holed(hp.UNSEEN),
    "UNSEEN, of the other sign": -holed(hp.UNSEEN),
    "UNSEEN, K to muK and of the other sign": -1e6 * holed(hp.UNSEEN),
    "UNSEEN, with an offset": holed(hp.UNSEEN) + 2.725,
    "UNSEEN, 1e12 times in single precision": np.where(BAD, -np.inf, SKY).astype(np.float32),
    "nothing but UNSEEN": np.full(GRID.shape, hp.UNSEEN),
    "one sample UNSEEN": np.where(np.arange(GRID.n_samples) == 5, hp.UNSEEN, SKY),
    "UNSEEN in one map of a batch": np.stack([SKY, holed(hp.UNSEEN), SKY]),
    "UNSEEN, over constant zero": holed(hp.UNSEEN, 0 * SKY),
    "fill value of netCDF": holed(9.969209968386869e36),
    "fill value of netCDF in single precision": holed(9.969209968386869e36, dtype=np.float32),
    "fill value of climate models": holed(1e20),
    "numpy masked array": np.ma.array(SKY, mask=BAD),
    "numpy masked array in a list": [np.ma.array(SKY, mask=BAD), np.ma.array(SKY)],
    "healpy.ma": hp.ma(holed(hp.UNSEEN)),
    "astropy Masked": Masked(SKY, mask=BAD),
    "astropy MaskedColumn": MaskedColumn(SKY, mask=BAD),
    "xarray with NaN": xr.DataArray(SKY).where(~BAD),
    "pandas with NaN": pd.Series(SKY).mask(BAD),
    "beyond double precision": beyond_float64(),
}
WITH_UNIT = {
    "astropy Quantity": SKY * u.uK,
    "a list of Quantities": [SKY * u.uK, SKY * u.K],
    "astropy Column": Column(SKY, unit="K"),
    "astropy Masked Quantity": Masked(SKY * u.K, mask=np.zeros(SKY.shape, bool)),
    "xarray around a Quantity": xr.DataArray(SKY * u.K),
}


@pytest.mark.parametrize("f", MISSING.values(), ids=MISSING)
def test_missing_samples_are_refused(f):
    with pytest.raises(ValueError, match=r"^f must (be|lie) ") as error:
        st.forward(f, GRID)
    message = str(error.value)
    assert any(part in message for part in (f"{N_BAD} ", "1 of", "192 of 192", "float64"))
    assert ("st.masks.known" in message) == any(word in message for word in ("masked", "marks"))


@pytest.mark.parametrize("f", WITH_UNIT.values(), ids=WITH_UNIT)
def test_a_unit_is_not_dropped(f):
    with pytest.raises(TypeError, match=r"f must be plain numbers, got a quantity in 'u?K'"):
        st.forward(f, GRID)


DOORS = {
    "plot.globe": lambda f: st.plot.globe(f, GRID),
    "plot.mollweide": lambda f: st.plot.mollweide(f, GRID),
    "explore.harmonics": lambda f: st.explore.harmonics((f, GRID)),
    "explore.energy_shift": lambda f: st.explore.energy_shift({"a": (f, GRID)}),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("f", [holed(-1.6375e24), np.ma.array(SKY, mask=BAD)], ids=["mark", "mask"])
def test_every_door_refuses_them(door, f):
    with pytest.raises(ValueError, match=f"got {N_BAD} "):
        door(f)


@pytest.mark.parametrize(
    "f",
    [
        np.ma.array(SKY),  # no element is masked
        Column(SKY),
        (SKY * u.dimensionless_unscaled),
        xr.DataArray(SKY, attrs={"units": "K"}),
        pd.Series(SKY),
        SKY.astype(">f8"),
        list(SKY),
    ],
)
def test_what_is_complete_passes(f):
    np.testing.assert_allclose(st.forward(f, GRID), st.forward(SKY, GRID), rtol=1e-12)


@given(seeds, hs.integers(-30, 30), hs.sampled_from([-1, 1]))
def test_signals_of_any_size_pass(seed, exponent, sign):
    alm = sign * 10.0**exponent * noise(4, seed)
    np.testing.assert_allclose(
        st.forward(st.inverse(alm, GRID), GRID), alm, atol=1e-8 * 10.0**exponent
    )


@pytest.mark.parametrize(
    "f",
    [
        np.full(GRID.shape, -1e21),  # a column density below its mean, in 1/cm^2
        -1e21 * (1 + np.abs(SKY)),
        np.where(BAD, 1e26, 0.0),  # a few bright sources, in W/Hz
        np.where(BAD, -2e9, 0.0),
        np.where(BAD, -1.6375, 0.0),
    ],
)
def test_large_values_are_no_marks(f):
    grid = st.Grid.gauss_legendre(4)
    assert np.isfinite(st.forward(np.resize(f, grid.shape), grid)).all()


ALM = noise(4)


@pytest.mark.parametrize(
    ("alm", "error", "said"),
    [
        (np.where(np.arange(10) == 3, np.nan, ALM), ValueError, "1 NaN or infinite of 10"),
        (np.where(np.arange(10) == 3, np.inf, ALM), ValueError, "1 NaN or infinite of 10"),
        (np.ma.array(ALM, mask=np.arange(10) < 2), ValueError, "2 masked of 10"),
        ([np.ma.array(ALM, mask=np.arange(10) < 2)], ValueError, "2 masked of 10"),
        (Masked(ALM, mask=np.arange(10) < 2), ValueError, "2 masked of 10"),
        (ALM * u.K, TypeError, "quantity in 'K'"),
        (xr.DataArray(ALM * u.K), TypeError, "quantity in 'K'"),
        (ALM.astype(np.clongdouble) * np.longdouble("1e400"), ValueError, "range of complex128"),
    ],
)
@pytest.mark.parametrize(
    "door",
    [
        st.energy,
        st.power_spectrum,
        lambda alm: st.inverse(alm, GRID),
        lambda alm: st.WaveletBank(4).analysis(alm),
        lambda alm: st.ScatteringTransform(4, 1)(alm),
        lambda alm: st.explore.wavelets(alm),
    ],
)
def test_coefficients_have_one_check(door, alm, error, said):
    with pytest.raises(error, match=said):
        door(alm)


@pytest.mark.parametrize(
    ("size", "said"), [(1e39, r"up to 7\.07e\+38"), (1e-40, r"at most 7\.07e-41")]
)
def test_single_precision_says_what_it_cannot_hold(size, said):
    alm = size * st.signals.harmonic(4, degree=2, order=1)
    with pytest.raises(ValueError, match=f"range of complex64, got values.*{said}"):
        st.ScatteringTransform(4, 1, dtype="float32")(alm)
    assert np.isfinite(st.ScatteringTransform(4, 1)(alm).alm).all()
