"""A page as myst-nb makes it, with widgets' states embedded and the kernel-less host loaded."""

from __future__ import annotations

import html
import json
from pathlib import Path

from ipywidgets import Widget
from ipywidgets.embed import dependency_state

from sphere_toolkit.explore._page.standalone import HOST

_PAGE = """<!doctype html>
<html lang="en"{theme}><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>html {{ background: #fff; font: 16px system-ui, sans-serif; }}
html[data-theme="dark"] {{ background: #121417; color: #ced6dd; }}
main {{ max-width: {width}; margin: 0 auto; padding: 0 .5rem; }}</style>
<script defer src="sphere_host.js"></script></head>
<body><main>{views}</main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script></body></html>
"""


def embedded_state(*widgets: Widget) -> dict:
    """What myst-nb writes into a page, by model id."""
    return dependency_state(list(widgets), drop_defaults=False)


def write_page(
    folder: Path,
    widgets: list[Widget],
    *,
    state: dict | None = None,
    theme: str = "light",
    width: str = "62rem",
    name: str = "page.html",
) -> Path:
    """Write a page that shows each of ``widgets`` in turn, and the host beside it."""
    state = embedded_state(*widgets) if state is None else state
    content = {"version_major": 2, "version_minor": 0, "state": state}
    views = [
        '<div class="cell_output"><script type="application/vnd.jupyter.widget-view+json">'
        + json.dumps({"version_major": 2, "version_minor": 0, "model_id": widget.model_id})
        + "</script></div>"
        for widget in widgets
    ]
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / name
    page.write_text(
        _PAGE.format(
            theme=f' data-theme="{html.escape(theme)}"',
            title="explorers",
            width=width,
            views="".join(views),
            state=json.dumps(content).replace("</", "<\\/"),
        ),
        encoding="utf-8",
    )
    (folder / HOST.name).write_bytes(HOST.read_bytes())
    return page
