// Scattering along paths, with a choice of nonlinearity: `scatter_paths` in Python is the same
// definition. Transforms and arrays are made once per choice of grid.

import { coefficientLength, modulus, orderOffset, SphericalHarmonics } from "./sht.js";

/** Fewest rings of a grid. */
const LEAST_RINGS = 8;

/** What is done to each sample, in place. */
export const NONLINEARITIES = {
  modulus: (samples) => modulus(samples, samples),
  square: (samples) => {
    for (let i = 0; i < samples.length; i++) samples[i] *= samples[i];
  },
  ReLU: (samples) => {
    for (let i = 0; i < samples.length; i++) if (samples[i] < 0) samples[i] = 0;
  },
};

/**
 * Rings of the grid that samples a nonlinearity, a power of two.
 * @param {number} bandLimit of the wavelet coefficients
 * @param {number} oversampling
 * @returns {number}
 */
export function samplingBandLimit(bandLimit, oversampling) {
  return Math.max(LEAST_RINGS, 2 ** Math.ceil(Math.log2(oversampling * bandLimit) - 1e-9));
}

/**
 * Multiplies by a window and changes the band-limit.
 * @param {Float32Array} alm L (L + 1) numbers
 * @param {number} L
 * @param {Float32Array} window factor per degree, at least L_out of them
 * @param {Float32Array} out L_out (L_out + 1) numbers, overwritten
 * @param {number} Lout at most L
 */
export function windowInto(alm, L, window, out, Lout) {
  for (let m = 0, p = 0; m < Lout; m++) {
    let q = 2 * orderOffset(L, m);
    for (let l = m; l < Lout; l++, p += 2, q += 2) {
      out[p] = alm[q] * window[l];
      out[p + 1] = alm[q + 1] * window[l];
    }
  }
}

/** Transforms by band-limit and rings, and arrays for samples by rings; made when first asked. */
export class Workshop {
  constructor() {
    this.transforms = new Map();
    this.arrays = new Map();
  }

  /** The transform of band-limit L on a grid of G rings. */
  transform(L, G, longitudes = 2 * G) {
    const key = `${L} ${G} ${longitudes}`;
    if (!this.transforms.has(key)) {
      this.transforms.set(key, new SphericalHarmonics(L, G, longitudes));
    }
    return this.transforms.get(key);
  }

  /** Samples on such a grid, shared by all who ask. */
  samples(G) {
    if (!this.arrays.has(G)) this.arrays.set(G, new Float32Array(2 * G * G));
    return this.arrays.get(G);
  }
}

/** Scattering coefficients of one signal along paths. */
export class PathOperator {
  /**
   * @param {number} L band-limit of the signals
   * @param {number[]} scales coarsest first, in steps of 1
   * @param {Float32Array[]} windows per scale (L,)
   * @param {number[][]} bands per scale the first degree of its band and the one after the last
   * @param {Float32Array} scaling (L_out,) window of the average
   * @param {Workshop} workshop
   */
  constructor(L, scales, windows, bands, scaling, workshop) {
    Object.assign(this, { L, scales, windows, bands, scaling, workshop });
    this.Lout = scaling.length;
    this.wavelet = new Float32Array(coefficientLength(L));
    /** Per length of a path the coefficients of what the nonlinearity left. */
    this.left = [];
  }

  /** Band-limit that the scales below a scale, and the average, look at. */
  kept(at) {
    return at > 0 ? this.bands[at - 1][1] : this.Lout;
  }

  /**
   * @param {Float32Array} alm L (L + 1) numbers
   * @param {number[]} path strictly decreasing scales
   * @param {string} nonlinearity key of NONLINEARITIES
   * @param {number} oversampling
   * @param {Float32Array} out L_out (L_out + 1) numbers, overwritten
   */
  scatter(alm, path, nonlinearity, oversampling, out) {
    let current = alm;
    let L = this.L;
    path.forEach((scale, depth) => {
      const at = this.scales.indexOf(scale);
      current = this.step(current, L, at, nonlinearity, oversampling, depth);
      L = this.kept(at);
    });
    windowInto(current, L, this.scaling, out, this.Lout);
  }

  /**
   * All paths of strictly decreasing scales up to a length, each step computed once.
   * @param {Float32Array} alm L (L + 1) numbers
   * @param {number} depth longest path
   * @param {string} nonlinearity
   * @param {number} oversampling
   * @param {Map<string, Float32Array>} outs by path as text; overwritten
   */
  scatterAll(alm, depth, nonlinearity, oversampling, outs) {
    const visit = (current, L, path, below) => {
      windowInto(current, L, this.scaling, outs.get(`${path}`), this.Lout);
      if (path.length === depth) return;
      for (let at = below - 1; at >= 0; at--) {
        const next = this.step(current, L, at, nonlinearity, oversampling, path.length);
        visit(next, this.kept(at), [...path, this.scales[at]], at);
      }
    };
    visit(alm, this.L, [], this.scales.length);
  }

  /** One wavelet and one nonlinearity; the coefficients are those of `this.left[depth]`. */
  step(alm, L, at, nonlinearity, oversampling, depth) {
    const { workshop, windows, wavelet } = this;
    const [first, B] = this.bands[at];
    const G = samplingBandLimit(B, oversampling);
    const kept = this.kept(at);
    const samples = workshop.samples(G);
    windowInto(alm, L, windows[at], wavelet, B);
    workshop.transform(B, G).inverse(wavelet, samples, first, B);
    NONLINEARITIES[nonlinearity](samples);
    this.left[depth] ??= new Float32Array(coefficientLength(this.L));
    workshop.transform(kept, G).forward(samples, this.left[depth]);
    return this.left[depth];
  }
}
