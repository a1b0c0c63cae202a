"""The explorer of where a scattering network leads the energy of a signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from ..._util import checks
from ...scattering.energy import EnergyByPath, energy_by_path
from ...scattering.paths import Path, as_path, in_order, paths_of, scale_of
from ...scattering.transform import ScatteringTransform
from ...sphere.coefficients import band_limit, n_coefficients, truncation_index
from ...wavelets.zonal import WaveletBank
from .._page.base import BankExplorer, view_control
from .._page.controls import Choice
from .._page.scenes import Scene
from .._page.shown import ShownSignal, Signal, band_limit_of, shown_signals
from .._page.transform import page_transform
from .._page.turning import OVERSAMPLINGS

BAND_LIMIT = 64
"""Of the signals that the explorer brings along."""

SCALES = 4
"""Scales by default: at depth 3 they make 15 paths."""

MIN_SCALE = 2
"""The page's transforms need at least eight rings."""


class ScatteringTree(BankExplorer):
    """The widget that `scattering_tree` returns."""

    path: Any = Choice(
        lambda explorer: explorer.transform.paths, "Path", kind="own", type_words="tuple of int",
        help="The chosen path; set by a click on its node, too.",
    )  # fmt: skip
    nonlinearity = Choice(
        ("modulus", "envelope", "rms"), "Nonlinearity", default_value="modulus",
        words={"rms": "local RMS"},
        help="What is taken of the wavelet coefficients: one of the three that keep the energy.",
    )  # fmt: skip
    view = view_control()
    oversampling = traitlets.Int().tag(sync=True)

    def __init__(
        self, shown: Mapping[str, ShownSignal], bank: WaveletBank, depth: int, **traits: Any
    ) -> None:
        self._depth = depth
        super().__init__(shown, bank, **traits)

    @property
    def transform(self) -> ScatteringTransform:
        """The network whose tree is shown."""
        return page_transform(self.bank, self._depth, self.oversampling, self.nonlinearity)

    def energy_by_path(self) -> EnergyByPath:
        """The shares of energy that the page shows now, computed in Python."""
        return energy_by_path(self._alm[self.signal], self.transform)


def scattering_tree(
    signal: Signal | Mapping[str, Signal] | None = None,
    *,
    L: int | None = None,
    J_min: int | None = None,
    depth: int = 3,
    oversampling: int = 2,
    nonlinearity: str = "modulus",
    path: Sequence[int] | None = None,
    view: str = "map",
    unit: str = "",
    coastlines: bool = False,
    seed: int = 0,
    scenes: Sequence[Scene] = (),
) -> ScatteringTree:
    r"""Explore where a scattering network leads the energy of a signal.

    The tree of paths :math:`p = (j_1, \ldots, j_d)` of a `ScatteringTransform`: a click on one
    shows what arrives there, :math:`U[p] f = |\cdots |f \star \Psi_{j_1}| \cdots \star
    \Psi_{j_d}|`, and its average :math:`S[p] f = U[p] f \star \Phi`. Bars show the energy of the
    averages by depth.

    Parameters
    ----------
    signal, L, unit, coastlines, seed
        As for `energy_shift`, with the errors that it names and default signals of band-limit 64.
    J_min : int, optional
        Coarsest scale, at least 2; by default four scales are left: 15 paths. There are 64 paths
        at most (``L=128``, ``J_min=2``, ``depth=6``).
    depth : int, default 3
        Longest path, at least 1. A network rarely goes beyond 2; the third shows why.
    oversampling : {1, 2, 4}
        Of the grids, as in `ScatteringTransform`: the default is the network's own, and
        a whole tree of 15 paths takes the page well below a tenth of a second with it.
    nonlinearity, path, view
        What is shown at first, see `ScatteringTree`; by default a path of length 2.
    scenes
        For presenter mode, as for `energy_shift`.

    Returns
    -------
    ScatteringTree
        The widget.

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
    depth = checks.integer("depth", depth, 1)
    oversampling = checks.choice("oversampling", oversampling, OVERSAMPLINGS)
    shown = shown_signals(
        signal, L=L, unit=unit, coastlines=coastlines, seed=seed, L_bundled=BAND_LIMIT
    )
    J = max(MIN_SCALE, (band_limit_of(shown) - 1).bit_length())
    J_min = max(MIN_SCALE, J - SCALES + 1) if J_min is None else J_min
    J_min = checks.integer("J_min", J_min, MIN_SCALE, maximum=J)
    bank = WaveletBank(2**J, J_min)
    paths = paths_of(bank.scales, depth)
    return ScatteringTree(
        {name: replace(s, alm=_padded(s.alm, 2**J)) for name, s in shown.items()},
        bank,
        depth,
        oversampling=oversampling,
        nonlinearity=nonlinearity,
        path=_first_path(paths, J) if path is None else as_path(path, paths),
        view=view,
        scenes=scenes,
    )


def _first_path(paths: Sequence[Path], J: int) -> Path:
    """In the middle of the tree: a path of length 2 from the second finest scale, if there is."""
    paths = [p for p in paths if len(p) <= 2]
    inner = [p for p in paths if not p or scale_of(p[0]) < J]
    return max(inner if max(map(len, inner)) == 2 else paths, key=in_order)


def _padded(alm: NDArray[np.complex128], L: int) -> NDArray[np.complex128]:
    """The same signal with zeros at the degrees up to a higher band-limit."""
    padded = np.zeros(n_coefficients(L), np.complex128)
    padded[truncation_index(L, band_limit(alm))] = alm
    return padded
