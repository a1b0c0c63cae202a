"""What a run writes and what is read back; how bad maps, stores and addresses are met."""

import json
import os
import re
import shutil
import socket
import time
import warnings

import dask.array
import healpy
import numpy as np
import pytest
import xarray as xr
import zarr
from distributed import Client, LocalCluster
from hypothesis import given, settings
from hypothesis import strategies as hs
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit import pipeline
from sphere_toolkit.pipeline import cluster
from sphere_toolkit.pipeline.cluster import local_cluster
from sphere_toolkit.pipeline.header import differences
from sphere_toolkit.pipeline.worker import versions

L = 16


def scatter():
    return st.ScatteringTransform(L, J_min=2, oversampling=1)


@pytest.fixture(scope="module")
def client():
    """A cluster of two worker processes for all tests of this file."""
    with local_cluster(2) as cluster, Client(cluster) as client:
        yield client


@pytest.fixture
def work(client, tmp_path):
    """``scatter_dataset`` with that cluster, into the same store each time."""

    def call(source, transform=None, **options):
        options = {"client": client, "progress": False, "maps_per_shard": 3} | options
        return pipeline.scatter_dataset(
            source, scatter() if transform is None else transform, tmp_path / "store", **options
        )

    return call


def contents(store):
    return {str(f.relative_to(store)): f.read_bytes() for f in store.rglob("*") if f.is_file()}


def single(alm):
    return scatter()(alm).alm.astype(np.complex64)


def test_workers_have_one_thread_each_and_keep_their_memory(client):
    for found in client.run(lambda: dict(os.environ)).values():
        assert found["OMP_NUM_THREADS"] == found["DUCC0_NUM_THREADS"] == "1"
        assert "MALLOC_TRIM_THRESHOLD_" not in found


# --- what is written and read ---------------------------------------------------------------


def test_a_data_set_is_its_maps_scattered_one_by_one(work):
    alm = noise(L, n=8)
    report = work(pipeline.Arrays(alm, labels=[0, 1] * 4))
    assert (report.n, report.n_computed, report.unusable) == (8, 8, {})
    data = pipeline.load_dataset(report.store)
    np.testing.assert_array_equal(data.alm, single(alm))
    assert data.alm.dtype == np.complex64
    assert data.paths == scatter().paths
    assert data.labels.tolist() == [0, 1] * 4
    assert data.names[5] == "map 5"
    assert data.valid.all()
    assert data.problems == {}
    S = data.coefficients()
    np.testing.assert_array_equal(S[(3,)], scatter()(alm)[(3,)].astype(np.complex64))
    assert S.parameters == data.parameters == scatter().parameters()
    assert "8 maps, 8 of them valid" in repr(data)


def test_any_reader_of_zarr_version_3_finds_everything(work):
    report = work(pipeline.Arrays(noise(L, n=8), labels=range(8)))
    group = zarr.open_group(report.store, mode="r")
    assert json.loads((report.store / "alm/zarr.json").read_text())["zarr_format"] == 3
    array = group["alm"]
    assert array.shards == (3, *array.shape[1:])
    assert array.chunks == (1, *array.shape[1:])
    assert dask.array.from_zarr(array).chunksize[0] in (1, 3)
    assert len(list((report.store / "alm/c").iterdir())) == 3
    attributes = group.attrs.asdict()
    assert attributes["transform"] == scatter().parameters()
    assert [tuple(path) for path in attributes["paths"]] == list(scatter().paths)
    assert attributes["maps"]["labels"] == list(range(8))
    assert attributes["versions"]["sphere_toolkit"] == st.__version__


def test_xarray_finds_the_coordinates_of_a_store_that_grows(work):
    alm = noise(L, n=8)
    for n in (7, 8):
        columns = {"label": [*"ab" * 3, None, "c"][:n], "f_NL": [0.5 * i for i in range(n)]}
        hidden = {"two words": [1] * n, "Alm": [1] * n}  # names that a list or a disk mixes up
        report = work(pipeline.Arrays(alm[:n], labels=columns | hidden))
        found = xr.open_zarr(report.store, consolidated=False).alm
        data = pipeline.load_dataset(report.store)
        same = data.coefficients().to_xarray(dims="map")
        np.testing.assert_array_equal(found, same)
        assert set(found.coords) == {*same.coords, "map", "label", "f_NL"}
        for name, values in same.coords.items():
            assert found[name].dims == values.dims
            np.testing.assert_array_equal(found[name], values)
        assert found["map"].values.tolist() == data.names
        assert found["label"].values.tolist() == data.labels.tolist()
        np.testing.assert_array_equal(found["f_NL"], data.target("f_NL"))
    np.testing.assert_array_equal(found.sel(map="map 7", path="4,3"), single(alm[7])[-1])


