"""Runs that are killed for real: what is left is whole, and the same call completes it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from commands import ROOT
from distributed import LocalCluster
from strategies import noise

from sphere_toolkit import pipeline
from sphere_toolkit.cli import main
from sphere_toolkit.pipeline.lock import LOCK
from sphere_toolkit.pipeline.store import TEXTS

# Enough shards to be caught on the way: one takes some 20 ms.
N, L, PER_SHARD = 80, 16, 2
TRANSFORM = ["--J-min", "2", "--oversampling", "4"]
DONE = f"{N} maps, "
# A command that hears Ctrl-C; one that a shell starts in the background would inherit deaf ears.
LISTENING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
# A command in whose process no file may grow beyond so many bytes.
LIMITED = """
import os, resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    """A command that scatters eighty files, less the store."""
    folder = tmp_path_factory.mktemp("maps")
    files = [folder / f"{i:03}.npy" for i in range(N)]
    for file, alm in zip(files, noise(L, n=N), strict=True):
        np.save(file, alm)
    return [
        sys.executable, "-m", "sphere_toolkit", "scatter", *map(str, files), "--L", str(L),
        "--grid", "alm", "--maps-per-shard", str(PER_SHARD), *TRANSFORM,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def complete(command):
    """Runs the command to its end: in this process, with one worker, and nobody stops it."""
    one = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "protocol": "tcp://"}
    with LocalCluster(**one, dashboard_address="127.0.0.1:0") as cluster:

        def call(store):
            arguments = command[command.index("scatter") :]
            work = ["--scheduler", cluster.scheduler_address, "--quiet"]
            assert main([*arguments, "--out", str(store), *work]) == 0

        yield call


@pytest.fixture(scope="module")
def whole(complete, tmp_path_factory):
    """A store that is complete."""
    store = tmp_path_factory.mktemp("undisturbed") / "store"
    complete(store)
    return store


@pytest.fixture(scope="module")
def undisturbed(whole):
    """Its bytes."""
    return contents(whole)


