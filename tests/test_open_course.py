"""The reader's copies of the chapters: made, updated, and never overwritten."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from commands import ROOT, load_script
from jupyter_client.kernelspec import KernelSpecManager
from jupyterlab_server.settings_utils import get_settings
from jupyterlab_server.workspaces_handler import WorkspacesManager

open_course = load_script("open_course")
NAME = "01_chapter.ipynb"


def notebook(source, outputs=()):
    """The text of a notebook with one cell."""
    cell = {"cell_type": "code", "source": [source], "outputs": list(outputs), "metadata": {}}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def chapter(tmp_path):
    """A chapter, and the copy that `copied` makes of it."""
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / NAME
    path.write_text(notebook("1 + 1"))
    return path


@pytest.fixture
def copy(chapter):
    copied(chapter)
    return chapter.parents[1] / "mine" / NAME


def copied(chapter):
    """Names of the copies that stayed."""
    return open_course.copy_chapters(chapter.parent, chapter.parents[1] / "mine")


def test_a_chapter_is_copied_and_a_deleted_copy_comes_back(chapter, copy):
    assert copy.read_text() == chapter.read_text()
    copy.unlink()
    assert copied(chapter) == []
    assert copy.read_text() == chapter.read_text()


@pytest.mark.parametrize(
    "mine", [notebook("2 + 2"), notebook("1 + 1", [{"output_type": "stream"}]), "half a notebook"]
)
def test_a_reader_who_goes_on_keeps_the_work(chapter, copy, mine):
    copy.write_text(mine)
    assert copied(chapter) == []
    assert copy.read_text() == mine


def test_an_updated_chapter_replaces_a_copy_that_was_only_run(chapter, copy):
    copy.write_text(notebook("1 + 1", [{"output_type": "stream"}]))
    chapter.write_text(notebook("1 + 3"))
    assert copied(chapter) == []
    assert copy.read_text() == chapter.read_text()


@pytest.mark.parametrize("mine", [notebook("2 + 2"), "half a notebook"])
def test_an_updated_chapter_leaves_a_changed_copy_alone_and_says_so(chapter, copy, mine):
    copy.write_text(mine)
    chapter.write_text(notebook("1 + 3"))
    assert copied(chapter) == copied(chapter) == [NAME]
    assert copy.read_text() == mine
    copy.rename(copy.with_name("mine.ipynb"))
    assert copied(chapter) == []
    assert copy.read_text() == chapter.read_text()


def test_copies_without_a_record_stay(chapter, copy):
    (copy.parent / open_course.RECORD).unlink()
    copy.write_text(mine := notebook("2 + 2"))
    assert copied(chapter) == [NAME]
    assert copy.read_text() == mine


def test_lab_serves_this_machine_only_and_keeps_its_token():
    command = open_course.command(["--no-browser"])
    assert "--ip=127.0.0.1" in command
    assert "--no-browser" in command
    assert "--LabApp.default_url=/lab/tree/my_course/00_why_the_sphere.ipynb" in command
    assert [word for word in command if "token" in word or "password" in word] == []
    edit = open_course.command(["--edit"])
    assert "--LabApp.default_url=/lab/tree/notebooks/00_why_the_sphere.ipynb" in edit
    assert "--edit" not in edit
    # What JupyterLab remembers of a contributor's other work stays apart from the reader's.
    workspaces = [word for word in command if word.startswith("--LabApp.workspaces_dir=")]
    assert len(workspaces) == 1
    assert "/my_course/" in workspaces[0]
    assert not set(workspaces) & set(edit)


def test_a_first_start_has_room_for_the_names_of_the_chapters(monkeypatch, tmp_path):
    shutil.copytree(ROOT / open_course.CHAPTERS, tmp_path / open_course.CHAPTERS)
    started = []
    monkeypatch.setattr(open_course, "ROOT", tmp_path)
    monkeypatch.setattr(open_course.os, "execve", lambda *call: started.append(call))
    open_course.main([])
    ((program, command, environment),) = started
    assert program == sys.executable
    folder = Path(next(word for word in command if "workspaces" in word).partition("=")[2])
    layout = WorkspacesManager(str(folder)).load("default")["data"]["layout-restorer:data"]
    left, main, right = layout["relativeSizes"]
    assert left + main + right == pytest.approx(1)
    assert left > 0.25
    assert str(open_course.SETTINGS) in environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    monkeypatch.setenv("JUPYTER_PATH", environment["JUPYTER_PATH"])
    kernel = KernelSpecManager().get_kernel_spec("python3")
    assert Path(kernel.resource_dir) == open_course.SETTINGS / "kernels/python3"
    # What the reader arranged since then stays.
    (file,) = folder.iterdir()
    file.write_text("{}")
    open_course.main([])
    assert file.read_text() == "{}"


def test_git_ignores_the_copies_and_the_chapters_open_from_them():
    assert f"/{open_course.COPIES}/" in (ROOT / ".gitignore").read_text().splitlines()
    assert (ROOT / open_course.CHAPTERS / open_course.FIRST).exists()


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [
        ("apputils-extension:notification", "fetchNews", "false"),
        ("apputils-extension:notification", "checkForUpdates", False),
        ("filebrowser-extension:browser", "showLastModifiedColumn", False),
    ],
)
def test_jupyterlab_takes_our_settings_as_defaults(monkeypatch, tmp_path, setting, name, value):
    def default():
        schemas = str(Path(sys.prefix, "share/jupyter/lab/schemas"))
        found, _ = get_settings(str(tmp_path), schemas, "", f"@jupyterlab/{setting}")
        return found["schema"]["properties"][name]["default"]

    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert default() != value
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(open_course.SETTINGS))
    assert default() == value
