"""Labels of maps, read from a table."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from .base import LABEL, Label

_FILE_COLUMN = {"file", "files", "filename", "file name", "file_name", "map", "name", "path"}
_SHOWN = 3


class Row(NamedTuple):
    """One line of a table."""

    line: int
    key: str
    cells: list[str]


def read_labels(table: str | Path, names: Sequence[str]) -> dict[str, list[Label]]:
    r"""The labels that a CSV table has for maps in files.

    Parameters
    ----------
    table : path
        The first column names a file, by its path as the maps are named, by its path relative to
        the folder of the table, or by its last part alone where that is clear. A row for a file
        with several maps counts for all of them; ``file[3]`` names one of them. The other columns
        hold labels. A first line such as ``file,label`` names the columns; without it there is
        one column, named "label". An empty cell is a map without a label.
    names : sequence of str
        Of the maps, as in the attribute ``names`` of `MapFiles` and `HealpixFiles`.

    Returns
    -------
    dict of str to list
        For each column one label per map: integers if all of its cells are whole numbers from 0,
        numbers if all are numbers, and otherwise names.

    Raises
    ------
    FileNotFoundError
        There is no such table.
    ValueError
        A row names no map, or several, or one that another row names; a map has no row; a column
        mixes numbers and names; or the table is empty or no CSV. The message names the line.

    Examples
    --------
    >>> import pathlib, tempfile, sphere_toolkit as st
    >>> table = pathlib.Path(tempfile.mkdtemp()) / "labels.csv"
    >>> _ = table.write_text("file,label,h\nb.fits,galaxy,0.6\na.fits,noise,0.7\n")
    >>> st.pipeline.read_labels(table, ["maps/a.fits", "maps/b.fits"])
    {'label': ['noise', 'galaxy'], 'h': [0.7, 0.6]}
    """
    path = Path(table).expanduser()
    columns, rows = _parsed(path)
    found: dict[int, Row] = {}
    places = _Places(names, path.parent)
    for row in rows:
        for i in places.of(row, path):
            if i in found:
                raise ValueError(
                    f"{str(path)!r} must name each map once, got {names[i]!r} in line "
                    f"{found[i].line} and in line {row.line}"
                )
            found[i] = row
    lacking = [name for i, name in enumerate(names) if i not in found]
    if lacking:
        more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
        raise ValueError(
            f"{str(path)!r} must name every map, got no line for {', '.join(lacking[:_SHOWN])}"
            f"{more}. Give a map without a label a line with an empty cell"
        )
    ordered = [found[i] for i in range(len(names))]
    return {
        name: _labels(path, name, [(row.line, row.cells[k]) for row in ordered])
        for k, name in enumerate(columns)
    }


class _Places:
    """Where a row's file is among the maps."""

    def __init__(self, names: Sequence[str], folder: Path) -> None:
        self._folder = folder
        self._by_name = _groups(names, lambda name: name)
        self._by_path = _groups(names, lambda name: str(Path(name).expanduser().absolute()))
        self._by_last = _groups(names, lambda name: Path(name).name)

    def of(self, row: Row, table: Path) -> list[int]:
        """The maps that a row names."""
        beside = str((self._folder / Path(row.key).expanduser()).absolute())
        for found in (self._by_name.get(row.key), self._by_path.get(beside)):
            if found:
                return [i for maps in found.values() for i in maps]
        found = self._by_last.get(row.key, {})
        if len(found) != 1:
            several = f"several maps: {', '.join(list(found)[:_SHOWN])}" if found else "no map"
            raise ValueError(
                f"{str(table)!r} must name maps of this set, got {row.key!r} in line {row.line}, "
                f"which is {several}"
            )
        return next(iter(found.values()))


def _groups(names: Sequence[str], key: Callable[[str], str]) -> dict[str, dict[str, list[int]]]:
    """For each key of a map or of its file: the files with that key, and the maps of each."""
    groups: dict[str, dict[str, list[int]]] = {}
    for i, name in enumerate(names):
        file = name.rpartition("[")[0] if name.endswith("]") else name
        for known in {name, file}:
            groups.setdefault(key(known), {}).setdefault(known, []).append(i)
    return groups


def _parsed(path: Path) -> tuple[list[str], list[Row]]:
    """Names of the columns of labels, and the rows."""
    if path.is_dir():
        raise IsADirectoryError(f"the table of labels must be a file, got the folder {str(path)!r}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = [(n, cells) for n, cells in _lines(stream) if any(cells)]
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no table of labels {str(path)!r}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{str(path)!r} must be a CSV table of labels: {error}") from None
    columns = [LABEL]
    if lines and lines[0][1][0].lower() in _FILE_COLUMN:
        columns = lines.pop(0)[1][1:]
    if not lines:
        raise ValueError(f"{str(path)!r} must hold labels, one map a line, got none")
    if not columns or not all(columns) or len(set(columns)) < len(columns):
        raise ValueError(
            f"the first line of {str(path)!r} must name columns that differ, got {columns}"
        )
    for n, cells in lines:
        if len(cells) != 1 + len(columns):
            raise ValueError(
                f"line {n} of {str(path)!r} must have {1 + len(columns)} cells, a file and "
                f"{', '.join(columns)}, with commas between them, got {len(cells)}"
            )
    return columns, [Row(n, cells[0], cells[1:]) for n, cells in lines]


def _lines(stream: Iterable[str]) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(stream, strict=True, skipinitialspace=True)
    return ((reader.line_num, [cell.strip() for cell in cells]) for cells in reader)


def _labels(path: Path, column: str, cells: list[tuple[int, str]]) -> list[Label]:
    """Cells as integers, numbers or names, whichever they all are; None for empty ones."""
    given = [(n, cell) for n, cell in cells if cell]
    numbers = [(n, cell) for n, cell in given if _number(cell) is not None]
    if not numbers:
        return [cell or None for _, cell in cells]
    if len(numbers) < len(given):
        n, name = next(one for one in given if one not in numbers)
        raise ValueError(
            f"the labels {column!r} of {str(path)!r} must be all names or all numbers, got "
            f"{name!r} in line {n} and {numbers[0][1]!r} in line {numbers[0][0]}. Leave the cell "
            "of a map without a label empty"
        )
    if all(cell.isdecimal() for _, cell in numbers):
        return [int(cell) if cell else None for _, cell in cells]
    return [_number(cell) if cell else None for _, cell in cells]


def _number(cell: str) -> float | None:
    """A finite number, or None for other text."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
