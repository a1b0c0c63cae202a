"""Workers, schedulers and disks that are not what the client takes them for."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import ducc0
import numpy as np
import pytest
from commands import ROOT
from distributed import Client, LocalCluster
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit import pipeline
from sphere_toolkit.pipeline import run as run_module
from sphere_toolkit.pipeline.cluster import local_cluster
from sphere_toolkit.pipeline.folder import is_nobodys
from sphere_toolkit.pipeline.lock import LOCK
from sphere_toolkit.pipeline.store import Store
from sphere_toolkit.pipeline.worker import Order, scatter_shard, versions

L, N = 8, 6
# An absolute path that leads each process to a place of its own, as a disk that is not shared does.
OWN = Path("/proc/self/cwd")


def scatter(**options):
    return st.ScatteringTransform(L, J_min=1, **options)


def expected(alm):
    return scatter()(alm).alm.astype(np.complex64)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """The working folder and home of the worker."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def client(elsewhere):
    """One worker process that runs in another folder, with another home."""
    with local_cluster(1) as cluster, Client(cluster, set_as_default=False) as client:
        client.run(os.chdir, elsewhere)
        client.run(os.environ.update, {"HOME": str(elsewhere)})
        yield client


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working folder of this process."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def work(client, here, monkeypatch):
    """``scatter_dataset`` by that worker; what is not seen at once is not waited for."""
    monkeypatch.setattr(run_module, "SETTLE_SECONDS", 0.2)

    def call(store="store", source=None, **options):
        options = {"client": client, "progress": False, "maps_per_shard": 2} | options
        maps = noise(L, n=N) if source is None else source
        return pipeline.scatter_dataset(maps, options.pop("transform", scatter()), store, **options)

    return call


def contents(store):
    return {str(f.relative_to(store)): f.read_bytes() for f in store.rglob("*") if f.is_file()}


def assert_complete(store, n=N):
    np.testing.assert_array_equal(pipeline.load_dataset(store).alm, expected(noise(L, n=n)))


def npy_files(folder, n=N):
    folder.mkdir(exist_ok=True)
    for i, alm in enumerate(noise(L, n=n)):
        np.save(folder / f"{i}.npy", alm)
    return [folder / f"{i}.npy" for i in range(n)]


# --- paths ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["store", "a/b/store", "./x/../store", "two words/šč 球", "s.zarr"]
)
def test_a_relative_store_is_where_the_client_runs(work, here, elsewhere, name):
    (here / "x").mkdir()
    report = work(name)
    assert report.store.is_absolute()
    assert report.n_computed == N
    assert_complete(here / name)
    assert not any(elsewhere.iterdir())


def test_the_home_of_a_store_is_that_of_the_client(work, here, elsewhere, monkeypatch):
    monkeypatch.setenv("HOME", str(here / "home"))
    assert work("~/store").store == here / "home" / "store"
    assert_complete("~/store")
    assert not any(elsewhere.iterdir())


def test_relative_files_are_those_of_the_client(work, here):
    files = [file.relative_to(here) for file in npy_files(here / "maps")]
    assert work(source=pipeline.MapFiles(files, L)).unusable == {}
    assert_complete("store")


def test_a_symbolic_link_to_a_folder_is_a_store(work, here):
    (here / "disk").mkdir()
    (here / "store").symlink_to(here / "disk")
    work()
    assert_complete(here / "disk")
    assert work(here / "disk").n_computed == 0


def test_a_moved_store_and_a_copied_one_go_on(work, here):
    work()
    whole = contents(here / "store")
    (here / "store/alm/c/1/0/0").unlink()
    shutil.copytree(here / "store", here / "copy")
    (here / "store").rename(here / "moved")
    for name in ("copy", "moved"):
        assert work(name).n_computed == 2
        assert contents(here / name) == whole


@pytest.mark.parametrize("kind", ["file", "broken link", "below a file"])
def test_what_cannot_be_a_folder_is_said_and_left(work, here, kind):
    store = here / "store"
    if kind == "broken link":
        store.symlink_to(here / "nowhere" / "deep")
    else:
        store.write_text("years of work")
    with pytest.raises(OSError, match="store"):
        work(store / "below" if kind == "below a file" else store)
    assert [file.name for file in here.iterdir()] == ["store"]
    assert kind == "broken link" or store.read_text() == "years of work"


def test_a_removed_working_folder_is_said(work, here):
    gone = here / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    with pytest.raises(FileNotFoundError, match=r"'store' is named from the working folder"):
        work()
    work(here / "store")
    assert_complete(here / "store")


