"""Files as sources of maps: which map a file is, what its header states, what it really holds.

Parts are read here as a worker reads them, without Dask. The last section runs whole data sets.
"""

import gzip
import os
import pickle
import re
import shutil
import unicodedata
import warnings

import healpy
import numpy as np
import pytest
from astropy.io import fits
from distributed import Client, LocalCluster
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit import pipeline
from sphere_toolkit.pipeline import folder as folder_module
from sphere_toolkit.pipeline.sources.base import UnusableMap
from sphere_toolkit.pipeline.sources.statements import coordinates, same_unit

NSIDE, L = 4, 8
GRID = st.Grid.healpix(NSIDE)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


def write(name, seed=0, samples=None, dtype=np.float64, change=None, **options):
    """A HEALPix file; ``change`` gets its table (astropy) before it is written."""
    samples = st.inverse(noise(L, seed=seed), GRID) if samples is None else samples
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of healpy, about headers
        healpy.write_map(name, samples, dtype=dtype, overwrite=True, **options)
    if change is not None:
        with fits.open(name, mode="update") as units:
            change(units[1])
    return str(name)


def header(**entries):
    """A change of `write` that sets entries of the header, or removes them (None)."""

    def change(table):
        for key, value in entries.items():
            table.header[key] = value
            if value is None:
                del table.header[key]

    return change


def outcome(source):
    """Coefficients of the maps of a source, and why others are unusable, as workers find them."""
    part, found = pickle.loads(pickle.dumps(source.part(0, len(source.names)))), []
    for i in range(len(source.names)):
        try:
            found.append(part.read(i))
        except UnusableMap as error:
            found.append(str(error))
    return found


def unusable(source):
    """Names and reasons of the unusable maps."""
    found = zip(source.names, outcome(source), strict=True)
    return {name: one for name, one in found if isinstance(one, str)}


# --- which file it is -----------------------------------------------------------------------


def hard_link(path):
    os.link("sky.npy", path)


def copy(path):
    shutil.copy2("sky.npy", path)


def symbolic_link(path):
    os.symlink("sky.npy", path)


@pytest.mark.parametrize(
    ("spelling", "make"),
    [
        ("./sky.npy", None),
        ("sub/../sky.npy", None),
        ("~/sky.npy", None),
        ("{}/sky.npy", None),
        ("{}//sky.npy", None),
        ("link.npy", symbolic_link),
        ("folder/sky.npy", lambda path: os.symlink(".", "folder")),
    ],
)
def test_a_file_is_the_same_under_every_spelling_of_its_path(tmp_path, spelling, make):
    np.save("sky.npy", noise(L))
    (tmp_path / "sub").mkdir()
    spelled = spelling.format(tmp_path)
    if make:
        make(spelled)
    there, here = pipeline.MapFiles(["sky.npy"], L), pipeline.MapFiles([spelled], L)
    assert here.names == [spelled]
    assert here.identities() == there.identities() == [str(tmp_path / "sky.npy")]
    np.testing.assert_array_equal(outcome(here), outcome(there))
    with pytest.raises(ValueError, match="files must differ: 'sky.npy' and .* are both"):
        pipeline.MapFiles(["sky.npy", spelled], L)


@pytest.mark.parametrize("make", [hard_link, copy])
@pytest.mark.parametrize("name", ["other.npy", "SKY.npy", "sky.npy.npy", "ský.npy"])
def test_a_file_of_another_name_is_another_map(make, name):
    np.save("sky.npy", noise(L))
    make(name)
    source = pipeline.MapFiles(["sky.npy", name], L)
    assert len(set(source.identities())) == 2
    assert unusable(source) == {}


def test_names_that_look_alike_are_told_apart():
    names = [f"{unicodedata.normalize(form, 'é')}.npy" for form in ("NFC", "NFD")]
    for seed, name in enumerate(names):
        np.save(name, noise(L, seed=seed))
    np.testing.assert_array_equal(outcome(pipeline.MapFiles(names, L))[1], noise(L, seed=1))


def test_a_worker_in_another_folder_reads_the_same_files(tmp_path, monkeypatch):
    np.save("sky.npy", noise(L))
    sky = write("sky.fits")
    sources = [pipeline.MapFiles(["sky.npy"], L), pipeline.HealpixFiles([sky])]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for source in sources:
        assert unusable(source) == {}


def test_workers_read_by_the_path_that_was_given_and_not_where_links_lead_here(tmp_path):
    (tmp_path / "disk").mkdir()
    np.save("disk/sky.npy", noise(L))
    os.symlink("disk", "data")
    source = pipeline.MapFiles(["data/sky.npy"], L)
    assert source.identities() == [str(tmp_path / "disk/sky.npy")]
    # As on a machine that has the files under the path of the link only.
    os.unlink("data")
    os.rename("disk", "data")
    assert unusable(source) == {}


def test_arrays_are_known_by_their_values_and_iterators_by_name():
    alm = noise(L, n=3)
    known = pipeline.Arrays(alm).identities()
    assert len(set(known)) == 3
    for same in (list(alm), tuple(alm), alm.astype(">c16"), np.asfortranarray(alm)):
        assert pipeline.Arrays(same).identities() == known
    other = alm.copy()
    other[2, -1] += 1e-12
    assert pipeline.Arrays(other).identities()[:2] == known[:2]
    assert pipeline.Arrays(other).identities()[2] != known[2]
    assert pipeline.Arrays(iter(alm), n=3).identities() == [None] * 3
    assert pipeline.Arrays(alm, n=2).identities() == known[:2]


