// Spherical harmonic transforms of real signals on a Gauss-Legendre grid.
//
// Samples are ring by ring from the north pole, and eastwards from longitude 0 within a ring.
// Tables are computed once per (L, rings, longitudes); the transforms themselves allocate nothing.

import { orderOffset } from "./coefficients.js";
import { Fourier } from "./fourier.js";

/** Below this absolute value an associated Legendre function is left out (a picture needs 1e-5). */
const NEGLIGIBLE = 1e-10;

/** Rings whose Legendre sums run side by side, so that each coefficient is read once for all. */
const BLOCK = 4;

/**
 * Nodes and weights of Gauss-Legendre quadrature on [-1, 1], by Newton's method.
 * @param {number} n number of nodes
 * @returns {{x: Float64Array, w: Float64Array}} nodes x = cos(colatitude), from the north (x near 1)
 *   to the south, and their weights; exact for polynomials of degree up to 2 n - 1
 */
export function gaussLegendre(n) {
  const x = new Float64Array(n);
  const w = new Float64Array(n);
  for (let i = 0; 2 * i < n; i++) {
    let z = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let step = 0; step < 100; step++) {
      let p0 = 1;
      let p1 = z;
      for (let l = 2; l <= n; l++) {
        const p2 = ((2 * l - 1) * z * p1 - (l - 1) * p0) / l;
        p0 = p1;
        p1 = p2;
      }
      slope = (n * (p0 - z * p1)) / (1 - z * z);
      const change = p1 / slope;
      z -= change;
      if (Math.abs(change) < 1e-15) break;
    }
    x[i] = z;
    x[n - 1 - i] = -z;
    w[i] = w[n - 1 - i] = 2 / ((1 - z * z) * slope * slope);
  }
  return { x, w };
}

/** Forward and inverse transforms of band-limit L on one Gauss-Legendre grid. */
export class SphericalHarmonics {
  /**
   * @param {number} L exclusive band-limit: degrees 0 <= l < L
   * @param {number} rings number of rings of constant colatitude, a multiple of 8; the forward
   *   transform is exact for products of degree up to 2 rings - 1
   * @param {number} longitudes samples per ring, a power of two of at least 2 L
   * @param {{x: Float64Array, w: Float64Array}} [nodes] of other rings than Gauss-Legendre's: as
   *   gaussLegendre gives them, and alike north and south
   * @param {Float32Array} [table] of other functions of the colatitude than `legendreTable` has
   * @param {number} [mirrored] -1 where these have the other sign in the south
   */
  constructor(L, rings, longitudes, nodes = gaussLegendre(rings), table, mirrored = 1) {
    if (rings % (2 * BLOCK) !== 0) throw new Error(`${rings} rings: a multiple of 8 is needed`);
    if (longitudes < 2 * L) throw new Error(`${longitudes} longitudes are too few for L = ${L}`);
    this.L = L;
    this.rings = rings;
    this.longitudes = longitudes;
    this.half = rings / 2;
    const { x, w } = nodes;
    this.cosTheta = x;
    this.weights = w;
    this.fourier = new Fourier(longitudes);
    this.fouriers = new Array(this.half).fill(this.fourier); // per ring that of its analysis
    this.legendre = table ?? legendreTable(L, x.subarray(0, this.half));
    this.mirrored = mirrored;
    this.firstRing = firstRings(L, this.half, this.legendre);
    // Per ring of the northern half and order: even and odd part (in l + m), real and imaginary.
    this.parts = new Float64Array(this.half * L * 4);
    this.sums = new Float64Array(2 * L);
  }

  /**
   * From now on `forward` reads fewer samples on some rings: they begin where the ring begins, and
   * are spread evenly over it.
   * @param {number[]} lengths per ring from the north pole to the equator how many, powers of two;
   *   the ring's mirror in the south has as many
   */
  useReducedGrid(lengths) {
    const made = new Map([[this.longitudes, this.fourier]]);
    this.fouriers = lengths.map((n) => {
      if (!made.has(n)) made.set(n, new Fourier(n));
      return made.get(n);
    });
  }

  /**
   * Samples of a signal given by its coefficients.
   * @param {Float32Array} alm L (L + 1) numbers
   * @param {Float32Array} samples rings * longitudes, overwritten
   * @param {number} [lower] degrees below it are taken to be zero
   * @param {number} [upper] so are degrees from here on
   */
  inverse(alm, samples, lower = 0, upper = this.L) {
    this.parts.fill(0);
    for (let m = 0; m < upper; m++) this.synthesiseOrder(m, alm, Math.max(0, lower - m), upper - m);
    for (let i = 0; i < this.half; i++) this.synthesiseRings(i, samples, upper);
  }