def test_a_folder_in_which_nothing_can_be_made_is_said(work):
    with pytest.raises(OSError, match="/proc/store"):
        work("/proc/store")


def test_a_complete_store_is_served_where_nothing_can_be_written(work, here, monkeypatch):
    work()
    before = contents(here / "store")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    assert work().n_computed == 0
    (here / "store/alm/c/1/0/0").unlink()
    with pytest.raises(PermissionError, match="store' lacks 2 of 6 maps and cannot be written"):
        work()
    assert contents(here / "store").items() <= before.items()


# --- disks that are not shared --------------------------------------------------------------


def test_a_worker_that_does_not_find_the_store_is_an_error_and_leaves_nothing(
    work, here, elsewhere
):
    with pytest.raises(RuntimeError) as caught:
        work(OWN / "store")
    said = str(caught.value)
    assert f"on host {socket.gethostname()!r} (working folder {str(elsewhere)!r})" in said
    assert f"does not find the store {str(OWN / 'store')!r}" in said
    assert "every machine mounts" in said
    assert not any(here.iterdir())
    assert not any(elsewhere.iterdir())


def test_a_worker_that_writes_to_a_store_of_its_own_is_an_error(work, here, elsewhere):
    work()
    whole = contents(here / "store")
    (here / "store/alm/c/1/0/0").unlink()
    shutil.copytree(here / "store", elsewhere / "store")  # the same header on another disk
    with pytest.raises(RuntimeError) as caught:
        work(OWN / "store")
    assert f"maps 2..3 are not in the store {str(OWN / 'store')!r}" in str(caught.value)
    assert f"(working folder {str(elsewhere)!r}) has written them" in str(caught.value)
    shutil.rmtree(elsewhere / "store")
    with pytest.raises(ValueError, match="lacks 2 of 6 maps"):
        pipeline.load_dataset("store")
    assert work().n_computed == 2
    assert contents(here / "store") == whole


def files_on_own_disks(here):
    source = pipeline.MapFiles(npy_files(here / "maps"), L)
    source.paths = [str(OWN / "maps" / f"{i}.npy") for i in range(N)]
    return source


def test_a_file_that_only_the_client_sees_is_no_unusable_map(work, here, elsewhere):
    with pytest.raises(RuntimeError) as caught:
        work(source=files_on_own_disks(here))
    said = str(caught.value)
    assert f"(working folder {str(elsewhere)!r}) does not find the file of map" in said
    assert repr(str(here / "maps/0.npy")) in said
    # What other tasks said meanwhile of files that they did not see is not believed either;
    # and a copy is as good as a file.
    shutil.copytree(here / "maps", elsewhere / "maps")
    assert work(source=files_on_own_disks(here)).unusable == {}
    shutil.rmtree(elsewhere / "maps")
    assert_complete("store")


def test_a_file_that_is_another_one_for_the_worker_is_an_error(work, here, elsewhere):
    source = files_on_own_disks(here)
    shutil.copytree(here / "maps", elsewhere / "maps")
    np.save(elsewhere / "maps/3.npy", noise(L, seed=9))
    with pytest.raises(RuntimeError, match=r"has read something else than the file of map .*3.npy"):
        work(source=source)
    shutil.rmtree(elsewhere / "maps")
    with pytest.raises(ValueError, match="lacks"):
        pipeline.load_dataset("store")


def test_a_file_that_nobody_sees_is_an_unusable_map(work, here):
    files = npy_files(here / "maps")
    files[3].unlink()
    with pytest.warns(pipeline.UnusableMapsWarning, match="unusable maps: 1 of 6"):
        assert list(work(source=pipeline.MapFiles(files, L)).unusable) == [str(files[3])]


def test_a_shard_that_is_removed_while_the_run_goes_on_is_noticed(work, here):
    shard = here / "store/alm/c/0/0/0"

    def maps():
        for i, alm in enumerate(noise(L, n=20)):
            if i == 19:
                deadline = time.monotonic() + 20
                while not shard.exists() and time.monotonic() < deadline:
                    time.sleep(0.01)
                time.sleep(0.3)  # until it counts as computed
                shard.unlink()
            yield alm

    with pytest.raises(RuntimeError, match=r"removed from|are not in the store") as caught:
        work(source=pipeline.Arrays(maps(), n=20))
    assert "maps 0..1" in str(caught.value)
    assert work(source=pipeline.Arrays(iter(noise(L, n=20)), n=20)).n_computed >= 2
    assert_complete("store", n=20)


