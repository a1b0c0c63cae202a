// The mathematics of each explorer against Python's.

import { test } from "node:test";
import { Directions } from "../../sphere_toolkit/explore/_directions/view.js";
import { Harmonics } from "../../sphere_toolkit/explore/_harmonics/view.js";
import { Commutator } from "../../sphere_toolkit/explore/_page/commutator.js";
import { EnergyShift } from "../../sphere_toolkit/explore/_page/energy.js";
import { TransformCache } from "../../sphere_toolkit/explore/_page/cache.js";
import {
  pathsOf, ScatteringNetwork,
} from "../../sphere_toolkit/explore/_page/scattering.js";
import { generatingFunction, WaveletWindows } from "../../sphere_toolkit/explore/_page/windows.js";
import { Deformation, Interpolator } from "../../sphere_toolkit/explore/_stability/deformation.js";
import { Distances } from "../../sphere_toolkit/explore/_stability/view.js";
import { Descent } from "../../sphere_toolkit/explore/_synthesis/descent.js";
import { DirectionalMeans } from "../../sphere_toolkit/explore/_synthesis/directional.js";
import { PathMeans } from "../../sphere_toolkit/explore/_synthesis/means.js";
import { Wavelets } from "../../sphere_toolkit/explore/_wavelets/view.js";
import assert from "node:assert/strict";
import { assertClose, assertEach, told } from "./oracle.js";

const [wavelets, energies, scattering, directions, deformations, harmonics, descents] = told(
  "wavelets", "energies", "scattering", "directions", "deformations", "harmonics", "descents",
);

test("windows equal Python's to the last digits, again and again", () => {
  const known = new Map();
  for (const { L, lam, J_min, J, windows } of wavelets.banks) {
    if (!known.has(L)) known.set(L, new WaveletWindows(L, 1.2));
    const core = known.get(L);
    core.update(lam, J_min);
    assert.equal(core.J, J);
    assert.equal(core.windows.length, windows.length);
    assert.ok(core.tightness < 1e-15);
    core.scales.forEach((scale, k) => {
      const [first, end] = core.band(scale);
      const where = `L=${L} lam=${lam} scale ${scale}`;
      assertEach(core.windows[k].map((w) => w * w), windows[k].map((w) => w * w), { atol: 1e-12 }, where);
      // A root magnifies what is wrong of almost nothing; relative to itself it is right too.
      const large = [...windows[k].keys()].filter((l) => windows[k][l] > 1e-6);
      const pick = (values) => large.map((l) => values[l]);
      assertEach(pick(core.windows[k]), pick(windows[k]), { rtol: 1e-10 }, where);
      assert.ok(windows[k].every((w, l) => w === 0 || (l >= first && l < end)), where);
    });
  }
});

test("the generating function equals Python's", () => {
  for (const [lam, expected] of Object.entries(wavelets.generating)) {
    const found = wavelets.t.flatMap((t) => generatingFunction(t, Number(lam)));
    assertEach(found, expected, { rtol: 1e-9, atol: 1e-13 }, lam);
  }
});

test("wavelet, coefficients, spread and shares equal Python's", () => {
  const core = new Wavelets(100, 1.2);
  core.bank(1.7, 3, wavelets.alm);
  assertEach(core.energies, wavelets.shares, { atol: 1e-6 });
  for (const { scale, wavelet, seen, spread } of wavelets.looks) {
    core.shape(scale);
    core.look(wavelets.alm, scale);
    assertClose(core.wavelet, wavelet, 1e-5, `wavelet ${scale}`);
    assertClose(core.samples, seen, 1e-5, `coefficients ${scale}`);
    assertEach([core.spread], [spread], { rtol: 1e-9 });
  }
});

test("shares of energy by degree equal Python's for another dilation", () => {
  const core = new EnergyShift(100, 256, new TransformCache());
  const { alm, bank, cases } = energies;
  for (const { k, before, after } of cases) {
    core.take(alm, bank.windows[k], ...bank.bands[k]);
    assertEach(core.before, before, { atol: 1e-6 });
    for (const kind in after) assertEach(core.look(kind).after, after[kind], { atol: 1e-6 }, kind);
  }
});

test("scattering coefficients of all paths equal Python's", () => {
  const { alm, bank, cases } = scattering;
  const network = new ScatteringNetwork(32, pathsOf(bank.scales, 3), bank, new TransformCache());
  for (const { kind, oversampling, paths, coefficients } of cases) {
    network.begin(alm, kind, oversampling);
    assert.deepEqual(network.paths, paths);
    paths.forEach((path, k) => {
      assertClose(network.average(k), coefficients[k], 1e-5, `${kind} ${oversampling} ${path}`);
    });
  }
});

test("what arrives at a path and what it keeps equal Python's", () => {
  const { alm, bank, rings, propagated, arriving, kept } = scattering;
  const paths = pathsOf(bank.scales, 3);
  const network = new ScatteringNetwork(32, paths, bank, new TransformCache());
  network.begin(alm, "modulus", 2);
  assert.equal(network.known, 0);
  const k = paths.findIndex((path) => `${path}` === "5,3");
  const samples = [new Float32Array(2 * rings * rings), new Float32Array(2 * rings * rings)];
  network.sample(k, rings, ...samples);
  assertClose(samples[0], propagated, 1e-5);
  assert.equal(network.known, 3); // (), (5,) and (5, 3)
  assertEach(paths.map((_, n) => network.node(n).arriving), arriving, { rtol: 1e-4, atol: 1e-7 });
  assertEach(paths.map((_, n) => network.kept(n)), kept, { rtol: 1e-4, atol: 1e-7 });
});

