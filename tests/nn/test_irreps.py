import pickle

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import support
from hypothesis import given, settings
from hypothesis import strategies as hs
from scipy.spatial.transform import Rotation
from scipy.special import sph_harm_y
from strategies import noise, relative, rotations, seeds

import sphere_toolkit as st
from sphere_toolkit import nn
from sphere_toolkit.nn.math import padded
from sphere_toolkit.nn.math.irreps import check_alm, check_irreps, so3_multiplicities
from sphere_toolkit.nn.math.precision import real_dtype


def real_harmonic(degree, order, theta, phi):
    """The orthonormal real harmonics, written out."""
    y = sph_harm_y(degree, abs(order), theta, phi)
    return y.real if order == 0 else np.sqrt(2) * (y.real if order > 0 else y.imag)


@pytest.mark.usefixtures("x64")
def test_irrep_arrays_are_coefficients_of_the_real_harmonics():
    alm, grid = noise(6), st.Grid.gauss_legendre(6)
    theta, phi = grid.mesh()
    irreps = nn.to_irreps(alm[None])
    samples = sum(
        float(values[0, 0, order + degree]) * real_harmonic(degree, order, theta, phi)
        for degree, values in enumerate(irreps.degrees)
        for order in range(-degree, degree + 1)
    )
    np.testing.assert_allclose(samples, st.inverse(alm, grid), atol=1e-12)


@pytest.mark.usefixtures("x64")
def test_signs_of_real_and_imaginary_parts():
    alm = np.zeros((1, 6), complex)
    alm[0, 3] = 1 + 2j  # degree 1, order 1: healpy's order is (0,0) (1,0) (2,0) (1,1) ...
    np.testing.assert_allclose(nn.to_irreps(alm).degrees[1][0, 0], [-2 * np.sqrt(2), 0, np.sqrt(2)])


@settings(max_examples=10)  # every new shape is compiled
@given(hs.integers(1, 20), hs.integers(1, 3), seeds)
def test_round_trip_and_norms(L, channels, seed):
    with jax.enable_x64():
        alm = noise(L, seed, channels)
        irreps = support.apply(nn.to_irreps, alm)
        assert (irreps.L, irreps.channels, irreps.multiplicities) == (L, channels, (1,) * L)
        np.testing.assert_allclose(support.apply(nn.to_alm, irreps), alm, atol=1e-14)
        degrees = support.apply(lambda signal: signal.degrees, irreps)
        power = [np.mean(np.square(np.asarray(d)), axis=(1, 2)) for d in degrees]
        np.testing.assert_allclose(np.stack(power, -1), st.power_spectrum(alm), rtol=1e-12)


@settings(max_examples=10)
@given(hs.integers(1, 12), seeds, rotations)
def test_rotation_of_an_irrep_array_is_that_of_the_signal(L, seed, rotation):
    with jax.enable_x64():
        alm = noise(L, seed, 2)
        turned = nn.rotate(support.apply(nn.to_irreps, alm), rotation)
        turned = support.apply(nn.to_alm, turned)
        assert relative(np.asarray(turned), st.rotate(alm, rotation)) < 1e-13
        np.testing.assert_array_equal(nn.rotate(alm, rotation), st.rotate(alm, rotation))


@pytest.mark.usefixtures("x64")
def test_every_vector_turns_by_the_same_orthogonal_matrix():
    rotation = Rotation.from_euler("ZYZ", [0.3, 1.2, -2.0])
    multiplicities = (2, 0, 3, 7)
    x = support.random_irreps(2, multiplicities, dtype="float64")
    turned = nn.rotate(x, rotation)
    assert turned.multiplicities == multiplicities
    for degree, (before, after) in enumerate(zip(x.degrees, turned.degrees, strict=True)):
        unit = np.eye(2 * degree + 1)[None]
        all_units = [np.zeros((1, 1, 2 * ell + 1)) for ell in range(degree)] + [unit]
        matrix = nn.rotate(nn.IrrepArray(all_units), rotation).degrees[degree][0]
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(2 * degree + 1), atol=1e-13)
        np.testing.assert_allclose(after, before @ matrix, atol=1e-13)