def start(command, store, *options, workers=None):
    if workers is not None:
        options = (*options, "--workers", str(workers))
    return subprocess.Popen(
        [sys.executable, "-c", LISTENING, *command, "--out", str(store), *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def assert_failed(process, *texts):
    """The run ends in one line that holds the texts, and does not say that it is done."""
    output, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert DONE not in output
    assert "Traceback" not in said
    (line,) = [line for line in said.splitlines() if "error" in line.lower()]
    for text in texts:
        assert text in line


def contents(store):
    return {str(f.relative_to(store)): f.read_bytes() for f in store.rglob("*") if f.is_file()}


def shards(store):
    return len(list(store.glob("alm/c/*/0/0")))


def wait_for_shards(process, store, n):
    deadline = time.monotonic() + 40
    while shards(store) < n:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def descendants(pid):
    """Processes below one, by the kernel's own account."""
    found = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            found += [child, *descendants(child)]
    return found


def workers_of(process):
    def is_worker(pid):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()

    return [pid for pid in descendants(process.pid) if is_worker(pid)]


def gone(pids):
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_three_interruptions_change_no_byte(command, undisturbed, tmp_path):
    store = tmp_path / "store"

    # First the client is killed, which nothing in it can answer to.
    with start(command, store, workers=2) as process:
        wait_for_shards(process, store, 5)
        workers = workers_of(process)
        assert len(workers) >= 2
        process.kill()
    assert gone(workers)
    first = shards(store)
    assert 5 <= first < N // PER_SHARD
    with pytest.raises(ValueError, match=rf"lacks \d+ of {N} maps"):
        pipeline.load_dataset(store)

    # Then Ctrl-C, which a terminal sends to every process of the group.
    with start(command, store, workers=2) as process:
        wait_for_shards(process, store, first + 5)
        workers = workers_of(process)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped. What was computed is kept" in said
    assert "Traceback" not in said
    assert gone(workers)
    second = shards(store)
    assert first + 5 <= second < N // PER_SHARD

    # Then a worker, whose shard another one computes: the run itself goes on to its end.
    with start(command, store, workers=2) as process:
        wait_for_shards(process, store, second + 3)
        os.kill(workers_of(process)[-1], signal.SIGKILL)
        killed_at = shards(store)
        output, said = process.communicate(timeout=60)
    assert killed_at < N // PER_SHARD
    assert process.returncode == 0, said
    assert f"{N} maps, {N - PER_SHARD * second} of them computed now" in output
    assert contents(store) == undisturbed


def test_a_full_disk_loses_nothing(command, whole, undisturbed, complete, tmp_path):
    store = shutil.copytree(whole, tmp_path / "store")
    for shard in range(3, N // PER_SHARD):
        shutil.rmtree(store / f"alm/c/{shard}")
        for name in TEXTS:
            (store / name / "c" / str(shard)).unlink()
    before = contents(store)
    # The kernel refuses to write more than this to a file, as it does when a disk is full.
    limit = next(len(v) for k, v in before.items() if k.startswith("alm/c/")) // 2
    limited = [sys.executable, "-c", LIMITED, str(limit), *command]
    full = subprocess.run(
        [*limited, "--out", str(store), "--workers", "1"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert full.returncode == 1
    assert DONE not in full.stdout
    assert "could not be written to" in full.stderr
    assert "File too large" in full.stderr
    assert "the same call goes on" in full.stderr
    assert before.items() <= contents(store).items()
    complete(store)
    assert contents(store) == undisturbed


def test_of_two_writers_the_second_is_refused_and_two_workers_change_no_byte(
    command, undisturbed, tmp_path
):
    store = tmp_path / "store"
    with start(command, store, workers=2) as process:
        wait_for_shards(process, store, 1)
        process.send_signal(signal.SIGSTOP)  # or it could be done before the second has begun
        try:
            with start(command, store) as second:
                assert_failed(second, "another run is writing to the store")
        finally:
            process.send_signal(signal.SIGCONT)
        output, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert f"{N} maps, {N} of them computed now" in output
    assert f"{N}/{N}" in said  # progress, with its rate
    assert "map/s" in said
    assert contents(store) == undisturbed


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler with one worker: its process and its address."""
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "distributed.cli.dask_"]
    address = ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0"]
    one = ["--nthreads", "1", "--no-dashboard", "--no-nanny", "--death-timeout", "20"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    known = ["--scheduler-file", str(file)]
    with (
        subprocess.Popen([*dask[:2], f"{dask[2]}scheduler", *address, *known], **quiet) as process,
        subprocess.Popen([*dask[:2], f"{dask[2]}worker", *one, *known],
                         env=os.environ | {"PYTHONPATH": str(ROOT)}, **quiet) as worker,
    ):  # fmt: skip
        deadline = time.monotonic() + 40
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        yield process, json.loads(file.read_text())["address"]
        worker.kill()
        process.kill()


def test_a_killed_scheduler_loses_nothing(command, undisturbed, complete, scheduler, tmp_path):
    store, (process, address) = tmp_path / "store", scheduler
    with start(command, store, "--scheduler", address) as client:
        wait_for_shards(client, store, 3)
        process.kill()
        assert_failed(
            client, f"the Dask scheduler at '{address}' is gone", "What was computed is kept"
        )
    first = shards(store)
    assert 3 <= first < N // PER_SHARD
    with pytest.raises(ValueError, match=rf"lacks \d+ of {N} maps"):
        pipeline.load_dataset(store)
    complete(store)
    assert contents(store) == undisturbed


@pytest.mark.parametrize("moment", ["the lock is taken", "the first worker begins"])
def test_ctrl_c_while_workers_are_started_is_no_trouble(command, tmp_path, moment):
    store = tmp_path / "store"
    with start(command, store, workers=2) as process:
        deadline = time.monotonic() + 40
        while not (
            (store / LOCK).exists() if moment == "the lock is taken" else workers_of(process)
        ):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGINT)
        output, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == ""
    assert "Traceback" not in said
    assert "Stopped." in said.splitlines()[-1]
    assert not store.exists()
