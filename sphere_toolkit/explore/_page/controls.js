// Controls, built from their declarations in Python: each checks the state, follows it and sets it.

import { html } from "./dom.js";
import { Player, slide } from "./play.js";
import { damaged } from "./state.js";

/** A slider with more steps than this has no marks: they would run into each other. */
const MAX_MARKS = 16;

/**
 * What Python declares of a control; see controls.py.
 * @typedef {object} Declaration
 * @property {string} kind
 * @property {string} label
 * @property {any[]} [options]
 * @property {string[]} [words] for the options
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [step]
 * @property {boolean} [integer]
 * @property {{label: string, min: number, max: number}[]} [parts]
 */

/** One control; of kind "own", or as a subclass draws it. */
export class Control {
  /**
   * @param {ExplorerView} view
   * @param {string} trait
   * @param {Declaration} declared
   */
  constructor(view, trait, declared) {
    this.view = view;
    this.trait = trait;
    this.declared = declared;
    /** @type {HTMLElement | null} */
    this.element = null;
    /** A choice of the page's own, which Python does not know, while there is one. */
    this.own = undefined;
    /** Takes over what the reader chose; an explorer may do more.
     * @type {(value: any) => void} */
    this.choose = (value) => view.choose(trait, value);
    this.build();
  }

  /** Makes the element. */
  build() {}

  /** What is chosen now. */
  get value() {
    return this.own ?? this.view.model.get(this.trait);
  }

  /** The place of what is chosen among the options, or -1. */
  get index() {
    return (this.declared.options ?? []).findIndex((one) => `${one}` === `${this.value}`);
  }

  /** What is offered beside other values; an explorer may make it depend on them.
   * @type {(chosen: Object<string, any>) => Partial<Declaration>} */
  offered = () => ({});

  /**
   * Throws where a value is not one that Python offers.
   * @param {any} [value]
   * @param {Object<string, any>} [chosen] beside which values of the other controls
   */
  check(value = this.value, chosen) {
    const declared = chosen ? { ...this.declared, ...this.offered(chosen) } : this.declared;
    const { options, parts, min = 0, max = 0, integer } = declared;
    const inside = (/** @type {any} */ one, /** @type {number} */ low, /** @type {number} */ high) =>
      typeof one === "number" && one >= low && one <= high;
    let known = inside(value, min, max) && (!integer || Number.isInteger(value));
    const at = options?.find((one) => `${one}` === `${value}`);
    if (options) known = at !== undefined && typeof at === typeof value;
    if (parts) {
      known = Array.isArray(value) && value.length === parts.length;
      known &&= parts.every((part, k) => inside(value[k], part.min, part.max));
    }
    if (!known) throw new Error(`no ${this.trait} “${value}”`);
  }

  /**
   * The value that a text means: the reverse of `${value}`.
   * @param {string} text
   * @param {Object<string, any>} chosen values of the other controls
   * @returns {any} not checked
   */
  parse(text, chosen) {
    const { options, parts } = { ...this.declared, ...this.offered(chosen) };
    if (parts) return text.split(",").map(Number);
    if (!options) return text.trim() === "" ? NaN : Number(text);
    return options.find((one) => `${one}` === text) ?? (text === "null" ? null : text);
  }

  /** Shows what is chosen now. */
  update() {}
}

/** A labelled row of native radio buttons, drawn as one control with a part for each option. */
class Choices extends Control {
  build() {
    const { label, options = [], words = [] } = this.declared;
    const name = `st-${Math.random().toString(36).slice(2)}`; // a group per view
    this.inputs = options.map((value) =>
      html("input", { type: "radio", name, value, onchange: () => this.choose(value) }));
    const labels = this.inputs.map((input, k) => html("label", {}, input, html("span", {}, words[k])));
    const group = { class: "st-control", role: "radiogroup", "aria-label": label };
    const head = html("span", { class: "st-label" }, label);
    const choices = html("span", { class: "st-choices" }, ...labels);
    this.element = html("div", group, head, choices);
    if (!options.every((one) => typeof one === "number")) return;
    const course = {
      label, get: () => this.value, set: this.choose, values: () => this.declared.options ?? [], apart: 0,
    };
    choices.after(new Player(this.view, course).button);
    this.element.classList.add("st-plays");
  }

  update() {
    this.inputs[this.index].checked = true;
  }
}

/** A labelled native menu. */
class Menu extends Control {
  build() {
    const { label, options = [], words = [] } = this.declared;
    const entries = words.map((text) => html("option", { value: text }, text));
    this.input = html("select", { "aria-label": label }, ...entries);
    this.input.addEventListener("change", () => this.choose(this.declared.options?.[this.input.selectedIndex]));
    const head = html("span", { class: "st-label" }, label);
    this.element = html("label", { class: "st-control", hidden: "" }, head);
    if (options.length > 1) this.show();
  }

