// The means of a network whose first layer knows direction: `ScatteringTransform(directions=3)`.
//
// The modulus V of the response in each direction goes on as its mean over the directions, to the
// zonal network, and as its second Fourier component, a signal of spin 2, to more paths of two scales.

import { coefficientLength, windowInto } from "../_page/coefficients.js";
import { envelopeWeights } from "../_page/nonlinearity.js";
import { addWindowed, MEAN, PathMeans } from "./means.js";

/** Azimuthal band-limit of the directional wavelets, and directions over half a circle. */
const N = 3;
const DIRECTIONS = 4 * N;

/** Signals of spin 0, 1 and 2 that make the response, and the names of their samples. */
const PARTS = ["W", "real 1", "imaginary 1", "real 2", "imaginary 2"];

/** Names of the samples of V's component of spin 2, and of its coefficients. */
const SPUN = ["V real", "V imaginary"];
const TWIST = ["E", "B"];

/** Cosines and sines of each direction and of its double, times the root of 2. */
const [COS1, SIN1, COS2, SIN2] = [1, 2].flatMap((n) => [Math.cos, Math.sin].map((turn) => (
  Float64Array.from({ length: DIRECTIONS }, (_, k) => Math.SQRT2 * turn((n * Math.PI * k) / DIRECTIONS))
)));

/** Of a network of complex directional wavelets, and of zonal ones in the second layer. */
export class DirectionalMeans extends PathMeans {
  /** The paths of two scales, which are there once more with spin. */
  get pairs() {
    return [...this.paths.keys()].filter((k) => this.paths[k].length === 2);
  }

  get names() {
    return [...super.names, ...this.pairs.map((k) => `${this.paths[k][0]}, (${this.paths[k][1]}, 2)`)];
  }

  /** @param {number} k
   * @param {number} rings
   * @param {Float32Array} samples overwritten */
  propagate(k, rings, samples) {
    if (this.paths[k].length > 1) {
      super.propagate(k, rings, samples);
      return;
    }
    const { alm, L, first, end } = this.wave(k);
    const part = this.cache.coefficients(L);
    const parts = PARTS.map((name) => this.samplesOf(k, name));
    envelopeWeights(N - 1, L).forEach((weight, n) => {
      windowInto(alm, L, weight, part, L);
      if (n) this.cache.spin(L, rings, n).inverse(part, parts[2 * n - 1], parts[2 * n], first, end);
      else this.cache.transform(L, rings).inverse(part, parts[0], first, end);
    });
    const spun = SPUN.map((name) => this.samplesOf(k, name));
    combine(parts, samples, spun);
  }

  /** @param {number} k */
  compute(k) {
    const node = super.compute(k);
    if (this.paths[k].length !== 1) return node;
    this.analyse(k, node.L, SPUN.map((name) => this.samplesOf(k, name)), this.twist(k, node.L));
    return node;
  }

  /** E and B at path k: V's component of spin 2 for one scale, its wavelet coefficients for two.
   * @param {number} k
   * @param {number} L band-limit
   * @returns {Float32Array[]} */
  twist(k, L) {
    return TWIST.map((name) => this.cache.known(`${name} ${k}`, () => new Float32Array(coefficientLength(L))));
  }

  /** @param {Float32Array} signal */
  of(signal) {
    const zonal = super.of(signal);
    return [...zonal, ...this.pairs.map((k) => {
      const { at, B, first, rings } = this.scale(k);
      const parent = this.node(this.parents[k]);
      const [seen, waves] = [this.twist(k, B), SPUN.map((name) => this.samplesOf(k, name))];
      const window = this.bank.windows[at];
      this.twist(this.parents[k], parent.L).forEach((alm, e) => windowInto(alm, parent.L, window, seen[e], B));
      this.synthesise(k, B, seen, waves, first);
      const size = this.cache.samples(rings);
      for (let i = 0; i < size.length; i++) size[i] = Math.hypot(waves[0][i], waves[1][i]);
      this.cache.transform(1, rings).forward(size, this.wavelet);
      return MEAN * this.wavelet[0];
    })];
  }

  /** @param {number[]} slopes */
  pull(slopes) {
    const { pairs } = this;
    for (const k of this.children[0]) for (const name of TWIST) this.back(k, name).fill(0);
    pairs.forEach((k, p) => {
      const waves = SPUN.map((name) => this.samplesOf(k, name));
      const slope = MEAN * MEAN * slopes[slopes.length - pairs.length + p];
      for (let i = 0; i < waves[0].length; i++) {
        const size = Math.hypot(waves[0][i], waves[1][i]);
        for (const wave of waves) wave[i] *= size > 0 ? slope / size : 0;
      }
      const found = this.twist(k, this.scale(k).B);
      this.analyse(k, this.scale(k).B, waves, found);
      found.forEach((alm, e) => this.handBack(k, alm, this.back(this.parents[k], TWIST[e])));
    });
    return super.pull(slopes);
  }