def test_arrays_that_cannot_be_used_are_known_as_well():
    first = noise(L)
    odd = [first, "text", None, first[:-1], np.full(36, np.nan), np.ma.masked_less(first.real, 0)]
    known = pipeline.Arrays(odd).identities()
    assert len(set(known)) == len(odd)
    assert pipeline.Arrays(odd).identities() == known


def test_simulations_are_known_by_set_number_and_seed():
    def known(**options):
        return pipeline.NamedSet("cmb128-laptop", n=3, **options).identities()

    assert len(set(known())) == 3
    assert known(first=1)[:2] == known()[1:]
    assert not set(known(seed=1)) & set(known())


# --- what its header states -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("K_CMB", "K", True),
        ("K_CMB", "Kelvin", True),
        ("uK_CMB", "muK", True),
        ("uK", "microK", True),
        ("uK", "µK", True),
        ("uK", " uK ", True),
        ("uK", "1e-6 K", True),
        ("mK,thermodynamic", "mK", True),
        ("MJy/sr", "MJy sr-1", True),
        ("counts / pixel", "counts  /  pixel", True),
        ("K_CMB", "uK_CMB", False),
        ("mK", "MK", False),
        ("K_CMB", "K_RJ", False),
        ("K_RJ", "uK_RJ", False),
        ("K", "counts", False),
        ("K", "K^2", False),
    ],
)
def test_units_are_compared_by_meaning(a, b, same):
    assert same_unit(a, b) is same_unit(b, a) is same


@pytest.mark.parametrize(("a", "b", "same"), [("uK_CMB", "muK", True), ("K_CMB", "uK_CMB", False)])
def test_files_of_another_unit_are_unusable_and_not_of_another_spelling(a, b, same):
    files = [write("a.fits", column_units=a), write("b.fits", column_units=b)]
    assert list(unusable(pipeline.HealpixFiles(files))) == [] if same else ["b.fits"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("G", "G"), ("GALACTIC", "G"), (" galactic ", "G"), ("E", "E"), ("Ecliptic", "E"),
        ("C", "C"), ("Q", "C"), ("EQUATORIAL", "C"), ("icrs", "C"), ("", None), (None, None),
        ("unknown", None), ("SUPERGALACTIC", "SUPERGALACTIC"),
    ],
)  # fmt: skip
def test_coordinate_systems_have_one_letter(value, expected):
    assert coordinates(value) == expected


@pytest.mark.parametrize(
    ("stated", "unit", "odd"),
    [
        ([None, None, "K_CMB", "K_CMB", "uK_CMB", None], "K_CMB", [4]),
        (["unknown", "", "K_CMB", "uK_CMB", "uK", "mK"], "uK_CMB", [2, 5]),
        (["uK", "K", "uK", "K"], "uK", [1, 3]),
        ([None] * 4, None, []),
    ],
)
def test_units_are_compared_with_the_one_that_most_files_state(stated, unit, odd):
    files = [write(f"{i}.fits", change=header(TUNIT1=unit)) for i, unit in enumerate(stated)]
    source = pipeline.HealpixFiles(files)
    assert source.unit == unit
    found = unusable(source)
    assert list(found) == [files[i] for i in odd]
    for i in odd:
        assert found[files[i]] == (
            f"unit is {stated[i]!r}, expected {source.unit!r}; unit={source.unit!r} (--unit) "
            "converts it"
        )


def test_coordinates_are_compared_with_those_that_most_files_state():
    stated = [None, "E", "G", "C", "GALACTIC", "unknown"]
    files = [write(f"{i}.fits", change=header(COORDSYS=value)) for i, value in enumerate(stated)]
    source = pipeline.HealpixFiles(files)
    assert source.coordinates == source.describe()["coordinates"] == "G"
    assert unusable(source) == {
        "1.fits": "coordinates is 'E', expected 'G'",
        "3.fits": "coordinates is 'C', expected 'G'",
    }


def test_what_the_caller_states_is_compared_with_every_file():
    files = [write("a.fits"), write("b.fits", column_units="uK"), write("c.fits", coord="E")]
    source = pipeline.HealpixFiles(files, unit="muK", coordinates="E")
    assert (source.unit, source.coordinates, unusable(source)) == ("muK", "E", {})
    with pytest.raises(
        ValueError, match="unit must be what .* converted to: b.fits says 'uK', got"
    ):
        pipeline.HealpixFiles(files, unit="MJy/sr")
    with pytest.raises(ValueError, match="coordinates must be that of the files: c.fits says 'E'"):
        pipeline.HealpixFiles(files, coordinates="G")
    with pytest.raises(ValueError, match="coordinates must be one of None, 'G', 'E', 'C', got 'g'"):
        pipeline.HealpixFiles(files, coordinates="g")


def test_a_file_that_cannot_be_read_states_nothing():
    files = [write("a.fits", column_units="K"), write("b.fits", column_units="uK")]
    with open("a.fits", "r+b") as stream:
        stream.truncate(7000)
    source = pipeline.HealpixFiles(files)
    assert source.unit == "uK"
    assert "cut off: 7000 bytes of" in unusable(source)["a.fits"]


