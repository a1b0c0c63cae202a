// What the explorer shows, as an equation with its numbers.

import { number, percent } from "../_page/dom.js";
import { formula } from "../_page/formula.js";

/**
 * @param {import("../_page/explorer.js").ExplorerView} view
 * @returns {(Node | string)[]}
 */
export function equation({ controls, root: { dataset } }) {
  const j = controls.scale.value;
  const [shape, seen] = j === null ? ["Φ", "W_{Φ}"] : [`Ψ_{${j}}`, `W_{${j}}`];
  const share = `${seen} = f ⋆ ${shape},  ‖${seen}‖^{2} / ‖f‖^{2} = `;
  return [formula(share), number(percent(Number(dataset.share)))];
}
