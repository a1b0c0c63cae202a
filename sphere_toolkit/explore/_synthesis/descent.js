// From noise to a signal's path means, step by step: descent.py does the same.

import { energyPerDegree, windowInto } from "../_page/coefficients.js";

/** @typedef {import("./means.js").PathMeans} PathMeans */

/** What is left of a step in the next one. */
const MOMENTUM = 0.8;

/** A smaller mean, of a signal of unit energy, is none. */
const LEAST = 1e-6;

/**
 * Where a descent has come.
 * @typedef {object} State
 * @property {Float32Array} alm
 * @property {number} error root mean square of the relative errors of the means
 * @property {number[]} ratios of the means to the target's
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
    /** @type {number[]} */
    this.goal = [];
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
    this.goal = means.of(target).map((mean) => (mean > LEAST ? mean : 0));
    this.known = this.goal.filter(Boolean).length;
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
    const ratios = this.means.of(alm).map((mean, p) => (goal[p] ? mean / goal[p] : 1));
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
    const slopes = ratios.map((ratio, p) => (goal[p] ? (2 * (ratio - 1)) / goal[p] / this.known : 0));
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