def test_the_unit_is_that_of_the_column():
    tqu = st.inverse(noise(L, n=3), GRID)
    file = write("tqu.fits", samples=tqu, column_units=["K", "mK", "uK"])
    with pytest.warns(pipeline.StokesWarning) as caught:
        sources = [pipeline.HealpixFiles([file], field=field) for field in range(3)]
    said = [str(one.message).split(" ")[0] for one in caught]
    assert said == ["Q_POLARISATION", "U_POLARISATION"]
    assert {one.filename for one in caught} == {__file__}
    for field, (unit, source) in enumerate(zip(["K", "mK", "uK"], sources, strict=True)):
        assert source.unit == unit
        np.testing.assert_allclose(outcome(source)[0], noise(L, n=3)[field], atol=1e-7)
    with pytest.raises(ValueError, match=r"columns 0 to 2 \(TEMPERATURE, .*\), got 3"):
        pipeline.HealpixFiles([file], field=3)


def test_the_pixel_numbers_of_a_partial_sky_are_no_field():
    samples = st.inverse(noise(L), GRID)
    samples[:5] = healpy.UNSEEN
    part = write("part.fits", samples=samples, partial=True, column_units="uK")
    whole = write("whole.fits", samples=st.inverse(noise(L), GRID), partial=True)
    source = pipeline.HealpixFiles([part, whole])
    assert source.unit == "uK"
    assert list(unusable(source)) == ["part.fits"]
    assert "5 of 192" in unusable(source)["part.fits"]
    with fits.open(part) as units:
        units[1].data["PIXEL"][3] = 200
        units.writeto(part, overwrite=True)
    source = pipeline.HealpixFiles([part, whole])
    assert "from 0 to 191, got 5 to 200" in unusable(source)["part.fits"]


def test_units_are_converted_to_the_one_that_is_asked_for():
    stated = {"a": "K", "b": "mK_CMB", "c": None, "d": "uK", "e": "MJy/sr", "f": "K_RJ"}
    files = [write(f"{key}.fits", change=header(TUNIT1=unit)) for key, unit in stated.items()]
    found = outcome(pipeline.HealpixFiles(files, unit="uK"))
    for alm, scale in zip(found[:4], [1e6, 1e3, 1, 1], strict=True):
        np.testing.assert_allclose(alm, scale * noise(L), rtol=1e-6, atol=1e-6 * scale)
    assert found[4:] == [
        f"unit is {unit!r}, expected 'uK' or what can be converted to it"
        for unit in ("MJy/sr", "K_RJ")
    ]


@pytest.mark.parametrize("convention", ["COSMO", "IAU"])
def test_e_and_b_come_from_q_and_u(convention):
    alm = noise(L, n=2)
    alm[:, st.degrees(L) < 2] = 0
    q, u = st.inverse(alm, GRID, spin=2)
    maps = [0 * q, q, u if convention == "COSMO" else -u]
    file = write("tqu.fits", samples=maps, change=header(POLCCONV=convention))
    with pytest.warns(pipeline.StokesWarning, match=r"Q_POL.*'E' and 'B' \(--field"):
        source = pipeline.HealpixFiles([file], field=["E", "b", "Q", 0])
    assert source.names == [f"tqu.fits[{field}]" for field in ("E", "b", "Q", 0)]
    found = outcome(source)
    np.testing.assert_allclose(found[:2], alm, atol=1e-5)
    with pytest.warns(pipeline.StokesWarning):
        np.testing.assert_array_equal(found[2:3], outcome(pipeline.HealpixFiles([file], field=1)))
    np.testing.assert_allclose(found[3], 0)


def test_q_and_u_are_known_by_their_names():
    names = ["Q", "u_stokes", "STOKES Q", "U-POL", "TEMPERATURE", "QUALITY", "N_OBS", "UQ", "Q2"]
    broken = write("a.fits")
    os.truncate(broken, 7000)
    file = write("sky.fits", samples=[np.ones(GRID.shape)] * len(names), column_names=names)
    with pytest.warns(pipeline.StokesWarning, match="^Q and u_stokes and STOKES Q and U-POL will"):
        pipeline.HealpixFiles([broken, file], field=range(len(names)))
    pipeline.HealpixFiles([broken, file], field=names[4:])
    pipeline.HealpixFiles([write("own.fits", column_names=["QUICK"])], field="Q")


def test_a_table_is_chosen_by_number_or_name():
    with fits.open(write("one.fits")) as units:
        units[1].name = "SKY"
        other = fits.BinTableHDU.from_columns([fits.Column("x", "D", array=np.zeros(3))], name="X")
        fits.HDUList([units[0], other, units[1]]).writeto("two.fits")
    for hdu in (2, "sky"):
        source = pipeline.HealpixFiles(["two.fits"], hdu=hdu)
        assert source.describe()["hdu"] == hdu
        np.testing.assert_allclose(outcome(source)[0], noise(L), atol=1e-7)
    with pytest.raises(
        ValueError, match=r"hdu must be one of its tables, 1 \(X\), 2 \(SKY\), got 5"
    ):
        pipeline.HealpixFiles(["two.fits"], hdu=5)
    for field, said in (("V", "fits 0 of them"), ("E", "'Q' for the field 'E'")):
        with pytest.raises(ValueError, match=f"field must be one of the columns.*{said}"):
            pipeline.HealpixFiles(["one.fits"], field=field)


# --- masks and beams ------------------------------------------------------------------------


@pytest.fixture
def masked():
    """A mask in two files, and maps that are missing behind it in various ways."""
    keeps = np.abs(np.cos(GRID.theta)) > 0.2
    write("mask.fits", samples=keeps.astype(float))
    np.save("mask.npy", keeps)
    sky = st.inverse(noise(L), GRID)
    write("unseen.fits", samples=np.where(keeps, sky, healpy.UNSEEN), column_units="K")
    write("bad.fits", samples=np.where(keeps, sky, -99), change=header(BAD_DATA=-99.0))
    np.save("nan.npy", np.where(keeps, sky, np.nan))
    return st.masks.Mask(keeps, GRID), sky


