// What the explorer shows, as an equation with its numbers.

import { errorText } from "../_page/dom.js";

/** @type {Equation} */
export function equation({ controls, root: { dataset } }) {
  const [alpha, beta, gamma] = controls.angles.value.map(Math.round);
  const rotation = `R = R_{z}(${alpha}°) R_{y}(${beta}°) R_{z}(${gamma}°)`;
  const operator = `S[${controls.path.value.join(", ")}]`;
  const error = `‖${operator} R f − R ${operator} f‖ / ‖${operator} f‖ = `;
  return [`${rotation},  ${error}`, errorText(Number(dataset.error))];
}
