// From noise to a signal's path means, step by step: descent.py does the same.

import { coefficientLength, energyPerDegree, orderOffset, windowInto } from "../_page/coefficients.js";
import { ScatteringNetwork } from "../_page/scattering.js";

/** Y_00: a mean over the sphere is the coefficient of degree 0 times this. */
const MEAN = 1 / Math.sqrt(4 * Math.PI);

/** What is left of a step in the next one. */
const MOMENTUM = 0.8;

/** Sampling of the modulus, over the band-limit. */
const OVERSAMPLING = 2;

/**
 * The means of a scattering network's paths, and their gradient with respect to the signal.
 *
 * On a Gauss-Legendre grid the analysis is the transpose of the synthesis with the weights of the
 * grid before it. The weights of a mean or of an analysis further down cancel those: the way back has
 * the transforms of the way forth, in the other direction, and the sign of W in the place of |W|.
 */
export class PathMeans extends ScatteringNetwork {
  /**
   * @param {number} L
   * @param {number[][]} paths
   * @param {import("../_page/state.js").Bank} bank
   * @param {import("../_page/cache.js").TransformCache} cache
   */
  constructor(L, paths, bank, cache) {
    super(L, paths, bank, cache);
    /** Per path the samples of its wavelet coefficients. @type {Float32Array[]} */
    this.waves = [];
    /** Per path the gradient with respect to its coefficients. @type {Float32Array[]} */
    this.back = [];
    this.values = new Float64Array(paths.length - 1);
  }

  /** Keeps the signs that the modulus takes away.
   * @param {number} k
   * @param {number} rings
   * @param {Float32Array} samples overwritten */
  propagate(k, rings, samples) {
    const { alm, L, first, end } = this.wave(k);
    const wave = (this.waves[k] ??= new Float32Array(samples.length));
    this.cache.transform(L, rings).inverse(alm, wave, first, end);
    for (let i = 0; i < wave.length; i++) samples[i] = Math.abs(wave[i]);
  }

  /**
   * The means over the sphere at the ends of all paths but the empty one.
   * @param {Float32Array} signal
   * @returns {Float64Array} until the next call
   */
  of(signal) {
    this.begin(signal, "modulus", OVERSAMPLING);
    for (let k = 1; k < this.paths.length; k++) this.values[k - 1] = MEAN * this.node(k).alm[0];
    return this.values;
  }

  /**
   * The gradient of a function of the means at the last signal.
   * @param {ArrayLike<number>} slopes of the function with respect to each mean
   * @returns {Float32Array} L (L + 1) numbers, until the next call
   */
  pull(slopes) {
    this.nodes.forEach((node, k) => {
      const length = coefficientLength(/** @type {import("../_page/scattering.js").Node} */ (node).L);
      this.back[k] ??= new Float32Array(length);
      this.back[k].fill(0);
    });
    for (let k = this.paths.length - 1; k > 0; k--) {
      const { at, B, rings } = this.scale(k);
      const samples = this.cache.samples(rings);
      if (this.children[k].length) {
        this.back[k][0] += MEAN * slopes[k - 1];
        this.cache.transform(this.node(k).L, rings).inverse(this.back[k], samples);
      } else samples.fill(MEAN * MEAN * slopes[k - 1]);
      const wave = this.waves[k];
      for (let i = 0; i < wave.length; i++) samples[i] *= Math.sign(wave[i]);
      this.cache.transform(B, rings).forward(samples, this.wavelet);
      addWindowed(this.wavelet, B, this.bank.windows[at], this.back[this.parents[k]], this.node(this.parents[k]).L);
    }
    return this.back[0];
  }
}

/**
 * Multiplies by a window and adds: the transpose of `windowInto`.
 * @param {Float32Array} alm L (L + 1) numbers, or more
 * @param {number} L
 * @param {Float32Array} window
 * @param {Float32Array} total Lout (Lout + 1) numbers
 * @param {number} Lout at least L
 */
function addWindowed(alm, L, window, total, Lout) {
  for (let m = 0, p = 0; m < L; m++) {
    let q = 2 * orderOffset(Lout, m);
    for (let l = m; l < L; l++, p += 2, q += 2) {
      total[q] += window[l] * alm[p];
      total[q + 1] += window[l] * alm[p + 1];
    }
  }
}