def test_holes_are_filled_and_maps_smoothed_before_they_are_scattered(masked):
    mask, sky = masked
    filled = st.forward(sky, GRID, mask=mask)
    assert st.norm(filled - noise(L)) > 0.1  # so the holes do matter
    files = pipeline.HealpixFiles(["unseen.fits", "bad.fits"], mask="mask.fits", unit="mK")
    np.testing.assert_allclose(outcome(files), [1e3 * filled, filled], rtol=1e-9)
    arrays = pipeline.MapFiles(["nan.npy"], GRID, mask="mask.npy", beam=0.2)
    np.testing.assert_allclose(outcome(arrays), [st.smooth(filled, 0.2)], rtol=1e-9)
    assert arrays.describe()["beam"] == 0.2
    assert arrays.describe()["mask"] == files.describe()["mask"]
    np.save("alm.npy", noise(L))
    smoothed = pipeline.MapFiles(["alm.npy"], L, beam=0.2)
    np.testing.assert_allclose(outcome(smoothed), [st.smooth(noise(L), 0.2)])
    window = st.pixel_window(4, L)
    for how, factor in (("apply,4", window), ("remove, 4", 1 / window)):
        source = pipeline.MapFiles(["alm.npy"], L, pixel_window=how)
        np.testing.assert_allclose(outcome(source), [st.smooth(noise(L), factor)])
    own = pipeline.HealpixFiles(["unseen.fits"], mask="mask.fits", pixel_window="remove")
    window = st.pixel_window(GRID.nside, L)
    np.testing.assert_allclose(outcome(own), [st.smooth(filled, 1 / window)], rtol=1e-9)


def test_e_and_b_behind_a_mask_are_those_of_the_filled_map(masked):
    mask, _ = masked
    alm = noise(L, n=2, seed=3)
    alm[:, st.degrees(L) < 2] = 0
    qu = st.inverse(alm, GRID, spin=2)
    holes = np.where(mask.keeps, qu, healpy.UNSEEN)
    file = write("tqu.fits", samples=[0 * qu[0], *holes])
    with pytest.warns(st.ApproximationWarning, match=r"behind a mask E and B mix.* 5 %"):
        source = pipeline.HealpixFiles([file], field=["E", "B"], mask="mask.fits")
    expected = st.forward(qu, GRID, spin=2, mask=mask)
    np.testing.assert_allclose(outcome(source), expected, rtol=1e-9, atol=1e-12)
    (said,) = unusable(pipeline.HealpixFiles([file], field="E")).values()
    assert "UNSEEN" in said
    assert "give one (mask=, --mask)" in said


def test_masks_that_do_not_fit_are_refused(masked):
    with pytest.raises(ValueError, match="mask is for samples, got coefficients"):
        pipeline.MapFiles(["nan.npy"], L, mask="mask.npy")
    with pytest.raises(FileNotFoundError, match="there is no mask '.*none.fits'"):
        pipeline.MapFiles(["nan.npy"], GRID, mask="none.fits")
    with pytest.raises(IsADirectoryError, match="the mask must be a file, got the folder"):
        pipeline.MapFiles(["nan.npy"], GRID, mask=".")
    bytes_of(b"ra,dec")("mask.txt")
    with pytest.raises(ValueError, match="the mask must be a HEALPix map .*mask.txt' is of an unk"):
        pipeline.MapFiles(["nan.npy"], GRID, mask="mask.txt")
    with pytest.raises(
        ValueError, match=r"mask must lie on the grid of the .*mask.samples, 8\) =="
    ):
        pipeline.MapFiles(["nan.npy"], st.Grid.healpix(8), mask="mask.fits")
    with pytest.raises(ValueError, match="mask.npy: it is a NumPy array; .* st.masks.Mask"):
        st.masks.read("mask.npy")
    with pytest.raises(ValueError, match=r"^unseen.fits: samples .* lie in .*st.masks.known\(map"):
        st.masks.read("unseen.fits")
    np.save("zeros.npy", np.zeros(GRID.shape))
    with pytest.raises(ValueError, match="/zeros.npy: a mask must keep"):
        pipeline.MapFiles(["nan.npy"], GRID, mask="zeros.npy")
    source = pipeline.HealpixFiles(["unseen.fits"], mask="mask.fits")
    write("mask.fits", samples=np.ones(GRID.shape))
    os.utime("mask.fits", (1, 1))
    assert "/mask.fits' is another one now" in unusable(source)["unseen.fits"]


# --- missing pixels -------------------------------------------------------------------------


def marked(value, n=5):
    samples = st.inverse(noise(L), GRID)
    samples[:n] = value
    return samples


