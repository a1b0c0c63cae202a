"""The folder of a store: checks of what it holds, removal of remains, files in one step."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path
from typing import Any

from .lock import LOCK

TEXTS = ("problem", "stamp", "versions")
"""The arrays of strings of a store, beside ``alm``."""
HEADER = "zarr.json"
COORDINATE = "coordinate of a sphere_toolkit data set"
"""What the metadata of a coordinate say, which may have the name of any label."""


def sweep(path: Path) -> None:
    """Remove the partial files of writers that were killed."""
    for rest in path.rglob("*.partial"):
        rest.unlink(missing_ok=True)


def is_nobodys(path: Path) -> bool:
    """Whether a folder is empty or holds a store in which nothing was computed yet.

    Such a store may hold texts without a shard of ``alm``, from a run that ended between writing
    the two, and shards without a header, from a task that continued after its run.

    Raises
    ------
    NotADirectoryError
        The path is not a folder.
    """
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(
            f"the store must be a folder, got {str(path)!r}, which is something else"
        )
    beside = (*TEXTS, *(folder.name for folder in _coordinates(path)))
    skeleton = {LOCK, HEADER, *(f"{name}/{HEADER}" for name in ("alm", *beside))}
    rest = [f"{name}/c/" for name in beside]
    if not any((path / header).exists() for header in (HEADER, f"alm/{HEADER}")):
        rest.append("alm/c/")
    for file in path.rglob("*"):
        name = file.relative_to(path).as_posix()
        ours = file.suffix == ".partial" or name in skeleton or name.startswith(tuple(rest))
        if not ours and not file.is_dir():
            return False
    try:
        return "sphere_toolkit" in (path / HEADER).read_text(encoding="utf-8")
    except FileNotFoundError:
        return True


def clear(path: Path) -> None:
    """Empty the folder of a store in which nothing was computed; leave other folders alone."""
    if is_nobodys(path):
        (path / HEADER).unlink(missing_ok=True)
        for name in ("alm", *TEXTS):
            shutil.rmtree(path / name, ignore_errors=True)
        for folder in _coordinates(path):
            shutil.rmtree(folder / "c", ignore_errors=True)  # known by the metadata until the end
            shutil.rmtree(folder, ignore_errors=True)
        sweep(path)


def _coordinates(path: Path) -> list[Path]:
    """The folders of coordinates, see `write_coordinates`."""
    mark = COORDINATE.encode()
    return [file.parent for file in path.glob(f"*/{HEADER}") if mark in file.read_bytes()]


def check_is_store(path: Path) -> None:
    """Raise if a folder has files but not the header of a store."""
    if (path / HEADER).exists():
        return
    files = sorted(file.name for file in path.iterdir() if file.name != LOCK)
    shown = ", ".join(files[:3]) + (", ..." if len(files) > 3 else "")
    raise ValueError(
        f"the folder {str(path)!r} holds other files ({shown}) and no store, and is left as it "
        "is: give a folder that is empty or not there yet"
    )


# --- files ------------------------------------------------------------------------------------


def edit(file: Path, entries: dict[str, Any]) -> None:
    """Replace entries of a file of JSON, in one step."""
    found = json.loads(file.read_text(encoding="utf-8"))
    put(file, json.dumps(found | entries, indent=2).encode())


def put(file: Path, content: bytes) -> None:
    """Write a file completely or not at all."""
    draft = file.with_name(f"{file.name}.{uuid.uuid4().hex}.partial")
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        draft.write_bytes(content)
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def holds(file: Path, content: bytes) -> bool:
    """Whether a file is there and has this content."""
    try:
        return file.read_bytes() == content
    except OSError:
        return False
