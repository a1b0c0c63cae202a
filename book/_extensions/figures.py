"""Sphinx extension: the figures of chapters are drawings that follow the colours of a page.

A chapter is executed with figures as SVG (see `execution`). Here each becomes a part of its page.
What is black, grey or white takes the colours of the page's text and of its background, and so a
figure is legible and calm on a dark page. Lines in the course's colours take their shades for dark
pages. The pixels of maps keep their colours; they are compressed, for they weigh most.
"""

import base64
import hashlib
import html
import io
import re

import nbformat
from PIL import Image
from sphinx.application import Sphinx

from sphere_toolkit._util.colours import CATEGORIES

_SVG = "image/svg+xml"
_QUALITY = 72
_PIXELS = re.compile(r'data:image/png;base64,\s*([^"]+)"')
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_NUMBER = re.compile(r"(?<![\w.#-])-?\d+\.\d{3,}")
_SHADES = {light: f"var(--st-line-{k})" for k, (light, _) in enumerate(CATEGORIES)}
_INK = "currentColor"


def _compressed(match: re.Match) -> str:
    """The pixels of a map, as WebP; of a few, as they are."""
    pixels = base64.b64decode(match[1])
    packed = io.BytesIO()
    Image.open(io.BytesIO(pixels)).save(packed, "webp", quality=_QUALITY)
    if len(packed.getvalue()) >= len(pixels):
        return f'data:image/png;base64,{base64.b64encode(pixels).decode()}"'
    return f'data:image/webp;base64,{base64.b64encode(packed.getvalue()).decode()}"'


def _shade(match: re.Match) -> str:
    """The colour of a page that stands for one on white."""
    colour = match[0]
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    if colour in _SHADES:
        return _SHADES[colour]
    if not red == green == blue:
        return colour
    ink = round(100 - red / 2.55)
    paper = "var(--pst-color-background)"
    return {100: _INK, 0: paper}.get(ink, f"color-mix(in srgb, {_INK} {ink}%, {paper})")


def _short(match: re.Match) -> str:
    """A number to a hundredth of a pixel; what may be a scale, below 1, to four digits."""
    number = float(match[0])
    return f"{number:.4g}" if abs(number) < 1 else f"{number:.2f}".rstrip("0").rstrip(".")


def drawing(svg: str, alt: str) -> str:
    """A figure as a part of a page.

    Parameters
    ----------
    svg : str
        As matplotlib writes it.
    alt : str
        What the figure shows, for those who do not see it.

    Returns
    -------
    str
        HTML: an ``svg`` in a ``div``, whose style has the figure's own width.
    """
    prefix = f"f{hashlib.sha256(svg.encode()).hexdigest()[:6]}-"
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    svg = _PIXELS.sub(_compressed, svg)
    # The paper of the figure and that of its axes, which are the first patches of each.
    svg = re.sub(r'(id="(?:figure|axes)_\d+">\s*<g id="patch_\d+">\s*<path [^>]*?)fill: #ffffff',
                 r"\1fill: none", svg)  # fmt: skip
    for mark in ('id="', 'href="#', "url(#"):
        svg = svg.replace(mark, mark + prefix)
    svg = re.sub(r'style="[^"]*"', lambda style: _COLOUR.sub(_shade, style[0]), svg)
    svg = re.sub(r'(?: d|transform|points)="[^"]*"', lambda part: _NUMBER.sub(_short, part[0]), svg)
    svg = re.sub(r"\s*\n\s*", " ", svg).replace("> <", "><")
    width, height = (float(n) * 4 / 3 for n in re.search(_SIZE, svg).groups())
    named = f'role="img" aria-label="{html.escape(alt)}" fill="{_INK}"'
    svg = re.sub(_SIZE, f'{named} width="{width:.0f}" height="{height:.0f}"', svg, count=1)
    return f'<div class="st-page st-figure" style="--st-width: {width:.0f}px">{svg}</div>'


_SIZE = r'width="([\d.]+)pt" height="([\d.]+)pt"'


def draw(notebook: nbformat.NotebookNode) -> None:
    """Let each figure of an executed notebook be a drawing in the page.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place: an output that is SVG becomes HTML.
    """
    for cell in notebook.cells:
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        for output in cell.get("outputs", ()):
            if svg := output.get("data", {}).get(_SVG):
                output.data = {"text/html": drawing(svg, alt)}


def draw_figures(app: Sphinx, docname: str, content: list[str]) -> None:
    """Put the figures of an executed chapter into its page."""
    if docname in app.executed_chapters:
        notebook = nbformat.reads(content[0], 4)
        draw(notebook)
        content[0] = nbformat.writes(notebook)


def setup(app: Sphinx) -> dict:
    """Register what this module adds."""
    app.setup_extension("execution")
    app.connect("source-read", draw_figures, priority=600)  # after its chapter has been executed
    return {"parallel_read_safe": True, "parallel_write_safe": True}