def test_a_store_without_coordinates_is_read_and_gets_them(work):
    def again():
        return work(pipeline.Arrays(noise(L, n=6), labels=range(6)))

    store = again().store
    before = contents(store)
    for name in ("map", "path", "depth", "degree", "order", "label"):
        shutil.rmtree(store / name)
    metadata = json.loads(before["alm/zarr.json"]) | {"attributes": {}}
    (store / "alm/zarr.json").write_text(json.dumps(metadata))
    assert pipeline.load_dataset(store).labels.tolist() == list(range(6))
    assert again().n_computed == 0
    assert contents(store) == before
    # A run may end when there are coordinates and nothing else.
    (store / "zarr.json").unlink()
    shutil.rmtree(store / "alm")
    (store / "label/thesis.tex").write_text("years of work")
    with pytest.raises(ValueError, match="holds other files"):
        again()
    (store / "label/thesis.tex").unlink()
    assert again().n_computed == 6
    assert contents(store) == before


def test_a_data_set_larger_than_memory_is_read_piece_by_piece(work):
    alm = noise(L, n=7)
    alm[4, 1] = np.nan
    with pytest.warns(pipeline.UnusableMapsWarning):
        report = work(alm)
    data = pipeline.load_dataset(report.store, in_memory=False)
    assert isinstance(data.alm, zarr.Array)
    np.testing.assert_array_equal(data.alm[5:7], single(alm[5:7]))
    assert data.valid.tolist() == [True] * 4 + [False] + [True] * 2


def test_a_complete_store_is_not_computed_again(work):
    report = work(noise(L, n=7))
    before = {f: f.stat().st_mtime_ns for f in report.store.rglob("*")}
    again = work(noise(L, n=7), client="tcp://127.0.0.1:1")  # nobody is asked
    assert again.n_computed == 0
    assert {f: f.stat().st_mtime_ns for f in report.store.rglob("*")} == before


def test_an_iterator_is_run_through_once_and_only_as_far_as_needed(work):
    seen = []

    def endless():
        for i in range(10**9):
            seen.append(i)
            yield noise(L, seed=i)

    report = work(pipeline.Arrays(endless(), n=7))
    assert seen == list(range(7))
    whole = contents(report.store)
    (report.store / "alm/c/1/0/0").unlink()
    assert work(pipeline.Arrays(endless(), n=7)).n_computed == 3
    assert contents(report.store) == whole


def test_an_iterator_that_ends_early_is_said_and_its_maps_are_kept(work, tmp_path):
    with pytest.raises(ValueError, match="alm must hold 9 maps, got no more than 7"):
        work(pipeline.Arrays(iter(noise(L, n=9)[:7]), n=9), client=None, n_workers=1)
    assert work(pipeline.Arrays(noise(L, n=9))).n_computed <= 9
    np.testing.assert_array_equal(
        pipeline.load_dataset(tmp_path / "store").alm, single(noise(L, n=9))
    )


def test_progress_is_shown_only_when_asked_for(work, capsys):
    work(noise(L, n=4))
    assert not any(capsys.readouterr())


def test_a_cluster_of_its_own_has_one_thread_per_worker(tmp_path, capsys):
    pipeline.scatter_dataset(noise(L, n=4), scatter(), tmp_path / "store", n_workers=1)
    assert "4/4" in capsys.readouterr().err
    np.testing.assert_array_equal(
        pipeline.load_dataset(tmp_path / "store").alm, single(noise(L, n=4))
    )


