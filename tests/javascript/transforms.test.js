// Harmonic transforms and rotations against Python's.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  eulerFromMatrix, matrixFromAxis, matrixFromEuler, multiply, Rotator,
} from "../../sphere_toolkit/explore/_page/rotation.js";
import {
  energyPerDegree, totalEnergy, windowInto,
} from "../../sphere_toolkit/explore/_page/coefficients.js";
import { Fourier } from "../../sphere_toolkit/explore/_page/fourier.js";
import { gaussLegendre, SphericalHarmonics } from "../../sphere_toolkit/explore/_page/sht.js";
import { SpinHarmonics } from "../../sphere_toolkit/explore/_page/spin.js";
import { analyseSpin } from "../../sphere_toolkit/explore/_synthesis/directional.js";
import { assertClose, assertEach, told } from "./oracle.js";

const [transforms, spins, rotations] = told("transforms", "spins", "rotations");

for (const { L, G, alm, synthesised, samples, analysed, energies } of transforms.cases) {
  test(`transforms of band-limit ${L} on ${G} rings equal Python's`, () => {
    const transform = new SphericalHarmonics(L, G, 2 * G);
    const found = new Float32Array(2 * G * G);
    transform.inverse(alm, found);
    assertClose(found, synthesised, 1e-5, "inverse");
    const coefficients = new Float32Array(L * (L + 1));
    transform.forward(samples, coefficients); // beyond the band-limit, too
    assertClose(coefficients, analysed, 1e-5, "forward");
  });

  test(`energies of band-limit ${L} equal Python's`, () => {
    const found = new Float64Array(L);
    energyPerDegree(alm, found);
    assertClose(found, energies, 1e-12);
    assertClose([totalEnergy(alm, L)], [energies.reduce((a, b) => a + b, 0)], 1e-12);
  });
}

test("the inverse of a band leaves the rest out", () => {
  const alm = transforms.band.slice().fill(7, 0, 2 * 9); // degrees below 9 of order 0
  const found = new Float32Array(2 * 64 * 64);
  new SphericalHarmonics(64, 64, 128).inverse(alm, found, 9, 33);
  assertClose(found, transforms.band_synthesised, 1e-5);
});

for (const { L, G, spin, alm, samples } of spins.cases) {
  test(`both components of spin ${spin}, band-limit ${L} on ${G} rings equal ducc0's`, () => {
    const transform = new SpinHarmonics(L, G, 2 * G, spin);
    const room = () => new Float32Array(2 * G * G);
    const [e, b] = alm.map((one) => {
      const components = [room(), room()];
      transform.inverse(one, ...components);
      return components;
    });
    const found = [e[0].map((x, k) => x - b[1][k]), e[1].map((x, k) => x + b[0][k])]; // E + i B
    found.forEach((one, k) => {
      assertClose(one, samples[k], 1e-6, `component ${k}`);
      for (const from of [0, 2 * G * (G - 1)]) {
        const ring = (values) => values.subarray(from, from + 2 * G);
        assertClose(ring(one), ring(samples[k]), 1e-6, `component ${k} next to a pole`);
      }
    });
  });
}

test("samples with spin give E and B back", () => {
  for (const { L, G, spin, alm, samples: [real, imaginary] } of spins.cases) {
    const transform = new SpinHarmonics(L, G, 2 * G, spin);
    const minus = real.map((one) => -one);
    [[real, imaginary], [imaginary, minus]].forEach((components, e) => {
      const found = new Float32Array(alm[e].length);
      analyseSpin(transform, ...components, found);
      const expected = new Float32Array(found.length);
      windowInto(alm[e], L, Float64Array.from({ length: L }, (_, l) => Number(l >= spin)), expected);
      assertClose(found, expected, 1e-6, `spin ${spin}, band-limit ${L}`);
    });
  }
});

test("degrees below the spin have no signal", () => {
  const found = [0, 1].map(() => new Float32Array(2 * 8 * 8).fill(1));
  new SpinHarmonics(3, 8, 16, 3).inverse(new Float32Array(3 * 4).fill(1), ...found);
  assert.ok(found.flatMap((one) => [...one]).every((x) => x === 0));
});

