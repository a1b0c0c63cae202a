"""Scenes: states of an explorer, in the order in which a presenter shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from .controls import controls_of

Scene = tuple[str, Mapping[str, Any]]
"""A note for the hall, and values of controls; the other controls are as at the beginning."""


def checked_scenes(explorer: Any, scenes: Sequence[Scene]) -> list[list[Any]]:
    """Scenes as the page reads them.

    Parameters
    ----------
    explorer : Explorer
        As it begins: its controls have their first values.
    scenes : sequence of (str, mapping)

    Returns
    -------
    list of [str, dict]

    Raises
    ------
    TypeError, ValueError
        A scene is no pair of a note and values, names no control of the explorer, or gives a
        control a value that the explorer does not offer.
    """
    if isinstance(scenes, str | Mapping) or not isinstance(scenes, Sequence):
        raise TypeError(f"scenes must be a list of (note, values), got {scenes!r}")
    names = list(controls_of(explorer))
    beginning = {name: getattr(explorer, name) for name in names}
    found = []
    for k, scene in enumerate(scenes):
        note, values = _parts(k, scene)
        if unknown := sorted(set(values) - set(names)):
            raise ValueError(f"scenes[{k}] names no control: {unknown}; the controls are {names}")
        try:
            _set(explorer, {**beginning, **values})
            found.append([note, {name: getattr(explorer, name) for name in names}])
        except (TypeError, ValueError, traitlets.TraitError) as error:
            raise type(error)(f"scenes[{k}]: {error}") from None
        finally:
            _set(explorer, beginning)
    return found


def _parts(k: int, scene: Any) -> tuple[str, dict[str, Any]]:
    """Note and values of a scene."""
    if not (isinstance(scene, Sequence) and not isinstance(scene, str) and len(scene) == 2):
        raise TypeError(f"scenes[{k}] must be a pair of a note and values, got {scene!r}")
    note, values = scene
    if not isinstance(note, str):
        raise TypeError(f"the note of scenes[{k}] must be a string, got {note!r}")
    if not isinstance(values, Mapping):
        raise TypeError(f"the values of scenes[{k}] must be a mapping, got {values!r}")
    return note, dict(values)


def _set(explorer: Any, values: Mapping[str, Any]) -> None:
    """Set controls at once: the range of one may depend on another."""
    with explorer.hold_trait_notifications():
        for name, value in values.items():
            setattr(explorer, name, value)
