import platform
import subprocess
import sys
from dataclasses import replace

import numpy as np
import oracles
import pytest
from commands import peer_when_used
from hypothesis import given
from hypothesis import strategies as hs
from scipy.special import sph_harm_y
from strategies import band_limits, equiangular_grids, exact_grids, noise, relative, seeds

import sphere_toolkit as st
from sphere_toolkit.citations import TOPICS
from sphere_toolkit.sphere.grids.grid import SCHEMES
from sphere_toolkit.sphere.schemes import ANALYSIS, SYNTHESIS

hp = peer_when_used("healpy")


@pytest.mark.parametrize(
    "grid",
    [
        st.Grid.gauss_legendre(9),
        st.Grid.mcewen_wiaux(9),
        st.Grid.equiangular(11, 19, phi0=0.7),
        st.Grid.equiangular(9, 17, poles=False, phi0=-0.2),
    ],
)
def test_inverse_is_the_sum_of_spherical_harmonics(grid):
    alm = noise(9)
    np.testing.assert_allclose(
        st.inverse(alm, grid), oracles.evaluate(alm, *grid.mesh()), atol=1e-12
    )


def test_healpix_inverse_is_the_sum_of_spherical_harmonics():
    grid, alm = st.Grid.healpix(3), noise(6)
    np.testing.assert_allclose(
        st.inverse(alm, grid), oracles.evaluate(alm, *grid.mesh()), atol=1e-12
    )


@pytest.mark.parametrize("L", [1, 2, 7, 64])
def test_mcewen_wiaux_samples_are_those_of_pyssht(L, pyssht):
    alm = noise(L)
    samples = pyssht.inverse(st.to_pyssht(alm), L, Reality=True, Method="MW")
    grid = st.Grid.mcewen_wiaux(L)
    np.testing.assert_allclose(st.inverse(alm, grid), samples, atol=1e-11)
    flm = pyssht.forward(samples, L, Reality=True, Method="MW")
    np.testing.assert_allclose(st.forward(samples, grid), st.from_pyssht(flm), atol=1e-11)


@pytest.mark.parametrize("L", [1, 2, 7, 64])
@pytest.mark.parametrize("method", ["MWSS", "DH"])
def test_equiangular_grids_with_poles_and_without_are_those_of_pyssht(method, L, pyssht):
    of_pyssht = {
        "MWSS": st.Grid.equiangular(L + 1, 2 * L),
        "DH": st.Grid.equiangular(2 * L, 2 * L - 1, poles=False),
    }
    grid, alm = of_pyssht[method], noise(L)
    np.testing.assert_allclose(grid.theta, pyssht.sample_positions(L, method)[0], atol=1e-14)
    samples = pyssht.inverse(st.to_pyssht(alm), L, Reality=True, Method=method)
    np.testing.assert_allclose(st.inverse(alm, grid), samples, atol=1e-9)
    flm = pyssht.forward(samples, L, Reality=True, Method=method)
    np.testing.assert_allclose(st.forward(samples, grid), st.from_pyssht(flm), atol=1e-9)


def test_healpix_samples_are_those_of_healpy():
    alm = noise(16)
    np.testing.assert_allclose(
        st.inverse(alm, st.Grid.healpix(8)), hp.alm2map(alm, 8, lmax=15), atol=1e-12
    )


@given(exact_grids, seeds)
def test_round_trip(grid, seed):
    alm = noise(grid.L, seed)
    assert relative(st.forward(st.inverse(alm, grid), grid), alm) < 1e-13


