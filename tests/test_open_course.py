"""The reader's copies of the chapters: made, updated, and never overwritten."""

import json
import os
import subprocess
import sys

import pytest
from commands import ROOT, load_script

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
    assert "--LabApp.default_url=/lab/tree/my_course/00_start_here.ipynb" in command
    assert [word for word in command if "token" in word or "password" in word] == []
    edit = open_course.command(["--edit"])
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in edit
    assert "--edit" not in edit


def test_git_ignores_the_copies_and_the_chapters_open_from_them():
    assert f"/{open_course.COPIES}/" in (ROOT / ".gitignore").read_text().splitlines()
    assert (ROOT / open_course.CHAPTERS / open_course.FIRST).exists()


def test_jupyterlab_reads_our_settings_below_those_of_the_reader(tmp_path):
    code = (
        "from jupyterlab_server.settings_utils import get_settings\n"
        "from jupyterlab.labapp import LabApp\n"
        "lab = LabApp()\n"
        "name = '@jupyterlab/apputils-extension:notification'\n"
        "found, _ = get_settings(lab.app_settings_dir, lab.schemas_dir, '', name)\n"
        "print(found['schema']['properties']['fetchNews']['default'])\n"
    )
    environment = os.environ | {
        "JUPYTER_CONFIG_PATH": str(ROOT / "scripts" / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(tmp_path),
    }
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "false"