def test_precision_follows_the_signal():
    alm = noise(5, n=2)
    assert nn.to_irreps(alm).degrees[3].dtype == jnp.float32
    assert nn.to_alm(nn.to_irreps(alm)).dtype == jnp.complex64
    x = nn.rotate(nn.to_irreps(alm), Rotation.random(rng=0))
    assert x.degrees[0].dtype == jnp.float32
    assert nn.rotate(jnp.asarray(alm), Rotation.random(rng=0)).dtype == jnp.complex64


def test_transformations_of_jax_and_equinox():
    alm = support.random_alm(3, 6)
    batch = jnp.stack([alm, 2 * alm])
    irreps = jax.jit(jax.vmap(nn.to_irreps))(batch)
    assert irreps.degrees[4].shape == (2, 3, 1, 9)
    np.testing.assert_allclose(jax.jit(jax.vmap(nn.to_alm))(irreps), batch, rtol=1e-6)

    def energy(x):
        return sum((d**2).sum() for d in x.degrees)

    x = support.apply(nn.to_irreps, alm)
    slope = support.apply(eqx.filter_grad(energy), x)
    assert isinstance(slope, nn.IrrepArray)
    np.testing.assert_allclose(slope.rows, 2 * x.rows, rtol=1e-6)
    arrays, rest = eqx.partition(x, eqx.is_inexact_array)
    assert support.relative_error(eqx.combine(arrays, rest), x) == 0


def test_a_second_call_does_not_compile_again():
    traced = []

    @eqx.filter_jit
    def double(x):
        traced.append(x)
        return jax.tree.map(lambda d: 2 * d, x)

    double(nn.to_irreps(support.random_alm(2, 5, seed=0)))
    double(nn.to_irreps(support.random_alm(2, 5, seed=1)))
    assert len(traced) == 1


def test_types_of_signals_on_so3():
    assert so3_multiplicities(5, 1) == (1, 1, 1, 1, 1)
    assert so3_multiplicities(5, 3) == (1, 3, 5, 5, 5)


@pytest.mark.parametrize(
    ("degrees", "error", "words"),
    [
        ([], ValueError, "at least one degree, got none"),
        (
            [np.ones((2, 1, 1)), np.ones((3, 1, 3))],
            ValueError,
            r"\(2, multiplicity, 3\), got \(3, 1, 3\)",
        ),
        (
            [np.ones((2, 1, 1)), np.ones((2, 1, 5))],
            ValueError,
            r"\(2, multiplicity, 3\), got \(2, 1, 5\)",
        ),
        (
            [np.ones((2, 1))],
            ValueError,
            r"degree 0 must have shape \(2, multiplicity, 1\), got \(2, 1\)",
        ),
        ([np.ones(())], ValueError, r"\(channels, multiplicity, 1\), got \(\)"),
        ([np.ones((2, 1, 1), complex)], TypeError, "must be real, got dtype complex64"),
        ([np.ones((2, 1, 1), int)], TypeError, "must be real, got dtype int32"),
    ],
)
def test_irrep_arrays_refuse(degrees, error, words):
    with pytest.raises(error, match=words):
        nn.IrrepArray(degrees)


def test_conversions_refuse():
    with pytest.raises(ValueError, match=r"\(channels, L\(L\+1\)/2\), got \(10,\)"):
        nn.to_irreps(noise(4))
    with pytest.raises(TypeError, match="must be complex, got float32"):
        nn.to_irreps(jnp.ones((2, 10)))
    with pytest.raises(ValueError, match="nearest lengths"):
        nn.to_irreps(jnp.ones((2, 11), complex))
    with pytest.raises(
        ValueError, match=r"multiplicities \(1, 1\), got 2 degrees with multiplicities \(2, 1\)"
    ):
        nn.to_alm(support.random_irreps(1, (2, 1)))
    with pytest.raises(TypeError, match="got ndarray: see nn.to_irreps"):
        nn.to_alm(noise(4, n=1))


