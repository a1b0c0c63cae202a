// Deforming a signal: its values at displaced points of a grid, and their analysis. `st.deform` in
// Python is the same definition.
//
// Values between samples are interpolated by polynomials on a grid of equal angles that is four
// times as fine as the band-limit asks for.

import { coefficientLength, SphericalHarmonics } from "./sht.js";

/** Samples in a row that one value is interpolated from, in each direction. */
const TAPS = 10;

/** Rings of the fine grid per degree. */
const FINENESS = 4;

/** Fewest rings of a grid. */
const FEWEST_RINGS = 16;

/** Samples of one signal on a fine grid of equal angles, and values anywhere between them. */
export class Interpolator {
  /** @param {number} L band-limit */
  constructor(L) {
    const n = Math.max(FEWEST_RINGS, 2 ** Math.ceil(Math.log2(FINENESS * L)));
    this.rings = n;
    this.stride = 2 * n + TAPS;
    const x = Float64Array.from({ length: n }, (_, i) => Math.cos((Math.PI * (i + 0.5)) / n));
    this.transform = new SphericalHarmonics(L, n, 2 * n, { x, w: new Float64Array(n) });
    this.samples = new Float32Array(2 * n * n);
    // The same with a margin all around, in which the sphere goes on beyond poles and date line.
    this.around = new Float32Array((n + TAPS) * this.stride);
    this.weights = [new Float64Array(TAPS), new Float64Array(TAPS)];
    this.scale = lagrangeScale();
  }

  /** @param {Float32Array} alm L (L + 1) numbers */
  take(alm) {
    const { rings, stride, samples, around } = this;
    this.transform.inverse(alm, samples);
    const half = TAPS / 2;
    for (let i = 0; i < rings + TAPS; i++) {
      let ring = i - half;
      let turn = 0;
      if (ring < 0 || ring >= rings) {
        ring = ring < 0 ? -1 - ring : 2 * rings - 1 - ring; // beyond a pole, on the other side
        turn = rings;
      }
      for (let k = 0; k < stride; k++) {
        const column = (k - half + turn + 2 * rings) % (2 * rings);
        around[i * stride + k] = samples[ring * 2 * rings + column];
      }
    }
  }

  /**
   * The value at a point.
   * @param {number} x
   * @param {number} y
   * @param {number} z of a unit vector
   * @returns {number}
   */
  at(x, y, z) {
    const { rings, stride, around, scale } = this;
    const [across, down] = this.weights;
    const step = rings / Math.PI;
    const longitude = Math.atan2(y, x) * step;
    const i = Math.atan2(Math.sqrt(x * x + y * y), z) * step - 0.5;
    const k = longitude < 0 ? longitude + 2 * rings : longitude;
    const i0 = Math.floor(i);
    const k0 = Math.floor(k);
    lagrangeWeights(i - i0, scale, down);
    lagrangeWeights(k - k0, scale, across);
    // The first of the taps lies TAPS / 2 - 1 before, and the margin is TAPS / 2 wide.
    let p = (i0 + 1) * stride + k0 + 1;
    let value = 0;
    for (let r = 0; r < TAPS; r++, p += stride) {
      let sum = 0;
      for (let c = 0; c < TAPS; c++) sum += across[c] * around[p + c];
      value += down[r] * sum;
    }
    return value;
  }
}

/** 1 / product of (j - k) over k != j, for each tap j. */
function lagrangeScale() {
  return Float64Array.from({ length: TAPS }, (_, j) => {
    let product = 1;
    for (let k = 0; k < TAPS; k++) if (k !== j) product *= j - k;
    return 1 / product;
  });
}

/** Weights of the taps for a place `t` in 0 .. 1 between the two in the middle. */
function lagrangeWeights(t, scale, out) {
  const place = t + TAPS / 2 - 1;
  let product = 1;
  for (let j = 0; j < TAPS; j++) {
    out[j] = product * scale[j];
    product *= place - j;
  }
  product = 1;
  for (let j = TAPS - 1; j >= 0; j--) {
    out[j] *= product;
    product *= place - j;
  }
}

/** A signal after points have moved along great circles, for one field of displacement. */
export class Deformation {
  /**
   * @param {number} L band-limit of the signals
   * @param {number} G rings of the grid on which the deformed signal is sampled
   * @param {Float32Array} field coefficients of the displacement along x, y and z
   * @param {{transform: (L: number, G: number) => object}} workshop
   */
  constructor(L, G, field, workshop) {
    const size = field.length / 3;
    const Lfield = Math.round((Math.sqrt(1 + 4 * size) - 1) / 2);
    if (coefficientLength(Lfield) !== size) throw new Error("the explorer's “field” is damaged");
    this.G = G;
    this.transform = workshop.transform(L, G);
    this.interpolator = new Interpolator(L);
    this.samples = new Float32Array(2 * G * G);
    this.field = [0, 1, 2].map((k) => {
      const component = new Float32Array(2 * G * G);
      workshop.transform(Lfield, G).inverse(field.subarray(k * size, (k + 1) * size), component);
      return component;
    });
    const longitudes = Float64Array.from({ length: 2 * G }, (_, k) => (Math.PI * k) / G);
    this.cos = longitudes.map(Math.cos);
    this.sin = longitudes.map(Math.sin);
  }

  /** Takes the signal that is to be deformed, L (L + 1) numbers. */
  take(alm) {
    this.interpolator.take(alm);
  }

  /**
   * @param {number} size greatest angle by which a point moves, radians
   * @param {Float32Array} alm L (L + 1) numbers, overwritten with the deformed signal
   */
  deform(size, alm) {
    const { G, field: [vx, vy, vz], cos, sin, samples, interpolator, transform } = this;
    for (let i = 0, p = 0; i < G; i++) {
      const z = transform.cosTheta[i];
      const r = Math.sqrt(1 - z * z);
      for (let k = 0; k < 2 * G; k++, p++) {
        const speed = Math.sqrt(vx[p] * vx[p] + vy[p] * vy[p] + vz[p] * vz[p]);
        const stay = Math.cos(size * speed);
        const move = speed > 1e-12 ? Math.sin(size * speed) / speed : size;
        samples[p] = interpolator.at(
          stay * r * cos[k] + move * vx[p],
          stay * r * sin[k] + move * vy[p],
          stay * z + move * vz[p],
        );
      }
    }
    transform.forward(samples, alm);
  }
}
