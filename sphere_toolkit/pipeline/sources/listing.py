"""Finding files of maps from names of files, folders, lists of files or patterns."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_KINDS = {
    "npy": re.compile(r".*\.npy", re.I),
    "fits": re.compile(r".*\.(fits|fit|fts)(\.(gz|bz2|xz))?", re.I),
}
_LISTS = (".txt", ".lst", ".list")
READABLE = (
    ".npy files, HEALPix .fits files (.fit, .fts, also .gz), a folder of such files, "
    "or a list of their paths (.txt, .lst, or @NAME)"
)


def kind_of(name: str | Path) -> str | None:
    """Kind of a file of maps by its name, "npy" or "fits"; None for others."""
    return next((kind for kind, suffix in _KINDS.items() if suffix.fullmatch(str(name))), None)


def is_named_like_files(name: str) -> bool:
    """Whether a name can only be that of a file, a folder, a list or a pattern."""
    path = Path(name).expanduser()
    return (
        name.startswith(("@", "~", "."))
        or "/" in name
        or glob.has_magic(name)
        or bool(path.suffix)
        or path.exists()
    )


def find_files(names: Iterable[str]) -> tuple[str, list[str]]:
    """The files of maps that some names stand for, and their kind.

    Parameters
    ----------
    names : iterable of str
        Each is one of: a file; a folder, whose files of maps are taken in the order of their names,
        without subfolders; a list, which is a text file with one path a line, named ``.txt``,
        ``.lst``, ``.list`` or ``@NAME``; or a pattern such as ``"maps/*.fits"``. Paths in a list
        are relative to its folder or, if there is no such file, to the current folder; ``#`` begins
        a comment.

    Returns
    -------
    kind : {"npy", "fits"}
    files : list of str
        Files that were named are included even if they do not exist.

    Raises
    ------
    ValueError
        A folder, list or pattern names no files, a file is of another kind, or kinds are mixed.
    FileNotFoundError
        There is no such list or folder.

    Examples
    --------
    >>> import pathlib, tempfile, sphere_toolkit as st
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> (folder / "sky.fits").touch()
    >>> kind, files = st.pipeline.find_files([str(folder)])
    >>> kind, len(files)
    ('fits', 1)
    """
    files = [file for name in names for file in _expanded(name)]
    first: dict[str, str] = {}
    for file in files:
        kind = kind_of(file)
        if kind is None:
            raise ValueError(f"source {file!r} is of no kind that can be read: give {READABLE}")
        first.setdefault(kind, file)
    if len(first) > 1:
        raise ValueError(
            f"source must be files of one kind, got {first['npy']!r} and {first['fits']!r}: "
            "scatter each kind into a store of its own"
        )
    if not first:
        raise ValueError(f"source must name at least one file: give {READABLE}")
    return next(iter(first)), files


def _expanded(name: str) -> Iterator[str]:
    """The files that one name means."""
    path = Path(name.removeprefix("@")).expanduser()
    if name.startswith("@") or path.suffix.lower() in _LISTS:
        yield from _listed(path)
    elif path.is_dir():
        yield from _in_folder(path)
    elif name.endswith("/"):
        raise FileNotFoundError(f"there is no folder {name!r}")
    elif glob.has_magic(name) and not path.exists():
        found = sorted(glob.glob(str(path)))
        if not found:
            raise ValueError(f"source {name!r} is a pattern that no file matches")
        yield from found
    else:
        yield name


def _in_folder(folder: Path) -> list[str]:
    """The files of maps in a folder; names that begin with a dot are skipped."""
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    maps = [str(file) for file in files if kind_of(file)]
    if not maps:
        others = ", ".join(file.name for file in files[:3]) or "no files at all"
        raise ValueError(f"folder {str(folder)!r} holds no .npy or .fits files, but {others}")
    return maps


def _listed(path: Path) -> Iterator[str]:
    """The files that a list names."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no list of files {str(path)!r}")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError(f"{str(path)!r} must be a text file with one path a line") from None
    entries = [text for line in lines if (text := line.strip()) and not text.startswith("#")]
    if not entries:
        raise ValueError(f"the list {str(path)!r} names no files")
    for entry in entries:
        file = Path(entry).expanduser()
        beside = path.parent / file
        yield str(beside if beside.exists() or not file.exists() else file)
