"""Each nonlinearity by itself, and the transform with it, against formulas written out."""

import pickle
from math import comb

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as hs
from scipy.spatial.transform import Rotation
from strategies import noise, seeds

import sphere_toolkit as st
from sphere_toolkit.scattering.nonlinearities import (
    NONLINEARITIES,
    Pointwise,
    nonlinearity_of,
)
from sphere_toolkit.scattering.nonlinearities.rms import kernel

WRITTEN_OUT = {
    "modulus": np.abs,
    "square": lambda x: x**2,
    "relu": lambda x: np.where(x > 0, x, 0),
}
RMS = ["rms", "rms(0.25)", "rms(1.0)"]
ENVELOPES = ["envelope(0)", "envelope", "envelope(2)", "envelope(3)", "envelope(8)"]


def written_out(name, alm, grid):
    """Samples of the nonlinearity of scalar signals; for an envelope by spin transforms."""
    if name in WRITTEN_OUT:
        return WRITTEN_OUT[name](st.inverse(alm, grid))
    if name in RMS:
        return local_rms(alm, grid, nonlinearity_of(name).detail)
    N, ell = nonlinearity_of(name).order, st.degrees(st.band_limit(alm))
    c = [comb(2 * N, N + n) * (2 if n else 1) for n in range(N + 1)]
    total = np.cumsum(c)[np.minimum(ell, N)]
    square = 0.0
    for n in range(min(N, ell.max()) + 1):
        part = alm * np.sqrt(c[n] * (ell >= n) / total)
        if n:
            both = st.inverse(np.stack([part, 0 * part], axis=-2), grid, spin=n)
            square = square + (both**2).sum(axis=-3)
        else:
            square = square + st.inverse(part, grid) ** 2
    return np.sqrt(square)


def local_rms(alm, grid, detail):
    """Squares on a grid twice as fine as they need; the kernel by quadrature over its square."""
    L = st.band_limit(alm)
    Q = int(np.ceil(detail * L))
    B, q = (Q + 1) // 2, np.arange(Q)
    x, w = np.polynomial.legendre.leggauss(2 * Q)
    P = np.polynomial.legendre.legvander(x, Q - 1)
    h = (P[:, :B] @ ((2 * q[:B] + 1) * np.cos(np.pi / 2 * q[:B] / B))) ** 2
    kernel = P.T @ (w * h)
    fine = st.Grid.gauss_legendre(4 * L)
    mean = st.truncate(st.forward(st.inverse(alm, fine) ** 2, fine), Q)
    square = st.inverse(mean * (kernel / kernel[0])[st.degrees(Q)], grid)
    return np.sqrt(np.maximum(square, 0))


def test_every_nonlinearity_has_a_name():
    assert set(NONLINEARITIES) == {*WRITTEN_OUT, "envelope", "rms"}
    assert all(rho.name == name for name, rho in NONLINEARITIES.items())
    assert all(nonlinearity_of(name).name == name for name in ENVELOPES + RMS)


@pytest.mark.parametrize("name", [*WRITTEN_OUT, *ENVELOPES, *RMS])
@pytest.mark.parametrize(("L", "rings"), [(1, 1), (9, 20), (40, 300), (260, 521)])
def test_block_by_block_is_at_once(name, L, rings):
    alm, grid, rho = noise(L, n=3), st.Grid.gauss_legendre(rings), nonlinearity_of(name)
    samples = written_out(name, alm, grid)
    expected = st.truncate(st.forward(samples, grid), min(L, 30))
    for n_threads in (1, 3):
        found = np.full_like(expected, np.nan)
        work = np.full(rho.memory(L, grid, 3), np.nan + 0j)
        rho.analyse(alm[:, None], L, grid, min(L, 30), found[:, None], n_threads, work)
        np.testing.assert_allclose(found, expected, atol=1e-12 * np.abs(expected).max())
        one = rho.samples(alm[:1], L, grid, n_threads)
        np.testing.assert_allclose(one, samples[0], atol=1e-12 * np.abs(samples).max())


