// What the explorer shows, as an equation with its numbers.

import { percent } from "../_page/dom.js";

/** @type {Equation} */
export function equation({ controls, model, root: { dataset } }) {
  const j = controls.scale.value;
  const [first] = model.get("bands")[model.get("scales").indexOf(j)];
  const after = {
    modulus: `|W_{${j}}|`, square: `W_{${j}}^{2}`, relu: `"max"(W_{${j}}, 0)`, envelope: "U_{1}",
  }[/** @type {"modulus"} */ (dataset.nonlinearity)];
  const share = `V = ${after},  Σ_{ℓ < ${first}} Σ_{m} |V_{ℓm}|^{2} / ‖V‖^{2} = `;
  return [share, percent(Number(dataset.after))];
}
