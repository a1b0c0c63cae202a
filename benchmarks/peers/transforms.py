"""Forward and inverse harmonic transform of one real signal, by each library on its own grid.

Every contestant starts from the same coefficients, white noise below the band-limit, in its own
layout. What it can prepare once (nodes, weights, tables of recursions) is prepared before.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import isqrt
from typing import Any

import numpy as np

import sphere_toolkit as st
from sphere_toolkit._util.checks import threads

from . import Prepared


def signal(L: int) -> np.ndarray:
    """The coefficients that all contestants are given."""
    return st.signals.band_limited_noise(L, 0)


def relative(got: Any, expected: Any) -> float:
    """Relative L2 distance, on the sphere where the orders below zero are not stored."""
    got, expected = np.asarray(got), np.asarray(expected)
    L = isqrt(2 * expected.size)
    if np.iscomplexobj(expected) and expected.shape == (st.n_coefficients(L),):
        return float(st.norm(got - expected) / st.norm(expected))
    return float(np.linalg.norm(got - expected) / np.linalg.norm(expected))


def _pair(
    inverse: Callable[[Any], Any], forward: Callable[[Any], Any], alm: Any, **says: Any
) -> Prepared:
    """Both directions, where each takes what the other gives."""
    f = inverse(alm)
    return Prepared(
        {"inverse": lambda: inverse(alm), "forward": lambda: forward(f)},
        lambda: relative(forward(f), alm),
        says,
    )


def _ours(grid: st.Grid, sampling: str) -> Prepared:
    return _pair(
        lambda alm: st.inverse(alm, grid), lambda f: st.forward(f, grid), signal(grid.L),
        sampling=sampling, samples=grid.n_samples,
    )  # fmt: skip


def ours(L: int) -> Prepared:
    return _ours(st.Grid.gauss_legendre(L), "Gauss-Legendre")


def ours_mcewen_wiaux(L: int) -> Prepared:
    return _ours(st.Grid.mcewen_wiaux(L), "McEwen-Wiaux")


def _healpy(L: int, iterations: int) -> Prepared:
    import healpy

    nside = L // 2
    return _pair(
        lambda alm: healpy.alm2map(alm, nside, lmax=L - 1, pol=False),
        lambda f: healpy.map2alm(f, lmax=L - 1, iter=iterations, pol=False),
        signal(L),
        sampling=f"HEALPix, nside = L/2, iter = {iterations} (approximate)",
        samples=12 * nside**2,
    )


def healpy_once(L: int) -> Prepared:
    return _healpy(L, 0)


def healpy_iterated(L: int) -> Prepared:
    return _healpy(L, 3)


def _pyssht(L: int, **options: Any) -> Prepared:
    import pyssht

    return _pair(
        lambda flm: pyssht.inverse(flm, L, Method="MW", Reality=True, **options),
        lambda f: pyssht.forward(f, L, Method="MW", Reality=True, **options),
        st.to_pyssht(signal(L)),
        sampling="McEwen-Wiaux", samples=L * (2 * L - 1),
    )  # fmt: skip


def pyssht(L: int) -> Prepared:
    return _pyssht(L)


def pyssht_ducc(L: int) -> Prepared:
    return _pyssht(L, backend="ducc", nthreads=threads(None))


def flm_2d(L: int) -> Any:
    """The signal in the rectangular layout of s2fft, on JAX's device."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import s2fft  # says at import what it misses

    return jax.numpy.asarray(s2fft.sampling.s2_samples.flm_1d_to_2d(st.to_pyssht(signal(L)), L))


def s2fft_on_the_fly(L: int) -> Prepared:
    flm = flm_2d(L)
    import jax
    import s2fft

    tables = [s2fft.generate_precomputes_jax(L, 0, "mw", forward=way) for way in (False, True)]
    # Without this wrapper the whole transform would be traced anew in every call.
    inverse = jax.jit(lambda flm, t: s2fft.inverse_jax(flm, L, reality=True, precomps=t))
    forward = jax.jit(lambda f, t: s2fft.forward_jax(f, L, reality=True, precomps=t))
    return _pair(
        lambda flm: jax.block_until_ready(inverse(flm, tables[0])),
        lambda f: jax.block_until_ready(forward(f, tables[1])),
        flm, sampling="McEwen-Wiaux", samples=L * (2 * L - 1),
    )  # fmt: skip


def s2fft_precomputed(L: int) -> Prepared:
    flm = flm_2d(L)
    import jax
    from s2fft.precompute_transforms import construct, spherical

    kernels = [
        construct.spin_spherical_kernel_jax(L, 0, True, "mw", forward=way) for way in (False, True)
    ]
    inverse = jax.jit(
        lambda flm, kernel: spherical.inverse_transform_jax(flm, kernel, L, "mw", True, 0, None)
    )
    forward = jax.jit(
        lambda f, kernel: spherical.forward_transform_jax(f, kernel, L, "mw", True, 0, None)
    )
    return _pair(
        lambda flm: jax.block_until_ready(inverse(flm, kernels[0])),
        lambda f: jax.block_until_ready(forward(f, kernels[1])),
        flm, sampling="McEwen-Wiaux", samples=L * (2 * L - 1),
        tables_mib=sum(k.nbytes for k in kernels) / 2**20,
    )  # fmt: skip


def _pyshtools(L: int, name: str) -> Prepared:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyshtools as pysh

    pysh.backends.select_preferred_backend(name, nthreads=threads(None))
    backend = pysh.backends.backend_module()
    nodes, weights = pysh.expand.SHGLQ(L - 1)
    cilm = np.zeros((2, L, L))
    flm = signal(L)
    # Real coefficients of orthonormal harmonics with the Condon-Shortley phase.
    m, ell = st.orders(L), st.degrees(L)
    scale = np.where(m == 0, 1.0, np.sqrt(2.0))
    cilm[0, ell, m] = scale * flm.real
    cilm[1, ell, m] = -scale * flm.imag
    conventions = {"norm": 4, "csphase": -1}
    return _pair(
        lambda c: backend.MakeGridGLQ(c, nodes, **conventions),
        lambda f: backend.SHExpandGLQ(f, weights, nodes, **conventions),
        cilm, sampling="Gauss-Legendre", samples=L * (2 * L - 1),
    )  # fmt: skip


def pyshtools(L: int) -> Prepared:
    return _pyshtools(L, "shtools")


def pyshtools_ducc(L: int) -> Prepared:
    return _pyshtools(L, "ducc")


CONTESTANTS = {
    "sphere_toolkit": ours,
    "sphere_toolkit, McEwen-Wiaux": ours_mcewen_wiaux,
    "healpy, no iteration": healpy_once,
    "healpy, 3 iterations": healpy_iterated,
    "pyssht": pyssht,
    "pyssht, ducc backend": pyssht_ducc,
    "s2fft, on the fly": s2fft_on_the_fly,
    "s2fft, precomputed": s2fft_precomputed,
    "pyshtools": pyshtools,
    "pyshtools, ducc backend": pyshtools_ducc,
}