@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_the_transform_with_it_against_dense_matrices(name):
    alm = noise(12)
    scatter = st.ScatteringTransform(12, J_min=1, depth=3, nonlinearity=name)
    S = scatter(alm)
    rings = {j: scatter.propagate(alm, (j,))[1].L for j in scatter.bank}
    expected = oracles.scattering(alm, 1, 3, 2.0, rings, WRITTEN_OUT[name])
    ell, m = st.degrees(S.L), st.orders(S.L)
    for path, full in expected.items():
        scale = np.abs(full).max()
        np.testing.assert_allclose(
            S[path], full[ell * ell + ell + m], atol=1e-11 * max(1, scale), err_msg=path
        )
    wavelet = scatter.bank.analysis(alm).wavelets[3]
    samples, grid = scatter.propagate(alm, (3,))
    np.testing.assert_allclose(
        samples, WRITTEN_OUT[name](st.inverse(wavelet, grid)), atol=1e-11 * np.abs(samples).max()
    )


@pytest.mark.parametrize("name", ENVELOPES + RMS)
def test_the_transform_with_an_envelope_path_by_path(name):
    alm = noise(24)
    scatter = st.ScatteringTransform(24, J_min=2, depth=3, nonlinearity=name)
    S = scatter(alm)
    for path in S.paths[1:]:
        current = alm
        for j in path:
            wavelet = scatter.bank.analysis(current).wavelets[j]
            grid = scatter.grid(path[: path.index(j) + 1])
            result = st.forward(written_out(name, wavelet, grid), grid)
            current = st.truncate(result, 24) if grid.L >= 24 else padded(result, 24)
        expected = scatter.bank.analysis(current).scaling
        np.testing.assert_allclose(S[path], expected, atol=1e-11 * np.abs(alm).max(), err_msg=path)
        samples, grid = scatter.propagate(alm, path)
        np.testing.assert_allclose(
            samples, written_out(name, wavelet, grid), atol=1e-11 * np.abs(samples).max()
        )


def padded(alm, L):
    """The same coefficients with zeros up to a higher band-limit."""
    out = np.zeros(st.n_coefficients(L), complex)
    keep = st.degrees(L) < st.band_limit(alm)
    out[keep] = alm
    return out


def test_the_order_zero_is_the_modulus():
    alm = noise(40)
    modulus = st.ScatteringTransform(40, J_min=2)(alm)
    zero = st.ScatteringTransform(40, J_min=2, nonlinearity=st.Envelope(0))(alm)
    np.testing.assert_allclose(zero.alm, modulus.alm, atol=1e-13 * np.abs(alm).max())


def test_the_order_one_is_made_of_the_gradient():
    """W_1 is the gradient of g; its square is the half Laplacian of g^2 minus g times that of g."""
    L, grid = 20, st.Grid.gauss_legendre(40)
    alm = noise(L)
    alm[0] = 0
    ell, fine = st.degrees(L), st.degrees(2 * L)
    g = st.inverse(alm / np.sqrt(np.maximum(ell * (ell + 1), 1)), grid)
    laplacian = st.inverse(-np.sqrt(ell * (ell + 1)) * alm, grid)
    of_square = st.inverse(-fine * (fine + 1) * st.forward(g**2, grid), grid)
    gradient = of_square / 2 - g * laplacian
    expected = np.sqrt((st.inverse(alm, grid) ** 2 + gradient) / 2)
    found = st.Envelope(1).samples(alm[None], L, grid, 1)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_two_waves_interfere_with_the_weight_of_the_angle_between_them(order):
    """In the square, cos(Delta / 2) to the power 2 N; waves of opposite direction not at all."""
    L, m = 401, 300
    grid = st.Grid.gauss_legendre(L)
    # Seen near the equator one goes along it, the other along meridians.
    east, north = st.signals.harmonic(L, m, m), st.signals.harmonic(L, m, 0)
    at = np.abs(grid.theta - np.pi / 2).argmin()

    def square(alm):
        return st.Envelope(order).samples(alm[None], L, grid, 1)[at] ** 2

    one = square(east)
    assert one.max() / one.min() - 1 < 2 * order**2 / m  # no hum, where the modulus goes to zero
    # At a right angle the north wave is a standing one: two waves at +-90 degrees.
    cross = square(east + north) - one - square(north)
    amplitude = np.abs(cross).max() / (2 * np.sqrt(one.mean() * square(north).mean()))
    assert amplitude == pytest.approx(2 * 0.5**order, rel=0.05)


