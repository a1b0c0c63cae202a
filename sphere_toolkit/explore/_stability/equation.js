// What the explorer shows, as an equation with its numbers.

import { percent } from "../_page/dom.js";

/** @type {Equation} */
export function equation({ root: { dataset } }) {
  const size = (Number(dataset.size) * 180) / Math.PI;
  const shift = `f_{τ}(x) = f(τ(x)), "at most" ${size.toFixed(1)}° "from" x`;
  return [`${shift},  ‖S f_{τ} − S f‖ / ‖S f‖ = `, percent(Number(dataset.scatteringDistance))];
}
