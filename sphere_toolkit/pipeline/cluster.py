"""Dask workers: starting or reaching them, waiting for them, and errors if there are none."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, wait
from distributed.comm.core import CommClosedError, connect
from distributed.security import Security
from distributed.utils import silence_logging_cmgr

from .._util import checks
from .lock import uninterrupted

CONNECT_SECONDS = 10
NOTICE_SECONDS = 5
"""A warning is logged if a scheduler has no workers for this time."""
_TICK_SECONDS = 1
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "DUCC0_NUM_THREADS"), "1")
_UNGUARDED_FILE = "SPHERE_TOOLKIT_UNGUARDED_FILE"
_UNGUARDED = (
    "the script that calls scatter_dataset must keep the call under "
    '`if __name__ == "__main__":`, for every worker process runs the script\'s other lines when '
    "it starts. Nothing was computed or written"
)
_KEPT = "What was computed is kept, and the same call goes on"
_log = logging.getLogger(__name__)


def refuse_unguarded() -> None:
    """Raise in a worker process that runs the lines of the user's script while it starts."""
    if not getattr(multiprocessing.current_process(), "_inheriting", False):
        return
    file = os.environ.get(_UNGUARDED_FILE)
    if file is None:
        raise RuntimeError(_UNGUARDED)
    Path(file).touch()  # the process that starts this one will say it, once
    raise SystemExit(1)


@contextmanager
def connected(client: Client | str | None, n_workers: int | None) -> Iterator[Client]:
    """The client itself, or a new one for an address or for worker processes on this machine."""
    with ExitStack() as stack:
        if isinstance(client, Client):
            yield client
        elif isinstance(client, str):
            stack.enter_context(silence_logging_cmgr(logging.CRITICAL))  # it is raised here
            _reach(client)
            try:
                connection = Client(client, timeout=CONNECT_SECONDS, set_as_default=False)
            except OSError as error:
                raise _unreached(client, str(error)) from error
            yield stack.enter_context(connection)
        else:
            n = checks.threads(None) if n_workers is None else n_workers
            # Ctrl-C is delayed until both exist, so that both are closed in order.
            with _deaf():
                cluster = stack.enter_context(local_cluster(n))
                connection = stack.enter_context(Client(cluster, set_as_default=False))
            yield connection


def check_workers(client: Any, n_workers: Any) -> None:
    """Raise if these are not valid arguments of ``connected``."""
    if client is not None and not isinstance(client, Client | str):
        raise TypeError(f"client must be a distributed.Client or an address, got {client!r}")
    if client is not None and n_workers is not None:
        raise ValueError(f"n_workers is for processes on this machine: got {n_workers} beside "
                         f"client={client!r}")  # fmt: skip
    if n_workers is not None:
        checks.integer("n_workers", n_workers, 1)


def local_cluster(n_workers: int) -> LocalCluster:
    """Worker processes on this machine, one thread each, that keep memory for the next map.

    By default Dask makes workers return freed memory to the system at once. A transform requests it
    again at every path, which costs a page fault for every four kilobytes.
    """
    with (
        dask.config.set({"distributed.nanny.pre-spawn-environ": _ONE_THREAD}),
        _unguarded_is_said(),
    ):
        return LocalCluster(
            n_workers=n_workers, threads_per_worker=1, processes=True,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,  # what matters is raised here
        )  # fmt: skip