def test_threads_side_by_side_in_one_worker_change_no_byte(tmp_path):
    transform, alm = st.ScatteringTransform(64, J_min=3), noise(64, n=60)
    with (
        LocalCluster(n_workers=1, threads_per_worker=4, processes=False,
                     dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as threads,
    ):  # fmt: skip
        pipeline.scatter_dataset(
            alm, transform, tmp_path / "store", client=threads, maps_per_shard=2, progress=False
        )
    alone = st.ScatteringTransform(64, J_min=3, n_threads=1)
    expected = np.array([alone(one).alm for one in alm]).astype(np.complex64)
    assert pipeline.load_dataset(tmp_path / "store").alm.tobytes() == expected.tobytes()


# --- files ----------------------------------------------------------------------------------


def test_samples_in_files(work, tmp_path):
    grid, alm = st.Grid.mcewen_wiaux(L), noise(L, n=5)
    files = [tmp_path / f"{i}.npy" for i in range(5)]
    for file, f in zip(files, st.inverse(alm, grid), strict=True):
        np.save(file, f)
    report = work(pipeline.MapFiles(files, grid, labels=[1] * 5))
    data = pipeline.load_dataset(report.store)
    np.testing.assert_allclose(data.alm, single(alm), atol=1e-5)
    assert data.names == list(map(str, files))
    assert data.header["source"]["grid"] == repr(grid)


def test_bad_maps_are_named_and_leave_no_hole_unseen(work, tmp_path):
    names = ["good", "cut", "text", "missing", "shape", "nan", "huge", "fine"]
    files = {name: tmp_path / f"{name}.npy" for name in names}
    for name, alm in zip(names, noise(L, n=8), strict=True):
        if name not in ("text", "missing"):
            np.save(files[name], alm)
    files["cut"].write_bytes(files["cut"].read_bytes()[:300])
    files["text"].write_text("no map at all")
    np.save(files["shape"], noise(L)[:-1])
    np.save(files["nan"], np.where(np.arange(136) == 3, np.nan, noise(L)))
    np.save(files["huge"], 1e300 * noise(L))
    source = pipeline.MapFiles(files.values(), L)
    with pytest.warns(pipeline.UnusableMapsWarning) as caught:
        report = work(source)
    bad = names[1:7]
    assert list(report.unusable) == [str(files[name]) for name in bad]
    message = str(caught[0].message)
    assert "unusable maps: 6 of 8;" in message
    assert all(f"{files[name]}: " in message for name in bad)
    for name, reason in {
        "missing": "no such file", "nan": "1 NaN", "shape": "135", "huge": "single precision"
    }.items():  # fmt: skip
        assert reason in report.unusable[str(files[name])]
    data = pipeline.load_dataset(report.store)
    assert data.valid.tolist() == [name not in bad for name in names]
    assert np.isnan(data.alm[~data.valid]).all()
    assert np.isfinite(data.alm[data.valid]).all()
    assert data.problems == report.unusable

    # They are remembered, and tried again only on demand.
    with pytest.warns(pipeline.UnusableMapsWarning, match="6 of 8"):
        assert work(source).n_computed == 0
    for name in bad:
        np.save(files[name], noise(L))
    assert work(source, retry_unusable=True).unusable == {}
    assert pipeline.load_dataset(report.store).valid.all()


def test_a_shard_of_bad_maps_only_is_not_taken_for_absent(work):
    with pytest.warns(pipeline.UnusableMapsWarning, match="6 of 6"):
        report = work(np.full((6, 136), np.nan + 0j))
    with pytest.warns(pipeline.UnusableMapsWarning, match="6 of 6"):
        assert work(np.full((6, 136), np.nan + 0j)).n_computed == 0
    assert not pipeline.load_dataset(report.store).valid.any()


@pytest.fixture
def healpix(tmp_path):
    """A map of band-limit L, and a function that writes it to a FITS file in some way."""
    samples = st.inverse(noise(L), st.Grid.healpix(8))

    def write(name, change=lambda f: f, **options):
        options = {"dtype": np.float64, "column_units": "uK"} | options
        f = healpy.reorder(samples, r2n=True) if options.get("nest") else samples
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            healpy.write_map(tmp_path / name, change(f), overwrite=True, **options)
        return tmp_path / name

    return write


def test_healpix_files_in_either_order(work, healpix):
    files = [healpix("ring.fits"), healpix("nested.fits", nest=True)]
    source = pipeline.HealpixFiles(files)
    assert (source.L, source.unit, source.grid) == (16, "uK", st.Grid.healpix(8))
    data = pipeline.load_dataset(work(source).store)
    expected = scatter()(noise(L)).alm
    np.testing.assert_allclose(data.alm, [expected, expected], atol=1e-5)
    assert data.header["source"]["unit"] == "uK"


def test_healpix_files_that_do_not_fit_most_are_listed(work, healpix):
    def mask(f):
        return np.where(np.arange(f.size) < 5, healpy.UNSEEN, f)

    files = [
        healpix("coarse.fits", lambda f: healpy.ud_grade(f, 4)),
        healpix("kelvin.fits", column_units="K"),
        healpix("masked.fits", mask),
        healpix("good.fits"),
        healpix("cut.fits"),
    ]
    files[-1].write_bytes(files[-1].read_bytes()[:4000])
    with pytest.warns(pipeline.UnusableMapsWarning):
        unusable = work(pipeline.HealpixFiles(files)).unusable
    assert list(unusable) == [str(files[i]) for i in (0, 1, 2, 4)]
    assert f"nside is 4, expected 8, that of {files[1]}" in unusable[str(files[0])]
    assert "unit is 'K', expected 'uK'" in unusable[str(files[1])]
    assert "5 of 768 samples near -1.6375e" in unusable[str(files[2])]


def test_what_most_of_many_files_state_is_found_in_a_few(healpix, monkeypatch):
    monkeypatch.setattr("sphere_toolkit.pipeline.sources.healpix._ASKED", 3)
    plain = {"column_units": None}
    files = [healpix(f"{i}.fits", lambda f: healpy.ud_grade(f, 4), **plain) for i in range(2)]
    files += [healpix(f"{i}.fits", **plain) for i in range(2, 6)] + [healpix("6.fits")]
    files[4].write_text("no map")  # so the first, the third and the second are asked
    assert pipeline.HealpixFiles(files).grid == st.Grid.healpix(4)
    healpix("4.fits", **plain)
    source = pipeline.HealpixFiles(files)
    assert (source.grid, source.unit) == (st.Grid.healpix(8), "uK")


def test_ordering_and_unit_stated_against_the_header_are_refused(work, healpix):
    file = healpix("nested.fits", nest=True)
    with pytest.raises(ValueError, match=r"ordering must be that of the files.*'NESTED', got 'RIN"):
        pipeline.HealpixFiles([file], ordering="RING")
    with pytest.raises(ValueError, match=r"unit must be what the files can be.* 'uK', got 'K_RJ'"):
        pipeline.HealpixFiles([file], unit="K_RJ")
    with pytest.raises(ValueError, match="ordering must be one of None, 'RING', 'NESTED', got 'n'"):
        pipeline.HealpixFiles([file], ordering="n")


def test_a_healpix_file_that_does_not_tell_its_order(work, healpix):
    from astropy.io import fits

    file = healpix("nested.fits", nest=True)
    fits.delval(file, "ORDERING", ext=1)
    with pytest.warns(pipeline.UnusableMapsWarning, match="no ORDERING; state ordering="):
        work(pipeline.HealpixFiles([file]))


def test_the_order_of_a_file_without_one_can_be_stated(work, healpix):
    from astropy.io import fits

    file = healpix("nested.fits", nest=True)
    fits.delval(file, "ORDERING", ext=1)
    data = pipeline.load_dataset(work(pipeline.HealpixFiles([file], ordering="NESTED")).store)
    np.testing.assert_allclose(data.alm[0], scatter()(noise(L)).alm, atol=1e-5)


def test_files_of_which_none_can_be_read(tmp_path):
    with pytest.raises(ValueError, match="none can be read: .*a.fits: there is no such file"):
        pipeline.HealpixFiles([tmp_path / "a.fits"])
    with pytest.raises(ValueError, match="at least one file, got none"):
        pipeline.MapFiles([], L)
    with pytest.raises(TypeError, match="files must be a sequence of paths, got 'a.npy'"):
        pipeline.MapFiles("a.npy", L)


# --- damage ---------------------------------------------------------------------------------


@settings(max_examples=20)
@given(cut=hs.floats(0, 1, exclude_max=True))
def test_a_truncated_shard_is_found_and_only_it_is_computed_again(truncated, cut):
    data, shard, whole, work = truncated
    shard.write_bytes(whole[: int(cut * len(whole))])
    for in_memory in (True, False):
        with pytest.raises(ValueError, match=r"lacks 3 of 7 maps \(absent or damaged\)"):
            pipeline.load_dataset(data, in_memory=in_memory)
        part = pipeline.load_dataset(data, incomplete=True, in_memory=in_memory)
        assert part.valid.tolist() == [True] * 3 + [False] * 3 + [True]
        assert set(part.problems.values()) == {"not computed yet"}
    assert work() == 3
    assert shard.read_bytes() == whole


@settings(max_examples=20)
@given(place=hs.floats(0, 1, exclude_max=True), bit=hs.integers(0, 7))
def test_a_flipped_bit_is_found(truncated, place, bit):
    data, shard, whole, work = truncated
    damaged = bytearray(whole)
    damaged[int(place * len(whole))] ^= 1 << bit
    shard.write_bytes(damaged)
    with pytest.raises(ValueError, match=r"lacks 3 of 7 maps \(absent or damaged\)"):
        pipeline.load_dataset(data)
    assert work() == 3
    assert shard.read_bytes() == whole


@pytest.fixture(scope="module")
def truncated(client, tmp_path_factory):
    """A store, one of its shards, the bytes of that, and a way to repair it."""
    store = tmp_path_factory.mktemp("damage") / "store"

    def work():
        return pipeline.scatter_dataset(
            noise(L, n=7), scatter(), store, client=client, maps_per_shard=3, progress=False
        ).n_computed

    work()
    shard = store / "alm/c/1/0/0"
    return store, shard, shard.read_bytes(), work


def test_what_a_killed_writer_left_is_swept_up(work):
    report = work(noise(L, n=7))
    rest = report.store / "alm/c/1/0/0.0123456789abcdef.partial"
    rest.write_bytes(b"half a shard")
    work(noise(L, n=7))
    assert not rest.exists()


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transform", "options", "source", "message"),
    [
        ({"J_min": 3}, {}, {}, "transform.J_min is 2 there, 3 here"),
        ({"oversampling": 2.0}, {}, {}, "transform.oversampling is 1.0 there, 2.0 here"),
        ({"dtype": "float32"}, {}, {}, "transform.dtype is 'float64' there, 'float32' here"),
        ({}, {"maps_per_shard": 2}, {}, "maps_per_shard is 3 there, 2 here"),
        ({}, {}, {"n": 5}, "for 6 maps, got 5, .*; gone: map 5. Name"),
        ({}, {}, {"alm": noise(L, seed=1, n=6)}, r"maps.sources\[0\] is .* there, .* here"),
    ],
)
def test_a_store_made_otherwise_is_refused_and_untouched(work, transform, options, source, message):
    before = contents(work(noise(L, n=6)).store)
    other = st.ScatteringTransform(L, **{"J_min": 2, "oversampling": 1} | transform)
    arrays = pipeline.Arrays(**{"alm": noise(L, n=6)} | source)
    with pytest.raises(ValueError, match=f"the store .* was made.*{message}.*give another store"):
        work(arrays, other, **options)
    assert contents(work(noise(L, n=6)).store) == before


