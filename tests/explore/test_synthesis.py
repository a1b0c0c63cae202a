"""The explorer of what coefficients remember, as a Python object."""

from __future__ import annotations

import numpy as np
import pytest

import sphere_toolkit as st


@pytest.fixture(scope="module")
def ring():
    return st.explore.synthesis(st.signals.ring(16), step=20)


def test_the_descent_keeps_the_spectrum_and_nears_the_means(ring):
    alm, errors = ring.descent()
    target = st.signals.ring(16) / st.norm(st.signals.ring(16))
    np.testing.assert_allclose(st.power_spectrum(alm), st.power_spectrum(target), atol=1e-15)
    assert alm[0] == target[0]
    goal, means = (ring.transform(one).means()[1:] for one in (target, alm))
    assert errors[-1] == pytest.approx(np.sqrt(np.mean((means / goal - 1) ** 2)))
    assert errors[-1] < errors[0] / 5


def test_the_first_step_goes_down_the_steepest_slope_at_fixed_spectrum(ring):
    ring.step = 0
    start = ring.descent()
    ring.step = 1
    alm, errors = ring.descent()
    moved = alm - start.alm
    h = 1e-4
    turned = [start.alm + t * h * moved for t in (1, -1)]
    ups, downs = (_loss(ring, one) for one in turned)
    # The step is 0.2 loss / |g|^2 times g, so along it the loss falls by 0.2 of itself; scaling
    # the degrees turns it by a little.
    assert (ups - downs) / (2 * h) == pytest.approx(-0.2 * errors[0] ** 2, rel=0.05)
    ring.step = 20


def _loss(ring, alm):
    goal, means = (ring.transform(one).means()[1:] for one in (st.signals.ring(16), alm))
    return np.mean((means / goal * st.norm(st.signals.ring(16)) - 1) ** 2)


def test_with_the_spectrum_alone_nothing_moves(ring):
    ring.match = "spectrum"
    first = ring.descent()
    ring.step = 5
    np.testing.assert_array_equal(ring.descent().alm, first.alm)
    assert len(first.errors) == 1
    ring.match, ring.step = "zonal", 20


def test_a_signal_of_one_degree_has_paths_without_a_mean():
    explorer = st.explore.synthesis(st.signals.harmonic(32, 3, 2), step=5)
    errors = explorer.descent().errors
    assert np.isfinite(errors).all()
    assert errors[-1] < errors[0]
    constant = st.explore.synthesis(st.signals.harmonic(16, 0, 0), step=5)
    assert constant.descent().errors.tolist() == [0] * 6
    assert np.isnan(constant.skewness()).all()


def test_directional_means_bring_back_more_paths(ring):
    ring.match = "directional"
    assert len(ring.transform.paths) == 1 + 3 + 3 + 3
    errors = ring.descent().errors
    assert errors[-1] < errors[0] / 2
    ring.match = "zonal"


def test_moments_are_those_of_the_samples(ring):
    grid = st.Grid.gauss_legendre(32)
    samples = st.inverse(st.signals.ring(16), grid)
    weights = np.broadcast_to(grid.weights[:, None], samples.shape).ravel()
    mean = np.average(samples.ravel(), weights=weights)
    away = samples.ravel() - mean
    second, third, fourth = (np.average(away**k, weights=weights) for k in (2, 3, 4))
    assert ring.skewness()[0] == pytest.approx(third / second**1.5)
    assert ring.kurtosis()[0] == pytest.approx(fourth / second**2 - 3)


def test_the_coarsest_scale_and_the_start_can_be_chosen():
    explorer = st.explore.synthesis(L=16, J_min=1, seed=3, match="spectrum", step=0)
    assert explorer.scales == [1, 2, 3, 4]
    other = st.explore.synthesis(L=16, J_min=1, seed=4)
    assert explorer.noise != other.noise
    with pytest.raises(ValueError, match="match must be one of 'spectrum', 'zonal', 'directional'"):
        st.explore.synthesis(L=16, match="everything")
    assert (st.explore.synthesis().signal, other.signal) == ("A ring", "A ring")
    with pytest.raises(ValueError, match="step must be an integer"):
        st.explore.synthesis(L=16, step=481)
