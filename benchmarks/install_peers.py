"""Install the peers of ``requirements.txt``, one by one, and keep why one did not.

    .venv-bench/bin/python benchmarks/install_peers.py

The reasons go to ``.venv-bench/peers.json``, from where the results take them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
REASONS = Path(sys.prefix) / "peers.json"


def wanted(text: str) -> list[tuple[str, bool]]:
    """Requirements of a file, and whether to leave out what they ask for in turn."""
    lines = (line.partition("#") for line in text.splitlines())
    return [(name.strip(), "no-deps" in note) for name, _, note in lines if name.strip()]


def reason(output: str) -> str:
    """The line of pip's complaint that says most, without addresses and paths."""
    errors = [line.strip() for line in output.splitlines() if line.startswith("ERROR:")]
    said = errors[0].removeprefix("ERROR:").strip() if errors else "pip failed without a word"
    return re.sub(r"(https?|file)://\S+|/\S+/\S*", "…", said)[:200]


def pins_not_met(name: str) -> list[str]:
    """What an installed distribution asks for and does not get."""
    from packaging.requirements import Requirement

    unmet = []
    for line in metadata.requires(name) or []:
        needs = Requirement(line)
        if needs.marker and not needs.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(needs.name)
        except metadata.PackageNotFoundError:
            unmet.append(f"{needs.name}{needs.specifier} (not installed)")
            continue
        if not needs.specifier.contains(version, prereleases=True):
            unmet.append(f"{needs.name}{needs.specifier} ({version} is installed)")
    return unmet


def state(name: str) -> dict:
    """Version of a distribution and what it lacks, or that it is not installed."""
    try:
        return {"version": metadata.version(name), "pins_not_met": pins_not_met(name)}
    except metadata.PackageNotFoundError:
        return {"reason": "not installed"}


def main() -> None:
    """Install each, report."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "-c", str(HERE / "constraints.txt")]
    reasons = {}
    for name, bare in wanted((HERE / "requirements.txt").read_text(encoding="utf-8")):
        done = subprocess.run(
            [*pip, *(["--no-deps"] if bare else []), name], capture_output=True, text=True
        )
        if done.returncode:
            reasons[name] = reason(done.stderr)
            print(f"{name} does not install: {reasons[name]}", file=sys.stderr)
    REASONS.write_text(json.dumps(reasons, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