def pretend_version(monkeypatch):
    """Let this process, but not its workers, be of version 9.9."""
    here = versions() | {"sphere_toolkit": "9.9"}
    monkeypatch.setattr("sphere_toolkit.pipeline.run.versions", lambda: here)


def test_a_store_of_another_version_is_refused(work, monkeypatch):
    work(noise(L, n=4))
    pretend_version(monkeypatch)
    with pytest.raises(ValueError, match=r"versions.sphere_toolkit is '\S+' there, '9.9' here"):
        work(noise(L, n=4))


def test_workers_of_another_version_are_refused(work, monkeypatch):
    pretend_version(monkeypatch)
    with pytest.raises(RuntimeError, match=r"workers must run the versions .* '9.9'"):
        work(noise(L, n=4))


def test_a_failure_of_one_run_is_not_taken_for_that_of_another(work, tmp_path, monkeypatch):
    pretend_version(monkeypatch)
    with pytest.raises(RuntimeError) as kept:
        work(noise(L, n=4))
    monkeypatch.undo()
    assert not (tmp_path / "store").exists()  # nothing was computed
    assert work(noise(L, n=4)).n_computed == 4  # of the same numbers, while the error is held
    del kept


def test_differences_name_every_entry():
    there, here = {"a": 1, "b": {"c": [1, 2], "d": 0}}, {"a": 2, "b": {"c": [1, 3], "d": 0}, "e": 5}
    assert list(differences(there, here)) == [
        "a is 1 there, 2 here", "b.c[1] is 2 there, 3 here", "e is None there, 5 here",
    ]  # fmt: skip
    assert list(differences(there, there)) == []


