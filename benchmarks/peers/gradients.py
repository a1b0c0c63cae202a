"""A number made of statistics or samples, and the number with its gradient by the coefficients.

The number is the energy of the coefficients, or the sum of all squared moduli. As in
``scattering.py`` the libraries' statistics differ, and so does the work behind them. foscat takes
the samples of a HEALPix map of about the same resolution, nside = L/2, and returns statistics in
four directions.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

import sphere_toolkit as st

from . import Prepared
from .scattering import J_MIN
from .transforms import flm_2d, relative, signal

VALUE, BOTH = "value", "value and gradient"
IN_JAX = "sphere_toolkit, nn.Scattering in JAX"
MOST = {IN_JAX: 256}
"""Band-limits that a contestant does not go beyond."""


def _scattering(L: int) -> st.ScatteringTransform:
    return st.ScatteringTransform(L, J_MIN, depth=2, oversampling=1.0)


def in_numpy(scatter: st.ScatteringTransform, alm: np.ndarray) -> Prepared:
    """Of any transform of ours."""

    def value() -> float:
        return float(scatter(alm).energy().sum())

    def both() -> np.ndarray:
        S, vjp = scatter.vjp(alm)
        return vjp(2 * S.alm)

    return Prepared({VALUE: value, BOTH: both})


def ours(L: int) -> Prepared:
    return in_numpy(_scattering(L), signal(L))


def _in_jax(function: Callable[..., Any], *arguments: Any) -> tuple[Prepared, Callable[[], Any]]:
    """A function whose first argument the gradient is taken by; it returns a list of arrays."""
    import jax

    def number(*arguments: Any) -> Any:
        return sum((abs(part) ** 2).sum() for part in function(*arguments))

    value, both = jax.jit(number), jax.jit(jax.value_and_grad(number))
    operations = {
        VALUE: lambda: jax.block_until_ready(value(*arguments)),
        BOTH: lambda: jax.block_until_ready(both(*arguments)),
    }
    return Prepared(operations), lambda: both(*arguments)[1]


def _layer(L: int, engine: str) -> Prepared:
    import jax

    jax.config.update("jax_enable_x64", True)
    layer = st.nn.Scattering(L, J_MIN, oversampling=1.0, engine=engine)
    alm = signal(L)
    n = layer.L_out  # coefficients of order 0; the others count twice

    def parts(alm: Any) -> list[Any]:
        S = layer(alm)
        return [S[:, :n], 2**0.5 * S[:, n:]]

    prepared, gradient = _in_jax(parts, jax.numpy.asarray(alm))

    def error() -> float:
        # JAX counts every number once, and has the conjugates.
        found = np.conj(gradient())
        found[L:] /= 2
        return relative(found, in_numpy(_scattering(L), alm).operations[BOTH]())

    prepared.error = error
    return prepared


def layer_on_host(L: int) -> Prepared:
    return _layer(L, "host")


def layer_in_jax(L: int) -> Prepared:
    return _layer(L, "jax")


def _s2scat(L: int, recursive: bool) -> Prepared:
    flm = flm_2d(L)
    import jax
    import s2scat

    config = s2scat.configure(L, 1, J_MIN, reality=True, recursive=recursive)
    return _in_jax(
        lambda half, config: s2scat.scatter(half, L, 1, J_MIN, True, config, recursive=recursive),
        jax.numpy.asarray(flm[:, L - 1 :]),
        config,
    )[0]


def s2scat_on_the_fly(L: int) -> Prepared:
    return _s2scat(L, recursive=True)


def s2scat_precomputed(L: int) -> Prepared:
    return _s2scat(L, recursive=False)


def foscat(L: int) -> Prepared:
    import torch
    from foscat import scat_cov

    f = st.inverse(signal(L), st.Grid.healpix(L // 2, L))
    tables = tempfile.mkdtemp()  # of its own accord it writes them into the folder it is run in
    of = scat_cov.funct(BACKEND="torch", all_type="float64", TEMPLATE_PATH=tables)

    def number(f: Any) -> Any:
        found, names = of.eval(f), ("S0", "S1", "S2", "S3", "S4")
        return sum((abs(getattr(found, name)) ** 2).sum() for name in names)

    def both() -> Any:
        leaf = torch.tensor(f, requires_grad=True)
        number(leaf).backward()
        return leaf.grad

    return Prepared({VALUE: lambda: number(f), BOTH: both})


def inverse_on_host(L: int) -> Prepared:
    import jax

    jax.config.update("jax_enable_x64", True)
    grid = st.Grid.gauss_legendre(L)
    return _in_jax(lambda x: [st.nn.inverse(x, grid)], jax.numpy.asarray(signal(L)))[0]


def s2fft_on_the_fly(L: int) -> Prepared:
    flm = flm_2d(L)
    import s2fft

    tables = s2fft.generate_precomputes_jax(L, 0, "mw", forward=False)
    return _in_jax(lambda x, t: [s2fft.inverse_jax(x, L, reality=True, precomps=t)], flm, tables)[0]


def s2fft_precomputed(L: int) -> Prepared:
    flm = flm_2d(L)
    from s2fft.precompute_transforms import construct, spherical

    kernel = construct.spin_spherical_kernel_jax(L, 0, True, "mw", forward=False)
    return _in_jax(
        lambda x, t: [spherical.inverse_transform_jax(x, t, L, "mw", True, 0, None)], flm, kernel
    )[0]


SCATTERING = {
    "sphere_toolkit, NumPy": ours,
    "sphere_toolkit, nn.Scattering on the host": layer_on_host,
    IN_JAX: layer_in_jax,
    "s2scat, on the fly": s2scat_on_the_fly,
    "s2scat, precomputed": s2scat_precomputed,
    "foscat": foscat,
}
TRANSFORMS = {
    "sphere_toolkit, nn.inverse on the host": inverse_on_host,
    "s2fft, on the fly": s2fft_on_the_fly,
    "s2fft, precomputed": s2fft_precomputed,
}