def integers(dtype, mark=None, **entries):
    """A change of `write` that stores rounded samples as integers."""

    def change(table):
        stored = np.rint(1000 * table.data.field(0)).astype(dtype)
        if mark is not None:
            stored.ravel()[:5] = mark
        code = {"int16": "I", "int32": "J", "int64": "K"}[np.dtype(dtype).name]
        column = fits.Column("T", f"{stored.shape[1]}{code}" if stored.ndim > 1 else code,
                             array=stored, null=mark)  # fmt: skip
        table.data = fits.BinTableHDU.from_columns([column]).data
        table.header.update(entries)

    return change


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"samples": marked(healpy.UNSEEN)}, "-1.6375e"),
        ({"samples": marked(healpy.UNSEEN), "dtype": np.float32}, "-1.6375e"),
        ({"samples": marked(1e6 * healpy.UNSEEN)}, "-1.6375e"),
        ({"samples": marked(1e-6 * healpy.UNSEEN)}, "-1.6375e"),
        ({"samples": marked(np.nan)}, "^samples must be finite, got 5 NaN"),
        ({"samples": marked(-np.inf)}, "5 NaN"),
        ({"samples": marked(-999.25), "change": header(BAD_DATA=-999.25)}, "BAD_DATA = -999.25"),
        (
            {"samples": marked(-0.1), "dtype": np.float32, "change": header(BAD_DATA=-0.1)},
            "BAD_DATA = -0.1",
        ),
        ({"samples": marked(-99.0), "change": header(BAD_DATA="-99.0")}, "BAD_DATA = -99"),
        ({"samples": marked(0.0), "change": header(BAD_DATA=0)}, "BAD_DATA = 0"),
        ({"samples": marked(7.0), "change": header(BAD_DATA="none such")}, "BAD_DATA .* number"),
        ({"change": integers(np.int16, mark=-32768)}, "TNULL = -32768"),
        ({"change": integers(np.int32, mark=-2147483648)}, "TNULL = -2.1474"),
        ({"change": integers(np.int16, mark=-32768, BAD_DATA=-32768)}, "BAD_DATA = -32768"),
        ({"samples": np.full(192, healpy.UNSEEN)}, r"192 of 192 .*: give one \(mask=, --mask\)$"),
    ],
)
def test_a_map_with_missing_pixels_is_unusable_and_says_how_many(options, said):
    reason = unusable(pipeline.HealpixFiles([write("a.fits"), write("b.fits", **options)]))
    assert list(reason) == ["b.fits"]
    assert re.search(said, reason["b.fits"]), reason
    assert "number" in said or "5" in reason["b.fits"] or "192" in reason["b.fits"]


@pytest.mark.parametrize(
    "options",
    [
        {"change": header(BAD_DATA=float(healpy.UNSEEN))},
        {"change": header(BAD_DATA=-999.25)},
        {"change": header(BAD_DATA=None)},
        {"change": integers(np.int16)},
        {"change": integers(np.int32)},
        {"change": integers(np.int64)},
        {"dtype": np.float32},
        {"fits_IDL": False},
        {"nest": True, "samples": healpy.reorder(st.inverse(noise(L), GRID), r2n=True)},
        {"change": header(NSIDE=None)},
        {"change": header(NSIDE=float(NSIDE))},
    ],
)
def test_a_map_without_missing_pixels_is_used(options):
    (alm,) = outcome(pipeline.HealpixFiles([write("a.fits", **options)]))
    scale = 1000 if abs(alm).max() > 100 else 1
    np.testing.assert_allclose(alm / scale, noise(L), atol=2e-3)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (marked(healpy.UNSEEN), "5 of 192 samples near -1.6375e"),
        (marked(healpy.UNSEEN).astype(np.float32), "5 of 192 samples near -1.6375e"),
        (marked(1e3 * healpy.UNSEEN), "5 of 192"),
        (marked(np.nan), "5 NaN"),
        (marked(1e20), "5 of 192"),
        (np.full(192, healpy.UNSEEN), "192 of 192"),
        (marked(0) + 0j, "must be real"),
        (marked(0).astype(str), "array of numbers"),
        (marked(0).astype(object), "Python objects; expected numbers of shape (192,)"),
        (np.zeros(192, [("T", "f8")]), "array of numbers"),
    ],
)
def test_a_numpy_file_with_missing_samples_is_unusable(samples, said):
    np.save("a.npy", samples)
    assert said in unusable(pipeline.MapFiles(["a.npy"], GRID))["a.npy"]


# --- what it really holds -------------------------------------------------------------------


def image(name):
    fits.PrimaryHDU(np.zeros((30, 40))).writeto(name)


def image_in_an_extension(name):
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((7, 9)))]).writeto(name)


def no_data(name):
    fits.PrimaryHDU().writeto(name)


def table_of_something_else(name):
    columns = [
        fits.Column("RA", "D", array=np.zeros(17)),
        fits.Column("DEC", "D", array=np.ones(17)),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(name)


def bytes_of(content):
    def make(name):
        with open(name, "wb") as stream:
            stream.write(content)

    return make


def save(array):
    def make(name):
        with open(name, "wb") as stream:
            np.save(stream, array)

    return make


def cut(n, compress=False):
    def make(name):
        with open(write("whole.fits"), "rb") as stream:
            whole = stream.read()
        bytes_of((gzip.compress(whole) if compress else whole)[:n])(name)

    return make


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (image, r"images of shape \(30, 40\) and no table; expected a table with a HEALPix map"),
        (image_in_an_extension, r"images of shape \(7, 9\) and no table"),
        (no_data, r"no data \(is it cut off\?\) and no table"),
        (table_of_something_else, "column RA has 17 pixels, expected 12 nside"),
        (cut(7000), "cut off: 7000 bytes of"),
        (cut(4000), "is it cut off"),
        (cut(100), "cut off or damaged"),
        (cut(900, compress=True), "cut off"),
        (bytes_of(b""), "it is empty; expected a FITS file"),
        (bytes_of(b"\x89HDF\r\n\x1a\n"), "it is an HDF5 file; expected a FITS file"),
        (bytes_of(b"<!DOCTYPE html>"), "it is a web page"),
        (bytes_of(b"version https://git-lfs.github.com/spec/v1"), "git lfs pull"),
        (bytes_of(b"RA,DEC\n"), r"of an unknown kind: it begins with b'RA,DEC"),
        (save(np.ones(3)), "it is a NumPy array; expected a FITS file"),
        (os.mkdir, "cannot be read: Is a directory"),
        (lambda name: None, "there is no such file"),
        (lambda name: write(name, change=header(NSIDE=5)), "192 pixels, expected .* nside = 5"),
        (lambda name: write(name, change=header(NSIDE="many")), "NSIDE.* got 'many'"),
        (lambda name: write(name, change=header(ORDERING="SPIRAL")), "ORDERING must be.*'SPIRAL'"),
    ],
)  # fmt: skip
def test_what_is_no_healpix_file_is_described(make, said):
    make("odd.fits")
    with pytest.raises(ValueError, match=f"none can be read: odd.fits: .*{said}"):
        pipeline.HealpixFiles(["odd.fits"])
    found = unusable(pipeline.HealpixFiles([write("good.fits"), "odd.fits"]))
    assert list(found) == ["odd.fits"]


