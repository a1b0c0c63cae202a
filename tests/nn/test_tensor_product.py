import jax
import jax.numpy as jnp
import numpy as np
import pytest
import support
from hypothesis import given, settings
from hypothesis import strategies as hs
from oracles import clebsch_gordan, full
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from strategies import noise, seeds

import sphere_toolkit as st
from sphere_toolkit import nn
from sphere_toolkit.nn.math import clebsch_gordan as cg

MIXINGS = ("full", "mst", "rmst")


def complex_vectors(values):
    """(pairs, 2l+1) in the real basis as complex coefficients m = 0..l, per pair."""
    degree = values.shape[-1] // 2
    plus, minus = values[:, degree:], values[:, degree::-1]
    return np.where(np.arange(degree + 1) == 0, plus, (plus - 1j * minus) / np.sqrt(2))


@pytest.mark.parametrize(("l1", "l2"), [(0, 0), (1, 1), (3, 1), (2, 4)])
def test_all_coefficients_are_racahs(l1, l2):
    expected = [
        [
            [clebsch_gordan(l1, m1, l2, m2, ell, m1 + m2) for ell in range(l1 + l2 + 1)]
            for m2 in range(-l2, l2 + 1)
        ]
        for m1 in range(-l1, l1 + 1)
    ]
    np.testing.assert_allclose(nn.clebsch_gordan(l1, l2), expected, atol=1e-14)


def test_a_degree_is_an_integer_from_0():
    with pytest.raises(ValueError, match="second must be .*, got -1"):
        nn.clebsch_gordan(1, -1)
    with pytest.raises(TypeError, match="first must be .*, got 1.5"):
        nn.clebsch_gordan(1.5, 1)


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("mixing", MIXINGS)
def test_the_products_are_sums_with_clebsch_gordan_coefficients(mixing):
    L, L_out = 4, 6
    alm = noise(L, 1)
    f = full(alm)
    layer = nn.TensorProductActivation(L, L_out=L_out, mixing=mixing)
    given_ = support.apply(lambda alm: layer(nn.to_irreps(alm)), alm[None])
    pairs = layer.pairs
    for degree, values in enumerate(given_.degrees):
        found = complex_vectors(np.asarray(values[0]))
        assert len(found) == len(pairs[degree])
        for vector, (l1, l2) in zip(found, pairs[degree], strict=True):
            expected = [
                sum(
                    clebsch_gordan(l1, m1, l2, m - m1, degree, m) * f[l1, m1] * f[l2, m - m1]
                    for m1 in range(-l1, l1 + 1)
                    if abs(m - m1) <= l2
                )
                for m in range(degree + 1)
            ]
            phase = 1 if (l1 + l2 + degree) % 2 == 0 else 1j
            np.testing.assert_allclose(vector, np.array(expected) * phase, atol=1e-13)


@pytest.mark.usefixtures("x64")
def test_the_square_of_a_signal_is_a_sum_of_its_products():
    L = 7
    alm, grid = noise(L, 3), st.Grid.gauss_legendre(2 * L - 1)
    square = st.forward(st.inverse(_padded(alm, 2 * L - 1), grid) ** 2, grid)
    layer = nn.TensorProductActivation(L, L_out=2 * L - 1, mixing="full")
    products = support.apply(lambda alm: layer(nn.to_irreps(alm)), alm[None])
    degrees = []
    for degree, (values, pairs) in enumerate(
        zip(products.degrees, cg.mixing_set(L, 2 * L - 1, "full"), strict=True)
    ):
        gaunt = np.array(
            [
                np.sqrt((2 * a + 1) * (2 * b + 1) / (4 * np.pi * (2 * degree + 1)))
                * clebsch_gordan(a, 0, b, 0, degree, 0)
                * (1 if a == b else 2)
                for a, b in pairs
            ]
        )
        degrees.append(np.einsum("p,cpm->cm", gaunt, np.asarray(values))[:, None])
    found = support.apply(lambda degrees: nn.to_alm(nn.IrrepArray(degrees)), degrees)
    np.testing.assert_allclose(found[0], square, atol=1e-12)


def _padded(alm, L):
    """The same signal with zeros up to a higher band-limit."""
    out = np.zeros(st.n_coefficients(L), complex)
    low = st.band_limit(alm)
    keep = st.degrees(L) < low
    out[keep & (st.orders(L) < low)] = alm
    return out


@settings(max_examples=6)  # every new shape is compiled
@given(hs.integers(1, 7), hs.sampled_from(MIXINGS), hs.booleans(), seeds)
def test_it_is_exactly_equivariant(L, mixing, double, seed):
    dtype = "float64" if double else "float32"
    with jax.enable_x64(double):
        layer = nn.TensorProductActivation(L, mixing=mixing)
        x = support.random_irreps(2, (1,) * L, seed, dtype)
        assert (
            support.equivariance(layer, x, support.random_rotations(3, seed))
            < (support.TOLERANCE[dtype])
        )


