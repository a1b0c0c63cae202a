import jax
import jax.numpy as jnp
import numpy as np
import pytest
import support
from hypothesis import given, settings
from hypothesis import strategies as hs
from strategies import seeds

from sphere_toolkit import nn

TYPES = (3, 1, 0, 7, 2)


def key(seed=0):
    return jax.random.key(seed)


# --- the convolution ------------------------------------------------------------------------


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("contracted", [1, 2, 9])
def test_it_is_one_matrix_per_degree_applied_to_all_vectors(contracted):
    layer = nn.GeneralizedConvolution(
        2, 5, TYPES, L_out=4, contracted=contracted, key=key(), dtype="float64"
    )
    x = support.random_irreps(2, TYPES, 1, "float64")
    y = support.apply(layer, x)
    assert (y.L, y.channels, y.multiplicities) == (4, 5, (1, 1, 1, 1))
    contraction, within = iter(np.asarray(layer.contraction)), iter(np.asarray(layer.within).T)
    for degree in range(4):
        count = TYPES[degree]
        left = min(contracted, count)
        # The three steps of the docstring, with the learned numbers in their order.
        K = np.eye(left, count)
        if count > left:
            K = np.array([[next(contraction) for _ in range(count)] for _ in range(left)])
        B = np.array([next(within) if left > 1 else np.ones(2) for _ in range(left)])
        vectors = np.asarray(x.degrees[degree])  # (channels, multiplicities, orders)
        expected = np.zeros((5, 2 * degree + 1))
        if count:
            summed = np.einsum("sc,st,ctm->cm", B, K, vectors)
            expected = np.asarray(layer.across[degree]) @ summed
        expected += degree == 0
        np.testing.assert_allclose(y.degrees[degree][:, 0], expected, atol=1e-12)
    assert next(contraction, None) is None
    assert next(within, None) is None


def test_its_parameters_are_those_that_the_docstring_counts():
    layer = nn.GeneralizedConvolution(2, 5, TYPES, contracted=2, bias=False, key=key())
    # Types 3, 1, 0, 7, 2: contraction only where there are more than 2, weights from 2 on.
    expected = (2 * 3 + 2 * 2) + 0 + 0 + (2 * 7 + 2 * 2) + 2 * 2 + len(TYPES) * 10
    assert nn.count_parameters(layer) == expected
    with_bias = nn.GeneralizedConvolution(2, 5, TYPES, contracted=2, key=key())
    assert nn.count_parameters(with_bias) == expected + 5


def test_the_variance_stays():
    multiplicities = (20,) * 8
    layer = nn.GeneralizedConvolution(40, 200, multiplicities, bias=False, key=key(3))
    x = support.random_irreps(40, multiplicities, 4)
    assert 0.7 < float(jnp.mean(support.apply(layer, x).rows ** 2)) < 1.4


@settings(max_examples=6)
@given(hs.lists(hs.integers(0, 4), min_size=1, max_size=6), hs.booleans(), seeds)
def test_the_convolution_is_exactly_equivariant(multiplicities, double, seed):
    dtype = "float64" if double else "float32"
    with jax.enable_x64(double):
        layer = nn.GeneralizedConvolution(2, 3, multiplicities, key=key(seed), dtype=dtype)
        x = support.random_irreps(2, tuple(multiplicities), seed, dtype)
        found = support.equivariance(layer, x, support.random_rotations(2, seed))
        assert found < support.TOLERANCE[dtype]


def test_convolution_refuses_what_does_not_fit():
    layer = nn.GeneralizedConvolution(2, 3, (1, 2), key=key())
    with pytest.raises(ValueError, match="expected 2 channels, got 1"):
        layer(support.random_irreps(1, (1, 2)))
    with pytest.raises(
        ValueError, match=r"expected 2 degrees with multiplicities \(1, 2\), got 2 degrees"
    ):
        layer(support.random_irreps(2, (1, 1)))
    with pytest.raises(ValueError, match="multiplicities must have an entry for each degree"):
        nn.GeneralizedConvolution(2, 3, (), key=key())
    with pytest.raises(ValueError, match="L_out must be an integer >= 1 and <= 2, got 3"):
        nn.GeneralizedConvolution(2, 3, (1, 2), L_out=3, key=key())
    with pytest.raises(ValueError, match="dtype must be float32 or float64, got int32"):
        nn.GeneralizedConvolution(2, 3, (1, 2), key=key(), dtype="int32")


# --- invariants -----------------------------------------------------------------------------


