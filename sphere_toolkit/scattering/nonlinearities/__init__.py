"""The nonlinearities of a scattering network.

A new one is a subclass of `Pointwise` with a name and a rule for samples, listed in
`NONLINEARITIES`.
"""

from __future__ import annotations

import re

from ..._util import checks
from .base import Kept, Nonlinearity, Part, Transforms
from .directional import MAX_DIRECTIONS, Directional, first_of
from .envelope import Envelope
from .pointwise import Modulus, Pointwise, ReLU, Square
from .rms import LocalRMS

NONLINEARITIES: dict[str, Nonlinearity] = {
    rho.name: rho for rho in (Modulus(), Square(), ReLU(), Envelope(), LocalRMS())
}
"""Every nonlinearity by its name; with other parameters some have names of their own."""


def nonlinearity_of(chosen: str | Nonlinearity) -> Nonlinearity:
    """The nonlinearity itself, or that of a name; a ValueError that lists all for another name."""
    if isinstance(chosen, Nonlinearity):
        if not isinstance(getattr(chosen, "name", None), str):
            raise TypeError(f"nonlinearity must have a name, and {type(chosen).__name__} has none")
        return chosen
    if order := re.fullmatch(r"envelope\((\d+)\)", str(chosen)):
        return Envelope(int(order[1]))
    if detail := re.fullmatch(r"rms\((\d*\.?\d+)\)", str(chosen)):
        return LocalRMS(float(detail[1]))
    return NONLINEARITIES[checks.choice("nonlinearity", chosen, NONLINEARITIES)]


__all__ = [
    "MAX_DIRECTIONS",
    "NONLINEARITIES",
    "Directional",
    "Envelope",
    "Kept",
    "LocalRMS",
    "Modulus",
    "Nonlinearity",
    "Part",
    "Pointwise",
    "ReLU",
    "Square",
    "Transforms",
    "first_of",
    "nonlinearity_of",
]
