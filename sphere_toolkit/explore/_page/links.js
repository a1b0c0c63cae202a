// Linked highlights: what belongs together lights up together.
//
// An element's `data-link` names what it belongs to, and the same name lights all that have it; where
// an element lights something else, `data-lights` says what. Both may hold several names.

import { readables } from "./reading.js";

/** Follows pointer and focus. */
export class Links {
  /** @param {ExplorerView} view */
  constructor(view) {
    this.view = view;
    /** What lights up, by the pointer or the focus, and by what is read. */
    this.touched = "";
    this.read = "";
    this.shown = "";
  }

  start() {
    const { body } = this.view;
    const touch = (/** @type {Event} */ { target }) => {
      this.touched = namesOf(/** @type {Element} */ (target), body);
      this.show();
    };
    for (const type of ["pointerover", "focusin"]) body.addEventListener(type, touch);
    for (const type of ["pointerleave", "focusout"]) {
      body.addEventListener(type, () => {
        this.touched = "";
        this.show();
      });
    }
  }

  /**
   * What belongs to a value that is read.
   * @param {string[] | null} names
   */
  light(names) {
    this.read = names?.join(" ") ?? "";
    this.show();
  }

  show() {
    const { root, body } = this.view;
    // What is read says more precisely what is meant.
    const shown = this.read || this.touched;
    if (shown === this.shown) return;
    this.shown = shown;
    const names = shown.split(" ").filter(Boolean);
    for (const one of body.querySelectorAll("[data-link]")) {
      const own = one.getAttribute("data-link")?.split(" ") ?? [];
      one.classList.toggle("st-lit", own.some((name) => names.includes(name)));
    }
    root.classList.toggle("st-linked", body.querySelector(".st-chart .st-lit") !== null);
    for (const bar of body.querySelectorAll(".st-share-bar")) {
      bar.classList.toggle("st-linked", bar.querySelector(".st-lit") !== null);
    }
    for (const chart of body.querySelectorAll(".st-chart")) readables.get(chart)?.light?.(names);
  }
}

/**
 * What an element belongs to: by itself, or by the next thing around it that belongs to anything.
 * @param {Element} element
 * @param {Element} body
 * @returns {string}
 */
function namesOf(element, body) {
  const at = element.closest("[data-lights], [data-link]");
  if (!at || !body.contains(at)) return "";
  return at.getAttribute("data-lights") ?? at.getAttribute("data-link") ?? "";
}
