"""Add a built book to the versions that are published, each in a folder of its own.

Usage::

    python scripts/publish_book.py BUILT SITE VERSION ADDRESS

``BUILT`` is the folder of the book's pages, built with ``BOOK_VERSION=VERSION`` and with
``BOOK_ADDRESS=ADDRESSVERSION/``. ``SITE`` is the folder of all versions: the one given is replaced,
others stay. The page at ``ADDRESS`` leads to the newest release or, before there is one, to main.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

_VERSION = re.compile(r"main|v\d+(\.\d+)*([a-z]+\d*)?")
_RELEASE = re.compile(r"v(\d+(?:\.\d+)*)")
_FIRST_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>sphere_toolkit</title>
<meta http-equiv="refresh" content="0; url={path}">
<link rel="canonical" href="{address}">
<p><a href="{path}">sphere_toolkit, {version}</a></p>
</html>
"""


def publish(built: Path, site: Path, version: str, address: str) -> list[str]:
    """Copy a version, and write what the site has above its versions.

    Parameters
    ----------
    built : Path
        Folder of the pages.
    site : Path
        Folder of the versions; it is made if it does not exist.
    version : str
        ``main`` or a tag such as ``v0.1.0``.
    address : str
        Of the site, with a slash at its end.

    Returns
    -------
    list of str
        The versions, the one that is shown first at the beginning.

    Raises
    ------
    ValueError
        The version is neither, or the folder holds no book.
    """
    if not _VERSION.fullmatch(version):
        raise ValueError(f"version must be main or a tag such as v0.1.0, got {version!r}")
    if not (built / "index.html").is_file() or not (built / "404.html").is_file():
        raise ValueError(f"{built} must hold a built book, with index.html and 404.html")
    site.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(site / version, ignore_errors=True)
    shutil.copytree(built, site / version)
    there = [path.name for path in site.iterdir() if (path / "404.html").is_file()]
    versions = sorted(filter(_VERSION.fullmatch, there), key=_rank, reverse=True)
    root = urlsplit(address).path
    entries = [
        {"name": name, "version": name, "url": f"{root}{name}/", "preferred": name == versions[0]}
        for name in versions
    ]
    addresses = {
        key: escape(f"{at}{versions[0]}/") for key, at in (("address", address), ("path", root))
    }
    texts = {
        "switcher.json": json.dumps(entries, indent=1) + "\n",
        "index.html": _FIRST_PAGE.format(version=versions[0], **addresses),
        ".nojekyll": "",  # or folders whose names begin with _ are left out
    }
    for name, text in texts.items():
        (site / name).write_text(text, encoding="utf-8", newline="\n")
    # A server shows the page at its root for every address that it does not find.
    shutil.copyfile(site / versions[0] / "404.html", site / "404.html")
    return versions


def _rank(version: str) -> tuple[int, list[int], str]:
    """Releases are above main, main above tags of what comes before a release."""
    release = _RELEASE.fullmatch(version)
    numbers = [int(n) for n in release[1].split(".")] if release else []
    return (2 if release else int(version == "main")), numbers, version


if __name__ == "__main__":
    built, site, version, address = sys.argv[1:]
    print("published:", *publish(Path(built), Path(site), version, address))
