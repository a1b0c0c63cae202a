"""Sphinx extension: the first use of each term of the glossary in a chapter is a link to it.

The terms are those of ``book/glossary.md``. Comments above a term list its other forms, and phrases
in which the same word means something else; ``only`` names the forms of a term whose own name is
too common a word::

    .. also: equivariant, equivariantly
    equivariance
      An operator is ...

    .. not: in order, reading order
    order
      ...

    .. only: angular spread
    spread
      ...

Plurals need no mention. The line with the minutes, sources, headings, code, formulas and what cells
show are left as they are, and a chapter's own link to a term counts as its first use.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.transforms import SphinxTransform

GLOSSARY = "book/glossary.md"
_CHAPTERS = "notebooks/"
# In these no word is prose, or a link already stands.
_KEPT = (
    nodes.title,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.reference,
    nodes.raw,
    nodes.comment,
    nodes.target,
    addnodes.pending_xref,
)
# Paragraphs that name chapters and titles: what a chapter needs, and what it comes from.
_NAMES = re.compile(r"\d+ minutes\b|Sources\.|What to read next\.|Next:")


def terms_and_forms(glossary: str) -> dict[str, str | None]:
    """The phrases to look for, each with its term; None for a phrase that is no term.

    Parameters
    ----------
    glossary : str
        The source of the glossary.

    Returns
    -------
    dict
        By phrase as it stands within a sentence, plurals among them.

    Raises
    ------
    ConfigError
        If two terms share a form.
    """
    (block,) = re.findall(r"^```\{glossary\}\n(.*?)^```", glossary, re.M | re.S)
    forms: dict[str, str | None] = {}
    said: dict[str, list[str]] = {}
    for line in block.splitlines():
        remark = re.fullmatch(r"\.\. (also|only|not): (.+)", line)
        if remark:
            said[remark[1]] = re.split(r",\s*", remark[2])
        elif line and not line[0].isspace():
            names = said.get("only") or [line, *said.get("also", ())]
            for form in [each for name in names for each in (name, _plural(name))]:
                if forms.setdefault(form, line) != line:
                    raise ConfigError(f"{GLOSSARY}: {form!r} is a form of two terms")
            forms |= dict.fromkeys(said.get("not", ()))
            said = {}
    return forms


def _plural(phrase: str) -> str:
    """The regular plural of the last word."""
    if re.search(r"[^aeiou]y$", phrase):
        return f"{phrase[:-1]}ies"
    return f"{phrase}es" if re.search(r"(s|x|sh|ch)$", phrase) else f"{phrase}s"


def pattern(forms: dict[str, str | None]) -> re.Pattern:
    """Finds the longest form at a place; its first letter may be of either case."""

    def either(form: str) -> str:
        words = r"[\s-]+".join(map(re.escape, re.split(r"[ -]", form[1:])))
        return f"[{re.escape(form[0].upper())}{re.escape(form[0].lower())}]{words}"

    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(either, longest_first))})(?![\w-])")


class LinkFirstUses(SphinxTransform):
    """Link the first use of each term in a chapter."""

    default_priority = 880  # after smart quotes

    def apply(self, **_: object) -> None:
        """Replace words by links that Sphinx resolves as those of the role ``term``."""
        if not self.env.docname.startswith(_CHAPTERS):
            return
        self.env.note_dependency(GLOSSARY)
        forms = terms_and_forms(Path(self.env.srcdir, GLOSSARY).read_text(encoding="utf-8"))
        by_words = {_words(form): term for form, term in forms.items()}
        links = self.document.findall(addnodes.pending_xref)
        linked = {link["reftarget"] for link in links if link.get("reftype") == "term"}
        found = pattern(forms)
        for element in self.document.findall(nodes.TextElement):
            _join_lines(element)
        for text in list(self.document.findall(nodes.Text)):
            if not _is_prose(text):
                continue
            parts: list[nodes.Node] = []
            end = 0
            for match in found.finditer(text):
                term = by_words[_words(match[0])]
                if term is None or term in linked:
                    continue
                linked.add(term)
                parts += [nodes.Text(text[end : match.start()]), _link(match[0], term, self.env)]
                end = match.end()
            if parts:
                text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def _join_lines(element: nodes.TextElement) -> None:
    """Make one text of the lines of a paragraph: a term may go on in the next line."""
    joined: list[nodes.Node] = []
    for child in element.children:
        if isinstance(child, nodes.Text) and joined and isinstance(joined[-1], nodes.Text):
            joined[-1] = nodes.Text(joined[-1] + child)
        else:
            joined.append(child)
    if len(joined) < len(element.children):
        element.children = []
        element.extend(joined)


def _words(phrase: str) -> tuple[str, ...]:
    """A phrase without what may differ: spaces, hyphens, the case of its first letter."""
    return tuple(re.split(r"[\s-]+", phrase[0].lower() + phrase[1:]))


def _is_prose(text: nodes.Text) -> bool:
    """Is a text neither heading nor code nor link, and not made by a cell?"""
    node = text.parent
    while node is not None:
        if isinstance(node, _KEPT) or "cell" in node.get("classes", ()):
            return False
        if isinstance(node, nodes.paragraph) and _NAMES.match(node.astext()):
            return False
        node = node.parent
    return True


def _link(words: str, term: str, env) -> addnodes.pending_xref:
    """A reference to a term, shown as ``words``."""
    shown = nodes.inline(words, words, classes=["xref", "std", "std-term", "st-term"])
    return addnodes.pending_xref(
        "", shown, refdomain="std", reftype="term", reftarget=term, refexplicit=True,
        refdoc=env.docname, refwarn=True,
    )  # fmt: skip


def setup(app: Sphinx) -> dict:
    """Register what this module adds."""
    app.add_transform(LinkFirstUses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
