"""One contestant in a process of its own: it works when it is told to, and says how long it took.

    python -m peers.worker TASK CONTESTANT L     (from the folder benchmarks)

On standard output it answers in lines of JSON. The first says that it is ready, or why not; then
every line of standard input names an operation whose turn it is, and the end of the input asks for
the peak memory. So contestants can take turns without sharing a process, and one that crashes, or
needs all the memory, ends nothing but itself.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import tasks

# What is over soon is called once unheard, since another process has just used the caches, and then
# as often as fills a turn.
SOON_S = 0.05
TURN_S = 0.005


def resident(field: str) -> float:
    """MiB of memory of this process: now (VmRSS) or at most (VmHWM)."""
    # Not getrusage: its peak is inherited from the process that forked this one.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def timed(work: Callable[[], Any], times: int = 1) -> tuple[float, float]:
    """Seconds of a call by the clock, and of all cores together."""
    start, busy = time.perf_counter(), time.process_time()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) / times, (time.process_time() - busy) / times


def turn(work: Callable[[], Any]) -> tuple[float, float]:
    """As `timed`; the call that is not heard says how often to call."""
    once = timed(work)
    return once if once[0] > SOON_S else timed(work, max(1, round(TURN_S / once[0])))


def short(error: BaseException) -> str:
    """What went wrong, in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:160]}" if text else type(error).__name__


def main() -> None:
    """Prepare, then answer."""
    warnings.simplefilter("ignore")
    task, who, L = sys.argv[1], sys.argv[2], int(sys.argv[3])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints goes elsewhere

    def answer(**what: Any) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    before = resident("VmRSS")
    try:
        start = time.perf_counter()
        prepared = tasks()[task][who](L)
        setup = time.perf_counter() - start
        first = {name: timed(work)[0] for name, work in prepared.operations.items()}
        error = prepared.error() if prepared.error else None
    except Exception as problem:
        answer(reason=short(problem))
        return
    answer(setup_s=setup, first_s=first, error=error, says=prepared.says or {})
    for line in sys.stdin:
        seconds, busy = turn(prepared.operations[line.strip()])
        answer(s=seconds, busy_s=busy)
    answer(peak_mib=resident("VmHWM"), before_mib=before)


if __name__ == "__main__":
    main()
