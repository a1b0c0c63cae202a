"""Derivatives of the scattering tree: along a change of the signal, and transposed."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from .._util.progress import no_tick
from .._util.threads import each
from ..sphere.coefficients import n_coefficients
from ..sphere.transforms import threads_for
from .paths import Path, scale_of
from .tree import SMALL_GRID, Keep, Node, Tree, components_of

# What is kept for the way back takes at most this many bytes.
_KEPT = 1 << 29


class BatchDerivative:
    """The derivative of the tree at any number of signals, as many at once as there are threads.

    Parameters
    ----------
    tree : Tree
    alm : array (n, n_coefficients(L))
        They must not change afterwards.
    out : array (n, n_paths, n_out)
        Filled with their scattering coefficients.
    n_threads : int
    """

    def __init__(self, tree: Tree, alm: NDArray, out: NDArray, n_threads: int) -> None:
        self._shape, self._n_threads = alm.shape, n_threads
        self._groups = tree.groups(len(alm), n_threads)
        share = _KEPT // max(1, len(self._groups))
        threads = n_threads if len(alm) == 1 else 1
        self._parts: list[Derivative | None] = [None] * len(self._groups)

        def one(i: int) -> None:
            some = self._groups[i]
            self._parts[i] = Derivative(tree, alm[some], out[some], threads, share)

        each(one, len(self._groups), n_threads)

    def pull(self, cotangent: NDArray) -> NDArray:
        """Transposed: from ``(n, n_paths, n_out)`` to the shape of the signals."""
        return self._by_groups(Derivative.pull, cotangent, np.empty(self._shape, cotangent.dtype))

    def push(self, tangent: NDArray, out: NDArray) -> NDArray:
        """The change of the coefficients along a change of the signals, to ``out``."""
        return self._by_groups(Derivative.push, tangent, out)

    def _by_groups(
        self, apply: Callable[[Derivative, NDArray], NDArray], source: NDArray, out: NDArray
    ) -> NDArray:
        def one(i: int) -> None:
            part, some = self._parts[i], self._groups[i]
            assert part is not None
            out[some] = apply(part, source[some])

        each(one, len(self._groups), self._n_threads)
        return out


class Derivative:
    """The derivative of the tree at ``n`` signals.

    Parameters
    ----------
    tree : Tree
    alm : array (n, n_coefficients(L))
        At most ``tree.at_once`` signals. They must not change afterwards.
    out : array (n, n_paths, n_out)
        Filled with their scattering coefficients.
    n_threads : int
    room : int
        Bytes that may be kept for the way back; what takes more is computed again.
    """

    def __init__(self, tree: Tree, alm: NDArray, out: NDArray, n_threads: int, room: int) -> None:
        self._tree, self._alm, self._n_threads = tree, alm, n_threads
        n = len(alm)
        inner = [node for node in tree.nodes.values() if node.has_children]
        n_results = n * sum(node.width * n_coefficients(node.L_analysed) for node in inner)
        results = n_results * alm.itemsize
        self._keep = Keep({} if results <= room else None, {})
        room -= results
        for path, node in tree.nodes.items():
            size = node.nonlinearity.n_bytes_kept(node.L, node.grid, n, alm.real.dtype, node.spin)
            if size <= room:
                self._keep.samples[path] = {}
                room -= size
        tree.scatter(alm, out, n_threads, no_tick, self._keep)

    def pull(self, cotangent: NDArray) -> NDArray:
        """Transposed: from ``(n, n_paths, n_out)`` to the shape of the signals."""
        tree = self._tree
        total = np.zeros_like(self._alm)
        tree.filters[tree.L, None].add_back(cotangent[:, 0], total)
        self._pull_below((), self._alm[:, None], tree.L, cotangent, total[:, None], self._n_threads)
        return total

    def push(self, tangent: NDArray) -> NDArray:
        """The change ``(n, n_paths, n_out)`` of the coefficients along a change of the signals."""
        tree = self._tree
        shape = len(tangent), len(tree.rows), n_coefficients(tree.L_out)
        out = np.empty(shape, tangent.dtype)
        tree.filters[tree.L, None](tangent, out[:, 0])
        self._push_below((), self._alm[:, None], tangent[:, None], tree.L, out, self._n_threads)
        return out

    def _below(self, path: Path, one: Callable[[Path, int], None], n_threads: int) -> None:
        """Call ``one(child, n_threads)``: small nodes side by side, large ones with all threads."""
        children = self._tree.children[path]
        small = [c for c in children if n_threads > 1 and self._tree.nodes[c].grid.L <= SMALL_GRID]
        for child in children:
            if child not in small:
                one(child, n_threads)
        each(lambda i: one(small[i], 1), len(small), n_threads)

    def _pull_below(
        self, path: Path, alm: NDArray, L: int, cotangent: NDArray, total: NDArray, n_threads: int
    ) -> None:
        """Add the cotangents of all nodes below ``path`` to ``total``, shaped as ``alm``."""
        tree, lock = self._tree, Lock()

        def one(child: Path, n_threads: int) -> None:
            node = tree.nodes[child]
            wavelet = tree.wavelet(child, alm, L)
            own = cotangent[:, tree.rows[child]]
            if node.has_children:
                result = self._result(child, node, wavelet, n_threads)
                back = np.zeros_like(result)
                tree.filters[node.L_analysed, None].add_back(own, back[:, 0])
                self._pull_below(child, result, node.L_analysed, cotangent, back, n_threads)
            else:
                back = (own * tree.average)[:, None]
            threads = threads_for(node.grid.L, n_threads)
            found = node.nonlinearity.pull_back(
                wavelet, node.L, node.grid, node.L_analysed, back, threads, node.spin,
                self._keep.samples.get(child),
            )  # fmt: skip
            with lock:
                window = tree.filters[L, scale_of(child[-1])]
                window.add_back(found, total[:, components_of(child)])

        self._below(path, one, n_threads)

    def _push_below(
        self, path: Path, alm: NDArray, tangent: NDArray, L: int, out: NDArray, n_threads: int
    ) -> None:
        """The changes of all coefficients below ``path``, where ``alm`` changes by ``tangent``."""
        tree = self._tree

        def one(child: Path, n_threads: int) -> None:
            node = tree.nodes[child]
            wavelet, change = tree.wavelet(child, alm, L), tree.wavelet(child, tangent, L)
            row = out[:, tree.rows[child]]
            shape = len(alm), node.width, n_coefficients(node.L_analysed)
            result = np.empty(shape, out.dtype) if node.has_children else row[:, None]
            node.nonlinearity.push_forward(
                wavelet, node.L, node.grid, node.L_analysed, change, result,
                threads_for(node.grid.L, n_threads), node.spin,
            )  # fmt: skip
            if node.has_children:
                tree.filters[node.L_analysed, None](result[:, 0], row)
                at = self._result(child, node, wavelet, n_threads)
                self._push_below(child, at, result, node.L_analysed, out, n_threads)
            else:
                row *= tree.average

        self._below(path, one, n_threads)

    def _result(self, path: Path, node: Node, wavelet: NDArray, n_threads: int) -> NDArray:
        """What a node returned: kept, or computed again."""
        if self._keep.results is not None:
            return self._keep.results[path]
        shape = len(wavelet), node.width, n_coefficients(node.L_analysed)
        out = np.empty(shape, wavelet.dtype)
        node.analyse(wavelet, out, threads_for(node.grid.L, n_threads))
        return out
