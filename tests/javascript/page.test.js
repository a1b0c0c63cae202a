// What every explorer's page side rests on, without a page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Control } from "../../sphere_toolkit/explore/_page/controls.js";
import { grouped, percent, short, signed, superscript } from "../../sphere_toolkit/explore/_page/dom.js";
import { Projection } from "../../sphere_toolkit/explore/_page/draw.js";
import { memo } from "../../sphere_toolkit/explore/_page/memo.js";
import { gaussLegendre } from "../../sphere_toolkit/explore/_page/sht.js";
import { binary, requireList } from "../../sphere_toolkit/explore/_page/state.js";

test("a memo computes again only when an input is another one", () => {
  let runs = 0;
  const twice = memo((x) => {
    runs++;
    if (x < 0) throw new Error("negative");
    return { value: 2 * x };
  });
  const first = twice(3);
  assert.equal(twice(3), first);
  assert.equal(runs, 1);
  assert.equal(twice(4).value, 8);
  assert.notEqual(twice(3), first);
  assert.equal(twice(NaN), twice(NaN));
  assert.equal(runs, 4);
  assert.throws(() => twice(-1), /negative/);
  assert.throws(() => twice(-1), /negative/); // what fails is tried again
  assert.equal(runs, 6);
});

for (const kind of ["map", "globe"]) {
  test(`every pixel of a ${kind} shows the sample at its place`, () => {
    // The lookup inverts `place`, which is the projection's formula forwards.
    const G = 256;
    const projection = new Projection(G, 2 * G);
    projection.resize(kind, 500);
    projection.turn(1.2, 0.5);
    const { x } = gaussLegendre(G);
    const at = [0, 0];
    let [worst, seen] = [0, 0];
    for (let i = 0; i < G; i += 5) {
      for (let k = 0; k < 2 * G; k += 7) {
        const turn = (Math.PI * k) / G;
        const longitude = turn > Math.PI ? turn - 2 * Math.PI : turn;
        if (Math.abs(longitude) > 3 || !projection.place(longitude, Math.asin(x[i]), at)) continue;
        const { width, height, lookup } = projection;
        const [u, v] = [(2 * at[0]) / width - 1, (2 * at[1]) / height - 1];
        if (u * u + v * v > 0.9) continue; // a pixel at the rim spans many samples
        const q = lookup[Math.floor(at[1]) * width + Math.floor(at[0])];
        const colatitude = Math.acos(x[Math.floor(q / (2 * G))]);
        const azimuth = (Math.PI * (q % (2 * G))) / G;
        const inner = x[i] * Math.cos(colatitude) +
          Math.sqrt(1 - x[i] ** 2) * Math.sin(colatitude) * Math.cos(azimuth - longitude);
        worst = Math.max(worst, Math.acos(Math.min(1, inner)));
        seen++;
      }
    }
    assert.ok(seen > 500);
    assert.ok(worst < 0.035, `${worst} radians`); // a pixel and a sample each span about 0.012
  });
}

test("binary state is copied and measured", () => {
  const model = { get: () => new DataView(new Float32Array([0, 1, 2]).buffer, 4) };
  assert.deepEqual([...binary(model, "windows", Float32Array, 2)], [1, 2]);
  assert.throws(() => binary(model, "windows", Float32Array, 3), /windows.*8 bytes, expected 12/);
  assert.throws(() => binary({ get: () => "?" }, "windows", Float32Array), /windows.*missing/);
});

test("lists are refused where an item is not as it should be", () => {
  const model = { get: () => [1, 2, "3"] };
  assert.throws(() => requireList(model, "scales", Number.isInteger), /scales/);
  assert.throws(() => requireList({ get: () => [] }, "scales", Number.isInteger), /scales/);
  const own = [1];
  const list = requireList({ get: () => own }, "scales", Number.isInteger, 1);
  assert.deepEqual(list, own);
  assert.notEqual(list, own); // what a view adds to its list is not in that of another
});

test("a control refuses what Python does not offer", () => {
  const check = (declared, value) => {
    const view = { model: { get: () => value }, choose: () => {} };
    new Control(view, "trait", { kind: "own", label: "", ...declared }).check();
  };
  const paths = { options: [[], [4], [5, 4]] };
  const range = { min: 0, max: 4, integer: true };
  const parts = { parts: [{ label: "a", min: 0, max: 180 }, { label: "b", min: -1, max: 1 }] };
  for (const [declared, value] of [
    [paths, []], [paths, [5, 4]], [{ options: [null, 2] }, null], [range, 4],
    [{ min: 0, max: 0.2 }, 0.05], [parts, [180, -1]],
  ]) check(declared, value);
  for (const [declared, value] of [
    [paths, [9]], [paths, "5,4"], [paths, undefined], [{ options: [1, 2] }, "2"], [range, 5],
    [range, 0.5], [range, NaN], [range, "3"], [parts, [181, 0]], [parts, [0]], [parts, "?"],
  ]) assert.throws(() => check(declared, value), /no trait/, JSON.stringify([declared, value]));
});

test("numbers are written for readers", () => {
  const shortened = { 0: "0", 0.0005: "5.0e-4", 0.0012: "0.0012", 0.126: "0.13", 4321: "4,320", 1.5e7: "1.5e+7" };
  for (const [value, words] of Object.entries(shortened)) assert.equal(short(Number(value)), words);
  assert.deepEqual([49152, -1234567, 999].map(grouped), ["49,152", "-1,234,567", "999"]);
  assert.equal(percent(0.1234), "12.3\u00a0%");
  assert.equal(signed(-2), "−2");
  assert.equal(superscript(-16), "⁻¹⁶");
});
