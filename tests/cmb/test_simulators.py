"""What holds for every simulator: seeds, batches, the degrees 0 and 1, parameters out of range."""

from functools import partial

import numpy as np
import pytest

import sphere_toolkit as st

GOOD = {
    "gaussian": {"L": 16},
    "poisson_sources": {"L": 16, "f": 0.2, "N": 30},
    "oscillator_pixels": {"L": 16, "alpha3": 0.2, "nside": 8},
}


@pytest.fixture(params=GOOD)
def simulate(request):
    return partial(getattr(st.cmb, request.param), **GOOD[request.param])


def test_a_sky_is_the_same_to_the_bit_for_a_seed_and_a_generator(simulate):
    np.testing.assert_array_equal(simulate(seed=8), simulate(seed=8))
    np.testing.assert_array_equal(simulate(seed=8), simulate(seed=np.random.default_rng(8)))
    assert (simulate() != simulate()).any()


def test_a_batch_is_its_skies_one_after_another(simulate):
    rng = np.random.default_rng(8)
    np.testing.assert_array_equal(simulate(seed=8, n=3), [simulate(seed=rng) for _ in range(3)])
    assert simulate(n=0).shape == (0, st.n_coefficients(16))


def test_monopole_and_dipole_are_zero(simulate):
    assert ((simulate(seed=9) == 0) == (st.degrees(16) < 2)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"L": 0}, "L must be an integer >= 1 and <= 4097, got 0"),
        ({"L": 5000}, "L must be an integer >= 1 and <= 4097, got 5000"),
        ({"n": -1}, "n must be an integer >= 0, got -1"),
        ({"seed": -1}, "seed must be an integer >= 0, got -1"),
        ({"seed": 0.5}, "seed must be an integer >= 0, got 0.5 of type float"),
    ],
)
def test_what_all_of_them_refuse(simulate, change, message):
    with pytest.raises((TypeError, ValueError), match=message):
        simulate(**change)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("poisson_sources", {"f": 1.1}, "f must be a finite number >= 0 and <= 1, got 1.1"),
        ("poisson_sources", {"f": -0.1}, "f must be a finite number .* got -0.1"),
        ("poisson_sources", {"f": np.nan}, "f must be a finite number .* got nan"),
        ("poisson_sources", {"f": "a"}, "f must be a real number .* got 'a'"),
        ("poisson_sources", {"N": 0}, "N must be an integer >= 1, got 0"),
        ("poisson_sources", {"N": 1e5}, "N must be an integer >= 1, got 100000.0 of type float"),
        ("oscillator_pixels", {"alpha3": 1.1}, "alpha3 must be .* >= -1 and <= 1, got 1.1"),
        ("oscillator_pixels", {"alpha3": np.nan}, "alpha3 must be a finite number .* got nan"),
        ("oscillator_pixels", {"alpha3": "a"}, "alpha3 must be a real number .* got 'a'"),
        ("oscillator_pixels", {"nside": 12}, "nside must be a power of 2, got 12"),
        ("oscillator_pixels", {"nside": 4}, "nside must be at least L/2 = 8, got 4"),
        ("oscillator_pixels", {"nside": 8.0}, "nside must be an integer >= 1, got 8.0 of type"),
    ],
)
def test_parameters_out_of_range(name, change, message):
    with pytest.raises((TypeError, ValueError), match=message):
        getattr(st.cmb, name)(**GOOD[name] | change)
