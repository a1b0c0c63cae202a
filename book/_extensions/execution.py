"""Sphinx extension: chapters are executed once, and no page is older than the code that it runs.

A chapter is executed into a copy with its outputs, whose name ends in a digest of the chapter and
of the code (`digest_of_code`). A build takes the copies that are there and executes the other
chapters, two at a time. The folder is that of the build, or the environment's
``EXECUTED_CHAPTERS``, where another process may execute chapters too: each is executed by the
first that asks for it.
"""

import base64
import gc
import hashlib
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import nbformat
import numpy as np
from filelock import FileLock
from nbmake.nb_run import NotebookRun
from PIL import Image
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

_LOGGER = logging.getLogger(__name__)
# What the pages run and read, beside what Sphinx knows of.
_RUN_BY_PAGES = (
    *("sphere_toolkit", "benchmarks", "notebooks/data", "constraints.txt"),
    "scripts/jupyter/kernels",
)
# The kernel of the course, which says how figures look, and what it is to draw.
_KERNELS = Path(__file__).resolve().parents[2] / "scripts/jupyter"
_KERNEL = {"JUPYTER_PATH": str(_KERNELS), "COURSE_FIGURES": "svg"}
_WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
_LONG = 1000
"""Characters of a text of a widget that a page holds once; its key is much shorter."""
_SECONDS_PER_CELL = 120
_AT_ONCE = 2
_COLOURS_OF_A_PICTURE = 256
# A build keeps most of what it makes, and looking for circles in it took an eighth of its time.
_MADE_BEFORE_CIRCLES_ARE_SOUGHT = 200_000
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


class ChapterError(Exception):
    """A chapter raised, or one of its outputs holds a traceback or a warning."""


def digest_of_code(root: Path) -> str:
    """A digest of the package, its browser code and its data, and of the pinned versions.

    Parameters
    ----------
    root : Path
        Folder of the repository.

    Returns
    -------
    str
    """
    digest = hashlib.sha256()
    for name in _RUN_BY_PAGES:
        part = root / name
        for path in sorted(part.rglob("*")) if part.is_dir() else [part]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(root)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _complaints(outputs: list) -> Iterator[str]:
    """The errors and warnings among a cell's (or an Output widget's) outputs."""
    for output in outputs:
        if output["output_type"] == "error":
            yield f"{output['ename']}: {output['evalue']}"
        elif output["output_type"] == "stream" and (
            output["name"] == "stderr" or "Traceback (most recent" in output["text"]
        ):
            yield output["text"]


def share(widgets: dict) -> None:
    """Hold what several widgets have in common once: their code, their styles, their signals.

    Parameters
    ----------
    widgets : dict
        States of widgets, as a notebook's metadata holds them. A long text gives way to a key,
        under which it stands in ``widgets["shared"]``. The book's sphere_host.js puts it back.
    """
    shared = widgets.setdefault("shared", {})

    def key(text: object) -> object:
        if not isinstance(text, str) or len(text) < _LONG:
            return text
        found = f"shared:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        shared[found] = text
        return found

    for widget in widgets["state"].values():
        widget["state"] = {name: key(value) for name, value in widget["state"].items()}
        for buffer in widget.get("buffers", ()):
            buffer["data"] = key(buffer["data"])


