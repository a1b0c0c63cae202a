"""The small trained network that comes with the package."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any

from ... import data
from ..training.saving import load, read_metadata
from .zonal import ZonalCNN

NAME = "digit_network_L16.eqx"


def digit_network() -> tuple[ZonalCNN, dict[str, Any]]:
    """A `ZonalCNN` trained on ``signals.digits(16)``, and facts about it.

    Returns
    -------
    model : ZonalCNN
        Takes alm (1, 136) of a digit as `signals.digits` gives it, to ten logits.
    facts : dict
        ``architecture``, the options of the model; ``upright`` and ``rotated``, its accuracy on
        the test part.

    Raises
    ------
    ValueError
        The file is not what was shipped.

    Notes
    -----
    Made by ``scripts/make_digit_network.py``, on upright digits alone.
    """
    data.read(NAME)  # checks it
    with as_file(files(data).joinpath(NAME)) as path:
        return load(path), read_metadata(path)
