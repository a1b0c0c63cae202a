"""Interactive explorers for JupyterLab and for the static book, each for one question.

Each function returns a widget, which JupyterLab shows if it is the last expression of a cell. An
explorer computes what it shows in the page, so it needs no kernel once it is drawn. In JupyterLab
the attributes of the widget have the values that the reader has chosen, and they can be set. This
is the only part of the package that imports anywidget.
"""

from collections.abc import Callable

from ._directions.widget import Directions, directions
from ._energy_shift.widget import EnergyShift, energy_shift
from ._envelope.widget import Envelopes, envelope
from ._equivariance.widget import Equivariance, equivariance
from ._guess_the_sky.widget import GuessTheSky, guess_the_sky
from ._harmonics.widget import Harmonics, harmonics
from ._network.widget import Network, NetworkErrors, network
from ._page.base import Explorer
from ._page.shown import MAX_BAND_LIMIT
from ._question.widget import Question, check, predict
from ._sampling.widget import Sampling, sampling
from ._scattering_tree.widget import ScatteringTree, scattering_tree
from ._stability.widget import Stability, stability
from ._synthesis.widget import StepwiseSynthesis, synthesis
from ._wavelets.widget import Wavelets, wavelets

EXPLORERS: dict[str, Callable[..., Explorer]] = {
    function.__name__: function
    for function in (
        sampling,
        harmonics,
        equivariance,
        wavelets,
        energy_shift,
        scattering_tree,
        stability,
        network,
        envelope,
        directions,
        guess_the_sky,
        synthesis,
    )
}
"""The explorers by name, in the order of the course; tests and benchmarks read this list."""

__all__ = [
    "EXPLORERS",
    "MAX_BAND_LIMIT",
    "Directions",
    "EnergyShift",
    "Envelopes",
    "Equivariance",
    "Explorer",
    "GuessTheSky",
    "Harmonics",
    "Network",
    "NetworkErrors",
    "Question",
    "Sampling",
    "ScatteringTree",
    "Stability",
    "StepwiseSynthesis",
    "Wavelets",
    "check",
    "directions",
    "energy_shift",
    "envelope",
    "equivariance",
    "guess_the_sky",
    "harmonics",
    "network",
    "predict",
    "sampling",
    "scattering_tree",
    "stability",
    "synthesis",
    "wavelets",
]
