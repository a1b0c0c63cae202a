"""Schedules the scattering tree: order of the nodes, buffers and threads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._util.threads import each
from ..sphere.coefficients import DegreeFilter, n_coefficients
from ..sphere.grids.grid import Grid
from ..sphere.transforms import threads_for
from .nonlinearities import Kept, Nonlinearity
from .paths import Path, scale_of, spin_of

# Nodes on grids of at most this many rings run side by side, one thread each. A larger node takes
# all threads: ducc0 splits it well, and only one set of large buffers is needed.
SMALL_GRID = 256
# A tree whose largest node holds fewer samples takes less time than starting a second thread.
_TINY_NODE = 2 * 256**2
# Signals per task of a batch: as many as keep their Fourier series within 4 MiB.
_SERIES_AT_ONCE = 1 << 18


class Node(NamedTuple):
    """The transforms behind one path."""

    L: int  # band-limit of the wavelet coefficients
    spin: int  # of the wavelet coefficients
    nonlinearity: Nonlinearity
    grid: Grid  # where the nonlinearity is taken
    L_analysed: int  # band-limit of what it returns
    spins: tuple[int, ...]  # of what it returns
    has_children: bool

    @property
    def width(self) -> int:
        """Real signals that it returns."""
        return sum(2 if spin else 1 for spin in self.spins)

    def memory(self, n: int) -> int:
        """Complex numbers that ``n`` signals need to be worked in."""
        return self.nonlinearity.memory(self.L, self.grid, n, self.spin)

    @property
    def n_samples(self) -> int:
        """Samples of all real signals that are held for one signal of a batch."""
        return self.nonlinearity.n_series(self.L, self.spin) * self.grid.n_samples

    def analyse(
        self,
        wavelet: NDArray,
        out: NDArray,
        n_threads: int,
        memory: NDArray | None = None,
        kept: Kept | None = None,
    ) -> None:
        """What the node returns for ``n`` signals, ``(n, width, ...)``, to ``out``."""
        if memory is None:
            memory = np.empty(self.memory(len(wavelet)), out.dtype)
        self.nonlinearity.analyse(
            wavelet, self.L, self.grid, self.L_analysed, out, n_threads, memory, self.spin, kept
        )


class Keep(NamedTuple):
    """What a walk through the tree keeps for the way back.

    Attributes
    ----------
    results : dict or None
        Filled with what the nodes with children return, unless it is None.
    samples : dict
        By the path of each node that shall keep something of its samples, where.
    """

    results: dict[Path, NDArray] | None
    samples: dict[Path, Kept]


class Workspace:
    """Buffers of one thread for up to ``most`` signals, reused by all nodes and calls.

    Allocating them anew would cost up to a tenth of the transforms that fill them.
    """

    def __init__(self, nodes: Mapping[Path, Node], most: int, dtype: type) -> None:
        memory = max(node.memory(most) for node in nodes.values())
        self.memory: NDArray = np.empty(memory, dtype)
        wavelet = max((2 if node.spin else 1) * n_coefficients(node.L) for node in nodes.values())
        self._wavelet: NDArray = np.empty(most * wavelet, dtype)
        sizes: dict[int, int] = defaultdict(int)
        for path, node in nodes.items():
            if node.has_children:
                size = node.width * n_coefficients(node.L_analysed)
                sizes[len(path)] = max(sizes[len(path)], size)
        self._result: dict[int, NDArray] = {
            depth: np.empty(most * size, dtype) for depth, size in sizes.items()
        }

    def wavelet(self, node: Node, n: int) -> NDArray:
        """Wavelet coefficients of ``n`` signals; free again once they are synthesised."""
        return _shaped(self._wavelet, n, 2 if node.spin else 1, node.L)

    def result(self, depth: int, node: Node, n: int) -> NDArray:
        """Coefficients after the nonlinearity at a depth; free once all nodes below are done."""
        return _shaped(self._result[depth], n, node.width, node.L_analysed)


def _shaped(memory: NDArray, n: int, width: int, L: int) -> NDArray:
    return memory[: n * width * (L * (L + 1) // 2)].reshape(n, width, -1)


class _Spare(list[Workspace]):
    """Workspaces that are not in use, large enough for the given nodes."""

    def __init__(self, nodes: Mapping[Path, Node], most: int, dtype: type) -> None:
        super().__init__()
        self._needs = nodes, most, dtype

    def take(self) -> Workspace:
        """A spare workspace, or a new one."""
        try:
            return self.pop()
        except IndexError:
            return Workspace(*self._needs)


@dataclass
class Tree:
    """The tree of a scattering transform: its filters, sizes and spare workspaces."""

    L: int
    nodes: Mapping[Path, Node]  # of all paths but the empty one
    rows: Mapping[Path, int]
    filters: Mapping[tuple[int, int | None], DegreeFilter]  # by band-limit and scale
    average: NDArray
    L_out: int
    dtype: type

    def __post_init__(self) -> None:
        self.children: dict[Path, list[Path]] = defaultdict(list)
        for path in sorted(self.nodes, key=lambda path: scale_of(path[-1]), reverse=True):
            self.children[path[:-1]].append(path)
        self._most_samples = max((node.n_samples for node in self.nodes.values()), default=1)
        # Branches that run side by side stay on small grids, so they get small workspaces of their
        # own; the large ones are kept for walks over the whole tree.
        small = {path: node for path, node in self.nodes.items() if node.grid.L <= SMALL_GRID}
        self._whole = _Spare(self.nodes, self.at_once, self.dtype)
        self._branches = _Spare(small, self.at_once, self.dtype)

    @property
    def at_once(self) -> int:
        """Signals that one thread takes together: more than one if they are small.

        Short calls into ducc0 make threads wait for each other between them.
        """
        return max(1, 2 * _SERIES_AT_ONCE // self._most_samples)

    def groups(self, n: int, n_threads: int) -> list[slice]:
        """``n`` signals in groups for all threads, of no more than one thread takes together."""
        size = max(1, min(self.at_once, -(-n // n_threads)))
        return [slice(start, start + size) for start in range(0, n, size)]

    def scatter(
        self,
        alm: NDArray,
        out: NDArray,
        n_threads: int,
        tick: Callable[[], object],
        keep: Keep | None = None,
    ) -> None:
        """Fill ``out``, shape ``(n, n_paths, n_out)``, from ``n`` signals, at most `at_once`.

        ``keep`` receives what the way back would have to compute again.
        """
        self.filters[self.L, None](alm, out[:, 0])
        tick()
        if not self.nodes:
            return
        if self._most_samples < _TINY_NODE:
            n_threads = 1
        walk = _Walk(self, out, n_threads, tick, self._whole.take(), keep)
        walk.below((), alm[:, None], self.L)
        self._whole.append(walk.workspace)

        def branch(i: int) -> None:
            path, wavelet = walk.later[i]
            one = _Walk(self, out, 1, tick, self._branches.take(), keep)
            one.node(path, wavelet)
            self._branches.append(one.workspace)

        walk.later.sort(key=lambda item: -item[1].size)
        each(branch, len(walk.later), n_threads)

    def samples(self, path: Path, alm: NDArray, n_threads: int) -> tuple[NDArray, Grid]:
        """The propagated signal of one signal ``alm`` at the end of a path, and its grid."""
        current, L = alm[None, None], self.L
        for depth in range(1, len(path)):
            node = self.nodes[path[:depth]]
            wavelet = self.wavelet(path[:depth], current, L)
            L = node.L_analysed
            current = np.empty((1, node.width, n_coefficients(L)), self.dtype)
            node.analyse(wavelet, current, n_threads)
        node, wavelet = self.nodes[path], self.wavelet(path, current, L)[0]
        return node.nonlinearity.samples(
            wavelet, node.L, node.grid, n_threads, node.spin
        ), node.grid

    def wavelet(self, path: Path, alm: NDArray, L: int, out: NDArray | None = None) -> NDArray:
        """Wavelet coefficients of the signals, shape ``(n, width, ...)``, above a path's last step.

        What a node returns has one component for the scalar, then two for each spin 2, 4, ...
        """
        return self.filters[L, scale_of(path[-1])](alm[:, components_of(path)], out)


def components_of(path: Path) -> slice:
    """Which real signals of what the node above returned a path's last step takes."""
    spin = spin_of(path[-1])
    return slice(spin - 1, spin + 1) if spin else slice(0, 1)


