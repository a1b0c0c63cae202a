// How large pictures and charts are: controls and pictures are seen together, on a laptop's screen,
// on a projector, and on a phone, where the page scrolls.

import { html, sizing } from "./dom.js";

/** No picture is smaller than this part of the room it could take. */
const LEAST = 0.2;

/** Halvings of the range of sizes. */
const STEPS = 5;

/** Pixels of the window's height that are left to the page around an explorer. */
const AROUND = 40;

/** Narrower explorers have one column: their page scrolls. In pixels of 16 to the page's letter. */
const WIDE = 960;

/**
 * Parts what is chosen and told from what is shown, so that they can stand side by side.
 * @param {ExplorerView} view
 */
export function arrange(view) {
  const isTold = (/** @type {Element} */ part) => part.matches(".st-controls, .st-result, .st-told");
  const caption = view.body.querySelector(":scope > .st-caption");
  const parts = [...view.body.children];
  const side = html("div", { class: "st-side" }, ...parts.filter(isTold));
  const isShown = (/** @type {Element} */ part) => part !== caption && !isTold(part);
  const stage = html("div", { class: "st-stage" }, ...parts.filter(isShown));
  view.body.append(side, stage, ...(caption ? [caption] : []), view.foot);
}

/**
 * The height that an explorer may take.
 * @param {ExplorerView} view
 * @returns {number} pixels
 */
function room({ root }) {
  const letter = parseFloat(getComputedStyle(document.documentElement).fontSize);
  if (root.clientWidth * 16 < WIDE * letter) return Infinity;
  return root.classList.contains("st-presenting") ? root.clientHeight : innerHeight - AROUND;
}

/**
 * Makes pictures as large as there is room for.
 * @param {ExplorerView} view
 */
export function fit(view) {
  const { body } = view;
  // Pixels come when the size is known: the page stretches a picture, and heights follow its element.
  const height = (/** @type {number} */ part) => {
    resize(view, part);
    view.show();
    return body.offsetHeight;
  };
  let most = room(view);
  resize(view, 1);
  view.relayout();
  if (most === Infinity || !body.clientWidth || height(1) <= most) return;
  let [low, high] = [LEAST, 1];
  most = Math.max(most, height(low)); // where it is the words that need more
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (height(middle) <= most) low = middle;
    else high = middle;
  }
  resize(view, low);
  view.relayout();
}

/**
 * Gives pictures and charts a part of the room that they could take.
 * @param {ExplorerView} view
 * @param {number} part
 */
function resize(view, part) {
  sizing(view.root).fit = part;
  view.root.style.setProperty("--st-fit", `${part}`);
}

/**
 * Whether what is shown has outgrown its room since pictures were made to fit.
 * @param {ExplorerView} view
 * @returns {boolean}
 */
export function outgrown(view) {
  return view.body.offsetHeight > room(view) && sizing(view.root).fit > LEAST;
}