/**
 * Where a descent has come.
 * @typedef {object} State
 * @property {Float32Array} alm
 * @property {number} error root mean square of the relative errors of the means
 * @property {Float64Array} ratios of the means to the target's
 */

/** A descent from noise to the path means of a signal, at its power spectrum. */
export class Descent {
  /**
   * @param {number} L
   * @param {Float32Array} noise L (L + 1) numbers
   */
  constructor(L, noise) {
    this.L = L;
    this.noise = noise;
    this.target = noise;
    this.energies = new Float64Array(L);
    this.goal = new Float64Array(0);
    this.moves = true;
    this.velocity = new Float64Array(noise.length);
    /** @type {State[]} */
    this.states = [];
  }

  /**
   * Takes a signal, and goes back to the noise.
   * @param {Float32Array} target
   * @param {PathMeans} means
   * @param {boolean} moves whether the means are matched at all
   */
  take(target, means, moves) {
    Object.assign(this, { target, moves });
    this.means = means;
    energyPerDegree(target, this.energies);
    this.goal = means.of(target).slice();
    this.known = this.goal.reduce((count, goal) => count + Number(goal > 0), 0);
    this.velocity.fill(0);
    this.states = [];
    this.arrive(this.noise);
  }

  /**
   * Scales every degree to its energy, and looks at the means there.
   * @param {Float32Array} from
   */
  arrive(from) {
    const { L, energies, goal, target } = this;
    const found = new Float64Array(L);
    energyPerDegree(from, found);
    const factors = found.map((energy, l) => (energy > 0 ? Math.sqrt(energies[l] / energy) : 0));
    const alm = new Float32Array(from.length);
    windowInto(from, L, factors, alm);
    alm[0] = target[0];
    const ratios = this.means.of(alm).map((mean, p) => (goal[p] > 0 ? mean / goal[p] : 1));
    const square = ratios.reduce((sum, ratio) => sum + (ratio - 1) ** 2, 0);
    this.states.push({ alm, ratios, error: Math.sqrt(square / Math.max(1, this.known)) });
  }

  /**
   * Goes on, for some time at most, but for one step at least.
   * @param {number} step
   * @param {number} budget milliseconds
   * @returns {number} the step that was reached
   */
  reach(step, budget) {
    const until = performance.now() + budget;
    while (this.states.length <= step) {
      this.advance();
      if (performance.now() > until) break;
    }
    return Math.min(step, this.states.length - 1);
  }

  /** One step: a mean over the last ones of Polyak's, which keep the energy of each degree. */
  advance() {
    const last = this.states[this.states.length - 1];
    const { alm, ratios, error } = last;
    const { L, energies, goal, velocity } = this;
    if (!this.moves || error === 0) {
      this.states.push(last);
      return;
    }
    const slopes = ratios.map((ratio, p) => (goal[p] > 0 ? (2 * (ratio - 1)) / goal[p] / this.known : 0));
    const gradient = this.means.pull(slopes);
    const along = new Float64Array(L);
    eachNumber(L, (l, q, weight) => (along[l] += weight * alm[q] * gradient[q]));
    const slope = new Float64Array(alm.length);
    let square = 0;
    eachNumber(L, (l, q, weight) => {
      slope[q] = (energies[l] * gradient[q] - alm[q] * along[l]) / (2 * l + 1);
      square += weight * slope[q] * gradient[q];
    });
    const length = square > 0 ? ((1 - MOMENTUM) * error * error) / square : 0;
    velocity.forEach((speed, q) => (velocity[q] = MOMENTUM * speed - length * slope[q]));
    this.arrive(alm.map((one, q) => one + velocity[q]));
  }
}

/**
 * Calls a function for each real number of the coefficients.
 * @param {number} L
 * @param {(l: number, q: number, weight: number) => void} use degree, place, and how often it counts
 */
function eachNumber(L, use) {
  for (let m = 0, q = 0; m < L; m++) {
    for (let l = m; l < L; l++, q += 2) {
      use(l, q, m ? 2 : 1);
      use(l, q + 1, m ? 2 : 1);
    }
  }
}
