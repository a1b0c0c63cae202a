"""Sphinx extension: the reference says in which chapters an object is used.

It reads the code of the notebooks. A name such as ``st.WaveletBank``, or one that was imported from
the package, stands for the object that it names. What is reached through a value (a method of
``bank``) cannot be told from the code alone, and is not counted.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from sphinx.application import Sphinx

_PACKAGE = "sphere_toolkit"
_KINDS = ("class", "data", "exception", "function")


def names_in(source: str) -> Iterator[str]:
    """The full names of what a source uses of the package, and of what leads there.

    Parameters
    ----------
    source : str
        Python, without magics.

    Yields
    ------
    str
        Such as ``sphere_toolkit.nn.fit``, and ``sphere_toolkit.nn``.
    """
    tree = ast.parse(source)
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                known[one.asname or one.name.split(".")[0]] = (
                    one.name if one.asname else one.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}

    def full(node: ast.AST) -> str:
        if isinstance(node, ast.Attribute):
            return f"{full(node.value)}.{node.attr}"
        return known.get(node.id, "") if isinstance(node, ast.Name) else ""

    for node in ast.walk(tree):
        name = full(node)
        if name.partition(".")[0] == _PACKAGE:
            yield name


def _objects(notebook: Path) -> set[int]:
    """The identities of the objects of the package that a notebook names."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code").split("\n")
    source = "\n".join(line for line in lines if not line.startswith(("%", "!")))
    return {id(found) for name in names_in(source) if (found := _named(name)) is not None}


def _named(name: str) -> object:
    """The object of a full name; None if there is none."""
    found = import_module(_PACKAGE)
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    return found


@cache
def uses(folder: Path) -> dict[int, list[str]]:
    """By the identity of an object, the chapters (names of files) of a folder that use it.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict
    """
    found: dict[int, list[str]] = {}
    for notebook in sorted(folder.glob("*.ipynb")):
        for each in _objects(notebook):
            found.setdefault(each, []).append(notebook.stem)
    return found


def say_where(app: Sphinx, what: str, name: str, obj: object, _: object, lines: list[str]) -> None:
    """Add a line with links to the chapters that use an object to what its docstring says."""
    folder = Path(app.srcdir, "notebooks")
    chapters = uses(folder).get(id(obj), ()) if what in _KINDS else ()
    links = [
        f":doc:`{re.match('[0-9]*', chapter)[0]} </notebooks/{chapter}>`"
        for chapter in chapters
        if f"notebooks/{chapter}" in app.env.found_docs
    ]
    for notebook in folder.glob("*.ipynb"):  # any of them may use it tomorrow
        app.env.note_dependency(str(notebook))
    if links:
        word = "chapter" if len(links) == 1 else "chapters"
        lines += ["", f"*Used in {word}* {', '.join(links)}.", ""]


def setup(app: Sphinx) -> dict:
    """Register what this module adds."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", say_where, priority=900)  # after napoleon
    return {"parallel_read_safe": True, "parallel_write_safe": True}
