// Elements and words: what every explorer's page side builds and writes with.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Creates an HTML element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Object<string, any>} [attributes] `on...` functions become listeners
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function html(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/**
 * Creates an SVG element.
 * @param {string} name
 * @param {Object<string, string | number>} [attributes]
 * @param {string} [text]
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, text = "") {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, name));
  set(element, attributes);
  if (text) element.textContent = text;
  return element;
}

/**
 * Sets several attributes.
 * @param {Element} element
 * @param {Object<string, string | number>} attributes
 */
export function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, `${value}`);
}

/**
 * Keeps keys from JupyterLab's notebook, which would take those that belong to sliders and globes.
 * @param {HTMLElement} root
 */
export function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
}

/**
 * Mathematics, as it is set.
 * @param {...(Node | string)} parts
 * @returns {HTMLElement}
 */
export function math(...parts) {
  return html("span", { class: "st-math" }, ...parts);
}

/**
 * A quantity with an index: an italic letter and a lowered number.
 * @param {string} letter
 * @param {string | number} index
 * @param {boolean} [modulus] between bars
 * @returns {HTMLElement}
 */
export function indexed(letter, index, modulus = false) {
  const bar = modulus ? "|" : "";
  return math(bar, html("i", {}, letter), html("sub", {}, `${index}`), bar);
}

/**
 * A number to be noticed.
 * @param {string} text
 * @param {string} [className]
 * @returns {HTMLElement}
 */
export function number(text, className = "st-number") {
  return html("b", { class: className }, text);
}

/**
 * A number with three significant digits and no exponent where that reads better.
 * @param {number} value
 * @returns {string}
 */
export function short(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1);
  return grouped(Number(value.toPrecision(size < 1000 ? 2 : 3)));
}

/**
 * A number with commas between its thousands. A browser's own way to write them loads tables of
 * languages first.
 * @param {number} value
 * @returns {string}
 */
export function grouped(value) {
  const [whole, ...rest] = `${value}`.split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...rest].join(".");
}

/**
 * A share as a percentage with one decimal.
 * @param {number} share 0 .. 1
 * @returns {string}
 */
export function percent(share) {
  return `${(100 * share).toFixed(1)}\u00a0%`; // a no-break space
}

/**
 * An error of single precision or more as a percentage with two digits; less counts as none.
 * @param {number} error relative
 * @returns {string}
 */
export function errorText(error) {
  return error < ROUNDING ? "0" : `${Number((100 * error).toPrecision(2))}\u00a0%`;
}

/** A share as a percentage with the digits that a small one needs. @param {number} share */
export function finePercent(share) {
  return share > 0 && share < 0.01 ? errorText(share) : percent(share);
}

/** Errors below this are the page's own rounding, in single precision. */
export const ROUNDING = 2e-6;

/**
 * A quantity with its unit, if it has one.
 * @param {string} value
 * @param {string} unit
 * @returns {string}
 */
export function withUnit(value, unit) {
  return unit ? `${value} ${unit}` : value;
}

/**
 * A number or its text with a minus sign in place of a hyphen.
 * @param {number | string} value
 * @returns {string}
 */
export function signed(value) {
  return `${value}`.replace("-", "−");
}

/**
 * A point of the sphere in degrees: latitude and longitude, or colatitude and longitude.
 * @param {[number, number]} point colatitude and longitude, radians
 * @param {boolean} onEarth
 * @returns {string}
 */
export function placeWords([theta, phi], onEarth) {
  const degrees = (/** @type {number} */ angle) => Math.round((angle * 180) / Math.PI);
  const east = (degrees(phi) + 720) % 360;
  if (!onEarth) return `θ = ${degrees(theta)}°, φ = ${east}°`;
  const [north, west] = [90 - degrees(theta), 360 - east];
  return `${Math.abs(north)}°\u00a0${north < 0 ? "S" : "N"}, ${east > 180 ? `${west}°\u00a0W` : `${east}°\u00a0E`}`;
}

/**
 * The degrees of a band.
 * @param {number} first
 * @param {number} end the one after the last
 * @returns {string}
 */
export function degreesWords(first, end) {
  if (end <= first) return "no degree";
  return end - first === 1 ? `degree ${first}` : `degrees ${first} to ${end - 1}`;
}

/**
 * An integer in raised digits.
 * @param {number} n
 * @returns {string}
 */
export function superscript(n) {
  return `${n}`.replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]);
}

/** A bar of three parts of a whole; what is moved comes first, in the colour of what is moved. */
export class ShareBar {
  constructor() {
    this.parts = ["first", "second", "third"].map((name) => html("span", { class: `st-${name}` }));
    this.element = html("span", { class: "st-share-bar", "aria-hidden": "true" }, ...this.parts);
  }

  /** @param {number[]} shares of the whole */
  show(shares) {
    this.parts.forEach(({ style }, k) => (style.width = `${100 * shares[k]}%`));
  }
}

/** Whether JupyterLab shows the page: it owns the address and the keys.
 * @returns {boolean} */
export function isLab() {
  return document.body.dataset.jpThemeLight !== undefined;
}

/** By the root of an explorer.
 * @type {WeakMap<Element, {type: number, unit: number, fit: number}>} */
const sizes = new WeakMap();

/**
 * The sizes of an explorer, to be read and set.
 * @param {Element} element of the explorer
 * @returns {{type: number, unit: number, fit: number}} the size of letters in charts and of what
 *   is measured in pixels, in terms of a page's, and of pictures, in terms of the room they could take
 */
export function sizing(element) {
  const root = element.closest(".st-explorer") ?? element;
  const size = sizes.get(root) ?? { type: 1, unit: 1, fit: 1 };
  sizes.set(root, size);
  return size;
}
