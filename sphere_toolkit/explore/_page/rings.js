// Harmonic analysis of samples on rings of constant colatitude, however many each ring has.
//
// Latitude-longitude arrays and HEALPix maps are rings whose colatitudes are alike north and south
// of the equator. The sums over colatitude are those of `SphericalHarmonics`, in batches, so that
// no table is large.

import { AnyFourier } from "./any_fourier.js";
import { coefficientLength } from "./coefficients.js";
import { SphericalHarmonics } from "./sht.js";

/** Pairs of rings, a northern one and its mirror, whose tables are made together. */
const BATCH = 64;

/** A map of the HEALPix kind is corrected this many times by the analysis of what it misses. */
const CORRECTIONS = 3;

/** Maps of more rings than this, sampled far beyond the band-limit, are not corrected. */
const CORRECTED_RINGS = 1024;

/**
 * Samples on the sphere, from the north to the south.
 * @typedef {object} Sampled
 * @property {Ring[]} rings
 * @property {Float32Array} samples NaN where there is none
 * @property {number} limit the highest band-limit that they carry
 * @property {boolean} exact whether the quadrature is, for signals of that band-limit
 */

/** Transforms between samples on rings and coefficients. */
export class RingTransform {
  /**
   * @param {number} L exclusive band-limit
   * @param {Ring[]} rings from the north to the south, alike on both sides of the equator
   * @param {boolean} keep whether tables are kept for further transforms
   */
  constructor(L, rings, keep) {
    this.L = L;
    /** @type {[Ring, Ring][][]} */
    this.batches = [];
    const pairs = Math.ceil(rings.length / 2);
    for (let from = 0; from < pairs; from += BATCH) {
      /** @type {[Ring, Ring][]} */
      const batch = [];
      for (let i = from; i < Math.min(pairs, from + BATCH); i++) batch.push([rings[i], rings[rings.length - 1 - i]]);
      this.batches.push(batch);
    }
    this.keep = keep;
    this.known = new Map();
  }

  /**
   * What is made once, or again where the next ring needs another one, to save memory.
   * @template Result
   * @param {string} key
   * @param {() => Result} make
   * @returns {Result}
   */
  table(key, make) {
    if (!this.known.has(key)) {
      if (!this.keep) this.known.clear();
      this.known.set(key, make());
    }
    return this.known.get(key);
  }

  /**
   * Legendre functions on the northern rings of a batch.
   * @param {number} b which
   * @returns {SphericalHarmonics}
   */
  legendre(b) {
    const { L, batches, keep } = this;
    const make = () => {
      // Rings beyond the last pair lie on the equator and stay empty.
      const x = new Float64Array(2 * BATCH);
      batches[b].forEach(([north], i) => (x[i] = north.x));
      let longitudes = 2;
      while (longitudes < 2 * L) longitudes *= 2;
      return new SphericalHarmonics(L, 2 * BATCH, longitudes, { x, w: x });
    };
    return keep ? this.table(`legendre ${b}`, make) : make();
  }

  /**
   * @param {number} n samples of a ring
   * @param {boolean} all whether all outputs are wanted, or those of orders below L
   * @returns {AnyFourier}
   */
  fourier(n, all) {
    const count = all ? n : Math.min(n, 2 * this.L - 1);
    return this.table(`${n} ${count}`, () => new AnyFourier(n, count < n ? 1 - this.L : 0, count));
  }

  /**
   * Coefficients of samples, by quadrature.
   * @param {Float32Array} samples
   * @returns {Float64Array} L (L + 1) numbers
   */
  forward(samples) {
    const { L, batches } = this;
    const sum = new Float64Array(coefficientLength(L));
    const alm = new Float32Array(coefficientLength(L));
    batches.forEach((batch, b) => {
      const legendre = this.legendre(b);
      legendre.parts.fill(0);
      batch.forEach((pair, i) => this.analysePair(pair, samples, legendre.parts, 4 * L * i));
      for (let m = 0; m < L; m++) legendre.analyseOrder(m, alm);
      for (let k = 0; k < sum.length; k++) sum[k] += alm[k];
    });
    return sum;
  }

  /** Fourier coefficients of a ring and its mirror, weighted, as even and odd parts. */
  analysePair([north, south], samples, parts, o) {
    const { n, phi0 } = north;
    const fourier = this.fourier(n, false);
    const { re, im, outRe, outIm, first } = fourier;
    for (let k = 0; k < n; k++) {
      re[k] = samples[north.start + k];
      im[k] = samples[south.start + k];
    }
    fourier.run();
    // The ring on the equator is its own mirror: each of the two has half its weight.
    const half = ((north === south ? 0.25 : 0.5) * north.weight * 2 * Math.PI) / n;
    const place = (/** @type {number} */ m) => (((m - first) % n) + n) % n;
    for (let m = 0; m < this.L; m++, o += 4) {
      const [plus, minus] = [place(m), place(-m)];
      const [cos, sin] = [half * Math.cos(m * phi0), half * Math.sin(m * phi0)];
      const nr = outRe[plus] + outRe[minus];
      const ni = outIm[plus] - outIm[minus];
      const sr = outIm[plus] + outIm[minus];
      const si = outRe[minus] - outRe[plus];
      parts[o] = (nr + sr) * cos + (ni + si) * sin;
      parts[o + 1] = (ni + si) * cos - (nr + sr) * sin;
      parts[o + 2] = (nr - sr) * cos + (ni - si) * sin;
      parts[o + 3] = (ni - si) * cos - (nr - sr) * sin;
    }
  }