@pytest.mark.parametrize("name", ["a.fits.gz", "A.FITS", "a.fit", "a"])
def test_the_content_tells_what_a_file_is_whatever_its_name(name):
    with open(write("sky.fits"), "rb") as stream:
        whole = stream.read()
    bytes_of(gzip.compress(whole) if name.endswith("gz") else whole)(name)
    np.testing.assert_allclose(outcome(pipeline.HealpixFiles([name]))[0], noise(L), atol=1e-7)


MW = st.Grid.mcewen_wiaux(L)


def archive(name):
    with open(name, "wb") as stream:
        np.savez(stream, T=np.zeros(MW.shape))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (archive, "it is a zip archive, such as numpy.savez (.npz) makes; expected a NumPy array"),
        (save(np.zeros((0, *MW.shape))), "shape (0, 8, 15), expected (8, 15), or a stack of them"),
        (save(np.zeros((2, 2, *MW.shape))), "shape (2, 2, 8, 15), expected (8, 15), or a stack of"),
        (
            save(np.zeros(MW.shape[::-1])),
            f"(15, 8), expected (8, 15), or a stack of them (samples on {MW!r})",
        ),
        (save(np.zeros(36, complex)), "shape (36,), expected (8, 15)"),
        (save(np.zeros((3, 192))), "shape (3, 192), expected (8, 15)"),
        (save(np.float64(3)), "shape (), expected (8, 15)"),
        (save(np.zeros(MW.shape)[:0]), "shape (0, 15), expected (8, 15)"),
        (lambda name: write(name), "it is a FITS file; expected a NumPy array"),
        (bytes_of(gzip.compress(b"")), "compressed by gzip"),
        (bytes_of(pickle.dumps([1])), "a Python pickle"),
        (bytes_of(b""), "it is empty"),
        (lambda name: None, "there is no such file"),
        (os.mkdir, "Is a directory"),
    ],
)
def test_what_is_no_map_of_the_grid_is_described(make, said):
    make("odd.npy")
    assert said in unusable(pipeline.MapFiles(["odd.npy"], MW))["odd.npy"]


def test_coefficients_of_another_number_are_described():
    np.save("few.npy", noise(7))
    found = unusable(pipeline.MapFiles(["few.npy"], L))["few.npy"]
    assert "shape (28,), expected (36,)" in found
    assert "st.from_healpy(alm, lmax, mmax)" in found


def test_a_stack_in_one_file_holds_many_maps():
    np.save("stack.npy", noise(L, n=3))
    np.save("one.npy", noise(L, seed=9))
    source = pipeline.MapFiles(["stack.npy", "one.npy"], L)
    assert source.names == ["stack.npy[0]", "stack.npy[1]", "stack.npy[2]", "one.npy"]
    assert source.identities()[1].endswith("/stack.npy[1]")
    np.testing.assert_array_equal(outcome(source), [*noise(L, n=3), noise(L, seed=9)])
    np.save("stack.npy", noise(L, n=2))  # became shorter since
    assert unusable(source) == {
        "stack.npy[2]": "it holds an array of shape (2, 36), expected 3 maps or more of shape "
        "(36,) (coefficients of L = 8)"
    }


def test_healpix_samples_in_a_numpy_file_are_in_the_order_that_is_stated():
    samples = st.inverse(noise(L, n=2), GRID)
    np.save("ring.npy", samples)
    np.save("nested.npy", healpy.reorder(samples, r2n=True))
    ring = outcome(pipeline.MapFiles(["ring.npy"], GRID))
    nested = pipeline.MapFiles(["nested.npy"], GRID, ordering="NESTED", unit="K")
    assert (nested.describe()["ordering"], nested.describe()["unit"]) == ("NESTED", "K")
    np.testing.assert_array_equal(outcome(nested), ring)
    np.testing.assert_allclose(ring, noise(L, n=2), atol=1e-7)
    np.save("odd.npy", np.ones(12 * 3**2))
    odd = pipeline.MapFiles(["odd.npy"], st.Grid.healpix(3), ordering="NESTED")
    assert "power of 2 can be NESTED, got nside = 3" in unusable(odd)["odd.npy"]
    with pytest.raises(ValueError, match="ordering='NESTED' is for HEALPix samples, got grid=8"):
        pipeline.MapFiles(["ring.npy"], L, ordering="NESTED")


