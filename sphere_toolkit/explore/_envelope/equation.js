// What the explorer shows, as an equation with its numbers.

import { finePercent } from "../_page/dom.js";

/** @type {Equation} */
export function equation({ controls, root: { dataset } }) {
  const [j, N] = [controls.scale.value, controls.order.value];
  const terms = Array.from({ length: N + 1 }, (_, n) => {
    const weight = ((n ? 2 : 1) * binomial(2 * N, N + n)) / 4 ** N;
    return `${N ? Number(weight.toPrecision(3)) : ""} |W_{${j}${n ? `,${n}` : ""}}|^{2}`;
  });
  const sum = `U_{${N}}^{2} = ${terms.join(" + ")},  "energy above the band:" `;
  return [sum, finePercent(Number(dataset.above))];
}

/**
 * @param {number} n
 * @param {number} k
 * @returns {number}
 */
function binomial(n, k) {
  return k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k;
}
