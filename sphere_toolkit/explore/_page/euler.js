// What each Euler angle does: a small sphere with three arcs.
//
// Rz(alpha) Ry(beta) Rz(gamma) carries the north pole to colatitude beta and longitude alpha; gamma is
// how far what stood at the pole is turned there, from south to east.

import { html, set, signed, svg } from "./dom.js";
import { matrixFromEuler } from "./rotation.js";

/** @typedef {[number, number, number]} Point */

/** Where the sphere is looked at from: longitude and latitude, radians. */
const FROM = [0.6, 0.45];

/** Radius of the sphere in its picture, and of the arc of gamma on the sphere. */
const RADIUS = 46;
const SMALL = 0.42;

/** From one point of an arc to the next, radians. */
const STEP = 0.05;

const NAMES = ["alpha", "beta", "gamma"];

/** A picture of three angles, of which the one that is being changed is lit. */
export class EulerSphere {
  constructor() {
    this.element = svg("svg", { class: "st-euler", viewBox: "-58 -58 116 116", role: "img" });
    const add = (/** @type {string} */ name, /** @type {string} */ className, attributes = {}) => {
      const one = svg(name, { class: className, ...attributes });
      this.element.append(one);
      return one;
    };
    add("circle", "st-ball", { r: RADIUS });
    const round = (/** @type {number} */ t) => /** @type {Point} */ ([Math.cos(t), Math.sin(t), 0]);
    add("path", "st-hidden", { d: path(round, 0, 2 * Math.PI, false) });
    add("path", "st-seen", { d: path(round, 0, 2 * Math.PI, true) });
    const [x, y] = place([0, 0, 1]);
    const top = place([0, 0, 1.22]);
    add("path", "st-seen", { d: `M${x} ${y}L${top[0]} ${top[1]}` });
    const z = svg("text", { x: top[0] + 4, y: top[1] + 5 }, "z");
    this.element.append(z);
    this.arcs = NAMES.map((name) => [false, true].map((seen) => add("path", seen ? "st-arc" : "st-arc st-hidden", { "data-angle": name })));
    this.arrow = add("path", "st-arrow");
    this.letters = ["α", "β", "γ"].map((letter) => svg("text", { class: "st-angle" }, letter));
    this.element.append(...this.letters);
  }

  /**
   * @param {[number, number, number]} angles alpha, beta, gamma, radians
   */
  show([alpha, beta, gamma]) {
    const around = (/** @type {number} */ t) => /** @type {Point} */ ([Math.cos(t), Math.sin(t), 0]);
    const down = (/** @type {number} */ t) => on(t, alpha);
    const matrix = matrixFromEuler(alpha, beta, 0);
    const near = (/** @type {number} */ t) => turned(matrix, on(SMALL, t));
    const ways = /** @type {[(t: number) => Point, number][]} */ ([[around, alpha], [down, beta], [near, gamma]]);
    ways.forEach(([way, end], k) => {
      this.arcs[k].forEach((arc, seen) => set(arc, { d: path(way, 0, end, Boolean(seen)) }));
      const [x, y, depth] = place(scaled(way(end / 2), 1.16));
      set(this.letters[k], { x: x - 4, y: y + 4, opacity: Math.abs(end) < 0.09 ? 0 : depth < 0 ? 0.5 : 1 });
    });
    const tip = place(near(gamma));
    const foot = place(turned(matrix, [0, 0, 1]));
    set(this.arrow, { d: `M${foot[0]} ${foot[1]}L${tip[0]} ${tip[1]}M${tip[0]} ${tip[1]}h0`, opacity: foot[2] < 0 ? 0.35 : 1 });
    const [a, b, c] = [alpha, beta, gamma].map((angle) => signed(Math.round((angle * 180) / Math.PI)));
    const words = `First a turn about z by gamma, ${c}°, then about y by beta, ${b}°, then about z by alpha, ${a}°: ` +
      `the pole comes to colatitude ${b}° and longitude ${a}°.`;
    this.element.setAttribute("aria-label", words);
  }

  /**
   * Lights the arc of an angle.
   * @param {number} k its place, or -1
   */
  light(k) {
    this.arcs.forEach((pair, n) => pair.forEach((arc) => arc.classList.toggle("st-now", n === k)));
    this.letters.forEach((letter, n) => letter.classList.toggle("st-now", n === k));
  }
}

/**
 * Sliders of Euler angles, and the sphere that shows what each does.
 * @param {any} angles the control
 * @returns {{element: HTMLElement, show: (angles: [number, number, number]) => void}}
 */
export function eulerRow(angles) {
  const sphere = new EulerSphere();
  angles.sliders.forEach((/** @type {{element: HTMLElement}} */ { element }, /** @type {number} */ k) => {
    for (const type of ["focusin", "pointerenter"]) element.addEventListener(type, () => sphere.light(k));
    for (const type of ["focusout", "pointerleave"]) element.addEventListener(type, () => sphere.light(-1));
  });
  const order = html("p", { class: "st-order" }, "First γ about z, then β about y, then α about z.");
  const element = html("div", { class: "st-controls st-turning" }, angles.element, sphere.element, order);
  return { element, show: (all) => sphere.show(all) };
}

/** @param {number} theta @param {number} phi @returns {Point} */
function on(theta, phi) {
  return [Math.sin(theta) * Math.cos(phi), Math.sin(theta) * Math.sin(phi), Math.cos(theta)];
}

/** @param {number[]} m @param {Point} p @returns {Point} */
function turned(m, p) {
  return /** @type {Point} */ ([0, 3, 6].map((row) => m[row] * p[0] + m[row + 1] * p[1] + m[row + 2] * p[2]));
}

/** @param {Point} p @param {number} by @returns {Point} */
function scaled(p, by) {
  return /** @type {Point} */ (p.map((one) => by * one));
}

/** Place in the picture, and how near it is.
 * @param {Point} p
 * @returns {[number, number, number]} to the right, downwards, towards the reader */
function place([x, y, z]) {
  const [co, so, ca, sa] = [Math.cos(FROM[0]), Math.sin(FROM[0]), Math.cos(FROM[1]), Math.sin(FROM[1])];
  const [right, deep] = [y * co - x * so, x * co + y * so];
  const [up, near] = [z * ca - deep * sa, deep * ca + z * sa];
  return [Number((RADIUS * right).toFixed(1)), Number((-RADIUS * up).toFixed(1)), near];
}

/**
 * The parts of an arc before or behind the sphere.
 * @param {(t: number) => Point} way
 * @param {number} from
 * @param {number} to
 * @param {boolean} seen
 * @returns {string}
 */
function path(way, from, to, seen) {
  const n = Math.max(1, Math.ceil(Math.abs(to - from) / STEP));
  let [d, drawing] = ["", false];
  for (let k = 0; k <= n; k++) {
    const [x, y, near] = place(way(from + ((to - from) * k) / n));
    const isHere = near >= 0 === seen;
    if (isHere) d += `${drawing ? "L" : "M"}${x} ${y}`;
    drawing = isHere;
  }
  return d;
}
