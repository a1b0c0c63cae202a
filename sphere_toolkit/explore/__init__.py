"""Interactive explorers: one question each, alive in JupyterLab and in the static book.

An explorer computes what it shows in the page, so that it needs no kernel once it is drawn; in
JupyterLab its controls are also readable and settable as attributes. This is the only part of
the package that imports anywidget.
"""

from collections.abc import Callable

from ._directions.widget import Directions, directions
from ._energy_shift.widget import EnergyShift, energy_shift
from ._envelope.widget import Envelopes, envelope
from ._equivariance.widget import Equivariance, equivariance
from ._guess_the_sky.widget import GuessTheSky, guess_the_sky
from ._harmonics.widget import Harmonics, harmonics
from ._network.widget import Network, NetworkErrors, network
from ._page.base import MAX_BAND_LIMIT, Explorer
from ._sampling.widget import Sampling, sampling
from ._scattering_tree.widget import ScatteringTree, scattering_tree
from ._stability.widget import Stability, stability
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
    )
}
"""Every explorer by its name, in the order of the course: tests and benchmarks read it."""

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
    "Sampling",
    "ScatteringTree",
    "Stability",
    "Wavelets",
    "directions",
    "energy_shift",
    "envelope",
    "equivariance",
    "guess_the_sky",
    "harmonics",
    "network",
    "sampling",
    "scattering_tree",
    "stability",
    "wavelets",
]
