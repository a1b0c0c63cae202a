// Rotation of real signals through their coefficients, by any rotation.
//
// A turn about the axis z multiplies the coefficients of order m by exp(-i m angle). A turn by
// beta about y is a turn by beta about z between two quarter turns, whose matrices
// Delta^l = d^l(pi/2) are tables; see Trapani & Navaza 2006. A real signal needs the orders m >= 0
// only, and then half of Delta meets the real parts and the other half the imaginary parts.

import { orderOffset } from "./coefficients.js";

export const DEGREE = Math.PI / 180;

/**
 * Angles of the model in radians.
 * @param {number[]} angles degrees
 * @returns {[number, number, number]}
 */
export function inRadians(angles) {
  return /** @type {[number, number, number]} */ (angles.map((angle) => angle * DEGREE));
}

/** Rotates signals of one band-limit. Nothing is allocated after construction. */
export class Rotator {
  /** @param {number} L exclusive band-limit */
  constructor(L) {
    this.L = L;
    this.table = quarterTurns(L);
    this.phases = [0, 1, 2].map(() => ({ cos: new Float64Array(L), sin: new Float64Array(L) }));
    this.re = [new Float64Array(L), new Float64Array(L)];
    this.im = [new Float64Array(L), new Float64Array(L)];
  }

  /**
   * (R f)(x) = f(R^-1 x) with R = Rz(alpha) Ry(beta) Rz(gamma), as `st.rotate` with
   * `Rotation.from_euler("ZYZ", [alpha, beta, gamma])`.
   * @param {Float32Array} alm L (L + 1) numbers
   * @param {number} alpha radians
   * @param {number} beta radians
   * @param {number} gamma radians
   * @param {Float32Array} out L (L + 1) numbers, overwritten; may be `alm`
   */
  rotate(alm, alpha, beta, gamma, out) {
    const { L, phases } = this;
    // Ry(beta) = Rz(-pi/2) Ry(-pi/2) Rz(beta) Ry(pi/2) Rz(pi/2)
    setPhases(phases[0], gamma + Math.PI / 2);
    setPhases(phases[1], beta);
    setPhases(phases[2], alpha - Math.PI / 2);
    const [re, turnedRe] = this.re;
    const [im, turnedIm] = this.im;
    for (let l = 0, start = 0; l < L; start += (l + 1) ** 2, l++) {
      for (let m = 0; m <= l; m++) {
        const q = 2 * (orderOffset(L, m) + l - m);
        re[m] = alm[q];
        im[m] = alm[q + 1];
      }
      turnAboutZ(l, re, im, phases[0]);
      this.quarterTurn(l, start, re, im, turnedRe, turnedIm, 1, 1);
      turnAboutZ(l, turnedRe, turnedIm, phases[1]);
      // The turn back is the transpose: Delta_nm = (-1)^(m - n) Delta_mn.
      const sign = l % 2 === 0 ? 1 : -1;
      this.quarterTurn(l, start, turnedRe, turnedIm, re, im, sign, -sign);
      turnAboutZ(l, re, im, phases[2]);
      for (let m = 0; m <= l; m++) {
        const q = 2 * (orderOffset(L, m) + l - m);
        out[q] = re[m];
        out[q + 1] = im[m];
      }
    }
  }

  /** Delta^l applied to one degree of a real signal, its real and imaginary parts times signs. */
  quarterTurn(l, start, re, im, outRe, outIm, signRe, signIm) {
    const { table } = this;
    for (let m = 0; m <= l; m++) {
      const row = start + m * (l + 1);
      let r = 0;
      let i = 0;
      // The parity of l + m + n decides which part an order n adds to, together with -n.
      for (let n = (l + m) & 1; n <= l; n += 2) r += table[row + n] * re[n];
      for (let n = (l + m + 1) & 1; n <= l; n += 2) i += table[row + n] * im[n];
      outRe[m] = signRe * r;
      outIm[m] = signIm * i;
    }
    outIm[0] = 0;
  }
}

/** exp(-i m angle) for every order. */
function setPhases({ cos, sin }, angle) {
  for (let m = 0; m < cos.length; m++) {
    cos[m] = Math.cos(m * angle);
    sin[m] = -Math.sin(m * angle);
  }
}

function turnAboutZ(l, re, im, { cos, sin }) {
  for (let m = 0; m <= l; m++) {
    const r = re[m] * cos[m] - im[m] * sin[m];
    im[m] = re[m] * sin[m] + im[m] * cos[m];
    re[m] = r;
  }
}

/**
 * Delta^l_mn = d^l_mn(pi/2) for m, n >= 0, twice that for n > 0, degree after degree, row after
 * row: (l + 1)^2 numbers each. From n = l downwards, where the recursion is stable.
 */
function quarterTurns(L) {
  const table = new Float32Array((L * (L + 1) * (2 * L + 1)) / 6);
  const ladder = new Float64Array(L + 1);
  for (let l = 0, start = 0; l < L; start += (l + 1) ** 2, l++) {
    for (let n = 0; n <= l; n++) ladder[n] = Math.sqrt((l - n) * (l + n + 1));
    let seed = 2 ** -l; // Delta_ll
    for (let m = l; m >= 0; m--) {
      const row = start + m * (l + 1);
      let above = 0;
      let here = seed;
      for (let n = l; n >= 0; n--) {
        table[row + n] = n > 0 ? 2 * here : here;
        const below = n > 0 ? -(2 * m * here + ladder[n] * above) / ladder[n - 1] : 0;
        above = here;
        here = below;
      }
      seed *= Math.sqrt((l + m) / (l - m + 1));
    }
  }
  return table;
}

/** A rotation as a matrix, row by row: Rz(alpha) Ry(beta) Rz(gamma), radians. */
export function matrixFromEuler(alpha, beta, gamma) {
  const [ca, sa] = [Math.cos(alpha), Math.sin(alpha)];
  const [cb, sb] = [Math.cos(beta), Math.sin(beta)];
  const [cg, sg] = [Math.cos(gamma), Math.sin(gamma)];
  return [
    ca * cb * cg - sa * sg, -ca * cb * sg - sa * cg, ca * sb,
    sa * cb * cg + ca * sg, -sa * cb * sg + ca * cg, sa * sb,
    -sb * cg, sb * sg, cb,
  ];
}

/** Angles alpha, beta, gamma of a matrix; where only alpha +- gamma counts, gamma is 0. */
export function eulerFromMatrix(r) {
  const beta = Math.atan2(Math.hypot(r[2], r[5]), r[8]);
  if (Math.hypot(r[2], r[5]) < 1e-9) return [Math.atan2(r[3], r[4]), beta, 0];
  return [Math.atan2(r[5], r[2]), beta, Math.atan2(r[7], -r[6])];
}

/** Matrix of a turn about a unit vector. */
export function matrixFromAxis([x, y, z], angle) {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const d = 1 - c;
  return [
    c + d * x * x, d * x * y - s * z, d * x * z + s * y,
    d * y * x + s * z, c + d * y * y, d * y * z - s * x,
    d * z * x - s * y, d * z * y + s * x, c + d * z * z,
  ];
}

/** The product of two matrices: first b, then a. */
export function multiply(a, b) {
  return Array.from({ length: 9 }, (_, k) => {
    const [i, j] = [3 * Math.floor(k / 3), k % 3];
    return a[i] * b[j] + a[i + 1] * b[j + 3] + a[i + 2] * b[j + 6];
  });
}