def with_few_colours(png: bytes) -> bytes:
    """A picture with a palette of 256 colours, a third as large.

    Maps take their colours from tables, so that a palette comes close: by 3 of 255 in the mean.
    A colour counts by the root of its number of pixels: so small peaks keep theirs beside wide
    plains.

    Parameters
    ----------
    png : bytes

    Returns
    -------
    bytes
        The same picture if it is transparent somewhere, or would not be smaller.
    """
    picture = Image.open(BytesIO(png))
    if picture.convert("RGBA").getextrema()[3] != (255, 255):
        return png
    picture = picture.convert("RGB")
    red, green, blue = np.moveaxis(np.asarray(picture, np.uint32), -1, 0)
    colours, pixels = np.unique(red << 16 | green << 8 | blue, return_counts=True)
    sample = np.repeat(colours, np.ceil(np.sqrt(pixels)).astype(int))
    sample = np.stack([sample >> 16, sample >> 8 & 255, sample & 255], axis=-1).astype(np.uint8)
    chosen = Image.fromarray(sample[None]).quantize(
        _COLOURS_OF_A_PICTURE, method=Image.Quantize.MEDIANCUT, kmeans=3
    )
    palette = np.array(chosen.getpalette()).reshape(-1, 3)
    palette[palette.sum(axis=1).argmax()] = 255  # paper stays white
    chosen.putpalette(palette.ravel().tolist())
    small = BytesIO()
    picture.quantize(palette=chosen, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return min(png, small.getvalue(), key=len)


def shrink(outputs: list) -> None:
    """Let the pictures among a cell's outputs have few colours."""
    for output in outputs:
        if "image/png" in output.get("data", ()):
            png = with_few_colours(base64.b64decode(output["data"]["image/png"]))
            output["data"]["image/png"] = base64.b64encode(png).decode()


def execute(notebook: Path) -> nbformat.NotebookNode:
    """Execute a notebook in its folder.

    Parameters
    ----------
    notebook : Path

    Returns
    -------
    NotebookNode
        With outputs (see `shrink`) and the state of its widgets (see `share`).

    Raises
    ------
    ChapterError
        If a cell raises or takes longer than two minutes, if a callback of a widget raises
        (ipywidgets prints the traceback into an Output widget), or if anything is written to
        stderr.
    """
    os.environ |= _KERNEL  # for the kernels of this process
    result = NotebookRun(notebook, _SECONDS_PER_CELL, kernel="python3").execute()
    if result.error is not None:
        trace = _COLOURS.sub("", f"{result.error.summary}\n{result.error.trace}")
        raise ChapterError(f"{notebook.name}: {trace}")
    widgets = result.nb.metadata.get("widgets", {}).get(_WIDGET_STATE, {"state": {}})
    shown = [cell.outputs for cell in result.nb.cells if cell.cell_type == "code"]
    shown += [widget["state"].get("outputs", ()) for widget in widgets["state"].values()]
    complaints = [text for outputs in shown for text in _complaints(outputs)]
    if complaints:
        raise ChapterError(f"{notebook.name}: {'; '.join(complaints)}")
    share(widgets)
    for cell in result.nb.cells:
        cell.metadata.pop("execution", None)  # when nbmake ran it
        shrink(cell.get("outputs", ()))
    return result.nb


def executed(notebook: Path, folder: Path, code: str) -> Path:
    """The executed copy of a notebook, made now if there is none.

    Parameters
    ----------
    notebook : Path
    folder : Path
        Where copies are kept; it is made if it does not exist. Processes may share it.
    code : str
        `digest_of_code`.

    Returns
    -------
    Path

    Raises
    ------
    ChapterError
        As `execute`. Nothing is kept then.
    """
    digest = hashlib.sha256(code.encode() + notebook.read_bytes()).hexdigest()[:16]
    copy = folder / f"{notebook.stem}.{digest}.ipynb"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{notebook.stem}.lock"):
        if not copy.exists():
            outdated = list(folder.glob(f"{notebook.stem}.*.ipynb"))
            partial = copy.with_suffix(".part")
            nbformat.write(execute(notebook), partial)
            partial.replace(copy)
            for other in outdated:
                other.unlink()
    return copy


def note_code(app: Sphinx, config: Config) -> None:
    """Let a change of the code make every page outdated.

    Sphinx knows what a page includes, not what its cells import. The digest is a value of the
    configuration on which the environment depends: when it differs, all pages are read again.
    """
    config["digest_of_code"] = digest_of_code(Path(app.srcdir))


def execute_chapters(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute the chapters that are about to be read; one that fails is a warning."""
    if app.config["nb_execution_mode"] == "off":
        return
    folder = os.environ.get("EXECUTED_CHAPTERS") or Path(app.outdir).with_name("executed")
    code = app.config["digest_of_code"]

    def attempt(docname: str) -> str | ChapterError:
        try:
            copy = executed(Path(env.doc2path(docname)), Path(folder), code)
        except ChapterError as error:
            return error
        return copy.read_text(encoding="utf-8")

    chapters = [name for name in docnames if env.doc2path(name).endswith(".ipynb")]
    app.executed_chapters = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for name, result in zip(chapters, pool.map(attempt, chapters), strict=True):
            if isinstance(result, ChapterError):
                _LOGGER.warning("%s", result, location=name)
            else:
                app.executed_chapters[name] = result
                _LOGGER.info("executed: %s", name)


def show_outputs(app: Sphinx, docname: str, content: list[str]) -> None:
    """Let a page be read from the executed copy of its chapter."""
    content[0] = app.executed_chapters.get(docname, content[0])


def seek_circles_rarely(app: Sphinx) -> None:
    """Let Python look for circles of objects that nobody uses only rarely until the build ends."""
    usual = gc.get_threshold()
    gc.set_threshold(_MADE_BEFORE_CIRCLES_ARE_SOUGHT, 20, 20)
    app.connect("build-finished", lambda *_: gc.set_threshold(*usual))


def setup(app: Sphinx) -> dict:
    """Register what this module adds."""
    app.setup_extension("myst_nb")
    app.executed_chapters = {}
    app.add_config_value("digest_of_code", "", "env")
    app.connect("builder-inited", seek_circles_rarely, priority=0)  # before others make anything
    app.connect("config-inited", note_code)
    app.connect("env-before-read-docs", execute_chapters)
    app.connect("source-read", show_outputs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
