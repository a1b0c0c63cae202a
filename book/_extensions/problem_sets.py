"""Sphinx extension: the exercises of all chapters, collected by grade.

An exercise is a paragraph below a heading of its grade that begins with its number in bold, such as
``**3.** Show that ...``. Each has an address, ``exercise-3`` on the page of its chapter.
"""

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

_LOGGER = logging.getLogger(__name__)
GRADES = ("Warm up", "Derive", "Project")
"""The headings below which exercises stand."""

_CHAPTER = re.compile(r"notebooks/(\d+)_")
_BEGINNING = re.compile(r"\*\*(\d+)\.(?:\*\* | (.+?)\*\* )(.+)", re.S)
_FOLD = re.compile(r"<(/?)details\b")


class Exercise(NamedTuple):
    """An exercise as its chapter states it."""

    grade: str
    number: int
    statement: str


def exercises(notebook: Path) -> list[Exercise]:
    """The exercises of a chapter.

    Parameters
    ----------
    notebook : Path

    Returns
    -------
    list of Exercise
        The statement is Markdown, the paragraph of the exercise in one line.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    text = re.sub(r"<details>.*?</details>", "", "\n\n".join(texts), flags=re.S)
    found, grade = [], ""
    for block in re.split(r"\n\s*\n", text):
        heading = re.match(r"#+ (.+)", block)
        if heading:
            grade = heading[1].strip()
        beginning = _BEGINNING.match(block)
        if grade in GRADES and beginning:
            number, title, rest = beginning.groups()
            words = " ".join(rest.split())
            found.append(Exercise(grade, int(number), f"*{title}* {words}" if title else words))
    return found


def label(chapter: str, number: int) -> str:
    """The name by which pages refer to an exercise."""
    return f"exercise-{chapter}-{number}"


def unfolded(section: nodes.section) -> Iterator[nodes.paragraph]:
    """The paragraphs of a section itself that are not folded away, as solutions are."""
    depth = 0
    for child in section.children:
        if isinstance(child, nodes.raw):
            depth += sum(1 - 2 * bool(end) for end in _FOLD.findall(child.astext()))
        elif isinstance(child, nodes.paragraph) and not depth:
            yield child


class NameExercises(SphinxTransform):
    """Give each exercise an address."""

    default_priority = 410

    def apply(self, **_: object) -> None:
        """Name the paragraphs that state exercises, and tell Sphinx."""
        chapter = _CHAPTER.match(self.env.docname)
        if not chapter:
            return
        for section in self.document.findall(nodes.section):
            if section[0].astext() in GRADES:
                for paragraph in unfolded(section):
                    first = next((part for part in paragraph.children if part.astext()), None)
                    number = re.match(r"(\d+)\.", first.astext() if first is not None else "")
                    if isinstance(first, nodes.strong) and number:
                        self._name(paragraph, chapter[1], int(number[1]))

    def _name(self, paragraph: nodes.paragraph, chapter: str, number: int) -> None:
        address = f"exercise-{number}"
        paragraph["ids"].append(address)
        said = f"{chapter}, exercise {number}"
        standard = self.env.get_domain("std")
        name = label(chapter, number)
        standard.anonlabels[name] = self.env.docname, address
        standard.labels[name] = self.env.docname, address, said


class ProblemSet(SphinxDirective):
    """The exercises of a grade, chapter by chapter, with links to them."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """A list; an unknown grade stops the build, as does a chapter without exercises."""
        grade = self.arguments[0]
        if grade not in GRADES:
            _LOGGER.warning("problem-set: %r is none of %s", grade, ", ".join(GRADES))
            return []
        folder = Path(self.env.srcdir, "notebooks")
        there = posixpath.relpath("notebooks", posixpath.dirname(self.env.docname) or ".")
        lines = []
        for path in sorted(folder.glob("*.ipynb")):
            if f"notebooks/{path.stem}" not in self.env.found_docs:
                continue
            self.env.note_dependency(str(path))
            own = [exercise for exercise in exercises(path) if exercise.grade == grade]
            if not own:
                _LOGGER.warning("problem-set: %s has no exercise of %r", path.name, grade)
            for _, number, statement in own:
                chapter = path.stem[:2]
                linked = re.sub(r"\]\((?=\w+\.ipynb)", f"]({there}/", statement)
                name = f"{{ref}}`{chapter}.{number} <{label(chapter, number)}>`"
                lines.append(f"- {name} · {linked}")
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app: Sphinx) -> dict:
    """Register what this module adds."""
    app.add_transform(NameExercises)
    app.add_directive("problem-set", ProblemSet)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
