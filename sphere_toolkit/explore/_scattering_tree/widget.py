"""The explorer of where a scattering network leads the energy of a signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from ... import _checks
from ...scattering.coefficients import as_path
from ...scattering.transform import ScatteringTransform
from ...sphere.coefficients import band_limit, n_coefficients, truncation_index
from .._energy import EnergyByPath, energy_by_path, first_degree
from .._page.base import Explorer, ShownSignal, Signal, shown_signals

VIEWS = ("map", "globe")
BAND_LIMIT = 64
"""Of the signals that the explorer brings along."""

SCALES = 4
"""Scales by default: at depth 3 they make 15 paths."""

MIN_SCALE = 2
"""The page's transforms need at least eight rings."""

OVERSAMPLINGS = (1, 2, 4)
"""They keep the grids at powers of two, which the page's Fourier transform needs."""


class ScatteringTree(Explorer):
    """The widget that `scattering_tree` returns.

    Attributes
    ----------
    path : tuple of int
        The chosen path; readable and settable, as by a click on its node.
    signal : str
        The name of the signal; readable and settable.
    view : {"map", "globe"}
        Mollweide maps, or globes that can be turned; readable and settable.
    transform : ScatteringTransform
        The network. Its ``L`` is the signals' band-limit, rounded up to a power of two.
    """

    path = traitlets.Tuple().tag(sync=True)
    view = traitlets.Unicode().tag(sync=True)
    paths = traitlets.List(traitlets.Tuple()).tag(sync=True)
    scales = traitlets.List(traitlets.Int()).tag(sync=True)
    bands = traitlets.List(
        traitlets.List(traitlets.Int()),
        help="Per scale the first degree of the wavelet's band and the one after its last.",
    ).tag(sync=True)
    rings = traitlets.List(
        traitlets.Int(), help="Per scale, of the grid that samples the modulus."
    ).tag(sync=True)
    windows = traitlets.Bytes(help="float32 (n_scales, L)").tag(sync=True)
    scaling = traitlets.Bytes(help="float32 (L_out,), the window of the average").tag(sync=True)

    def __init__(
        self, shown: Mapping[str, ShownSignal], transform: ScatteringTransform, **traits: Any
    ) -> None:
        self.transform = transform
        self._alm = {name: s.alm for name, s in shown.items()}
        bank = transform.bank
        rings = {step.path[-1]: step.grid.L for step in transform.steps()}
        super().__init__(
            shown,
            paths=list(transform.paths),
            scales=list(bank.scales),
            bands=[[first_degree(bank, j), bank.band_limit(j)] for j in bank],
            rings=[rings[j] for j in bank],
            windows=np.stack([bank.window(j) for j in bank]).astype("<f4").tobytes(),
            scaling=bank.scaling[: transform.L_out].astype("<f4").tobytes(),
            **traits,
        )

    def energy_by_path(self) -> EnergyByPath:
        """The shares of energy that the page shows now, computed in Python."""
        return energy_by_path(self._alm[self.signal], self.transform)

    @traitlets.validate("path")
    def _known_path(self, proposal: Any) -> tuple[int, ...]:
        return as_path(proposal["value"], self.transform.paths)

    @traitlets.validate("view")
    def _known_view(self, proposal: Any) -> str:
        return _checks.choice("view", proposal["value"], VIEWS)


