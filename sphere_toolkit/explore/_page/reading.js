// Values under the pointer: on maps, on charts, and on what has words of its own; by arrow keys on charts.
//
// What can be read is asked only when the pointer or a key has moved, or what is under it has been
// drawn anew.

import { html } from "./dom.js";

/**
 * What there is to read at a place.
 * @typedef {object} Reading
 * @property {string[]} words the first of them large
 * @property {string} [link] see links.js
 */

/**
 * What tells its values.
 * @typedef {object} Readable
 * @property {(x: number, y: number) => Reading | null} readAt pixels from the left and the top
 * @property {(step: number) => {x: number, y: number} | null} [readNext] where the next thing to read is,
 *   counted from the last one
 * @property {() => void} [readNone] takes away what marked the place
 * @property {(keys: string[]) => void} [light] see links.js
 */

/** By their elements: maps and charts.
 * @type {WeakMap<Element, Readable>} */
export const readables = new WeakMap();

const WHERE = ".st-sphere, .st-chart, [data-reading]";

/** The pointer is this far from what it says, pixels. */
const APART = 14;

const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity };

/** Shows what is under the pointer, or what a key has chosen. */
export class Reader {
  /** @param {ExplorerView} view */
  constructor(view) {
    this.view = view;
    this.tip = html("div", { class: "st-tip", "aria-hidden": "true", hidden: "" });
    this.spoken = html("span", { class: "st-unseen", role: "status" });
    /** What is read. @type {Element | null} */
    this.at = null;
    /** Where, in pixels of the window. */
    this.place = { x: 0, y: 0 };
    this.byKey = false;
    this.frame = 0;
  }

  /** Follows the pointer and the keys. */
  start() {
    const { root, body, endings } = this.view;
    root.append(this.tip, this.spoken);
    body.addEventListener("pointermove", (event) => this.point(event));
    body.addEventListener("pointerdown", (event) => this.point(event));
    body.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.leave());
    body.addEventListener("pointercancel", () => this.leave());
    body.addEventListener("keydown", (event) => this.step(event));
    body.addEventListener("focusout", () => this.byKey && this.leave());
    const elsewhere = (/** @type {Event} */ event) => {
      if (this.at && !body.contains(/** @type {Node} */ (event.target))) this.leave();
    };
    document.addEventListener("pointerdown", elsewhere);
    endings.push(() => document.removeEventListener("pointerdown", elsewhere), () => cancelAnimationFrame(this.frame));
  }

  /** @param {PointerEvent} event */
  point(event) {
    const { target, clientX, clientY, buttons, type } = event;
    const at = target instanceof Element ? target.closest(WHERE) : null;
    const isTurned = type === "pointermove" && buttons > 0 && at?.matches(".st-globe");
    if (!at || isTurned) {
      this.leave();
      return;
    }
    if (at !== this.at) this.leave();
    this.at = at;
    this.byKey = false;
    this.place = { x: clientX, y: clientY };
    this.frame ||= requestAnimationFrame(() => this.show());
  }

  /** @param {KeyboardEvent} event */
  step(event) {
    const at = /** @type {Element} */ (event.target);
    const readable = readables.get(at);
    const step = KEYS[/** @type {keyof typeof KEYS} */ (event.key)];
    if (event.key === "Escape" && this.at) {
      this.leave();
      return;
    }
    const next = step && readable?.readNext?.(this.at === at || !Number.isFinite(step) ? step : 0);
    if (!next) return;
    event.preventDefault(); // the page would scroll
    event.stopPropagation();
    const { left, top } = at.getBoundingClientRect();
    if (at !== this.at) this.leave();
    Object.assign(this, { at, byKey: true, place: { x: left + next.x, y: top + next.y } });
    this.show();
    this.spoken.textContent = this.tip.textContent;
  }

  /** Shows what is there now. */
  show() {
    this.frame = 0;
    const { at, place, tip, view: { root } } = this;
    if (!at?.isConnected) {
      this.leave();
      return;
    }
    const { left, top } = at.getBoundingClientRect();
    const found = at instanceof HTMLElement && at.dataset.reading
      ? { words: at.dataset.reading.split("\n") } : readables.get(at)?.readAt(place.x - left, place.y - top);
    tip.hidden = !found;
    this.view.links?.light(found?.link ? [found.link] : null);
    if (!found) return;
    const lines = found.words.map((words, k) => html(k ? "span" : "b", {}, words));
    tip.replaceChildren(...lines.flatMap((line, k) => (k ? [" ", line] : [line])));
    const frame = root.getBoundingClientRect();
    const [x, y] = [place.x - frame.left + root.scrollLeft, place.y - frame.top + root.scrollTop];
    const most = Math.max(0, root.clientWidth - tip.offsetWidth - 4);
    const above = y - tip.offsetHeight - APART;
    tip.style.left = `${Math.max(4, Math.min(most, x - tip.offsetWidth / 2))}px`;
    tip.style.top = `${above < root.scrollTop ? y + 1.5 * APART : above}px`;
  }

  /** After a redraw: the pointer may rest on something else now. */
  refresh() {
    if (this.at) this.show();
  }

  leave() {
    if (!this.at) return;
    readables.get(this.at)?.readNone?.();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.at = null;
    this.tip.hidden = true;
    this.spoken.textContent = "";
    this.view.links?.light(null);
  }
}
