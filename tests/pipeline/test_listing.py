"""Folders, lists and patterns in place of the names of files."""

import os
from pathlib import Path

import pytest

from sphere_toolkit.pipeline import find_files


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder ``maps`` with three files of maps, and other things."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    maps = tmp_path / "maps"
    maps.mkdir()
    for name in ("b.fits", "a.FITS.GZ", "c.fit", "notes.md", ".hidden.fits", "._b.fits"):
        (maps / name).touch()
    (maps / "deeper").mkdir()
    (maps / "deeper" / "d.fits").touch()
    return maps


EVERY = ["maps/a.FITS.GZ", "maps/b.fits", "maps/c.fit"]


@pytest.mark.parametrize(
    ("given", "kind", "expected"),
    [
        (["maps"], "fits", EVERY),
        (["maps/"], "fits", EVERY),
        (["./maps"], "fits", EVERY),
        (["maps/deeper", "maps/b.fits"], "fits", ["maps/deeper/d.fits", "maps/b.fits"]),
        (["maps/*.fits"], "fits", ["maps/b.fits"]),
        (["maps/**/*.fits"], "fits", ["maps/deeper/d.fits"]),
        (["b.npy", "a.NPY"], "npy", ["b.npy", "a.NPY"]),
        (["UPPER.FITS", "x.fits.gz", "x.fit.gz", "x.fts"], "fits",
         ["UPPER.FITS", "x.fits.gz", "x.fit.gz", "x.fts"]),
        (["~/x.npy"], "npy", ["~/x.npy"]),
        (["./x.npy"], "npy", ["./x.npy"]),
    ],
)  # fmt: skip
def test_names_folders_and_patterns(given, kind, expected):
    assert find_files(given) == (kind, expected)


def test_a_folder_in_the_home_folder(folder):
    assert find_files(["~/maps"]) == ("fits", [str(folder.parent / name) for name in EVERY])


def test_a_file_named_like_a_pattern_is_that_file():
    Path("a[1].npy").touch()
    assert find_files(["a[1].npy"]) == ("npy", ["a[1].npy"])


@pytest.mark.parametrize("name", ["list.txt", "list.LST", "@list", "@list.txt", "~/list.txt"])
def test_a_list_names_files_one_a_line(name):
    Path(name.removeprefix("@").removeprefix("~/")).write_text(
        "# made by hand\n\nmaps/c.fit\n  maps/b.fits  \n"
        "#maps/away.fits\r\nmaps/not there yet.fits\n"
    )
    kind, files = find_files([name])
    assert kind == "fits"
    assert [os.path.relpath(file) for file in files] == [
        "maps/c.fit", "maps/b.fits", "maps/not there yet.fits"
    ]  # fmt: skip


def test_names_in_a_list_are_relative_to_its_folder_or_to_the_current_one(folder):
    lines = ["b.fits", "maps/c.fit", str(folder / "a.FITS.GZ"), "~/maps/deeper/d.fits"]
    (folder / "all.lst").write_text("\n".join(lines), encoding="utf-8-sig")
    _, files = find_files(["maps/all.lst"])
    assert [os.path.relpath(file) for file in files] == [
        "maps/b.fits", "maps/c.fit", "maps/a.FITS.GZ", "maps/deeper/d.fits"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("prepare", "given", "message"),
    [
        (
            lambda: Path("maps/a.npy").touch(),
            ["maps"],
            "of one kind, got 'maps/a.npy' and 'maps/a.F",
        ),
        (lambda: None, ["a.npy", "maps"], "of one kind, got 'a.npy' and 'maps/a.FITS.GZ'"),
        (lambda: os.mkdir("empty"), ["empty"], "folder 'empty' holds no .npy or .fits .* no files"),
        (lambda: (os.mkdir("d"), Path("d/x.h5").touch()), ["d"], "folder 'd' holds no .*but x.h5"),
        (lambda: None, ["maps/notes.md"], "'maps/notes.md' is of no kind that can be read: give"),
        (lambda: None, ["x.h5"], r"'x.h5' is of no kind .* \.npy files, HEALPix \.fits files"),
        (lambda: None, ["x.npz"], "'x.npz' is of no kind"),
        (lambda: Path("l.txt").touch(), ["l.txt"], "the list 'l.txt' names no files"),
        (
            lambda: Path("l.txt").write_text("# only\n"),
            ["l.txt"],
            "the list 'l.txt' names no files",
        ),
        (lambda: Path("l.txt").write_bytes(b"\xff\xfe\x00"), ["l.txt"], "must be a text file"),
        (lambda: Path("l.txt").write_text("a.npy\nx.h5\n"), ["l.txt"], "'x.h5' is of no kind"),
        (lambda: None, ["l.txt"], "there is no list of files 'l.txt'"),
        (lambda: None, ["nowhere/"], "there is no folder 'nowhere/'"),
        (lambda: None, ["maps/*.npy"], r"'maps/\*.npy' is a pattern that no file matches"),
        (lambda: None, [], "must name at least one file"),
    ],
)
def test_what_names_no_files_is_said(prepare, given, message):
    prepare()
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        find_files(given)
