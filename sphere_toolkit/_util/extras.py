"""The extra that installs a missing package, and the command to install it."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

_NAME = "sphere-toolkit"
# Packages that are imported by another name than they are installed by.
_DISTRIBUTIONS = {"sklearn": "scikit-learn"}


class MissingExtra(ModuleNotFoundError):
    """A package is missing that an extra installs; the message names the extra and the command."""


def explained(error: ImportError, what: str) -> ImportError:
    """An error that says how to install what is missing.

    Parameters
    ----------
    error : ImportError
        Of an import inside this package.
    what : str
        What needs it, such as "sphere_toolkit.plot".

    Returns
    -------
    ImportError
        A `MissingExtra`, or ``error`` itself if it is one, or no extra has the package.
    """
    if isinstance(error, MissingExtra):
        return error
    missing = (error.name or "").partition(".")[0]
    extra = _extra_with(_DISTRIBUTIONS.get(missing, missing))
    if extra is None:
        return error
    return MissingExtra(
        f"{what} needs {missing}, which is not installed: {install_command(extra)} "
        f"(the extra 'course' instead of {extra!r} installs all that the chapters need)",
        name=error.name,
        path=error.path,
    )


def install_command(extra: str) -> str:
    """The command that adds an extra to this installation.

    Parameters
    ----------
    extra : str
        Such as "lab".

    Returns
    -------
    str
        ``pip install`` of the folder, file or repository that this package was installed from;
        of the package's name if it came from an index.
    """
    root = Path(__file__).resolve().parents[2]
    if (root / "pyproject.toml").exists():
        return f"pip install -e '{root}[{extra}]'"
    source = metadata.distribution(_NAME).read_text("direct_url.json")
    if source is None:
        return f"pip install '{_NAME}[{extra}]'"
    origin = json.loads(source)
    url, repository = origin["url"], origin.get("vcs_info")
    if repository is not None:
        url = f"{repository['vcs']}+{url}@{repository['commit_id']}"
    return f"pip install '{_NAME}[{extra}] @ {url}'"


def _extra_with(distribution: str) -> str | None:
    """The smallest extra with a distribution: larger ones hold the smaller."""
    extras: dict[str, set[str]] = {}
    for requirement in metadata.requires(_NAME) or ():
        name, _, marker = requirement.partition(";")
        listed = re.match(r"[\w.-]+", name)
        extra = re.search(r"extra\s*==\s*['\"]([\w.-]+)['\"]", marker)
        if listed and extra:
            extras.setdefault(extra[1], set()).add(listed[0].lower().replace("_", "-"))
    having = [extra for extra, names in extras.items() if distribution in names]
    return min(having, key=lambda extra: len(extras[extra]), default=None)
