"""The project's own commands, run by tests."""

import os
import subprocess
import tomllib
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]


def make(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run make as a person would, even where make runs the tests."""
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def load_script(name: str) -> ModuleType:
    """A module of the folder ``scripts``."""
    return _load(ROOT / "scripts" / f"{name}.py")


def load_extension(name: str) -> ModuleType:
    """A module of the folder ``book/_extensions``."""
    return _load(ROOT / "book/_extensions" / f"{name}.py")


def _load(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_due(name: str) -> bool:
    """Whether an extra of the project asks for a package on this system and this Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [line for extra in project["optional-dependencies"].values() for line in extra]
    found = [one for one in map(Requirement, lines) if one.name == name]
    return any(one.marker is None or one.marker.evaluate() for one in found)


def peer(name: str) -> ModuleType:
    """A package that tests compare with; where it is not to be had, skip the test and say so."""
    if not is_due(name):
        pytest.skip(f"{name} has no wheel for this system and this Python")
    return import_module(name)


class _Absent:
    """Stands for a package that is not to be had: a test that uses it is skipped then."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> NoReturn:
        peer(self._name)
        raise AttributeError(attribute)


def peer_when_used(name: str) -> ModuleType | _Absent:
    """As `peer`, for a whole file, some of whose tests do without."""
    return import_module(name) if is_due(name) else _Absent(name)


def unavailable(how: str) -> NoReturn:
    """Skip a test, saying what it needs; on continuous integration fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(how)
    pytest.skip(how)
