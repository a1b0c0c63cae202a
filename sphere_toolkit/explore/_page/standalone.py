"""One HTML file that shows an explorer: without a kernel, a server, a network or other files."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

HOST = Path(__file__).with_name("host") / "sphere_host.js"
"""Mounts widgets in pages without a kernel: in the book, too."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="sphere_toolkit">
<link rel="icon" href="data:,">
<style>html {{ background: #fff; font: 16px system-ui, sans-serif; }}
html[data-theme="dark"] {{ background: #121417; color: #ced6dd; }}
body {{ margin: 0; }}
main {{ max-width: 80rem; margin: 0 auto; padding: 0 .5rem; }}</style>
<script>document.documentElement.dataset.theme =
  matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";</script>
</head><body><main>
<script type="application/vnd.jupyter.widget-view+json">{view}</script>
</main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script>
<script>{host}</script>
</body></html>
"""


def page(widget: Any, title: str) -> str:
    """The source of a page that shows a widget in its present state.

    Parameters
    ----------
    widget : anywidget.AnyWidget
    title : str
        Of the page.

    Returns
    -------
    str
    """
    from ipywidgets.embed import dependency_state  # type: ignore[import-untyped]

    version = {"version_major": 2, "version_minor": 0}
    state = {**version, "state": dependency_state([widget], drop_defaults=False)}
    return _PAGE.format(
        title=html.escape(title),
        view=_in_script({**version, "model_id": widget.model_id}),
        state=_in_script(state),
        host=HOST.read_text(encoding="utf-8"),
    )


def _in_script(value: Any) -> str:
    """JSON that cannot end the script element in which it stands."""
    return json.dumps(value).replace("<", "\\u003c")
