import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as hs
from scipy.spatial.transform import Rotation
from strategies import noise, relative, seeds

import sphere_toolkit as st
from sphere_toolkit.scattering.nonlinearities import engine
from sphere_toolkit.sphere import coefficients


def rings(scatter):
    """Rings of each scale's grid, found through the public `propagate`."""
    return {
        j: scatter.propagate(np.zeros(st.n_coefficients(scatter.L), complex), (j,))[1].L
        for j in scatter.bank
    }


@pytest.mark.parametrize(
    ("L", "options"),
    [
        (12, {"J_min": 1, "depth": 2}),
        (12, {"J_min": 0, "depth": 4, "oversampling": 1.0}),
        (10, {"J_min": 2, "depth": 3, "lam": 1.6, "oversampling": 1.5}),
        (13, {"J_min": 1, "depth": 1, "lam": 3.0, "oversampling": 2.3}),
    ],
)
def test_every_path_against_dense_matrices(L, options):
    scatter, alm = st.ScatteringTransform(L, **options), noise(L)
    S = scatter(alm)
    expected = oracles.scattering(alm, scatter.J_min, scatter.depth, scatter.lam, rings(scatter))
    assert set(expected) == set(S.paths)
    for path, full in expected.items():
        ell, m = st.degrees(S.L), st.orders(S.L)
        np.testing.assert_allclose(S[path], full[ell * ell + ell + m], atol=1e-11, err_msg=path)


def test_paths_are_strictly_decreasing_and_complete():
    scatter = st.ScatteringTransform(256, J_min=4, depth=3)
    scales = range(4, 9)
    expected = [p for d in range(4) for p in combinations(reversed(scales), d)]
    assert set(scatter.paths) == set(expected)
    assert len(scatter.paths) == len(expected) == 1 + 5 + 10 + 10
    assert list(scatter.paths) == sorted(scatter.paths, key=lambda p: (len(p), p))


def test_depth_zero_is_the_average():
    scatter, alm = st.ScatteringTransform(32, J_min=3, depth=0), noise(32)
    S = scatter(alm)
    assert S.paths == ((),)
    np.testing.assert_array_equal(S[()], st.WaveletBank(32, 3).analysis(alm).scaling)


@settings(max_examples=15)
@given(seeds, hs.sampled_from([1, 2, 3]), hs.floats(-2.0, 2.0))
def test_energy_never_grows_and_scaling_is_homogeneous(seed, depth, factor):
    scatter, alm = st.ScatteringTransform(32, J_min=2, depth=depth, oversampling=4), noise(32, seed)
    S = scatter(alm)
    assert S.energy().sum() <= st.energy(alm) * (1 + 1e-3)
    first = S.alm[1:] * abs(factor)
    np.testing.assert_allclose(scatter(factor * alm).alm[1:], first, atol=1e-10)
    np.testing.assert_allclose(scatter(factor * alm).alm[0], factor * S.alm[0], atol=1e-10)


def test_a_batch_is_its_members():
    scatter = st.ScatteringTransform(48, J_min=2, n_threads=3)
    alm = noise(48, n=6).reshape(2, 3, -1)
    S = scatter(alm)
    assert S.alm.shape == (2, 3, len(scatter.paths), st.n_coefficients(4))
    for i in np.ndindex(2, 3):
        np.testing.assert_allclose(S.alm[i], scatter(alm[i]).alm, atol=1e-12)
    assert scatter(alm[:0]).alm.shape == (0, 3, *S.alm.shape[2:])


@pytest.mark.parametrize("n", [2, 65, 90])
def test_small_signals_of_a_batch_are_taken_together(n):
    scatter = st.ScatteringTransform(16, J_min=2, oversampling=4, n_threads=1)
    assert scatter._tree.at_once == 64
    alm = noise(16, n=n)
    expected = np.stack([scatter(one).alm for one in alm])
    np.testing.assert_allclose(scatter(alm).alm, expected, atol=1e-13)


@pytest.mark.parametrize("options", [{}, {"nonlinearity": "envelope"}, {"directions": 2}])
def test_large_signals_are_worked_on_in_groups_of_rings_and_order_by_order(options, monkeypatch):
    alm = noise(300)
    expected = st.ScatteringTransform(300, J_min=4, oversampling=1.0, **options)(alm).alm
    monkeypatch.setattr(engine, "_SERIES_AT_ONCE", 1 << 14)
    monkeypatch.setattr(coefficients, "_LAID_OUT", 20)
    found = st.ScatteringTransform(300, J_min=4, oversampling=1.0, **options)(alm).alm
    assert not np.array_equal(found, expected)  # sums were taken in another order
    assert relative(found, expected) < 1e-14


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_the_number_of_threads_changes_nothing(n_threads):
    alm = noise(300)  # grids above and below the size that is split between threads
    found = st.ScatteringTransform(300, depth=3, n_threads=n_threads)(alm).alm
    np.testing.assert_allclose(found, st.ScatteringTransform(300, depth=3, n_threads=1)(alm).alm,
                               atol=1e-11)  # fmt: skip


