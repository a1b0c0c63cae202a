"""One ES module out of several, so that the page side has no build step.

anywidget ships the source of a single module to the page. The explorers share modules, so their
``import … from "./x.js"`` and ``export`` are taken away and the sources put one after another,
each once and after those that it imports.
"""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"

_IMPORT = re.compile(r'^import\s+\{[^}]*\}\s+from\s+"\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)
# Comments that fill lines; the sources keep theirs, the pages are a third smaller without.
_COMMENT = re.compile(r"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_NAME = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let|var)\s+([\w$]+)", re.MULTILINE
)


def compose(entry: str) -> str:
    """Source of a single module that does what ``entry`` does.

    Parameters
    ----------
    entry : str
        Name of a file in ``static/``. Imports must be named (``import { a } from "./x.js"``, no
        renaming), and no two modules may use one name at the top: they come to share a scope.

    Returns
    -------
    str
        Without imports and without comments on lines of their own. Of the exports only a
        ``default`` is left.

    Raises
    ------
    ValueError
        Two modules declare the same name, or an import has a form that is not understood.
    """
    order: list[str] = []
    _visit(entry, order)
    owner: dict[str, str] = {}
    parts = []
    for name in order:
        source = (STATIC / name).read_text(encoding="utf-8")
        for declared in _NAME.findall(source):
            if owner.setdefault(declared, name) != name:
                raise ValueError(f"{declared} is declared in {owner[declared]} and in {name}")
        body = _EXPORT.sub("", _IMPORT.sub("", source))
        if re.search(r"^import\b", body, re.MULTILINE) or " as " in " ".join(_imports(source)):
            raise ValueError(f'{name}: only import {{ a, b }} from "./x.js" is understood')
        parts.append(f"// ---- {name} ----\n{_COMMENT.sub('', body)}")
    return "\n".join(parts)


def _imports(source: str) -> list[str]:
    return [match.group(0) for match in _IMPORT.finditer(source)]


def _visit(name: str, order: list[str]) -> None:
    """Append the modules that ``name`` needs, then ``name`` itself, each once."""
    for needed in _IMPORT.findall((STATIC / name).read_text(encoding="utf-8")):
        if needed not in order:
            _visit(needed, order)
    order.append(name)
