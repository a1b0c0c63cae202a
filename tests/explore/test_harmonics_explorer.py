"""What a band-limit leaves out, coefficients of real harmonics, and the explorer's Python side."""

from __future__ import annotations

import numpy as np
import pytest
from ipywidgets.embed import dependency_state

import sphere_toolkit as st
from sphere_toolkit.sphere.spectra import real_coefficient, residual_energy

NOISE = st.signals.band_limited_noise(16, 0)
GRID = st.Grid.gauss_legendre(16)


@pytest.fixture(scope="module")
def default():
    return st.explore.harmonics()


def test_what_is_left_out_is_the_energy_of_the_difference():
    relief = st.signals.earth_relief(48)
    left = residual_energy(relief)
    assert left.shape == (49,)
    assert (left[0], left[48]) == (1, 0)
    assert (np.diff(left) <= 0).all()
    for limit in (1, 2, 17, 47):
        rest = relief.copy()
        rest[st.degrees(48) < limit] = 0
        assert left[limit] == pytest.approx(st.energy(rest) / st.energy(relief), rel=1e-12)
    for factor in (1e-200, -1e200):
        np.testing.assert_allclose(residual_energy(factor * relief), left, rtol=1e-12)


def test_real_coefficients_are_integrals_with_the_real_harmonics():
    """By quadrature over samples, without any coefficient of the signal."""
    samples = st.inverse(NOISE, GRID)
    weights = np.polynomial.legendre.leggauss(16)[1][:, None] * 2 * np.pi / GRID.shape[1]
    total = 0.0
    for degree in range(16):
        for order in range(-degree, degree + 1):
            harmonic = st.inverse(st.signals.harmonic(16, degree, order), GRID)
            found = real_coefficient(NOISE, degree, order)
            assert found == pytest.approx((weights * samples * harmonic).sum(), abs=1e-12)
            total += found**2
    assert total == pytest.approx(st.energy(NOISE))


def test_the_default_starts_in_the_middle_of_the_question(default):
    assert (default.mode, default.band_limit, default.L) == ("signal", 16, 128)
    assert 0.01 < default.residual_energy() < 0.1
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    assert sum(len(buffer["data"]) for buffer in state["buffers"]) < 450_000
    assert len(state["state"]["_esm"]) < 90_000
    assert st.explore.harmonics(st.signals.ring(4), degree=1, order=0).band_limit == 4


def test_what_the_reader_chooses_can_be_set(default):
    default.degree, default.order = 7, -7
    relief = st.signals.earth_relief(128)
    assert default.coefficient() == real_coefficient(relief, 7, -7)
    default.degree = 4
    assert default.order == -4
    for trait, value, words in [
        ("mode", "both", "mode must be one of 'signal', 'harmonic', got 'both'"),
        ("view", "cube", "view must be one of 'map', 'globe', got 'cube'"),
        ("band_limit", 0, "band_limit must be an integer >= 1 and <= 128, got 0"),
        ("degree", 128, "degree must be an integer >= 0 and <= 127, got 128"),
        ("order", 5, "order must be an integer >= -4 and <= 4, got 5"),
        ("signal", "the Moon", "signal must be one of"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(default, trait, value)
    assert (default.degree, default.order, default.band_limit) == (4, -4, 16)
    # As a page tells of a degree that brought the order along: both at once.
    default.set_state({"degree": 2, "order": -2})
    assert (default.degree, default.order) == (2, -2)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"mode": "one"}, ValueError, "mode must be one of"),
        ({"band_limit": 17}, ValueError, "band_limit must be an integer .* got 17"),
        ({"degree": 16}, ValueError, "degree .* got 16"),
        ({"degree": 2, "order": 3}, ValueError, "order .* <= 2, got 3"),
        ({"degree": 2.0}, TypeError, "degree must be an integer"),
        ({"view": "flat"}, ValueError, "view must be one of"),
    ],
)
def test_bad_options_are_refused_before_anything_is_shown(options, error, words):
    with pytest.raises(error, match=words):
        st.explore.harmonics(NOISE, **options)


def test_bad_input_of_the_numbers_is_refused():
    with pytest.raises(ValueError, match="one signal"):
        residual_energy(np.stack([NOISE, NOISE]))
    with pytest.raises(ValueError, match="zero everywhere"):
        residual_energy(0 * NOISE)
    with pytest.raises(ValueError, match="order must be an integer >= -2 and <= 2, got -3"):
        real_coefficient(NOISE, 2, -3)
    with pytest.raises(ValueError, match="degree must be an integer >= 0 and <= 15, got 16"):
        real_coefficient(NOISE, 16, 0)