class _Walk:
    """A depth-first walk through a part of the tree, by one thread or by all on each node."""

    def __init__(
        self,
        tree: Tree,
        out: NDArray,
        n_threads: int,
        tick: Callable[[], object],
        workspace: Workspace,
        keep: Keep | None,
    ) -> None:
        self.tree, self.out, self.n_threads, self.tick = tree, out, n_threads, tick
        self.workspace, self.keep = workspace, keep
        self.later: list[tuple[Path, NDArray]] = []

    def below(self, path: Path, alm: NDArray, L: int) -> None:
        """Compute all nodes below ``path``, whose propagated signals are ``alm``."""
        for child in self.tree.children[path]:
            node = self.tree.nodes[child]
            if self.n_threads > 1 and node.grid.L <= SMALL_GRID:
                self.later.append((child, self.tree.wavelet(child, alm, L)))
            else:
                room = self.workspace.wavelet(node, len(alm))
                self.node(child, self.tree.wavelet(child, alm, L, room))

    def node(self, path: Path, wavelet: NDArray) -> None:
        """Compute the node of ``path``, its average, and all nodes below it."""
        tree, node, n = self.tree, self.tree.nodes[path], len(wavelet)
        row = self.out[:, tree.rows[path]]
        alm = self.workspace.result(len(path), node, n) if node.has_children else row[:, None]
        threads = threads_for(node.grid.L, self.n_threads)
        kept = None if self.keep is None else self.keep.samples.get(path)
        node.analyse(wavelet, alm, threads, self.workspace.memory, kept)
        if node.has_children:
            tree.filters[node.L_analysed, None](alm[:, 0], row)
            if self.keep is not None and self.keep.results is not None:
                self.keep.results[path] = alm.copy()
        else:
            row *= tree.average
        self.tick()
        if node.has_children:
            self.below(path, alm, node.L_analysed)