  /** A single option is no choice: the menu comes with the second. */
  show() {
    this.element?.append(this.input);
    this.element?.removeAttribute("hidden");
  }

  /**
   * Offers one more option, in this page alone.
   * @param {string} option
   */
  offer(option) {
    const { options = [], words = [] } = this.declared;
    this.declared = { ...this.declared, options: [...options, option], words: [...words, option] };
    this.input.append(html("option", { value: option }, option));
    this.show();
  }

  update() {
    this.input.selectedIndex = this.index;
  }
}

/** A button that goes on to the next option, and says which that is. */
class Toggle extends Control {
  build() {
    const { options = [] } = this.declared;
    this.element = html("button", { type: "button", class: "st-button" });
    this.element.addEventListener("click", () => this.choose(options[this.next]));
  }

  get next() {
    return (this.index + 1) % (this.declared.options?.length ?? 1);
  }

  update() {
    if (this.element) this.element.textContent = this.declared.words?.[this.next] ?? "";
  }
}

/** A labelled native slider, with a mark at each step where there are few. */
export class Slider {
  /**
   * @param {ExplorerView} view
   * @param {string} label
   * @param {{min: number, max: number, step?: number}} range
   * @param {(value: number) => void} moved called at each movement
   */
  constructor(view, label, { min, max, step = 1 }, moved) {
    this.output = html("output", { class: "st-value" });
    this.input = html("input", { type: "range", min, max, step, "aria-label": label });
    this.input.addEventListener("input", () => moved(this.input.valueAsNumber));
    this.marks = html("span", { class: "st-marks", "aria-hidden": "true" });
    if ((max - min) / step < MAX_MARKS) {
      for (let v = min; v <= max; v += step) this.marks.append(html("span", {}, `${v}`));
    }
    const head = html("span", { class: "st-label" }, label, this.output);
    const words = html("label", { class: "st-slide" }, head, this.input, this.marks);
    const { button } = new Player(view, slide(label, this.input, moved));
    this.element = html("div", { class: "st-control st-slider st-plays" }, words, button);
  }

  /**
   * Moves the slider to a value, unless it is there already, as when the reader moves it.
   * @param {number} value
   * @param {number} [min] another range than before
   * @param {number} [max]
   */
  show(value, min = Number(this.input.min), max = Number(this.input.max)) {
    if (Number(this.input.min) !== min) this.input.min = `${min}`;
    if (Number(this.input.max) !== max) this.input.max = `${max}`;
    if (this.input.valueAsNumber !== value) this.input.value = `${value}`;
  }

  /**
   * Says what the value means.
   * @param {string} words
   * @param {string} [spoken] where that has to be other words
   */
  say(words, spoken = words) {
    this.output.textContent = ` = ${words}`;
    this.input.setAttribute("aria-valuetext", spoken);
  }
}

/** A slider for a number, or for options that are integers in a row. */
class SliderControl extends Control {
  build() {
    const { label, options, step } = this.declared;
    const { min = options?.[0], max = options?.at(-1) } = this.declared;
    this.slider = new Slider(this.view, label, { min, max, step }, (value) => this.choose(value));
    this.element = this.slider.element;
  }

  update() {
    // First its ends beside the other controls: what lies outside would be cut off.
    const { min, max } = this.offered(this.view.values);
    this.slider.show(this.value, min, max);
  }

  /** @param {string} words see `Slider.say` */
  say(words) {
    this.slider.say(words);
  }
}

/** A row of sliders for angles in degrees. */
class Angles extends Control {
  build() {
    const { declared } = this;
    this.sliders = (declared.parts ?? []).map((part, k) => new Slider(this.view, part.label, part, (angle) => {
      this.choose(this.value.map((/** @type {number} */ old, /** @type {number} */ n) => (n === k ? angle : old)));
    }));
    this.element = html("div", { class: "st-controls" }, ...this.sliders.map(({ element }) => element));
  }

  update() {
    this.sliders.forEach((slider, k) => {
      const angle = Number(this.value[k].toFixed(1));
      slider.show(this.value[k]);
      slider.say(`${angle}°`, `${angle} degrees`);
    });
  }
}

/** @type {Object<string, typeof Control>} */
const KINDS = {
  choices: Choices, menu: Menu, toggle: Toggle, slider: SliderControl, angles: Angles, own: Control,
};

/**
 * The controls that Python declares, checked against the state.
 * @param {ExplorerView} view
 * @returns {Object<string, any>} by trait
 */
export function readControls(view) {
  const declared = view.model.get("controls");
  const isOne = (/** @type {any} */ one) => one?.kind in KINDS && typeof one?.label === "string";
  if (!declared?.signal || !Object.values(declared).every(isOne)) throw damaged("controls");
  return Object.fromEntries(Object.entries(declared).map(([trait, one]) => {
    const control = new KINDS[one.kind](view, trait, one);
    control.check();
    return [trait, control];
  }));
}
