// Harmonic analysis of samples on rings of constant colatitude, however many each ring has.
//
// Latitude-longitude arrays and HEALPix maps are rings whose colatitudes are alike north and south
// of the equator. The sums over colatitude are those of `SphericalHarmonics`, in batches, so that
// no table is large.

import { coefficientLength, Fourier, SphericalHarmonics } from "./sht.js";

/** Pairs of rings, a northern one and its mirror, whose tables are made together. */
const BATCH = 64;

/** Tables of more pairs than this are made again at each transform, to save memory. */
const KEPT_PAIRS = 1024;

/** A map of the HEALPix kind is corrected this many times by the analysis of what it misses. */
const CORRECTIONS = 3;

/** Maps of more rings than this, sampled far beyond the band-limit, are not corrected. */
const CORRECTED_RINGS = 1024;

/**
 * A ring of samples.
 * @typedef {object} Ring
 * @property {number} x cosine of its colatitude
 * @property {number} weight of the quadrature over x; those of all rings add up to 2
 * @property {number} n number of samples
 * @property {number} phi0 longitude of the first one, radians
 * @property {number} start its place among all samples
 */

/**
 * Samples on the sphere, from the north to the south.
 * @typedef {object} Sampled
 * @property {Ring[]} rings
 * @property {Float32Array} samples NaN where there is none
 * @property {number} limit the highest band-limit that they carry
 * @property {boolean} exact whether the quadrature is, for signals of that band-limit
 */

/**
 * Weights of Fejér's first rule: colatitudes (j + 1/2) pi / n, j < n.
 * @param {number} n
 * @returns {Float64Array} exact for polynomials in cos(theta) of degree below n
 */
export function fejer(n) {
  return cosineWeights(n, n, 0.5);
}

/**
 * Weights of the rule of Clenshaw and Curtis: colatitudes j pi / n, j <= n, both poles included.
 * @param {number} n
 * @returns {Float64Array} n + 1 weights, exact for polynomials in cos(theta) of degree up to n
 */
export function clenshawCurtis(n) {
  const weights = cosineWeights(n, n + 1, 0);
  weights[0] /= 2;
  weights[n] /= 2;
  return weights;
}

/**
 * The integral of the interpolating cosine series, sample by sample: over x, cos(2 k theta) has the
 * integral -2 / (4 k^2 - 1), and odd multiples have none.
 */
function cosineWeights(n, count, shift) {
  const weights = new Float64Array(count);
  for (let j = 0; 2 * j < count; j++) {
    const theta = ((j + shift) * Math.PI) / n;
    let sum = 1;
    for (let k = 1; 2 * k <= n; k++) {
      // With the poles, the highest cosine is sampled at its extremes: it counts half.
      const both = shift === 0 && 2 * k === n ? 1 : 2;
      sum -= (both * Math.cos(2 * k * theta)) / (4 * k * k - 1);
    }
    weights[j] = weights[count - 1 - j] = (2 / n) * sum;
  }
  return weights;
}

/**
 * Rows of a latitude-longitude array.
 * @param {number} rows from the north to the south
 * @param {number} columns
 * @param {boolean} poles whether the first and the last row are the poles
 * @param {number} phi0 longitude of the first column
 * @returns {{rings: Ring[], limit: number, exact: boolean}}
 */
export function latitudeRings(rows, columns, poles, phi0) {
  const n = poles ? rows - 1 : rows;
  const weights = poles ? clenshawCurtis(n) : fejer(n);
  const rings = Array.from(weights, (weight, j) => {
    const x = Math.cos(((j + (poles ? 0 : 0.5)) * Math.PI) / n);
    return { x, weight, n: columns, phi0, start: j * columns };
  });
  // Products of two signals of band-limit L have degrees up to 2 L - 2.
  const limit = Math.min(Math.floor(poles ? n / 2 + 1 : (n + 1) / 2), Math.floor(columns / 2));
  return { rings, limit, exact: true };
}

/**
 * Rings of a HEALPix map in RING order; see Górski et al. 2005.
 * @param {number} nside
 * @returns {{rings: Ring[], limit: number, exact: boolean}}
 */
export function healpixRings(nside) {
  const pixels = 12 * nside * nside;
  let start = 0;
  const rings = Array.from({ length: 4 * nside - 1 }, (_, k) => {
    const fromPole = Math.min(k + 1, 4 * nside - 1 - k);
    const inCap = fromPole < nside;
    const n = 4 * Math.min(fromPole, nside);
    const north = inCap ? 1 - fromPole ** 2 / (3 * nside ** 2) : 4 / 3 - (2 * fromPole) / (3 * nside);
    const shifted = inCap || (fromPole - nside) % 2 === 0;
    const x = k + 1 > 2 * nside ? -north : north;
    const ring = { x, weight: (2 * n) / pixels, n, phi0: shifted ? Math.PI / n : 0, start };
    start += n;
    return ring;
  });
  return { rings, limit: 2 * nside, exact: false };
}

