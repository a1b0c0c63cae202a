// The windows of a bank of scale-discretised wavelets; `WaveletBank` in Python is the same.

import { gaussLegendre } from "./sht.js";

/** Nodes of the quadrature, as in Python. */
const NODES = gaussLegendre(96);

/**
 * The function that falls smoothly from 1 at t = 1/lam to 0 at t = 1.
 * @param {number} t not negative
 * @param {number} lam dilation, above 1
 * @returns {[number, number]} k(t) and 1 - k(t), each from an integral of its own
 */
export function generatingFunction(t, lam) {
  const inside = Math.max(1 / lam, Math.min(1, t));
  const above = smoothIntegral(inside, 1, lam);
  const below = smoothIntegral(1 / lam, inside, lam);
  return [above / (above + below), below / (above + below)];
}

/** Integral from a to b of s(t)^2 dt / t, s being the bump exp(-1 / (1 - u^2)) on [1/lam, 1]. */
function smoothIntegral(a, b, lam) {
  const half = (b - a) / 2;
  let sum = 0;
  for (let i = 0; i < NODES.x.length; i++) {
    const t = (a + b) / 2 + half * NODES.x[i];
    const u = ((2 * lam) / (lam - 1)) * (t - 1 / lam) - 1;
    // Nearer to the ends the bump underflows; the bound only keeps it from a division by 0.
    sum += (NODES.w[i] * Math.exp(-2 / Math.max(1 - u * u, 1e-3))) / t;
  }
  return half * sum;
}

/**
 * The finest scale J: the smallest J >= 0 with lam^J >= L.
 * @param {number} L exclusive band-limit
 * @param {number} lam
 * @returns {number}
 */
export function finestScale(L, lam) {
  let J = 0;
  while (lam ** J < L * (1 - 1e-12)) J++;
  return J;
}

/** Scaling function and wavelets of one band-limit, for any dilation and coarsest scale. */
export class WaveletWindows {
  /**
   * @param {number} L exclusive band-limit
   * @param {number} leastDilation the smallest lam that `update` will get
   */
  constructor(L, leastDilation) {
    this.L = L;
    const most = finestScale(L, leastDilation) + 2; // scales, and the scaling function
    this.table = new Float64Array(most * L);
    this.list = Array.from({ length: most }, (_, k) => this.table.subarray(k * L, (k + 1) * L));
    this.sums = new Float64Array(L);
    this.update(leastDilation, 0);
  }

  /**
   * Computes all windows.
   * @param {number} lam
   * @param {number} J_min coarsest scale, at most the finest one
   */
  update(lam, J_min) {
    const { L, table } = this;
    this.lam = lam;
    this.J_min = J_min;
    this.J = finestScale(L, lam);
    table.fill(0);
    const scaling = this.window(null);
    scaling[0] = 1;
    // A degree in (lam^(i-1), lam^i] is on the rising flank of scale i, and on the falling one of
    // scale i - 1; the coarsest falling flank is the scaling function's.
    for (let l = 1, i = 0; l < L; l++) {
      while (lam ** i < l) i++;
      if (i < J_min) {
        scaling[l] = 1;
        continue;
      }
      const [falling, rising] = generatingFunction(l / lam ** i, lam);
      this.window(i)[l] = Math.sqrt(rising);
      this.window(i > J_min ? i - 1 : null)[l] = Math.sqrt(falling);
    }
    this.sums.fill(0);
    for (const window of this.windows) {
      for (let l = 0; l < L; l++) this.sums[l] += window[l] * window[l];
    }
  }

  /** Scales from coarse to fine; null, the first, stands for the scaling function. */
  get scales() {
    const { J, J_min } = this;
    return [null, ...Array.from({ length: J - J_min + 1 }, (_, k) => J_min + k)];
  }

  /** The windows in the order of `scales`. */
  get windows() {
    return this.list.slice(0, this.J - this.J_min + 2);
  }

  /**
   * @param {number | null} scale null: the scaling function
   * @returns {Float64Array} (L,) factors
   */
  window(scale) {
    return this.list[scale === null ? 0 : scale - this.J_min + 1];
  }

  /**
   * Degrees that a window lets pass.
   * @param {number | null} scale
   * @returns {[number, number]} the first, and the one after the last; equal where no degree fits
   */
  band(scale) {
    const { L, J_min, lam } = this;
    if (scale === null) return [0, exclusiveLimit(lam ** J_min, L)];
    const first = Math.floor(lam ** (scale - 1) * (1 + 1e-12)) + 1;
    return [first, Math.max(first, exclusiveLimit(lam ** (scale + 1), L))];
  }

  /** How far the sum of squares is from 1 at the worst degree. */
  get tightness() {
    return this.sums.reduce((worst, sum) => Math.max(worst, Math.abs(sum - 1)), 0);
  }
}

/** One more than the largest degree strictly below `upper`, at most L, at least 1. */
function exclusiveLimit(upper, L) {
  const nearest = Math.round(upper);
  const limit = Math.abs(upper - nearest) <= 1e-12 * upper ? nearest : Math.ceil(upper);
  return Math.max(1, Math.min(L, limit));
}
