// Coefficients of real signals: where they lie, their energy, windows on their degrees.
//
// As on the Python side (healpy's order): orders m = 0 .. L-1 one after another, and within an order
// the degrees l = m .. L-1. Real and imaginary parts alternate, so a signal of band-limit L is a
// Float32Array of L (L + 1) numbers.

/** Number of real numbers (two per coefficient) that describe a signal of band-limit L. */
export function coefficientLength(L) {
  return L * (L + 1);
}

/**
 * Place of the coefficient of order m and degree m.
 * @param {number} L band-limit
 * @param {number} m order
 * @returns {number} index that counts complex coefficients
 */
export function orderOffset(L, m) {
  return (m * (2 * L + 1 - m)) / 2;
}

/**
 * Energy per degree, e_l = sum over m = -l .. l of |a_lm|^2 = (2 l + 1) C_l.
 * @param {Float32Array} alm L (L + 1) numbers
 * @param {Float64Array} energies one number per degree, overwritten; its length is the band-limit L
 */
export function energyPerDegree(alm, energies) {
  const L = energies.length;
  energies.fill(0);
  for (let m = 0, q = 0; m < L; m++) {
    const both = m === 0 ? 1 : 2; // orders m and -m carry the same energy
    for (let l = m; l < L; l++, q += 2) {
      energies[l] += both * (alm[q] * alm[q] + alm[q + 1] * alm[q + 1]);
    }
  }
}

/**
 * Energy of a signal.
 * @param {Float32Array} alm L (L + 1) numbers, or more: the rest is left out
 * @param {number} L band-limit
 * @returns {number}
 */
export function totalEnergy(alm, L) {
  const energies = new Float64Array(L);
  energyPerDegree(alm, energies);
  return energies.reduce((sum, e) => sum + e, 0);
}

/**
 * Multiplies by a window and changes the band-limit.
 * @param {Float32Array} alm L (L + 1) numbers
 * @param {number} L
 * @param {Float32Array | Float64Array} window factor per degree, at least L_out of them
 * @param {Float32Array} out L_out (L_out + 1) numbers, overwritten
 * @param {number} [Lout] at most L
 */
export function windowInto(alm, L, window, out, Lout = L) {
  for (let m = 0, p = 0; m < Lout; m++) {
    let q = 2 * orderOffset(L, m);
    for (let l = m; l < Lout; l++, p += 2, q += 2) {
      out[p] = alm[q] * window[l];
      out[p + 1] = alm[q + 1] * window[l];
    }
  }
}
