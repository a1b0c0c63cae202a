"""What headers of maps say: units and coordinate systems in their spellings, and who agrees."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

_UNSTATED = {"", "unknown", "undefined", "undef", "unspecified", "none", "n/a", "na", "null"}
# Suffixes of units of temperature in cosmology; thermodynamic temperature is the plain unit.
_QUALIFIER = re.compile(r"^(.*[a-zµμ])[\s_,(]+(cmb|rj|thermo\w*|antenna|brightness)\)?$", re.I)
_THERMODYNAMIC = ("cmb", "thermo")
_KELVIN = re.compile(r"kelvins?\b", re.I)
_MICRO = re.compile(r"(?<![A-Za-z])(?:micro|mu|µ|μ)(?=[A-Za-z])", re.I)
_MILLI = re.compile(r"(?<![A-Za-z])milli(?=[A-Za-z])", re.I)
_COORDINATES = {
    "G": ("G", "GAL", "GALACTIC"),
    "E": ("E", "ECL", "ECLIPTIC"),
    "C": ("C", "Q", "CELESTIAL", "EQU", "EQUATORIAL", "ICRS", "FK5", "J2000"),
}


def stated(value: Any) -> str | None:
    """A value of a header without surrounding blanks; None if it states nothing."""
    text = str(value).strip() if value is not None else ""
    return None if text.lower() in _UNSTATED else text


def same_unit(a: str, b: str) -> bool:
    """Whether two units are equal, however they are spelled.

    Notes
    -----
    ``uK``, ``muK``, ``microK`` and ``1e-6 K`` are one unit, and so are ``MJy/sr`` and
    ``MJy sr-1``. ``K_CMB`` and ``K,thermodynamic`` are the plain kelvin; ``K_RJ`` is not. Units
    that astropy does not know are equal if they are spelled alike.
    """
    return _parsed(a) == _parsed(b)


def factor(said: str, wanted: str) -> float | None:
    """By what numbers of the unit ``said`` are multiplied to be in the unit ``wanted``.

    Returns
    -------
    float or None
        None if one cannot be converted to the other by a factor, or is unknown to astropy.
    """
    (a, kind), (b, other) = _parsed(said), _parsed(wanted)
    if (a, kind) == (b, other):
        return 1.0
    if isinstance(a, str) or isinstance(b, str) or kind != other:
        return None
    try:
        return float(a.to(b))
    except ValueError:  # of astropy: units of different kinds
        return None


@lru_cache(maxsize=64)
def _parsed(unit: str) -> tuple[Any, str]:
    """The unit in astropy, or its spelling if that is unknown; and the kind of temperature."""
    from astropy import units

    text, kind = unit.strip(), ""
    qualified = _QUALIFIER.match(text)
    if qualified:
        text, kind = qualified[1], qualified[2].lower()
        kind = "" if kind.startswith(_THERMODYNAMIC) else kind
    text = _MILLI.sub("m", _MICRO.sub("u", _KELVIN.sub("K", text)))
    try:
        return units.Unit(text), kind
    except (ValueError, TypeError):
        return " ".join(text.split()), kind


def coordinates(value: Any) -> str | None:
    """Coordinate system of a header as healpy names it: "G", "E" or "C".

    Returns
    -------
    str or None
        Another system is returned in capitals; None if nothing is stated.
    """
    text = stated(value)
    if text is None:
        return None
    spelled = text.upper()
    return next((letter for letter, all_ in _COORDINATES.items() if spelled in all_), spelled)


def agree(key: str, said: Any, expected: Any, converts: bool) -> bool:
    """Whether what a header says of an entry is what is expected, or can be converted to it."""
    if said is None or expected is None:
        return True
    if key == "unit":
        return same_unit(said, expected) or (converts and factor(said, expected) is not None)
    return said == expected


def most_frequent(key: str, found: list[tuple[str, Any]]) -> tuple[str, Any]:
    """The first of the files that state what most do, and what it states."""
    counts = Counter(value for _, value in found)

    def support(value: Any) -> int:
        return sum(n for other, n in counts.items() if agree(key, value, other, False))

    best = max(counts, key=support)  # the first of several
    return next((name, value) for name, value in found if agree(key, value, best, False))


def about_unit(said: str, expected: str, converts: bool) -> str:
    """What else a unit may be, or how it would be converted."""
    if converts:
        return " or what can be converted to it"
    if factor(said, expected) is None:
        return ""
    return f"; unit={expected!r} (--unit) converts it"