@pytest.mark.usefixtures("x64")
def test_invariants_are_means_and_powers():
    x = support.random_irreps(2, TYPES, 5, "float64")
    found = support.apply(nn.Invariants(), x)
    expected = [x.degrees[0].ravel()]
    for degree in range(1, 5):
        square = np.asarray(x.degrees[degree]) ** 2
        expected.append(np.log(1 + square.sum(-1) / (2 * degree + 1)).ravel())
    np.testing.assert_allclose(found, np.concatenate(expected), rtol=1e-14)
    np.testing.assert_array_equal(nn.Invariants(powers=False)(x), x.degrees[0].ravel())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_invariants_stand_still(dtype):
    with jax.enable_x64(dtype == "float64"):
        turns = support.random_rotations(5)
        for x in (
            support.random_irreps(3, TYPES, 6, dtype),
            support.random_alm(3, 7, 6, dtype),
        ):
            error = support.equivariance(nn.Invariants(), x, turns, invariant=True)
            assert error < support.TOLERANCE[dtype]


def test_the_slope_of_the_invariants_of_nothing_is_finite():
    zero = nn.IrrepArray(jnp.zeros((2, 1, 2 * degree + 1)) for degree in range(3))
    slope = support.apply(jax.grad(lambda x: nn.Invariants()(x).sum()), zero)
    assert all(np.isfinite(d).all() for d in slope.degrees)
    assert (slope.degrees[0] == 1).all()


def test_invariants_refuse_other_kinds():
    with pytest.raises(TypeError, match="powers must be True or False, got 1"):
        nn.Invariants(powers=1)
    with pytest.raises(TypeError, match="alm must be complex, got float32"):
        nn.Invariants()(jnp.zeros((1, 6)))


# --- normalisation --------------------------------------------------------------------------


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("per", ["signal", "degree"])
def test_normalisation_brings_any_strength_to_one(per):
    layer = nn.Normalisation(3, 5, per=per, epsilon=1e-12, dtype="float64")
    x = support.random_irreps(3, TYPES, 7, "float64")
    strong = nn.IrrepArray((100.0 + degree) * values for degree, values in enumerate(x.degrees))
    powers = [float(np.mean(v**2)) for v in support.apply(layer, strong).degrees if v.size]
    if per == "degree":
        np.testing.assert_allclose(powers, 1, rtol=1e-9)
    else:
        assert np.mean(powers) == pytest.approx(1, rel=1e-9)
        assert np.std(powers) > 0.01
        stronger = jax.tree.map(lambda rows: 1000 * rows, x)
        found = support.apply(layer, stronger)
        assert support.relative_error(found, support.apply(layer, x)) < 1e-11


def test_normalisation_weighs_channels_and_degrees():
    layer = nn.Normalisation(2, 2)
    weights = jnp.array([[1.0, 2.0], [3.0, 4.0]])
    heavy = jax.tree.map(lambda _: weights, layer)
    x = support.random_irreps(2, (1, 3), 8)
    plain, scaled = (support.apply(one, x).degrees for one in (layer, heavy))
    for degree in range(2):
        expected = weights[:, degree, None, None] * plain[degree]
        np.testing.assert_allclose(scaled[degree], expected, rtol=1e-6)


@pytest.mark.parametrize("per", ["signal", "degree"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normalisation_is_exactly_equivariant(per, dtype):
    with jax.enable_x64(dtype == "float64"):
        layer = nn.Normalisation(3, 5, per=per, dtype=dtype)
        x = support.random_irreps(3, TYPES, 9, dtype)
        assert (
            support.equivariance(layer, x, support.random_rotations(5)) < support.TOLERANCE[dtype]
        )


def test_silence_stays_silent_and_has_a_slope():
    layer = nn.Normalisation(1, 2)
    zero = nn.IrrepArray([jnp.zeros((1, 1, 1)), jnp.zeros((1, 1, 3))])
    assert not np.any(support.apply(layer, zero).rows)
    slope = support.apply(jax.grad(lambda x: layer(x).rows.sum()), zero)
    assert np.isfinite(slope.rows).all()


def test_normalisation_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="per must be one of 'signal', 'degree', got 'batch'"):
        nn.Normalisation(1, 2, per="batch")
    with pytest.raises(ValueError, match="epsilon must be a finite number > 0, got 0"):
        nn.Normalisation(1, 2, epsilon=0.0)
    layer = nn.Normalisation(2, 2)
    with pytest.raises(ValueError, match="expected 2 degrees, got 1"):
        layer(support.random_irreps(2, (1,)))
    with pytest.raises(ValueError, match="expected 2 channels, got 3"):
        layer(support.random_irreps(3, (1, 1)))
