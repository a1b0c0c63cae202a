// What the explorer shows, as an equation with its numbers.

import { percent } from "../_page/dom.js";

/** @type {Equation} */
export function equation({ controls, root, model }) {
  const harmonic = `Y_{${controls.degree.value}, ${controls.order.value}}`;
  const L = model.get("grid_band_limit");
  const sum = `A = Σ_{ℓ < ${L}} Σ_{m} ⟨${harmonic}, Y_{ℓm}⟩_{"${root.dataset.samples} samples"} Y_{ℓm}`;
  return [`${sum},  ‖A‖^{2} / ‖${harmonic}‖^{2} = `, percent(Number(root.dataset.share))];
}
