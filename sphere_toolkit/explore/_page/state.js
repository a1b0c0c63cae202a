// Reading and checking what Python sent: signals, colours, wavelets.

import { coefficientLength } from "./coefficients.js";
import { packColours } from "./draw.js";

/**
 * The part of a Jupyter widget's model that explorers rely on.
 * @typedef {object} Model
 * @property {(trait: string) => any} get
 * @property {(trait: string, value: any) => void} set
 * @property {(event: string, callback: () => void) => void} on
 * @property {(event: string, callback: () => void) => void} off
 * @property {() => void} save_changes
 */

/**
 * The signals of an explorer.
 * @typedef {object} Signals
 * @property {number} L exclusive band-limit
 * @property {string[]} names
 * @property {Float32Array[]} signals coefficients, each signal of unit energy
 * @property {string[]} units
 * @property {number[]} norms roots of the energies that the signals really have
 * @property {boolean[]} onEarth whether coastlines help
 * @property {Uint32Array} colours 256 of them, for signed values
 * @property {Int16Array} coastlines
 * @property {(Uint8Array | null)[]} masks where samples are missing, see rings.js
 */

/**
 * Wavelets.
 * @typedef {object} Bank
 * @property {number[]} scales coarsest first, in steps of 1
 * @property {[number, number][]} bands per scale its first degree and the one after its last
 * @property {Float32Array[]} windows per scale a factor for each of L degrees
 * @property {Float32Array} scaling window of the average; its length is the average's band-limit
 */

/** How far the squares of windows may be from 1 together: they come in single precision. */
const WINDOW_ROUNDING = 1e-5;

/**
 * A copy of binary state as a typed array, wherever the view came from (a DataView in JupyterLab
 * and in the book).
 * @template T
 * @param {Model} model
 * @param {string} name of the trait
 * @param {{new (buffer: ArrayBuffer): T, BYTES_PER_ELEMENT: number}} Type Float32Array and the like
 * @param {number} [length] expected number of elements
 * @returns {T}
 */
export function binary(model, name, Type, length) {
  const view = model.get(name);
  if (!ArrayBuffer.isView(view) && !(view instanceof ArrayBuffer)) {
    throw new Error(`the explorer's “${name}” is missing`);
  }
  const whole = ArrayBuffer.isView(view) ? view.buffer : view;
  const start = ArrayBuffer.isView(view) ? view.byteOffset : 0;
  const buffer = /** @type {ArrayBuffer} */ (whole.slice(start, start + view.byteLength));
  const size = Type.BYTES_PER_ELEMENT;
  const expected = length === undefined ? undefined : length * size;
  if (buffer.byteLength % size || (expected !== undefined && buffer.byteLength !== expected)) {
    throw new Error(`the explorer's “${name}” has ${buffer.byteLength} bytes, expected ${expected}`);
  }
  return new Type(buffer);
}

/**
 * A trait that has to be a list.
 * @param {Model} model
 * @param {string} trait
 * @param {(item: any) => boolean} isOne whether an item is as it should be
 * @param {number} [length] of the list; without it, at least one
 * @returns {any[]}
 */
export function requireList(model, trait, isOne, length) {
  const list = model.get(trait);
  const complete = length === undefined ? list?.length > 0 : list?.length === length;
  if (!(Array.isArray(list) && complete && list.every(isOne))) throw damaged(trait);
  return [...list]; // the model's own is that of other views, too
}

/**
 * The error that says that a trait cannot be used.
 * @param {string} trait
 * @returns {Error}
 */
export function damaged(trait) {
  return new Error(`the explorer's “${trait}” are damaged`);
}

/**
 * Reads what `Explorer` in Python sends for all explorers alike.
 * @param {Model} model
 * @returns {Signals}
 */
export function readSignals(model) {
  const L = model.get("L");
  if (!(Number.isInteger(L) && L > 0)) throw new Error(`no band-limit “${L}”`);
  const names = requireList(model, "names", isText);
  const size = coefficientLength(L);
  const all = binary(model, "coefficients", Float32Array, names.length * size);
  return {
    L, names,
    signals: names.map((_, k) => all.subarray(k * size, (k + 1) * size)),
    units: requireList(model, "units", isText, names.length),
    norms: requireList(model, "norms", (norm) => norm > 0, names.length),
    onEarth: requireList(model, "on_earth", (one) => typeof one === "boolean", names.length),
    colours: packColours(binary(model, "colours", Uint8Array, 3 * 256)),
    coastlines: binary(model, "coastlines", Int16Array),
    masks: names.map(() => null),
  };
}

/**
 * Reads what `BankExplorer` in Python sends.
 * @param {Model} model
 * @param {number} L band-limit
 * @returns {Bank}
 */
export function readBank(model, L) {
  const scales = requireList(model, "scales", Number.isInteger);
  /** @param {any} band */
  const isBand = (band) =>
    band?.length === 2 && band.every(Number.isInteger) && band[0] >= 0 && band[1] <= L;
  const bands = requireList(model, "bands", isBand, scales.length);
  const all = binary(model, "windows", Float32Array, scales.length * L);
  const windows = scales.map((_, k) => all.subarray(k * L, (k + 1) * L));
  const scaling = binary(model, "scaling", Float32Array);
  for (let l = 0; l < L; l++) {
    const total = windows.reduce((sum, window) => sum + window[l] ** 2, (scaling[l] ?? 0) ** 2);
    if (!(Math.abs(total - 1) < WINDOW_ROUNDING)) throw damaged("windows");
  }
  return { scales, bands, windows, scaling };
}

/** @param {any} one */
function isText(one) {
  return typeof one === "string";
}

/**
 * The scenes that the author of a page wrote: for each a note, and the values of all controls.
 * @param {ExplorerView} view
 * @returns {[string, Object<string, any>][]}
 */
export function readScenes({ model, controls }) {
  const scenes = model.get("scenes");
  const isOne = (/** @type {any} */ one) => one?.length === 2 && typeof one[0] === "string" && one[1];
  if (!Array.isArray(scenes) || !scenes.every(isOne)) throw damaged("scenes");
  for (const [, values] of scenes) {
    for (const trait of Object.keys(values)) {
      if (!Object.hasOwn(controls, trait)) throw damaged("scenes");
      controls[trait].check(values[trait], values);
    }
  }
  return scenes;
}
