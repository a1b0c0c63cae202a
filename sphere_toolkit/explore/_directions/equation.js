// What the explorer shows, as an equation with its numbers.

import { percent } from "../_page/dom.js";

/** @type {Equation} */
export function equation({ controls, root: { dataset } }) {
  const [j, N] = [controls.scale.value, controls.N.value];
  const sum = `W_{${j}}(x, γ) = Σ_{|n| < ${N}} d_{n} W_{${j},n}(x) e^{−inγ},  γ = ${dataset.gamma}°,  `;
  const share = `‖W_{${j}}(·, γ)‖^{2} / "mean over" γ = `;
  return [sum + share, percent(Number(dataset.found))];
}
