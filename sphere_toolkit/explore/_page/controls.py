"""What a reader of an explorer can choose: declared once, checked and described from there.

A control is a trait. Setting it from Python checks the value, and so does the constructor of the
widget; the page gets the declaration, checks the state that it finds, and builds its sliders, menus
and buttons from it; the widget's docstring lists it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from textwrap import indent, wrap
from typing import Any, ClassVar

import numpy as np
import traitlets

from ..._util import checks

Bound = float | Callable[[Any], float]


class Control(traitlets.TraitType):
    """Base of the controls.

    Parameters
    ----------
    label : str
        Beside the control in the page.
    help : str
        A sentence for the docstring of the widget.
    kind : str
        How the page shows it; "own": the explorer's view builds it.
    **options
        Of the trait, such as ``default_value``.
    """

    default_value: Any = traitlets.Undefined
    kinds: ClassVar[tuple[str, ...]] = ("own",)

    def __init__(self, label: str, *, help: str, kind: str = "", **options: Any) -> None:
        super().__init__(help=help, **options)
        self.kind = checks.choice("kind", kind or self.kinds[0], self.kinds)
        self.label = label
        self.tag(sync=True)

    def check(self, explorer: Any, value: Any) -> Any:
        """The value, if the explorer offers it; otherwise an error that says what it offers."""
        raise NotImplementedError

    def describe(self, explorer: Any) -> dict[str, Any]:
        """What the page needs to know of the control."""
        return {"kind": self.kind, "label": self.label}

    def type_words(self) -> str:
        """The type as the docstring gives it."""
        raise NotImplementedError


class Choice(Control):
    """One of several values.

    Parameters
    ----------
    options : iterable, or function
        The values, or a function of the explorer that returns them.
    words : mapping, optional
        What the page calls them; by default the values themselves, and paths in brackets.
    """

    kinds = ("choices", "menu", "slider", "toggle", "own")

    def __init__(
        self,
        options: Iterable[Any] | Callable[[Any], Iterable[Any]],
        label: str,
        *,
        words: dict[Any, str] | None = None,
        type_words: str = "",
        **options_of_trait: Any,
    ) -> None:
        super().__init__(label, **options_of_trait)
        self.options = options if callable(options) else tuple(options)
        self.words = words or {}
        self._type_words = type_words

    def offered(self, explorer: Any) -> tuple[Any, ...]:
        """The values that the explorer offers now."""
        return tuple(self.options(explorer)) if callable(self.options) else self.options

    def check(self, explorer: Any, value: Any) -> Any:
        """The value, if it is one of those that are offered."""
        if isinstance(value, list):
            value = tuple(value)
        return checks.choice(str(self.name), value, self.offered(explorer))

    def describe(self, explorer: Any) -> dict[str, Any]:
        """Its options too, and the words for each."""
        options = self.offered(explorer)
        words = [self.words.get(one, _words(one)) for one in options]
        return {**super().describe(explorer), "options": list(options), "words": words}

    def type_words(self) -> str:
        """The values in braces, or what the declaration says."""
        if self._type_words or callable(self.options):
            return self._type_words
        return (
            "{" + ", ".join(f'"{o}"' if isinstance(o, str) else str(o) for o in self.options) + "}"
        )


class Number(Control):
    """A number in a range, whose ends may depend on the explorer.

    Parameters
    ----------
    minimum, maximum : float, or function
        Ends of the range, or functions of the explorer that return them.
    step : float
        Of the slider.
    integer : bool
        Whether only integers are meant.
    """

    kinds = ("slider", "own")

    def __init__(
        self,
        minimum: Bound,
        maximum: Bound,
        label: str,
        *,
        step: float = 1,
        integer: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(label, **options)
        self.bounds = (minimum, maximum)
        self.step, self.integer = step, integer

    def range(self, explorer: Any) -> tuple[Any, Any]:
        """Both ends of the range now."""
        low, high = (end(explorer) if callable(end) else end for end in self.bounds)
        return low, high

    def check(self, explorer: Any, value: Any) -> float:
        """The value, if it lies in the range."""
        low, high = self.range(explorer)
        return within(str(self.name), value, low, high, self.integer)

    def describe(self, explorer: Any) -> dict[str, Any]:
        """Its range and step too."""
        low, high = self.range(explorer)
        range_ = {"min": low, "max": high, "step": self.step, "integer": self.integer}
        return {**super().describe(explorer), **range_}

    def type_words(self) -> str:
        """The kind of number."""
        return "int" if self.integer else "float"


class Numbers(Control):
    """Several numbers, each with its own label and range.

    Parameters
    ----------
    parts : mapping of str to tuple
        By name: label, minimum and maximum.
    """

    kinds = ("angles", "own")

    def __init__(
        self, parts: dict[str, tuple[str, float, float]], label: str, **options: Any
    ) -> None:
        super().__init__(label, **options)
        self.parts = parts

    def check(self, explorer: Any, value: Any) -> tuple[float, ...]:
        """The values as a tuple, if there are as many as parts and each lies in its range."""
        if isinstance(value, str) or np.shape(value) != (len(self.parts),):
            names = ", ".join(self.parts)
            raise ValueError(
                f"{self.name} must be {len(self.parts)} numbers ({names}), got {value!r}"
            )
        return tuple(
            within(f"{str(self.name).removesuffix('s')} {name}", one, low, high)
            for (name, (_, low, high)), one in zip(self.parts.items(), value, strict=True)
        )

    def describe(self, explorer: Any) -> dict[str, Any]:
        """Its parts too."""
        keys = ("label", "min", "max")
        parts = [dict(zip(keys, part, strict=True)) for part in self.parts.values()]
        return {**super().describe(explorer), "parts": parts}

    def type_words(self) -> str:
        """How many numbers."""
        return f"tuple of {len(self.parts)} floats"


def within(name: str, value: Any, low: float, high: float, integer: bool = False) -> float:
    """A number, if it lies in a range; otherwise an error that names both."""
    if integer:
        return checks.integer(name, value, int(low), maximum=int(high))
    return checks.real(name, value, minimum=low, maximum=high)


def controls_of(explorer: Any) -> dict[str, Control]:
    """The controls of an explorer, or of its class, by name, in the order of their declaration."""
    cls = explorer if isinstance(explorer, type) else type(explorer)
    found: dict[str, Control] = {}
    for base in reversed(cls.__mro__):
        found |= {name: one for name, one in vars(base).items() if isinstance(one, Control)}
    return found


def documented(text: str | None, controls: dict[str, Control]) -> str:
    """A class docstring with a section that lists the controls as attributes."""
    lines = []
    for name, control in controls.items():
        lines.append(f"{name} : {control.type_words()}".removesuffix(" : "))
        lines += wrap(control.help, 88, initial_indent="    ", subsequent_indent="    ")
    head = "Attributes\n----------\n"
    first, *rest = (text or "").split("\n\n", 1)
    section = indent(head + "\n".join(lines), "    ")
    return "\n\n".join([first, section, *(part.rstrip() for part in rest)]) + "\n"


def _words(option: Any) -> str:
    if isinstance(option, tuple):
        return f"({', '.join(map(str, option))})"
    return str(option)
