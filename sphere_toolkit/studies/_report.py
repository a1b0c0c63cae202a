"""What every result says of itself: the command, the machine, the versions."""

from __future__ import annotations

import json
import os
import platform
import shlex
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from .. import _checks


def provenance(
    study: str, argv: Sequence[str], distributions: Sequence[str] = ()
) -> dict[str, Any]:
    """The command that makes a result, when with what and on what kind of machine it ran.

    Parameters
    ----------
    study : str
        Name of the study.
    argv : sequence of str
        Its arguments.
    distributions : sequence of str
        Whose versions matter beside those of NumPy and ducc0.
    """
    names = ["numpy", "ducc0", *distributions]
    return {
        "command": shlex.join(["sphere-toolkit", "study", study, *argv]),
        "machine": {"processor": _processor(), "threads": _checks.threads(None)},
        "versions": {
            "sphere_toolkit": metadata.version("sphere-toolkit"),
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in names},
        },
    }


def _processor() -> str:
    """The model of the processor; no name of a host."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def write_json(path: Path, content: Any) -> None:
    """Write a result; the file appears complete or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def interval(right: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Clopper-Pearson interval of an accuracy: never narrower than its confidence promises."""
    found = binomtest(right, n).proportion_ci(confidence, method="exact")
    return float(found.low), float(found.high)
