"""Sphinx extension: chapters bear their numbers, and the map of the network leads to them.

The number of a chapter is the beginning of its file's name. Its title in the notebook has none.
"""

import posixpath
import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

_CHAPTER = re.compile(r"notebooks/(\d+)_")
_STATION = re.compile(r"data-station='\w+'>.*?</(?:li|p)>", re.S)
_NAME, _NUMBERS = re.compile(r"<b>(\w+)</b>"), re.compile(r"(?<=<small class='st-chapters'>)[\d ]+")


class NumberTitle(SphinxTransform):
    """Put the number of a chapter in front of its title: "01 · From the circle to the sphere"."""

    default_priority = 400

    def apply(self, **_: object) -> None:
        """The title shows wherever the chapter is listed, and in the window."""
        chapter = _CHAPTER.match(self.env.docname)
        if chapter:
            title = next(iter(self.document.findall(nodes.title)))
            title.insert(0, nodes.Text(f"{chapter[1]} · "))


def link_stations(app: Sphinx, pagename: str, template: str, context: dict, _: object) -> None:
    """Link the stations of `sphere_toolkit.plot.you_are_here` to their chapters."""
    if "data-station" not in context.get("body", ""):
        return
    here = posixpath.dirname(pagename)
    chapters = {
        chapter[1]: posixpath.relpath(f"{name}.html", here)
        for name in app.env.found_docs
        if (chapter := _CHAPTER.match(name)) and name != pagename
    }

    def link(number: str, words: str) -> str:
        if number not in chapters:
            return words
        says = f"chapter {number}" if words == number else f"{words}, chapter {number}"
        return f"<a href='{chapters[number]}' aria-label='{says}'>{words}</a>"

    def station(match: re.Match) -> str:
        numbers = _NUMBERS.search(match[0])[0].split()
        text = _NAME.sub(lambda name: f"<b>{link(numbers[0], name[1])}</b>", match[0])
        if len(numbers) == 1:
            return text
        return _NUMBERS.sub(" ".join(link(number, number) for number in numbers), text)

    context["body"] = _STATION.sub(station, context["body"])


def setup(app: Sphinx) -> dict:
    """Register what this module adds."""
    app.add_transform(NumberTitle)
    app.connect("html-page-context", link_stations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
