// The charts of the harmonics' explorer: energy by degree, energy left out, coefficients by order.

import { LineChart, octaveEdge, octaveMiddle, shareAxis } from "../_page/chart.js";
import { finePercent, set, signed, svg } from "../_page/dom.js";

/** Logarithms of shares end here: powers of ten. */
const LEAST = -9;

/** Energy by degree, as a line: what is left out, or the degree that is chosen, in another colour. */
export class Spectrum extends LineChart {
  constructor() {
    super("energy at each degree, share of all", "degree ℓ");
    this.band = svg("rect", { class: "st-band", "data-link": "second" });
    this.element.prepend(this.band);
    this.rest = this.add("path", "st-line", { "data-link": "first" });
    this.other = this.add("path", "st-line st-other", { "data-link": "second" });
  }

  /**
   * Draws degrees from .. to - 1 in the second colour.
   * @param {Float64Array} logarithms one per degree
   * @param {number} from
   * @param {number} to
   */
  draw(logarithms, from, to) {
    const L = logarithms.length;
    const [left, right, top] = [this.x(octaveEdge(from)), this.x(octaveEdge(to)), this.y(this.up.to)];
    set(this.band, { x: left, width: Math.max(0, right - left), y: top, height: this.y(this.up.from) - top });
    set(this.rest, { d: this.steps(logarithms, 0, from) + this.steps(logarithms, to, L) });
    set(this.other, { d: this.steps(logarithms, from, to) });
    this.places = () => Array.from(logarithms, (value, l) => ({
      x: octaveMiddle(l), ys: [value], words: [shareWords(value), `of the energy at ℓ = ${l}`],
      link: l >= from && l < to ? "second" : "first",
    }));
  }
}

/** Energy left out by each band-limit, and the one that is chosen. */
export class Residual extends LineChart {
  /** @param {number} L */
  constructor(L) {
    super("energy left out, share of all", "band-limit (degrees below it are kept)");
    this.curve = this.add("path", "st-line");
    this.rule = this.add("path", "st-ghost");
    this.dot = this.add("circle", "st-dot", { r: 5 });
    /** @type {[number, string][]} */
    const ticks = [];
    for (let B = 1; B <= L; B *= 2) ticks.push([Math.log2(B), `${B}`]);
    this.limits = { from: 0, to: Math.log2(Math.max(2, L)), ticks };
  }

  /**
   * @param {Float64Array} logarithms one per band-limit from 0
   * @param {number} B the one that is chosen
   */
  draw(logarithms, B) {
    /** @type {[number, number][]} */
    const points = [];
    for (let b = 1; b < logarithms.length - 1; b++) points.push([Math.log2(b), logarithms[b]]);
    set(this.curve, { d: this.line(points) });
    this.places = () => points.map(([at, value]) => ({
      x: at, ys: [value], words: [shareWords(value), `is left out by band-limit ${Math.round(2 ** at)}`],
    }));
    const [x, y] = [this.x(Math.log2(B)), this.y(logarithms[B])];
    set(this.rule, { d: `M${x} ${this.y(this.up.from)}V${y}` });
    set(this.dot, { cx: x, cy: y });
  }
}

/** The real coefficients of one degree as bars over the orders. */
export class Orders extends LineChart {
  constructor() {
    super("", "order m");
    this.bars = this.add("path", "st-area");
    this.chosen = this.add("path", "st-moved", { "data-link": "first" });
    this.axis = this.add("path", "st-line");
  }

  /**
   * @param {Float64Array} values from order -l on
   * @param {number} l
   * @param {number} m the order that is chosen
   * @param {(value: number) => string} words a value with its unit
   */
  draw(values, l, m, words) {
    let others = "";
    for (let k = -l; k <= l; k++) {
      if (k === m) set(this.chosen, { d: this.barAt(k, values[l + k]) });
      else others += this.barAt(k, values[l + k]);
    }
    set(this.bars, { d: others });
    this.places = () => Array.from({ length: 2 * l + 1 }, (_, k) => ({
      x: k - l, ys: [values[k]], words: [words(values[k]), `order ${signed(k - l)}`], ...(k - l === m && { link: "first" }),
    }));
    set(this.axis, { d: `M${this.x(-l - 0.5)} ${this.y(0)}H${this.x(l + 0.5)}` });
  }
}

/** A share by its logarithm.
 * @param {number} logarithm
 * @returns {string} */
function shareWords(logarithm) {
  return logarithm > LEAST ? finePercent(10 ** logarithm) : "nothing";
}

/**
 * Logarithms of shares, and an axis on which they fit.
 * @param {Float64Array} shares
 * @returns {{values: Float64Array, axis: Axis}}
 */
export function logarithmic(shares) {
  const values = shares.map((value) => (value > 0 ? Math.max(LEAST, Math.log10(value)) : LEAST));
  const least = values.reduce((a, b) => (b > LEAST ? Math.min(a, b) : a), -2);
  return { values, axis: shareAxis(Math.ceil(-least)) };
}
