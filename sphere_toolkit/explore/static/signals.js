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
  const names = model.get("names");
  if (!(Number.isInteger(L) && L > 0 && names?.length)) {
    throw new Error("the explorer's description of its signals is incomplete");
  }
  requireKnown(model, "signal", names);
  const size = coefficientLength(L);
  const all = binary(model, "coefficients", Float32Array, names.length * size);
  const colours = binary(model, "colours", Uint8Array, 2 * 3 * 256);
  return {
    L, names,
    signals: names.map((_, k) => all.subarray(k * size, (k + 1) * size)),
    units: model.get("units"),
    norms: model.get("norms"),
    onEarth: model.get("on_earth"),
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
