// Deforming a signal: its values at displaced points of a grid, and their analysis. `st.deform` in
// Python is the same definition.
//
// Values between samples are interpolated on a grid of equal angles that is eight times as fine as
// the band-limit asks for. There a signal turns by at most an eighth of half a turn from sample to
// sample, so that six of them in each direction give five or six digits.

import { coefficientLength } from "../_page/coefficients.js";
import { SphericalHarmonics } from "../_page/sht.js";
import { damaged } from "../_page/state.js";

/** Samples in a row that one value is interpolated from, in each direction. */
const TAPS = 6;

/** Rings of the fine grid per degree. */
const FINENESS = 8;

/** Fewest rings of a grid. */
const FEWEST_RINGS = 16;

/** Places between two samples at which weights are tabulated; between these they are linear. */
const PLACES = 512;

/**
 * Samples around a ring per degree of the band-limit and sine of the colatitude: for the 1.5 of
 * the deformed signal and the 1 that is kept, without aliasing. Some more for what lies beyond.
 */
const SAMPLES_PER_DEGREE = 2.5;
const SAMPLES_MORE = 24;

/** Intervals of the table of the arc tangent. */
const ARCS = 1024;

/** At each end of an interval the arc tangent, its slope and half its second derivative. */
const arcs = Float64Array.from({ length: 3 * (ARCS + 1) }, (_, n) => {
  const t = Math.floor(n / 3) / ARCS;
  const slope = 1 / (1 + t * t);
  return [Math.atan(t), slope, -t * slope * slope][n % 3];
});

/** Math.atan2, to 1e-10 and several times as fast.
 * @param {number} y
 * @param {number} x
 * @returns {number} */
function angle(y, x) {
  const across = Math.abs(x);
  const up = Math.abs(y);
  const steep = up > across;
  const t = steep ? across / up : up / (across || 1);
  const n = (t * ARCS + 0.5) | 0;
  const d = t - n / ARCS;
  let found = arcs[3 * n] + d * (arcs[3 * n + 1] + d * arcs[3 * n + 2]);
  if (steep) found = Math.PI / 2 - found;
  if (x < 0) found = Math.PI - found;
  return y < 0 ? -found : found;
}

/**
 * Weights of the taps, for places 0 .. 1 between the two in the middle: TAPS numbers per place.
 * They are exact for TAPS frequencies that are spread evenly over a band, and nearly so between.
 * @param {number} band highest frequency, radians per sample
 */
function interpolationWeights(band) {
  const half = band / (TAPS - 1); // half the distance of two frequencies
  return Float64Array.from({ length: TAPS * (PLACES + 1) }, (_, n) => {
    const tap = n % TAPS;
    const place = Math.floor(n / TAPS) / PLACES + TAPS / 2 - 1;
    let weight = 1;
    for (let k = 0; k < TAPS; k++) {
      if (k !== tap) weight *= Math.sin(half * (place - k)) / Math.sin(half * (tap - k));
    }
    return weight;
  });
}

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
    this.weights = interpolationWeights((Math.PI * L) / n);
  }

  /** @param {Float32Array} alm L (L + 1) numbers */
  take(alm) {
    const { rings, stride, samples, around } = this;
    const half = TAPS / 2;
    const width = 2 * rings;
    this.transform.inverse(alm, samples);
    for (let i = 0; i < rings + TAPS; i++) {
      const beyond = i < half || i >= rings + half; // a pole, on the other side
      const ring = i < half ? half - 1 - i : beyond ? 2 * rings + half - 1 - i : i - half;
      const turned = (beyond ? rings : 0) - half + width;
      for (let k = 0; k < stride; k++) {
        around[i * stride + k] = samples[ring * width + ((k + turned) & (width - 1))];
      }
    }
  }

  /**
   * Values at points.
   * @param {Float64Array} points x, y and z of unit vectors, in turn
   * @param {Float32Array} out one number per point, overwritten
   */
  values(points, out) {
    const { rings, stride, around, weights } = this;
    const step = rings / Math.PI;
    for (let n = 0; n < out.length; n++) {
      const x = points[3 * n];
      const y = points[3 * n + 1];
      const longitude = angle(y, x) * step;
      const i = angle(Math.sqrt(x * x + y * y), points[3 * n + 2]) * step - 0.5;
      const k = longitude < 0 ? longitude + 2 * rings : longitude;
      const i0 = Math.floor(i);
      const k0 = Math.floor(k);
      const east = (k - k0) * PLACES;
      const e = east | 0;
      const e1 = east - e;
      const e0 = 1 - e1;
      const q = e * TAPS;
      const w0 = e0 * weights[q] + e1 * weights[q + TAPS];
      const w1 = e0 * weights[q + 1] + e1 * weights[q + TAPS + 1];
      const w2 = e0 * weights[q + 2] + e1 * weights[q + TAPS + 2];
      const w3 = e0 * weights[q + 3] + e1 * weights[q + TAPS + 3];
      const w4 = e0 * weights[q + 4] + e1 * weights[q + TAPS + 4];
      const w5 = e0 * weights[q + 5] + e1 * weights[q + TAPS + 5];
      const down = (i - i0) * PLACES;
      const d = down | 0;
      const d1 = down - d;
      const d0 = 1 - d1;
      // The first of the taps lies TAPS / 2 - 1 before, and the margin is TAPS / 2 wide.
      let p = (i0 + 1) * stride + k0 + 1;
      let value = 0;
      for (let r = d * TAPS; r < (d + 1) * TAPS; r++, p += stride) {
        const row =
          w0 * around[p] + w1 * around[p + 1] + w2 * around[p + 2] +
          w3 * around[p + 3] + w4 * around[p + 4] + w5 * around[p + 5];
        value += (d0 * weights[r] + d1 * weights[r + TAPS]) * row;
      }
      out[n] = value;
    }
  }
}