SMOOTH = [*map(st.Envelope, range(5)), *map(st.LocalRMS, [0.1, 0.5, 1.0])]


@given(seeds, hs.sampled_from(SMOOTH), hs.integers(1, 40), hs.sampled_from([1.0, 1.3, 2.0]))
def test_an_envelope_keeps_the_energy(seed, rho, L, oversampling):
    alm = noise(L, seed)
    grid = st.Grid.gauss_legendre(int(np.ceil(L * oversampling)))
    U = rho.samples(alm[None], L, grid, 1)
    kept = st.forward(U**2, grid)[0].real * np.sqrt(4 * np.pi)  # exact: the square is band-limited
    assert kept == pytest.approx(st.energy(alm), rel=1e-12)


@given(seeds, hs.sampled_from(SMOOTH), hs.floats(1e-3, 1e3))
def test_an_envelope_does_not_expand_distances(seed, rho, ratio):
    a, b = noise(24, seed, n=2) * np.array([1, ratio])[:, None]
    grid = st.Grid.gauss_legendre(48)
    U, V = (rho.samples(f[None], 24, grid, 1) for f in (a, b))
    distance = st.forward((U - V) ** 2, grid)[0].real * np.sqrt(4 * np.pi)
    assert distance <= st.energy(a - b) * (1 + 1e-12)


def test_the_square_is_exactly_equivariant_and_the_others_are_not():
    alm = st.signals.band_limited_noise(64, 0)
    errors = {
        name: st.equivariance_error(
            st.ScatteringTransform(64, 3, nonlinearity=name), alm, Rotation.random(rng=0)
        )[0]
        for name in (*NONLINEARITIES, "envelope(2)", "envelope(3)")
    }
    assert errors["square"] < 1e-12
    assert 1e-5 < errors["modulus"] < 1e-2
    assert 1e-5 < errors["relu"] < 1e-2
    assert errors["envelope"] < errors["modulus"] / 5
    assert errors["envelope(2)"] < errors["envelope"] / 5
    assert errors["envelope(3)"] < errors["envelope(2)"] / 2
    assert errors["rms"] < errors["modulus"] / 1e4


@pytest.mark.parametrize(("name", "error", "kept"), [
    ("rms", 1e-7, 0.998),
    ("envelope", 1.5e-3, 0.91), ("envelope(2)", 1.5e-4, 0.95), ("envelope(3)", 3.5e-5, 0.97),
])  # fmt: skip
def test_what_the_docstring_says_of_an_envelope(name, error, kept):
    alm = st.signals.band_limited_noise(256, 0)
    scatter = st.ScatteringTransform(256, 5, nonlinearity=name)
    found = st.equivariance_error(lambda a: scatter(a).at_depth(2), alm, Rotation.random(rng=0))
    assert found[0] < error
    assert scatter(alm).energy().sum() > kept * st.energy(alm)


