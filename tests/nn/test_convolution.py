"""Convolutions, held to the integrals that define them and to what they promise."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import so3
import support
from hypothesis import given, settings
from hypothesis import strategies as hs
from strategies import seeds

from sphere_toolkit import nn
from sphere_toolkit.nn.math.irreps import so3_multiplicities
from sphere_toolkit.sphere.layouts import alm_to_rows


def key(seed=0):
    return jax.random.key(seed)


def with_bias(layer):
    """The layer with random numbers for its bias, which is 0 at first."""
    assert not np.any(layer.bias)
    bias = jnp.asarray(np.random.default_rng(9).standard_normal(layer.bias.shape))
    return jax.tree.map(lambda leaf: bias.astype(leaf.dtype) if leaf.ndim == 1 else leaf, layer)


def layers(dtype="float32", seed=0, L=6, N=3, L_out=5, N_out=2):
    """One of each kind with a signal for it."""
    alm = support.random_alm(2, L, seed, dtype)
    irreps = support.random_irreps(2, so3_multiplicities(L, N), seed, dtype)
    options = {"L_out": L_out, "key": key(seed), "dtype": dtype}
    return [
        (with_bias(nn.ZonalConvolution(2, 3, L, **options)), alm),
        (with_bias(nn.LiftConvolution(2, 3, L, min(N, L_out), **options)), alm),
        (with_bias(nn.GroupConvolution(2, 3, L, N, N_out=N_out, **options)), irreps),
    ]


# --- the integrals ---------------------------------------------------------------------------


@pytest.mark.usefixtures("x64")
def test_zonal_convolution_is_the_integral_over_the_sphere():
    L = 5
    layer = with_bias(nn.ZonalConvolution(2, 3, L, L_out=4, knots=3, key=key(), dtype="float64"))
    x = support.random_alm(2, L, 1, "float64")
    points, weights = so3.sphere(L)
    samples = so3.harmonics(L, points) @ alm_to_rows(np.asarray(x)).T  # (points, in)
    at = support.random_rotations(7).apply([0, 0, 1])
    factor = (2 * np.arange(4) + 1) / (4 * np.pi)
    # The filters as functions of the cosine between two points: Legendre series.
    filters = np.polynomial.legendre.legval(
        at @ points.T, np.moveaxis(np.asarray(layer.spectrum) * factor, -1, 0)
    )
    expected = np.einsum("oiap,p,pi->ao", filters, weights, samples)
    expected += np.asarray(layer.bias) / np.sqrt(4 * np.pi)
    found = so3.harmonics(4, at) @ alm_to_rows(np.asarray(support.apply(layer, x))).T
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.usefixtures("x64")
def test_lift_is_the_correlation_with_the_turned_filter():
    L, N = 5, 3
    layer = with_bias(nn.LiftConvolution(2, 3, L, N, L_out=4, knots=2, key=key(), dtype="float64"))
    x = support.random_alm(2, L, 1, "float64")
    points, weights = so3.sphere(L)
    samples = so3.harmonics(L, points) @ alm_to_rows(np.asarray(x)).T
    # The filters' coefficients, (out, in, all orders of all degrees).
    coefficients = np.zeros((3, 2, 16))
    for ell in range(4):
        for n in range(-min(ell, N - 1), min(ell, N - 1) + 1):
            psi = np.asarray(layer.spectrum)[:, n + N - 1, :, ell]
            factor = np.sqrt((2 * ell + 1) / (8 * np.pi**2))
            coefficients[:, :, ell**2 + ell + n] = factor * psi
    turns = support.random_rotations(6)
    expected = np.array([
        np.einsum(
            "oih,ph,p,pi->o",
            coefficients, so3.harmonics(4, turn.inv().apply(points)), weights, samples,
        )
        for turn in turns
    ])  # fmt: skip
    expected += np.asarray(layer.bias) / np.sqrt(8 * np.pi**2)
    found = so3.evaluate(support.apply(layer, x), turns).T
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize(("N", "N_out", "L_out"), [(2, 3, 3), (3, 1, 3), (3, 2, 2)])
def test_group_convolution_is_the_integral_over_all_rotations(N, N_out, L_out):
    L = 3
    layer = with_bias(
        nn.GroupConvolution(2, 3, L, N, N_out=N_out, L_out=L_out, key=key(), dtype="float64")
    )
    x = support.random_irreps(2, so3_multiplicities(L, N), 1, "float64")
    everywhere, weights = so3.group(L)
    samples = so3.evaluate(x, everywhere)  # (in, rotations)
    turns = support.random_rotations(3)
    spectrum = np.asarray(layer.spectrum)
    reach = spectrum.shape[3] // 2
    expected = []
    for turn in turns:
        filters = 0
        for ell, matrix in enumerate(so3.wigner(L_out, turn.inv() * everywhere)):
            for n in range(-min(ell, N_out - 1), min(ell, N_out - 1) + 1):
                for p in range(-min(ell, reach), min(ell, reach) + 1):
                    psi = spectrum[:, n + N_out - 1, :, p + reach, ell]
                    d = matrix[:, n + ell, p + ell]
                    filters = filters + (2 * ell + 1) / (8 * np.pi**2) * psi[..., None] * d
        expected.append(np.einsum("oir,r,ir->o", filters, weights, samples))
    expected = np.array(expected) + np.asarray(layer.bias) / np.sqrt(8 * np.pi**2)
    np.testing.assert_allclose(so3.evaluate(support.apply(layer, x), turns).T, expected, atol=1e-12)


@pytest.mark.usefixtures("x64")
def test_spectra_are_straight_between_knots_and_begin_at_their_order():
    layer = nn.GroupConvolution(1, 1, 9, 3, knots=3, key=key(), dtype="float64")
    for n in range(-2, 3):
        for p in range(-2, 3):
            first = max(abs(n), abs(p))
            drawn = layer.spectrum[0, n + 2, 0, p + 2]
            knots = np.linspace(first, 8, 3)
            expected = np.interp(np.arange(9), knots, layer.weights[0, n + 2, 0, p + 2])
            expected[:first] = 0
            np.testing.assert_allclose(drawn, expected, atol=1e-14)


def test_a_smooth_spectrum_is_a_localised_filter():
    layer = nn.ZonalConvolution(8, 8, 32, key=key())
    degree = np.arange(32)
    coefficients = np.asarray(layer.spectrum) * (2 * degree + 1) / (4 * np.pi)
    theta = np.linspace(0, np.pi, 2000)
    filters = np.polynomial.legendre.legval(np.cos(theta), np.moveaxis(coefficients, -1, 0))
    energy = (filters**2 * np.sin(theta)).sum(axis=(0, 1))
    near = energy[theta < np.pi / 6].sum() / energy.sum()
    assert near > 0.8  # on 7 % of the sphere


# --- what they promise -----------------------------------------------------------------------


@settings(max_examples=5)
@given(hs.booleans(), seeds)
def test_convolutions_are_exactly_equivariant(double, seed):
    dtype = "float64" if double else "float32"
    with jax.enable_x64(double):
        for layer, x in layers(dtype, seed):
            assert layer.exact
            error = support.equivariance(layer, x, support.random_rotations(2, seed))
            assert error < support.TOLERANCE[dtype]


def test_the_errors_are_those_of_the_docstrings():
    alm = support.random_alm(8, 16)
    irreps = support.random_irreps(8, so3_multiplicities(16, 3))
    turns = support.random_rotations(5)
    for layer, x, stated in [
        (nn.ZonalConvolution(8, 8, 16, key=key()), alm, 1.1e-7),
        (nn.LiftConvolution(8, 8, 16, 3, key=key()), alm, 9e-8),
        (nn.GroupConvolution(8, 8, 16, 3, key=key()), irreps, 1.7e-7),
    ]:
        assert support.equivariance(layer, x, turns) < 2 * stated


def test_the_variance_stays():
    L, N = 16, 3
    alm = support.random_alm(30, L) * np.where(np.arange(136) < L, 1, np.sqrt(0.5))
    assert float(jnp.mean(alm_to_rows(alm) ** 2)) == pytest.approx(1, rel=0.05)
    rows = alm_to_rows(eqx.filter_jit(nn.ZonalConvolution(30, 30, L, key=key(1)))(alm))
    assert 0.8 < float(jnp.mean(rows**2)) < 1.25
    lifted = eqx.filter_jit(nn.LiftConvolution(30, 30, L, N, key=key(2)))(alm)
    assert 0.8 < float(jnp.mean(lifted.rows**2)) < 1.25
    mixed = eqx.filter_jit(nn.GroupConvolution(30, 30, L, N, key=key(3)))(lifted)
    assert 0.7 < float(jnp.mean(mixed.rows**2)) < 1.25


def test_sizes_and_parameters():
    zonal = nn.ZonalConvolution(2, 3, 9, L_out=7, knots=4, key=key())
    assert support.apply(zonal, support.random_alm(2, 9)).shape == (3, 28)
    assert zonal.spectrum.shape == (3, 2, 7)
    assert nn.count_parameters(zonal) == 2 * 3 * 4 + 3
    lift = nn.LiftConvolution(2, 3, 9, 3, L_out=7, knots=9, bias=False, key=key())
    y = support.apply(lift, support.random_alm(2, 9))
    assert (
        (y.channels, y.multiplicities) == (3, so3_multiplicities(7, 3)) == (3, lift.multiplicities)
    )
    assert nn.count_parameters(lift) == 2 * 3 * 5 * 5  # degrees 2 to 6 take 5 knots
    group = nn.GroupConvolution(2, 3, 9, 3, L_out=2, bias=False, key=key())
    y = support.apply(group, support.random_irreps(2, so3_multiplicities(9, 3)))
    assert (y.channels, y.multiplicities) == (3, (1, 3)) == (3, group.multiplicities)
    assert nn.count_parameters(group) == 2 * 3 * 3 * 3  # orders 2 have no degree any more


def power(layer, x):
    return sum(jnp.sum(jnp.abs(leaf) ** 2) for leaf in jax.tree.leaves(layer(x)))


def test_every_parameter_has_a_slope():
    for layer, x in layers():
        slopes = eqx.filter_jit(eqx.filter_grad(power))(layer, x)
        for slope in jax.tree.leaves(slopes):
            assert np.isfinite(slope).all()
            assert (np.abs(slope) > 0).all()


def test_batches_and_compilation_give_what_single_signals_give():
    for layer, x in layers():
        batch = jax.tree.map(lambda leaf: jnp.stack([leaf, 2 * leaf, -leaf]), x)
        together = jax.jit(jax.vmap(layer))(batch)
        for i in range(3):
            alone = layer(jax.tree.map(lambda leaf, i=i: leaf[i], batch))
            found = jax.tree.map(lambda leaf, i=i: leaf[i], together)
            assert support.relative_error(found, alone) < 1e-6


# --- bad input -------------------------------------------------------------------------------


def test_convolutions_refuse_numbers_out_of_range():
    with pytest.raises(ValueError, match="N must be an integer >= 1 and <= 4, got 5"):
        nn.LiftConvolution(1, 1, 8, 5, L_out=4, key=key())
    with pytest.raises(ValueError, match="N must be an integer >= 1 and <= 4, got 5"):
        nn.GroupConvolution(1, 1, 4, 5, key=key())
    with pytest.raises(ValueError, match="N_out must be an integer >= 1 and <= 2, got 3"):
        nn.GroupConvolution(1, 1, 4, 3, N_out=3, L_out=2, key=key())
    for make in (
        lambda **options: nn.ZonalConvolution(1, 1, 4, key=key(), **options),
        lambda **options: nn.LiftConvolution(1, 1, 4, 1, key=key(), **options),
        lambda **options: nn.GroupConvolution(1, 1, 4, 1, key=key(), **options),
    ):
        with pytest.raises(ValueError, match="L_out must be an integer >= 1 and <= 4, got 5"):
            make(L_out=5)
        with pytest.raises(ValueError, match="knots must be an integer >= 1, got 0"):
            make(knots=0)
        with pytest.raises(TypeError, match="bias must be True or False, got 1"):
            make(bias=1)
        with pytest.raises(ValueError, match="dtype must be float32 or float64, got complex64"):
            make(dtype="complex64")
        with pytest.raises(ValueError, match="float64, which needs JAX in double precision"):
            make(dtype="float64")
    with pytest.raises(ValueError, match="in_channels must be an integer >= 1, got 0"):
        nn.ZonalConvolution(0, 1, 4, key=key())


def test_convolutions_refuse_signals_that_do_not_fit():
    (zonal, alm), (lift, _), (group, irreps) = layers()
    for layer in (zonal, lift):
        with pytest.raises(ValueError, match=r"alm must have shape \(2, 21\).*got \(1, 21\)"):
            layer(alm[:1])
        with pytest.raises(ValueError, match=r"alm must have shape \(2, 21\).*got \(2, 15\)"):
            layer(alm[:, :15])
        with pytest.raises(TypeError, match="alm must be complex, got float32"):
            layer(alm.real)
        with pytest.raises(TypeError, match="got IrrepArray"):
            layer(irreps)
    with pytest.raises(ValueError, match="expected 2 channels, got 1"):
        group(support.random_irreps(1, so3_multiplicities(6, 3)))
    with pytest.raises(ValueError, match="expected 6 degrees with multiplicities .* got 5 degrees"):
        group(support.random_irreps(2, so3_multiplicities(5, 3)))
    with pytest.raises(ValueError, match=r"multiplicities \(1, 3, 5, 5, 5, 5\), got 6 degrees"):
        group(support.random_irreps(2, so3_multiplicities(6, 2)))
    with pytest.raises(TypeError, match="expected IrrepArray"):
        group(alm)