/** A signal after points have moved along great circles, for one field of displacement. */
export class Deformation {
  /**
   * @param {number} L band-limit of the signals
   * @param {Float32Array} field coefficients of the displacement along x, y and z
   * @param {TransformCache} cache
   */
  constructor(L, field, cache) {
    const size = field.length / 3;
    const Lfield = Math.round((Math.sqrt(1 + 4 * size) - 1) / 2);
    if (!(size > 0 && coefficientLength(Lfield) === size)) throw damaged("field");
    const rings = ringsFor(L);
    const longitudes = 2 ** Math.ceil(Math.log2(2 * rings));
    this.transform = new SphericalHarmonics(L, rings, longitudes);
    this.lengths = ringLengths(L, this.transform);
    this.transform.useReducedGrid(this.lengths);
    this.interpolator = new Interpolator(L);
    this.samples = new Float32Array(rings * longitudes);
    this.field = [0, 1, 2].map((k) => {
      const component = new Float32Array(rings * longitudes);
      const own = field.subarray(k * size, (k + 1) * size);
      cache.transform(Lfield, rings, longitudes).inverse(own, component);
      return component;
    });
    const angles = Float64Array.from({ length: longitudes }, (_, k) => (2 * Math.PI * k) / longitudes);
    this.cos = angles.map(Math.cos);
    this.sin = angles.map(Math.sin);
    this.points = new Float64Array(3 * longitudes);
  }

  /** Takes the signal that is to be deformed, L (L + 1) numbers.
   * @param {Float32Array} alm */
  take(alm) {
    this.interpolator.take(alm);
  }

  /**
   * @param {number} size greatest angle by which a point moves, radians
   * @param {Float32Array} alm L (L + 1) numbers, overwritten with the deformed signal
   */
  deform(size, alm) {
    const { field: [vx, vy, vz], cos, sin, points, samples, interpolator, transform } = this;
    const { rings, longitudes, cosTheta } = transform;
    for (let i = 0; i < rings; i++) {
      const z = cosTheta[i];
      const r = Math.sqrt(1 - z * z);
      const n = this.lengths[Math.min(i, rings - 1 - i)];
      const step = longitudes / n;
      for (let k = 0; k < n; k++) {
        const p = i * longitudes + k * step;
        // Cosine and sine of the angle over it, by their series: to 1e-7 at an angle of 1.
        const square = size * size * (vx[p] * vx[p] + vy[p] * vy[p] + vz[p] * vz[p]);
        const stay = 1 - (square / 2) * (1 - (square / 12) * (1 - (square / 30) * (1 - square / 56)));
        const move = size * (1 - (square / 6) * (1 - (square / 20) * (1 - square / 42)));
        points[3 * k] = stay * r * cos[k * step] + move * vx[p];
        points[3 * k + 1] = stay * r * sin[k * step] + move * vy[p];
        points[3 * k + 2] = stay * z + move * vz[p];
      }
      interpolator.values(points, samples.subarray(i * longitudes, i * longitudes + n));
    }
    transform.forward(samples, alm);
  }
}

/**
 * Rings of the grid on which a deformed signal is sampled: enough for 1.5 times its band-limit, and
 * a few more. What the explorer's largest deformation carries beyond would alias; it is less than
 * what interpolation gets wrong (white noise, L = 8 ... 128: together at most 5e-7 of the signal).
 * @param {number} L
 * @returns {number}
 */
function ringsFor(L) {
  return 8 * Math.ceil((1.25 * L + 8) / 8);
}

/**
 * Samples on the rings from a pole to the equator. Close to the pole a signal of band-limit B has
 * next to nothing at orders beyond B times the sine of the colatitude, so that fewer are enough.
 * @param {number} L
 * @param {SphericalHarmonics} transform
 * @returns {number[]}
 */
function ringLengths(L, { half, cosTheta, longitudes }) {
  return Array.from({ length: half }, (_, i) => {
    const orders = SAMPLES_PER_DEGREE * L * Math.sqrt(1 - cosTheta[i] ** 2) + SAMPLES_MORE;
    return Math.min(longitudes, 2 ** Math.ceil(Math.log2(orders)));
  });
}
