// How readers answer: a number, a choice, an order, a curve.

import { html, set, signed, svg, withUnit } from "../_page/dom.js";
import { moved, readNumber } from "./grading.js";

/**
 * One way to answer.
 * @typedef {object} Input
 * @property {HTMLElement} element
 * @property {() => {value: any, missing?: string | false}} read what the reader says, and what is missing
 * @property {(value: any) => void} show something that was said before
 * @property {(value: any, isOwn: boolean) => (Node | string)[]} say it in words
 * @property {(value: any) => void} [compare] draws the answer beside it
 */

/**
 * What an input is made from.
 * @typedef {{options: string[], unit: string, span: number[]}} Declared
 */

/**
 * Words with *italics*, `code`, x_n and x^{12}, as they are set.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function words(text) {
  return text.split(/(\*[^*]+\*|\x60[^\x60]+\x60|[_^](?:\{[^}]*\}|[\w−+-]))/).map((part, k) => {
    if (k % 2 === 0) return part;
    if (part[0] === "*") return html("i", {}, part.slice(1, -1));
    if (part[0] === "\x60") return html("code", {}, part.slice(1, -1));
    return html(part[0] === "_" ? "sub" : "sup", {}, part.slice(1).replace(/^\{|\}$/g, ""));
  });
}

/** The same without marks, for a name that is heard.
 * @param {string} text */
const plain = (text) => text.replace(/[*^_{}\x60]/g, "");

/** @type {(value: number, unit: string) => string} */
const inWords = (value, unit) => withUnit(signed(Number(value.toPrecision(3))), unit);

/** @param {Declared} declared @returns {Input} */
function numberInput({ unit }) {
  const input = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 10 });
  const element = html("label", { class: "st-line" }, html("span", {}, "Your number"), input, unit);
  return {
    element,
    read() {
      const value = readNumber(input.value, unit);
      return { value, missing: Number.isNaN(value) && "Enter a number first, such as 0.25 or 3/8." };
    },
    show: (value) => (input.value = signed(value)),
    say: (value) => [inWords(value, unit)],
  };
}

/** @param {Declared} declared @returns {Input} */
function choiceInput({ options }) {
  const name = `st-${Math.random().toString(36).slice(2)}`; // a group per view
  const inputs = options.map((_, k) => html("input", { type: "radio", name, value: k }));
  const rows = options.map((option, k) => html("label", {}, inputs[k], html("span", {}, ...words(option))));
  return {
    element: html("div", { class: "st-options" }, ...rows),
    read() {
      const value = inputs.findIndex((input) => input.checked);
      return { value, missing: value < 0 && "Choose one first." };
    },
    show: (value) => (inputs[value].checked = true),
    say: (value) => words(options[value]),
  };
}

/** @param {Declared} declared @returns {Input} */
function orderInput({ options }) {
  const list = html("ol", { class: "st-order" });
  const told = html("span", { class: "st-unseen", "aria-live": "polite" });
  let items = options.map((_, k) => k);
  const rows = options.map((option, k) => {
    const step = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {string} */ where) =>
      html("button", {
        type: "button", class: "st-button", "aria-label": `Move ${plain(option)} ${where}`,
        /** @param {{currentTarget: HTMLElement}} event */
        onclick({ currentTarget }) {
          arrange(moved(items, items.indexOf(k), items.indexOf(k) + by));
          currentTarget.focus(); // a row that moves loses it
          told.textContent = `${plain(option)} is number ${items.indexOf(k) + 1} of ${items.length}.`;
        },
      }, sign);
    return html("li", {}, html("span", {}, ...words(option)), step(-1, "↑", "up"), step(1, "↓", "down"));
  });
  const arrange = (/** @type {number[]} */ order) => {
    items = order;
    list.replaceChildren(...order.map((k) => rows[k]));
    list.dispatchEvent(new Event("input", { bubbles: true }));
  };
  arrange(items);
  return {
    element: html("div", {}, list, told),
    read: () => ({ value: items }),
    show: arrange,
    say: (value) => value.flatMap((/** @type {number} */ k, /** @type {number} */ n) =>
      [n ? ", " : "", ...words(options[k])]),
  };
}

/** Sliders that a finger or a pointer draws across; the keyboard has them one by one.
 * @param {Declared} declared @returns {Input} */
function curveInput({ options, unit, span: [low, high] }) {
  const size = (high - low) / 100;
  const sliders = options.map((place) => html("input", {
    type: "range", min: low, max: high, step: size, value: (low + high) / 2, "aria-label": plain(place), oninput: () => draw(),
  }));
  const [own, right] = ["st-own", "st-answer"].map((name) => svg("polyline", { class: name }));
  const lines = svg("svg", { viewBox: `0 0 ${options.length} 100`, preserveAspectRatio: "none", "aria-hidden": "true" });
  lines.append(own, right);
  const field = html("div", { class: "st-field" }, lines, ...sliders.map((slider) => html("label", {}, slider)));
  const ends = html("div", { class: "st-ends", "aria-hidden": "true" });
  ends.append(...[high, (low + high) / 2, low].map((end) => html("span", {}, inWords(end, unit))));
  const places = html("div", { class: "st-places", "aria-hidden": "true" });
  places.append(...options.map((place) => html("span", {}, ...words(place))));
  const heights = () => sliders.map((slider) => slider.valueAsNumber);
  const line = (/** @type {number[]} */ values) =>
    values.map((one, k) => `${k + 0.5},${100 - Math.max(0, Math.min(100, (one - low) / size))}`).join(" ");
  const draw = () => {
    set(own, { points: line(heights()) });
    sliders.forEach((slider) => slider.setAttribute("aria-valuetext", inWords(slider.valueAsNumber, unit)));
  };
  let last = -1;
  const follow = (/** @type {PointerEvent} */ event) => {
    if (!event.buttons || sliders[0].matches(":disabled")) return;
    const box = field.getBoundingClientRect();
    const k = Math.max(0, Math.min(options.length - 1, Math.floor(((event.clientX - box.x) / box.width) * options.length)));
    const value = high - ((event.clientY - box.y) / box.height) * (high - low);
    if (event.type === "pointerdown") last = k;
    for (let n = Math.min(k, last); n <= Math.max(k, last); n++) sliders[n].value = `${value}`;
    last = k;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
  };
  field.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // no text is selected
    field.setPointerCapture(event.pointerId);
    follow(event);
  });
  field.addEventListener("pointermove", follow);
  draw();
  return {
    element: html("div", { class: "st-draw" }, ends, field, places),
    read: () => ({ value: heights() }),
    show(values) {
      sliders.forEach((slider, k) => (slider.value = `${values[k]}`));
      set(own, { "stroke-dasharray": "6 4" });
      draw();
    },
    say(values, isOwn) {
      const all = options.map((place, k) => `${plain(place)}: ${inWords(values[k], unit)}`).join(", ");
      return [isOwn ? "the dashed line" : "the solid line", html("span", { class: "st-unseen" }, ` (${all})`)];
    },
    compare: (values) => set(right, { points: line(values) }),
  };
}

/** @type {Object<string, (declared: Declared) => Input>} */
export const INPUTS = { number: numberInput, choice: choiceInput, order: orderInput, curve: curveInput };
