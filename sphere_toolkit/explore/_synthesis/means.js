// The means of a scattering network's paths, and their gradient with respect to the signal.
//
// On a Gauss-Legendre grid the analysis is the transpose of the synthesis with the weights of the
// grid before it. The weights of a mean, or of an analysis further down, cancel those. So the way back
// has the transforms of the way forth in the other direction, and in between, in the place of the
// modulus, its slope: 0 where it has a kink.

import { coefficientLength, orderOffset } from "../_page/coefficients.js";
import { ScatteringNetwork } from "../_page/scattering.js";

/** Y_00: a mean over the sphere is the coefficient of degree 0 times this. */
export const MEAN = 1 / Math.sqrt(4 * Math.PI);

/** Sampling of the modulus, over the band-limit. */
const OVERSAMPLING = 2;

/** Of a network of zonal wavelets, on one signal after another. */
export class PathMeans extends ScatteringNetwork {
  /** What the means are of, as Python writes it; the empty path is left out. */
  get names() {
    return this.paths.slice(1).map((path) => path.join(", "));
  }

  /** Samples for path k, which stay what they are until the next signal.
   * @param {number} k
   * @param {string} [what] */
  samplesOf(k, what = "W") {
    return this.cache.samples(this.scale(k).rings, `${what} ${k}`);
  }

  /** Keeps the signs that the modulus takes away.
   * @param {number} k
   * @param {number} rings
   * @param {Float32Array} samples overwritten */
  propagate(k, rings, samples) {
    const { alm, L, first, end } = this.wave(k);
    const wave = this.samplesOf(k);
    this.cache.transform(L, rings).inverse(alm, wave, first, end);
    for (let i = 0; i < wave.length; i++) samples[i] = Math.abs(wave[i]);
  }

  /**
   * The means over the sphere at the ends of all paths but the empty one.
   * @param {Float32Array} signal
   * @returns {number[]} in the order of `names`
   */
  of(signal) {
    this.begin(signal, "modulus", OVERSAMPLING);
    return this.paths.slice(1).map((_, p) => MEAN * this.node(p + 1).alm[0]);
  }

  /** Room for the gradient with respect to the coefficients of path k.
   * @param {number} k
   * @param {string} [what]
   * @returns {Float32Array} */
  back(k, what = "U") {
    return this.cache.known(`back ${what} ${k}`, () => new Float32Array(coefficientLength(this.node(k).L)));
  }

  /**
   * The gradient of a function of the means at the last signal.
   * @param {number[]} slopes of the function with respect to each mean
   * @returns {Float32Array} L (L + 1) numbers, until the next call
   */
  pull(slopes) {
    this.paths.forEach((_, k) => this.back(k).fill(0));
    for (let k = this.paths.length - 1; k > 0; k--) {
      const { rings } = this.scale(k);
      const samples = this.cache.samples(rings);
      this.back(k)[0] += MEAN * slopes[k - 1];
      if (this.children[k].length) this.cache.transform(this.node(k).L, rings).inverse(this.back(k), samples);
      else samples.fill(MEAN * this.back(k)[0]);
      this.pullBack(k, rings, samples);
      this.handBack(k, this.wavelet, this.back(this.parents[k]));
    }
    return this.back(0);
  }

  /** The gradient with respect to the wavelet coefficients of path k, to `wavelet`.
   * @param {number} k
   * @param {number} rings
   * @param {Float32Array} samples of that with respect to their modulus; overwritten */
  pullBack(k, rings, samples) {
    const wave = this.samplesOf(k);
    for (let i = 0; i < wave.length; i++) samples[i] *= Math.sign(wave[i]);
    this.cache.transform(this.scale(k).B, rings).forward(samples, this.wavelet);
  }

  /** Adds it to that of the path before, multiplied by the window.
   * @param {number} k
   * @param {Float32Array} alm
   * @param {Float32Array} total overwritten */
  handBack(k, alm, total) {
    const { at, B } = this.scale(k);
    addWindowed(alm, B, this.bank.windows[at], total, this.node(this.parents[k]).L);
  }
}

/**
 * Multiplies by a window and adds: the transpose of `windowInto`.
 * @param {Float32Array} alm L (L + 1) numbers, or more
 * @param {number} L
 * @param {Float32Array | Float64Array} window
 * @param {Float32Array} total Lout (Lout + 1) numbers
 * @param {number} Lout at least L
 */
export function addWindowed(alm, L, window, total, Lout) {
  for (let m = 0, p = 0; m < L; m++) {
    let q = 2 * orderOffset(Lout, m);
    for (let l = m; l < L; l++, p += 2, q += 2) {
      total[q] += window[l] * alm[p];
      total[q + 1] += window[l] * alm[p + 1];
    }
  }
}