  /**
   * Coefficients of a sampled signal, by quadrature.
   * @param {Float32Array} samples rings * longitudes
   * @param {Float32Array} alm L (L + 1) numbers, overwritten
   */
  forward(samples, alm) {
    for (let i = 0; i < this.half; i++) this.analyseRings(i, samples);
    for (let m = 0; m < this.L; m++) this.analyseOrder(m, alm);
  }

  /**
   * The integral of squared samples, by quadrature.
   * @param {Float32Array} samples
   * @returns {number}
   */
  integralOfSquare(samples) {
    const { rings, longitudes, weights } = this;
    let sum = 0;
    for (let i = 0, q = 0; i < rings; i++) {
      let ring = 0;
      for (const stop = q + longitudes; q < stop; q++) ring += samples[q] * samples[q];
      sum += weights[i] * ring;
    }
    return (sum * 2 * Math.PI) / longitudes;
  }

  /** Legendre sums of order m for `BLOCK` rings at a time; k = l - m runs from `start` to `stop`. */
  synthesiseOrder(m, alm, start, stop) {
    const { L, half, legendre, parts } = this;
    const n = L - m;
    const from = orderOffset(L, m);
    for (let i = this.firstRing[m]; i < half; i += BLOCK) {
      const p0 = from * half + i * n;
      const p1 = p0 + n;
      const p2 = p1 + n;
      const p3 = p2 + n;
      for (let odd = 0; odd < 2; odd++) {
        let r0 = 0, r1 = 0, r2 = 0, r3 = 0;
        let i0 = 0, i1 = 0, i2 = 0, i3 = 0;
        for (let k = start + ((start + odd) & 1); k < stop; k += 2) {
          const re = alm[2 * (from + k)];
          const im = alm[2 * (from + k) + 1];
          const a = legendre[p0 + k];
          const b = legendre[p1 + k];
          const c = legendre[p2 + k];
          const d = legendre[p3 + k];
          r0 += a * re; i0 += a * im;
          r1 += b * re; i1 += b * im;
          r2 += c * re; i2 += c * im;
          r3 += d * re; i3 += d * im;
        }
        const o = (i * L + m) * 4 + 2 * odd;
        const row = 4 * L;
        parts[o] = r0; parts[o + 1] = i0;
        parts[o + row] = r1; parts[o + row + 1] = i1;
        parts[o + 2 * row] = r2; parts[o + 2 * row + 1] = i2;
        parts[o + 3 * row] = r3; parts[o + 3 * row + 1] = i3;
      }
    }
  }

  /** One Fourier transform gives two real rings: ring i of the north and its mirror in the south. */
  synthesiseRings(i, samples, upper) {
    const { L, parts, rings, longitudes, fourier, mirrored } = this;
    const { re, im, reversed } = fourier;
    re.fill(0);
    im.fill(0);
    for (let m = 0, o = i * L * 4; m < upper; m++, o += 4) {
      const nr = parts[o] + parts[o + 2];
      const ni = parts[o + 1] + parts[o + 3];
      const sr = mirrored * (parts[o] - parts[o + 2]);
      const si = mirrored * (parts[o + 1] - parts[o + 3]);
      const plus = reversed[m];
      if (m === 0) {
        re[plus] = nr;
        im[plus] = sr;
      } else {
        const minus = reversed[longitudes - m];
        re[plus] = nr - si;
        im[plus] = ni + sr;
        re[minus] = nr + si;
        im[minus] = sr - ni;
      }
    }
    fourier.run(1);
    const north = i * longitudes;
    const south = (rings - 1 - i) * longitudes;
    for (let k = 0; k < longitudes; k++) {
      samples[north + k] = re[k];
      samples[south + k] = im[k];
    }
  }

