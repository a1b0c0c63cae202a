"""What differs from system to system is asked for before it is used."""

import ast
import errno
import os
import signal
import sys
from pathlib import Path

import pytest
from commands import ROOT, is_due, load_script, peer, peer_when_used

from experiments import report
from sphere_toolkit._util import checks
from sphere_toolkit.pipeline import cluster
from sphere_toolkit.pipeline.lock import LOCK, locked

open_course = load_script("open_course")
FOLDERS = ("sphere_toolkit", "experiments", "scripts", "book/_extensions", "benchmarks")
# Modules of the standard library that not every system has.
OF_ONE_SYSTEM = {"fcntl", "grp", "msvcrt", "pwd", "resource", "termios", "winreg"}


@pytest.fixture(scope="module")
def sources():
    """The syntax tree of each file."""
    return {
        file: ast.parse(file.read_text(encoding="utf-8"))
        for folder in FOLDERS
        for file in sorted((ROOT / folder).rglob("*.py"))
    }


def without_encoding(tree):
    """Lines that read or write text in the encoding of the system."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and "encoding" not in {key.arg for key in node.keywords}:
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            reads = name == "read_text" and not node.args
            mode = node.args[1].value if name == "open" and len(node.args) > 1 else "r"
            opens = isinstance(node.func, ast.Name) and name == "open" and "b" not in mode
            if reads or opens or name == "write_text":
                yield node.lineno


def test_text_is_read_and_written_in_one_encoding_everywhere(sources):
    found = [f"{file}:{line}" for file, tree in sources.items() for line in without_encoding(tree)]
    assert found == []
    assert [*without_encoding(ast.parse("open(a); open(a, 'rb'); b.read_text()"))] == [1, 1]


def test_no_module_needs_at_import_what_only_some_systems_have(sources):
    for file, tree in sources.items():
        imports = [node for node in tree.body if isinstance(node, ast.Import)]
        assert not OF_ONE_SYSTEM & {alias.name for node in imports for alias in node.names}, file


def test_the_package_imports_no_package_that_lacks_wheels(sources):
    package = {file: sources[file] for file in sources if "sphere_toolkit" in file.parts}
    assert len(package) > 100
    for file, tree in package.items():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            roots = {name.partition(".")[0] for name in names}
            assert not roots & {"healpy", "pyssht"}, file


def test_text_files_have_the_same_bytes_everywhere():
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text().splitlines()


def test_a_peer_is_left_out_only_where_the_project_does_not_ask_for_it(monkeypatch):
    where = {"sys_platform": "linux", "python_version": "3.13", "python_full_version": "3.13.0"}
    monkeypatch.setattr("packaging.markers.default_environment", lambda: where)
    assert is_due("healpy")
    where["sys_platform"] = "win32"
    assert not is_due("healpy")
    with pytest.raises(pytest.skip.Exception, match="pyssht has no wheel for this system"):
        peer("pyssht")
    absent = peer_when_used("healpy")
    with pytest.raises(pytest.skip.Exception, match="healpy has no wheel for this system"):
        absent.alm2cl(1)


# --- what a system lacks ----------------------------------------------------------------------


def test_threads_are_counted_without_affinity(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert checks.threads(None) == os.cpu_count()
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert checks.threads(None) == 1


def test_workers_start_where_no_signal_can_be_blocked(monkeypatch):
    monkeypatch.delattr(signal, "pthread_sigmask", raising=False)
    before = signal.getsignal(signal.SIGINT)
    with cluster._deaf():
        assert signal.getsignal(signal.SIGINT) is before


def test_a_lock_ends_where_an_open_file_cannot_be_removed(monkeypatch, tmp_path):
    """As on Windows, where the file can be removed only after it is closed."""
    held, unlink = [True, False], Path.unlink

    def stubborn(path, missing_ok=False):
        if held.pop(0):
            raise PermissionError(errno.EACCES, "in use by another process")
        unlink(path, missing_ok=missing_ok)

    store = tmp_path / "made/store"
    with locked(store):
        assert (store / LOCK).exists()
        monkeypatch.setattr(Path, "unlink", stubborn)
    assert held == []
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    with locked(store):
        pass  # it can be had again


def test_memory_is_left_out_where_no_module_tells_it(monkeypatch):
    assert report.peak_memory()["process"] > 1e7
    monkeypatch.setitem(sys.modules, "resource", None)
    assert "process" not in report.peak_memory()


def test_the_course_opens_where_there_is_no_root(monkeypatch):
    monkeypatch.delattr(os, "geteuid", raising=False)
    assert "--allow-root" not in open_course.command([])


def test_on_windows_the_course_waits_for_jupyterlab(monkeypatch):
    monkeypatch.setattr(open_course.os, "name", "nt")
    before = signal.getsignal(signal.SIGINT)
    command = [sys.executable, "-c", "import os, sys; sys.exit(int(os.environ['STATUS']))"]
    try:
        with pytest.raises(SystemExit) as ended:
            open_course.become(command, os.environ | {"STATUS": "7"})
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended.value.code == 7