def test_rotate_refuses_a_stack_and_what_is_no_rotation():
    x = support.random_irreps(1, (1, 1))
    with pytest.raises(ValueError, match="a single one, got a stack of 3"):
        nn.rotate(x, Rotation.random(3, rng=0))
    with pytest.raises(TypeError, match="rotation must be a Rotation of scipy, got array"):
        nn.rotate(x, np.eye(3))


def test_checks_name_expected_and_got():
    alm, x = support.random_alm(2, 4), support.random_irreps(2, (1, 1))
    check_alm(alm, 2, 4)
    check_irreps(x, 2, (1, 1))
    with pytest.raises(ValueError, match=r"\(3, 10\) \(band-limit 4\), got \(2, 10\)"):
        check_alm(alm, 3, 4)
    with pytest.raises(ValueError, match=r"\(2, 15\) \(band-limit 5\), got \(2, 10\)"):
        check_alm(alm, 2, 5)
    with pytest.raises(TypeError, match="got IrrepArray: see nn.to_alm"):
        check_alm(x)
    with pytest.raises(ValueError, match="expected 3 channels, got 2"):
        check_irreps(x, 3)


def test_double_precision_must_be_switched_on():
    assert real_dtype("float32") == np.float32
    with pytest.raises(ValueError, match="jax.enable_x64"):
        real_dtype("float64")
    with pytest.raises(ValueError, match="float32 or float64, got int32"):
        real_dtype("int32")
    with jax.enable_x64():
        assert real_dtype(np.float64) == np.float64


def test_linear_layers_hand_the_padded_array_on():
    lift = nn.LiftConvolution(2, 3, 5, 2, key=jax.random.key(0))
    mix = nn.GeneralizedConvolution(3, 4, lift.multiplicities, L_out=4, key=jax.random.key(1))
    alm = support.random_alm(2, 5)

    def forget(signal):
        return nn.IrrepArray.from_rows(signal.rows, signal.multiplicities)

    def both_ways(alm):
        kept, plain = lift(alm), forget(lift(alm))
        # JAX sees the rows alone.
        assert jax.tree.structure(kept) == jax.tree.structure(plain)
        return [(x.padded(5), x.padded(3), mix(x).rows) for x in (kept, plain)]

    loaded = pickle.loads(pickle.dumps(nn.to_irreps(alm)))
    assert support.identical(loaded, nn.to_irreps(alm))
    for found, expected in zip(*support.apply(both_ways, alm), strict=True):
        np.testing.assert_array_equal(found, expected)

    def gathers(between):
        program = jax.jit(lambda x: mix(between(lift(x))).padded(4)).lower(alm).compile()
        return program.as_text().count(" gather(")

    assert gathers(lambda signal: signal) < gathers(forget)


def test_moves_are_matrices():
    rng = np.random.default_rng(0)

    def random(shape_in, shape_out, terms):
        shape = (terms, *shape_out)
        factors = rng.standard_normal(shape) * rng.integers(0, 2, shape)
        return padded.Moves(rng.integers(0, np.prod(shape_in), shape), factors, shape_in)

    def matrix(moves):
        found = np.zeros((moves.sources[0].size, np.prod(moves.shape)))
        for sources, factors in zip(moves.sources, moves.factors, strict=True):
            found[np.arange(len(found)), sources.ravel()] += factors.ravel()
        return found

    first, second = random((6,), (3, 4), 2), random((3, 4), (5,), 1)
    np.testing.assert_allclose(matrix(first.then(second)), matrix(second) @ matrix(first))
    np.testing.assert_array_equal(matrix(first.transposed()), matrix(first).T)
    there, back = first.functions()
    x, y = rng.standard_normal((2, 6)), rng.standard_normal((2, 3, 4))
    found, slope = jax.vjp(there, x)
    np.testing.assert_allclose(found.reshape(2, -1), x @ matrix(first).T, rtol=1e-5)
    np.testing.assert_allclose(slope(found)[0], back(found), rtol=1e-6)
    np.testing.assert_allclose(back(y), y.reshape(2, -1) @ matrix(first), rtol=1e-5)