def scattering_tree(
    signal: Signal | Mapping[str, Signal] | None = None,
    *,
    L: int | None = None,
    J_min: int | None = None,
    depth: int = 3,
    oversampling: int = 2,
    path: Sequence[int] | None = None,
    view: str = "map",
    unit: str = "",
    coastlines: bool = False,
    seed: int = 0,
) -> ScatteringTree:
    r"""Explore where a scattering network leads the energy of a signal.

    The tree of paths :math:`p = (j_1, \ldots, j_d)` of a `ScatteringTransform`: a click on one
    shows what arrives there, :math:`U[p] f = |\cdots |f \star \Psi^{j_1}| \cdots \star
    \Psi^{j_d}|`, and its average :math:`S[p] f = U[p] f \star \Phi`. Bars show the energy of the
    averages by depth.

    Parameters
    ----------
    signal : array (L(L+1)/2,), (samples, Grid) or mapping of names to these, optional
        What to look at. By default the Earth's relief, a Gaussian sky with the spectrum of the
        cosmic microwave background, noise and a ring, of band-limit 64.
    L : int, optional
        Truncate the signals to this band-limit, at most 128. Needed for a signal of a higher
        one, which is otherwise refused.
    J_min : int, optional
        Coarsest scale, at least 2; by default four scales are left: 15 paths. There are 64 paths
        at most (``L=128``, ``J_min=2``, ``depth=6``).
    depth : int, default 3
        Longest path, at least 1. A network rarely goes beyond 2; the third shows why.
    oversampling : {1, 2, 4}
        Of the modulus's grid, as in `ScatteringTransform`: the default is the network's own, and
        a whole tree of 15 paths takes the page well below a tenth of a second with it.
    path : sequence of int, optional
        The path at first; by default one of length 2.
    view : {"map", "globe"}
    unit : str
        Unit of ``signal``, shown at the colours.
    coastlines : bool
        Whether ``signal`` lives on the Earth, so that coastlines help to read it.
    seed : int
        Of the random signals among the default ones.

    Returns
    -------
    ScatteringTree
        A widget: as the last expression of a cell it is shown. ``explorer.path`` and
        ``explorer.signal`` tell what the reader has chosen, and can be set.

    Raises
    ------
    TypeError, ValueError
        The signal has NaN, a wrong length, a batch axis, no energy or too high a band-limit; an
        option is unknown or out of range. Nothing is shown then.

    Notes
    -----
    The network is a `ScatteringTransform` with dilation 2 of the next power of two above the
    signals' band-limit (to which they are padded with zeros), with the same windows, grids and
    paths. The page computes in double precision from float32 coefficients, each path when it is
    asked for and the others in the frames that follow; its shares agree with `energy_by_path`
    to 1e-5.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.scattering_tree(st.signals.ring(32), J_min=3)
    >>> explorer.transform
    ScatteringTransform(L=32, J_min=3, depth=3, lam=2.0, oversampling=2.0, ...): 8 paths at L_out=8
    >>> explorer.path
    (4, 3)
    >>> explorer.path = (5, 4, 3)
    """
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a string, got {unit!r} of type {type(unit).__name__}")
    seed = _checks.integer("seed", seed, 0)
    view = _checks.choice("view", view, VIEWS)
    depth = _checks.integer("depth", depth, 1)
    oversampling = _checks.choice("oversampling", oversampling, OVERSAMPLINGS)
    L = BAND_LIMIT if signal is None and L is None else L
    shown = shown_signals(signal, L=L, unit=unit, on_earth=bool(coastlines), seed=seed)
    J = max(MIN_SCALE, (band_limit(next(iter(shown.values())).alm) - 1).bit_length())
    J_min = max(MIN_SCALE, J - SCALES + 1) if J_min is None else J_min
    J_min = _checks.integer("J_min", J_min, MIN_SCALE, maximum=J)
    transform = ScatteringTransform(2**J, J_min, depth, oversampling=oversampling)
    shown = {name: replace(s, alm=_padded(s.alm, 2**J)) for name, s in shown.items()}
    path = _first_path(transform) if path is None else as_path(path, transform.paths)
    return ScatteringTree(shown, transform, path=path, view=view)


def _first_path(transform: ScatteringTransform) -> tuple[int, ...]:
    """In the middle of the tree: a path of length 2 from the second finest scale, if there is."""
    paths = [p for p in transform.paths if len(p) <= 2]
    inner = [p for p in paths if not p or p[0] < transform.bank.J]
    return max(inner if max(map(len, inner)) == 2 else paths, key=lambda p: (len(p), p))


def _padded(alm: NDArray[np.complex128], L: int) -> NDArray[np.complex128]:
    """The same signal with zeros at the degrees up to a higher band-limit."""
    padded = np.zeros(n_coefficients(L), np.complex128)
    padded[truncation_index(L, band_limit(alm))] = alm
    return padded