def test_it_is_part_of_what_defines_the_transform():
    for rho, name in (
        ("relu", "relu"),
        (st.Envelope(), "envelope"),
        (st.Envelope(2), "envelope(2)"),
        (st.LocalRMS(0.5), "rms(0.5)"),
    ):
        scatter = st.ScatteringTransform(16, 2, nonlinearity=rho)
        assert scatter.parameters()["nonlinearity"] == name
        assert f"nonlinearity={name!r}" in repr(scatter)
        again = pickle.loads(pickle.dumps(scatter))
        assert again == scatter
        np.testing.assert_array_equal(again(noise(16)).alm, scatter(noise(16)).alm)
    assert st.Envelope(2) == st.Envelope(2) != st.Envelope(1)
    assert len({st.Envelope(2), st.Envelope(2), st.Envelope(3)}) == 2
    assert repr(st.Envelope(2)) == "Envelope(order=2)"
    assert st.LocalRMS(1) == st.LocalRMS(1.0) != st.LocalRMS()
    assert len({st.LocalRMS(), st.LocalRMS(0.75), st.LocalRMS(0.3)}) == 2
    assert repr(st.LocalRMS()) == "LocalRMS(detail=0.75)"


class Softplus(Pointwise):
    """What a user may add: a class with a name and a rule."""

    name = "softplus"

    def rectify(self, samples):
        """In place, as ours."""
        np.logaddexp(samples, 0, out=samples)


def test_one_of_a_user_goes_where_ours_go():
    scatter = st.ScatteringTransform(16, 2, nonlinearity=Softplus())
    assert scatter.parameters()["nonlinearity"] == "softplus"
    samples, grid = scatter.propagate(noise(16), (4,))
    wave = st.inverse(scatter.bank.analysis(noise(16)).wavelets[4], grid)
    np.testing.assert_allclose(samples, np.log1p(np.exp(wave)), atol=1e-12)
    again = pickle.loads(pickle.dumps(scatter))
    np.testing.assert_array_equal(again(noise(16)).alm, scatter(noise(16)).alm)
    with pytest.raises(ValueError, match="goes with the nonlinearity 'modulus' or an envelope"):
        st.ScatteringTransform(16, 2, nonlinearity=Softplus(), directions=2)
    returning = type("Returning", (Softplus,), {"rectify": lambda self, samples: abs(samples)})
    with pytest.raises(TypeError, match="rectify of Returning must change the samples in place"):
        st.ScatteringTransform(16, 2, nonlinearity=returning())(noise(16))
    nameless = type("Nameless", (Pointwise,), {"rectify": Softplus.rectify})
    with pytest.raises(TypeError, match="nonlinearity must have a name, and Nameless has none"):
        st.ScatteringTransform(16, 2, nonlinearity=nameless())


@pytest.mark.parametrize("name", ["ReLU", "abs", "", None, np.abs, "envelope()", "envelope(-1)"])
def test_others_are_refused(name):
    with pytest.raises(ValueError, match="one of 'modulus', .*'envelope', 'rms', got"):
        st.ScatteringTransform(16, 2, nonlinearity=name)


@pytest.mark.parametrize(("order", "error"), [(-1, ValueError), (9, ValueError), (1.5, TypeError)])
def test_orders_out_of_range_are_refused(order, error):
    with pytest.raises(error, match="order"):
        st.Envelope(order)
    with pytest.raises(ValueError, match="order must be"):
        st.ScatteringTransform(16, 2, nonlinearity="envelope(9)")


@pytest.mark.parametrize(
    ("detail", "error"),
    [(0, ValueError), (1.1, ValueError), (np.nan, ValueError), ("x", TypeError)],
)
def test_details_out_of_range_are_refused(detail, error):
    with pytest.raises(error, match="detail"):
        st.LocalRMS(detail)


def test_the_mean_of_squares_is_over_neighbours_only_and_never_negative():
    """The kernel is not negative, falls off, and takes the square at a point to its neighbours."""
    L = 60
    window = kernel(L)
    x = np.cos(np.linspace(0, np.pi, 400))
    h = np.polynomial.legendre.legval(x, (2 * np.arange(L) + 1) * window)
    assert h.min() > -1e-9 * h.max()
    assert h[x < np.cos(8 * np.pi / L)].max() < 1e-2 * h.max()
