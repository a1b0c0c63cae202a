"""Every notebook runs from top to bottom, and shows no traceback and no warning anywhere."""

import subprocess
import sys

import nbformat
import pytest
from commands import ROOT, load_extension
from nbformat.v4 import new_code_cell, new_notebook

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
execution = load_extension("execution")


def written(path, *sources):
    """``path``, now a notebook with these cells."""
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, executed_chapters):
    """The built book shows this copy: whoever of the two comes first makes it."""
    copy = execution.executed(path, executed_chapters, execution.digest_of_code(ROOT))
    shown, source = nbformat.read(copy, 4), nbformat.read(path, 4)
    assert [cell.source for cell in shown.cells] == [cell.source for cell in source.cells]
    code = [cell for cell in shown.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [*range(1, len(code) + 1)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_committed_clean(path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code if cell.outputs] == []
    assert [cell.source for cell in code if cell.execution_count is not None] == []
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.kernelspec.name == "python3"


def refusal(folder, *sources):
    """What is said of a notebook with these cells, which fails and is not kept."""
    notebook = written(folder / "broken.ipynb", *sources)
    with pytest.raises(execution.ChapterError, match=r"^broken\.ipynb: ") as refused:
        execution.executed(notebook, folder / "executed", "code")
    assert list((folder / "executed").glob("*.ipynb")) == []
    return str(refused.value)


def test_a_notebook_that_raises_fails_and_is_not_kept(tmp_path, monkeypatch):
    # Of the 120 s that a chapter's cell may take, a kernel whose answer is lost takes all.
    monkeypatch.setattr(execution, "_SECONDS_PER_CELL", 30)
    assert "ZeroDivisionError" in refusal(tmp_path, "1 / 0")


def test_a_notebook_that_hides_errors_fails_and_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "_SECONDS_PER_CELL", 30)
    said = refusal(
        tmp_path,
        "import ipywidgets\nipywidgets.interact(lambda x: 1 / 0, x=3);",
        "import sys, traceback\ntry:\n    {}['printed']\nexcept KeyError:\n"
        "    traceback.print_exc(file=sys.stdout)",
        "import warnings\nwarnings.warn('this is old')",
    )
    for error in ("ZeroDivisionError", "KeyError: 'printed'", "UserWarning: this is old"):
        assert error in said


def test_a_notebook_is_executed_again_only_when_it_or_the_code_has_changed(tmp_path, monkeypatch):
    counted = f"from pathlib import Path\nwith Path({str(tmp_path / 'runs')!r}).open('a') as f:"
    # The kernel is the Python of the tests.
    ours = f"import sys; assert sys.executable == {sys.executable!r}, sys.executable"
    notebook = written(tmp_path / "counted.ipynb", f"{counted}\n    print(file=f)", ours)
    folder = tmp_path / "executed"
    ask = f"print(execution.executed(Path({str(notebook)!r}), Path({str(folder)!r}), 'code'))"
    # As a process of the tests and the build of the book do, at the same time.
    command = [sys.executable, "-c", f"import execution; from pathlib import Path; {ask}"]
    both = [
        subprocess.Popen(command, cwd=ROOT / "book/_extensions", stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    first = {process.communicate()[0].strip() for process in both}
    assert first == {str(execution.executed(notebook, folder, "code"))}
    assert len((tmp_path / "runs").read_text()) == 1
    # What an execution does, the lines above have shown.
    executions = []
    monkeypatch.setattr(
        execution, "execute", lambda one: executions.append(one) or nbformat.read(one, 4)
    )
    second = execution.executed(notebook, folder, "other code")
    assert len(executions) == 1
    written(notebook, f"{counted}\n    print('again', file=f)")
    third = execution.executed(notebook, folder, "other code")
    assert len(executions) == 2
    assert len({*first, str(second), str(third)}) == 3
    assert list(folder.glob("*.ipynb")) == [third]
