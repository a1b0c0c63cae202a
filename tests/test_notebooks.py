"""Every notebook runs from top to bottom, and shows no traceback anywhere."""

import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbmake.nb_run import NotebookRun

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
SECONDS_PER_CELL = 120


def tracebacks(outputs):
    """The errors among a cell's (or an Output widget's) outputs."""
    for output in outputs:
        if output["output_type"] == "error":
            yield f"{output['ename']}: {output['evalue']}"
        elif output["output_type"] == "stream" and "Traceback (most recent" in output["text"]:
            yield output["text"]


def failures(path):
    """Everything that went wrong in a run of the notebook: none if it is fine."""
    result = NotebookRun(path, SECONDS_PER_CELL, kernel="python3").execute()
    if result.error is not None:
        return [result.error.trace]
    # ipywidgets catches what a callback raises and prints it into an Output widget.
    widgets = result.nb.metadata.get("widgets", {}).get(WIDGET_STATE, {"state": {}})["state"]
    shown = [cell.outputs for cell in result.nb.cells if cell.cell_type == "code"]
    shown += [widget["state"].get("outputs", ()) for widget in widgets.values()]
    return [trace for outputs in shown for trace in tracebacks(outputs)]


def written(path, source):
    """``path``, now a notebook with one cell."""
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)
    return path


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path):
    assert failures(path) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_committed_clean(path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code if cell.outputs] == []
    assert [cell.source for cell in code if cell.execution_count is not None] == []
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.kernelspec.name == "python3"


def test_kernel_is_the_python_of_the_tests(tmp_path):
    source = f"import sys; assert sys.executable == {sys.executable!r}, sys.executable"
    assert failures(written(tmp_path / "kernel.ipynb", source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "1 / 0",
        "import ipywidgets\nipywidgets.interact(lambda x: 1 / 0, x=3);",
        "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    traceback.print_exc()",
    ],
    ids=["raised", "swallowed by a widget", "printed"],
)
def test_a_failing_notebook_fails(tmp_path, source):
    trace = failures(written(tmp_path / "broken.ipynb", source))
    assert len(trace) == 1
    assert "ZeroDivisionError" in trace[0]
