// How nonlinearities spread the energy of wavelet coefficients over degrees.

import { POINTWISE, rectify } from "./nonlinearity.js";
import { coefficientLength, energyPerDegree, windowInto } from "./coefficients.js";

/** Below this share of the signal's energy a scale counts as empty. */
const EMPTY = 1e-20;

/**
 * What a nonlinearity makes of wavelet coefficients.
 * @typedef {object} Shares
 * @property {Float64Array} after share of energy at each degree
 * @property {number} below share at degrees below the wavelet's band
 * @property {number} within share in the band
 * @property {number} above the rest
 * @property {number} kept energy, as a share of that of the wavelet coefficients
 */

/** Wavelet coefficients of one scale, and what becomes of them; `energy_by_degree` is the same. */
export class EnergyShift {
  /**
   * @param {number} L exclusive band-limit of the signal, at most 128
   * @param {number} G rings of the grid that samples the nonlinearity
   * @param {TransformCache} cache
   * @param {Float32Array} [samples] room for the wavelet coefficients on the grid
   */
  constructor(L, G, cache, samples = new Float32Array(2 * G * G)) {
    this.G = G;
    this.cache = cache;
    this.samples = samples;
    this.transform = cache.transform(L, G);
    this.wave = { alm: new Float32Array(coefficientLength(L)), L, first: 0, end: L };
    /** Shares of energy at each degree before the nonlinearity. */
    this.before = new Float64Array(L);
    this.energy = 0;
    /** @type {Map<string, Shares>} */
    this.known = new Map();
  }

  /** Whether the signal has no energy at this scale. */
  get empty() {
    return this.energy <= EMPTY;
  }

  /** Root mean square of the wavelet coefficients. */
  get rms() {
    return Math.sqrt(this.energy / (4 * Math.PI));
  }

  /**
   * Takes a signal and a scale.
   * @param {Float32Array} signal L (L + 1) numbers, of unit energy
   * @param {Float32Array} window (L,) factors
   * @param {number} first first degree at which the window is not zero
   * @param {number} end degree from which on it is zero again
   */
  take(signal, window, first, end) {
    const { wave, before, samples, transform } = this;
    windowInto(signal, wave.L, window, wave.alm);
    Object.assign(wave, { first, end });
    energyPerDegree(wave.alm, before);
    this.energy = before.reduce((sum, e) => sum + e, 0);
    scaleBy(before, this.empty ? 0 : 1 / this.energy);
    transform.inverse(wave.alm, samples, first, end);
    this.known.clear();
  }

  /**
   * What a nonlinearity makes of them.
   * @param {string} kind as `rectify` takes it
   * @param {Float32Array} [samples] overwritten with its samples
   * @returns {Shares}
   */
  look(kind, samples = this.cache.samples(this.G, "looked at")) {
    if (kind in POINTWISE) {
      samples.set(this.samples);
      POINTWISE[kind](samples);
    } else rectify(kind, this.wave, this.G, this.cache, samples);
    const known = this.known.get(kind) ?? this.share(samples);
    this.known.set(kind, known);
    return known;
  }

  /** @param {Float32Array} samples
   * @returns {Shares} */
  share(samples) {
    const { transform, cache, wave: { L, first, end } } = this;
    const after = new Float64Array(L);
    if (this.empty) return { after, below: 0, within: 0, above: 0, kept: 0 };
    const alm = cache.coefficients(L);
    transform.forward(samples, alm);
    energyPerDegree(alm, after);
    const total = transform.integralOfSquare(samples);
    scaleBy(after, 1 / total);
    const [below, within] = [sumShares(after, 0, first), sumShares(after, first, end)];
    const above = Math.max(0, 1 - below - within);
    return { after, below, within, above, kept: total / this.energy };
  }
}

/**
 * Multiplies in place.
 * @param {Float64Array} values
 * @param {number} factor
 */
function scaleBy(values, factor) {
  for (let l = 0; l < values.length; l++) values[l] *= factor;
}

/**
 * Sum of shares over degrees from .. to - 1.
 * @param {Float64Array} share
 * @param {number} from
 * @param {number} to
 * @returns {number}
 */
export function sumShares(share, from, to) {
  let sum = 0;
  for (let l = from; l < to; l++) sum += share[l];
  return sum;
}
