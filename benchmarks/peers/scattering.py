"""First- and second-order scattering of one signal, from its coefficients.

s2scat computes other statistics from the same tree of wavelets and moduli: means, powers and
covariances of scales instead of a small image per path. So the harmonic transforms that each needs
are counted beside the time, by order of their cost: a transform at half the band-limit costs an
eighth.
"""

from __future__ import annotations

import sphere_toolkit as st

from . import Prepared
from .transforms import flm_2d, signal

J_MIN = 5


def _ours(L: int, oversampling: float) -> Prepared:
    scatter = st.ScatteringTransform(L, J_MIN, depth=2, oversampling=oversampling)
    alm = signal(L)
    steps = scatter.steps()
    return Prepared(
        {"scattering": lambda: scatter(alm)},
        says={
            "transforms": 2 * len(steps),
            "at_full_band_limit": 2 * sum(step.L == L for step in steps),
            "numbers": scatter(alm).alm.size,
        },
    )


def ours(L: int) -> Prepared:
    return _ours(L, 1.0)


def ours_twice(L: int) -> Prepared:
    return _ours(L, 2.0)


def _s2scat(L: int, recursive: bool) -> Prepared:
    flm = flm_2d(L)
    import jax
    import s2scat

    config = s2scat.configure(L, 1, J_MIN, reality=True, recursive=recursive)
    half = jax.numpy.asarray(flm[:, L - 1 :])

    def scatter() -> object:
        return jax.block_until_ready(
            s2scat.scatter(half, L, 1, J_MIN, True, config, recursive=recursive)
        )

    return Prepared({"scattering": scatter}, says=_counted(L, scatter()))


def _counted(L: int, statistics: object) -> dict:
    """The transforms behind s2scat's statistics, read off its source at N = 1.

    Every scale is synthesised and its modulus analysed; from all but the coarsest modulus every
    coarser scale is synthesised. Moduli of second order are not analysed.
    """
    import s2wav

    J = s2wav.samples.j_max(L)
    scales = range(J_MIN, J + 1)
    first = [s2wav.samples.wav_j_bandlimit(L, j, 2.0, True) for j in scales]
    second = [
        s2wav.samples.wav_j_bandlimit(L, i, 2.0, True) for j in scales for i in scales if i < j
    ]
    limits = 2 * first + second
    return {
        "transforms": len(limits),
        "at_full_band_limit": limits.count(L),
        "numbers": sum(part.size for part in statistics),
    }


def s2scat_on_the_fly(L: int) -> Prepared:
    return _s2scat(L, recursive=True)


def s2scat_precomputed(L: int) -> Prepared:
    return _s2scat(L, recursive=False)


def s2scat_in_c(L: int) -> Prepared:
    flm = flm_2d(L)
    import jax
    import s2scat

    config = s2scat.configure(L, 1, J_MIN, reality=True, c_backend=True)
    half = jax.numpy.asarray(flm[:, L - 1 :])

    def scatter() -> object:
        return jax.block_until_ready(s2scat.scatter_c(half, L, 1, J_MIN, True, config))

    return Prepared({"scattering": scatter}, says=_counted(L, scatter()))


CONTESTANTS = {
    "sphere_toolkit, oversampling 1": ours,
    "sphere_toolkit, oversampling 2": ours_twice,
    "s2scat, on the fly": s2scat_on_the_fly,
    "s2scat, precomputed": s2scat_precomputed,
    "s2scat, C backend": s2scat_in_c,
}
