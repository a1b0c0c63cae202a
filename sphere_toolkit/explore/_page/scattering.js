// Scattering networks on one signal, path by path as they are asked for.
//
// The same definition as `ScatteringTransform` in Python, on grids whose rings are a power of two:
// the next one where those of Python are not.

import { samplingBandLimit } from "./cache.js";
import { rectify } from "./nonlinearity.js";
import { coefficientLength, totalEnergy, windowInto } from "./coefficients.js";

/**
 * Every strictly decreasing list of scales up to a length: by length, then by scale.
 * @param {number[]} scales coarsest first
 * @param {number} depth
 * @returns {number[][]}
 */
export function pathsOf(scales, depth) {
  let level = /** @type {number[][]} */ ([[]]);
  const paths = [...level];
  for (let d = 0; d < depth; d++) {
    level = level.flatMap((path) => (
      scales.filter((j) => !path.length || j < path[path.length - 1]).map((j) => [...path, j])
    ));
    paths.push(...level);
  }
  return paths;
}

/**
 * What is known at the end of one path.
 * @typedef {object} Node
 * @property {Float32Array} alm coefficients of U[p] f as far as anything looks at them
 * @property {number} L their band-limit
 * @property {number} arriving energy of the wavelet coefficients, which for the modulus is U[p] f's
 * @property {number} [kept] energy of S[p] f, once it was asked for
 */

/** A network's tree of paths on one signal. What was computed is kept until the next signal. */
export class ScatteringNetwork {
  /**
   * @param {number} L band-limit of the signals
   * @param {number[][]} paths by length; the first is the empty one
   * @param {Bank} bank
   * @param {TransformCache} cache
   */
  constructor(L, paths, bank, cache) {
    this.L = L;
    this.paths = paths;
    this.bank = bank;
    this.cache = cache;
    this.Lout = bank.scaling.length;
    const index = new Map(paths.map((path, k) => [`${path}`, k]));
    this.parents = paths.map((path) => (path.length ? index.get(`${path.slice(0, -1)}`) ?? -1 : -1));
    this.children = paths.map((_, k) => [...paths.keys()].filter((c) => this.parents[c] === k));
    this.wavelet = new Float32Array(coefficientLength(L));
    /** Per path room for its coefficients, used again for the next signal. @type {Float32Array[]} */
    this.room = [];
    this.averages = paths.map(() => new Float32Array(0));
    this.begin(new Float32Array(coefficientLength(L)), "modulus", 1);
  }

  /**
   * Takes a signal; nothing is known of it yet.
   * @param {Float32Array} signal L (L + 1) numbers
   * @param {string} nonlinearity as `rectify` takes it
   * @param {number} oversampling of the grids that sample the nonlinearity
   */
  begin(signal, nonlinearity, oversampling) {
    this.signal = signal;
    this.nonlinearity = nonlinearity;
    this.oversampling = oversampling;
    /** @type {(Node | null)[]} */
    this.nodes = this.paths.map(() => null);
  }

  /** How many paths are known. */
  get known() {
    return this.nodes.filter(Boolean).length;
  }

  /** The first path that is not known, or -1. */
  get missing() {
    return this.nodes.indexOf(null);
  }

  /**
   * What is known of path k, computed now if it has to be.
   * @param {number} k
   * @returns {Node}
   */
  node(k) {
    const known = this.nodes[k] ?? this.compute(k);
    this.nodes[k] = known;
    return known;
  }

  /**
   * @param {number} k
   * @returns {Node}
   */
  compute(k) {
    const { L, signal } = this;
    if (k === 0) return { alm: signal, L, arriving: totalEnergy(signal, L) };
    const { at, rings } = this.scale(k);
    const arriving = this.arriving(k);
    const samples = this.cache.samples(rings);
    this.propagate(k, rings, samples);
    // Coarser wavelets look at the degrees below their band-limit, the average at fewer.
    const kept = at > 0 ? this.bank.bands[at - 1][1] : this.Lout;
    this.room[k] ??= new Float32Array(coefficientLength(kept));
    this.cache.transform(kept, rings).forward(samples, this.room[k]);
    return { alm: this.room[k], L: kept, arriving };
  }

  /** The last scale of path k: its place, the rings of its grid, its first degree and band-limit.
   * @param {number} k */
  scale(k) {
    const at = this.bank.scales.indexOf(/** @type {number} */ (this.paths[k].at(-1)));
    const [first, B] = this.bank.bands[at];
    return { at, first, B, rings: samplingBandLimit(B, this.oversampling) };
  }

  /** What arrives at path k, for which its parent is enough.
   * @param {number} k
   * @returns {number} */
  arriving(k) {
    if (this.nodes[k] || k === 0) return this.node(k).arriving;
    const { alm, L } = this.wave(k);
    return totalEnergy(alm, L);
  }

  /** Coefficients of the wavelets at the end of path k, until they are asked for again.
   * @param {number} k
   * @returns {import("./nonlinearity.js").Wave} */
  wave(k) {
    const above = this.node(this.parents[k]);
    const { at, first, B } = this.scale(k);
    windowInto(above.alm, above.L, this.bank.windows[at], this.wavelet, B);
    return { alm: this.wavelet, L: B, first, end: B };
  }

  /** Samples of U[p] f for path k, which is not the empty one.
   * @param {number} k
   * @param {number} rings
   * @param {Float32Array} samples overwritten */
  propagate(k, rings, samples) {
    rectify(this.nonlinearity, this.wave(k), rings, this.cache, samples);
  }

  /** Coefficients of S[p] f for path k, L_out (L_out + 1) numbers, until they are asked for again.
   * @param {number} k
   * @returns {Float32Array} */
  average(k) {
    const { alm, L } = this.node(k);
    if (!this.averages[k].length) this.averages[k] = new Float32Array(coefficientLength(this.Lout));
    windowInto(alm, L, this.bank.scaling, this.averages[k], this.Lout);
    return this.averages[k];
  }

  /** Energy of S[p] f for path k.
   * @param {number} k
   * @returns {number} */
  kept(k) {
    const node = this.node(k);
    node.kept ??= totalEnergy(this.average(k), this.Lout);
    return node.kept;
  }

  /**
   * Samples of U[p] f and of S[p] f for path k, on a grid to look at.
   * @param {number} k
   * @param {number} rings
   * @param {Float32Array} propagated overwritten with U[p] f
   * @param {Float32Array} averaged overwritten with S[p] f
   */
  sample(k, rings, propagated, averaged) {
    this.node(k);
    if (k === 0) this.cache.transform(this.L, rings).inverse(this.signal, propagated);
    else this.propagate(k, rings, propagated);
    this.cache.transform(this.Lout, rings).inverse(this.average(k), averaged);
  }

  /** Energy that path k hands on to its children.
   * @param {number} k
   * @returns {number} */
  handedOn(k) {
    return this.children[k].reduce((sum, c) => sum + this.arriving(c), 0);
  }
}
