"""Questions of a chapter: predict before an output is seen, and check an answer."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from ..._util import checks
from .._page.compose import FOLDER, compose, style_sheet

_HERE = Path(__file__).parent
_STYLES = (FOLDER / "_page" / "theme.css", _HERE / "style.css")
Answer = float | str | Sequence[str] | Sequence[float]


class Question(anywidget.AnyWidget):
    """The widget that `predict` and `check` return; the page grades it, with or without a kernel.

    Attributes
    ----------
    kind : str
        "number", "choice", "order" or "curve".
    prompt : str
        The question.
    """

    _esm = compose(_HERE / "question.js")
    _css = style_sheet(*_STYLES)
    kind = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    waits = traitlets.Bool(help="Hide what follows until there is an answer.").tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    span = traitlets.List(traitlets.Float(), help="Lower and upper end of a curve.").tag(sync=True)
    salt = traitlets.Int().tag(sync=True)
    sealed = traitlets.Bytes(help="See `seal`.").tag(sync=True)
    given = traitlets.Any(help="What the reader said; stays in the page.").tag(sync=True)

    def __init__(self, answer: Any, secret: dict[str, Any], **traits: Any) -> None:
        self._answer, self._tolerance = answer, secret["tolerance"]
        salt = zlib.crc32(traits["prompt"].encode()) or 1
        super().__init__(salt=salt, sealed=seal(secret, salt), **traits)

    def accepts(self, answer: Any) -> bool:
        """Whether an answer is right: the same words, or numbers within the tolerance.

        A cell that computes the answer asserts this, so that the question cannot be out of date.

        Raises
        ------
        ValueError
            The question has no answer.
        """
        if self._answer is None:
            raise ValueError(f"the question {self.prompt!r} has no answer to compare with")
        if self.kind in ("number", "curve"):
            found, right = np.asarray(answer, float), np.asarray(self._answer, float)
            return found.shape == right.shape and bool(
                (np.abs(found - right) <= self._tolerance).all()
            )
        return answer == self._answer if self.kind == "choice" else list(answer) == self._answer


def seal(secret: dict[str, Any], salt: int) -> bytes:
    """What the page must know but a glance at its source must not show.

    No secret: whoever wants to read it can, for the page itself does. Each byte of the JSON text is
    combined by exclusive or with one of Marsaglia's xorshift generator, which begins at ``salt``.
    """
    sealed = bytearray(json.dumps(secret).encode())
    for k in range(len(sealed)):
        salt ^= salt << 13 & 0xFFFFFFFF
        salt ^= salt >> 17
        salt ^= salt << 5 & 0xFFFFFFFF
        sealed[k] ^= salt & 0xFF
    return bytes(sealed)


def predict(
    prompt: str,
    answer: Answer | None = None,
    *,
    choices: Iterable[str] | Mapping[str, str] | None = None,
    at: Sequence[str] | None = None,
    span: tuple[float, float] | None = None,
    tolerance: float | None = None,
    unit: str = "",
    why: str = "",
) -> Question:
    """Ask for a prediction, and hide what follows until the reader has made one or skips it.

    What is hidden is the rest of the section: text and cells up to the next heading, in JupyterLab
    cell by cell, and in the static book. If a ``<details>`` block comes first, it is opened then.
    Without JavaScript nothing is hidden. A reload of the page forgets what was said.

    Parameters
    ----------
    prompt : str
        The question. In this and all other words ``*W*``, ``W_n``, ``x^{12}`` and a code between
        backticks are set as such.
    answer : float, str, list of str or list of float, optional
        A number; one of ``choices``; words in their right order; or, with ``at``, the heights of a
        curve. It is shown beside the prediction. None: the output that follows tells.
    choices : list of str, or mapping of str to str, optional
        What there is to choose from; a mapping adds what is said to the reader who has chosen it.
    at : list of str, optional
        Let the reader draw a curve, with one point at each of these places.
    span : (float, float), optional
        Lower and upper end of the curve's axis.
    tolerance : float, optional
        How far a number may be off. By default 1 % of the answer, of a curve's largest height.
    unit : str
        Of the numbers.
    why : str
        What to say once the answer is shown.

    Returns
    -------
    Question

    Raises
    ------
    TypeError, ValueError
        An argument is of the wrong kind, or the answer is none of the choices.

    Notes
    -----
    Answers travel sealed, so that a glance at the source of the page does not show them. They are
    no secret: the page opens them itself, and the notebook has them in plain text. Tag the cell
    ``remove-input``, or the book shows it.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> asked = st.explore.predict("Which share of the energy?", 64, tolerance=0.5, unit="%")
    >>> asked.accepts(100 * 2 / 3.14159)
    True
    """
    return _question(
        prompt, answer, choices, at, span, waits=True, tolerance=tolerance, unit=unit, why=why
    )


def check(
    prompt: str,
    answer: Answer,
    *,
    choices: Iterable[str] | Mapping[str, str] | None = None,
    tolerance: float | None = None,
    unit: str = "",
    why: str = "",
    hint: str = "",
) -> Question:
    """Let readers check an answer of their own, as often as they like.

    Parameters
    ----------
    prompt, answer, choices, tolerance, unit
        As for `predict`. A number may be entered as 0.375 or as 3/8.
    why : str
        What to say of the right answer.
    hint : str
        What to say of a wrong one, for which ``choices`` has no words of its own.

    Returns
    -------
    Question

    Raises
    ------
    TypeError, ValueError
        As for `predict`.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> asked = st.explore.check("From coarse to fine?", ["scale 2", "scale 3", "scale 4"])
    >>> asked.kind, asked.accepts(["scale 3", "scale 2", "scale 4"])
    ('order', False)
    """
    if answer is None:
        raise ValueError("answer must be given: there is nothing to check without one")
    return _question(
        prompt, answer, choices, waits=False, tolerance=tolerance, unit=unit, why=why, hint=hint
    )


def _question(
    prompt: str,
    answer: Any,
    choices: Iterable[str] | None,
    at: Iterable[str] | None = None,
    span: Any = None,
    *,
    waits: bool,
    tolerance: Any,
    unit: str,
    why: str,
    hint: str = "",
) -> Question:
    words = {"prompt": prompt, "unit": unit, "why": why, "hint": hint}
    for name, text in words.items():
        _text(name, text)
    if not prompt.strip():
        raise ValueError(f"prompt must be a question, got {prompt!r}")
    kind, options, key = "number", [], answer
    if choices is not None:
        kind, options = "choice", _words("choices", choices)
        if answer is not None:
            key = options.index(checks.choice("answer", answer, options))
    elif at is not None:
        kind, options, span = "curve", _words("at", at), _increasing(span)
    elif isinstance(answer, list | tuple):
        kind, answer = "order", _words("answer", answer)
        options = _shuffled(answer)
        key = [options.index(one) for one in answer]
    if kind in ("number", "curve") and answer is not None:
        key = answer = _heights(answer, len(options)) if options else checks.real("answer", answer)
        largest = float(np.abs(answer).max())
        tolerance = 0.01 * largest if tolerance is None else tolerance
        # A hair more: 0.4 is not further than 0.1 from 0.3, but for rounding.
        tolerance = checks.real("tolerance", tolerance, minimum=0) + 1e-9 * largest
    replies = list(choices.values()) if isinstance(choices, Mapping) else []
    secret = {"answer": key, "tolerance": tolerance, "replies": replies, "why": why, "hint": hint}
    traits = {"kind": kind, "prompt": prompt, "options": options, "unit": unit}
    return Question(answer, secret, waits=waits, span=list(span or ()), **traits)


def _text(name: str, text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a string, got {text!r} of type {type(text).__name__}")
    return text


def _words(name: str, words: Iterable[str]) -> list[str]:
    """At least two different strings."""
    found = [_text(f"each of {name}", one) for one in words]
    if len(found) < 2 or len(set(found)) < len(found):
        raise ValueError(f"{name} must be two or more different strings, got {found!r}")
    return found


def _increasing(span: Any) -> tuple[float, float]:
    if not isinstance(span, tuple) or len(span) != 2:
        raise ValueError(f"span must be a pair (low, high) for a curve, got {span!r}")
    low = checks.real("the lower end of span", span[0])
    return low, checks.real("the upper end of span", span[1], above=low)


def _heights(answer: Any, count: int) -> list[float]:
    heights = [checks.real("each height of answer", one) for one in answer]
    if len(heights) != count:
        raise ValueError(f"answer must have {count} heights, one for each of at, got {heights!r}")
    return heights


def _shuffled(words: list[str]) -> list[str]:
    """Another order of the words, always the same one."""
    mixed, shuffle = list(words), random.Random(len("".join(words))).shuffle
    while mixed == words:
        shuffle(mixed)
    return mixed
