// Presenter mode: one explorer fills the screen, large enough for the last row of a hall.
//
// All lengths of an explorer are in rem, so the page's letter is what grows. Where a page may not
// fill the screen, the explorer fills the window.

import { html, isLab, number, sizing } from "./dom.js";
import { formula } from "./formula.js";

/** The window for which the letter is 16 pixels. */
const DESIGN = [1280, 720];

/** On a phone the letter stays readable, and the explorer scrolls. */
const LEAST_UNIT = 0.9;

/** The letters of charts are 11 pixels in a page, and 16 here. */
const CHART = 16 / 11;

const FORWARD = ["ArrowRight", "ArrowDown", "PageDown"];
const BACK = ["ArrowLeft", "ArrowUp", "PageUp"];

/** A mode of an explorer. */
export class Presenter {
  /** @param {ExplorerView} view */
  constructor(view) {
    this.view = view;
    this.active = false;
    /** Place in the list of scenes; -1 before the first. */
    this.scene = -1;
    /** Whether it has the whole screen. */
    this.filled = false;
    /** How to light the hall again. @type {(() => void) | null} */
    this.brighten = null;
    /** How to put the page back. @type {(() => void)[]} */
    this.undo = [];
    this.equation = html("div", { class: "st-equation" });
    this.note = html("p", { class: "st-scene", "aria-live": "polite" });
    const title = html("p", { class: "st-question" }, view.title);
    this.header = html("div", { class: "st-header" }, title, this.equation);
  }

  /** Listens to keys and to the screen. */
  start() {
    const { view } = this;
    view.root.addEventListener("keydown", (event) => this.key(event), true);
    const pressed = (/** @type {KeyboardEvent} */ event) => {
      // An explorer that has the focus hears its own keys.
      if (!document.activeElement?.closest(".st-explorer") && (this.active || this.isInSight())) this.key(event);
    };
    if (!isLab()) document.addEventListener("keydown", pressed);
    const screen = () => {
      if (this.active && this.filled && document.fullscreenElement !== view.root) this.leave();
    };
    document.addEventListener("fullscreenchange", screen);
    const resized = () => this.active && this.scale();
    addEventListener("resize", resized);
    view.endings.push(() => {
      if (this.active) this.leave();
      document.removeEventListener("keydown", pressed);
      document.removeEventListener("fullscreenchange", screen);
      removeEventListener("resize", resized);
    });
  }

  /** Whether this is the explorer in the middle of the window. */
  isInSight() {
    const middle = innerHeight / 2;
    const distance = (/** @type {Element} */ root) => {
      const { top, bottom } = root.getBoundingClientRect();
      return Math.max(0, top - middle, middle - bottom);
    };
    const all = [...document.querySelectorAll(".st-explorer[data-draws]")];
    if (all.some((one) => one.classList.contains("st-presenting"))) return false;
    return all.sort((a, b) => distance(a) - distance(b))[0] === this.view.root;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = /** @type {HTMLElement} */ (event.target);
    const { key } = event;
    const isTyping = at.matches("select, textarea, input:not([type=range], [type=radio], [type=checkbox])");
    let taken = true;
    if (key.toLowerCase() === "f" && !isTyping) this.toggle();
    else if (!this.active) taken = false;
    else if (key === "Escape" && this.view.code?.shown) this.view.code.hide();
    else if (key === "Escape" && this.view.menu.element.hidden) this.leave();
    else if (key.startsWith("Page") || !at.matches("input, select, .st-sphere, .st-chart, .st-node")) {
      const step = FORWARD.includes(key) ? 1 : BACK.includes(key) ? -1 : 0;
      taken = step !== 0 && this.view.scenes.length > 0;
      if (taken) this.go(this.scene + step);
    } else taken = false;
    if (!taken) return;
    event.preventDefault();
    event.stopPropagation();
  }

  toggle() {
    if (this.active) this.leave();
    else this.enter();
  }

