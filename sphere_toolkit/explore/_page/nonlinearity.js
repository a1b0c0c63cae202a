// What a scattering network does to wavelet coefficients, on a grid of samples.
//
// Names and definitions are those of `scattering/nonlinearities/`.

import { windowInto } from "./coefficients.js";
import { gaussLegendre } from "./sht.js";

/** Band-limit of a local mean square over that of the wavelet coefficients. */
const DETAIL = 0.75;

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
 * @param {string} name key of POINTWISE, or "rms", "envelope" (of order 1), "envelope(2)" and so on
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
  } else if (name === "rms") takeLocalRms(wave, rings, cache, samples);
  else takeEnvelope(Number(/\d+/.exec(name) ?? 1), wave, rings, cache, samples);
}

/**
 * The root mean square around each point: the root of the squares' zonal average.
 * @param {Wave} wave
 * @param {number} rings
 * @param {TransformCache} cache
 * @param {Float32Array} samples overwritten
 */
function takeLocalRms({ alm, L, first, end }, rings, cache, samples) {
  const Q = Math.ceil(DETAIL * end);
  let fine = rings; // of a grid on which the squares' degrees below Q are exact
  while (2 * fine < 2 * end + Q) fine *= 2;
  const squares = cache.samples(fine, "squares");
  cache.transform(L, fine).inverse(alm, squares, first, end);
  POINTWISE.square(squares);
  const mean = cache.coefficients(Q);
  cache.transform(Q, fine).forward(squares, mean);
  windowInto(mean, Q, cache.known(`average ${Q}`, () => averageWindow(Q)), mean);
  cache.transform(Q, rings).inverse(mean, samples);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.sqrt(Math.max(0, samples[i]));
}

/**
 * Factors of a zonal average of band-limit Q with no negative weight: the square of the zonal
 * function that has the factors cos(pi l / 2 B) at degrees l < B, B half of Q. 1 at degree 0.
 * @param {number} Q
 * @returns {Float64Array}
 */
function averageWindow(Q) {
  const B = Math.ceil(Q / 2);
  const window = new Float64Array(Q);
  const { x, w } = gaussLegendre(Q);
  const p = new Float64Array(Q + 1); // Legendre polynomials
  for (let i = 0; i < Q; i++) {
    p[0] = 1;
    p[1] = x[i];
    for (let l = 2; l < Q; l++) p[l] = ((2 * l - 1) * x[i] * p[l - 1] - (l - 1) * p[l - 2]) / l;
    let root = 0;
    for (let l = 0; l < B; l++) root += (2 * l + 1) * Math.cos((Math.PI * l) / (2 * B)) * p[l];
    for (let l = 0; l < Q; l++) window[l] += w[i] * root * root * p[l];
  }
  const whole = window[0];
  return window.map((factor) => factor / whole);
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
