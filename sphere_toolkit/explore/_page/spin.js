// Spin-n signals from coefficients, on the grids of sht.js.
//
// The spin-n signal of coefficients a_lm is W_n = -sum_lm a_lm nY_lm, without the sign for n = 0: a
// complex number at each point, which a turn of the local axes multiplies by a phase. Its real and
// imaginary parts are the components that ducc0 and `st.inverse(spin=)` give for E = a, B = 0; those
// of B are i times as much. As functions of colatitude the harmonics nY_lm are Wigner's
// d^l_{m, -n}. In place of m < 0 stand the sum and the difference of d^l_{m, -n} and d^l_{m, n}:
// each is even or odd about the equator, as a Legendre function is.

import { coefficientLength, orderOffset } from "./coefficients.js";
import { gaussLegendre, SphericalHarmonics } from "./sht.js";

/** Synthesis of spin-n signals of band-limit L on one Gauss-Legendre grid. */
export class SpinHarmonics {
  /**
   * @param {number} L exclusive band-limit
   * @param {number} rings as SphericalHarmonics takes them
   * @param {number} longitudes
   * @param {number} spin at least 1
   */
  constructor(L, rings, longitudes, spin) {
    const nodes = gaussLegendre(rings);
    const mirrored = spin % 2 ? -1 : 1;
    const [sum, difference] = spinTables(L, nodes.x.subarray(0, rings / 2), spin);
    this.real = new SphericalHarmonics(L, rings, longitudes, nodes, sum, mirrored);
    this.imaginary = new SphericalHarmonics(L, rings, longitudes, nodes, difference, -mirrored);
    this.turned = new Float32Array(coefficientLength(L));
  }

  /**
   * Samples of both components; degrees below the spin have none.
   * @param {Float32Array} alm L (L + 1) numbers
   * @param {Float32Array} real rings * longitudes, overwritten
   * @param {Float32Array} imaginary likewise
   * @param {number} [lower] degrees below it are taken to be zero
   * @param {number} [upper] so are degrees from here on
   */
  inverse(alm, real, imaginary, lower, upper) {
    const { turned } = this;
    for (let q = 0; q < turned.length; q += 2) { // -i times as much
      turned[q] = alm[q + 1];
      turned[q + 1] = -alm[q];
    }
    this.real.inverse(alm, real, lower, upper);
    this.imaginary.inverse(turned, imaginary, lower, upper);
  }
}

/**
 * Sum and difference of the harmonics of spin n and orders m and -m, halved, as functions of
 * colatitude, in the places that `legendreTable` gives them.
 *
 * With k^2 = (2 l + 1) / (4 pi): -(k / 2) ((-1)^n d^l_{m, -n} +- d^l_{m, n}). Their recurrence begins
 * at degree max(m, n) and goes up, the direction in which it is stable.
 * @param {number} L
 * @param {Float64Array} cosTheta
 * @param {number} n spin
 * @returns {[Float32Array, Float32Array]}
 */
function spinTables(L, cosTheta, n) {
  const rings = cosTheta.length;
  const sum = new Float32Array(orderOffset(L, L) * rings);
  const difference = new Float32Array(sum.length);
  const step = new Float64Array(L + 1); // x D_(l-1) = step_l D_l + shift_l D_(l-1) + step_(l-1) D_(l-2)
  const shift = new Float64Array(L + 1);
  for (let m = 0; m < L; m++) {
    const first = Math.max(m, n);
    step[first] = 0;
    for (let l = first + 1; l <= L; l++) {
      step[l] = Math.sqrt(((l * l - m * m) * (l * l - n * n)) / (4 * l * l - 1)) / l;
      shift[l] = (m * n) / (l * (l - 1));
    }
    const size = Math.sqrt(((2 * first + 1) / (4 * Math.PI)) * binomial(2 * first, m + n)) / 2;
    const unequal = Math.abs(m - n);
    const [signP, signQ] = [m > n ? unequal : 0, m].map((power) => (power % 2 ? size : -size));
    for (let i = 0; i < rings; i++) {
      const x = cosTheta[i];
      const cos = Math.sqrt((1 + x) / 2); // of half the colatitude
      const sin = Math.sqrt((1 - x) / 2);
      const at = orderOffset(L, m) * rings + i * (L - m) - m;
      let p0 = 0;
      let q0 = 0;
      let p1 = signP * cos ** (m + n) * sin ** unequal; // d^l_{m, n}
      let q1 = signQ * cos ** unequal * sin ** (m + n); // d^l_{m, -n}
      for (let l = first; l < L; l++) {
        sum[at + l] = q1 + p1;
        difference[at + l] = q1 - p1;
        const p2 = ((x - shift[l + 1]) * p1 - step[l] * p0) / step[l + 1];
        const q2 = ((x + shift[l + 1]) * q1 - step[l] * q0) / step[l + 1];
        p0 = p1;
        q0 = q1;
        p1 = p2;
        q1 = q2;
      }
    }
  }
  return [sum, difference];
}

/**
 * @param {number} n
 * @param {number} k
 * @returns {number}
 */
function binomial(n, k) {
  let result = 1;
  for (let i = 1; i <= k; i++) result *= (n - k + i) / i;
  return result;
}