test("spins of a band leave the rest out", () => {
  const { L, G, spin, alm } = spins.cases[2];
  const transform = new SpinHarmonics(L, G, 2 * G, spin);
  const band = new Float32Array(alm[0].length);
  windowInto(alm[0], L, Float64Array.from({ length: L }, (_, l) => Number(l >= 9 && l < 33)), band);
  const [expected, found] = [0, 1].map(() => [0, 1].map(() => new Float32Array(2 * G * G)));
  transform.inverse(band, ...expected);
  transform.inverse(alm[0], ...found, 9, 33);
  found.forEach((one, k) => assertClose(one, expected[k], 1e-6));
});

test("fewer samples on the rings near the poles are enough for a smooth signal", () => {
  const { L, alm } = transforms.cases[1];
  const transform = new SphericalHarmonics(L, 64, 128);
  const samples = new Float32Array(64 * 128);
  transform.inverse(alm, samples);
  const lengths = Array.from({ length: 32 }, (_, i) => (i < 8 ? 64 : 128));
  for (let i = 0; i < 64; i++) {
    const step = 128 / lengths[Math.min(i, 63 - i)];
    for (let k = 0; k < 128 / step; k++) samples[i * 128 + k] = samples[i * 128 + k * step];
  }
  transform.useReducedGrid(lengths);
  const found = new Float32Array(alm.length);
  transform.forward(samples, found);
  assertClose(found, alm, 1e-6);
});

test("grids that cannot work are refused", () => {
  for (const [L, rings, longitudes] of [[8, 12, 32], [8, 8, 24], [32, 32, 32]]) {
    assert.throws(() => new SphericalHarmonics(L, rings, longitudes), /needed|power of two|too few/);
  }
});

test("nodes and weights equal NumPy's", () => {
  for (const [n, [nodes, weights]] of Object.entries(transforms.nodes)) {
    const { x, w } = gaussLegendre(Number(n));
    assertEach(x, nodes.toReversed(), { atol: 1e-14 }, `nodes ${n}`);
    assertEach(w, weights, { rtol: 1e-9 }, `weights ${n}`); // cancellation next to the poles
  }
});

for (const n of [2, 8, 32, 128]) {
  test(`the Fourier transform of length ${n} is the sum that defines it`, () => {
    const fourier = new Fourier(n);
    const x = Array.from({ length: n }, (_, k) => [Math.sin(3 * k + 1), Math.cos(k * k)]);
    x.forEach(([re, im], k) => {
      fourier.re[fourier.reversed[k]] = re;
      fourier.im[fourier.reversed[k]] = im;
    });
    fourier.run(-1);
    for (let k = 0; k < n; k++) {
      let [re, im] = [0, 0];
      x.forEach(([a, b], j) => {
        const angle = (-2 * Math.PI * j * k) / n;
        re += a * Math.cos(angle) - b * Math.sin(angle);
        im += a * Math.sin(angle) + b * Math.cos(angle);
      });
      assertEach([fourier.re[k], fourier.im[k]], [re, im], { atol: 1e-11 });
    }
  });
}

for (const { L, alm, angles, rotated } of rotations.cases) {
  test(`rotations of band-limit ${L} equal Python's`, () => {
    const rotator = new Rotator(L);
    angles.forEach((turn, k) => {
      const found = alm.slice();
      rotator.rotate(found, ...turn, found); // in place
      assertClose(found, rotated[k], 1e-6, `${turn}`);
    });
  });
}

test("matrices and angles equal SciPy's", () => {
  rotations.angles.forEach((turn, k) => {
    const matrix = matrixFromEuler(...turn);
    assertEach(matrix, rotations.matrices[k], { atol: 1e-12 });
    assertEach(matrixFromEuler(...eulerFromMatrix(matrix)), rotations.matrices[k], { atol: 1e-9 });
  });
  const product = multiply(matrixFromAxis(rotations.axis, rotations.angle), rotations.second);
  assertEach(product, rotations.product, { atol: 1e-12 });
});
