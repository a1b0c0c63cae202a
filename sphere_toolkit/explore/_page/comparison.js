// A table to choose from: in each row parts of a whole, as a bar and as numbers.

import { html, math, ShareBar } from "./dom.js";

/** What the parts light up in a spectrum, see links.js. */
const PARTS = ["below", "within", "above"];

/** A radio button for each option of a control, with a bar and numbers. */
export class Comparison {
  /**
   * @param {any} control
   * @param {string[]} nouns one for each option
   * @param {string} whole heading of the bars
   * @param {string[]} heads headings of the numbers
   */
  constructor(control, nouns, whole, heads) {
    this.control = control;
    const { label, options } = control.declared;
    const name = `st-${Math.random().toString(36).slice(2)}`; // a group per view
    this.rows = nouns.map((noun, k) => {
      const input = html("input", {
        type: "radio", name, value: options[k], onchange: () => control.choose(options[k]),
      });
      const formula = math();
      const bar = new ShareBar();
      const numbers = heads.map((_, i) => html("span", { class: "st-part-share", "data-link": PARTS[i] ?? "" }));
      bar.parts.forEach((part, i) => part.setAttribute("data-link", PARTS[i]));
      const words = html("span", { class: "st-kind" }, `${noun} `, formula);
      const element = html("label", { class: "st-columns" }, input, words, bar.element, ...numbers);
      return { input, formula, bar, numbers, element };
    });
    const titles = ["", "", whole, ...heads].map((head) => html("span", {}, head));
    const above = html("div", { class: "st-heads st-columns", "aria-hidden": "true" }, ...titles);
    const group = { class: "st-comparison", role: "radiogroup", "aria-label": label };
    this.element = html("div", group, above, ...this.rows.map((row) => row.element));
    this.element.style.setProperty("--st-numbers", `${heads.length}`);
  }

  /**
   * Brings one row up to date.
   * @param {number} k
   * @param {(Node | string)[]} formula
   * @param {number[]} parts of the whole, three of them
   * @param {string[]} words the numbers
   * @param {Object<string, string | number>} data for the tests
   */
  show(k, formula, parts, words, data) {
    const { input, formula: place, bar, numbers, element } = this.rows[k];
    input.checked = k === this.control.index;
    place.replaceChildren(...formula);
    bar.show(parts);
    words.forEach((word, i) => (numbers[i].textContent = word));
    Object.assign(element.dataset, data);
  }
}