@pytest.mark.parametrize("n", [1, 50, 100, 130, 400])
def test_a_numpy_file_that_is_cut_off_is_unusable(n):
    save(np.ones(MW.shape))("cut.npy")
    with open("cut.npy", "r+b") as stream:
        stream.truncate(n)
    assert unusable(pipeline.MapFiles(["cut.npy"], MW))["cut.npy"]


def test_without_permission_a_file_is_unusable(monkeypatch):
    np.save("a.npy", noise(L))

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    found = unusable(pipeline.MapFiles(["a.npy"], L))
    assert found == {"a.npy": "it cannot be read: Permission denied"}


# --- whole data sets ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client():
    """A cluster within this process: quick to start."""
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, processes=False,
                     dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        yield client


@pytest.fixture
def work(client):
    """Scatter into the same store each time; the number computed, and what is unusable."""

    def call(source, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pipeline.UnusableMapsWarning)
            report = pipeline.scatter_dataset(
                source, st.ScatteringTransform(L, J_min=2), "store", client=client,
                progress=False, maps_per_shard=1, **options,
            )  # fmt: skip
        return report.n_computed, report.unusable

    return call


def rows():
    return pipeline.load_dataset("store").alm


def expected(*seeds):
    scatter = st.ScatteringTransform(L, J_min=2)
    return np.array([scatter(noise(L, seed=seed)).alm for seed in seeds])


NPY = ["0.npy", "1.npy", "2.npy"]


def save_three():
    for seed, name in enumerate(NPY):
        np.save(name, noise(L, seed=seed))