def test_what_is_no_store_is_left_alone(work, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "thesis.tex").write_text("years of work")
    with pytest.raises(ValueError, match=r"holds other files \(thesis.tex\)"):
        work(noise(L, n=4))
    assert [f.name for f in (tmp_path / "store").iterdir()] == ["thesis.tex"]
    with pytest.raises(ValueError, match="holds no scattering data set"):
        pipeline.load_dataset(tmp_path / "store")
    with pytest.raises(FileNotFoundError, match="there is no data set at"):
        pipeline.load_dataset(tmp_path / "nothing")


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        pipeline.scatter_dataset(noise(L, n=2), scatter(), tmp_path / "file" / "store")
    with pytest.raises(NotADirectoryError, match="store must be a folder, got .*file'"):
        pipeline.scatter_dataset(noise(L, n=2), scatter(), tmp_path / "file")


def test_bad_arguments(work, client):
    alm = noise(L, n=4)
    with pytest.raises(ValueError, match="same band-limit, got 8 and 16"):
        work(noise(8, n=4))
    with pytest.raises(TypeError, match="transform must be a ScatteringTransform, got 'S'"):
        work(alm, "S")
    with pytest.raises(TypeError, match="source must be a NamedSet, .* got 'cmb1024'"):
        work("cmb1024")
    with pytest.raises(TypeError, match="client must be a distributed.Client or an address, got 7"):
        work(alm, client=7)
    with pytest.raises(ValueError, match="n_workers is for processes on this machine: got 2"):
        work(alm, n_workers=2)
    with pytest.raises(ValueError, match="maps_per_shard must be an integer >= 1, got 0"):
        work(alm, maps_per_shard=0)
    with pytest.raises(ValueError, match="retry_unusable must be one of False, True, got 'yes'"):
        work(alm, retry_unusable="yes")
    with pytest.raises(ValueError, match="names of maps must differ, got 'a' 2 times"):
        work(pipeline.Arrays(alm, names=["a", "b", "a", "c"]))
    with pytest.raises(ValueError, match="labels must have one entry for each of 4 maps, got 2"):
        pipeline.Arrays(alm, labels=[0, 1])
    with pytest.raises(ValueError, match="n must be given for an iterator of unknown length"):
        pipeline.Arrays(iter(alm))
    with pytest.raises(ValueError, match="alm must hold 3 maps, got none"):
        pipeline.Arrays([], n=3)
    with pytest.raises(ValueError, match="alm must hold at least one map, got none"):
        pipeline.Arrays([])


