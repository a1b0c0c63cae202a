// What the explorer shows, as an equation with its numbers.

import { number, percent, short } from "../_page/dom.js";
import { formula } from "../_page/formula.js";

/**
 * @param {import("../_page/explorer.js").ExplorerView} view
 * @returns {(Node | string)[]}
 */
export function equation({ controls, root: { dataset } }) {
  const { mode, band_limit: { value: B }, degree, order } = controls;
  if (mode.value === "signal") {
    const sum = `f_{${B}} = Σ_{ℓ < ${B}} Σ_{|m| ≤ ℓ} a_{ℓm} Y_{ℓm},  ‖f_{${B}}‖^{2} / ‖f‖^{2} = `;
    return [formula(sum), number(percent(Number(dataset.kept)))];
  }
  const index = `_{${degree.value}, ${order.value}}`;
  return [formula(`a${index} = ⟨f, Y${index}⟩ = `), number(short(Number(dataset.coefficient)))];
}
