// What the explorer shows, as an equation with its numbers.

import { finePercent, number } from "../_page/dom.js";
import { formula } from "../_page/formula.js";

/**
 * @param {import("../_page/explorer.js").ExplorerView} view
 * @returns {(Node | string)[]}
 */
export function equation({ controls, root: { dataset } }) {
  const kept = 'C_{ℓ} (f) = C_{ℓ} ("original"),  ';
  const loss = 'c = "mean"_{p} (⟨S[p] f⟩ / ⟨S[p] "original"⟩ − 1)^{2}';
  const down = controls.match.value === "spectrum" ? "" : " → 0";
  return [formula(`${kept}${loss}${down},  √c = `), number(finePercent(Number(dataset.error)))];
}
