"""Sphinx extension: reading orders, links that launch a chapter, a page for 404, wide pages.

The addresses of the repository and of the published book are set in one place, ``_config.yml``,
or by the environment variables ``BOOK_REPOSITORY`` and ``BOOK_ADDRESS``. Until they are, no page
has a link that needs them. ``BOOK_VERSION``, the last folder of the address, says which version is
built, ``main`` or a tag: then pages have a list of the versions that are published beside it, from
the file ``switcher.json`` one folder above, and launch links lead to this version.
"""

import json
import os
import posixpath
import re
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

_LOGGER = logging.getLogger(__name__)
_NOT_FOUND = "book/404"
# The theme's own, with the list of versions below the logo.
_SIDEBAR = ["navbar-logo.html", "version-switcher.html", "icon-links.html",
            "search-button-field.html", "sbt-sidebar-nav.html"]  # fmt: skip
_PLAIN = re.compile(r'<span class="(?:n|nn|p|w)">([^<]*)</span>')
_HOSTS = {"github": "https://github.com", "gitlab": "https://gitlab.com"}


def read_addresses(app: Sphinx, config: Config) -> None:
    """Turn the two addresses into what the theme and Sphinx want to know."""
    config["repository"] = os.environ.get("BOOK_REPOSITORY", config["repository"]).rstrip("/")
    config["html_baseurl"] = os.environ.get("BOOK_ADDRESS", config["html_baseurl"])
    address = config["html_baseurl"]
    if address and not re.fullmatch(r"https?://[^\s/]+/(\S*/)?", address):
        raise ConfigError(f"BOOK_ADDRESS must be https://…/ with a slash at its end: {address!r}")
    _offer_versions(config)
    # The table of contents leaves out what it does not list, but this page is nobody's chapter.
    config["exclude_patterns"] = [p for p in config["exclude_patterns"] if p != f"{_NOT_FOUND}.md"]
    repository = config["repository"]
    if not repository:
        return
    host, owner_and_name = repository[: -len(_path(repository))], _path(repository)
    if host not in _HOSTS.values() or not re.fullmatch(r"/[\w.-]+/[\w.-]+", owner_and_name):
        allowed = " or ".join(f"{each}/OWNER/NAME" for each in _HOSTS.values())
        raise ConfigError(f"BOOK_REPOSITORY must be {allowed}, got {repository!r}")
    launch = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}
    if host == _HOSTS["github"]:  # Colab opens no others
        launch["colab_url"] = "https://colab.research.google.com"
    config["html_theme_options"] |= {
        "repository_url": repository,
        "repository_branch": config["repository_branch"],
        "use_repository_button": True,
        "launch_buttons": launch,
    }


def _offer_versions(config: Config) -> None:
    version = os.environ.get("BOOK_VERSION", "")
    if not version:
        return
    site, folder, rest = _path(config["html_baseurl"]).rpartition(f"/{version}/")
    if not folder or rest:
        raise ConfigError(f"BOOK_VERSION must be the last folder of BOOK_ADDRESS, got {version!r}")
    config["repository_branch"] = version
    config["html_theme_options"] |= {
        "switcher": {"json_url": f"{site}/switcher.json", "version_match": version},
        "check_switcher": False,  # it is written when the book is built
    }
    config["html_sidebars"] = {"**": _SIDEBAR}


def _path(address: str) -> str:
    return urlsplit(address).path


def launch_notebooks_only(app: Sphinx, pagename: str, template: str, context: dict, _: object):
    """Take the launch links off pages that are no notebooks of the course."""
    if not pagename.startswith("notebooks/"):
        buttons = context.get("header_buttons", [])
        context["header_buttons"] = [b for b in buttons if b.get("label") != "launch-buttons"]


def widen(app: Sphinx, pagename: str, template: str, context: dict, _: object) -> None:
    """Give a page with explorers the style that lets them have the width.

    A style for all pages would ask ``html:has(…)``. A browser asks that again at each change of a
    page, and then computes the style of all that is on it: at each picture of an explorer, too.
    """
    if "widget-view+json" in context.get("body", ""):
        app.add_css_file("explorers.css", priority=900)  # after custom.css


def thin_code(app: Sphinx, pagename: str, template: str, context: dict, _: object) -> None:
    """Take the marks off what has the colour of all code: names, punctuation and spaces.

    They are more than half of the marks in code, which are half of what a chapter consists of.
    """
    if "body" in context:
        context["body"] = _PLAIN.sub(r"\1", context["body"])


