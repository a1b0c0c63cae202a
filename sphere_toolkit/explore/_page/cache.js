// Grids that sample a nonlinearity, and transforms between them and coefficients, made once.

import { coefficientLength } from "./coefficients.js";
import { SphericalHarmonics } from "./sht.js";
import { SpinHarmonics } from "./spin.js";

/** Fewest rings of a grid. */
const MIN_RINGS = 8;

/**
 * Rings of the grid that samples a nonlinearity, a power of two.
 * @param {number} bandLimit of the wavelet coefficients
 * @param {number} oversampling
 * @returns {number}
 */
export function samplingBandLimit(bandLimit, oversampling) {
  return Math.max(MIN_RINGS, 2 ** Math.ceil(Math.log2(oversampling * bandLimit) - 1e-9));
}

/** Transforms by band-limit and grid, and arrays to work in; made when first asked. */
export class TransformCache {
  constructor() {
    /** @type {Map<string, any>} */
    this.made = new Map();
  }

  /**
   * @template T
   * @param {string} key
   * @param {() => T} make
   * @returns {T}
   */
  known(key, make) {
    if (!this.made.has(key)) this.made.set(key, make());
    return this.made.get(key);
  }

  /**
   * The transform of band-limit L on a grid of G rings.
   * @param {number} L
   * @param {number} G
   * @param {number} [longitudes]
   */
  transform(L, G, longitudes = 2 * G) {
    const make = () => new SphericalHarmonics(L, G, longitudes);
    return this.known(`transform ${L} ${G} ${longitudes}`, make);
  }

  /**
   * The same for signals of a spin above 0.
   * @param {number} L
   * @param {number} G
   * @param {number} spin
   */
  spin(L, G, spin) {
    return this.known(`spin ${L} ${G} ${spin}`, () => new SpinHarmonics(L, G, 2 * G, spin));
  }

  /**
   * Samples on a grid of G rings, shared by all who ask for this name.
   * @param {number} G
   * @param {string} [name]
   */
  samples(G, name = "") {
    return this.known(`samples ${G} ${name}`, () => new Float32Array(2 * G * G));
  }

  /**
   * Room for coefficients of band-limit L, shared by all who ask.
   * @param {number} L
   */
  coefficients(L) {
    return this.known(`coefficients ${L}`, () => new Float32Array(coefficientLength(L)));
  }
}
