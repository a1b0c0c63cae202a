"""What every result says about itself: the command, the machine, the versions."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sphere_toolkit._util import checks, shares


def provenance(name: str, argv: Sequence[str], distributions: Sequence[str] = ()) -> dict[str, Any]:
    """The command that makes a result, the versions it used, and the kind of machine.

    Parameters
    ----------
    name : str
        Name of the experiment.
    argv : sequence of str
        Its arguments.
    distributions : sequence of str
        Whose versions matter, beside those of NumPy and ducc0.
    """
    machine = {"processor": _processor(), "threads": checks.threads(None)}
    if "jax" in distributions and (accelerator := _accelerator()) is not None:
        machine["accelerator"] = accelerator.device_kind
    return {
        "command": shlex.join(["python", "-m", f"experiments.{name}", *argv]),
        "machine": machine,
        "versions": {
            "sphere_toolkit": metadata.version("sphere-toolkit"),
            "python": platform.python_version(),
            **versions(("numpy", "ducc0", *distributions)),
        },
    }


def versions(distributions: Sequence[str]) -> dict[str, str]:
    """The installed version of each distribution."""
    return {name: metadata.version(name) for name in distributions}


def peak_memory() -> dict[str, int]:
    """The most memory that this process held so far, in bytes, and that it held on an accelerator.

    Processes that simulate are not counted. Windows does not tell the first.
    """
    peak = {}
    try:
        import resource
    except ModuleNotFoundError:
        pass
    else:
        unit = 1 if sys.platform == "darwin" else 1024
        peak["process"] = unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if (accelerator := _accelerator()) is not None:
        peak["accelerator"] = accelerator.memory_stats()["peak_bytes_in_use"]
    return peak


def _accelerator() -> Any:
    """What JAX computes on, unless that is the processor."""
    import jax  # only experiments that train have it

    device = jax.devices()[0]
    return None if device.platform == "cpu" else device


def _processor() -> str:
    """The model of the processor; not the name of the host."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def write_json(path: Path, content: Any) -> None:
    """Write a result; the file appears complete or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        text = json.dumps(content, indent=1, allow_nan=False)
        partial.write_text(f"{text}\n", encoding="utf-8", newline="\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def accuracy(n_correct: int, n: int) -> dict[str, float]:
    """Share of correct answers, with its 95 % Clopper-Pearson interval.

    The interval covers the true share with a probability of at least 95 %.
    """
    low, high = shares.interval(n_correct, n)
    return {"accuracy": n_correct / n, "low": low, "high": high}


def median_seconds(
    simulate: Callable[[int], NDArray],
    functions: Mapping[str, Callable[[NDArray], Any]],
) -> dict[str, float]:
    """Median time of five to simulate a sky, and to compute each function of it.

    One more comes first and is not timed.

    Parameters
    ----------
    simulate : callable (index) -> alm
    functions : mapping from names to callables (alm)
    """
    times: dict[str, list[float]] = {name: [] for name in ("simulation", *functions)}
    for i in range(6):
        marks = [perf_counter()]
        sky = simulate(i)
        marks.append(perf_counter())
        for function in functions.values():
            function(sky)
            marks.append(perf_counter())
        for name, seconds in zip(times, np.diff(marks), strict=True):
            times[name].append(float(seconds))
    return {name: float(np.median(values[1:])) for name, values in times.items()}