def test_one_transform_serves_several_threads():
    scatter = st.ScatteringTransform(64, J_min=3, n_threads=1)
    signals = noise(64, n=8)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(scatter, signals))
    for alm, S in zip(signals, results, strict=True):
        np.testing.assert_allclose(S.alm, scatter(alm).alm, rtol=0, atol=1e-14)


def test_repeated_calls_do_not_disturb_earlier_results():
    scatter = st.ScatteringTransform(32, J_min=2)
    first = scatter(noise(32, 1))
    kept = first.alm.copy()
    scatter(noise(32, 2))
    np.testing.assert_array_equal(first.alm, kept)


def test_inputs_are_not_touched():
    alm = noise(32)
    before = alm.copy()
    scatter = st.ScatteringTransform(32, J_min=2)
    scatter(alm), scatter.propagate(alm, (4, 3))
    np.testing.assert_array_equal(alm, before)


def test_propagate_shows_what_the_tree_averages():
    scatter = st.ScatteringTransform(32, J_min=2, depth=3)
    alm = noise(32)
    S = scatter(alm)
    for path in [(3,), (5, 2), (5, 4, 2)]:
        samples, grid = scatter.propagate(alm, path)
        assert samples.shape == grid.shape
        assert samples.min() >= 0
        u = st.truncate(st.forward(samples, grid), S.L)
        np.testing.assert_allclose(scatter.bank.scaling[st.degrees(S.L)] * u, S[path], atol=1e-12)
    samples, grid = scatter.propagate(alm, ())
    np.testing.assert_allclose(st.forward(samples, grid), alm, atol=1e-12)


def test_equivariance_error_falls_with_oversampling():
    alm = st.signals.earth_relief(64)
    turns = Rotation.random(3, rng=np.random.default_rng(0))
    means = [
        st.equivariance_error(
            st.ScatteringTransform(64, J_min=3, oversampling=x), alm, turns
        ).mean()
        for x in (1, 2, 4)
    ]
    assert means[0] > 3 * means[1] > 9 * means[2]


@pytest.mark.parametrize("oversampling", [1, 2, 4])
def test_equivariance_errors_are_those_of_the_docstring(oversampling):
    table = [line.split() for line in st.ScatteringTransform.__doc__.splitlines()]
    (stated,) = (row[1:] for row in table if row[:1] == [str(oversampling)] and len(row) == 4)
    alm = noise(256, 5)
    turns = Rotation.random(2, rng=np.random.default_rng(5))
    scatter = st.ScatteringTransform(256, oversampling=oversampling)
    for order in (1, 2):
        found = st.equivariance_error(lambda a, m=order: scatter(a).at_depth(m), alm, turns).mean()
        assert float(stated[order]) / 2 < found < 2 * float(stated[order])


def test_convolution_and_average_are_exactly_equivariant():
    scatter = st.ScatteringTransform(64, J_min=3, depth=0)
    turns = Rotation.random(3, rng=np.random.default_rng(0))
    assert st.equivariance_error(scatter, noise(64), turns).max() < 1e-12


def test_single_precision_is_close_and_stays_single():
    alm = noise(128)
    double = st.ScatteringTransform(128)(alm)
    single = st.ScatteringTransform(128, dtype="float32")(alm)
    assert single.alm.dtype == np.complex64
    assert double.alm.dtype == np.complex128
    assert relative(single.alm, double.alm) < 1e-6


def test_a_transform_travels_to_other_processes():
    scatter = st.ScatteringTransform(32, J_min=2, depth=1, lam=1.8, oversampling=1.5, n_threads=2)
    scatter(noise(32))
    copy = pickle.loads(pickle.dumps(scatter))
    assert copy.parameters() == scatter.parameters()
    assert copy.n_threads == 2
    assert len(pickle.dumps(scatter)) < 1000
    np.testing.assert_array_equal(copy(noise(32)).alm, scatter(noise(32)).alm)


