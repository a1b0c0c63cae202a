// The numbers that oracle.py wrote, and how close to them is close enough.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const TYPES = { f4: Float32Array, f8: Float64Array, u1: Uint8Array };

/** Puts arrays in place of their encoded bytes. */
function decoded(key, value) {
  for (const [name, Type] of Object.entries(TYPES)) {
    if (typeof value?.[name] !== "string") continue;
    const bytes = Buffer.from(value[name], "base64");
    return new Type(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }
  return value;
}

/** What Python computes of each subject. */
export function told(...subjects) {
  return subjects.map((name) => JSON.parse(readFileSync(`${process.env.ORACLE}/${name}.json`, "utf8"), decoded));
}

/** Asserts that two lists of numbers differ by less than a part of the second. */
export function assertClose(found, expected, tolerance, where = "") {
  assert.equal(found.length, expected.length, where);
  let [apart, size] = [0, 0];
  for (let k = 0; k < expected.length; k++) {
    apart += (found[k] - expected[k]) ** 2;
    size += expected[k] ** 2;
  }
  const error = Math.sqrt(apart / (size || 1));
  assert.ok(error < tolerance, `${where}: relative distance ${error}, allowed ${tolerance}`);
}

/** Asserts that no number differs by more than an absolute and a relative bound. */
export function assertEach(found, expected, { rtol = 0, atol = 0 }, where = "") {
  assert.equal(found.length, expected.length, where);
  for (let k = 0; k < expected.length; k++) {
    const apart = Math.abs(found[k] - expected[k]);
    const allowed = atol + rtol * Math.abs(expected[k]);
    assert.ok(apart <= allowed, `${where}[${k}]: ${found[k]} is not ${expected[k]}`);
  }
}
