// Fourier transforms of any length, for rings whose number of samples is no power of two.

import { Fourier } from "./fourier.js";

/** Transforms of powers of two, by their length: rings of many lengths need the same few.
 * @type {Map<number, Fourier>} */
const known = new Map();

/** @param {number} size @returns {Fourier} */
function fourierOf(size) {
  const fourier = known.get(size) ?? new Fourier(size);
  known.set(size, fourier);
  return fourier;
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
    this.fourier = fourierOf(size);
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
    this.before = [new Float64Array(n), new Float64Array(n)];
    this.after = [new Float64Array(count), new Float64Array(count)];
    re.fill(0);
    im.fill(0);
    for (let k = 0; k < n; k++) {
      const [chirp, whole] = [angle(k), angle(k) + turn(k)];
      const [cos, sin] = [Math.cos(chirp), Math.sin(chirp)];
      this.before[0][k] = Math.cos(whole);
      this.before[1][k] = Math.sin(whole);
      re[reversed[k && size - k]] = cos;
      im[reversed[k && size - k]] = -sin;
      if (k >= count) continue;
      re[reversed[k]] = cos;
      im[reversed[k]] = -sin;
      this.after[0][k] = cos;
      this.after[1][k] = sin;
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
