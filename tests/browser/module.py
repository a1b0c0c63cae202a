"""Calling functions of an explorer's module in a page, with arrays as arguments and results."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sphere_toolkit.explore._page.compose import FOLDER, compose

_HELPERS = """
const floats = (text) => new Float32Array(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
const text = (array) => {
  const bytes = new Uint8Array(array.buffer);
  let s = "";
  const step = 8192; // a call takes only so many arguments
  for (let i = 0; i < bytes.length; i += step) {
    s += String.fromCharCode(...bytes.subarray(i, i + step));
  }
  return btoa(s);
};
"""


def load_module(visit: Callable, folder: Path, entry: str, *names: str) -> Callable[..., Any]:
    """A function that runs JavaScript with ``engine.<name>`` for each name and a JSON argument.

    A reader of the composed module cannot reach them, for it exports only the widget.
    """
    (folder / "empty.html").write_text('<!doctype html><link rel="icon" href="data:,">')
    page = visit((folder / "empty.html").as_uri()).page
    source = compose(FOLDER / entry)
    exports = {
        name: module
        for module, names in re.findall(
            r"^const (m\d+) = .*?^return \{ (.*?) \};$", source, re.MULTILINE | re.DOTALL
        )
        for name in names.split(", ")
    }
    source += "".join(f"export const {name} = {exports[name]}.{name};\n" for name in names)
    page.evaluate(
        "async source => { const url = URL.createObjectURL("
        "new Blob([source], {type: 'text/javascript'})); window.engine = await import(url); }",
        source,
    )

    def call(body: str, argument: Any) -> Any:
        return page.evaluate(f"(argument) => {{ {_HELPERS} {body} }}", argument)

    return call


def to_text(array: np.ndarray) -> str:
    """An array as the page's ``floats`` reads it."""
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def from_text(text: str) -> np.ndarray:
    """What the page's ``text`` wrote."""
    return np.frombuffer(base64.b64decode(text), "<f4").astype(np.float64)


def pairs(alm: np.ndarray) -> np.ndarray:
    """Coefficients as the page keeps them: real and imaginary parts in turn."""
    return alm.astype(np.complex64).view(np.float32)
