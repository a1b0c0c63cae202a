"""Write the versions that are installed here to ``constraints.txt``.

Usage::

    python scripts/pin.py

A pin with a marker, such as ``ducc0==0.38.0; sys_platform == "darwin"``, serves systems or Pythons
on which another version is needed, or a package that is not needed here. It stays as it is where
the marker does not hold here.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FILE = Path(__file__).resolve().parents[1] / "constraints.txt"


def renewed(text: str, freeze: str) -> str:
    """Constraints with other versions.

    Parameters
    ----------
    text : str
        The constraints as they are: comments first.
    freeze : str
        What ``pip freeze`` prints.

    Returns
    -------
    str
        The same comments, then one pin a line in the order of the names.
    """
    lines = text.splitlines()
    marked = [line for line in map(Requirement, _pins(lines)) if line.marker is not None]
    pins = []
    for found in map(Requirement, _pins(freeze.splitlines())):
        same = [m for m in marked if canonicalize_name(m.name) == canonicalize_name(found.name)]
        here = next((str(m.marker) for m in same if m.marker and m.marker.evaluate()), None)
        pins.append(f"{found}; {here}" if here else str(found))
    pins += [str(m) for m in marked if m.marker and not m.marker.evaluate()]
    comments = [line for line in lines if line.startswith("#")]
    pins.sort(key=lambda pin: (Requirement(pin).name.lower(), pin))
    return "\n".join([*comments, *pins]) + "\n"


def _pins(lines: list[str]) -> list[str]:
    return [line for line in lines if "==" in line and not line.startswith("#")]


def main() -> None:
    """Freeze what is installed."""
    command = [sys.executable, "-m", "pip", "freeze", "--exclude-editable"]
    freeze = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    content = renewed(FILE.read_text(encoding="utf-8"), freeze)
    FILE.write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
