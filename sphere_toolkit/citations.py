"""BibTeX for what was used, from the one list of references that the book reads too."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

from ._util import checks
from .scattering import Envelope, ScatteringCoefficients, ScatteringTransform, Synthesis
from .sphere.grids.grid import Grid
from .sphere.masks.mask import Mask
from .wavelets.directional import DirectionalWaveletBank
from .wavelets.responses import DirectionalWaveletCoefficients
from .wavelets.zonal import WaveletBank, WaveletCoefficients

_ALWAYS = ("sphere_toolkit", "mcewen2022", "reinecke2013")

TOPICS = {
    "gauss-legendre": (),
    "mcewen-wiaux": ("mcewen2011",),
    "clenshaw-curtis": ("huffenberger2010",),
    "fejer": ("huffenberger2010",),
    "healpix": ("gorski2005",),
    "wavelets": ("wiaux2008", "leistedt2013", "mcewen2018"),
    "directional wavelets": ("wiaux2008", "mcewen2015", "mcewen2018"),
    "scattering": ("mallat2012", "bruna2013", "wiaux2008", "leistedt2013", "mcewen2018"),
    "envelope": ("felsberg2001", "fleischmann2010", "unser2010"),
    "synthesis": ("portilla2000", "bruna2018", "cheng2024", "mousset2024", "liu1989"),
    "masks": ("hoffman1991", "bucher2012", "kim2012"),
    "cnn": ("cohen2018", "esteves2018", "kondor2018", "cobb2021"),
    "training": ("loshchilov2019",),
    "cmb": ("lewis2000", "planck2020"),
    "non-Gaussian cmb": ("rocha2005", "komatsu2005", "elsner2009", "smith2011"),
    "relief": ("etopo5",),
    "digits": ("alpaydin1998",),
}
"""Keys of the references by topic; the schemes of a `Grid` are topics too."""

_TOPIC_OF_TYPE = {
    WaveletBank: "wavelets",
    WaveletCoefficients: "wavelets",
    DirectionalWaveletBank: "directional wavelets",
    DirectionalWaveletCoefficients: "directional wavelets",
    Envelope: "envelope",
    ScatteringTransform: "scattering",
    ScatteringCoefficients: "scattering",
    Synthesis: "synthesis",
    Mask: "masks",
}


class BibTeX(str):
    """A string that a notebook or a prompt shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The text itself, without quotes."""
        return str(self)


def citation(*used: Any) -> BibTeX:
    """BibTeX entries to cite for what was used.

    Without arguments: this toolkit, the article whose method it teaches, and the engine of its
    harmonic transforms. These come first whatever else is asked for; no entry comes twice.

    Parameters
    ----------
    *used : Grid, WaveletBank, WaveletCoefficients, DirectionalWaveletBank, \
DirectionalWaveletCoefficients, Envelope, ScatteringTransform, ScatteringCoefficients, \
Synthesis, Mask or str
        Objects that took part, or topics: "gauss-legendre", "mcewen-wiaux", "clenshaw-curtis",
        "fejer", "healpix", "wavelets", "directional wavelets", "scattering", "envelope",
        "synthesis" (`sphere_toolkit.scattering.synthesise`), "masks" (`sphere_toolkit.masks.fill`),
        "cnn" (spherical CNNs), "training" (`sphere_toolkit.nn.fit`), "cmb"
        (`sphere_toolkit.cmb`), "non-Gaussian cmb" (its skies and its estimator of f_NL), "relief"
        (`sphere_toolkit.signals.earth_relief`) or "digits" (`sphere_toolkit.signals.digits`). A
        scattering network with an envelope or with directions brings their topics along, and
        coefficients behind a mask bring that of masks.

    Returns
    -------
    str
        Entries with a blank line between them, ready for a ``.bib`` file. A notebook shows them
        as they are.

    Raises
    ------
    ValueError
        An unknown topic; the message lists those that there are.
    TypeError
        Something that is neither a topic nor one of the objects above.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> text = st.citation(st.Grid.healpix(16), "cmb")
    >>> [line.split("{")[1] for line in text.splitlines() if line.startswith("@")]
    ['sphere_toolkit,', 'mcewen2022,', 'reinecke2013,', 'gorski2005,', 'lewis2000,', 'planck2020,']
    """
    keys = list(_ALWAYS)
    for each in used:
        for topic in (_topic(each), *_brought_along(each)):
            keys += TOPICS[topic]
    entries = _entries()
    return BibTeX("\n\n".join(entries[key] for key in dict.fromkeys(keys)))


def _topic(used: object) -> str:
    if isinstance(used, str):
        return checks.choice("topic", used, TOPICS)
    if isinstance(used, Grid):
        return used.scheme
    for kind, topic in _TOPIC_OF_TYPE.items():
        if isinstance(used, kind):
            return topic
    names = ", ".join(["Grid", *(kind.__name__ for kind in _TOPIC_OF_TYPE)])
    raise TypeError(
        f"what was used must be one of {names} or a topic ({', '.join(map(repr, TOPICS))}), "
        f"got {used!r} of type {type(used).__name__}"
    )


def _brought_along(used: object) -> list[str]:
    """Further topics of a scattering network."""
    if isinstance(used, ScatteringTransform):
        parameters = used.parameters()
    elif isinstance(used, ScatteringCoefficients):
        parameters = used.parameters
    else:
        return []
    topics = ["envelope"] if str(parameters.get("nonlinearity")).startswith("envelope") else []
    topics += ["directional wavelets"] * (parameters.get("directions", 1) > 1)
    return topics + ["masks"] * (getattr(used, "weights", None) is not None)


def _entries() -> dict[str, str]:
    """The packaged references by key, as they stand in the file."""
    text = files(__package__).joinpath("references.bib").read_text(encoding="utf-8")
    found = re.finditer(r"^@\w+\{(\w+),\n.*?^\}$", text, re.MULTILINE | re.DOTALL)
    return {entry[1]: entry[0] for entry in found}
