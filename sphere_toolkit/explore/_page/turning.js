// Turning a signal: by dragging a globe, by arrow keys, by three sliders for its Euler angles.

import { onDrag } from "./drag.js";
import { DEGREE, eulerFromMatrix, inRadians, matrixFromAxis, matrixFromEuler, multiply } from "./rotation.js";

/** An arrow key turns by this angle, radians. */
const KEY_TURN = 5 * DEGREE;

/**
 * Lets a reader turn the signal with the pointer or the arrow keys, on any globe.
 * @param {ExplorerView} view its control "angles" is set
 * @param {SphereFigure[]} figures
 */
export function turnByDragging(view, figures) {
  const { angles } = view.controls;
  // The rotation while it is dragged: the angles in the model are rounded.
  let exact = { matrix: /** @type {number[]} */ ([]), angles: null };
  /** @param {number[]} turn */
  const turned = (turn) => {
    const known = exact.angles === angles.value;
    const matrix = multiply(turn, known ? exact.matrix : matrixFromEuler(...inRadians(angles.value)));
    const rounded = eulerFromMatrix(matrix).map((angle) => Math.round(angle / DEGREE) || 0);
    exact = { matrix, angles: /** @type {any} */ (rounded) };
    angles.choose(rounded);
  };
  for (const { element, sphere } of figures) {
    onDrag(element, {
      dragged: (right, up) => turned(turnOfGlobe(sphere.projection, right, up)),
      stepped: (right, up) => turned(turnOfGlobe(sphere.projection, right * KEY_TURN, up * KEY_TURN)),
    });
  }
}

/**
 * The rotation that carries what is seen in the middle of a globe to the right and upwards.
 * @param {Projection} projection
 * @param {number} right radians
 * @param {number} up radians
 * @returns {number[]} matrix, in the signal's space
 */
function turnOfGlobe(projection, right, up) {
  const angle = Math.hypot(right, up);
  const [co, so] = [Math.cos(projection.longitude), Math.sin(projection.longitude)];
  const [ca, sa] = [Math.cos(projection.latitude), Math.sin(projection.latitude)];
  // To the right about the axis that points up in the picture, upwards about that to the left.
  const axis = [-sa * co * right + so * up, -sa * so * right - co * up, ca * right];
  return matrixFromAxis(/** @type {any} */ (axis.map((part) => part / (angle || 1))), angle);
}
