// What the explorer shows, as an equation with its numbers.

import { percent } from "../_page/dom.js";

/** @type {Equation} */
export function equation({ controls, root: { dataset } }) {
  const j = controls.scale.value;
  const [shape, seen] = j === null ? ["Φ", "W_{Φ}"] : [`Ψ_{${j}}`, `W_{${j}}`];
  const share = `${seen} = f ⋆ ${shape},  ‖${seen}‖^{2} / ‖f‖^{2} = `;
  return [share, percent(Number(dataset.share))];
}
