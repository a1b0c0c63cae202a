"""Axisymmetric wavelets with dilation 2: samples in, samples of every scale out, and back.

Every contestant is given the samples of the same white noise on its own grid; analysis ends with
the samples of all scales, each at its own band-limit, and synthesis starts from those.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ducc0
import numpy as np

import sphere_toolkit as st

from . import Prepared
from .transforms import relative, signal

J_MIN = 5


def _pair(analysis: Callable[[Any], Any], synthesis: Callable[[Any], Any], f: Any, **says: Any):
    parts = analysis(f)
    return Prepared(
        {"analysis": lambda: analysis(f), "synthesis": lambda: synthesis(parts)},
        lambda: relative(synthesis(parts), f),
        says,
    )


def ours(L: int) -> Prepared:
    grid, bank = st.Grid.gauss_legendre(L), st.WaveletBank(L, J_MIN)
    coarse = st.Grid.gauss_legendre(bank.scaling_band_limit)
    grids = {j: st.Grid.gauss_legendre(bank.band_limit(j)) for j in bank}

    def analysis(f: np.ndarray) -> st.WaveletCoefficients:
        w = bank.analysis(st.forward(f, grid))
        samples = {j: st.inverse(w.wavelets[j], grids[j]) for j in bank}
        return st.WaveletCoefficients(st.inverse(w.scaling, coarse), samples)

    def synthesis(w: st.WaveletCoefficients) -> np.ndarray:
        alm = {j: st.forward(w.wavelets[j], grids[j]) for j in bank}
        parts = st.WaveletCoefficients(st.forward(w.scaling, coarse), alm)
        return st.inverse(bank.synthesis(parts), grid)

    f = st.inverse(signal(L), grid)
    return _pair(analysis, synthesis, f, sampling="Gauss-Legendre")


def _samples(L: int) -> np.ndarray:
    return st.inverse(signal(L), st.Grid.mcewen_wiaux(L))


def _s2wav_start(L: int) -> tuple[Any, Any, Any]:
    """JAX, the samples of the signal and the filters."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import s2wav

    filters = s2wav.filters.filters_directional_vectorised(L, 1, J_MIN)
    return jax, jax.numpy.asarray(_samples(L)), filters


def s2wav_on_the_fly(L: int) -> Prepared:
    jax, f, filters = _s2wav_start(L)
    import s2wav

    make = s2wav.transforms.construct.generate_wigner_precomputes
    tables = [make(L, 1, J_MIN, reality=True, forward=way) for way in (False, True)]
    return _pair(
        lambda f: jax.block_until_ready(
            s2wav.analysis(f, L, 1, J_MIN, reality=True, filters=filters, precomps=tables[0])
        ),
        lambda w: jax.block_until_ready(
            s2wav.synthesis(*w, L, 1, J_MIN, reality=True, filters=filters, precomps=tables[1])
        ),
        f, sampling="McEwen-Wiaux",
    )  # fmt: skip


def s2wav_precomputed(L: int) -> Prepared:
    jax, _, filters = _s2wav_start(L)
    import s2wav

    # Its McEwen-Wiaux synthesis fails at N = 1 (an axis is lost in s2fft), Gauss-Legendre works.
    f = ducc0.sht.synthesis_2d(
        alm=signal(L)[None], spin=0, lmax=L - 1, geometry="GL", ntheta=L, nphi=2 * L - 1
    )
    make = s2wav.transforms.construct.generate_full_precomputes
    tables = [make(L, 1, J_MIN, sampling="gl", reality=True, forward=way) for way in (False, True)]
    options = {"sampling": "gl", "reality": True, "filters": filters}
    analysis, synthesis = s2wav.analysis_precomp_jax, s2wav.synthesis_precomp_jax
    return _pair(
        lambda f: jax.block_until_ready(analysis(f, L, 1, J_MIN, precomps=tables[0], **options)),
        lambda w: jax.block_until_ready(synthesis(*w, L, 1, J_MIN, precomps=tables[1], **options)),
        jax.numpy.asarray(f[0]), sampling="Gauss-Legendre",
    )  # fmt: skip


def s2wav_in_c(L: int) -> Prepared:
    jax, f, filters = _s2wav_start(L)
    import s2wav

    options = {"reality": True, "filters": filters}
    return _pair(
        lambda f: jax.block_until_ready(s2wav.analysis_c(f, L, 1, J_MIN, **options)),
        lambda w: jax.block_until_ready(s2wav.synthesis_c(*w, L, 1, J_MIN, **options)),
        f, sampling="McEwen-Wiaux",
    )  # fmt: skip


def pys2let(L: int) -> Prepared:
    import pys2let

    f = _samples(L).ravel().astype(complex)
    # B, L, J_min, N, spin, upsample: each scale at its own band-limit.
    options = (2, L, J_MIN, 1, 0, 0)
    return _pair(
        lambda f: pys2let.analysis_px2wav(f, *options),
        lambda w: pys2let.synthesis_wav2px(*w, *options),
        f, sampling="McEwen-Wiaux, complex signal",
    )  # fmt: skip


CONTESTANTS = {
    "sphere_toolkit": ours,
    "s2wav, on the fly": s2wav_on_the_fly,
    "s2wav, precomputed": s2wav_precomputed,
    "s2wav, C backend": s2wav_in_c,
    "pys2let": pys2let,
}
