// A trained network on one signal: zonal convolutions with ReLU behind each, invariants, two dense
// layers. The same definition as `nn.ZonalCNN` in Python, where its layers are documented.

import { coefficientLength, energyPerDegree, orderOffset } from "../_page/coefficients.js";
import { POINTWISE } from "../_page/nonlinearity.js";
import { samplingBandLimit, TransformCache } from "../_page/cache.js";
import { binary, damaged, requireList } from "../_page/state.js";

/** More of either than this is no network for a page. */
const MOST_CHANNELS = 64;
const MOST_DEGREES = 128;

/** Cuts a list of numbers into parts of given sizes, which must use it up.
 * @param {Model} model
 * @param {string} name
 * @param {number[]} sizes
 * @returns {Float32Array[]} */
function cut(model, name, sizes) {
  const all = binary(model, name, Float32Array, sizes.reduce((sum, size) => sum + size, 0));
  if (!all.every(Number.isFinite)) throw damaged(name);
  let at = 0;
  return sizes.map((size) => all.subarray(at, (at += size)));
}

/**
 * Reads and checks the network that Python sent.
 * @param {Model} model
 * @param {number} L band-limit of the signals
 * @param {number} classes
 * @returns {ZonalCNN}
 */
export function readNetwork(model, L, classes) {
  const within = (/** @type {number} */ most) => (/** @type {any} */ n) => Number.isInteger(n) && n > 0 && n <= most;
  const channels = requireList(model, "channels", within(MOST_CHANNELS));
  const limits = requireList(model, "limits", within(MOST_DEGREES), channels.length);
  const falling = limits.every((limit, k) => k === 0 || limit <= limits[k - 1]);
  const widths = requireList(model, "widths", within(MOST_CHANNELS * MOST_DEGREES), 3);
  const fits = widths[0] === channels[channels.length - 1] * limits[limits.length - 1] && widths[2] === classes;
  if (channels.length < 2 || channels[0] !== 1 || limits[0] !== L || !falling || !fits) {
    throw new Error("the explorer's network is damaged");
  }
  const sizes = channels.slice(1).flatMap((n, k) => [n * channels[k] * limits[k + 1], n]);
  const filters = cut(model, "filters", sizes);
  const head = cut(model, "head", [widths[0] * widths[1], widths[1], widths[1] * widths[2], widths[2]]);
  return new ZonalCNN(channels, limits, filters, head);
}

/** What a network makes of one signal. */
export class ZonalCNN {
  /**
   * @param {number[]} channels of the input and behind each convolution
   * @param {number[]} limits band-limit at the same places
   * @param {Float32Array[]} filters per convolution its spectrum (out, in, limit), its bias (out,)
   * @param {Float32Array[]} head weight (out, in) and bias of the first dense layer, and the second
   */
  constructor(channels, limits, filters, head) {
    this.channels = channels;
    this.limits = limits;
    this.filters = filters;
    this.head = head;
    this.cache = new TransformCache();
    this.energies = new Float64Array(limits[limits.length - 1]);
  }

  /** Room for the coefficients behind each activation: per layer, per channel. */
  room() {
    return this.channels.slice(1).map((n, k) => (
      Array.from({ length: n }, () => new Float32Array(coefficientLength(this.limits[k + 1])))
    ));
  }

  /**
   * @param {Float32Array} alm L (L + 1) numbers
   * @param {number} oversampling of the activations' grids
   * @param {Float32Array[][]} layers as `room` makes it, overwritten
   * @returns {Float64Array} logits
   */
  run(alm, oversampling, layers) {
    let signal = [alm];
    layers.forEach((outs, k) => {
      outs.forEach((out, channel) => {
        this.convolve(signal, k, channel, out);
        this.activate(this.limits[k + 1], oversampling, out);
      });
      signal = outs;
    });
    const [weight, bias, last, lastBias] = this.head;
    const hidden = dense(this.invariants(signal), weight, bias).map((x) => Math.max(x, 0));
    return dense(hidden, last, lastBias);
  }

  /** One channel of a convolution: each degree of the inputs times a number, summed.
   * @param {Float32Array[]} inputs
   * @param {number} k which convolution
   * @param {number} channel
   * @param {Float32Array} out overwritten */
  convolve(inputs, k, channel, out) {
    const [from, to] = [this.limits[k], this.limits[k + 1]];
    const [spectrum, bias] = [this.filters[2 * k], this.filters[2 * k + 1]];
    out.fill(0);
    inputs.forEach((alm, i) => {
      const row = (channel * inputs.length + i) * to;
      for (let m = 0, p = 0; m < to; m++) {
        let q = 2 * orderOffset(from, m);
        for (let l = m; l < to; l++, p += 2, q += 2) {
          out[p] += spectrum[row + l] * alm[q];
          out[p + 1] += spectrum[row + l] * alm[q + 1];
        }
      }
    });
    out[0] += bias[channel];
  }

  /** ReLU of each sample, in place: to a grid and back.
   * @param {number} L
   * @param {number} oversampling
   * @param {Float32Array} alm */
  activate(L, oversampling, alm) {
    const rings = samplingBandLimit(L, oversampling);
    const transform = this.cache.transform(L, rings);
    const samples = this.cache.samples(rings);
    transform.inverse(alm, samples);
    POINTWISE.relu(samples);
    transform.forward(samples, alm);
  }

  /** The means of the channels, then degree by degree the logarithms of their power.
   * @param {Float32Array[]} signal
   * @returns {Float64Array} */
  invariants(signal) {
    const L = this.energies.length;
    const found = new Float64Array(L * signal.length);
    signal.forEach((alm, channel) => {
      energyPerDegree(alm, this.energies);
      found[channel] = alm[0];
      for (let l = 1; l < L; l++) {
        found[l * signal.length + channel] = Math.log1p(this.energies[l] / (2 * l + 1));
      }
    });
    return found;
  }
}

/** A dense layer.
 * @param {Float64Array} input
 * @param {Float32Array} weight
 * @param {Float32Array} bias
 * @returns {Float64Array} */
function dense(input, weight, bias) {
  return Float64Array.from(bias, (start, o) => {
    let sum = start;
    for (let i = 0; i < input.length; i++) sum += weight[o * input.length + i] * input[i];
    return sum;
  });
}

/** Shares of the classes.
 * @param {Float64Array} logits
 * @returns {number[]} */
export function softmax(logits) {
  const most = Math.max(...logits);
  const parts = Array.from(logits, (z) => Math.exp(z - most));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}
