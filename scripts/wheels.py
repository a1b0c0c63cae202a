"""Ask the package index for which Pythons and systems every package of a part has a wheel.

Usage::

    python scripts/wheels.py [--write]

The versions are those of ``constraints.txt``. What needs what is read from the packages that are
installed here, with the markers of the system in question. A package that is installed here as pure
Python has one wheel for every system; about the others uv is asked, which downloads metadata only.
``--write`` puts the table into ``book/install.md``.

It needs a network, ``make install`` and ``pip install uv``, which no extra of the project has.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "book/install.md"
PROJECT = "sphere-toolkit"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PARTS = ("core", "lab", "nn", "scale", "test")


class System(NamedTuple):
    """A system as its readers, uv and environment markers call it."""

    name: str
    platform: str
    markers: dict[str, str]


def _system(name: str, platform: str, sys_platform: str, system: str, machine: str) -> System:
    markers = {"sys_platform": sys_platform, "platform_system": system}
    markers |= {"platform_machine": machine, "os_name": "nt" if system == "Windows" else "posix"}
    return System(name, platform, markers)


# With the GNU C library 2.28, which distributions of 2018 and 2019 brought, and macOS 14.
_OLDEST_MACOS = {"MACOSX_DEPLOYMENT_TARGET": "14.0"}
SYSTEMS = (
    _system("Linux, x86-64", "x86_64-manylinux_2_28", "linux", "Linux", "x86_64"),
    _system("Linux, aarch64", "aarch64-manylinux_2_28", "linux", "Linux", "aarch64"),
    _system("macOS, Apple silicon", "aarch64-apple-darwin", "darwin", "Darwin", "arm64"),
    _system("macOS, Intel", "x86_64-apple-darwin", "darwin", "Darwin", "x86_64"),
    _system("Windows, x86-64", "x86_64-pc-windows-msvc", "win32", "Windows", "AMD64"),
)


def environment(system: System, python: str) -> dict[str, str]:
    """Values of environment markers."""
    return system.markers | {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


def pins(text: str, where: dict[str, str]) -> dict[str, str]:
    """The pinned version of each package that constraints pin under these markers."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    found = {}
    for requirement in map(Requirement, lines):
        if requirement.marker is None or requirement.marker.evaluate(where):
            found[canonicalize_name(requirement.name)] = str(requirement.specifier)[2:]
    return found


def needed(
    part: str, where: dict[str, str], requires: Callable[[str], Iterable[str]]
) -> dict[str, str]:
    """Every package that a part needs under these markers, by the canonical name.

    Parameters
    ----------
    part : str
        ``"core"``, or an extra.
    where : dict
        Values of environment markers.
    requires : callable (name) -> iterable of str
        The requirements of a package; none of one that is not known.

    Returns
    -------
    dict
        To each name what the requirements allow, such as ``">=1.5"``.
    """
    found: dict[str, str] = {}
    seen, waiting = set(), [(PROJECT, frozenset({part} - {"core"}))]
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        for requirement in map(Requirement, requires(name)):
            marker, other = requirement.marker, canonicalize_name(requirement.name)
            if marker and not any(marker.evaluate(where | {"extra": e}) for e in extras | {""}):
                continue
            waiting.append((other, frozenset(requirement.extras)))
            if other != PROJECT:
                found[other] = str(requirement.specifier)
    return found


def installed_requirements(name: str) -> list[str]:
    """What an installed package requires; of the project, what ``pyproject.toml`` says now."""
    if name == PROJECT:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lines = list(project["dependencies"])
        for extra, more in project["optional-dependencies"].items():
            for requirement in map(Requirement, more):
                holds = f"extra == '{extra}'"
                marker = f"({requirement.marker}) and {holds}" if requirement.marker else holds
                requirement.marker = Marker(marker)
                lines.append(str(requirement))
        return lines
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def is_pure(name: str) -> bool:
    """Whether a package is installed here from a wheel that suits every system."""
    try:
        wheel = metadata.distribution(name).read_text("WHEEL") or ""
    except metadata.PackageNotFoundError:
        return False
    return re.search(r"^Tag: \S+-none-any$", wheel, re.M) is not None


