// A scattering network on one signal, path by path as they are asked for.

import { coefficientLength, energyPerDegree, modulus } from "./sht.js";
import { windowInto, Workshop } from "./path_operator.js";

/** Energy of coefficients of band-limit L. */
function energyOf(alm, L) {
  const energies = new Float64Array(L);
  energyPerDegree(alm, energies);
  return energies.reduce((sum, e) => sum + e, 0);
}

/**
 * The tree of paths and what is known along it. The same definition as `ScatteringTransform` in
 * Python: the grids, windows and band-limits come from there. What was computed is kept until the
 * next signal.
 */
export class Network {
  /**
   * @param {number} L band-limit of the signals
   * @param {number[][]} paths by length; the first is the empty one
   * @param {{scales: number[], rings: number[], bands: number[][], windows: Float32Array[]}} bank
   *   per scale the rings of its grid, its first degree and the one after its last, its window
   * @param {Float32Array} scaling window of the average; its length is the band-limit of S[p] f
   */
  constructor(L, paths, bank, scaling) {
    Object.assign(this, { L, paths, scaling });
    this.Lout = scaling.length;
    const index = new Map(paths.map((path, k) => [`${path}`, k]));
    this.parents = paths.map((path) => (path.length ? index.get(`${path.slice(0, -1)}`) : -1));
    this.children = paths.map((_, k) => paths.flatMap((_, c) => (this.parents[c] === k ? [c] : [])));
    this.scales = new Map(bank.scales.map((j, k) => {
      const [first, B] = bank.bands[k];
      // Coarser wavelets look at the degrees below their band-limit, the average at fewer.
      const kept = k === 0 ? this.Lout : bank.bands[k - 1][1];
      return [j, { first, B, kept, rings: bank.rings[k], window: bank.windows[k] }];
    }));
    this.workshop = new Workshop();
    this.wavelet = new Float32Array(coefficientLength(L));
    this.average = new Float32Array(coefficientLength(this.Lout));
    this.begin(new Float32Array(coefficientLength(L)));
  }

  /** Takes a signal, L (L + 1) numbers of unit energy; nothing is known of it yet. */
  begin(signal) {
    this.signal = signal;
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
   * @returns {{alm: Float32Array, L: number, arriving: number, kept: number}} coefficients of
   *   U[p] f as far as coarser wavelets and the average look at them; energies of U[p] f and S[p] f
   */
  node(k) {
    this.nodes[k] ??= this.compute(k);
    return this.nodes[k];
  }

  compute(k) {
    const { L, Lout, average, scaling, wavelet } = this;
    const node = { alm: this.signal, L, arriving: 0, kept: 0 };
    if (k === 0) {
      node.arriving = energyOf(this.signal, L);
    } else {
      const { kept, rings } = this.scales.get(this.paths[k].at(-1));
      const { samples, B } = this.wavelets(k, rings);
      node.arriving = energyOf(wavelet.subarray(0, coefficientLength(B)), B); // |W|^2 = W^2
      modulus(samples, samples);
      node.L = kept;
      node.alm = new Float32Array(coefficientLength(kept));
      this.workshop.transform(kept, rings).forward(samples, node.alm);
    }
    windowInto(node.alm, node.L, scaling, average, Lout);
    node.kept = energyOf(average, Lout);
    return node;
  }

  /** Wavelet coefficients at the end of path k, as samples on a grid. */
  wavelets(k, rings) {
    const above = this.node(this.parents[k]);
    const { first, B, window } = this.scales.get(this.paths[k].at(-1));
    const samples = this.workshop.samples(rings);
    windowInto(above.alm, above.L, window, this.wavelet, B);
    this.workshop.transform(B, rings).inverse(this.wavelet, samples, first, B);
    return { samples, B };
  }

  /**
   * Samples of U[p] f and of S[p] f for path k, on a grid to look at.
   * @param {number} k
   * @param {number} rings
   * @param {Float32Array} propagated overwritten with U[p] f
   * @param {Float32Array} averaged overwritten with S[p] f
   */
  sample(k, rings, propagated, averaged) {
    const node = this.node(k);
    if (k === 0) this.workshop.transform(this.L, rings).inverse(this.signal, propagated);
    else modulus(this.wavelets(k, rings).samples, propagated);
    windowInto(node.alm, node.L, this.scaling, this.average, this.Lout);
    this.workshop.transform(this.Lout, rings).inverse(this.average, averaged);
  }

  /** Energy that path k hands on to its children. */
  handedOn(k) {
    return this.children[k].reduce((sum, c) => sum + this.arriving(c), 0);
  }

  /** Energy of U[p] f for path k, for which its parent is enough. */
  arriving(k) {
    if (this.nodes[k] || k === 0) return this.node(k).arriving;
    const above = this.node(this.parents[k]);
    const { B, window } = this.scales.get(this.paths[k].at(-1));
    windowInto(above.alm, above.L, window, this.wavelet, B);
    return energyOf(this.wavelet.subarray(0, coefficientLength(B)), B);
  }
}