  /**
   * Samples of a signal given by its coefficients.
   * @param {Float64Array} alm L (L + 1) numbers
   * @param {Float32Array} samples overwritten
   */
  inverse(alm, samples) {
    const { L, batches } = this;
    batches.forEach((batch, b) => {
      const legendre = this.legendre(b);
      legendre.parts.fill(0);
      for (let m = 0; m < L; m++) legendre.synthesiseOrder(m, alm, 0, L - m);
      batch.forEach((pair, i) => this.synthesisePair(pair, samples, legendre.parts, 4 * L * i));
    });
  }

  /** A ring and its mirror from even and odd parts, with one transform of both. */
  synthesisePair([north, south], samples, parts, o) {
    const { n, phi0 } = north;
    const fourier = this.fourier(n, true);
    const { re, im } = fourier;
    re.fill(0);
    im.fill(0);
    for (let m = 0; m < this.L; m++, o += 4) {
      const [cos, sin] = [Math.cos(m * phi0), Math.sin(m * phi0)];
      const [nx, ny] = [parts[o] + parts[o + 2], parts[o + 1] + parts[o + 3]];
      const [sx, sy] = [parts[o] - parts[o + 2], parts[o + 1] - parts[o + 3]];
      const [nr, ni] = [nx * cos - ny * sin, nx * sin + ny * cos];
      const [sr, si] = [sx * cos - sy * sin, sx * sin + sy * cos];
      const [plus, minus] = [m % n, (n - (m % n)) % n];
      // Real and imaginary part are exchanged: so the transform runs in the other direction.
      re[plus] += ni + sr;
      im[plus] += nr - si;
      if (m === 0) continue;
      re[minus] += sr - ni;
      im[minus] += nr + si;
    }
    fourier.run();
    for (let k = 0; k < n; k++) {
      samples[north.start + k] = fourier.outIm[k];
      samples[south.start + k] = fourier.outRe[k];
    }
  }
}

/**
 * The signal of samples, less its mean.
 *
 * Missing samples count as the mean of the others. Latitude-longitude arrays are integrated exactly
 * up to their band-limit; of a HEALPix map, of which no quadrature is exact, what the coefficients
 * do not reproduce is analysed again.
 * @param {Sampled} sampled its samples lose their mean, and get zeros where they are missing
 * @param {number} L band-limit that is wanted
 * @returns {{alm: Float32Array, B: number, mean: number, missing: number}} L (L + 1) numbers, zero
 *   from degree B on; number of missing samples
 */
export function analyse({ rings, samples, limit, exact }, L) {
  const { mean, missing } = removeMean(rings, samples);
  const B = Math.min(L, limit);
  const corrections = exact || rings.length > CORRECTED_RINGS ? 0 : CORRECTIONS;
  const transform = new RingTransform(B, rings, corrections > 0);
  const found = transform.forward(samples);
  const rest = new Float32Array(corrections ? samples.length : 0);
  for (let step = 0; step < corrections; step++) {
    transform.inverse(found, rest);
    for (let k = 0; k < rest.length; k++) rest[k] = samples[k] - rest[k];
    transform.forward(rest).forEach((value, k) => (found[k] += value));
  }
  return { alm: widened(found, B, L), B, mean, missing };
}

/** Takes the mean over the sphere off, and fills what is missing with zeros. */
function removeMean(rings, samples) {
  let [sum, area, missing] = [0, 0, 0];
  for (const { start, n, weight } of rings) {
    let [ring, there] = [0, 0];
    for (let k = start; k < start + n; k++) {
      if (Number.isNaN(samples[k])) continue;
      ring += samples[k];
      there++;
    }
    sum += (weight * ring) / n;
    area += (weight * there) / n;
    missing += n - there;
  }
  const mean = area > 0 ? sum / area : 0;
  for (let k = 0; k < samples.length; k++) samples[k] = Number.isNaN(samples[k]) ? 0 : samples[k] - mean;
  return { mean, missing };
}

/** The same coefficients at a higher band-limit, single precision. */
function widened(alm, B, L) {
  const out = new Float32Array(coefficientLength(L));
  for (let m = 0, q = 0, p = 0; m < B; m++, p += 2 * (L - B)) {
    for (let l = m; l < B; l++, q += 2, p += 2) {
      out[p] = alm[q];
      out[p + 1] = alm[q + 1];
    }
  }
  return out;
}

/** Rows of a mask; it has twice as many columns. */
export const MASK_ROWS = 256;

/**
 * Where samples are missing, on a latitude-longitude grid that maps are drawn with.
 * @param {Sampled} sampled before its analysis
 * @returns {Uint8Array | null} 1 where the nearest sample is missing; null where none is
 */
export function maskOf({ rings, samples }) {
  let isWhole = true;
  for (let k = 0; k < samples.length && isWhole; k++) isWhole = !Number.isNaN(samples[k]);
  if (isWhole) return null;
  const mask = new Uint8Array(2 * MASK_ROWS * MASK_ROWS);
  const colatitudes = rings.map(({ x }) => Math.acos(x));
  let nearest = 0;
  for (let row = 0; row < MASK_ROWS; row++) {
    const theta = ((row + 0.5) * Math.PI) / MASK_ROWS;
    const apart = (/** @type {number} */ k) => Math.abs(colatitudes[k] - theta);
    while (nearest + 1 < rings.length && apart(nearest + 1) <= apart(nearest)) nearest++;
    const { n, phi0, start } = rings[nearest];
    for (let column = 0; column < 2 * MASK_ROWS; column++) {
      const phi = ((column + 0.5) * Math.PI) / MASK_ROWS;
      const k = Math.round(((phi - phi0) * n) / (2 * Math.PI));
      mask[2 * MASK_ROWS * row + column] = Number.isNaN(samples[start + (((k % n) + n) % n)]) ? 1 : 0;
    }
  }
  return mask;
}
