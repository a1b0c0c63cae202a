// What the explorer shows, as an equation with its numbers.

import { finePercent, number } from "../_page/dom.js";
import { formula } from "../_page/formula.js";

/**
 * @param {import("../_page/explorer.js").ExplorerView} view
 * @returns {(Node | string)[]}
 */
export function equation({ root: { dataset } }) {
  const error = 'r_{p} = ⟨U[p] f⟩ / ⟨U[p] "original"⟩,  c = ⟨(r_{p} − 1)^{2}⟩_{p},  √c = ';
  return [formula(error), number(finePercent(Number(dataset.error)))];
}
