// What the explorer shows, as an equation with its numbers.

import { number, percent } from "../_page/dom.js";
import { formula } from "../_page/formula.js";

/**
 * @param {import("../_page/explorer.js").ExplorerView} view
 * @returns {(Node | string)[]}
 */
export function equation({ controls, root: { dataset } }) {
  const [j, N] = [controls.scale.value, controls.N.value];
  const sum = `W_{${j}}(x, γ) = Σ_{|n| < ${N}} d_{n} W_{${j},n}(x) e^{−inγ},  γ = ${dataset.gamma}°,  `;
  const share = `‖W_{${j}}(·, γ)‖^{2} / "mean over" γ = `;
  return [formula(sum + share), number(percent(Number(dataset.found)))];
}
