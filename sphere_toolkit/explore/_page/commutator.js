// Rotate, then do something, or do it first and then rotate: how far apart do the two end?

import { Rotator } from "./rotation.js";
import { coefficientLength, totalEnergy } from "./coefficients.js";

/** Less energy than this, of a signal of unit energy, counts as none. */
const NOTHING = 1e-20;

/** @typedef {(alm: Float32Array, out: Float32Array) => void} Operator from coefficients to others */

/** Both orders of rotation and an operator. */
export class Commutator {
  /**
   * @param {number} L band-limit of the signal
   * @param {number} Lout band-limit of what the operator gives
   */
  constructor(L, Lout) {
    this.Lout = Lout;
    this.rotators = [new Rotator(L), new Rotator(Lout)];
    this.rotated = new Float32Array(coefficientLength(L));
    /** Coefficients of: the result; rotated, then done; done, then rotated; their difference. */
    this.outputs = [0, 1, 2, 3].map(() => new Float32Array(coefficientLength(Lout)));
    this.error = 0;
    this.size = 0;
  }

  /**
   * Does it to the signal itself, whatever the rotation.
   * @param {Float32Array} alm
   * @param {Operator} operator
   */
  prepare(alm, operator) {
    operator(alm, this.outputs[0]);
    this.size = totalEnergy(this.outputs[0], this.Lout);
  }

  /**
   * Rotates by Euler angles, radians, in both orders; the error is NaN where nothing is left.
   * @param {Float32Array} alm
   * @param {[number, number, number]} turn
   * @param {Operator} operator
   */
  rotate(alm, turn, operator) {
    const [result, first, second, difference] = this.outputs;
    this.rotators[0].rotate(alm, ...turn, this.rotated);
    operator(this.rotated, first);
    this.rotators[1].rotate(result, ...turn, second);
    for (let q = 0; q < difference.length; q++) difference[q] = first[q] - second[q];
    const apart = totalEnergy(difference, this.Lout);
    this.error = this.size > NOTHING ? Math.sqrt(apart / this.size) : NaN;
  }
}
