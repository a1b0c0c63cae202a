"""The page's transforms against Python's, in Chromium."""

from __future__ import annotations

import numpy as np
import pytest
from module import from_text, load_module, pairs, to_text
from static_page import write_page
from strategies import relative

import sphere_toolkit as st
from sphere_toolkit.explore._energy import first_degree

pytestmark = pytest.mark.browser


@pytest.fixture
def engine(visit, tmp_path):
    """Calls a JavaScript function with the engine's names and JSON arguments."""
    names = ("EnergyShift", "gaussLegendre", "Projection", "SphericalHarmonics")
    return load_module(visit, tmp_path, "_energy_shift/view.js", *names)


@pytest.fixture(params=[(8, 8), (32, 32), (64, 128), (100, 128), (128, 256)], ids=str)
def sizes(request):
    """Band-limits of the signal and of the grid."""
    return request.param


def test_inverse_equals_python(engine, sizes):
    L, G = sizes
    alm = pairs(st.signals.band_limited_noise(L, L)).view(np.complex64)
    grid = st.Grid.gauss_legendre(G)
    found = from_text(
        engine(
            """const [L, G, alm] = argument, samples = new Float32Array(2 * G * G);
            new engine.SphericalHarmonics(L, G, 2 * G).inverse(floats(alm), samples);
            return text(samples);""",
            [L, G, to_text(alm.view(np.float32))],
        )
    )
    assert relative(found, st.inverse(alm.astype(complex), grid).ravel()) < 1e-5


def test_forward_equals_python_beyond_the_band_limit(engine, sizes):
    L, G = sizes
    grid = st.Grid.gauss_legendre(G)
    samples = np.random.default_rng(L).standard_normal(grid.shape).astype(np.float32)
    found = from_text(
        engine(
            """const [L, G, samples] = argument, alm = new Float32Array(L * (L + 1));
            new engine.SphericalHarmonics(L, G, 2 * G).forward(floats(samples), alm);
            return text(alm);""",
            [L, G, to_text(samples)],
        )
    )
    expected = st.truncate(st.forward(samples.astype(float), grid), L)
    assert relative(found[::2] + 1j * found[1::2], expected) < 1e-5


def test_inverse_of_a_band_leaves_the_rest_out(engine):
    alm = st.signals.band_limited_noise(64, 5)
    alm[(st.degrees(64) < 9) | (st.degrees(64) >= 33)] = 0
    found = from_text(
        engine(
            """const alm = floats(argument), samples = new Float32Array(2 * 64 * 64);
            alm.fill(7, 0, 2 * 9); // degrees below 9 of order 0
            new engine.SphericalHarmonics(64, 64, 128).inverse(alm, samples, 9, 33);
            return text(samples);""",
            to_text(pairs(alm)),
        )
    )
    assert relative(found, st.inverse(alm, st.Grid.gauss_legendre(64)).ravel()) < 1e-5


@pytest.mark.parametrize("n", [8, 128, 256])
def test_nodes_and_weights_equal_numpy(engine, n):
    x, w = engine(
        "const {x, w} = engine.gaussLegendre(argument); return [Array.from(x), Array.from(w)];", n
    )
    nodes, weights = np.polynomial.legendre.leggauss(n)
    np.testing.assert_allclose(x[::-1], nodes, rtol=0, atol=1e-14)
    np.testing.assert_allclose(w, weights, rtol=1e-9)  # cancellation next to the poles


def test_shares_equal_python_for_another_dilation(engine):
    bank = st.WaveletBank(100, J_min=2, lam=1.7)
    alm = st.signals.earth_relief(100)
    unit = alm / np.sqrt(st.energy(alm))
    for j in bank:
        band = [first_degree(bank, j), bank.band_limit(j)]
        found = engine(
            """const [L, G, band, alm, window] = argument, core = new engine.EnergyShift(L, G);
            core.compute(floats(alm), floats(window), ...band);
            const found = { before: Array.from(core.before) };
            for (const kind in core.after) found[kind] = Array.from(core.after[kind]);
            return found;""",
            [100, 256, band, to_text(pairs(unit)), to_text(bank.window(j))],
        )
        for kind in ("modulus", "square", "relu"):
            expected = st.explore.energy_by_degree(alm, bank, j, kind)
            np.testing.assert_allclose(found["before"], expected.before, rtol=0, atol=1e-6)
            np.testing.assert_allclose(found[kind], expected.after, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["map", "globe"])
def test_every_pixel_shows_the_sample_at_its_place(engine, kind):
    """The lookup inverts `place`, which is the projection's formula forwards."""
    worst = engine(
        """const G = 256, p = new engine.Projection(G, 2 * G), at = [0, 0];
        p.resize(argument, 500); p.turn(1.2, 0.5);
        const {x} = engine.gaussLegendre(G);
        let worst = 0, seen = 0;
        for (let i = 0; i < G; i += 5) for (let k = 0; k < 2 * G; k += 7) {
          let longitude = 2 * Math.PI * k / (2 * G);
          if (longitude > Math.PI) longitude -= 2 * Math.PI;
          if (Math.abs(longitude) > 3 || !p.place(longitude, Math.asin(x[i]), at)) continue;
          const q = p.lookup[Math.floor(at[1]) * p.width + Math.floor(at[0])];
          const colatitude = Math.acos(x[Math.floor(q / (2 * G))]);
          const azimuth = Math.PI * (q % (2 * G)) / G;
          const inner = x[i] * Math.cos(colatitude)
            + Math.sqrt(1 - x[i] ** 2) * Math.sin(colatitude) * Math.cos(azimuth - longitude);
          const u = 2 * at[0] / p.width - 1, v = 2 * at[1] / p.height - 1;
          if (u * u + v * v > 0.9) continue; // a pixel at the rim spans many samples
          worst = Math.max(worst, Math.acos(Math.min(1, inner))); seen++;
        }
        return seen > 500 ? worst : Infinity;""",
        kind,
    )
    assert worst < 0.035  # radians; a pixel and a sample each span about 0.012


def test_a_grid_that_cannot_work_is_refused(engine):
    for arguments in ([8, 12, 32], [8, 8, 24], [32, 32, 32]):
        message = engine(
            "try { new engine.SphericalHarmonics(...argument); } catch (e) { return e.message; }",
            arguments,
        )
        assert message


def test_the_module_that_is_shipped_is_small(visit, tmp_path):
    explorer = st.explore.energy_shift()
    assert len(explorer._esm) < 60_000
    assert write_page(tmp_path, [explorer]).stat().st_size < 600_000
