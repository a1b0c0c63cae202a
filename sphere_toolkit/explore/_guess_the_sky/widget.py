"""The explorer in which the reader finds a non-Gaussian sky among Gaussian ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import traitlets
from numpy.typing import NDArray

from ... import cmb
from ..._util import checks
from ...sphere.coefficients import band_limit
from .._page.base import BankExplorer, as_float32, view_control
from .._page.controls import Choice, Number
from .._page.scenes import Scene
from .._page.shown import ShownSignal
from .ensemble import Ensemble, ensemble, network, path_statistics, spectrum_departures

EVIDENCE = {"maps": "maps only", "spectra": "spectra", "scattering": "scattering"}
"""The kinds of evidence, from weak to strong, and their names in the page."""

BAND_LIMITS = (16, 32, 64, 128)
"""Powers of two, as the grids of the network in the page need."""

SKIES = 4
_MOST_ROUNDS = 12
_LETTERS = "ABCD"


class Departures(NamedTuple):
    """Departures of the skies of a round from Gaussian skies, in standard deviations.

    Attributes
    ----------
    spectra : array (4, n_octaves)
        Power in octaves of degrees, from degree 2 on.
    scattering : array (4, n_paths)
        On the paths (j) and (j1, j2).
    """

    spectra: NDArray[np.float64]
    scattering: NDArray[np.float64]


class GuessTheSky(BankExplorer):
    """The widget that `guess_the_sky` returns."""

    round = Number(
        0, lambda explorer: len(explorer.odd) - 1, "Round", kind="own", default_value=0,
        help="Counted from 0.",
    )  # fmt: skip
    evidence = Choice(EVIDENCE, "Look at", words=EVIDENCE, help="What is shown.")
    view = view_control()
    guesses = traitlets.List(
        traitlets.Int(), help="For each round the sky that the reader chose, 0 to 3, or -1."
    ).tag(sync=True)
    evidence_used = traitlets.List(
        traitlets.Int(),
        help="For each round the strongest evidence seen until then, an index into EVIDENCE, or -1",
    ).tag(sync=True)
    odd = traitlets.List(traitlets.Int(), help="Per round the sky that is not Gaussian.").tag(
        sync=True
    )
    rates = traitlets.List(
        traitlets.Float(),
        help="Share of rounds in which the sky that departs most, by spectra and by scattering, "
        "is the right one: measured on other simulations.",
    ).tag(sync=True)
    spectrum = traitlets.Bytes(help="float32 (L,), of the ensemble").tag(sync=True)
    reference = traitlets.Bytes(
        help="float32 (2, n_paths - 1): mean and deviation of Gaussian skies on each path"
    ).tag(sync=True)

    def __init__(
        self,
        alm: NDArray[np.complex128],
        odd: list[int],
        chances: Ensemble,
        **traits: Any,
    ) -> None:
        self.transform, self._ensemble = network(band_limit(alm)), chances
        self._skies, rounds = alm, len(odd)
        shown = {
            f"round {1 + k // SKIES}, sky {_LETTERS[k % SKIES]}": ShownSignal(one, "µK")
            for k, one in enumerate(alm)
        }
        super().__init__(
            shown,
            self.transform.bank,
            guesses=[-1] * rounds,
            evidence_used=[-1] * rounds,
            odd=odd,
            rates=list(chances.rates),
            spectrum=as_float32(cmb.angular_power_spectrum(self.transform.L)),
            reference=as_float32(chances[:2]),
            **traits,
        )

    def departures(self) -> Departures:
        """The numbers that the page shows in this round, computed in Python."""
        skies = self._skies[SKIES * self.round : SKIES * (self.round + 1)]
        mean, deviation, _ = self._ensemble
        spectrum = cmb.angular_power_spectrum(self.transform.L)
        return Departures(
            spectrum_departures(skies, spectrum),
            (path_statistics(skies, self.transform) - mean) / deviation,
        )

    def score(self) -> dict[str, tuple[int, int]]:
        """For each kind of evidence how many skies were found with it, and out of how many."""
        table = {}
        for k, name in enumerate(EVIDENCE):
            rows = [i for i, used in enumerate(self.evidence_used) if used == k]
            table[name] = (sum(self.guesses[i] == self.odd[i] for i in rows), len(rows))
        return table

    @traitlets.validate("guesses", "evidence_used")
    def _one_per_round(self, proposal: Any) -> list[int]:
        name, values = proposal["trait"].name, proposal["value"]
        top = SKIES if name == "guesses" else len(EVIDENCE)
        if len(values) != len(self.odd) or not all(-1 <= value < top for value in values):
            raise ValueError(
                f"{name} must hold an integer from -1 to {top - 1} for each of "
                f"{len(self.odd)} rounds, got {values}"
            )
        return values


def guess_the_sky(
    L: int = 64,
    *,
    f: float = 0.3,
    N: int = 700,
    rounds: int = 8,
    evidence: str = "maps",
    view: str = "map",
    seed: int = 0,
    scenes: Sequence[Scene] = (),
) -> GuessTheSky:
    r"""Guess which of four skies is not Gaussian: by eye, by spectrum, by scattering.

    Each round shows four simulated skies of one ensemble spectrum. Three are Gaussian. In the
    fourth a share ``f`` of the power at every degree comes from ``N`` point-like kicks
    (`sphere_toolkit.cmb.poisson_sources`). The reader chooses the evidence to look at and guesses,
    and the page keeps a score for each kind of evidence.

    Parameters
    ----------
    L : {16, 32, 64, 128}
        Band-limit.
    f : float
        Share of the power that comes from kicks, in (0, 1].
    N : int
        Number of kicks in a sky.
    rounds : int
        1 to 12, each with four new skies.
    evidence, view
        The first choices, see `GuessTheSky`.
    seed : int
        Of the skies and of the position of the non-Gaussian one.
    scenes
        For presenter mode, as for `energy_shift`.

    Returns
    -------
    GuessTheSky
        The widget. ``explorer.score()`` returns the score of the reader.

    Raises
    ------
    TypeError, ValueError
        As `sampling`.

    Notes
    -----
    The network is a ``ScatteringTransform(L, J_min=log2(L) - 2, oversampling=2)``. The page shows
    departures from Gaussian skies in standard deviations. They are those of the power in octaves of
    degrees, and those of the path means in a form that does not depend on the strength of the sky:
    on path (j) the mean of :math:`|W_j|` over its root mean square, and on (j1, j2) the mean over
    that of (j1). Mean and standard deviation come from 192 other Gaussian skies. The rates at which
    the sky with the largest departure is the right one, ``explorer.rates``, are measured on 192
    Gaussian and 96 other skies that are not shown. The page computes in double precision from
    float32 coefficients; its departures agree with those of Python to 1e-2 standard deviations
    (tested).

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.guess_the_sky(32, N=100, rounds=2)
    >>> explorer.departures().scattering.shape, explorer.score()["maps"]
    ((4, 6), (0, 0))
    >>> by_spectrum, by_scattering = explorer.rates
    >>> by_spectrum < by_scattering
    True
    """
    L = checks.choice("L", L, BAND_LIMITS)
    f = checks.real("f", f, above=0.0)
    if f > 1:
        raise ValueError(f"f must be a share in (0, 1], got {f}")
    N = checks.integer("N", N, 1)
    rounds = checks.integer("rounds", rounds, 1, maximum=_MOST_ROUNDS)
    rng = np.random.default_rng(checks.integer("seed", seed, 0))
    odd = [int(k) for k in rng.integers(SKIES, size=rounds)]
    skies = []
    for place in odd:
        four = cmb.gaussian(L, rng, n=SKIES)
        four[place] = cmb.poisson_sources(L, f, N, rng)
        skies.append(four)
    return GuessTheSky(
        np.concatenate(skies), odd, ensemble(L, f, N), evidence=evidence, view=view, scenes=scenes
    )