def test_a_task_that_outlives_its_run_does_not_write_into_another_store(work, here):
    work(maps_per_shard=3)
    store, header = Store.open(here / "store")
    order = Order(store, json.dumps(header["transform"]), versions(), False, 0)
    part = pipeline.Arrays(noise(L, seed=5, n=N)).part(0, 3)
    shutil.rmtree(here / "store")
    work(transform=scatter(dtype="float32"), maps_per_shard=3)
    before = contents(here / "store")
    with pytest.raises(RuntimeError, match="does not find the store"):
        scatter_shard(order, 0, part)
    assert contents(here / "store") == before


def test_a_disk_that_refuses_is_said_and_the_old_shard_is_not_left_half(work, here):
    work()
    store, _ = Store.open(here / "store")
    content = store.read(0)
    shutil.rmtree(here / "store/stamp/c")
    (here / "store/stamp/c").write_text("no folder")
    with pytest.raises(OSError, match=r"maps 0..1 could not be written to .*the same call goes on"):
        store.write(0, content)
    assert not store.present(0)


# --- one writer, and nothing left where nothing was computed ----------------------------------


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"client": None, "n_workers": 0}, "n_workers must be an integer >= 1, got 0"),
        ({"client": "tcp://127.0.0.1:1"}, "no Dask scheduler answers"),
        ({"maps_per_shard": 0}, "maps_per_shard must be"),
        ({"worker_timeout": 0}, "worker_timeout must be a finite number > 0, got 0"),
        ({"accept_versions": "yes"}, "accept_versions must be one of False, True, got 'yes'"),
    ],
)
def test_a_run_that_cannot_start_leaves_nothing(work, here, monkeypatch, options, error):
    monkeypatch.setattr("sphere_toolkit.pipeline.cluster.CONNECT_SECONDS", 1)
    with pytest.raises((ValueError, ConnectionError), match=error):
        work("new/folder/store", **options)
    assert not any(here.iterdir())


def test_an_empty_store_is_nobodys(work, here):
    work()
    for name in ("alm", "problem", "stamp", "versions"):
        shutil.rmtree(here / "store" / name / "c")
    (here / "store" / "x.partial").write_text("half")
    assert is_nobodys(here / "store")
    work(transform=scatter(dtype="float32"))
    undisturbed = work("other", transform=scatter(dtype="float32")).store
    assert contents(here / "store") == contents(undisturbed)
    assert not is_nobodys(here / "store")


def test_shards_without_a_header_are_nobodys(work, here):
    work()
    (here / "store/zarr.json").unlink()
    assert not is_nobodys(here / "store")  # the header of alm is still there
    (here / "store/alm/zarr.json").unlink()
    assert is_nobodys(here / "store")
    assert work(transform=scatter(depth=1)).n_computed == N


def test_texts_without_coefficients_are_nobodys(work, here):
    work()
    shutil.rmtree(here / "store/alm/c")
    work(transform=scatter(dtype="float32"))
    undisturbed = work("other", transform=scatter(dtype="float32")).store
    assert contents(here / "store") == contents(undisturbed)


@pytest.mark.parametrize("name", ["zarr.json", "alm/zarr.json", "notes.txt", LOCK + "s"])
def test_a_folder_with_something_else_is_somebodys(work, here, name):
    (here / "store/alm").mkdir(parents=True)
    (here / "store" / name).write_text('{"years": "of work"}')
    before = contents(here / "store")
    if name == "alm/zarr.json":
        (here / "store/alm/thesis.tex").write_text("more")
        before["alm/thesis.tex"] = b"more"
    with pytest.raises(ValueError, match="holds (other files|no scattering data set)"):
        work()
    assert contents(here / "store") == before


def test_of_two_first_starts_one_is_refused_in_words(work, here):
    begun, go_on = threading.Event(), threading.Event()

    def maps():
        for alm in noise(L, n=N):
            begun.set()
            assert go_on.wait(30)
            yield alm

    source = pipeline.Arrays(noise(L, n=N))
    source._rest = maps()
    first = threading.Thread(target=work, kwargs={"source": source})
    first.start()
    try:
        assert begun.wait(30)
        with pytest.raises(ValueError, match=r"another run is writing to the store '.*store'"):
            work()
    finally:
        go_on.set()
        first.join()
    assert_complete("store")
    assert not (here / "store" / LOCK).exists()


def test_a_script_without_the_guard_is_told_so_once(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import numpy as np, sphere_toolkit as st\n"
        "alm = np.ones((4, 36), complex)\n"
        "transform = st.ScatteringTransform(8, J_min=1)\n"
        "st.pipeline.scatter_dataset(alm, transform, 'store', n_workers=1)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env=environment, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert 'must keep the call under `if __name__ == "__main__":`' in done.stderr.splitlines()[-1]
    assert done.stderr.count("Traceback") == 1
    assert "Nanny" not in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["script.py"]


# --- schedulers -----------------------------------------------------------------------------


def test_a_web_server_is_no_scheduler(work):
    def answer():
        connection, _ = server.accept()
        with connection:
            connection.recv(1)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ConnectionError, match="what listens there speaks another protocol"):
            work(client=f"tcp://127.0.0.1:{server.getsockname()[1]}")


