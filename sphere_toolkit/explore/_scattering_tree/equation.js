// What the explorer shows, as an equation with its numbers.

import { number } from "../_page/dom.js";
import { formula } from "../_page/formula.js";

/**
 * @param {import("../_page/explorer.js").ExplorerView} view
 * @param {(share: number) => string} words a share as text
 * @returns {(Node | string)[]}
 */
export function equation({ controls, body }, words) {
  /** @type {number[]} */
  const path = controls.path.value;
  const hats = { modulus: ["|", "|"], envelope: ["U(", ")"] };
  const [open, close] = hats[/** @type {"modulus"} */ (controls.nonlinearity.value)];
  const arrives = path.reduce((inner, j) => `${open}${inner} ⋆ Ψ_{${j}}${close}`, "f");
  const average = `S[${path.join(", ")}] f`;
  const { kept } = /** @type {HTMLElement} */ (body.querySelector(".st-budget")).dataset;
  return [formula(`${average} = ${arrives} ⋆ Φ,  ‖${average}‖^{2} / ‖f‖^{2} = `), number(words(Number(kept)))];
}