  /** @param {number} k
   * @param {number} rings
   * @param {Float32Array} samples overwritten */
  pullBack(k, rings, samples) {
    if (this.paths[k].length > 1) {
      super.pullBack(k, rings, samples);
      return;
    }
    const { B } = this.scale(k);
    const [parts, spun] = [PARTS, SPUN].map((names) => names.map((name) => this.samplesOf(k, name)));
    this.synthesise(k, this.node(k).L, TWIST.map((name) => this.back(k, name)), spun);
    pullThrough(parts, samples, spun);
    const part = this.cache.coefficients(B);
    this.wavelet.fill(0, 0, coefficientLength(B));
    envelopeWeights(N - 1, B).forEach((weight, n) => {
      if (n) analyseSpin(this.cache.spin(B, rings, n), parts[2 * n - 1], parts[2 * n], part);
      else this.cache.transform(B, rings).forward(parts[0], part);
      addWindowed(part, B, weight, this.wavelet, B);
    });
  }

  /** Samples of a signal of spin 2 on the grid of path k: those of B are i times those of an E.
   * @param {number} k
   * @param {number} L
   * @param {Float32Array[]} twist E and B
   * @param {Float32Array[]} samples real and imaginary part, overwritten
   * @param {number} [first] degrees below it are zero */
  synthesise(k, L, [e, b], [re, im], first) {
    const { rings } = this.scale(k);
    const [real, imaginary] = ["real", "imaginary"].map((name) => this.cache.samples(rings, name));
    const spin = this.cache.spin(L, rings, 2);
    spin.inverse(e, re, im, first);
    spin.inverse(b, real, imaginary, first);
    for (let i = 0; i < re.length; i++) {
      re[i] -= imaginary[i];
      im[i] += real[i];
    }
  }

  /** Its transpose, with the weights of the grid.
   * @param {number} k
   * @param {number} L
   * @param {Float32Array[]} samples
   * @param {Float32Array[]} twist E and B, overwritten */
  analyse(k, L, [re, im], [e, b]) {
    const { rings } = this.scale(k);
    const minus = this.cache.samples(rings, "real");
    for (let i = 0; i < re.length; i++) minus[i] = -re[i];
    const spin = this.cache.spin(L, rings, 2);
    analyseSpin(spin, re, im, e);
    analyseSpin(spin, im, minus, b);
  }
}

/**
 * Coefficients of E, by quadrature: the transpose of the synthesis with the weights of the grid. Those
 * of B are what it makes of the components (imaginary, -real).
 * @param {import("../_page/spin.js").SpinHarmonics} spin
 * @param {Float32Array} real rings * longitudes
 * @param {Float32Array} imaginary likewise
 * @param {Float32Array} alm L (L + 1) numbers, overwritten
 */
export function analyseSpin(spin, real, imaginary, alm) {
  const { turned } = spin;
  spin.real.forward(real, alm);
  spin.imaginary.forward(imaginary, turned);
  for (let q = 0; q < turned.length; q += 2) { // i times as much
    alm[q] -= turned[q + 1];
    alm[q + 1] += turned[q];
  }
}

/**
 * The modulus of the response in each direction: its mean, and its second Fourier component.
 * @param {Float32Array[]} parts see `PARTS`
 * @param {Float32Array} mean overwritten
 * @param {Float32Array[]} spun overwritten
 */
function combine([w, a, b, c, d], mean, [re, im]) {
  for (let i = 0; i < w.length; i++) {
    let sum = 0, cosine = 0, sine = 0;
    for (let k = 0; k < DIRECTIONS; k++) {
      const real = w[i] + COS2[k] * c[i] + SIN2[k] * d[i];
      const imaginary = COS1[k] * a[i] + SIN1[k] * b[i];
      const v = Math.sqrt(real * real + imaginary * imaginary);
      sum += v;
      cosine += COS2[k] * v;
      sine += SIN2[k] * v;
    }
    mean[i] = sum / DIRECTIONS;
    re[i] = cosine / DIRECTIONS;
    im[i] = sine / DIRECTIONS;
  }
}

/**
 * The transposed derivative of `combine`.
 * @param {Float32Array[]} parts overwritten with the gradient with respect to them
 * @param {Float32Array} mean gradient with respect to it
 * @param {Float32Array[]} spun likewise
 */
function pullThrough([w, a, b, c, d], mean, [re, im]) {
  for (let i = 0; i < w.length; i++) {
    let dw = 0, da = 0, db = 0, dc = 0, dd = 0;
    for (let k = 0; k < DIRECTIONS; k++) {
      const real = w[i] + COS2[k] * c[i] + SIN2[k] * d[i];
      const imaginary = COS1[k] * a[i] + SIN1[k] * b[i];
      const v = Math.sqrt(real * real + imaginary * imaginary);
      const change = v > 0 ? (mean[i] + COS2[k] * re[i] + SIN2[k] * im[i]) / (DIRECTIONS * v) : 0;
      dw += change * real;
      da += change * COS1[k] * imaginary;
      db += change * SIN1[k] * imaginary;
      dc += change * COS2[k] * real;
      dd += change * SIN2[k] * real;
    }
    w[i] = dw;
    a[i] = da;
    b[i] = db;
    c[i] = dc;
    d[i] = dd;
  }
}
