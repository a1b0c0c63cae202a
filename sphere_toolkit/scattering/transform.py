"""The scattering network on the sphere: wavelets, modulus, average, along a tree of paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ducc0
import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .._util import checks
from .._util.progress import bar, no_tick
from .._util.threads import each
from ..sphere.coefficients import as_alm, n_coefficients, one_signal
from ..sphere.grids.grid import Grid
from ..sphere.masks.mask import Mask, as_mask
from ..sphere.schemes import synthesise
from ..sphere.transforms import ApproximationWarning
from ..wavelets.zonal import WaveletBank
from .coefficients import ScatteringCoefficients
from .gradient import BatchDerivative
from .masked import weights_of
from .nonlinearities import (
    MAX_DIRECTIONS,
    Nonlinearity,
    Transforms,
    first_of,
    nonlinearity_of,
)
from .paths import Path, as_path
from .plan import planned
from .tree import Tree

_DTYPES = {"float64": np.complex128, "float32": np.complex64}


class ScatteringTransform:
    r"""The scattering network: a designed, rotation-equivariant, stable set of features.

    .. math::

        S[p] f = |\,\cdots ||f \star \Psi_{j_1}| \star \Psi_{j_2}| \cdots \star \Psi_{j_d}|
                 \star \Phi, \qquad p = (j_1, j_2, \ldots, j_d)

    for every path of strictly decreasing scales up to a depth: the modulus moves most of the
    energy to lower degrees, where coarser wavelets find it. What it moves up, about a sixth,
    is left out; chapter 05 of the course measures both.

    For new work we recommend ``nonlinearity="rms"`` or ``"envelope"``, with ``oversampling=1.5``.
    Both are smooth where the modulus has kinks. In 5 to 34 % more time than the default (measured
    for L = 128 to 1024) the first has at L = 256 an equivariance error of 5e-7, where the default
    has 2e-2, and leaves out 0.1 % of the energy of white noise, where the modulus leaves out
    31 %. The envelope keeps finer detail, is the nearest to complex wavelets, and goes with
    ``directions``. The default is the published network.

    Parameters
    ----------
    L : int
        Band-limit of the signals. A power of ``lam`` is cheapest: just above it there is one more
        scale, almost empty, and with ``lam=2`` the time about doubles (counted in chapter 11).
    J_min : int, default 5
        Coarsest scale: the coefficients are averaged to the degrees
        :math:`\ell < \lambda^{J_{min}}` (32 by default).
    depth : int, default 2
        Longest path. Beyond 2 there is rarely energy left.
    lam : float, default 2.0
        Dilation between scales.
    oversampling : float, default 2.0
        The nonlinearity is taken on a Gauss-Legendre grid of this many times the band-limit of the
        wavelet coefficients (of the mean square, for `LocalRMS`), at least 1.
    nonlinearity : {"modulus", "envelope", "rms", "square", "relu"}, `Envelope` or `LocalRMS`
        :math:`|x|`, as published; the Riesz envelope of order 1, or of the order of an `Envelope`;
        the root mean square around each point, see `LocalRMS`; :math:`x^2` or
        :math:`\max(x, 0)`. The square keeps neither the unit nor the energy of the signal.
    directions : int, default 1
        With N > 1 the first layer has complex directional wavelets of azimuthal band-limit N. What
        acts on them, the modulus or an envelope, is a function of the direction, too; from its even
        Fourier components :math:`n < N` over the directions come, beside the paths of the zonal
        network, paths ``(j1, (j2, n))``: how the orientation at scale j1 varies over scale j2.
        Deeper layers are zonal. Everything is equivariant under all rotations. Choose N even, such
        as 4: N - 1 has the same paths and a blunter wavelet.
    dtype : {"float64", "float32"} or numpy dtype
        Precision of samples and coefficients. Single precision halves the memory and stays
        within 1e-6 of double (relative L2, tested at L = 128); it saves only about a fifth of the
        time, since ducc0 computes Legendre functions in double precision either way.
    n_threads : int, optional
        Threads to use; every core this process may use by default.

    Attributes
    ----------
    bank : WaveletBank
    paths : tuple of tuples
        Of scales, or of scales and spins as in ``(7, (5, 2))``; in the order of the coefficients,
        by length, then by scale.
    L_out : int
        Band-limit of the scattering coefficients.

    Raises
    ------
    TypeError, ValueError
        A parameter is of the wrong kind or out of range; the message names it.

    Notes
    -----
    Convolutions and averages are exact. The modulus is not: :math:`|x|` has no band-limit and
    aliases on any grid, which is the only source of equivariance error. Measured for white
    noise at L = 256, J_min = 5, relative error of the coefficients of each depth, mean over
    ten rotations (``python benchmarks/equivariance.py``):

    ============  =======  =======  =======
    oversampling  depth 0  depth 1  depth 2
    ============  =======  =======  =======
    1             1.5e-15  2.7e-02  1.4e-01
    2             1.5e-15  4.5e-03  1.9e-02
    4             1.5e-15  7.9e-04  3.2e-03
    ============  =======  =======  =======

    Envelopes of order 1, 2 and 3 have 1.2e-3, 1.2e-4 and 3.1e-5 at depth 2 with an oversampling of
    2; the order 4 at 3 has 5e-7, in thirteen times the time of the default. With directions = 4 and
    the envelope of order 2 every kind of path stays below 6e-4 with an oversampling of 1.5.
    `LocalRMS` has 4e-5 at 1, 5e-7 at 1.5 and 1e-8 at 2, in the time of the default or half as much
    again.

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
    ScatteringCoefficients(11 paths of depth 0..2, L=8, batch shape ())
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
        nonlinearity: str | Nonlinearity = "modulus",
        directions: int = 1,
        dtype: DTypeLike = "float64",
        n_threads: int | None = None,
    ) -> None:
        self.bank = WaveletBank(L, J_min, lam)
        self.L, self.J_min, self.lam = self.bank.L, self.bank.J_min, self.bank.lam
        self.depth = checks.integer("depth", depth, 0)
        self.oversampling = checks.real("oversampling", oversampling, minimum=1.0)
        self.dtype: str = checks.floating("dtype", dtype, _DTYPES)
        self._nonlinearity = nonlinearity_of(nonlinearity)
        self.nonlinearity = self._nonlinearity.name
        self.directions = checks.integer("directions", directions, 1, maximum=MAX_DIRECTIONS)
        self._first = first_of(self._nonlinearity, self.directions)
        self.n_threads = checks.threads(n_threads)
        self.L_out = self.bank.scaling_band_limit
        self._masked: tuple[Mask, NDArray[np.float64]] | None = None
        self._complex = _DTYPES[self.dtype]
        self._real = self._complex(0).real.dtype
        self._tree = planned(
            self.bank, self._first, self._nonlinearity, self.depth, self._n_rings, self._complex
        )
        self.paths = tuple(self._tree.rows)

    @property
    def tree(self) -> Tree:
        """Which transforms and filters the paths need, for engines that compute them otherwise."""
        return self._tree

    def grid(self, path: Path) -> Grid:
        """The Gauss-Legendre grid on which the nonlinearity at the end of a path is taken.

        A few more rings than asked for where that makes the FFT along them fast.
        """
        return self._tree.nodes[as_path(path, self.paths[1:])].grid

    def _n_rings(self, rho: Nonlinearity, L: int, L_analysed: int) -> int:
        """Rings of the grid of a path; explorers choose others."""
        return ducc0.fft.good_size(rho.rings(L, L_analysed, self.oversampling))

    def __repr__(self) -> str:
        parameters = ", ".join(f"{name}={value!r}" for name, value in self.parameters().items())
        return f"ScatteringTransform({parameters}): {len(self.paths)} paths at L_out={self.L_out}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScatteringTransform):
            return NotImplemented
        return self.parameters() == other.parameters()

    def __hash__(self) -> int:
        return hash(tuple(self.parameters().values()))

    def __reduce__(self) -> tuple[Any, ...]:
        # Tables are rebuilt faster than they travel to another process.
        parameters = self.parameters() | {"nonlinearity": self._nonlinearity}
        return _rebuild, (parameters, self.n_threads)

    def with_threads(self, n_threads: int) -> ScatteringTransform:
        """The same transform with another number of threads."""
        return _rebuild(self.parameters() | {"nonlinearity": self._nonlinearity}, n_threads)

    def parameters(self) -> dict[str, Any]:
        """What defines the transform, ready for JSON; ``n_threads`` changes nothing in it."""
        names = ["L", "J_min", "depth", "lam", "oversampling", "nonlinearity", "dtype"]
        if self.directions > 1:
            names.append("directions")
        return {name: getattr(self, name) for name in names}

    def __call__(
        self, alm: ArrayLike, progress: bool = False, *, mask: Mask | None = None
    ) -> ScatteringCoefficients:
        r"""Scattering coefficients of a signal or of a batch of them.

        Parameters
        ----------
        alm : array (..., L(L+1)/2), complex
        progress : bool, default False
            Show a bar: over the paths of a single signal, over the signals of a batch.
        mask : Mask, optional
            What is known of the signals, on any grid. Their holes are filled before, by
            ``st.forward(f, grid, mask=mask)``; means and second moments are taken over the rest.

        Returns
        -------
        ScatteringCoefficients
            ``.alm`` has shape ``(..., n_paths, n_coefficients(L_out))``, unit of ``alm``. With a
            mask ``.weights`` says what each place counts for each path, and ``.area`` how much of
            the sphere that is.

        Raises
        ------
        TypeError, ValueError
            ``alm`` is no valid set of coefficients of band-limit ``L``, or ``mask`` is no mask.

        Warns
        -----
        ApproximationWarning
            At some path no place is known well enough; its means will be NaN.

        Notes
        -----
        The images are those of the filled signal, to the last bit those without ``mask``. A place
        counts in the means of a path by the share of its energy that comes from known samples:

        .. math:: v_{()} = M, \qquad v_{(p, j)} = \psi_j^2 \star v_p, \qquad
                  w_p = \max(0,\, 2\, (\phi^2 \star v_p) - 1)

        with the squares of wavelets and of the scaling function as kernels of integral 1. The
        weight is 1 where everything is known and 0 where less than half is. Directional wavelets
        count as zonal ones of their scale; the reach of the nonlinearity itself is left out.

        A threshold near 1 in the place of the weight would leave nothing of a mask with holes for
        point sources. With the weight, it is the fill that makes the means unbiased, and the weight
        keeps out what is mostly fill. Behind WMAP's mask, which hides 38 % of the sky, no mean
        and no second moment of Gaussian skies is off by more than 0.05 of its own standard
        deviation, and of two kinds of other skies by more than 0.1. The means scatter by a sixth to
        a fourth more than those of whole skies (L = 64, J_min = 3, 500 skies of each kind; every
        path is in ``benchmarks/results/masks.json``). These skies have no power beyond the
        band-limit; `masks.fill` says how far off the finest scales of others are, and the way out.

        That needs some oversampling. At 1 the modulus aliases more near the equator than near the
        poles, so that a mask along the equator lowers the finest path of depth 2 by two standard
        deviations; the default of 2 does not show it, nor does "rms".

        Examples
        --------
        >>> import numpy as np, sphere_toolkit as st
        >>> grid = st.Grid.healpix(16)
        >>> mask = st.masks.Mask(np.abs(np.cos(grid.theta)) > 0.3, grid)
        >>> sky = st.inverse(st.cmb.gaussian(32, seed=1), grid)
        >>> scatter = st.ScatteringTransform(32, J_min=3)
        >>> S = scatter(st.forward(np.where(mask.keeps, sky, np.nan), grid, mask=mask), mask=mask)
        >>> S.area.round(2)[:4], S.means().shape
        (array([0.53, 0.48, 0.52, 0.48]), (7,))
        """
        alm = as_alm(alm, self.L, self._complex)
        weights = None if mask is None else self._weights(as_mask(mask))
        signals = alm.reshape(-1, alm.shape[-1])
        n_out = n_coefficients(self.L_out)
        out: NDArray = np.empty((len(signals), len(self.paths), n_out), self._complex)
        if len(signals) == 1:
            with bar(progress, len(self.paths), "scattering") as tick:
                self._tree.scatter(signals, out, self.n_threads, tick)
        else:
            groups = self._tree.groups(len(signals), self.n_threads)
            with bar(progress, len(signals), "scattering") as tick:

                def one(i: int) -> None:
                    self._tree.scatter(signals[groups[i]], out[groups[i]], 1, no_tick)
                    for _ in signals[groups[i]]:
                        tick()

                each(one, len(groups), self.n_threads)
        return ScatteringCoefficients(
            out.reshape(*alm.shape[:-1], *out.shape[1:]), self.paths, self.parameters(), weights
        )

    def vjp(self, alm: ArrayLike) -> tuple[ScatteringCoefficients, Callable[[ArrayLike], NDArray]]:
        r"""Scattering coefficients, and the function that takes gradients from them to the signal.

        Let a number c depend on the coefficients, with the gradient :math:`g_p` with respect to
        :math:`S[p]`. Then ``vjp(g)`` is its gradient with respect to the signal f, by the chain
        rule: :math:`\sum_p J_p^T g_p`, with :math:`J_p` the derivative of :math:`S[p]` at f and
        :math:`J_p^T` its adjoint. (A vector-Jacobian product, hence the name.) Gradients belong to
        `st.inner`: a small change h of f changes c by ``st.inner(vjp(g), h)``, and a small change
        d of the coefficients by ``st.inner(g, d).sum()``.

        Parameters
        ----------
        alm : array (..., L(L+1)/2), complex

        Returns
        -------
        S : ScatteringCoefficients
            As from calling the transform.
        vjp : function
            From an array ``(..., n_paths, n_coefficients(L_out))``, or ScatteringCoefficients, to
            an array of the shape of ``alm``. It may be called many times. The energy of all
            coefficients has the g that is ``2 * S.alm``. The mean of one path, ``S.means()[i]``,
            has a g that is zero but for ``g[i, 0] = 1 / sqrt(4 pi)``.

        Raises
        ------
        TypeError, ValueError
            As from calling the transform; ``vjp`` refuses what is no valid set of coefficients of
            band-limit ``L_out`` or has another shape.

        Notes
        -----
        Exact for the transform as it is computed: it transposes the sums over samples, not the
        integrals that they approximate. Where the modulus is zero it has a kink, and the derivative
        is taken as 0. The same holds for the other nonlinearities where they have no derivative.
        ``tests/scattering/test_gradient.py`` compares with differences: 1e-6 for smooth
        nonlinearities.

        What the way back needs of the samples is kept up to 512 MiB, and what is beyond is computed
        again.

        Examples
        --------
        The gradient of the energy of the coefficients. A signal that is t times as strong has t
        times the coefficients and :math:`t^2` times the energy. So the energy's derivative along
        the signal itself, at t = 1, is twice the energy:

        >>> import sphere_toolkit as st
        >>> relief = st.signals.earth_relief(32)
        >>> S, vjp = st.ScatteringTransform(32, J_min=2).vjp(relief)
        >>> gradient = vjp(2 * S.alm)
        >>> float(round(st.inner(gradient, relief) / S.energy().sum(), 12))
        2.0
        """
        alm = as_alm(alm, self.L, self._complex).copy()
        S, derivative = self._linearised(alm)
        shape = S.alm.shape

        def pull(cotangent: ArrayLike) -> NDArray:
            if isinstance(cotangent, ScatteringCoefficients):
                cotangent = cotangent.alm
            given = as_alm(cotangent, self.L_out, self._complex)
            if given.shape != shape:
                raise ValueError(f"the gradient must have shape {shape}, got {given.shape}")
            return derivative.pull(given.reshape(-1, *shape[-2:])).reshape(alm.shape)

        return S, pull

    def jvp(
        self, alm: ArrayLike, tangent: ArrayLike
    ) -> tuple[ScatteringCoefficients, ScatteringCoefficients]:
        r"""Scattering coefficients, and their derivative along a change of the signal.

        Where `vjp` goes from a number back to the signal, this goes forwards, along one change at
        a time: a Jacobian-vector product.

        Parameters
        ----------
        alm, tangent : array (..., L(L+1)/2), complex
            The signal f and a change h, of one shape.

        Returns
        -------
        S, dS : ScatteringCoefficients
            :math:`S(f)`, and the derivative of :math:`S(f + t h)` with respect to t at t = 0.

        Raises
        ------
        TypeError, ValueError
            As from calling the transform, or the shapes differ.

        Examples
        --------
        >>> import numpy as np, sphere_toolkit as st
        >>> scatter = st.ScatteringTransform(32, J_min=2)
        >>> relief = st.signals.earth_relief(32)
        >>> S, dS = scatter.jvp(relief, relief)  # S((1 + t) f) = (1 + t) S(f)
        >>> np.allclose(dS.alm, S.alm)
        True
        """
        alm = as_alm(alm, self.L, self._complex)
        tangent = as_alm(tangent, self.L, self._complex)
        if tangent.shape != alm.shape:
            raise ValueError(f"tangent must have the shape {alm.shape} of alm, got {tangent.shape}")
        S, derivative = self._linearised(alm)
        out = np.empty((tangent.size // tangent.shape[-1], *S.alm.shape[-2:]), S.alm.dtype)
        derivative.push(tangent.reshape(-1, tangent.shape[-1]), out)
        change = ScatteringCoefficients(out.reshape(S.alm.shape), self.paths, self.parameters())
        return S, change

    def _linearised(self, alm: NDArray) -> tuple[ScatteringCoefficients, BatchDerivative]:
        signals = alm.reshape(-1, alm.shape[-1])
        shape = len(self.paths), n_coefficients(self.L_out)
        out: NDArray = np.empty((len(signals), *shape), self._complex)
        derivative = BatchDerivative(self._tree, signals, out, self.n_threads)
        S = out.reshape(*alm.shape[:-1], *shape)
        return ScatteringCoefficients(S, self.paths, self.parameters()), derivative

    def _weights(self, mask: Mask) -> NDArray[np.float64]:
        """`weights_of` a mask, kept for the next signals; warns of paths without any weight."""
        kept = self._masked
        if kept is None or kept[0] is not mask:
            kept = self._masked = mask, weights_of(mask, self.bank, self.paths)
        weights = kept[1]
        empty = [path for path, one in zip(self.paths, weights, strict=True) if not one.any()]
        if empty:
            checks.warn(
                f"behind {mask!r} nothing is known of the paths {empty}: less than half of their "
                "energy is, everywhere. Their means are NaN; a larger J_min has finer scales only",
                ApproximationWarning,
            )
        return weights

    def steps(self) -> list[Transforms]:
        """The harmonic transforms that one signal costs, path by path.

        Everything else is products and what the nonlinearity does to samples;
        ``benchmarks/transforms.py`` compares the transform with the sum of these steps.

        Examples
        --------
        >>> import sphere_toolkit as st
        >>> steps = st.ScatteringTransform(256, J_min=5, oversampling=1).steps()
        >>> len(steps), steps[-1].grid
        (10, Grid(gauss-legendre, L=256, 256 x 512 samples, exact))
        >>> steps[-1].L, steps[-1].spins, steps[-1].L_analysed
        (256, (0,), 32)
        """
        return [
            step
            for node in self._tree.nodes.values()
            for step in node.nonlinearity.transforms(
                node.L, node.grid, node.L_analysed, node.spin, node.spins
            )
        ]

    def propagate(self, alm: ArrayLike, path: Path) -> tuple[NDArray, Grid]:
        r"""The signal :math:`U[p] f` at the end of a path, before it is averaged.

        Parameters
        ----------
        alm : array (L(L+1)/2,), complex
            One signal.
        path : sequence
            One of ``paths``.

        Returns
        -------
        samples : array (*grid.shape)
        grid : Grid
            The oversampled Gauss-Legendre grid on which the nonlinearity was taken; for the empty
            path the signal itself on a grid of band-limit ``L``.

        Raises
        ------
        ValueError
            The path is unknown, or ``alm`` is no single signal of band-limit ``L``.
        """
        path = as_path(path, self.paths)
        alm = one_signal(alm, self.L, self._complex)
        if not path:
            grid = Grid.gauss_legendre(self.L)
            samples = np.empty(grid.shape, self._real)
            return synthesise(alm, self.L, grid, samples, self.n_threads), grid
        return self._tree.samples(path, alm, self.n_threads)


def _rebuild(parameters: dict[str, Any], n_threads: int) -> ScatteringTransform:
    return ScatteringTransform(**parameters, n_threads=n_threads)
