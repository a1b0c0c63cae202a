"""Sphinx extension: how the minutes of a chapter are found, and what they count.

Nobody has timed readers. The minutes follow from what a chapter holds, at the `RATES` below, and a
test compares them with what each chapter says. Exercises and folded text are not counted.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

WORDS_PER_MINUTE = 200
RATES = {
    "equations": 1.0,
    "figures": 1.0,
    "lines of code": 0.05,
    "predictions": 2.0,
    "self-checks": 1.0,
    "explorers": 4.0,
}
"""Minutes for each thing in a chapter, beside its words."""

_CALLS = {
    "predictions": r"\bexplore\.predict\(",
    "self-checks": r"\bexplore\.check\(",
    "explorers": r"\bscenes=",
}
FIGURE = re.compile(r"\bplt\.(subplots|figure)\(|^(ax = )?st\.plot\.(?!you_are_here)\w+\(", re.M)
"""Code that draws a figure."""
_EXERCISES = re.compile(r"^## Exercises$.*?(?=^## |\Z)", re.M | re.S)
_FOLDED = re.compile(r"<details>.*?</details>", re.S)


class Content(NamedTuple):
    """What there is to read in a chapter."""

    words: int
    things: dict[str, int]

    @property
    def minutes(self) -> float:
        """How long it takes, by the rates of this module."""
        return self.words / WORDS_PER_MINUTE + sum(
            RATES[name] * count for name, count in self.things.items()
        )


def plain(markdown: str) -> str:
    """Prose as it is read aloud: a formula, a name in code and a link are words.

    A fenced block is left out, in a quotation as well.
    """
    text = re.sub(r"^(> ?|)```.*?^\1```|\$\$.*?\$\$", "\n\n", markdown, flags=re.M | re.S)
    text = re.sub(r"\$[^$]+\$", "x", text)
    text = re.sub(r"`[^`]+`", "name", text)
    text = re.sub(r"</?[a-z][^>]*>", "\n\n", text)
    return re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)


def words(markdown: str) -> int:
    """The words of a text."""
    return len(re.findall(r"[^\W_][\w'’.-]*", plain(markdown)))


def _read(cells: list[dict]) -> Iterator[tuple[str, str, bool]]:
    """Kind and text of the cells that are read, and whether code is in sight."""
    among_exercises = False
    for cell in cells:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            for heading in re.findall(r"^## .*$", text, re.M):
                among_exercises = heading == "## Exercises"
            if among_exercises and "## Exercises" not in text:
                continue
            yield "markdown", text, True
        elif not among_exercises:
            tags = cell["metadata"].get("tags", ())
            yield "code", text, not any(tag.startswith(("hide-", "remove-")) for tag in tags)


def content(notebook: Path) -> Content:
    """What a chapter holds, without its exercises and what is folded.

    Parameters
    ----------
    notebook : Path

    Returns
    -------
    Content
    """
    cells = list(_read(json.loads(notebook.read_text(encoding="utf-8"))["cells"]))
    text = "\n\n".join(source for kind, source, _ in cells if kind == "markdown")
    text = _FOLDED.sub("", _EXERCISES.sub("", text))
    code = [source for kind, source, _ in cells if kind == "code"]
    shown = [source for kind, source, seen in cells if kind == "code" and seen]
    things = {
        "equations": text.count("$$") // 2,
        "figures": sum(bool(FIGURE.search(source)) for source in code),
        "lines of code": sum(len(source.splitlines()) for source in shown),
    }
    joined = "\n".join(code)
    things |= {name: len(re.findall(call, joined)) for name, call in _CALLS.items()}
    return Content(words(text), things)


def _listed(found: Content) -> str:
    """What a chapter holds, in words: one column that a phone can break into lines."""
    counted = [(n, name.removesuffix("s") if n == 1 else name) for name, n in found.things.items()]
    return ", ".join(f"{n} {name}" for n, name in [(found.words, "words"), *counted] if n)


class ReadingTime(SphinxDirective):
    """What each chapter holds, and the minutes that this makes."""

    def run(self) -> list[nodes.Node]:
        """Two tables: the rates, and the chapters."""
        rates = [f"| {WORDS_PER_MINUTE} words | 1 |"]
        rates += [
            f"| {round(1 / rate)} {name} | 1 |"
            if rate < 1
            else f"| one of the {name} | {rate:.0f} |"
            for name, rate in RATES.items()
        ]
        rows = ["| Chapter, and what it holds | minutes |", "|---|---|"]
        for path in sorted(Path(self.env.srcdir, "notebooks").glob("*.ipynb")):
            if f"notebooks/{path.stem}" not in self.env.found_docs:
                continue
            self.env.note_dependency(str(path))
            found = content(path)
            rows.append(f"| **{path.stem[:2]}** · {_listed(found)} | {found.minutes:.0f} |")
        tables = ["| To read | minutes |", "|---|---|", *rates, "", *rows]
        return self.parse_text_to_nodes("\n".join(tables))


def setup(app: object) -> dict:
    """Register what this module adds."""
    app.add_directive("reading-time", ReadingTime)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
