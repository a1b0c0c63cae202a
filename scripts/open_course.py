"""Open the course in JupyterLab, on copies of the chapters that belong to the reader.

Usage::

    python scripts/open_course.py [--edit] [ARGUMENTS OF JUPYTERLAB]

The chapters of ``notebooks/`` are copied into ``my_course/``, which git ignores: JupyterLab saves
by itself, and a chapter that was read must neither look like a change of the course nor be in the
way of an update. A chapter that was updated replaces its copy only if no cell of the copy was
changed; otherwise the copy stays, and a line says so. ``--edit`` opens the chapters themselves.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS, COPIES = "notebooks", "my_course"
EDIT = "--edit"
FIRST = "00_why_the_sphere.ipynb"
SETTINGS = ROOT / "scripts" / "jupyter"
# What JupyterLab remembers of its layout, apart from that of the reader's other work.
WORKSPACES = ".workspaces"
# Which version of each chapter was copied: a digest of its cells.
RECORD = ".copied.json"


def digest(notebook: Path) -> str | None:
    """Digest of the cells' types and sources: outputs and counts of executions do not matter.

    Parameters
    ----------
    notebook : Path

    Returns
    -------
    str or None
        None if the file is no notebook.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        content = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError):
        return None
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def copy_chapters(chapters: Path, copies: Path) -> list[str]:
    """Copy new and updated chapters; never overwrite a copy whose cells the reader changed.

    Parameters
    ----------
    chapters : Path
        Folder with the course's notebooks.
    copies : Path
        Folder of the reader; it is made if it does not exist.

    Returns
    -------
    list of str
        Names of the copies that stayed although the chapter has a newer version.
    """
    copies.mkdir(exist_ok=True)
    record = copies / RECORD
    copied = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    kept = []
    for chapter in sorted(chapters.glob("*.ipynb")):
        name, copy, version = chapter.name, copies / chapter.name, digest(chapter)
        if copy.exists():
            found = digest(copy)
            if found != version and copied.get(name) not in (found, version):
                kept.append(name)
            if found is None or found == version or found != copied.get(name):
                continue
        shutil.copyfile(chapter, copy)
        copied[name] = version
    record.write_text(json.dumps(copied, indent=1) + "\n", encoding="utf-8")
    return kept


def command(arguments: list[str]) -> list[str]:
    """How JupyterLab is started.

    Parameters
    ----------
    arguments : list of str
        ``--edit`` and arguments of ``jupyter lab``.

    Returns
    -------
    list of str
    """
    edit = EDIT in arguments
    folder = CHAPTERS if edit else COPIES
    return [
        *[sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", f"--ServerApp.root_dir={ROOT}"],
        f"--LabApp.default_url=/lab/tree/{folder}/{FIRST}",
        *[f"--LabApp.workspaces_dir={ROOT / COPIES / WORKSPACES}"] * (not edit),
        *["--allow-root"] * _is_root(),  # of a container, which has no other user
        *(argument for argument in arguments if argument != EDIT),
    ]


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def become(command: list[str], environment: dict[str, str]) -> None:
    """Go on as another program.

    Windows would return to its shell at once and let both read from the terminal: there this
    process waits, leaves Ctrl-C to the program, and ends with its exit status.

    Parameters
    ----------
    command : list of str
        The program and its arguments.
    environment : dict
    """
    if os.name == "nt":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise SystemExit(subprocess.run(command, env=environment).returncode)
    os.execve(command[0], command, environment)


def main(arguments: list[str]) -> None:
    """Copy the chapters and become JupyterLab.

    Parameters
    ----------
    arguments : list of str
        ``--edit`` and arguments of ``jupyter lab``.
    """
    if EDIT not in arguments:
        for name in copy_chapters(ROOT / CHAPTERS, ROOT / COPIES):
            print(
                f"{COPIES}/{name} has changes of yours and stays as it is. {CHAPTERS}/{name} is "
                "newer: rename yours and start again to get a copy of it.",
                flush=True,
            )
        workspaces = ROOT / COPIES / WORKSPACES
        if not workspaces.exists():
            shutil.copytree(SETTINGS / "workspaces", workspaces)
    # Our settings are defaults: what the reader chose wins. The course's kernel draws its figures.
    environment = dict(os.environ)
    for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):
        folders = [str(SETTINGS), os.environ.get(name, "")]
        environment[name] = os.pathsep.join(filter(None, folders))
    become(command(arguments), environment)


if __name__ == "__main__":
    main(sys.argv[1:])
