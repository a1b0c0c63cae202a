"""One ES module out of several, so that the page side has no build step.

anywidget ships the source of a single module to the page. An explorer's view imports others, so
each module becomes a function that is called once and returns its exports: its other names stay
its own.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1]
"""Where the explorers and what they share lie."""

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "(\.{1,2}/[\w./-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function\*?|class|const) ([\w$]+)", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
# Comments that fill lines, empty lines and indentation: a page is half as large without them.
_COMMENT = re.compile(r"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*)?\n", re.MULTILINE | re.DOTALL)
_INDENTATION = re.compile(r"^ +", re.MULTILINE)
_TYPE = re.compile(r"/\*\* @type .*?\*/ ?")
# Texts in these quotes, the second without others inside.
_TEXT = r'"(?:\\.|[^"\\\n])*"|`(?:[^`$\n]|\$(?!\{)|\$\{[^`{}\n]*\})*`'
# Lines without patterns and other texts need no spaces around these signs, no comment, and no end.
_PLAIN = rf"(?:{_TEXT}|[^\"'`/\n]| / )+"
_PLAIN_LINE = re.compile(rf"^{_PLAIN}$", re.MULTILINE)
_TAIL = re.compile(rf"^({_PLAIN}?) +// [^\n]*$", re.MULTILINE)
_SIGNS = r" ?([=,:;{}()&|?<>*!\[\]]+) ?|(?<![-+]) ?([-+/]) (?![-+/])"
_TEXT_OR_SIGN = re.compile(rf"({_TEXT})|{_SIGNS}")
_REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r" ?([{};,]) ?")
# Where each statement ends with its sign, a line that ends with a brace ends a block.
_OPEN = re.compile(rf"^({_PLAIN}[{{}};,(\[]|\}})\n", re.MULTILINE)
# The last statement of a block needs no end; one that is a loop without a body would.
_LAST = re.compile(rf"^({_PLAIN});\n(?=\}})", re.MULTILINE)


def compose(entry: Path) -> str:
    """Source of a single module that does what ``entry`` does.

    Parameters
    ----------
    entry : Path
        A module with a default export. It and what it imports may use ``import { a, b as c } from
        "./x.js"``, ``export`` before a function, class or const, and ``export default`` before an
        expression.

    Returns
    -------
    str
        Without indentation, empty lines, types, comments on lines of their own and most spaces. Its
        only export is the default one.

    Raises
    ------
    ValueError
        Modules import each other in a circle, an import or export has another form, or a template
        literal goes on in the next line.
    """
    order: list[Path] = []
    _visit(entry.resolve(), order, [])
    parts = [_wrapped(file, order) for file in order]
    return "\n".join([*parts, f"export default m{len(order) - 1}.standard;\n"])


def style_sheet(*files: Path) -> str:
    """Styles one after the other, without comments and without space that means nothing.

    Parameters
    ----------
    *files : Path
        Those that do not exist are left out.

    Returns
    -------
    str
    """
    text = "".join(file.read_text(encoding="utf-8") for file in files if file.exists())
    return _BREAK.sub(r"\1", _SPACE.sub(" ", _REMARK.sub("", text))).strip()


def _visit(file: Path, order: list[Path], above: list[Path]) -> None:
    """Append the modules that ``file`` needs, then ``file`` itself, each once."""
    if file in above:
        raise ValueError(f"{file.name} imports itself, by way of {above[-1].name}")
    for _, needed in _IMPORT.findall(file.read_text(encoding="utf-8")):
        path = (file.parent / needed).resolve()
        if path not in order:
            _visit(path, order, [*above, file])
    order.append(file)


def _wrapped(file: Path, order: list[Path]) -> str:
    """A module as a function that is called at once and returns what the module exports."""

    def imported(match: re.Match[str]) -> str:
        source = order.index((file.parent / match[2]).resolve())
        return f"const{_SPACE.sub('', match[1].replace(' as ', ':'))}=m{source};"

    source = file.read_text(encoding="utf-8")
    imports = "".join(imported(match) for match in _IMPORT.finditer(source))
    try:
        body = _without_waste(_IMPORT.sub("", source))
    except ValueError as error:
        raise ValueError(f"{file.name}: {error}") from None
    name = f"{file.parent.name}/{file.name}"
    return f"// {name}\nconst m{order.index(file)}=(()=>{{{imports}{body}}})();"


@cache  # most explorers share most modules
def _without_waste(source: str) -> str:
    """The body of a function that does what a module without imports does."""
    names = _EXPORT.findall(source)
    body = _COMMENT.sub("", source)
    body = _EXPORT.sub(lambda match: match[0].removeprefix("export "), body)
    body, defaults = _DEFAULT.subn("const standard = ", body)
    if unknown := re.search(r"^(?:import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f"this form is not understood: {unknown[0]}")
    if torn := [line for line in body.split("\n") if line.count("`") % 2]:
        raise ValueError(f"a template literal must end in its line: {torn[0]}")
    body = _TYPE.sub("", _INDENTATION.sub("", body))
    body = _TAIL.sub(r"\1", body)
    body = _PLAIN_LINE.sub(lambda line: _TEXT_OR_SIGN.sub(r"\1\2\3", line[0]), body)
    body = _OPEN.sub(r"\1", _LAST.sub(r"\1", body))
    exports = ",".join([*names, *["standard"] * defaults])
    return f"{body}return{{{exports}}}"
