import subprocess
import sys

import numpy as np
import pytest

import sphere_toolkit as st

SMALL = "cmb128-laptop"


@pytest.mark.parametrize(
    ("name", "L", "recipe"),
    [
        ("cmb1024", 1024, "poisson_sources, f=0.05, N=100000"),
        ("cmb1024-rocha", 1024, "oscillator_pixels, alpha3=0.085, nside=512"),
        ("cmb256-class", 256, "poisson_sources, f=0.124, N=10000"),
        ("cmb128-laptop", 128, "poisson_sources, f=0.175, N=2500"),
        ("fnl256", 256, "local f_NL=100"),
    ],
)
def test_the_sets_are_what_their_names_promise(name, L, recipe):
    skies = st.cmb.simulation_set(name)
    assert (skies.name, skies.L, skies.recipe) == (name, L, recipe)
    assert skies.classes == ("Gaussian", "non-Gaussian")
    np.testing.assert_array_equal(skies.spectrum, st.cmb.angular_power_spectrum(L))
    for index in (0, 1):
        alm = skies.map(index, 0)
        assert alm.shape == (st.n_coefficients(L),)
        assert alm.dtype == np.complex128
        assert np.isfinite(alm).all()
        assert (alm[st.degrees(L) < 2] == 0).all()


def test_a_sky_depends_on_name_seed_and_number_only():
    alm, labels = st.cmb.simulate(SMALL, 5, seed=3)
    later, later_labels = st.cmb.simulate(SMALL, 2, seed=3, first=3)
    np.testing.assert_array_equal(later, alm[3:])
    np.testing.assert_array_equal(later_labels, labels[3:])
    skies = st.cmb.simulation_set(SMALL)
    for i in reversed(range(5)):
        np.testing.assert_array_equal(skies.map(i, 3), alm[i])


def test_another_process_makes_the_same_bytes():
    code = (
        "import sphere_toolkit as st, hashlib;"
        f"print(hashlib.sha256(st.cmb.simulation_set('{SMALL}').map(11, 4).tobytes()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"OMP_NUM_THREADS": threads, "DUCC0_NUM_THREADS": threads, "PYTHONHASHSEED": "5"},
        ).stdout
        for threads in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0].strip()) == 64


def test_skies_differ_by_number_seed_and_set():
    skies = st.cmb.simulation_set(SMALL)
    first = skies.map(0, 0)
    others = [skies.map(2, 0), skies.map(0, 1), skies.map(2**40, 0), skies.map(0, 2**70)]
    larger = st.truncate(st.cmb.simulation_set("cmb256-class").map(0, 0), 128)
    C = skies.spectrum[st.degrees(128)]
    for other in [*others, larger]:
        used = C > 0
        r = np.corrcoef(first[used] / np.sqrt(C[used]), other[used] / np.sqrt(C[used]))[0, 1]
        assert abs(r) < 5 / np.sqrt(used.sum())


def test_classes_take_turns():
    _, labels = st.cmb.simulate(SMALL, 7, seed=0, first=4)
    assert labels.tolist() == [0, 1, 0, 1, 0, 1, 0]
    assert labels.dtype == np.int64
    alm, labels = st.cmb.simulate(SMALL, 0, seed=0)
    assert alm.shape == (0, st.n_coefficients(128))
    assert labels.shape == (0,)


def test_both_classes_can_be_made_from_the_same_numbers():
    skies = st.cmb.simulation_set(SMALL)
    plain, other = (skies.simulate(label, 0, 6) for label in (0, 1))
    np.testing.assert_array_equal(plain, skies.map(6, 0))
    difference = other - np.sqrt(1 - 0.175) * plain
    share = st.power_spectrum(difference)[2:] / skies.spectrum[2:]
    assert share.mean() == pytest.approx(0.175, rel=0.15)


def test_local_non_gaussianity_is_added_to_a_gaussian_sky():
    skies = st.cmb.simulation_set("fnl256")
    plain, curved = (skies.simulate(label, 0, 3) for label in (0, 1))
    share = st.power_spectrum(curved - plain)[2:] / skies.spectrum[2:]
    assert 1e-6 < share.mean() < 1e-3
    # One sky tells the difference, not the value: the error of either is 34.
    ksw = st.cmb.KSW(256)
    assert ksw(curved) - ksw(plain) == pytest.approx(100, abs=60)


def test_the_right_statistic_tells_the_classes_apart_and_the_spectrum_does_not():
    n = 60
    alm, labels = st.cmb.simulate(SMALL, n, seed=5)
    spectrum = st.cmb.angular_power_spectrum(128)
    kurtosis = st.cmb.whitened_kurtosis(alm, spectrum)
    assert kurtosis[labels == 0].max() < kurtosis[labels == 1].min()
    power = (st.power_spectrum(alm)[:, 2:] / spectrum[2:]).mean(axis=1)
    gap = power[labels == 0].mean() - power[labels == 1].mean()
    assert abs(gap) < 4.5 * power.std() * np.sqrt(4 / n)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: st.cmb.simulation_set("cmb64"),
            "name must be one of 'cmb1024'.*'cmb128-laptop'.*got 'cmb64'",
        ),
        (lambda: st.cmb.simulate("mars", 2, 0), "name must be one of .*got 'mars'"),
        (lambda: st.cmb.simulate(SMALL, -1, 0), "n must be an integer >= 0, got -1"),
        (lambda: st.cmb.simulate(SMALL, 1, -1), "seed must be an integer >= 0, got -1"),
        (lambda: st.cmb.simulate(SMALL, 1, None), "seed must be an integer >= 0, got None"),
        (lambda: st.cmb.simulate(SMALL, 1, 0, first=-2), "first must be an integer >= 0, got -2"),
        (lambda: st.cmb.simulation_set(SMALL).map(-1, 0), "index must be an integer >= 0, got -1"),
        (
            lambda: st.cmb.simulation_set(SMALL).simulate(2, 0, 0),
            "label must be an integer >= 0 and <= 1, got 2",
        ),
    ],
)
def test_bad_requests(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
