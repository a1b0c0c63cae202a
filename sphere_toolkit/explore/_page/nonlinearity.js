// What a scattering network does to wavelet coefficients, on a grid of samples.
//
// Names and definitions are those of `scattering/nonlinearities/`.

import { windowInto } from "./coefficients.js";

/**
 * Wavelet coefficients of one scale.
 * @typedef {object} Wave
 * @property {Float32Array} alm L (L + 1) numbers
 * @property {number} L
 * @property {number} first degrees below it are zero
 * @property {number} end so are degrees from here on
 */

/** What is done to each sample, in place. @type {Object<string, (samples: Float32Array) => void>} */
export const POINTWISE = {
  modulus: (samples) => {
    for (let i = 0; i < samples.length; i++) samples[i] = Math.abs(samples[i]);
  },
  square: (samples) => {
    for (let i = 0; i < samples.length; i++) samples[i] *= samples[i];
  },
  relu: (samples) => {
    for (let i = 0; i < samples.length; i++) if (samples[i] < 0) samples[i] = 0;
  },
};

/**
 * Samples of what a nonlinearity makes of wavelet coefficients.
 * @param {string} name key of POINTWISE, or "envelope" (of order 1), or "envelope(2)" and so on
 * @param {Wave} wave
 * @param {number} rings of the grid
 * @param {TransformCache} cache
 * @param {Float32Array} samples overwritten
 */
export function rectify(name, wave, rings, cache, samples) {
  if (name in POINTWISE) {
    const { alm, L, first, end } = wave;
    cache.transform(L, rings).inverse(alm, samples, first, end);
    POINTWISE[name](samples);
  } else takeEnvelope(Number(/\d+/.exec(name) ?? 1), wave, rings, cache, samples);
}

/**
 * The Riesz envelope, the root of sum_n c_n |W_n|^2: W_n is the spin-n signal of the coefficients.
 * @param {number} order
 * @param {Wave} wave
 * @param {number} rings
 * @param {TransformCache} cache
 * @param {Float32Array} samples overwritten
 */
function takeEnvelope(order, { alm, L, first, end }, rings, cache, samples) {
  const part = cache.coefficients(L);
  const [real, imaginary] = ["real", "imaginary"].map((name) => cache.samples(rings, name));
  envelopeWeights(order, L).forEach((weight, n) => {
    windowInto(alm, L, weight, part, L);
    if (n === 0) {
      cache.transform(L, rings).inverse(part, samples, first, end);
      for (let i = 0; i < samples.length; i++) samples[i] *= samples[i];
      return;
    }
    cache.spin(L, rings, n).inverse(part, real, imaginary, first, end);
    for (let i = 0; i < samples.length; i++) {
      samples[i] += real[i] * real[i] + imaginary[i] * imaginary[i];
    }
  });
  for (let i = 0; i < samples.length; i++) samples[i] = Math.sqrt(samples[i]);
}

/**
 * Roots of c_n, per degree: c_0 = b_0 and c_n = 2 b_n with b_n = binomial(2 N, N + n) / 4^N. Where a
 * degree is below n, W_n lacks it; the other weights of this degree are scaled to a sum of 1.
 * @param {number} order N
 * @param {number} L band-limit
 * @returns {Float64Array[]} for n = 0 .. N
 */
export function envelopeWeights(order, L) {
  const c = [1];
  for (let n = 1; n <= order; n++) c.push((c[n - 1] * (order + 1 - n)) / (order + n));
  for (let n = 1; n <= order; n++) c[n] *= 2;
  return c.map((own, n) => Float64Array.from({ length: L }, (_, l) => {
    const total = c.slice(0, l + 1).reduce((sum, one) => sum + one, 0);
    return l < n ? 0 : Math.sqrt(own / total);
  }));
}
