// Where rings of samples lie, and with which weights they integrate over the sphere.

/**
 * A ring of samples.
 * @typedef {object} Ring
 * @property {number} x cosine of its colatitude
 * @property {number} weight of the quadrature over x; those of all rings add up to 2
 * @property {number} n number of samples
 * @property {number} phi0 longitude of the first one, radians
 * @property {number} start its place among all samples
 */

/**
 * Weights of Fejér's first rule: colatitudes (j + 1/2) pi / n, j < n.
 * @param {number} n
 * @returns {Float64Array} exact for polynomials in cos(theta) of degree below n
 */
export function fejer(n) {
  return cosineWeights(n, n, 0.5);
}

/**
 * Weights of the rule of Clenshaw and Curtis: colatitudes j pi / n, j <= n, both poles included.
 * @param {number} n
 * @returns {Float64Array} n + 1 weights, exact for polynomials in cos(theta) of degree up to n
 */
export function clenshawCurtis(n) {
  const weights = cosineWeights(n, n + 1, 0);
  weights[0] /= 2;
  weights[n] /= 2;
  return weights;
}

/**
 * The integral of the interpolating cosine series, sample by sample: over x, cos(2 k theta) has the
 * integral -2 / (4 k^2 - 1), and odd multiples have none.
 */
function cosineWeights(n, count, shift) {
  const weights = new Float64Array(count);
  for (let j = 0; 2 * j < count; j++) {
    const theta = ((j + shift) * Math.PI) / n;
    let sum = 1;
    for (let k = 1; 2 * k <= n; k++) {
      // With the poles, the highest cosine is sampled at its extremes: it counts half.
      const both = shift === 0 && 2 * k === n ? 1 : 2;
      sum -= (both * Math.cos(2 * k * theta)) / (4 * k * k - 1);
    }
    weights[j] = weights[count - 1 - j] = (2 / n) * sum;
  }
  return weights;
}

/**
 * Rows of a latitude-longitude array.
 * @param {number} rows from the north to the south
 * @param {number} columns
 * @param {boolean} poles whether the first and the last row are the poles
 * @param {number} phi0 longitude of the first column
 * @returns {{rings: Ring[], limit: number, exact: boolean}}
 */
export function latitudeRings(rows, columns, poles, phi0) {
  const n = poles ? rows - 1 : rows;
  const weights = poles ? clenshawCurtis(n) : fejer(n);
  const rings = Array.from(weights, (weight, j) => {
    const x = Math.cos(((j + (poles ? 0 : 0.5)) * Math.PI) / n);
    return { x, weight, n: columns, phi0, start: j * columns };
  });
  // Products of two signals of band-limit L have degrees up to 2 L - 2.
  const limit = Math.min(Math.floor(poles ? n / 2 + 1 : (n + 1) / 2), Math.floor(columns / 2));
  return { rings, limit, exact: true };
}

/**
 * Rings of a HEALPix map in RING order; see Górski et al. 2005.
 * @param {number} nside
 * @returns {{rings: Ring[], limit: number, exact: boolean}}
 */
export function healpixRings(nside) {
  const pixels = 12 * nside * nside;
  let start = 0;
  const rings = Array.from({ length: 4 * nside - 1 }, (_, k) => {
    const fromPole = Math.min(k + 1, 4 * nside - 1 - k);
    const inCap = fromPole < nside;
    const n = 4 * Math.min(fromPole, nside);
    const north = inCap ? 1 - fromPole ** 2 / (3 * nside ** 2) : 4 / 3 - (2 * fromPole) / (3 * nside);
    const shifted = inCap || (fromPole - nside) % 2 === 0;
    const x = k + 1 > 2 * nside ? -north : north;
    const ring = { x, weight: (2 * n) / pixels, n, phi0: shifted ? Math.PI / n : 0, start };
    start += n;
    return ring;
  });
  return { rings, limit: 2 * nside, exact: false };
}