@pytest.mark.parametrize("samples", [np.ones((2, 8, 16)), np.ones((2, 36)), [np.ones((8, 16))]])
def test_samples_in_the_place_of_coefficients_are_sent_through_forward(samples):
    shape = re.escape(str(np.shape(samples)[1:]))
    with pytest.raises(ValueError, match=rf"float64 and shape {shape} .*st\.forward\(f, grid\)"):
        pipeline.Arrays(samples)


@pytest.mark.parametrize("address", ["nowhere", "zzz://host:1", "tcp://127.0.0.1:1"])
def test_an_unreachable_scheduler_is_said_soon_after_the_time_to_connect(
    work, monkeypatch, address
):
    assert cluster.CONNECT_SECONDS == 10
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    start = time.monotonic()
    with pytest.raises(ConnectionError, match=f"no Dask scheduler answers at '{address}'"):
        work(noise(L, n=4), client=address)
    assert time.monotonic() - start < 6


def test_what_takes_the_call_and_says_nothing_is_no_scheduler(work, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(
            ConnectionError, match=f"no Dask scheduler answers at '{address}'.*sile"
        ):
            work(noise(L, n=4), client=address)


def test_the_address_of_a_scheduler_is_enough(work, client):
    report = work(noise(L, n=4), client=client.scheduler.address)
    np.testing.assert_array_equal(pipeline.load_dataset(report.store).alm, single(noise(L, n=4)))
