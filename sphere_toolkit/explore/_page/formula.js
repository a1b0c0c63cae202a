// Formulas in a line of the page's own letters: what a hall reads beside the picture.

import { html, math } from "./dom.js";

/** Letters, an index or a power in braces, words in quotes, and anything else as it stands. */
const PARTS = /([A-Za-zΑ-Ωα-ωℓ])|([_^])\{([^}]*)\}|"([^"]*)"|([^A-Za-zΑ-Ωα-ωℓ_^"]+)/gu;

/**
 * A formula: `W_{4} = f ⋆ Ψ_{4}`.
 * @param {string} text
 * @returns {HTMLElement}
 */
export function formula(text) {
  return math(...parts(text));
}

/**
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function parts(text) {
  return [...text.matchAll(PARTS)].map(([, letter, mark, index, words, rest]) => {
    if (letter) return letter === "Σ" ? letter : html("i", {}, letter);
    if (mark) return html(mark === "_" ? "sub" : "sup", {}, ...parts(index));
    return words ?? rest;
  });
}
