"""Plans the scattering tree: which transforms and filters its paths need."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..sphere.coefficients import DegreeFilter, degrees
from ..sphere.grids.grid import Grid
from ..wavelets.zonal import WaveletBank
from .nonlinearities import Nonlinearity
from .paths import Path, paths_of, scale_of, spin_of
from .tree import Node, Tree


def planned(
    bank: WaveletBank,
    first: Nonlinearity,
    rest: Nonlinearity,
    depth: int,
    rings: Callable[[Nonlinearity, int, int], int],
    dtype: type[np.complexfloating],
) -> Tree:
    """The tree with ``first`` as the nonlinearity of depth 1 and ``rest`` below.

    ``rings(nonlinearity, L, L_analysed)`` says how many rings the grid of a path has.
    """
    # A scale whose band-limit is not above a spin has no degrees for it.
    spins = {j: [n for n in first.spins if n < bank.band_limit(j)] for j in bank}
    paths = list(paths_of(bank.scales, depth, spins))
    L_out, real = bank.scaling_band_limit, np.dtype(dtype(0).real.dtype)

    def node(path: Path) -> Node:
        j = scale_of(path[-1])
        L = bank.band_limit(j)
        rho = first if len(path) == 1 else rest
        has_children = len(path) < depth and j > bank.J_min
        L_analysed = bank.band_limit(j - 1) if has_children else L_out
        kept = tuple(n for n in rho.spins if n < L_analysed) if has_children else (0,)
        grid = Grid.gauss_legendre(rings(rho, L, L_analysed))
        return Node(L, spin_of(path[-1]), rho, grid, L_analysed, kept, has_children)

    nodes = {path: node(path) for path in paths[1:]}
    return Tree(
        L=bank.L,
        nodes=nodes,
        rows={path: i for i, path in enumerate(paths)},
        filters=_filters(bank, nodes, real),
        average=bank.scaling[degrees(L_out)].astype(real),
        L_out=L_out,
        dtype=dtype,
    )


def _filters(
    bank: WaveletBank, nodes: Mapping[Path, Node], real: np.dtype
) -> dict[tuple[int, int | None], DegreeFilter]:
    """One filter per band-limit that a node may hand down and per scale (None: average)."""
    average = None
    handed_down: set[tuple[int, int | None]] = {(bank.L, average)}
    for path, node in nodes.items():
        L = nodes[path[:-1]].L_analysed if len(path) > 1 else bank.L
        handed_down.add((L, scale_of(path[-1])))
        if node.has_children:
            handed_down.add((node.L_analysed, average))
    return {(L, j): bank.filter(j, L, real) for L, j in handed_down}
