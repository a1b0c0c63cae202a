// The frame of an explorer: its state and controls, redraws, themes, and a readable failure.

import { readControls } from "./controls.js";
import { html, keepKeys } from "./dom.js";
import { sharpness } from "./draw.js";
import { arrange, fit, outgrown } from "./fit.js";
import { Links } from "./links.js";
import { Permalink } from "./permalink.js";
import { Presenter } from "./presenter.js";
import { Reader } from "./reading.js";
import { damaged, readScenes, readSignals } from "./state.js";
import { saveMenu, toolbar } from "./toolbar.js";

/** Milliseconds without a further change until Python learns of one. */
const SAVE_AFTER = 100;

/** Milliseconds without a redraw until pictures make room for words that have become longer. */
const GROWN_AFTER = 250;

/** One explorer in the page: its root element, redrawn at most once per frame. */
export class ExplorerView {
  /**
   * @param {string} name the explorer's name, for `data-explorer`
   * @param {string} title for assistive technology
   * @param {Model} model
   */
  constructor(name, title, model) {
    this.model = model;
    this.name = name;
    this.title = title;
    this.body = html("div", { class: "st-body" });
    this.root = html("section", { class: "st-explorer", "data-explorer": name, "aria-label": title });
    keepKeys(this.root);
    this.root.append(this.body);
    this.result = html("p", { class: "st-result", "aria-live": "polite" });
    this.draws = 0;
    this.frame = 0;
    this.saving = 0;
    /** Names of the signals that this page added. @type {Set<string>} */
    this.added = new Set();
    this.growing = 0;
    /** What plays now. @type {import("./play.js").Player | null} */
    this.player = null;
    /** The QR code of the link, once it was asked for. @type {import("./code.js").LinkCode | null} */
    this.code = null;
    this.sharpness = sharpness;
    /** @type {Promise<typeof import("./later.js").default> | null} */
    this.loading = null;
    /** Nothing is drawn before sizes are known. */
    this.laidOut = false;
    /** Pixels for which pictures were made to fit. */
    this.width = 0;
    /** Whether pictures have another shape than then. */
    this.reshaped = false;
    /** @type {(() => void)[]} */
    this.endings = [];
    this.draw = () => {};
    /** What takes over a new size or theme. @type {(() => void)[]} */
    this.layouts = [];
    this.note = html("p", { class: "st-note", role: "status" });
    /** @type {Equation} */
    this.equation = () => [];
  }

  /** Reads what Python sent; throws where that is damaged. */
  read() {
    this.state = readSignals(this.model);
    this.controls = readControls(this);
    this.permalink = new Permalink(this);
  }

  /** Adds what all explorers have around what `build` made. */
  furnish() {
    this.scenes = readScenes(this);
    this.menu = saveMenu(this);
    this.presenter = new Presenter(this);
    this.foot = toolbar(this);
    arrange(this);
    this.body.prepend(this.presenter.header);
    this.body.append(this.presenter.note);
    this.presenter.start();
    this.permalink.start();
    this.links = new Links(this);
    this.links.start();
    this.reader = new Reader(this);
    this.reader.start();
  }

  /**
   * What is loaded only when it is asked for.
   * @returns {Promise<typeof import("./later.js").default>}
   */
  later() {
    this.loading ??= loaded(this.model.get("later"));
    return this.loading;
  }

  /** Says something to the reader.
   * @param {...(Node | string)} words */
  say(...words) {
    this.note.replaceChildren(...words);
  }

  /** The values of all controls, as Python knows them. */
  get values() {
    const { controls, model } = this;
    return Object.fromEntries(Object.keys(controls).map((trait) => [trait, model.get(trait)]));
  }

  /**
   * The signal that is chosen.
   * @returns {{which: number, name: string, alm: Float32Array, unit: string, norm: number,
   *   coastlines: Int16Array | null, mask: Uint8Array | null}}
   */
  get signal() {
    const { names, signals, units, norms, onEarth, coastlines, masks } = this.state;
    const which = this.controls.signal.index;
    return {
      which, name: names[which], alm: signals[which], unit: units[which], norm: norms[which],
      coastlines: onEarth[which] ? coastlines : null, mask: masks[which],
    };
  }

  /**
   * Shows one more signal, which lives in this page alone. One that it added by this name goes.
   * @param {string} name of Python's signals: it gets a mark
   * @param {{alm: Float32Array, norm: number, unit: string, mask: Uint8Array | null}} one as in `Signals`
   */
  addSignal(name, { alm, norm, unit, mask }) {
    const { names, signals, units, norms, onEarth, masks } = this.state;
    if (names.includes(name) && !this.added.has(name)) name = `${name} (yours)`;
    const which = this.added.has(name) ? names.indexOf(name) : names.length;
    [names[which], signals[which], units[which], norms[which]] = [name, alm, unit, norm];
    [onEarth[which], masks[which]] = [false, mask];
    if (!this.added.has(name)) this.controls.signal.offer(name);
    this.added.add(name);
    this.controls.signal.choose(name);
  }

  /**
   * A row of controls and buttons.
   * @param {...any} parts elements, or controls, of which those without an element are left out
   * @returns {HTMLElement}
   */
  row(...parts) {
    const elements = parts.map((part) => (part instanceof HTMLElement ? part : part.element));
    return html("div", { class: "st-controls" }, ...elements.filter(Boolean));
  }

