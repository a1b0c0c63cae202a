// What the explorer shows, as an equation with its numbers.

import { fineShare } from "./tree.js";

/** @type {Equation} */
export function equation({ controls, body }) {
  /** @type {number[]} */
  const path = controls.path.value;
  const hats = { modulus: ["|", "|"], envelope: ["U(", ")"], rms: ["\"RMS\"(", ")"] };
  const [open, close] = hats[/** @type {"modulus"} */ (controls.nonlinearity.value)];
  const arrives = path.reduce((inner, j) => `${open}${inner} ⋆ Ψ_{${j}}${close}`, "f");
  const average = `S[${path.join(", ")}] f`;
  const { kept } = /** @type {HTMLElement} */ (body.querySelector(".st-budget")).dataset;
  return [`${average} = ${arrives} ⋆ Φ,  ‖${average}‖^{2} / ‖f‖^{2} = `, fineShare(Number(kept))];
}