@given(equiangular_grids, seeds)
def test_lower_degrees_are_those_of_the_whole_signal(grid, seed):
    # No quadrature weights of the grid could do this: the signal has power at all its degrees.
    alm, lower = noise(grid.L, seed), replace(grid, L=max(1, grid.L // 3))
    found = st.forward(st.inverse(alm, grid), lower)
    assert relative(found, st.truncate(alm, lower.L)) < 1e-12


@pytest.mark.parametrize("poles", [True, False])
def test_weights_alone_would_carry_half_the_degrees(poles):
    grid, alm = st.Grid.equiangular(16 + poles, 32, poles), noise(16)
    harmonics = sph_harm_y(
        st.degrees(16)[:, None, None], st.orders(16)[:, None, None], *grid.mesh()
    )

    def by_weights(alm):
        f = grid.weights[:, None] * st.inverse(alm, grid)
        return np.tensordot(harmonics.conj(), f)

    assert relative(st.forward(st.inverse(alm, grid), grid), alm) < 1e-13
    assert relative(by_weights(alm), alm) > 0.05
    half = st.truncate(alm, 8)
    assert relative(st.truncate(by_weights(half), 8), half) < 1e-13


@pytest.mark.parametrize("grid", [st.Grid.equiangular(n, 1440, n == 721) for n in (720, 721)])
def test_round_trip_of_the_size_of_era5(grid):
    alm = noise(720)
    assert relative(st.forward(st.inverse(alm, grid), grid), alm) < 1e-12


@pytest.mark.parametrize("scheme", ["gauss-legendre", "mcewen-wiaux"])
@pytest.mark.parametrize("L", [512, 2048])
def test_round_trip_at_high_band_limit(scheme, L):
    grid, alm = st.Grid(scheme, L), noise(L)
    assert relative(st.forward(st.inverse(alm, grid), grid), alm) < 1e-12


@pytest.mark.parametrize("grid", [st.Grid("mcewen-wiaux", 33), st.Grid.healpix(16, 32)])
def test_order_zero_comes_back_real_to_the_last_bit(grid):
    # Otherwise the difference of two nearly equal signals would be refused as no real signal.
    alm = st.signals.earth_relief(grid.L)
    back = st.forward(st.inverse(alm, grid), grid)
    assert not back[: grid.L].imag.any()
    assert st.energy(back - alm) < 1e-18 * st.energy(alm)


@given(band_limits, seeds)
def test_parseval(L, seed):
    alm, grid = noise(L, seed), st.Grid.gauss_legendre(L)
    _, weights = np.polynomial.legendre.leggauss(L)
    squares = (st.inverse(alm, grid) ** 2).sum(axis=1)
    np.testing.assert_allclose((weights * squares).sum() * np.pi / L, st.energy(alm), rtol=1e-12)


@given(exact_grids, seeds, hs.floats(-3, 3))
def test_linearity(grid, seed, factor):
    f, g = np.random.default_rng(seed).standard_normal((2, *grid.shape))
    both = st.forward(f + factor * g, grid)
    np.testing.assert_allclose(both, st.forward(f, grid) + factor * st.forward(g, grid), atol=1e-12)


@pytest.mark.parametrize(
    "grid", [st.Grid.gauss_legendre(6), st.Grid.equiangular(9, 15, L=6), st.Grid.healpix(4, 6)]
)
def test_batches_are_their_members(grid):
    alm = noise(6, n=6).reshape(2, 3, -1)
    f = st.inverse(alm, grid)
    assert f.shape == (2, 3, *grid.shape)
    for i in np.ndindex(2, 3):
        np.testing.assert_array_equal(f[i], st.inverse(alm[i], grid, n_threads=1))
    np.testing.assert_allclose(st.forward(f, grid), alm, atol=1e-9)


def test_an_empty_batch_stays_empty():
    grid = st.Grid.gauss_legendre(4)
    assert st.inverse(np.zeros((0, 10), complex), grid).shape == (0, 4, 8)
    assert st.forward(np.zeros((0, 4, 8)), grid).shape == (0, 10)


@pytest.mark.parametrize("n_threads", [1, 2, 3])
@pytest.mark.parametrize("scheme", ["gauss-legendre", "clenshaw-curtis"])
def test_the_number_of_threads_changes_nothing(scheme, n_threads):
    grid, alm = st.Grid(scheme, 300), noise(300)
    f = st.inverse(alm, grid)
    np.testing.assert_allclose(st.inverse(alm, grid, n_threads=n_threads), f, atol=1e-10)
    np.testing.assert_allclose(st.forward(f, grid, n_threads=n_threads), alm, atol=1e-10)


def test_a_finer_grid_carries_a_lower_band_limit():
    alm, grid = noise(5), st.Grid.mcewen_wiaux(9)
    f = st.inverse(alm, grid)
    np.testing.assert_allclose(st.truncate(st.forward(f, grid), 5), alm, atol=1e-12)


def test_any_memory_layout_and_number_type_is_read():
    grid = st.Grid.gauss_legendre(8)
    f = np.asfortranarray(np.random.default_rng(0).standard_normal(grid.shape))
    np.testing.assert_array_equal(st.forward(f, grid), st.forward(f.copy(order="C"), grid))
    whole = np.arange(f.size, dtype=np.int32).reshape(grid.shape)
    np.testing.assert_array_equal(st.forward(whole, grid), st.forward(whole.astype(float), grid))
    assert st.forward(f.astype(np.float32), grid).dtype == np.complex128
    flipped = f[::-1, ::-1]
    np.testing.assert_array_equal(st.forward(flipped, grid), st.forward(flipped.copy(), grid))


def test_healpix_recovers_band_limited_signals_up_to_twice_nside():
    grid, alm = st.Grid.healpix(32), noise(64)
    assert relative(st.forward(st.inverse(alm, grid), grid), alm) < 1e-8


def test_healpix_is_at_least_as_good_as_healpy():
    alm = noise(32)
    f = hp.alm2map(alm, 16, lmax=31)
    ours = relative(st.forward(f, st.Grid.healpix(16, 32)), alm)
    assert ours < relative(hp.map2alm(f, lmax=31, iter=3), alm)


def test_healpix_says_how_well_it_did():
    grid = st.Grid.healpix(8)
    f = np.random.default_rng(0).standard_normal(grid.shape)
    with pytest.warns(st.ApproximationWarning, match=r"up to 0\.\d+ of their norm") as caught:
        alm = st.forward(f, grid)
    assert caught[0].filename == __file__
    said = float(str(caught[0].message).split("up to ")[1].split()[0])
    assert said == pytest.approx(relative(st.inverse(alm, grid), f), rel=0.05)


@pytest.mark.parametrize("names", [{}, {"__package__": None}, {"__package__": "elsewhere"}])
def test_warnings_reach_every_caller(names):
    grid = st.Grid.healpix(8)
    names = names | {"forward": st.forward, "grid": grid}
    names["f"] = np.random.default_rng(0).standard_normal(grid.shape)
    # A notebook's cells have __package__ = None.
    with pytest.warns(st.ApproximationWarning) as caught:
        exec(compile("forward(f, grid)", "a cell", "exec"), names)
    assert [w.filename for w in caught] == ["a cell"]


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_batch_on_healpix_warns_once_at_the_caller(n_threads):
    grid = st.Grid.healpix(4)
    f = np.random.default_rng(0).standard_normal((3, *grid.shape))
    f[1] = st.inverse(noise(4), grid)  # band-limited: nothing to warn of
    with pytest.warns(st.ApproximationWarning, match="2 of 3 maps") as caught:
        st.forward(f, grid, n_threads=n_threads)
    assert [w.filename for w in caught] == [__file__]


def test_bad_samples():
    grid = st.Grid.gauss_legendre(4)
    with pytest.raises(ValueError, match=r"grid's shape \(4, 8\), got shape \(8, 4\)"):
        st.forward(np.zeros((8, 4)), grid)
    with pytest.raises(ValueError, match=r"got shape \(\)"):
        st.forward(3.0, grid)
    with pytest.raises(TypeError, match="f must be real, got dtype complex128"):
        st.forward(np.zeros((4, 8), complex), grid)
    with pytest.raises(TypeError, match="f must be an array of numbers, got 'sky.fits': read a"):
        st.forward("sky.fits", st.Grid.healpix(8))
    with pytest.raises(TypeError, match="f must be an array of numbers, got dtype"):
        st.forward(np.full((4, 8), "x"), grid)
    f = np.zeros((4, 8))
    f[0, :3] = np.nan
    with pytest.raises(ValueError, match="f must be finite, got 3 NaN or infinite of 32"):
        st.forward(f, grid)
    with pytest.raises(TypeError, match="grid must be a Grid, got 4"):
        st.forward(f, 4)


def test_huge_but_finite_samples_are_not_refused():
    grid = st.Grid.gauss_legendre(2)
    assert np.isfinite(st.forward(np.full(grid.shape, 1e307), grid)).all()


def test_too_high_a_band_limit_for_the_grid():
    with pytest.raises(ValueError, match=r"alm has band-limit 5, the grid carries 4"):
        st.inverse(noise(5), st.Grid.gauss_legendre(4))


@pytest.mark.parametrize("bad", [0, -1])
def test_bad_number_of_threads(bad):
    with pytest.raises(ValueError, match=f"n_threads must be an integer >= 1, got {bad}"):
        st.inverse(noise(4), st.Grid.gauss_legendre(4), n_threads=bad)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_has_its_transforms_and_round_trips(scheme):
    grid = st.Grid(scheme, 8, 8 if scheme == "healpix" else None)
    alm = noise(8)
    error = relative(st.forward(st.inverse(alm, grid), grid), alm)
    assert error < (1e-12 if grid.exact else 1e-8)


def test_every_scheme_is_complete():
    assert set(SYNTHESIS) == set(ANALYSIS) == set(SCHEMES) <= set(TOPICS)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about the GNU C library")
def test_arrays_reuse_memory_from_call_to_call():
    code = """
import resource, numpy as np, sphere_toolkit as st
grid, alm = st.Grid.gauss_legendre(256), np.zeros(256 * 257 // 2, complex)
def pages():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    st.forward(st.inverse(alm, grid, n_threads=1), grid, n_threads=1)
before = pages()
for _ in range(20):
    st.forward(st.inverse(alm, grid, n_threads=1), grid, n_threads=1)
print((pages() - before) / 20)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 50  # of 256 that an array has, and of several arrays
