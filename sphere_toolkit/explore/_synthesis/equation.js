// What the explorer shows, as an equation with its numbers.

import { finePercent } from "../_page/dom.js";

/** @type {Equation} */
export function equation({ controls, root: { dataset } }) {
  const kept = 'C_{ℓ} (f) = C_{ℓ} ("original"),  ';
  const loss = 'c = "mean"_{p} (⟨S[p] f⟩ / ⟨S[p] "original"⟩ − 1)^{2}';
  const down = controls.match.value === "spectrum" ? "" : " → 0";
  return [`${kept}${loss}${down},  √c = `, finePercent(Number(dataset.error))];
}
