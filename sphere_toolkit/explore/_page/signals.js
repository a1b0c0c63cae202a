// The signals, colours and coastlines that every explorer gets from Python.

import { coefficientLength } from "./sht.js";
import { packColours } from "./draw.js";
import { binary } from "./ui.js";

/**
 * Reads and checks what `Explorer` in Python sends for all explorers alike.
 * @param {object} model the widget's model
 * @returns {{L: number, names: string[], signals: Float32Array[], units: string[], norms: number[],
 *   onEarth: boolean[], colours: Uint32Array[], coastlines: Int16Array}} each signal has unit
 *   energy, its own is the square of its norm; colours are for light and for dark pages
 */
export function readSignals(model) {
  const L = model.get("L");
  if (!(Number.isInteger(L) && L > 0)) throw new Error(`no band-limit “${L}”`);
  const names = requireList(model, "names", isText);
  requireKnown(model, "signal", names);
  const size = coefficientLength(L);
  const all = binary(model, "coefficients", Float32Array, names.length * size);
  const colours = binary(model, "colours", Uint8Array, 2 * 3 * 256);
  return {
    L, names,
    signals: names.map((_, k) => all.subarray(k * size, (k + 1) * size)),
    units: requireList(model, "units", isText, names.length),
    norms: requireList(model, "norms", (norm) => norm > 0, names.length),
    onEarth: requireList(model, "on_earth", (one) => typeof one === "boolean", names.length),
    colours: [0, 1].map((k) => packColours(colours.subarray(k * 768, (k + 1) * 768))),
    coastlines: binary(model, "coastlines", Int16Array),
  };
}

/**
 * Throws where a trait has a value that is none of those known.
 * @param {object} model
 * @param {string} trait
 * @param {Array<string | number | null>} known
 */
export function requireKnown(model, trait, known) {
  if (!known.includes(model.get(trait))) throw new Error(`no ${trait} “${model.get(trait)}”`);
}

/**
 * A trait that has to be a list.
 * @param {object} model
 * @param {string} trait
 * @param {(item: unknown) => boolean} isOne whether an item is as it should be
 * @param {number} [length] of the list; without it, at least one
 * @returns {Array}
 */
export function requireList(model, trait, isOne, length) {
  const list = model.get(trait);
  const complete = length === undefined ? list?.length > 0 : list?.length === length;
  if (!(Array.isArray(list) && complete && list.every(isOne))) {
    throw new Error(`the explorer's “${trait}” are damaged`);
  }
  return list;
}

function isText(one) {
  return typeof one === "string";
}