@contextmanager
def _unguarded_is_said() -> Iterator[None]:
    """Raise the reason why processes could not be started, also that of `refuse_unguarded`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "unguarded"
        os.environ[_UNGUARDED_FILE] = str(file)
        try:
            yield
        except Exception as error:
            if file.exists():
                raise RuntimeError(_UNGUARDED) from None
            raise RuntimeError(f"worker processes could not be started: {error}") from error
        finally:
            del os.environ[_UNGUARDED_FILE]


@contextmanager
def _deaf() -> Iterator[None]:
    """Let only this process react to Ctrl-C, which a terminal sends to every process.

    Threads and processes that start in this context, and those that they start later, ignore it
    from the beginning. This thread reacts at the end of the context. Windows cannot do this: there
    Ctrl-C ends the workers too, and what they have written is kept.
    """
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # its start would unblock the signal
    with uninterrupted():
        yield


def _reach(address: str) -> None:
    """Raise if there is no scheduler: closing a `Client` without one would take long."""

    async def ask() -> str:
        security = Security().get_connection_args("client")
        comm = await connect(address, timeout=CONNECT_SECONDS, **security)
        try:
            await comm.write({"op": "identity", "reply": True})
            return (await comm.read())["type"]
        finally:
            comm.abort()

    try:
        with ThreadPoolExecutor(1) as pool:  # a notebook has a loop running in this thread
            # connect() alone would wait for ever for a server that accepts and sends nothing.
            answer = asyncio.wait_for(ask(), CONNECT_SECONDS + 1)
            kind = pool.submit(asyncio.run, answer).result()
    except MemoryError as error:  # Dask read the first bytes of another protocol as a length
        raise _unreached(address, "what listens there speaks another protocol") from error
    except Exception as error:
        silence = f"silence for {CONNECT_SECONDS} s"
        raise _unreached(address, str(error) or silence) from error
    if kind != "Scheduler":
        raise _unreached(address, f"what listens there is a Dask {kind.lower()}")


def _unreached(address: str, why: str) -> ConnectionError:
    return ConnectionError(
        f"no Dask scheduler answers at {address!r}: {why}. Start one with `dask scheduler`, which "
        "prints its address, or leave the address out for processes on this machine"
    )


def results(
    client: Client, tasks: Iterable[Callable[[], Future]], worker_timeout: float
) -> Iterator[Any]:
    """The results of the tasks as they arrive; two tasks per worker thread are in progress.

    Raises
    ------
    ConnectionError
        The scheduler is gone.
    TimeoutError
        There has been no worker for ``worker_timeout`` seconds.
    RuntimeError
        Workers died again and again on one task.
    """
    waiting, running = iter(tasks), set[Future]()
    lonely = _Patience(client, worker_timeout)
    while True:
        with _scheduler_lost(client, Exception):  # whatever Dask makes of it
            n_threads = sum(client.nthreads().values())
        window = 2 * max(1, n_threads) - len(running)
        with _scheduler_lost(client):
            running.update(task() for task in islice(waiting, max(0, window)))
        if not running:
            return
        with _scheduler_lost(client, OSError):
            done = _finished(client, running)
        running -= done
        lonely.look(n_threads > 0)
        for future in done:
            with _scheduler_lost(client, CommClosedError):
                result = _result(future)
            future.release()
            yield result


def _finished(client: Client, running: set[Future]) -> set[Future]:
    try:
        with client.as_current():
            return set(wait(running, timeout=_TICK_SECONDS, return_when="FIRST_COMPLETED").done)
    except TimeoutError:
        return set()


def _result(future: Future) -> Any:
    try:
        return future.result()
    except KilledWorker as error:
        raise RuntimeError(
            f"workers died again and again on {future.key}; is there enough memory? {_KEPT}"
        ) from error


@contextmanager
def _scheduler_lost(client: Client, *more: type[Exception]) -> Iterator[None]:
    """Raise one clear error when Dask cancels everything or raises one of ``more``."""
    lost: tuple[type[BaseException], ...] = (CancelledError, asyncio.CancelledError, *more)
    try:
        yield
    except lost as error:
        raise ConnectionError(
            f"the Dask scheduler at {_address(client)!r} is gone, or has dropped the tasks of this "
            f"run. {_KEPT} once a scheduler is there"
        ) from error


class _Patience:
    """Waits for workers, with a warning after a while and a limit."""

    def __init__(self, client: Client, seconds: float) -> None:
        self._client, self._seconds = client, seconds
        self._since, self._said = time.monotonic(), False

    def look(self, there: bool) -> None:
        """Note whether there are workers."""
        now = time.monotonic()
        if there:
            self._since, self._said = now, False
            return
        how = f"start some with `dask worker {_address(self._client)}`"
        if now - self._since > self._seconds:
            raise TimeoutError(
                f"no worker came to the Dask scheduler at {_address(self._client)!r} for "
                f"{self._seconds:g} s (worker_timeout, --worker-timeout); {how}. {_KEPT}"
            )
        if now - self._since > NOTICE_SECONDS and not self._said:
            self._said = True
            _log.warning(
                "no worker is at the Dask scheduler at %r: waiting for up to %g s; %s",
                _address(self._client), self._seconds, how,
            )  # fmt: skip


def _address(client: Client) -> str:
    return str(client.scheduler.address) if client.scheduler else "an unknown address"
