"""Harmonic and scattering transforms in JAX against those of NumPy, and their derivatives."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from strategies import noise, relative

import sphere_toolkit as st
from sphere_toolkit import nn

GRIDS = [
    st.Grid.gauss_legendre(8),
    st.Grid.mcewen_wiaux(8),
    st.Grid.equiangular(9, 16),
    st.Grid.equiangular(12, 17, poles=False, phi0=0.3, L=8),
    st.Grid.gauss_legendre(8, n_theta=11, phi0=0.3),
]


def spin_noise(L, spin, seed, n=None):
    alm = noise(L, seed, n=2 * (n or 1)) if spin else noise(L, seed, n=n)
    return (alm.reshape(*((n,) if n else ()), 2, -1) if spin else alm) * (st.degrees(L) >= spin)


@pytest.mark.parametrize(("grid", "spin"), [(GRIDS[0], 2), (st.Grid.healpix(4, 8), 0)])
def test_inverse_is_that_of_numpy_and_so_is_its_derivative(grid, spin):
    with jax.enable_x64(True):
        alm, h = (spin_noise(8, spin, seed, 3) for seed in (0, 1))
        f = jax.jit(jax.vmap(lambda x: nn.inverse(x, grid, spin)))(alm)
        np.testing.assert_array_equal(f, st.inverse(alm, grid, spin))
        g = np.random.default_rng(0).standard_normal(f.shape)
        gradient = jax.grad(lambda x: (nn.inverse(x, grid, spin) * g).sum())(alm)
        # JAX: the change along h is the real part of the sum of products.
        assert float((gradient * h).real.sum()) == pytest.approx(
            (st.inverse(h, grid, spin) * g).sum()
        )


@pytest.mark.parametrize(("grid", "spin"), [*zip(GRIDS, (0, 2, 0, 2, 0), strict=True)])
def test_forward_is_that_of_numpy_and_so_is_its_derivative(grid, spin):
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        f, h = rng.standard_normal((2, 3, *((2,) if spin else ()), *grid.shape))
        alm = jax.jit(jax.vmap(lambda x: nn.forward(x, grid, spin)))(f)
        np.testing.assert_array_equal(alm, st.forward(f, grid, spin))
        g = rng.standard_normal((*alm.shape, 2)).view(complex)[..., 0]
        gradient = jax.grad(lambda x: (nn.forward(x, grid, spin) * g).real.sum())(f)
        assert gradient.dtype == np.float64
        expected = (st.forward(h, grid, spin) * g).real.sum()
        assert float((gradient * h).sum()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("options", "step"), [({}, 1e-6), ({"nonlinearity": "envelope", "directions": 2}, 1e-4)]
)
def test_scattering_is_that_of_numpy_and_so_is_its_derivative(options, step):
    with jax.enable_x64(True):
        layer, scatter = nn.Scattering(16, 2, **options), st.ScatteringTransform(16, 2, **options)
        alm, h = noise(16, 1, n=3), noise(16, 2, n=3)
        S = jax.jit(jax.vmap(layer))(alm)
        np.testing.assert_allclose(S, scatter(alm).alm, rtol=1e-13, atol=1e-13)
        assert (layer.L_out, layer.paths) == (scatter.L_out, scatter.paths)

        def loss(alm):
            return jnp.sum(jnp.abs(jax.vmap(layer)(alm)[:, 1:] - 1) ** 2)

        gradient = jax.jit(jax.grad(loss))(alm)
        up, down = loss(alm + step * h), loss(alm - step * h)
        expected = float(up - down) / (2 * step)
        assert float((gradient * h).real.sum()) == pytest.approx(expected, rel=1e-4)


def test_single_precision_stays_single():
    alm = noise(16).astype(np.complex64)
    layer = nn.Scattering(16, 2)
    S, gradient = layer(alm), jax.grad(lambda x: layer(x)[1:, 0].real.sum())(alm)
    assert (S.dtype, gradient.dtype) == (np.complex64, np.complex64)
    assert relative(np.asarray(S), st.ScatteringTransform(16, 2)(alm).alm) < 1e-5
    assert nn.inverse(alm, GRIDS[0].gauss_legendre(16)).dtype == np.float32


def test_it_is_saved_and_has_nothing_to_train(tmp_path):
    layer = nn.Scattering(16, 2, nonlinearity="rms")
    model = eqx.nn.Sequential([layer])
    nn.save(tmp_path / "model", model)
    loaded = nn.load(tmp_path / "model")
    assert loaded[0] == layer
    np.testing.assert_array_equal(loaded(noise(16)), model(noise(16)))
    assert jax.tree.leaves(eqx.filter(layer, eqx.is_array)) == []


def test_bad_input():
    layer, grid = nn.Scattering(16, 2), GRIDS[0]
    with pytest.raises(ValueError, match=r"\(136,\).*got \(3, 136\); jax.vmap"):
        layer(noise(16, n=3))
    with pytest.raises(TypeError, match="float32"):
        layer(jnp.zeros(136))
    with pytest.raises(ValueError, match="healpix"):
        nn.forward(jnp.zeros(768), st.Grid.healpix(8))
    with pytest.raises(ValueError, match=r"\(8, 16\), got \(8, 15\)"):
        nn.forward(jnp.zeros((8, 15)), grid)
    with pytest.raises(TypeError, match="complex"):
        nn.forward(jnp.zeros((8, 16), complex), grid)
    with pytest.raises(ValueError, match="band-limit 16"):
        nn.inverse(noise(16), grid)
    with pytest.raises(jax.errors.JaxRuntimeError, match="128 NaN"):
        st.nn.forward(jnp.full((8, 16), jnp.nan), grid)
