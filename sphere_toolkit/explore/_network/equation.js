// What the explorer shows, as an equation with its numbers.

import { errorText } from "../_page/dom.js";

/** @type {Equation} */
export function equation({ controls, root: { dataset } }) {
  const [alpha, beta, gamma] = controls.angles.value.map(Math.round);
  const errors = (dataset.errors ?? "").split(",").map(Number);
  const n = errors.length;
  const rotation = `R = R_{z}(${alpha}°) R_{y}(${beta}°) R_{z}(${gamma}°)`;
  const error = `‖F_{${n}} R f − R F_{${n}} f‖ / ‖F_{${n}} f‖ = `;
  return [`${rotation},  ${error}`, errorText(errors[n - 1])];
}
