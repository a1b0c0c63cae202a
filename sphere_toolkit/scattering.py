"""The scattering network on the sphere: wavelets, modulus, average, along a tree of paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import ducc0
import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _checks, harmonics
from ._progress import bar, no_tick
from ._scattering_coefficients import Path, ScatteringCoefficients, as_path
from .coefficients import as_alm, n_coefficients, truncation_index
from .grid import Grid
from .wavelets import WaveletBank, per_coefficient

__all__ = ["ScatteringCoefficients", "ScatteringTransform"]

_DTYPES = {"float64": np.complex128, "float32": np.complex64}
# Nodes on grids up to this many rings are spread over the threads, one thread each; larger ones
# take all threads one after another, for ducc0 splits them well and memory stays that of one.
_SMALL_GRID = 256


@dataclass(frozen=True)
class _Scale:
    """What the tree needs to know of one scale, whatever path leads to it."""

    L: int  # band-limit of the wavelet coefficients
    grid: Grid  # where their modulus is sampled
    window: NDArray  # per coefficient
    L_children: int  # degrees that the wavelets below it look at; 0 if there are none


class _Workspace:
    """Arrays that one thread reuses from node to node and from call to call.

    Fresh pages cost as much as a tenth of the transforms that fill them.
    """

    def __init__(self, scales: Sequence[_Scale], depth: int, dtype: type) -> None:
        n = max(n_coefficients(s.L) for s in scales)
        self._samples = np.empty(max(s.grid.n_samples for s in scales), dtype(0).real.dtype)
        self.wavelet: NDArray = np.empty(n, dtype)
        L_children = max(s.L_children for s in scales)
        n_children = L_children * (L_children + 1) // 2
        self.modulus: list[NDArray] = [np.empty(n_children, dtype) for _ in range(depth - 1)]

    def samples(self, grid: Grid) -> NDArray:
        return self._samples[: grid.n_samples].reshape(grid.shape)


class ScatteringTransform:
    r"""The scattering network: a designed, rotation-equivariant, stable set of features.

    .. math::

        S[p] f = |\,\cdots ||f \star \Psi^{j_1}| \star \Psi^{j_2}| \cdots \star \Psi^{j_d}|
                 \star \Phi, \qquad p = (j_1, j_2, \ldots, j_d)

    for every path of strictly decreasing scales up to a depth: the modulus only moves energy
    to lower degrees, so that other paths hold next to nothing.

    Parameters
    ----------
    L : int
        Band-limit of the signals.
    J_min : int, default 5
        Coarsest scale: the coefficients are averaged to the degrees
        :math:`\ell < \lambda^{J_{min}}` (32 by default).
    depth : int, default 2
        Longest path. Beyond 2 there is rarely energy left.
    lam : float, default 2.0
        Dilation between scales.
    oversampling : float, default 2.0
        The modulus is taken on a Gauss-Legendre grid of this many times the band-limit of the
        wavelet coefficients, at least 1.
    dtype : {"float64", "float32"}
        Precision of samples and coefficients.
    n_threads : int, optional
        Threads to use; every core this process may use by default.

    Attributes
    ----------
    bank : WaveletBank
    paths : tuple of tuples of int
        In the order of the coefficients: by length, then by scale.
    L_out : int
        Band-limit of the scattering coefficients.

    Raises
    ------
    TypeError, ValueError
        A parameter is of the wrong kind or out of range; the message names it.

    Notes
    -----
    Convolutions and averages are exact. The modulus is not: :math:`|x|` has no band-limit and
    aliases on any grid, which is the only source of equivariance error.

    Sources: McEwen, Wallis & Mavor-Parker 2022 for the network; Mallat 2012 and Bruna & Mallat
    2013 for scattering. The implementation is multiresolution (each path at its own
    band-limit) and analyses the last modulus only up to ``L_out``.

    A transform keeps its tables and its work arrays between calls and may be used from several
    threads at once.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> scatter = st.ScatteringTransform(L=64, J_min=3)
    >>> S = scatter(st.signals.earth_relief(64))
    >>> S
    ScatteringCoefficients(11 paths of order 0..2, L=8, batch shape ())
    >>> S[(6, 4)].shape, S.paths[:4]
    ((36,), ((), (3,), (4,), (5,)))
    """

    def __init__(
        self,
        L: int,
        J_min: int = 5,
        depth: int = 2,
        lam: float = 2.0,
        oversampling: float = 2.0,
        *,
        dtype: str = "float64",
        n_threads: int | None = None,
    ) -> None:
        self.bank = WaveletBank(L, J_min, lam)
        self.L, self.J_min, self.lam = self.bank.L, self.bank.J_min, self.bank.lam
        self.depth = _checks.integer("depth", depth, 0)
        self.oversampling = _checks.real("oversampling", oversampling, least=1.0)
        self.dtype: str = _checks.choice("dtype", dtype, _DTYPES)
        self.n_threads = _checks.threads(n_threads)
        self.L_out = self.bank.scaling_band_limit
        self.paths = tuple(_paths(self.bank.scales, self.depth))
        self._row = {path: i for i, path in enumerate(self.paths)}
        self._complex = _DTYPES[self.dtype]
        self._real = self._complex(0).real.dtype
        self._scaling = self._window(self.bank.scaling, self.L_out)
        self._scales = {j: self._plan(j) for j in self.bank} if self.depth else {}
        self._index = self._truncations()
        self._free: list[_Workspace] = []

    def _plan(self, j: int) -> _Scale:
        L = self.bank.band_limit(j)
        # A few more rings than asked for where that makes the FFT along them fast.
        grid = Grid.gauss_legendre(ducc0.fft.good_size(ceil(self.oversampling * L)))
        has_children = self.depth > 1 and j > self.J_min
        L_children = self.bank.band_limit(j - 1) if has_children else 0
        return _Scale(L, grid, self._window(self.bank.window(j), L), L_children)

    def _window(self, window: NDArray, L: int) -> NDArray:
        return per_coefficient(window, L).astype(self._real)

    def _truncations(self) -> dict[tuple[int, int], NDArray[np.int64]]:
        """Where the coefficients of a lower band-limit lie within those of a higher one."""
        sources = {self.L} | {s.L_children for s in self._scales.values() if s.L_children}
        targets = {self.L_out} | {s.L for s in self._scales.values()}
        return {(a, b): truncation_index(a, b) for a in sources for b in targets if b < a}

    def __repr__(self) -> str:
        return (
            f"ScatteringTransform(L={self.L}, J_min={self.J_min}, depth={self.depth}, "
            f"lam={self.lam}, oversampling={self.oversampling}, dtype={self.dtype!r}): "
            f"{len(self.paths)} paths at L_out={self.L_out}"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # Tables are rebuilt faster than they travel to another process.
        return _rebuild, (self.parameters(), self.n_threads)

    def parameters(self) -> dict[str, Any]:
        """What defines the transform, ready for JSON; ``n_threads`` changes nothing in it."""
        names = ("L", "J_min", "depth", "lam", "oversampling", "dtype")
        return {name: getattr(self, name) for name in names}

    def __call__(self, alm: ArrayLike, progress: bool = False) -> ScatteringCoefficients:
        """Scattering coefficients of a signal or of a batch of them.

        Parameters
        ----------
        alm : array (..., L(L+1)/2), complex
        progress : bool, default False
            Show a bar: over the paths of a single signal, over the signals of a batch.

        Returns
        -------
        ScatteringCoefficients
            ``.alm`` has shape ``(..., n_paths, n_coefficients(L_out))``, unit of ``alm``.

        Raises
        ------
        TypeError, ValueError
            ``alm`` is no valid set of coefficients of band-limit ``L``.
        """
        alm = as_alm(alm, self.L, self._complex)
        signals = alm.reshape(-1, alm.shape[-1])
        n_out = n_coefficients(self.L_out)
        out: NDArray = np.empty((len(signals), len(self.paths), n_out), self._complex)
        single = len(signals) == 1
        with bar(progress, len(self.paths) if single else len(signals), "scattering") as tick:
            if single:
                self._scatter(signals[0], out[0], self.n_threads, tick)
            else:

                def one(i: int) -> None:
                    self._scatter(signals[i], out[i], 1, no_tick)
                    tick()

                harmonics.each(one, len(signals), self.n_threads)
        return ScatteringCoefficients(
            out.reshape(*alm.shape[:-1], *out.shape[1:]), self.paths, self.parameters()
        )

    def propagate(self, alm: ArrayLike, path: Sequence[int]) -> tuple[NDArray, Grid]:
        r"""The signal :math:`U[p] f` at the end of a path, before it is averaged.

        Parameters
        ----------
        alm : array (L(L+1)/2,), complex
            One signal.
        path : sequence of int
            One of ``paths``.

        Returns
        -------
        samples : array (*grid.shape)
        grid : Grid
            The oversampled Gauss-Legendre grid on which the modulus was taken; for the empty
            path the signal itself on a grid of band-limit ``L``.

        Raises
        ------
        ValueError
            The path is unknown, or ``alm`` is no single signal of band-limit ``L``.
        """
        path = as_path(path, self.paths)
        current = as_alm(alm, self.L, self._complex)
        if current.ndim != 1:
            raise ValueError(f"alm must be one signal of shape (n,), got shape {current.shape}")
        grid, L = Grid.gauss_legendre(self.L), self.L
        samples = np.empty(grid.shape, self._real)
        if not path:
            harmonics.synthesise(current, L, grid, samples, self.n_threads)
        for position, j in enumerate(path):
            scale = self._scales[j]
            grid = scale.grid
            samples = np.empty(grid.shape, self._real)
            wavelet = self._windowed(current, L, scale.window, scale.L)
            self._modulus(wavelet, scale, samples, self.n_threads)
            if position + 1 < len(path):
                L = scale.L_children
                current = np.empty(n_coefficients(L), self._complex)
                harmonics.analyse(samples, grid, L, current, self.n_threads)
        return samples, grid

    # --- the tree, one signal at a time -------------------------------------------------------

    def _scatter(
        self, alm: NDArray, out: NDArray, n_threads: int, tick: Callable[[], None]
    ) -> None:
        self._windowed(alm, self.L, self._scaling, self.L_out, out[0])
        tick()
        if not self.depth:
            return
        later: list[tuple[Path, NDArray]] = []
        workspace = self._take_workspace()
        self._children((), alm, self.L, out, workspace, n_threads, tick, later)
        self._free.append(workspace)

        def branch(i: int) -> None:
            path, wavelet = later[i]
            workspace = self._take_workspace()
            self._node(path, wavelet, out, workspace, 1, tick, [])
            self._free.append(workspace)

        later.sort(key=lambda item: -item[1].size)
        harmonics.each(branch, len(later), n_threads)

    def _children(
        self, path: Path, alm: NDArray, L: int, out: NDArray, workspace: _Workspace,
        n_threads: int, tick: Callable[[], None], later: list[tuple[Path, NDArray]],
    ) -> None:  # fmt: skip
        """Everything below ``path``, whose modulus has the coefficients ``alm``."""
        for j in reversed(self.bank.scales):
            if path and j >= path[-1]:
                continue
            scale = self._scales[j]
            if n_threads > 1 and scale.grid.L <= _SMALL_GRID:
                later.append(((*path, j), self._windowed(alm, L, scale.window, scale.L)))
                continue
            target = workspace.wavelet[: scale.window.size]
            wavelet = self._windowed(alm, L, scale.window, scale.L, target)
            self._node((*path, j), wavelet, out, workspace, n_threads, tick, later)

    def _node(
        self, path: Path, wavelet: NDArray, out: NDArray, workspace: _Workspace,
        n_threads: int, tick: Callable[[], None], later: list[tuple[Path, NDArray]],
    ) -> None:  # fmt: skip
        """The modulus at the end of ``path``, its average, and everything below it."""
        scale, row = self._scales[path[-1]], out[self._row[path]]
        samples = workspace.samples(scale.grid)
        self._modulus(wavelet, scale, samples, n_threads)
        if len(path) == self.depth or not scale.L_children:
            threads = harmonics.threads_for(scale.grid.L, n_threads)
            harmonics.analyse(samples, scale.grid, self.L_out, row, threads)
            row *= self._scaling
            tick()
            return
        L = scale.L_children
        alm = workspace.modulus[len(path) - 1][: n_coefficients(L)]
        threads = harmonics.threads_for(scale.grid.L, n_threads)
        harmonics.analyse(samples, scale.grid, L, alm, threads)
        self._windowed(alm, L, self._scaling, self.L_out, row)
        tick()
        self._children(path, alm, L, out, workspace, n_threads, tick, later)

    def _modulus(self, wavelet: NDArray, scale: _Scale, samples: NDArray, n_threads: int) -> None:
        threads = harmonics.threads_for(scale.grid.L, n_threads)
        harmonics.synthesise(wavelet, scale.L, scale.grid, samples, threads)
        np.abs(samples, out=samples)

    def _windowed(
        self, alm: NDArray, L: int, window: NDArray, L_out: int, out: NDArray | None = None
    ) -> NDArray:
        """The degrees below ``L_out`` of ``alm``, of band-limit ``L``, times a window."""
        if out is None:
            out = np.empty(window.size, self._complex)
        if L_out == L:
            return np.multiply(alm, window, out=out)
        np.take(alm, self._index[L, L_out], out=out, mode="clip")
        out *= window
        return out

    def _take_workspace(self) -> _Workspace:
        try:
            return self._free.pop()
        except IndexError:
            return _Workspace(list(self._scales.values()), self.depth, self._complex)


def _paths(scales: Sequence[int], depth: int) -> list[Path]:
    """All strictly decreasing tuples of scales up to a length: by length, then by scale."""
    level: list[Path] = [()]
    paths = list(level)
    for _ in range(depth):
        level = sorted((*p, j) for p in level for j in scales if not p or j < p[-1])
        paths += level
    return paths


def _rebuild(parameters: dict[str, Any], n_threads: int) -> ScatteringTransform:
    return ScatteringTransform(**parameters, n_threads=n_threads)
