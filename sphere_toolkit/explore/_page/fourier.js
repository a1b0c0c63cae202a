// Fourier transforms along the rings of a grid.

/**
 * A complex Fourier transform of fixed length, in place on `re` and `im`.
 * Its input is written in bit-reversed places: element k belongs at index `reversed[k]`.
 */
export class Fourier {
  /** @param {number} n length, a power of two */
  constructor(n) {
    if (n < 2 || (n & (n - 1)) !== 0) throw new Error(`length ${n} is not a power of two`);
    this.n = n;
    this.re = new Float64Array(n);
    this.im = new Float64Array(n);
    this.cos = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n));
    this.sin = Float64Array.from({ length: n / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / n));
    this.reversed = new Uint32Array(n);
    for (let k = 1; k < n; k++) {
      this.reversed[k] = (this.reversed[k >> 1] >> 1) | (k & 1 ? n >> 1 : 0);
    }
  }

  /**
   * X_k = sum_j x_j exp(sign * 2 pi i j k / n), unnormalised; the result is in natural order.
   * @param {number} sign +1 (from a spectrum to samples) or -1 (from samples to a spectrum)
   */
  run(sign) {
    const { n, re, im, cos, sin } = this;
    let half = 1;
    if (Math.round(Math.log2(n)) % 2 === 1) {
      this.addNeighbours();
      half = 2;
    }
    // Two halvings in one pass over the data: four blocks of length `half` become one.
    for (; half < n; half *= 4) {
      const stride = n / (4 * half);
      for (let j = 0; j < half; j++) {
        const c1 = cos[2 * j * stride];
        const s1 = sign * sin[2 * j * stride];
        const c2 = cos[j * stride];
        const s2 = sign * sin[j * stride];
        for (let p = j; p < n; p += 4 * half) {
          const q = p + half;
          const r = q + half;
          const t = r + half;
          const qr = re[q] * c1 - im[q] * s1;
          const qi = re[q] * s1 + im[q] * c1;
          const tr = re[t] * c1 - im[t] * s1;
          const ti = re[t] * s1 + im[t] * c1;
          const er = re[r] + tr;
          const ei = im[r] + ti;
          const or = re[r] - tr;
          const oi = im[r] - ti;
          const gr = er * c2 - ei * s2;
          const gi = er * s2 + ei * c2;
          const hr = -sign * (or * s2 + oi * c2); // a quarter turn further than the pair above
          const hi = sign * (or * c2 - oi * s2);
          const ar = re[p] + qr;
          const ai = im[p] + qi;
          const br = re[p] - qr;
          const bi = im[p] - qi;
          re[p] = ar + gr;
          im[p] = ai + gi;
          re[r] = ar - gr;
          im[r] = ai - gi;
          re[q] = br + hr;
          im[q] = bi + hi;
          re[t] = br - hr;
          im[t] = bi - hi;
        }
      }
    }
  }

  /** The first halving, of which an odd number of them leaves one over. */
  addNeighbours() {
    const { n, re, im } = this;
    for (let i = 0; i < n; i += 2) {
      const xr = re[i + 1];
      const xi = im[i + 1];
      re[i + 1] = re[i] - xr;
      im[i + 1] = im[i] - xi;
      re[i] += xr;
      im[i] += xi;
    }
  }
}