def test_a_batch_is_its_signals_one_by_one():
    layer = nn.TensorProductActivation(6)
    signals = [support.random_irreps(3, (1,) * 6, seed) for seed in range(4)]
    batch = jax.tree.map(lambda *leaves: jnp.stack(leaves), *signals)
    together = jax.jit(jax.vmap(layer))(batch)
    for i, one in enumerate(signals):
        row = jax.tree.map(lambda leaf, i=i: leaf[i], together)
        assert support.relative_error(row, support.apply(layer, one)) < 1e-6


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("mixing", MIXINGS)
def test_its_slope_is_that_of_the_products(mixing):
    L = 5
    layer = nn.TensorProductActivation(L, mixing=mixing)
    x, v = (support.random_irreps(2, (1,) * L, seed, "float64") for seed in (0, 1))
    w = support.random_irreps(2, layer.multiplicities, 2, "float64")

    @jax.jit
    def projected(x):
        return jnp.vdot(layer(x).rows, w.rows)

    along = np.vdot(jax.jit(jax.grad(projected))(x).rows, v.rows)
    moved = [jax.tree.map(lambda a, b, s=s: a + s * b, x, v) for s in (1.0, -1.0)]
    # Of a quadratic form the central difference is exact, whatever the step.
    difference = (projected(moved[0]) - projected(moved[1])) / 2
    np.testing.assert_allclose(along, difference, rtol=1e-12)


def test_at_zero_the_slope_is_finite():
    layer = nn.TensorProductActivation(4)
    zero = nn.IrrepArray.from_rows(jnp.zeros((1, 16)), (1,) * 4)
    slope = support.apply(jax.grad(lambda x: layer(x).rows.sum()), zero)
    assert not np.any(slope.rows)


# --- which degrees meet ---------------------------------------------------------------------


@pytest.mark.parametrize(("L", "L_out"), [(1, 1), (4, 4), (6, 11), (13, 13)])
def test_the_full_set_holds_what_the_triangle_rule_allows(L, L_out):
    for degree, pairs in enumerate(cg.mixing_set(L, L_out, "full")):
        expected = {
            (a, b)
            for b in range(L)
            for a in range(b + 1)
            if b - a <= degree <= a + b and not (a == b and degree % 2)
        }
        assert set(pairs) == expected
        assert len(pairs) == len(expected)


@pytest.mark.parametrize("L", [3, 8, 16])
def test_the_tree_spans_its_graph_at_the_least_cost(L):
    everything = cg.mixing_set(L, L, "full")
    for degree, pairs in enumerate(cg.mixing_set(L, L, "mst")):
        edges = [pair for pair in pairs if pair[0] < pair[1]]
        graph = [pair for pair in everything[degree] if pair[0] < pair[1]]
        costs = [cg.count_terms(*pair, degree) for pair in graph]
        rows, columns = np.array(graph, np.int32).reshape(-1, 2).T
        matrix = csr_array((costs, (rows, columns)), shape=(L, L))
        least = minimum_spanning_tree(matrix)
        assert sum(cg.count_terms(*pair, degree) for pair in edges) == least.sum()
        count, _ = connected_components(matrix, directed=False)
        assert len(edges) == L - count
        loops = {a for a, b in pairs if a == b}
        assert loops == (set(range(L)) if degree == 0 else set())


@pytest.mark.parametrize("L", [4, 16, 32])
def test_the_reduced_set_is_a_small_part_of_the_tree(L):
    tree, reduced = (cg.mixing_set(L, L, mixing) for mixing in ("mst", "rmst"))
    for degree in range(L):
        assert set(reduced[degree]) <= set(tree[degree])
        assert tree[degree][0] in reduced[degree]
        assert degree == 0 or len(reduced[degree]) <= np.log2(L) + 2


def test_the_cost_at_band_limit_32():
    terms = {mixing: nn.TensorProductActivation(32, mixing=mixing).terms for mixing in MIXINGS}
    assert terms == {"full": 7_547_024, "mst": 375_457, "rmst": 56_817}
    assert terms["full"] > 15 * terms["mst"]
    assert terms["full"] > 60 * terms["rmst"]


def test_terms_are_counted_one_by_one():
    def slow(l1, l2, degree):
        pairs = ((a, b) for a in range(-l1, l1 + 1) for b in range(-l2, l2 + 1))
        return sum(abs(a + b) <= degree for a, b in pairs)

    for l1, l2, degree in [(0, 3, 3), (2, 3, 1), (3, 3, 6), (4, 2, 3)]:
        assert cg.count_terms(l1, l2, degree) == slow(l1, l2, degree)


# --- bad input ------------------------------------------------------------------------------


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="mixing must be one of 'full', 'mst', 'rmst', got 'tree'"):
        nn.TensorProductActivation(4, mixing="tree")
    with pytest.raises(ValueError, match="L_out must be an integer >= 1 and <= 7, got 8"):
        nn.TensorProductActivation(4, L_out=8)
    with pytest.raises(ValueError, match="L must be an integer >= 1, got 0"):
        nn.TensorProductActivation(0)


def test_signals_that_do_not_fit_are_refused():
    layer = nn.TensorProductActivation(4)
    with pytest.raises(
        ValueError, match=r"expected 4 degrees with multiplicities \(1, 1, 1, 1\), got 3"
    ):
        layer(support.random_irreps(2, (1, 1, 1)))
    with pytest.raises(ValueError, match=r"got 4 degrees with multiplicities \(1, 2, 1, 1\)"):
        layer(support.random_irreps(2, (1, 2, 1, 1)))
    with pytest.raises(TypeError, match="expected IrrepArray, got"):
        layer(support.random_alm(2, 4))