@pytest.mark.parametrize("n", [None, 3])
def test_progress_is_shown_only_when_asked_for(n, capsys):
    scatter = st.ScatteringTransform(16, J_min=2)
    scatter(noise(16, n=n))
    assert not any(capsys.readouterr())
    scatter(noise(16, n=n), progress=True)
    total = len(scatter.paths) if n is None else n
    assert f"{total}/{total}" in capsys.readouterr().err


def test_repr_tells_the_parameters():
    text = repr(st.ScatteringTransform(64, J_min=3, oversampling=1))
    assert "L=64, J_min=3, depth=2, lam=2.0, oversampling=1.0" in text
    assert "11 paths at L_out=8" in text


def test_bad_parameters():
    make = st.ScatteringTransform
    with pytest.raises(ValueError, match=r"oversampling must be a finite number >= 1.0, got 0\.9"):
        make(64, oversampling=0.9)
    with pytest.raises(ValueError, match="depth must be an integer >= 0, got -1"):
        make(64, depth=-1)
    with pytest.raises(ValueError, match="J_min must be .*<= 4 for L=16 and lam=2, got 5"):
        make(16)
    with pytest.raises(ValueError, match=r"lam must be a finite number > 1\.0, got 0\.5"):
        make(64, lam=0.5)
    with pytest.raises(ValueError, match="dtype must be one of 'float64', 'float32', got 'half'"):
        make(64, dtype="half")
    with pytest.raises(TypeError, match="L must be an integer >= 1, got 6.4"):
        make(6.4)
    with pytest.raises(ValueError, match="n_threads must be an integer >= 1, got 0"):
        make(64, n_threads=0)


def test_bad_input():
    scatter = st.ScatteringTransform(32, J_min=2)
    with pytest.raises(ValueError, match=r"528 coefficients \(L=32\), got 136 \(L=16\)"):
        scatter(noise(16))
    alm = noise(32)
    alm[100] = np.nan
    with pytest.raises(ValueError, match="alm must be finite, got 1 NaN"):
        scatter(alm)
    with pytest.raises(ValueError, match=r"path must be one of \(\), \(2,\).*got \(3, 4\)"):
        scatter.propagate(noise(32), (3, 4))
    with pytest.raises(TypeError, match=r"write \(4,\), not 4"):
        scatter.propagate(noise(32), 4)
    with pytest.raises(ValueError, match="one signal"):
        scatter.propagate(noise(32, n=2), (3,))


def test_work_arrays_are_reused():
    scatter = st.ScatteringTransform(300, n_threads=2)  # grids above and below the size to split
    scatter(noise(300))
    whole, branches = scatter._tree._whole, scatter._tree._branches
    kept = [id(workspace) for workspace in whole]
    assert len(kept) == 1
    for _ in range(3):
        scatter(noise(300))
    assert [id(workspace) for workspace in whole] == kept
    # Branches that threads share out have small arrays of their own, never one for the whole tree.
    assert 1 <= len(branches) <= 2
    assert max(workspace.memory.size for workspace in branches) < whole[0].memory.size / 4


@pytest.mark.parametrize("dtype", ["float32", np.float32, np.dtype(np.float32), "f4"])
def test_dtype_is_named_as_numpy_names_it(dtype):
    scatter = st.ScatteringTransform(8, 1, dtype=dtype)
    assert scatter.dtype == "float32"
    assert scatter(noise(8)).alm.dtype == np.complex64


@pytest.mark.parametrize("dtype", [None, "half", int, "single precision", np.complex64])
def test_other_dtypes_are_refused(dtype):
    with pytest.raises(ValueError, match="dtype must be one of 'float64', 'float32', got"):
        st.ScatteringTransform(8, 1, dtype=dtype)


def test_a_default_that_does_not_fit_is_explained():
    with pytest.raises(ValueError, match=r"J_min must be .* <= 4 for L=16.*got 5 .*by default\)$"):
        st.ScatteringTransform(16)
    with pytest.raises(ValueError, match="L must be .* <= 24 for nside=8, got 401$"):
        st.Grid.healpix(8, 401)


def test_transforms_compare_and_hash_by_what_defines_them():
    scatter = st.ScatteringTransform(16, 2, n_threads=1)
    assert scatter == st.ScatteringTransform(L=16, J_min=2, dtype=np.float64)
    assert len({scatter, st.ScatteringTransform(16, 2)}) == 1
    others = [{"depth": 1}, {"oversampling": 1}, {"nonlinearity": "relu"}, {"dtype": "float32"}]
    assert all(scatter != st.ScatteringTransform(16, 2, **other) for other in others)
    assert scatter != scatter.bank
