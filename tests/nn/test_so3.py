"""Transforms on SO(3) and the sphere, held to sums over Wigner matrices and over harmonics."""

import jax
import jax.numpy as jnp
import numpy as np
import oracles
import pytest
import so3 as definition
import support
from scipy.spatial.transform import Rotation

from sphere_toolkit.nn.math import so3
from sphere_toolkit.nn.math.irreps import so3_multiplicities
from sphere_toolkit.sphere.layouts import alm_to_rows, rows_to_alm

pytestmark = pytest.mark.usefixtures("x64")

SIZES = [(1, 1), (4, 1), (4, 4), (5, 3)]


def signal(L, N, seed=0):
    return support.random_irreps(2, so3_multiplicities(L, N), seed, "float64")


def given(rows, N):
    """What the transforms take: rows on SO(3), alm on the sphere."""
    return support.apply(rows_to_alm, rows) if N is None else rows


def sampled(signal, of):
    return support.apply(lambda signal: so3.to_samples(signal, of), signal)


@pytest.mark.parametrize("oversampling", [1.0, 1.7])
@pytest.mark.parametrize(("L", "N"), SIZES)
def test_samples_are_the_sum_over_wigner_matrices(L, N, oversampling):
    x, of = signal(L, N), so3.tables(L, N, oversampling)
    samples = sampled(x.rows, of)
    alphas, gammas, rings, channels = samples.shape
    assert (rings, channels) == (np.ceil(oversampling * (L - 1)) + 1, 2)
    assert (alphas, gammas) == tuple(
        np.ceil(2 * oversampling * (k - 1)).astype(int) + 1 for k in (L, N)
    )
    alpha, gamma, beta = np.meshgrid(
        2 * np.pi * np.arange(alphas) / alphas,
        2 * np.pi * np.arange(gammas) / gammas,
        of.beta,
        indexing="ij",
    )
    turns = Rotation.from_euler("ZYZ", np.stack([alpha, beta, gamma], -1).reshape(-1, 3))
    expected = definition.evaluate(x, turns).T.reshape(samples.shape)
    np.testing.assert_allclose(samples, expected, atol=1e-12)


@pytest.mark.parametrize("L", [1, 2, 7])
def test_samples_on_the_sphere_are_the_sum_over_harmonics(L):
    alm = support.random_alm(2, L, dtype="float64")
    of = so3.tables(L, None, 1.5)
    samples = sampled(alm, of)
    phi, theta = np.meshgrid(
        2 * np.pi * np.arange(len(samples)) / len(samples), of.beta, indexing="ij"
    )
    for channel in range(2):
        expected = oracles.evaluate(np.asarray(alm[channel]), theta, phi)
        np.testing.assert_allclose(samples[:, 0, :, channel], expected, atol=1e-12)


@pytest.mark.parametrize("oversampling", [1.0, 1.3, 2.0])
@pytest.mark.parametrize(("L", "N"), [*SIZES, (20, 3), (32, None)])
def test_round_trip(L, N, oversampling):
    x, of = given(signal(L, N or 1).rows, N), so3.tables(L, N, oversampling)
    back = support.apply(lambda x: so3.from_samples(so3.to_samples(x, of), of), x)
    np.testing.assert_allclose(back, x, atol=1e-12)


@pytest.mark.parametrize("N", [None, 1, 3])
def test_coefficients_and_samples_have_one_norm(N):
    x = signal(5, N or 1).rows
    of = so3.tables(5, N, 1.0)
    power = (np.asarray(sampled(given(x, N), of)) ** 2 * of.weights[:, None]).sum(axis=(0, 1, 2))
    np.testing.assert_allclose(power, (x**2).sum(axis=-1), rtol=1e-12)


@pytest.mark.parametrize(("L", "N"), [(6, None), (4, 1), (5, 3)])
def test_pointwise_is_samples_function_coefficients_and_so_is_its_derivative(L, N):
    x, of = signal(L, N or 1).rows, so3.tables(L, N, 1.5)

    def of_rows(function):
        if N is not None:
            return jax.jit(function)
        return jax.jit(lambda rows: alm_to_rows(function(rows_to_alm(rows))))

    plainly = of_rows(lambda x: so3.from_samples(jnp.tanh(so3.to_samples(x, of)), of))
    lean = of_rows(lambda x: so3.pointwise(jnp.tanh, x, of))

    np.testing.assert_allclose(lean(x), plainly(x), atol=1e-12)
    weights, direction = np.random.default_rng(0).standard_normal((2, *x.shape))
    gradient = jax.jit(jax.grad(lambda rows: jnp.vdot(weights, lean(rows))))(x)
    step = 1e-5
    ahead, behind = (np.vdot(weights, plainly(x + s * direction)) for s in (step, -step))
    slope = (ahead - behind) / (2 * step)
    assert np.vdot(gradient, direction) == pytest.approx(slope, rel=1e-7)


def test_a_batch_gives_what_its_signals_give():
    of = so3.tables(5, 3, 1.0)
    x = jnp.stack([signal(5, 3, seed).rows for seed in range(3)])

    def function(rows):
        return so3.pointwise(jax.nn.relu, rows, of)

    batched, one = jax.jit(jax.vmap(function))(x), jax.jit(function)
    for rows, found in zip(x, batched, strict=True):
        np.testing.assert_allclose(found, one(rows), atol=1e-13)