  /** Fourier coefficients of ring i and its mirror, weighted, as even and odd parts. */
  analyseRings(i, samples) {
    const { L, parts, rings, longitudes, mirrored } = this;
    const fourier = this.fouriers[i];
    const { n, re, im, reversed } = fourier;
    const north = i * longitudes;
    const south = (rings - 1 - i) * longitudes;
    for (let k = 0; k < n; k++) {
      re[reversed[k]] = samples[north + k];
      im[reversed[k]] = samples[south + k];
    }
    fourier.run(-1);
    const half = (0.5 * this.weights[i] * 2 * Math.PI) / n;
    const orders = Math.min(L, n / 2);
    let o = i * L * 4;
    for (let m = 0; m < orders; m++, o += 4) {
      const minus = m === 0 ? 0 : n - m;
      const nr = half * (re[m] + re[minus]);
      const ni = half * (im[m] - im[minus]);
      const sr = mirrored * half * (im[m] + im[minus]);
      const si = mirrored * half * (re[minus] - re[m]);
      parts[o] = nr + sr;
      parts[o + 1] = ni + si;
      parts[o + 2] = nr - sr;
      parts[o + 3] = ni - si;
    }
    parts.fill(0, o, (i + 1) * L * 4);
  }

  /** Quadrature over colatitude for every degree of order m. */
  analyseOrder(m, alm) {
    const { L, half, legendre, parts, sums } = this;
    const n = L - m;
    const from = orderOffset(L, m);
    const row = 4 * L;
    sums.fill(0, 0, 2 * n);
    for (let i = this.firstRing[m]; i < half; i += BLOCK) {
      const p0 = from * half + i * n;
      const p1 = p0 + n;
      const p2 = p1 + n;
      const p3 = p2 + n;
      for (let odd = 0; odd < 2; odd++) {
        const o = (i * L + m) * 4 + 2 * odd;
        const r0 = parts[o], r1 = parts[o + row], r2 = parts[o + 2 * row], r3 = parts[o + 3 * row];
        const i0 = parts[o + 1], i1 = parts[o + row + 1];
        const i2 = parts[o + 2 * row + 1], i3 = parts[o + 3 * row + 1];
        for (let k = odd; k < n; k += 2) {
          const a = legendre[p0 + k];
          const b = legendre[p1 + k];
          const c = legendre[p2 + k];
          const d = legendre[p3 + k];
          sums[2 * k] += a * r0 + b * r1 + c * r2 + d * r3;
          sums[2 * k + 1] += a * i0 + b * i1 + c * i2 + d * i3;
        }
      }
    }
    for (let k = 0; k < 2 * n; k++) alm[2 * from + k] = sums[k];
  }
}

/**
 * Associated Legendre functions, orthonormal with the Condon-Shortley phase: the harmonic
 * Y_lm(theta, 0). Element k = l - m of ring i and order m is at orderOffset(L, m) * n + i (L - m) + k,
 * n being the number of rings.
 */
function legendreTable(L, cosTheta) {
  const n = cosTheta.length;
  const table = new Float32Array(orderOffset(L, L) * n);
  const scale = new Float64Array(L);
  const back = new Float64Array(L);
  const seeds = new Float64Array(n).fill(Math.sqrt(1 / (4 * Math.PI)));
  for (let m = 0; m < L; m++) {
    for (let l = m + 1; l < L; l++) {
      scale[l] = Math.sqrt((4 * l * l - 1) / (l * l - m * m));
      back[l] = Math.sqrt(((l - 1) ** 2 - m * m) / (4 * (l - 1) ** 2 - 1));
    }
    for (let i = 0; i < n; i++) {
      const x = cosTheta[i];
      if (m > 0) seeds[i] *= -Math.sqrt(((2 * m + 1) / (2 * m)) * (1 - x * x));
      const at = orderOffset(L, m) * n + i * (L - m) - m;
      let p0 = 0;
      let p1 = seeds[i];
      table[at + m] = p1;
      for (let l = m + 1; l < L; l++) {
        const p2 = scale[l] * (x * p1 - back[l] * p0);
        table[at + l] = p2;
        p0 = p1;
        p1 = p2;
      }
    }
  }
  return table;
}

/** Per order the first ring, in steps of BLOCK from the pole, where some function matters. */
function firstRings(L, half, table) {
  const first = new Uint16Array(L);
  for (let m = 0; m < L; m++) {
    const size = BLOCK * (L - m);
    const from = orderOffset(L, m) * half;
    let block = 0;
    const small = (b) =>
      table.subarray(from + b * size, from + (b + 1) * size).every((p) => Math.abs(p) < NEGLIGIBLE);
    while (block < half / BLOCK - 1 && small(block)) block++;
    first[m] = block * BLOCK;
  }
  return first;
}
