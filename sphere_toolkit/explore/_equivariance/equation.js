// What the explorer shows, as an equation with its numbers.

import { errorText, number } from "../_page/dom.js";
import { formula } from "../_page/formula.js";

/**
 * @param {import("../_page/explorer.js").ExplorerView} view
 * @returns {(Node | string)[]}
 */
export function equation({ controls, root: { dataset } }) {
  const [alpha, beta, gamma] = controls.angles.value.map(Math.round);
  const rotation = `R = R_{z}(${alpha}°) R_{y}(${beta}°) R_{z}(${gamma}°)`;
  const operator = `S[${controls.path.value.join(", ")}]`;
  const error = `‖${operator} R f − R ${operator} f‖ / ‖${operator} f‖ = `;
  return [formula(`${rotation},  ${error}`), number(errorText(Number(dataset.error)))];
}
