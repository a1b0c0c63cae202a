// How a question is opened and graded, against Python, and how numbers are read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isRight, moved, readNumber, unseal } from "../../sphere_toolkit/explore/_question/grading.js";
import { told } from "./oracle.js";

const [questions] = told("questions");

test("the page accepts what Python accepts", () => {
  for (const { sealed, salt, kind, options, answers, accepted } of questions) {
    const secret = unseal(Uint8Array.from(sealed), salt);
    const index = (words) => options.indexOf(words);
    // A choice is its place among the options, and an order the places of its words.
    const said = { choice: index, order: (words) => words.map(index) }[kind] ?? ((value) => value);
    assert.deepEqual(answers.map((answer) => isRight(secret, said(answer))), accepted, kind);
    assert.ok(accepted.includes(true) && accepted.includes(false));
  }
});

test("what is sealed is opened with its own salt only", () => {
  const { sealed, salt } = questions[1];
  assert.equal(unseal(Uint8Array.from(sealed), salt).why, "4 = 2²");
  assert.throws(() => unseal(Uint8Array.from(sealed), salt + 1));
  assert.throws(() => unseal(Uint8Array.from(sealed.slice(0, -1)), salt));
});

test("numbers are read as readers write them", () => {
  const read = (text) => readNumber(text, "%");
  for (const [text, value] of [
    ["0.375", 0.375], ["0,375", 0.375], [" 3/8 ", 0.375], ["-3 / 8", -0.375], ["−2", -2], ["1e-3", 0.001],
    ["11 %", 11], ["11%", 11], [".5", 0.5], ["+2", 2],
  ]) assert.equal(read(text), value, text);
  for (const text of ["", " ", "%", "half", "1/0", "3/", "/8", "1/2/3", "1.2.3", "1e999", "5 km"]) {
    assert.ok(Number.isNaN(read(text)), text);
  }
});

test("an item of an order moves by one place, and stays at an end", () => {
  assert.deepEqual(moved(["a", "b", "c"], 0, 1), ["b", "a", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], 2, 1), ["a", "c", "b"]);
  assert.deepEqual(moved(["a", "b", "c"], 0, -1), ["a", "b", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], 2, 3), ["a", "b", "c"]);
});