def write_not_found(app: Sphinx, error: Exception | None) -> None:
    """Write /404.html, which a server shows at any depth: so its links start at the root."""
    if error is not None or app.builder.format != "html":
        return
    root = _path(app.config["html_baseurl"]) or "/"
    page = Path(app.outdir, f"{_NOT_FOUND}.html").read_text(encoding="utf-8")

    def from_root(match: re.Match) -> str:
        attribute, target = match.groups()
        if target.startswith(("#", "//")) or urlsplit(target).scheme:
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(_NOT_FOUND), target))
        slash = "/" if target.endswith("/") and path != "." else ""
        return f'{attribute}="{posixpath.join(root, "" if path == "." else path)}{slash}"'

    links = re.compile(r'\b(href|src|action|data-content_root)="([^"]+)"')
    Path(app.outdir, "404.html").write_text(links.sub(from_root, page), encoding="utf-8")


class WhenPublic(SphinxDirective):
    """Content for a book whose repository has an address.

    The address stands for ``REPOSITORY``, the branch or tag for ``VERSION``.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The content, or nothing."""
        if not self.config["repository"]:
            return []
        text = "\n".join(self.content).replace("REPOSITORY", self.config["repository"])
        text = text.replace("VERSION", self.config["repository_branch"])
        return self.parse_text_to_nodes(text)


class ReadingOrder(SphinxDirective):
    """The chapters in their order, as each says of itself at its beginning."""

    def run(self) -> list[nodes.Node]:
        """A table with the title, the question, the minutes and the prerequisites."""
        rows = ["| Chapter | Minutes | You need |", "|---|---|---|"]
        rows += [_row(path) for path in _chapters(self.env)]
        return self.parse_text_to_nodes("\n".join(rows))


class ReadingPaths(SphinxDirective):
    """For each reader the chapters to read and their minutes.

    A line of its content is ``who | numbers of chapters | what to read besides``.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """A table; a line that names no chapter stops the build."""
        chapters = {path.stem.partition("_")[0]: path for path in _chapters(self.env)}
        there = posixpath.relpath("notebooks", posixpath.dirname(self.env.docname) or ".")
        rows = ["| You are | Minutes |", "|---|---|"]
        for line in self.content:
            who, numbers, besides = (part.strip() for part in line.split("|"))
            unknown = [number for number in numbers.split() if number not in chapters]
            if unknown:
                _LOGGER.warning("reading-paths: no chapter %s", ", ".join(unknown))
                continue
            paths = [chapters[number] for number in numbers.split()]
            minutes = [re.search(_MINUTES, _beginning(path)) for path in paths]
            total = sum(int(found[1]) for found in minutes if found)
            links = " · ".join(f"[{p.stem[:2]}]({there}/{p.name})" for p in paths)
            rows.append(f"| **{who}**<br>{links}<br>{besides} | {total} |")
        return self.parse_text_to_nodes("\n".join(rows))


_MINUTES = r"\*(\d+) minutes"


def _chapters(env: BuildEnvironment) -> list[Path]:
    """The chapters of the book in their order; the page depends on them."""
    found = sorted(Path(env.srcdir, "notebooks").glob("*.ipynb"))
    chapters = [path for path in found if f"notebooks/{path.stem}" in env.found_docs]
    for path in chapters:
        env.note_dependency(str(path))
    return chapters


def _beginning(path: Path) -> str:
    """The first cell of a chapter, in one line."""
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
    return " ".join("".join(first).split())


def _row(path: Path) -> str:
    """A chapter's row; a chapter that does not follow the template stops the build."""
    text = _beginning(path)
    title = re.match(r"# (.+?) \*\*", text)
    lead = re.split(r" \*\d", text)[0]
    question = re.search(r"\*\*Question\.\*\* (?:.*[.!?] )?([^.!?]+\?)", lead)
    minutes = re.search(_MINUTES, text)
    needs = re.search(r"You need: (.+?)(?:\. |\.?\*)", text)
    if not (title and minutes and needs):
        _LOGGER.warning("%s: its first cell must have a title, minutes and 'You need:'", path.name)
        return f"| {path.stem} | | |"
    number = path.stem.partition("_")[0]
    asks = f"<br>*{question[1]}*" if question else ""
    link = f"[{number} · {title[1]}](../notebooks/{path.name})"
    linked = re.sub(r"\]\((?=\w+\.ipynb)", "](../notebooks/", needs[1])
    return f"| {link}{asks} | {minutes[1]} | {linked} |"


def setup(app: Sphinx) -> dict:
    """Register what this module adds."""
    app.add_config_value("repository", "", "env")
    app.add_config_value("repository_branch", "main", "html")
    app.add_directive("when-public", WhenPublic)
    app.add_directive("reading-order", ReadingOrder)
    app.add_directive("reading-paths", ReadingPaths)
    app.connect("config-inited", read_addresses, priority=950)  # after the table of contents
    app.connect("html-page-context", launch_notebooks_only, priority=502)  # after the theme
    app.connect("html-page-context", widen)
    app.connect("html-page-context", thin_code)
    app.connect("build-finished", write_not_found)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
