"""How a file is known again: what counts as changed, and what does not."""

import os
import shutil
import time

import pytest
from hypothesis import given
from hypothesis import strategies as hs

from sphere_toolkit.pipeline.sources.stamps import ABSENT, changed, stamp


@pytest.fixture
def file(tmp_path):
    """A file of eight bytes that was last changed in 2001."""
    path = tmp_path / "map.npy"
    path.write_bytes(b"12345678")
    os.utime(path, (1e9, 1e9))
    return path


def replace_keeping_the_time(file):
    other = file.with_name("other")
    other.write_bytes(b"87654321")
    os.utime(other, (1e9, 1e9))
    shutil.copy2(other, file)  # as cp -p


def move_over_keeping_the_time(file):
    other = file.with_name("other")
    other.write_bytes(b"87654321")
    os.utime(other, (1e9, 1e9))
    other.rename(file)


def restore_after_a_replacement(file):
    shutil.copy2(file, file.with_name("backup"))
    file.write_bytes(b"87654321")
    shutil.copy2(file.with_name("backup"), file)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda file: None, False),
        (lambda file: os.utime(file), False),
        (lambda file: file.chmod(0o600), False),
        (lambda file: os.link(file, file.with_name("link")), False),
        (restore_after_a_replacement, False),
        (lambda file: file.write_bytes(b"12345678"), False),
        (lambda file: file.write_bytes(b"87654321"), True),
        (lambda file: file.write_bytes(b"1234567"), True),
        (lambda file: file.write_bytes(b""), True),
        (lambda file: file.unlink(), True),
        (replace_keeping_the_time, True),
        (move_over_keeping_the_time, True),
    ],
    ids=[
        "nothing", "touched", "mode", "hard link", "restored", "same bytes", "same size", "shorter",
        "empty", "removed", "copied, time kept", "moved over, time kept",
    ],
)  # fmt: skip
def test_a_file_has_changed_where_it_holds_something_else(file, change, expected):
    before = stamp(file)
    time.sleep(0.02)  # the clock of a file system moves in steps
    change(file)
    assert changed(file, before) is expected


def test_a_file_that_appears_has_changed(file):
    content = file.read_bytes()
    file.unlink()
    before = stamp(file)
    assert before == ABSENT
    assert not changed(file, before)
    file.write_bytes(content)
    assert changed(file, before)


def test_a_folder_in_place_of_a_file_is_absent(tmp_path):
    assert stamp(tmp_path) == ABSENT
    assert not changed(tmp_path, ABSENT)


@given(there=hs.binary(max_size=20), here=hs.binary(max_size=20))
def test_the_content_decides_where_times_differ(tmp_path_factory, there, here):
    path = tmp_path_factory.mktemp("stamps") / "map"
    path.write_bytes(there)
    before = stamp(path)
    path.write_bytes(here)
    os.utime(path, ns=(1, 1))
    assert changed(path, before) is (there != here)