def test_a_worker_is_no_scheduler(work, client):
    (address,) = client.scheduler_info()["workers"]
    with pytest.raises(ConnectionError, match=f"at '{address}': what listens there is a Dask wor"):
        work(client=address)


@pytest.fixture
def lonely(monkeypatch):
    """A scheduler without workers, about which a run complains soon."""
    monkeypatch.setattr("sphere_toolkit.pipeline.cluster.NOTICE_SECONDS", 0.1)
    monkeypatch.setattr("sphere_toolkit.pipeline.cluster._TICK_SECONDS", 0.1)
    with LocalCluster(
        n_workers=0, processes=False, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster


def test_a_scheduler_without_workers_is_said_and_given_up(work, here, lonely, caplog):
    with pytest.raises(TimeoutError) as caught:
        work(client=lonely.scheduler_address, worker_timeout=0.5)
    for text in (caught.value, caplog.text):
        assert lonely.scheduler_address in str(text)
        assert "0.5 s" in str(text)
        assert f"dask worker {lonely.scheduler_address}" in str(text)
    assert "worker_timeout" in str(caught.value)
    assert caplog.text.count("no worker") == 1
    assert not any(here.iterdir())


def test_workers_that_come_late_do_the_work(work, lonely, caplog):
    def come_once_missed():
        deadline = time.monotonic() + 20
        while said not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.02)
        lonely.scale(1)

    said = "no worker is at the Dask scheduler"
    late = threading.Thread(target=come_once_missed)
    late.start()
    work(client=lonely.scheduler_address)
    late.join()
    assert said in caplog.text
    assert_complete("store")


# --- versions -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def threads():
    """A worker that is a thread of this process, and has its versions."""
    with (
        LocalCluster(n_workers=1, processes=False, threads_per_worker=1,
                     dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster, set_as_default=False) as client,
    ):  # fmt: skip
        yield client


def test_a_store_of_another_version_goes_on_on_request_and_says_so(
    work, here, threads, monkeypatch
):
    work()
    old = ducc0.__version__
    (here / "store/alm/c/1/0/0").unlink()
    first = contents(here / "store")
    monkeypatch.setattr(ducc0, "__version__", "9.9")
    with pytest.raises(ValueError, match="other versions") as caught:
        work(client=threads)
    for said in (
        "4 maps computed with other versions", f"ducc0 is {old!r} there, '9.9' here",
        "accept_versions=True, --accept-versions",
    ):  # fmt: skip
        assert said in str(caught.value)
    assert contents(here / "store") == first
    assert work(client=threads, accept_versions=True).n_computed == 2
    found = [one["ducc0"] for one in pipeline.load_dataset("store").versions]
    assert found == [old, old, "9.9", "9.9", old, old]
    assert_complete("store")
    # Whoever comes with the first version is told of the second.
    monkeypatch.setattr(ducc0, "__version__", old)
    with pytest.raises(ValueError, match=f"2 maps .* is '9.9' there, '{old}' here"):
        work(client=threads)
    assert work(client=threads, accept_versions=True).n_computed == 0


def test_workers_of_another_version_are_accepted_on_request(work, monkeypatch):
    old = ducc0.__version__
    monkeypatch.setattr(ducc0, "__version__", "9.9")
    with pytest.raises(RuntimeError, match="must run the versions .*accept_versions=True"):
        work()
    work(accept_versions=True)
    data = pipeline.load_dataset("store", in_memory=False)
    assert [one["ducc0"] for one in data.versions] == [old] * N


# --- numbers that do not fit -----------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("size", [1e300, 1e40])
def test_numbers_beyond_single_precision_are_no_coefficients(work, threads, dtype, size):
    alm = noise(L, n=N)
    alm[2] *= size
    with pytest.warns(pipeline.UnusableMapsWarning) as caught:
        report = work(source=alm, client=threads, transform=scatter(dtype=dtype))
    assert list(report.unusable) == ["map 2"]
    assert "range of" in report.unusable["map 2"]  # of the input, or of single precision
    data = pipeline.load_dataset("store")
    assert np.isfinite(data.alm[data.valid]).all()
    assert data.valid.tolist() == [i != 2 for i in range(N)]
    assert len(caught) == 1
