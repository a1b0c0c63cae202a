"""Sphinx extension: links to the scenes of a chapter's explorers.

``{scene}`a finer scale <05 energy_shift 2>``` leads to the second scene of the explorer
``energy_shift`` in chapter 05. The state of the explorer is read from the notebook, and becomes a
part of the address, as `sphere_toolkit/explore/_page/permalink.js` reads it.
"""

import ast
import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

_LOGGER = logging.getLogger(__name__)
_TARGET = re.compile(r"(.+?)\s*<(\d\d) (\w+) (\d+)>", re.S)


def _explorer(node: ast.stmt) -> tuple[str, ast.Call] | None:
    """The name and the call of a statement that shows what ``st.explore.NAME`` returns."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and (name := ast.unparse(call.func)).startswith("st.explore."):
        return name.rpartition(".")[2], call
    return None


def scenes(notebook: Path) -> Iterator[tuple[str, list[tuple[str, dict[str, Any]]] | None]]:
    """The explorers that stand in a chapter, each with its scenes.

    Parameters
    ----------
    notebook : Path

    Yields
    ------
    str, list of (str, dict)
        The name of the function of `sphere_toolkit.explore`, questions among them, and the note
        and the controls of each scene; None if it has no scenes.

    Raises
    ------
    ValueError
        If scenes are not written as literals, in the call or as a name in the same chapter.
    """
    named: dict[str, ast.expr] = {}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        lines = "".join(cell["source"]).split("\n")
        tree = ast.parse("\n".join(line for line in lines if not line.startswith(("%", "!"))))
        for node in tree.body:
            if isinstance(node, ast.Assign):
                named |= {t.id: node.value for t in node.targets if isinstance(t, ast.Name)}
            if found := _explorer(node):
                name, call = found
                given = [word.value for word in call.keywords if word.arg == "scenes"]
                given = [named.get(g.id, g) if isinstance(g, ast.Name) else g for g in given]
                yield name, ast.literal_eval(given[0]) if given else None


def address(name: str, controls: dict[str, Any]) -> str:
    """The state of an explorer, as its page's address has it.

    Examples
    --------
    >>> address("scattering_tree", {"path": (6, 4), "signal": "A ring"})
    'scattering_tree.path=6,4&scattering_tree.signal=A%20ring'
    """
    return "&".join(f"{name}.{key}={_text(value)}" for key, value in controls.items())


def _text(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ",".join(map(_text, value))
    number = f"{value:.12g}" if isinstance(value, float) else str(value)
    return quote(number, safe="")


class SceneRole(SphinxRole):
    """A link to a scene."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """A link; a scene that does not exist stops the build."""
        target = _TARGET.fullmatch(self.text)
        said, chapter, name, number = target.groups() if target else (self.text, "", "", "0")
        uri = self._uri(chapter, name, int(number))
        if uri is None:
            _LOGGER.warning("scene: there is no %r", self.text, location=self.get_location())
            return [nodes.Text(said)], []
        return [nodes.reference("", said, refuri=uri)], []

    def _uri(self, chapter: str, name: str, number: int) -> str | None:
        for path in Path(self.env.srcdir, "notebooks").glob(f"{chapter or '?'}_*.ipynb"):
            self.env.note_dependency(str(path))
            own = [known or [] for shown, known in scenes(path) if shown == name]
            if own and 1 <= number <= len(own[0]):
                here = posixpath.dirname(self.env.docname)
                page = posixpath.relpath(f"notebooks/{path.stem}.html", here or ".")
                return f"{page}#{address(name, own[0][number - 1][1])}"
        return None


def setup(app: Sphinx) -> dict:
    """Register what this module adds."""
    app.add_role("scene", SceneRole())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
