// What the explorer shows, as an equation with its numbers.

import { percent, short } from "../_page/dom.js";

/** @type {Equation} */
export function equation({ controls, root: { dataset } }) {
  const { mode, band_limit: { value: B }, degree, order } = controls;
  if (mode.value === "signal") {
    const sum = `f_{${B}} = Σ_{ℓ < ${B}} Σ_{|m| ≤ ℓ} a_{ℓm} Y_{ℓm},  ‖f_{${B}}‖^{2} / ‖f‖^{2} = `;
    return [sum, percent(Number(dataset.kept))];
  }
  const index = `_{${degree.value}, ${order.value}}`;
  return [`a${index} = ⟨f, Y${index}⟩ = `, short(Number(dataset.coefficient))];
}