test("errors of equivariance equal Python's", () => {
  const { alm, bank, angles, errors } = scattering;
  const paths = pathsOf(bank.scales, 2);
  const network = new ScatteringNetwork(32, paths, bank, new TransformCache());
  const core = new Commutator(32, network.Lout);
  const turn = angles.map((angle) => (angle * Math.PI) / 180);
  const k = paths.findIndex((path) => `${path}` === "5,3");
  for (const [kind, expected] of Object.entries(errors)) {
    const scatter = (signal, out) => {
      network.begin(signal, kind, 1);
      out.set(network.average(k));
    };
    core.prepare(alm, scatter);
    core.rotate(alm, turn, scatter);
    assertEach([core.error], [expected], { atol: 1e-5 }, kind);
    assert.equal(expected < 1e-3, kind === "rms", kind); // it hardly aliases, even on this grid
  }
});

test("responses, directions and strengths equal Python's", () => {
  const { L, G, alm, bank, gamma, cases } = directions;
  const core = new Directions(L, G, bank, new TransformCache());
  const found = new Float32Array(2 * G * G);
  for (const { N, j, energy, mean, ...expected } of cases) {
    const where = `N = ${N}, scale ${j}`;
    core.take(alm, bank.scales.indexOf(j), N);
    assertEach([core.respond(gamma, found), core.energy], [energy, mean], { rtol: 1e-6 }, where);
    assertClose(found, expected.real, 1e-6, `response ${where}`);
    core.field(found);
    assertClose(found, expected.strength, 1e-6, `strength ${where}`);
    // The crests lie across the direction; how much that is worth depends on the strength.
    const size = Math.max(...expected.strength);
    for (let i = 0; i < found.length; i += 37) {
      const [re, im] = core.square;
      const apart = Math.sin(Math.atan2(im[i], re[i]) / 2 + Math.PI / 2 - expected.angle[i]);
      assert.ok(Math.abs(apart) * (found[i] / size) ** 2 < 1e-6, where);
    }
    core.wavelet(gamma, found);
    assertClose(found, expected.wavelet, 1e-6, `wavelet ${where}`);
  }
});

test("distances of a deformed signal equal Python's", () => {
  const { alm, bank, field, distances } = scattering;
  const cache = new TransformCache();
  const core = new Distances(32, bank, new Deformation(32, field, cache), cache);
  core.take(alm);
  core.deform(0.1);
  for (const [name, expected] of Object.entries(distances)) {
    assertEach([core.values[name]], [expected], { atol: 1e-5 }, name);
  }
});

for (const { L, alm, deformed } of deformations.cases) {
  test(`deformed signals of band-limit ${L} equal Python's`, () => {
    const core = new Deformation(L, deformations.field, new TransformCache());
    const found = alm.slice();
    core.take(alm);
    for (const [size, expected] of Object.entries(deformed)) {
      core.deform(Number(size), found);
      // White noise is the worst case of the page's interpolation.
      assertClose(found, expected, 1e-5, size);
    }
  });
}

test("values next to the poles and the date line are those of the formula", () => {
  const points = [[0, 0, 1], [0, 0, -1], [-1, 0, 0], [-1, -1e-9, 0], [1e-7, 0, 1], [0.6, 0, -0.8]];
  const core = new Interpolator(16);
  const found = new Float32Array(points.length);
  core.take(deformations.poles);
  core.values(Float64Array.from(points.flat()), found);
  const factor = Math.sqrt(3 / (4 * Math.PI));
  assertEach(found, points.map(([x, , z]) => factor * (z - 2 * x)), { atol: 2e-6 });
});

for (const { L, alm, cuts, picks, size } of harmonics.cases) {
  test(`pictures and numbers of band-limit ${L} equal Python's`, () => {
    const core = new Harmonics(L);
    core.use(alm);
    for (const { B, kept, rest, residual } of cuts) {
      core.cut(B);
      assertEach(core.samples[0], kept, { atol: 1e-5 * size }, `below ${B}`);
      assertEach(core.samples[1], rest, { atol: 1e-5 * size }, `from ${B}`);
      assertEach([core.residual[B]], [residual], { atol: 1e-6 });
    }
    for (const { l, m, harmonic, degree, coefficient } of picks) {
      core.pick(l, m);
      assertClose(core.samples[0], harmonic, 1e-5, `harmonic ${l}, ${m}`);
      assertClose(core.samples[1], degree, 1e-5, `degree ${l}`);
      assertEach([core.orders[l + m]], [coefficient], { atol: 1e-6 * size });
    }
  });
}

test("after twenty steps a descent is where Python's is, and every step takes its time", () => {
  const { L, bank, target, noise } = descents;
  for (const [kind, Means] of Object.entries({ zonal: PathMeans, directional: DirectionalMeans })) {
    const { names, goal, alm, errors } = descents.cases[kind];
    const means = new Means(L, pathsOf(bank.scales, 2), bank, new TransformCache());
    const descent = new Descent(L, noise);
    descent.take(target, means, true);
    assert.deepEqual(means.names.toSorted(), names.toSorted());
    assertEach(descent.goal, means.names.map((name) => goal[names.indexOf(name)]), { rtol: 1e-6 }, kind);
    assert.equal(descent.reach(20, 0), 1);
    assert.equal(descent.reach(20, Infinity), 20);
    assertEach(descent.states.map(({ error }) => error), errors, { rtol: 1e-5 }, kind);
    assertClose(descent.states[20].alm, alm, 1e-5, kind);
  }
});