def without_wheel(requirements: Iterable[str], system: System, python: str) -> Iterator[str]:
    """Those of the requirements for which uv finds no wheel."""
    left = sorted(requirements)
    command = ["uv", "pip", "compile", "--quiet", "--no-config", "--no-deps", "--only-binary=:all:"]
    command += ["--python-platform", system.platform, "--python-version", python, "-"]
    while left:
        result = subprocess.run(
            command, input="\n".join(left), capture_output=True, text=True,
            env=os.environ | _OLDEST_MACOS,
        )  # fmt: skip
        if result.returncode == 0:
            return
        answer = " ".join(result.stderr.split())
        refused = re.search(
            r"ecause (?:only )?([\w.-]+?)(?:[=<>]\S+)? (?:has|was|<|=|>|is)", answer
        )
        lines = [line for line in left if refused and re.match(rf"{refused[1]}\b(?!-)", line)]
        if not lines:
            raise RuntimeError(f"uv says neither yes nor no:\n{result.stderr}")
        left.remove(lines[0])
        yield lines[0]


def survey(log: Callable[[str], None]) -> dict[str, dict[str, dict[str, list[str]]]]:
    """What has no wheel, by the name of the system, the Python and the part."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for system in SYSTEMS:
        for python in PYTHONS:
            where = environment(system, python)
            pinned = pins(text, where)
            parts = {part: needed(part, where, installed_requirements) for part in PARTS}
            asked = {
                f"{name}=={pinned[name]}" if name in pinned else f"{name}{allowed}": name
                for name, allowed in {k: v for p in parts.values() for k, v in p.items()}.items()
                if not is_pure(name)
            }
            lacking = {asked[line]: line for line in without_wheel(asked, system, python)}
            log(f"{system.name}, Python {python}: asked for {len(asked)}, no wheel: {lacking}")
            found.setdefault(system.name, {})[python] = {
                part: sorted(lacking[name] for name in names if name in lacking)
                for part, names in parts.items()
            }
    return found


def table(found: dict[str, dict[str, dict[str, list[str]]]]) -> str:
    """The table in Markdown: a line for all parts of a system that have, or lack, the same.

    It has two columns, which fit a telephone.
    """
    rows = ["| system | part: Pythons that have all wheels |", "|---|---|"]
    for system, pythons in found.items():
        alike: dict[str, list[str]] = {}
        for part in PARTS:
            lacking = {python: parts[part] for python, parts in pythons.items()}
            alike.setdefault(_cell(lacking), []).append(part)
        lines = [
            f"{', '.join(parts) if len(alike) > 1 else 'all'}: {cell}"
            for cell, parts in alike.items()
        ]
        rows.append(f"| {system} | {'<br>'.join(lines)} |")
    return "\n".join(rows)


def _cell(lacking: dict[str, list[str]]) -> str:
    """Pythons that lack nothing, and what the others lack."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for python, packages in lacking.items():
        groups.setdefault(tuple(packages), []).append(python)
    texts = []
    for packages, pythons in sorted(groups.items(), key=lambda group: bool(group[0])):
        span = pythons[0] if len(pythons) == 1 else f"{pythons[0]} to {pythons[-1]}"
        names = ", ".join(package.replace("==", " ") for package in packages)
        texts.append(f"{span} without {names}" if names else span)
    return "; ".join(texts)


def write(page: Path, content: str) -> None:
    """Put the table between the two marks of a page."""
    before, mark, rest = page.read_text(encoding="utf-8").partition("<!-- wheels -->\n")
    _, end, after = rest.partition("<!-- end of wheels -->\n")
    if not mark or not end:
        raise ValueError(f"{page} must have the marks <!-- wheels --> and <!-- end of wheels -->")
    page.write_text(f"{before}{mark}{content}\n{end}{after}", encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> None:
    """Ask, and print or write the table."""
    content = table(survey(lambda line: print(line, file=sys.stderr, flush=True)))
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    content += f"\n\nAsked on {day} with `python scripts/wheels.py`."
    if "--write" in arguments:
        write(PAGE, content)
    print(content)


if __name__ == "__main__":
    main(sys.argv[1:])
