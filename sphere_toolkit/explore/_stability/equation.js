// What the explorer shows, as an equation with its numbers.

import { number, percent } from "../_page/dom.js";
import { formula } from "../_page/formula.js";

/**
 * @param {import("../_page/explorer.js").ExplorerView} view
 * @returns {(Node | string)[]}
 */
export function equation({ root: { dataset } }) {
  const size = (Number(dataset.size) * 180) / Math.PI;
  const shift = `f_{τ}(x) = f(τ(x)), "at most" ${size.toFixed(1)}° "from" x`;
  return [formula(`${shift},  ‖S f_{τ} − S f‖ / ‖S f‖ = `), number(percent(Number(dataset.scatteringDistance)))];
}
