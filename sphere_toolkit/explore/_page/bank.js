// The filter bank that Python sends to the explorers of one bank.

import { requireList } from "./signals.js";
import { binary } from "./ui.js";

/** How far the squares of windows may be from 1 together: they come in single precision. */
const WINDOW_ROUNDING = 1e-5;

/**
 * Reads and checks the wavelets' windows.
 * @param {object} model the widget's model
 * @param {number} L band-limit
 * @returns {{scales: number[], bands: number[][], windows: Float32Array[]}} per scale its first
 *   degree and the one after its last, and a factor for each of L degrees
 */
export function readBank(model, L) {
  const scales = requireList(model, "scales", Number.isInteger);
  const isBand = (band) =>
    band?.length === 2 && band.every(Number.isInteger) && band[0] >= 0 && band[1] <= L;
  const bands = requireList(model, "bands", isBand, scales.length);
  const all = binary(model, "windows", Float32Array, scales.length * L);
  return { scales, bands, windows: scales.map((_, k) => all.subarray(k * L, (k + 1) * L)) };
}

/**
 * Reads the window of the average, which makes the wavelets' windows complete.
 * @param {object} model the widget's model
 * @param {Float32Array[]} windows of the wavelets
 * @returns {Float32Array} its length is the band-limit of the average
 */
export function readScaling(model, windows) {
  const scaling = binary(model, "scaling", Float32Array);
  for (let l = 0; l < windows[0].length; l++) {
    const total = windows.reduce((sum, window) => sum + window[l] ** 2, (scaling[l] ?? 0) ** 2);
    if (!(Math.abs(total - 1) < WINDOW_ROUNDING)) throw new Error("the explorer's windows are damaged");
  }
  return scaling;
}

/** Reads and checks paths, lists of scales. */
export function readPaths(model, scales) {
  const isPath = (path) => Array.isArray(path) && path.every((j) => scales.includes(j));
  return requireList(model, "paths", isPath);
}