/**
 * A complex discrete Fourier transform of any length, of which a run of outputs is wanted:
 * X_m = sum_k x_k exp(-2 pi i k m / n). Where n is no power of two, as a convolution (Bluestein 1970).
 */
export class AnyFourier {
  /**
   * @param {number} n length
   * @param {number} first least m that is wanted, may be negative
   * @param {number} count how many are wanted, at most n
   */
  constructor(n, first, count) {
    this.n = n;
    this.first = first;
    this.count = count;
    this.plain = (n & (n - 1)) === 0;
    let size = n;
    if (!this.plain) for (size = 2; size < n + count - 1;) size *= 2;
    this.fourier = new Fourier(size);
    this.re = new Float64Array(n);
    this.im = new Float64Array(n);
    this.outRe = new Float64Array(count);
    this.outIm = new Float64Array(count);
    if (!this.plain) this.prepare(size);
  }

  /** The chirp exp(-i pi k^2 / n), and the transform of its inverse. */
  prepare(size) {
    const { n, first, count, fourier } = this;
    const { re, im, reversed } = fourier;
    const angle = (/** @type {number} */ k) => (-Math.PI * ((k * k) % (2 * n))) / n;
    const turn = (/** @type {number} */ k) => (-2 * Math.PI * ((k * first) % n)) / n;
    this.before = [Math.cos, Math.sin].map((f) => Float64Array.from({ length: n }, (_, k) => f(angle(k) + turn(k))));
    this.after = [Math.cos, Math.sin].map((f) => Float64Array.from({ length: count }, (_, k) => f(angle(k))));
    re.fill(0);
    im.fill(0);
    for (let k = 1 - n; k < count; k++) {
      const at = reversed[(k + size) % size];
      re[at] = Math.cos(angle(k));
      im[at] = -Math.sin(angle(k));
    }
    fourier.run(-1);
    this.kernel = [re.slice(), im.slice()];
    this.product = [new Float64Array(size), new Float64Array(size)];
  }

  /** From `re` and `im` to `outRe` and `outIm`. */
  run() {
    if (this.plain) this.runPlain();
    else this.convolve();
  }

  runPlain() {
    const { n, first, count, fourier: { re, im, reversed } } = this;
    for (let k = 0; k < n; k++) {
      re[reversed[k]] = this.re[k];
      im[reversed[k]] = this.im[k];
    }
    this.fourier.run(-1);
    for (let k = 0; k < count; k++) {
      const at = (first + k + n) % n;
      this.outRe[k] = re[at];
      this.outIm[k] = im[at];
    }
  }

  convolve() {
    const { n, count, before, after, kernel, product, fourier: { re, im, reversed, n: size } } = this;
    re.fill(0);
    im.fill(0);
    for (let k = 0; k < n; k++) {
      const at = reversed[k];
      re[at] = this.re[k] * before[0][k] - this.im[k] * before[1][k];
      im[at] = this.re[k] * before[1][k] + this.im[k] * before[0][k];
    }
    this.fourier.run(-1);
    for (let k = 0; k < size; k++) {
      product[0][k] = re[k] * kernel[0][k] - im[k] * kernel[1][k];
      product[1][k] = re[k] * kernel[1][k] + im[k] * kernel[0][k];
    }
    for (let k = 0; k < size; k++) {
      re[reversed[k]] = product[0][k];
      im[reversed[k]] = product[1][k];
    }
    this.fourier.run(1);
    for (let k = 0; k < count; k++) {
      const [x, y] = [re[k] / size, im[k] / size];
      this.outRe[k] = x * after[0][k] - y * after[1][k];
      this.outIm[k] = x * after[1][k] + y * after[0][k];
    }
  }
}

/** Transforms between samples on rings and coefficients. */
export class RingTransform {
  /**
   * @param {number} L exclusive band-limit
   * @param {Ring[]} rings from the north to the south, alike on both sides of the equator
   */
  constructor(L, rings) {
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
    this.keep = pairs <= KEPT_PAIRS;
    this.known = new Map();
  }

  /**
   * What is made once, or each time where it would take much memory.
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
  const transform = new RingTransform(B, rings);
  const found = transform.forward(samples);
  const corrections = exact || rings.length > CORRECTED_RINGS ? 0 : CORRECTIONS;
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
  if (!samples.some(Number.isNaN)) return null;
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