  /** Fills the screen. */
  enter() {
    const { root } = this.view;
    const page = document.documentElement;
    const [scroll, size, focus] = [scrollY, page.style.fontSize, document.activeElement];
    this.active = true;
    root.classList.add("st-presenting");
    root.tabIndex = -1;
    this.fill();
    const hidden = others(root);
    for (const one of hidden) one.inert = true;
    this.undo = [
      () => root.removeAttribute("popover"),
      () => document.fullscreenElement === root && document.exitFullscreen().catch(() => {}),
      () => hidden.forEach((one) => (one.inert = false)),
      () => (page.style.fontSize = size),
      () => scrollTo({ top: scroll, behavior: "instant" }),
      () => focus instanceof HTMLElement && focus.focus({ preventScroll: true }),
    ];
    this.scale();
    root.focus({ preventScroll: true });
    this.find();
    if (this.view.scenes.length) this.tell();
  }

  /** Begins with the scene that a link or the controls have brought about; nothing else is one. */
  find() {
    const { permalink, scenes } = this.view;
    const shows = (/** @type {[string, Object<string, any>] | undefined} */ scene) =>
      scene !== undefined && permalink.isShown(scene[1]);
    if (shows(scenes[this.scene]) || permalink.isShown(permalink.beginning)) return;
    const found = scenes.findIndex(shows);
    if (found >= 0) this.scene = found;
  }

  /** Takes the whole screen; where that is not allowed, the window, above all that the page has. */
  async fill() {
    const { root } = this.view;
    this.filled = false;
    try {
      await root.requestFullscreen();
      this.filled = document.fullscreenElement === root;
    } catch {
      if (!this.active) return;
      root.setAttribute("popover", "manual");
      root.showPopover?.();
      root.focus({ preventScroll: true });
    }
  }

  /** Puts the page back. */
  leave() {
    const { root } = this.view;
    this.active = false;
    if (this.brighten) this.darken();
    this.view.code?.hide();
    root.classList.remove("st-presenting");
    root.removeAttribute("tabindex");
    Object.assign(sizing(root), { type: 1, unit: 1 });
    for (const one of this.undo) one();
    this.undo = [];
    this.view.refit();
  }

  /** Makes the letter as large as the window asks for. */
  scale() {
    const unit = Math.max(LEAST_UNIT, Math.min(innerWidth / DESIGN[0], innerHeight / DESIGN[1]));
    document.documentElement.style.fontSize = `${16 * unit}px`;
    Object.assign(sizing(this.view.root), { type: CHART * unit, unit });
    this.view.refit();
  }

  /** Black for a dark hall, and back. */
  darken() {
    const { dataset } = document.documentElement;
    const { classList } = this.view.root;
    if (this.brighten) {
      this.brighten();
      this.brighten = null;
      return;
    }
    const theme = dataset.theme;
    dataset.theme = "dark";
    classList.add("st-hall");
    this.brighten = () => {
      if (theme === undefined) delete dataset.theme;
      else dataset.theme = theme;
      classList.remove("st-hall");
    };
  }

  /**
   * Shows a scene.
   * @param {number} k its place, kept within the list
   */
  go(k) {
    const { permalink, scenes } = this.view;
    this.scene = Math.max(0, Math.min(scenes.length - 1, k));
    permalink.show(scenes[this.scene][1]);
    this.tell();
    this.view.schedule();
  }

  /** Writes what the scene is about. */
  tell() {
    const { scenes } = this.view;
    const [note] = scenes[this.scene] ?? ["The arrow keys lead through the scenes."];
    const place = html("b", {}, `${this.scene + 1} / ${scenes.length}`);
    this.note.replaceChildren(place, ` ${note}`);
    this.view.root.dataset.scene = `${this.scene + 1}`;
  }

  /** Writes the equation with the current numbers. */
  update() {
    if (!this.active) return;
    const [text, ...numbers] = this.view.equation(this.view);
    this.equation.replaceChildren(formula(text), ...numbers.map((one) => number(one)));
  }
}

/**
 * All of the page beside an element and what holds it.
 * @param {HTMLElement} element
 * @returns {HTMLElement[]} those that are not inert yet
 */
function others(element) {
  const found = [];
  for (let at = element; at.parentElement && at !== document.body; at = at.parentElement) {
    for (const one of at.parentElement.children) {
      if (one !== at && one instanceof HTMLElement && !one.inert) found.push(one);
    }
  }
  return found;
}