@pytest.mark.parametrize("keep_time", [False, True])
def test_a_file_that_was_replaced_is_computed_again(work, keep_time):
    save_three()
    assert work(pipeline.MapFiles(NPY, L)) == (3, {})
    times = os.stat("1.npy")
    np.save("1.npy", noise(L, seed=7))
    if keep_time:
        os.utime("1.npy", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert work(pipeline.MapFiles(NPY, L)) == (1, {})
    np.testing.assert_allclose(rows(), expected(0, 7, 2), atol=1e-6)
    assert work(pipeline.MapFiles(NPY, L)) == (0, {})


def test_a_file_that_was_only_touched_is_not_computed_again(work):
    save_three()
    work(pipeline.MapFiles(NPY, L))
    for name in NPY:
        os.utime(name)
    assert work(pipeline.MapFiles(NPY, L)) == (0, {})


def test_another_spelling_of_the_paths_goes_on_with_the_store(work, tmp_path):
    save_three()
    work(pipeline.MapFiles(NPY, L))
    assert work(pipeline.MapFiles([f"~/{name}" for name in NPY], L)) == (0, {})
    assert work(pipeline.MapFiles([tmp_path / name for name in NPY], L)) == (0, {})


def test_the_same_names_in_another_folder_are_other_maps(work, tmp_path, monkeypatch):
    save_three()
    work(pipeline.MapFiles(NPY, L))
    (tmp_path / "other").mkdir()
    shutil.move("store", "other/store")
    monkeypatch.chdir(tmp_path / "other")
    for seed, name in enumerate(NPY):
        np.save(name, noise(L, seed=10 + seed))
    with pytest.raises(ValueError, match=r"made with other .*/0.npy' there, .*/other/0.npy' here"):
        work(pipeline.MapFiles(NPY, L))


def test_more_or_fewer_files_are_named(work):
    save_three()
    work(pipeline.MapFiles(NPY[:2], L))
    with pytest.raises(ValueError, match=r"made for 2 maps, got 1, .*; new: 2.npy; gone: 0.npy, 1"):
        work(pipeline.MapFiles(NPY[2:], L))
    with pytest.raises(ValueError, match=r"made for 2 maps, got 1, .*; gone: 0.npy. Name all of"):
        work(pipeline.MapFiles(["./1.npy"], L))


def test_a_store_grows_with_its_files_and_keeps_what_it_has(work):
    save_three()
    assert work(pipeline.MapFiles(["1.npy"], L, labels=["b"])) == (1, {})
    before = rows().copy()
    assert work(pipeline.MapFiles(NPY, L)) == (2, {})  # the old one stands between the new ones
    data = pipeline.load_dataset("store")
    assert data.names == ["1.npy", "0.npy", "2.npy"]
    assert data.labels.tolist() == ["b", "", ""]
    np.testing.assert_array_equal(data.alm[0], before[0])
    np.testing.assert_allclose(data.alm, expected(1, 0, 2), atol=1e-6)
    assert work(pipeline.MapFiles(NPY, L, labels={"label": list("abc"), "h": [1, 2, 0.5]})) == (
        0,
        {},
    )
    data = pipeline.load_dataset("store")
    assert data.labels.tolist() == ["b", "a", "c"]
    assert data.target("h").tolist() == [2, 1, 0.5]
    with pytest.raises(ValueError, match="no labels named 'z'; the data set has 'label', 'h'"):
        data.target("z")


def test_a_store_knows_its_mask_and_means_go_by_it(work, masked):
    mask, sky = masked
    assert work(pipeline.MapFiles(["nan.npy"], GRID, mask="mask.npy")) == (1, {})
    with pytest.raises(ValueError, match=r"source.mask is '.*' there, None here"):
        work(pipeline.MapFiles(["nan.npy"], GRID))
    scatter, data = st.ScatteringTransform(L, J_min=2), pipeline.load_dataset("store")
    expected = scatter(st.forward(sky, GRID, mask=mask), mask=mask)
    S = data.coefficients(st.masks.read("mask.fits"))
    np.testing.assert_allclose(S.means()[0], expected.means(), atol=1e-6)
    with pytest.raises(ValueError, match=r"mask must be that of the maps, \w+ \(.*\), got None"):
        data.coefficients()


def test_a_store_whose_growth_was_interrupted_is_the_old_one(work, monkeypatch):
    save_three()
    work(pipeline.MapFiles(NPY[:2], L))
    before = rows().copy()

    def stop(file, content):
        if file.parent.name == "store":
            raise KeyboardInterrupt
        put(file, content)

    put = folder_module.put
    with monkeypatch.context() as context:
        context.setattr(folder_module, "put", stop)
        with pytest.raises(KeyboardInterrupt):
            work(pipeline.MapFiles(NPY, L))
    np.testing.assert_array_equal(rows(), before)
    assert work(pipeline.MapFiles(NPY[:2], L)) == (0, {})
    assert work(pipeline.MapFiles(NPY, L)) == (1, {})
    np.testing.assert_allclose(rows(), expected(0, 1, 2), atol=1e-6)


def move(folder):
    os.mkdir(folder)
    for name in NPY:
        os.rename(name, f"{folder}/{name}")


def copy_all(folder):
    os.mkdir(folder)
    for name in NPY:
        shutil.copy(name, folder)


@pytest.mark.parametrize("go", [move, copy_all])
def test_a_store_follows_files_that_were_moved_or_copied(work, go):
    save_three()
    work(pipeline.MapFiles(NPY, L))
    shutil.rmtree("store/alm/c/2")
    go("elsewhere")
    there = [f"elsewhere/{name}" for name in NPY]
    assert work(pipeline.MapFiles(there, L)) == (1, {})
    np.testing.assert_allclose(rows(), expected(0, 1, 2), atol=1e-6)


@pytest.mark.parametrize(
    ("names", "seeds"),
    [
        (["0.npy", "1.npy", "2.npy"], [0, 7, 2]),
        (["1.npy", "0.npy", "2.npy"], [0, 1, 2]),
        (["0.npy", "1.npy", "other.npy"], [0, 1, 2]),
    ],
    ids=["other content", "other order", "other name of what was not read"],
)
def test_a_store_does_not_follow_other_files(work, names, seeds):
    save_three()
    work(pipeline.MapFiles(NPY, L))
    shutil.rmtree("store/alm/c/2")
    os.mkdir("elsewhere")
    for seed, name in zip(seeds, sorted(names), strict=True):
        np.save(f"elsewhere/{name}", noise(L, seed=seed))
    with pytest.raises(ValueError, match=r"made with other parameters.*maps.sources\[0\] is"):
        work(pipeline.MapFiles([f"elsewhere/{name}" for name in names], L))


def test_a_link_that_leads_elsewhere_is_another_map(work):
    save_three()
    os.symlink("0.npy", "latest.npy")
    work(pipeline.MapFiles(["latest.npy"], L))
    os.unlink("latest.npy")
    os.symlink("1.npy", "latest.npy")
    with pytest.raises(ValueError, match=r"/0.npy' there, .*/1.npy' here"):
        work(pipeline.MapFiles(["latest.npy"], L))


def test_files_in_another_order_are_not_mixed_up(work):
    save_three()
    work(pipeline.MapFiles(NPY, L))
    assert work(pipeline.MapFiles(NPY[::-1], L)) == (0, {})
    np.testing.assert_allclose(rows(), expected(0, 1, 2), atol=1e-6)


def test_a_repaired_file_is_computed_without_being_asked_to(work):
    save_three()
    os.rename("1.npy", "away.npy")
    bytes_of(b"")("2.npy")
    computed, found = work(pipeline.MapFiles(NPY, L))
    assert (computed, found) == (3, {"1.npy": "there is no such file",
                                     "2.npy": "it is empty; expected a NumPy array, as numpy.save "
                                     "makes"})  # fmt: skip
    assert work(pipeline.MapFiles(NPY, L)) == (0, found)
    os.rename("away.npy", "1.npy")
    np.save("2.npy", noise(L, seed=2))
    assert work(pipeline.MapFiles(NPY, L)) == (2, {})
    np.testing.assert_allclose(rows(), expected(0, 1, 2), atol=1e-6)


def test_a_file_that_was_removed_is_unusable_from_then_on(work):
    save_three()
    work(pipeline.MapFiles(NPY, L))
    os.unlink("1.npy")
    assert work(pipeline.MapFiles(NPY, L)) == (1, {"1.npy": "there is no such file"})


def test_a_map_compressed_in_place_of_the_plain_one_is_another_file(work):
    with open(write("a.fits"), "rb") as stream:
        bytes_of(gzip.compress(stream.read()))("a.fits.gz")
    work(pipeline.HealpixFiles(["a.fits"]))
    with pytest.raises(ValueError, match=r"/a.fits' there, .*/a.fits.gz' here"):
        work(pipeline.HealpixFiles(["a.fits.gz"]))


def test_a_store_in_another_unit_is_refused(work):
    work(pipeline.HealpixFiles([write("a.fits", column_units="K")]))
    with pytest.raises(ValueError, match="source.unit is 'K' there, 'uK' here"):
        work(pipeline.HealpixFiles([write("a.fits", column_units="uK")]))


def test_other_arrays_are_refused(work):
    work(noise(L, n=3))
    other = noise(L, n=3)
    other[2] *= 2
    with pytest.raises(ValueError, match=r"maps.sources\[2\] is '\w+' there, '\w+' here"):
        work(other)
