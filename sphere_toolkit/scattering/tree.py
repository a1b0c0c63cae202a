"""Signals' way through the tree of paths: what is computed when, where and by how many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._threads import each
from ..sphere.coefficients import DegreeFilter, n_coefficients
from ..sphere.grid import Grid
from ..sphere.legendre import ring_series, ring_series_size
from ..sphere.transforms import threads_for
from .coefficients import Path
from .nonlinearity import Pointwise

# Nodes on grids up to this many rings are spread over the threads, one thread each; larger ones
# take all threads one after another, for ducc0 splits them well and memory stays that of one.
_SMALL_GRID = 256
# Trees whose largest grid has fewer rings are over before a second thread has started.
_TINY_GRID = 256
# Of a batch, a thread takes signals together whose Fourier series are this many numbers, 4 MiB.
_SERIES_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Scale:
    """What the tree needs to know of one scale, whatever path leads to it."""

    L: int  # band-limit of the wavelet coefficients
    grid: Grid  # where their modulus is sampled
    L_children: int  # degrees that the wavelets below it look at; 0 if there are none


class Workspace:
    """Arrays for up to ``most`` signals that one thread reuses from node to node and call to call.

    Fresh pages cost as much as a tenth of the transforms that fill them.
    """

    def __init__(self, scales: Mapping[int, Scale], depth: int, most: int, dtype: type) -> None:
        L = max(scale.L for scale in scales.values())
        L_children = max(scale.L_children for scale in scales.values())
        rings = max(ring_series_size(scale.grid, most) for scale in scales.values())
        self._rings: NDArray = np.empty(rings, dtype)
        self._wavelet: NDArray = np.empty(most * n_coefficients(L), dtype)
        n_children = most * (L_children * (L_children + 1) // 2)
        self._modulus: list[NDArray] = [np.empty(n_children, dtype) for _ in range(depth - 1)]

    def rings(self, grid: Grid, n: int) -> NDArray:
        """For the harmonic transforms of ``n`` signals between samples and coefficients."""
        return ring_series(grid, n, self._rings)

    def wavelet(self, L: int, n: int) -> NDArray:
        """For wavelet coefficients, until they have been synthesised."""
        return self._wavelet[: n * n_coefficients(L)].reshape(n, -1)

    def modulus(self, order: int, L: int, n: int) -> NDArray:
        """For the coefficients of a modulus, until all below it has been computed."""
        return self._modulus[order - 1][: n * n_coefficients(L)].reshape(n, -1)


class _Spare(list[Workspace]):
    """Workspaces that nobody uses at the moment, for some of the scales."""

    def __init__(self, scales: Mapping[int, Scale], depth: int, most: int, dtype: type) -> None:
        super().__init__()
        self._needs = scales, depth, most, dtype

    def take(self) -> Workspace:
        """One of them, or a new one."""
        try:
            return self.pop()
        except IndexError:
            return Workspace(*self._needs)


@dataclass
class Tree:
    """The tree of a scattering transform, with its filters and spare workspaces."""

    depth: int
    scales: Mapping[int, Scale]
    rows: Mapping[Path, int]
    filters: Mapping[tuple[int, int | None], DegreeFilter]  # by band-limit and scale
    average: NDArray
    nonlinearity: Pointwise
    L_out: int
    dtype: type

    def __post_init__(self) -> None:
        # Branches that are spread over threads stay on small grids: a walk that takes all of the
        # tree must not end up in a different one of many large workspaces each time.
        small = {j: scale for j, scale in self.scales.items() if scale.grid.L <= _SMALL_GRID}
        self._whole = _Spare(self.scales, self.depth, self.at_once, self.dtype)
        self._branches = _Spare(small, self.depth, self.at_once, self.dtype)

    @property
    def at_once(self) -> int:
        """Signals that one thread had better take together: more than one if they are small.

        Threads hand over to each other at every call, and each call is over soon.
        """
        rings = max((scale.grid.L for scale in self.scales.values()), default=1)
        return max(1, _SERIES_AT_ONCE // rings**2)

    def scatter(
        self, alm: NDArray, L: int, out: NDArray, n_threads: int, tick: Callable[[], object]
    ) -> None:
        """Fill ``out``, shape ``(n, n_paths, n_out)``, from ``n`` signals, at most `at_once`."""
        self.filters[L, None](alm, out[:, 0])
        tick()
        if self.depth == 0:
            return
        if max(scale.grid.L for scale in self.scales.values()) < _TINY_GRID:
            n_threads = 1
        walk = _Walk(self, out, n_threads, tick, self._whole.take())
        walk.children((), alm, L)
        self._whole.append(walk.workspace)

        def branch(i: int) -> None:
            path, wavelet = walk.later[i]
            one = _Walk(self, out, 1, tick, self._branches.take())
            one.node(path, wavelet)
            self._branches.append(one.workspace)

        walk.later.sort(key=lambda item: -item[1].size)
        each(branch, len(walk.later), n_threads)


class _Walk:
    """A walk by one thread, or by all of them node after node, through a part of the tree."""

    def __init__(
        self,
        tree: Tree,
        out: NDArray,
        n_threads: int,
        tick: Callable[[], object],
        workspace: Workspace,
    ) -> None:
        self.tree, self.out, self.n_threads, self.tick = tree, out, n_threads, tick
        self.workspace = workspace
        self.later: list[tuple[Path, NDArray]] = []

    def children(self, path: Path, alm: NDArray, L: int) -> None:
        """Everything below ``path``, whose modulus has the coefficients ``alm``."""
        tree = self.tree
        for j, scale in tree.scales.items():
            if path and j >= path[-1]:
                continue
            window = tree.filters[L, j]
            if self.n_threads > 1 and scale.grid.L <= _SMALL_GRID:
                self.later.append(((*path, j), window(alm)))
            else:
                self.node((*path, j), window(alm, self.workspace.wavelet(scale.L, len(alm))))

    def node(self, path: Path, wavelet: NDArray) -> None:
        """The modulus at the end of ``path``, its average, and everything below it."""
        tree, workspace, scale = self.tree, self.workspace, self.tree.scales[path[-1]]
        row = self.out[:, tree.rows[path]]
        last = len(path) == tree.depth or not scale.L_children
        L = tree.L_out if last else scale.L_children
        alm = row if last else workspace.modulus(len(path), L, len(wavelet))
        threads = threads_for(scale.grid.L, self.n_threads)
        rings = workspace.rings(scale.grid, len(wavelet))
        tree.nonlinearity.analyse(wavelet, scale.L, scale.grid, L, alm, threads, rings)
        if last:
            row *= tree.average
        else:
            tree.filters[L, None](alm, row)
        self.tick()
        if not last:
            self.children(path, alm, L)
