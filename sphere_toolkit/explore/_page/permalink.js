// The state of an explorer in the page's address: #explorer.control=value&…
//
// Each explorer writes and reads its own keys and leaves those of the others alone. In JupyterLab
// the address belongs to JupyterLab, and the kernel keeps the state.

import { isLab } from "./dom.js";

/** Milliseconds without a further change until the state is a step that "back" undoes. */
const STEP_AFTER = 400;

/** What a widget showed when the page opened: a second view of it has the same beginning.
 * @type {WeakMap<object, Object<string, any>>} */
const beginnings = new WeakMap();

/** An explorer's part of the address. */
export class Permalink {
  /** @param {ExplorerView} view whose controls have been read */
  constructor(view) {
    this.view = view;
    this.beginning = beginnings.get(view.model) ?? view.values;
    beginnings.set(view.model, this.beginning);
    /** Ends what follows a page that grows. */
    this.stay = () => {};
    view.endings.push(() => this.stay());
  }

  /** Its name in the address; a second explorer of the same kind has a number. */
  get key() {
    const { name } = this.view;
    const all = [...document.querySelectorAll(`[data-explorer="${name}"]`)];
    const at = all.indexOf(this.view.root);
    return at > 0 ? `${name}-${at + 1}` : name;
  }

  /** Takes over the address now and whenever it changes, and keeps it up to date. */
  start() {
    if (isLab()) return;
    const { view } = this;
    if (Object.keys(this.own(location.hash)).length) {
      this.restore(location.hash);
      this.arrive();
    }
    attempt(() => history.replaceState({ ...history.state, explorers: true }, ""));
    const travelled = (/** @type {PopStateEvent} */ event) => {
      // A link to a section of the page is no state of an explorer.
      if (event.state?.explorers || Object.keys(this.own(location.hash)).length) {
        this.restore(location.hash);
      }
      if (!event.state?.explorers) this.arrive();
    };
    addEventListener("popstate", travelled);
    let waiting = 0;
    for (const trait of Object.keys(view.controls)) {
      view.follow(trait, () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => view.player || this.write(), STEP_AFTER);
      });
    }
    view.endings.push(() => removeEventListener("popstate", travelled), () => clearTimeout(waiting));
  }

  /** Brings the explorer into sight that the address names last: the one whose link was copied. */
  arrive() {
    this.stay();
    const last = location.hash.slice(1).split("&").at(-1) ?? "";
    if (!last.startsWith(`${this.key}.`)) return;
    let left = false;
    this.stay = () => (left = true);
    this.view.later().then(({ arriveAt }) => left || (this.stay = arriveAt(this.view.root)), () => {});
  }

  /** What the address says of this explorer, still as text.
   * @param {string} hash
   * @returns {Object<string, string>} */
  own(hash) {
    const start = `${this.key}.`;
    const parts = hash.slice(1).split("&").filter((part) => part.startsWith(start));
    return Object.fromEntries(parts.map((part) => {
      const [name, ...rest] = part.slice(start.length).split("=");
      return [name, rest.join("=")];
    }));
  }

  /**
   * Shows what an address says, or the beginning where it says nothing, or nothing that can be shown.
   * @param {string} hash
   */
  restore(hash) {
    const { view } = this;
    try {
      this.show(this.read(this.own(hash)));
      view.say("");
    } catch (error) {
      this.show(this.beginning);
      const why = /** @type {Error} */ (error).message;
      view.say(`The link cannot be followed: ${why}. This is the explorer as it began.`);
    }
  }

  /** Checked values of all controls.
   * @param {Object<string, string>} texts
   * @returns {Object<string, any>} */
  read(texts) {
    const { controls } = this.view;
    const values = { ...this.beginning };
    for (const [trait, text] of Object.entries(texts)) {
      if (!Object.hasOwn(controls, trait)) throw new Error(`no control is called “${trait}”`);
      values[trait] = controls[trait].parse(decoded(text), values);
    }
    for (const trait of Object.keys(texts)) controls[trait].check(values[trait], values);
    return values;
  }

  /**
   * Sets controls.
   * @param {Object<string, any>} values
   */
  show(values) {
    const { model } = this.view;
    const changed = Object.entries(values).filter(([trait, value]) => !alike(model.get(trait), value));
    for (const [trait, value] of changed) model.set(trait, value);
    if (changed.length) model.save_changes();
  }

  /**
   * Whether this is what all controls show.
   * @param {Object<string, any>} values of all controls
   * @returns {boolean}
   */
  isShown(values) {
    return Object.entries(this.view.values).every(([trait, value]) => alike(value, values[trait]));
  }

  /** Back to the beginning. */
  reset() {
    this.show(this.beginning);
    this.view.say("");
  }

  /** The page's address with the state of this explorer.
   * @returns {string} */
  link() {
    const { key, view } = this;
    const others = location.hash.slice(1).split("&");
    const kept = others.filter((part) => part.includes("=") && !part.startsWith(`${key}.`));
    const own = Object.entries(view.values).map(([trait, value]) => `${key}.${trait}=${encoded(value)}`);
    return `${location.href.split("#")[0]}#${[...kept, ...own].join("&")}`;
  }

  /** Makes the state a step that "back" undoes, where it is a new one. */
  write() {
    let known;
    try {
      known = this.read(this.own(location.hash));
    } catch {
      known = this.beginning; // of a damaged address
    }
    if (this.isShown(known)) return;
    attempt(() => history.pushState({ explorers: true }, "", this.link()));
  }
}

/** What a frame without an address of its own refuses is left out.
 * @param {() => void} task */
function attempt(task) {
  try {
    task();
  } catch {
    // There is no history to write to.
  }
}

/** @param {any} one
 * @param {any} other
 * @returns {boolean} */
function alike(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Text that a mail or a chat takes for a part of the link.
 * @param {any} value
 * @returns {string} */
function encoded(value) {
  const text = encodeURIComponent(`${value}`).replaceAll("%2C", ",");
  return text.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
}

/** @param {string} text
 * @returns {string} */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`“${text}” is no text of an address`);
  }
}
