"""Pointwise activations: what they compute, and how far they are from equivariant."""

import ducc0
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import support
from scipy.special import roots_legendre

import sphere_toolkit as st
from sphere_toolkit import nn
from sphere_toolkit.nn.math.irreps import so3_multiplicities

# The table of the docstring.
STATED = {
    (None, 1.0): 0.27, (None, 2.0): 0.029, (None, 4.0): 0.0047,
    (3, 1.0): 0.35, (3, 2.0): 0.032, (3, 4.0): 0.0039,
}  # fmt: skip


def noise(L, N, channels=8, seed=0, dtype="float32"):
    if N is None:
        return support.random_alm(channels, L, seed, dtype)
    return support.random_irreps(channels, so3_multiplicities(L, N), seed, dtype)


@pytest.mark.parametrize(("N", "oversampling"), STATED)
def test_the_error_is_that_of_the_docstring(N, oversampling):
    layer = nn.PointwiseActivation(16, N, oversampling=oversampling)
    assert not layer.exact
    error = support.equivariance(layer, noise(16, N), support.random_rotations(20))
    assert STATED[N, oversampling] / 2 < error < 2 * STATED[N, oversampling]


@pytest.mark.parametrize("N", [None, 1, 3])
def test_what_keeps_samples_keeps_coefficients(N):
    with jax.enable_x64():
        x = noise(12, N, 2, dtype="float64")
        y = support.apply(nn.PointwiseActivation(12, N, activation=lambda samples: samples), x)
        assert support.relative_error(y, x) < 1e-13


@pytest.mark.parametrize("N", [None, 1, 3])
def test_a_square_on_a_fine_grid_is_exact(N):
    with jax.enable_x64():
        layer = nn.PointwiseActivation(8, N, activation=jnp.square)
        x = noise(8, N, 2, dtype="float64")
        assert support.equivariance(layer, x, support.random_rotations(3)) < 1e-12


@pytest.mark.parametrize("oversampling", [1.0, 2.0])
def test_on_the_sphere_it_is_samples_relu_coefficients(oversampling):
    L = 9
    rings = int(oversampling * (L - 1)) + 1
    nodes, weights = roots_legendre(rings)
    phis = int(oversampling * 2 * (L - 1)) + 1
    with jax.enable_x64():
        alm = noise(L, None, 2, dtype="float64")
        found = support.apply(nn.PointwiseActivation(L, oversampling=oversampling), alm)
    geometry = {
        "theta": np.arccos(nodes[::-1]),
        "nphi": np.full(rings, phis, np.uint64),
        "phi0": np.zeros(rings),
        "ringstart": np.arange(rings, dtype=np.uint64) * phis,
        "spin": 0,
        "lmax": L - 1,
    }
    for channel in range(2):
        samples = ducc0.sht.synthesis(alm=np.asarray(alm[channel])[None], **geometry)
        positive = np.maximum(samples, 0) * np.repeat(weights[::-1], phis) * 2 * np.pi / phis
        expected = ducc0.sht.adjoint_synthesis(map=positive, **geometry)[0]
        np.testing.assert_allclose(found[channel], expected, atol=1e-12)


def test_a_positive_signal_stays_as_it_is():
    alm = st.signals.earth_relief(8)[None] / 1000
    alm[0, 0] = 100
    y = support.apply(nn.PointwiseActivation(8), alm)
    assert support.relative_error(y, alm) < 1e-6


def test_it_acts_on_each_channel_by_itself():
    x = noise(6, 2, 3)
    layer = nn.PointwiseActivation(6, 2)
    alone = support.apply(layer, nn.IrrepArray.from_rows(x.rows[1:2], x.multiplicities))
    np.testing.assert_allclose(support.apply(layer, x).rows[1:2], alone.rows, atol=1e-5)


@pytest.mark.parametrize("N", [None, 2])
def test_slopes_are_finite_at_zero_too(N):
    layer = nn.PointwiseActivation(6, N)
    x = noise(6, N, 2)

    @jax.jit
    def slope(x):
        return jax.grad(lambda x: sum(jnp.abs(v).sum() for v in jax.tree.leaves(layer(x))))(x)

    for at in (x, jax.tree.map(jnp.zeros_like, x)):
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(slope(at)))


@pytest.mark.parametrize("N", [None, 2])
def test_batches_and_compilation_give_what_single_signals_give(N):
    layer = nn.PointwiseActivation(6, N)
    signals = [noise(6, N, 2, seed) for seed in range(3)]
    batch = jax.tree.map(lambda *leaves: jnp.stack(leaves), *signals)
    together = jax.jit(jax.vmap(layer))(batch)
    for i, x in enumerate(signals):
        found = jax.tree.map(lambda leaf, i=i: leaf[i], together)
        assert support.relative_error(found, layer(x)) < 1e-6


def test_activations_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="N must be an integer >= 1 and <= 4, got 5"):
        nn.PointwiseActivation(4, 5)
    with pytest.raises(ValueError, match="oversampling must be a finite number >= 1, got 0.5"):
        nn.PointwiseActivation(4, oversampling=0.5)
    with pytest.raises(TypeError, match="activation must be a name or a function .*, got 3"):
        nn.PointwiseActivation(4, activation=3)
    sphere, group = nn.PointwiseActivation(4), nn.PointwiseActivation(4, 2)
    with pytest.raises(ValueError, match=r"alm must have shape \(channels, 10\).*got \(1, 15\)"):
        sphere(support.random_alm(1, 5))
    with pytest.raises(TypeError, match="got IrrepArray"):
        sphere(noise(4, 2))
    with pytest.raises(TypeError, match="alm must be complex, got float32"):
        sphere(support.random_alm(1, 4).real)
    with pytest.raises(
        ValueError, match=r"multiplicities \(1, 3, 3, 3\), got 4 degrees with multiplicities"
    ):
        group(noise(4, 3))
    with pytest.raises(TypeError, match="expected IrrepArray"):
        group(support.random_alm(1, 4))
