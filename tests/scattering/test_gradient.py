"""Derivatives of the scattering transform against differences, and against each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as hs
from strategies import noise, seeds

import sphere_toolkit as st
from sphere_toolkit.scattering import gradient
from sphere_toolkit.scattering.nonlinearities import NONLINEARITIES, Pointwise, engine

SMOOTH = ["square", "envelope", "envelope(2)", "rms"]
KINDS = [*NONLINEARITIES, "envelope(2)"]
DIRECTIONAL = [("modulus", 2), ("modulus", 3), ("envelope", 2), ("envelope", 3)]
ALL = [*((name, 1) for name in KINDS), *DIRECTIONAL]


def cotangent(S, seed=5):
    return noise(S.L, seed, n=S.alm[..., 0].size).reshape(S.alm.shape)


@pytest.mark.parametrize(("name", "directions"), ALL)
def test_both_derivatives_are_transposed_to_each_other(name, directions):
    scatter = st.ScatteringTransform(
        24, 2, depth=3, nonlinearity=name, directions=directions, n_threads=2
    )
    alm, h = noise(24, 1, n=3), noise(24, 2, n=3)
    S, vjp = scatter.vjp(alm)
    value, change = scatter.jvp(alm, h)
    np.testing.assert_allclose(S.alm, scatter(alm).alm, rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(S.alm, value.alm)
    g = cotangent(S)
    one, other = st.inner(g, change.alm).sum(axis=-1), st.inner(vjp(g), h)
    np.testing.assert_allclose(one, other, rtol=1e-12)


@settings(max_examples=20)
@given(
    seeds,
    hs.sampled_from([("square", 1), ("envelope", 1), ("rms", 1), ("envelope", 2)]),
)
def test_the_gradient_is_that_of_central_differences(seed, kind):
    scatter = st.ScatteringTransform(16, 2, nonlinearity=kind[0], directions=kind[1])
    alm, h = noise(16, seed, n=2)
    S, vjp = scatter.vjp(alm)
    g = cotangent(S, seed + 1)
    step = 1e-4
    up, down = (st.inner(g, scatter(alm + s * h).alm).sum() for s in (step, -step))
    expected = (up - down) / (2 * step)
    scale = st.norm(vjp(g)) * st.norm(h)
    assert abs(st.inner(vjp(g), h) - expected) < 1e-6 * scale


@pytest.mark.parametrize("name", ["modulus", "relu"])
def test_kinks_change_differences_but_little(name):
    # Between two points on either side of a zero line the difference is not the derivative.
    scatter = st.ScatteringTransform(32, 2, nonlinearity=name)
    alm, directions = noise(32, 3), noise(32, 4, n=20)
    S, vjp = scatter.vjp(alm)
    gradient_ = vjp(cotangent(S))
    step = 1e-5
    for h in directions:
        up, down = (scatter(alm + s * h).alm for s in (step, -step))
        expected = st.inner(cotangent(S), (up - down) / (2 * step)).sum()
        assert abs(st.inner(gradient_, h) - expected) < 1e-3 * st.norm(gradient_) * st.norm(h)


@pytest.mark.parametrize(("name", "directions"), [("modulus", 1), ("rms", 1), ("envelope", 2)])
def test_what_is_not_kept_is_computed_again(name, directions, monkeypatch):
    scatter = st.ScatteringTransform(40, 2, depth=3, nonlinearity=name, directions=directions)
    alm = noise(40)
    S, vjp = scatter.vjp(alm)
    g = cotangent(S)
    expected = vjp(g)
    for room in (0, 60_000):
        monkeypatch.setattr(gradient, "_KEPT", room)
        found = scatter.vjp(alm)[1](g)
        assert st.norm(found - expected) < 1e-13 * st.norm(expected)
    monkeypatch.setattr(engine, "_SERIES_AT_ONCE", 1 << 10)
    grouped = st.ScatteringTransform(40, 2, depth=3, nonlinearity=name, directions=directions)
    found = grouped.vjp(alm)[1](g)
    assert st.norm(found - expected) < 1e-13 * st.norm(expected)


@pytest.mark.parametrize(("name", "directions"), ALL)
def test_a_signal_without_detail_has_a_finite_gradient(name, directions):
    scatter = st.ScatteringTransform(16, 2, nonlinearity=name, directions=directions)
    alm = np.zeros(st.n_coefficients(16), complex)
    alm[0] = 3
    S, vjp = scatter.vjp(alm)
    assert np.isfinite(vjp(cotangent(S))).all()


def test_single_precision_stays_single():
    scatter = st.ScatteringTransform(32, 2, nonlinearity="envelope", dtype="float32")
    alm = noise(32)
    S, vjp = scatter.vjp(alm)
    found = vjp(S)
    assert found.dtype == np.complex64
    S, vjp = st.ScatteringTransform(32, 2, nonlinearity="envelope").vjp(alm)
    expected = vjp(S)
    assert st.norm(found - expected) < 1e-5 * st.norm(expected)


def test_later_changes_of_the_signal_do_not_reach_the_gradient():
    scatter, alm = st.ScatteringTransform(16, 2), noise(16)
    S, vjp = scatter.vjp(alm)
    before = vjp(S)
    alm[:] = 0
    np.testing.assert_array_equal(vjp(S), before)


def test_bad_gradients():
    scatter = st.ScatteringTransform(16, 2)
    S, vjp = scatter.vjp(noise(16, n=2))
    with pytest.raises(ValueError, match=r"shape \(2, 7, 10\), got \(7, 10\)"):
        vjp(S.alm[0])
    with pytest.raises(ValueError, match="NaN"):
        vjp(np.full_like(S.alm, np.nan))
    with pytest.raises(ValueError, match=r"\(2, 136\) of alm, got \(136,\)"):
        scatter.jvp(noise(16, n=2), noise(16))


def test_a_nonlinearity_of_ones_own_names_what_it_lacks():
    class Softplus(Pointwise):
        name = "softplus"

        def rectify(self, samples):
            np.logaddexp(samples, 0, out=samples)

    scatter = st.ScatteringTransform(16, 2, nonlinearity=Softplus())
    S, vjp = scatter.vjp(noise(16))
    with pytest.raises(NotImplementedError, match=r"Softplus .* slope\(samples\)"):
        vjp(S)
