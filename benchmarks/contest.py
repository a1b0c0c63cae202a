"""Measure several libraries on one task: at each band-limit they take turns, in own processes.

A library is left out at a band-limit, with the reason, if a call, its preparation or its memory is
expected to exceed the limits. The expectation follows from the band-limit below. The time of a call
is assumed to grow as L^3. Preparation and memory are assumed to grow as they did before or, after a
single band-limit, as the square root of L and as L^2, since most of both then comes from loading
the library.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
LEAST_ROUNDS = 3


@dataclass(frozen=True)
class Limits:
    """How much time and memory a contest may take.

    Attributes
    ----------
    call_s : float
        The longest time that a call may be expected to take.
    prepare_s : float
        The same for preparation (tables, compilation, first calls).
    band_limit_s : float
        Time for the rounds of one band-limit, all contestants together.
    rounds : int
        At most.
    memory_mib : float
    """

    call_s: float = 8.0
    prepare_s: float = 60.0
    band_limit_s: float = 8.0
    rounds: int = 15
    memory_mib: float = 6000.0


class Contestant:
    """A worker process: see ``peers/worker.py``."""

    def __init__(self, task: str, who: str, L: int) -> None:
        # Older BLAS builds are sometimes told which processor to take this for.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
        self.who = who
        self.process = subprocess.Popen(
            [sys.executable, "-m", "peers.worker", task, who, str(L)], cwd=HERE, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def hear(self, timeout: float) -> dict[str, Any]:
        """The next answer, or ``{"reason": ...}``."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(timeout):
                self.process.kill()
                return {"reason": f"gave no answer within {timeout:.0f} s"}
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            return {"reason": f"its process ended by signal {-code}" if code < 0
                    else f"its process ended with status {code}"}  # fmt: skip
        return json.loads(line)

    def run(self, operation: str, timeout: float) -> dict[str, Any]:
        """Do an operation once."""
        assert self.process.stdin is not None
        with suppress(OSError):  # it has ended, which is heard next
            self.process.stdin.write(f"{operation}\n")
            self.process.stdin.flush()
        return self.hear(timeout)

    def finish(self) -> dict[str, Any]:
        """Ask for its memory and let it end."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()
        answer = self.hear(20)
        self.stop()
        return answer

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            with suppress(OSError):  # what it was told and did not read
                stream.close()


def expected_reason(before: list[dict], L: int, limits: Limits) -> str | None:
    """Why a contestant should not try ``L``, from its rows at smaller band-limits; or None."""
    if not before:
        return None
    last = before[-1]
    if "reason" in last:
        return last["reason"] if last.get("final") else None
    growth = L / last["L"]
    slowest = max(o["ms"] for o in last["operations"].values()) / 1e3 * growth**3
    if slowest > limits.call_s:
        return (
            f"one call would take about {slowest:.0f} s (as L³ from L = {last['L']}; "
            f"the limit of this run is {limits.call_s:g} s)"
        )
    prepare = last["prepare_s"] * growth ** _exponent(before, "prepare_s", 0.5, 0.0)
    if prepare > limits.prepare_s:
        return (
            f"tables and compilation would take about {prepare:.0f} s (they took "
            f"{last['prepare_s']:.0f} s at L = {last['L']}; the limit of this run is "
            f"{limits.prepare_s:g} s)"
        )
    memory = (last["peak_mib"] - last["before_mib"]) * growth ** _exponent(
        before, "peak_mib", 2.0, 2.0
    )
    if memory > limits.memory_mib:
        return (
            f"it would need about {memory / 1024:.0f} GiB (from {last['peak_mib']:.0f} MiB at "
            f"L = {last['L']}; the limit of this run is {limits.memory_mib / 1024:.0f} GiB)"
        )
    return None


def _exponent(rows: list[dict], name: str, unknown: float, least: float) -> float:
    """How a quantity grew between the last two rows, as a power of L; ``unknown`` with one row."""
    measured = [row for row in rows if name in row]
    if len(measured) < 2:
        return unknown
    a, b = measured[-2:]
    slope = np.log(b[name] / a[name]) / np.log(b["L"] / a["L"])
    return float(np.clip(slope, least, 3.0))


def hold(task: str, L: int, names: list[str], before: list[dict], limits: Limits) -> list[dict]:
    """One band-limit: a row per contestant, measured or with the reason why not."""
    rows: dict[str, dict] = {}
    running: list[Contestant] = []
    for who in names:
        reason = expected_reason([r for r in before if r["who"] == who], L, limits)
        if reason:
            rows[who] = {"L": L, "who": who, "reason": reason, "final": True}
            continue
        contestant = Contestant(task, who, L)
        start = time.perf_counter()
        ready = contestant.hear(3 * limits.prepare_s)
        if "reason" in ready:
            # Too slow once is too slow above; a failure is tried again at every band-limit.
            final = ready["reason"].startswith("gave no answer")
            rows[who] = {"L": L, "who": who, "reason": ready["reason"], "final": final}
            contestant.stop()
            continue
        rows[who] = {"L": L, "who": who, "prepare_s": time.perf_counter() - start, **ready}
        running.append(contestant)
    try:
        _take_turns(running, rows, limits)
    finally:
        for contestant in running:
            contestant.stop()
    return [rows[who] for who in names]


def _take_turns(running: list[Contestant], rows: dict[str, dict], limits: Limits) -> None:
    """Rounds in which everyone does everything once, in an order that rotates."""
    times: dict[str, dict[str, list[tuple[float, float]]]] = {
        c.who: {name: [] for name in rows[c.who]["first_s"]} for c in running
    }
    left = {c.who: limits.band_limit_s / max(1, len(running)) for c in running}
    for round_ in range(limits.rounds):
        for contestant in _rotated(running, round_):
            who = contestant.who
            # Nobody's slowness costs the others a round, and everybody gets a few.
            if "reason" in rows[who] or (round_ >= LEAST_ROUNDS and left[who] <= 0):
                continue
            for name, taken in times[who].items():
                answer = contestant.run(name, 20 * limits.call_s)
                if "reason" in answer:
                    rows[who] = {k: rows[who][k] for k in ("L", "who")} | answer
                    break
                taken.append((answer["s"], answer["busy_s"]))
                left[who] -= answer["s"]
    for contestant in running:
        row = rows[contestant.who]
        if "reason" in row:
            continue
        row |= contestant.finish()
        if "reason" not in row:
            first = row.pop("first_s")
            row["operations"] = {
                name: summary(taken) | {"first_s": first[name]}
                for name, taken in times[contestant.who].items()
            }


def _rotated(running: list[Contestant], by: int) -> Iterator[Contestant]:
    by %= max(1, len(running))
    yield from running[by:] + running[:by]


def summary(taken: list[tuple[float, float]]) -> dict[str, Any]:
    """Median and quartiles in milliseconds, how many cores were busy, and for how long in all."""
    seconds, busy = np.array(taken).T
    low, middle, high = 1e3 * np.quantile(seconds, [0.25, 0.5, 0.75])
    return {"ms": middle, "quartiles": [low, high], "fastest_ms": 1e3 * seconds.min(),
            "rounds": len(taken), "cores": busy.sum() / seconds.sum(),
            "cpu_ms": 1e3 * np.median(busy)}  # fmt: skip
