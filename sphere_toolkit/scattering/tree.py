"""Schedules the scattering tree: order of the nodes, buffers and threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._util.threads import each
from ..sphere.coefficients import DegreeFilter, n_coefficients
from ..sphere.grid import Grid
from ..sphere.legendre import ring_series, ring_series_size
from ..sphere.transforms import threads_for
from .coefficients import Path
from .nonlinearity import Pointwise

# Nodes on grids of at most this many rings run side by side, one thread each. A larger node takes
# all threads: ducc0 splits it well, and only one set of large buffers is needed.
_SMALL_GRID = 256
# Below this many rings a tree takes less time than starting a second thread.
_TINY_GRID = 256
# Signals per task of a batch: as many as keep their Fourier series within 4 MiB.
_SERIES_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Scale:
    """Sizes that all nodes of one scale share."""

    L: int  # band-limit of the wavelet coefficients
    grid: Grid  # where the nonlinearity is taken
    L_children: int  # band-limit that the children need; 0 if there are none


class Workspace:
    """Buffers of one thread for up to ``most`` signals, reused by all nodes and calls.

    Allocating them anew would cost up to a tenth of the transforms that fill them.
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
        """Fourier series of the rings of ``n`` signals."""
        return ring_series(grid, n, self._rings)

    def wavelet(self, L: int, n: int) -> NDArray:
        """Wavelet coefficients of ``n`` signals; free again once they are synthesised."""
        return self._wavelet[: n * n_coefficients(L)].reshape(n, -1)

    def modulus(self, depth: int, L: int, n: int) -> NDArray:
        """Coefficients after the nonlinearity at a depth; free once all nodes below are done."""
        return self._modulus[depth - 1][: n * n_coefficients(L)].reshape(n, -1)


class _Spare(list[Workspace]):
    """Workspaces that are not in use, large enough for the given scales."""

    def __init__(self, scales: Mapping[int, Scale], depth: int, most: int, dtype: type) -> None:
        super().__init__()
        self._needs = scales, depth, most, dtype

    def take(self) -> Workspace:
        """A spare workspace, or a new one."""
        try:
            return self.pop()
        except IndexError:
            return Workspace(*self._needs)


@dataclass
class Tree:
    """The tree of a scattering transform: its filters, sizes and spare workspaces."""

    depth: int
    scales: Mapping[int, Scale]
    rows: Mapping[Path, int]
    filters: Mapping[tuple[int, int | None], DegreeFilter]  # by band-limit and scale
    average: NDArray
    nonlinearity: Pointwise
    L_out: int
    dtype: type

    def __post_init__(self) -> None:
        # Branches that run side by side stay on small grids, so they get small workspaces of their
        # own; the large ones are kept for walks over the whole tree.
        small = {j: scale for j, scale in self.scales.items() if scale.grid.L <= _SMALL_GRID}
        self._whole = _Spare(self.scales, self.depth, self.at_once, self.dtype)
        self._branches = _Spare(small, self.depth, self.at_once, self.dtype)

    @property
    def at_once(self) -> int:
        """Signals that one thread takes together: more than one if they are small.

        Short calls into ducc0 make threads wait for each other between them.
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
    """A depth-first walk through a part of the tree, by one thread or by all on each node."""

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
        """Compute all nodes below ``path``, whose propagated signal is ``alm``."""
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
        """Compute the node of ``path``, its average, and all nodes below it."""
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