  /**
   * A paragraph that tells the reader what to try.
   * @param {Node | string} advice
   * @returns {HTMLElement}
   */
  caption(advice) {
    return html("p", { class: "st-caption" }, html("b", {}, "Try it. "), advice);
  }

  /**
   * Starts drawing.
   * @param {() => void} draw brings the whole picture up to date; called in the frame after any
   *   control has changed
   * @param {Equation} equation
   */
  start(draw, equation) {
    Object.assign(this, { draw, equation });
    this.follow("signal", () => (this.controls.signal.own = undefined));
    const update = () => Object.values(this.controls).forEach((control) => control.update());
    update();
    for (const trait of Object.keys(this.controls)) {
      this.follow(trait, () => {
        update(); // all: what one of them offers may depend on others
        this.schedule();
      });
    }
    const changed = () => {
      if (this.attempt(() => this.relayout())) this.schedule();
    };
    let height = innerHeight;
    const resized = () => {
      if (height !== innerHeight && !this.presenter?.active) this.refit();
      height = innerHeight;
    };
    addEventListener("resize", resized);
    const size = new ResizeObserver(() => {
      // A picture that grew taller is no news, nor is the letter of another explorer's presenter.
      if (this.body.clientWidth !== this.width && !this.root.closest("[inert]")) this.refit();
    });
    size.observe(this.body);
    const theme = new MutationObserver(changed);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    theme.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    this.endings.push(() => size.disconnect(), () => theme.disconnect());
    this.endings.push(() => removeEventListener("resize", resized), () => clearTimeout(this.growing));
  }

  /** Lets pictures take over a new size or theme. */
  relayout() {
    for (const layout of this.layouts) layout();
  }

  /** Makes pictures fit and draws them at once, in the same frame: a canvas of a new size is blank. */
  refit() {
    this.laidOut = true;
    this.reshaped = false;
    this.width = this.body.clientWidth;
    if (this.attempt(() => fit(this))) this.redraw();
  }

  /**
   * Asks for a redraw in the next frame, however often it is called until then.
   * @param {boolean} [fitted] whether pictures of another shape are to fit first
   */
  schedule(fitted = false) {
    if (!this.laidOut) return;
    this.reshaped ||= fitted;
    this.frame ||= requestAnimationFrame(() => (this.reshaped ? this.refit() : this.redraw()));
  }

  /** Brings all that needs room up to date. */
  show() {
    this.draw();
    this.presenter?.update();
  }

  /** Draws now, and not again in the next frame. */
  redraw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const start = performance.now();
    const task = () => {
      this.show();
      this.reader?.refresh();
      this.code?.update();
    };
    if (!this.attempt(task)) return;
    this.root.dataset.drawMs = (performance.now() - start).toFixed(3);
    this.root.dataset.draws = `${++this.draws}`;
    this.root.ariaBusy = `${!!this.frame}`; // more comes in the next frame
    clearTimeout(this.growing);
    this.growing = setTimeout(() => outgrown(this) && this.refit(), GROWN_AFTER);
  }

  /**
   * Takes over what the reader chose: at once in the page, and in the kernel after a pause, for a
   * message per frame would slow the page down.
   * @param {string} trait
   * @param {any} value
   */
  choose(trait, value) {
    if (trait === "signal") {
      const isAdded = this.added.has(value);
      Object.assign(this.controls.signal, { own: isAdded ? value : undefined }).update();
      this.schedule();
      if (isAdded) return;
    }
    this.model.set(trait, value);
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.model.save_changes(), SAVE_AFTER);
  }

  /**
   * Follows a trait until the view is removed.
   * @param {string} trait
   * @param {() => void} changed
   */
  follow(trait, changed) {
    this.model.on(`change:${trait}`, changed);
    this.endings.push(() => this.model.off(`change:${trait}`, changed));
  }

  /**
   * Does something, or shows a message in place of the explorer; tells whether it was done.
   * @param {() => void} task
   * @returns {boolean}
   */
  attempt(task) {
    try {
      task();
      return true;
    } catch (error) {
      this.stop();
      const message = `This explorer cannot be shown: ${/** @type {Error} */ (error).message}.`;
      this.body.replaceChildren(html("p", { class: "st-error", role: "alert" }, message));
      return false;
    }
  }

  /** Ends the view. */
  stop() {
    this.player?.stop();
    cancelAnimationFrame(this.frame);
    for (const end of this.endings) end();
  }
}

/**
 * A module from its source, with or without a server.
 * @param {any} source
 * @returns {Promise<any>} its default export
 */
async function loaded(source) {
  if (typeof source !== "string") throw damaged("later");
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * Mounts an explorer, or a message in its place where its state is damaged.
 * @param {string} name the explorer's name
 * @param {string} title for assistive technology
 * @param {(view: ExplorerView) => void} build fills `view.body` and calls `view.start`
 * @returns {{render: Function}} what anywidget calls
 */
export function explorer(name, title, build) {
  return {
    /** @param {{model: Model, el: HTMLElement}} mount */
    render({ model, el }) {
      const view = new ExplorerView(name, title, model);
      el.append(view.root);
      view.attempt(() => {
        view.read();
        build(view);
        view.furnish();
      });
      return () => view.stop();
    },
  };
}
