// Line charts in SVG: the page's own fonts and colours, sharp at any zoom.

import { set, sizing, svg, superscript } from "./dom.js";
import { readables } from "./reading.js";

/**
 * An axis in units that are plotted as they are: take logarithms first where it shall be so.
 * @typedef {{from: number, to: number, ticks: [number, string][]}} Axis
 */

/**
 * A place on the horizontal axis, and the values there.
 * @typedef {object} Place
 * @property {number} x
 * @property {number[]} ys of points to be marked
 * @property {string[]} words
 * @property {string} [link] see links.js
 */

/** Pixels around the plotting area. */
const AROUND = { left: 40, right: 4, above: 26, below: 36 };

/** No chart is lower than this many pixels. */
const LOWEST = 110;

/** Width of the bar of degree 0, in octaves. */
export const UNIT = 1 / 2;

/** Left end of the axis of degrees, in octaves. */
const START = -1 - UNIT;

/**
 * Left edge of a degree's cell on a logarithmic axis, in octaves: degree l >= 1 fills
 * log2(l - 1/2) .. log2(l + 1/2), and degree 0, the mean, the half octave to the left of degree 1.
 * @param {number} l degree; l + 1 gives the right edge
 * @returns {number}
 */
export function octaveEdge(l) {
  return l === 0 ? START : Math.log2(l - 0.5);
}

/**
 * The middle of a degree's cell, or of those of several.
 * @param {number} first
 * @param {number} [end] degree after the last one
 * @returns {number}
 */
export function octaveMiddle(first, end = first + 1) {
  return (octaveEdge(first) + octaveEdge(end)) / 2;
}

/**
 * The logarithmic axis of degrees, in octaves; degree 0 has a cell of its own at the left.
 * @param {number} L exclusive band-limit
 * @returns {Axis}
 */
export function degreeAxis(L) {
  /** @type {[number, string][]} */
  const ticks = [[octaveMiddle(0), "0"]];
  for (let l = 1; l < L; l *= 2) ticks.push([Math.log2(l), `${l}`]);
  return { from: octaveEdge(0), to: octaveEdge(L), ticks };
}

/**
 * A logarithmic axis of shares from 100 % down, in powers of ten.
 * @param {number} decades
 * @returns {Axis}
 */
export function shareAxis(decades) {
  const words = ["100 %", "10 %", "1 %", "0.1 %"];
  /** @type {[number, string][]} */
  const ticks = Array.from({ length: decades + 1 }, (_, k) => [
    -k, words[k] ?? `10${superscript(2 - k)} %`,
  ]);
  return { from: -decades, to: 0, ticks };
}

/** A chart whose curves a subclass or the caller adds and moves. Its values are read by pointer and keys. */
export class LineChart {
  /**
   * @param {string} vertical title of the vertical axis
   * @param {string} horizontal title of the horizontal axis
   * @param {[number, number, number]} [proportion] height: least, most, and part of the width
   */
  constructor(vertical, horizontal, proportion = [200, 240, 0.5]) {
    this.titles = [vertical, horizontal];
    this.proportion = proportion;
    this.element = svg("svg", { class: "st-chart", role: "img", tabindex: 0 });
    this.axes = svg("g", { class: "st-axes" });
    this.mark = svg("g", { class: "st-mark", hidden: "" });
    this.element.append(this.axes, this.mark);
    readables.set(this.element, this);
    /** What can be read, from left to right; each chart has its own.
     * @type {() => Place[]} */
    this.places = () => [];
    /** The last place that was read. */
    this.reading = 0;
    /** @type {any[]} */
    this.size = [];
    this.width = 0;
    this.height = 0;
    /** The size of letters, and of all that depends on it, in terms of a page's. */
    this.type = 1;
    /** @type {Axis} */
    this.across = { from: 0, to: 1, ticks: [] };
    /** @type {Axis} */
    this.up = { from: 0, to: 1, ticks: [] };
  }

  /**
   * Adds an element above those that are there.
   * @param {string} name of an SVG element
   * @param {string} className
   * @param {Object<string, string | number>} [attributes]
   * @returns {SVGElement}
   */
  add(name, className, attributes = {}) {
    const element = svg(name, { class: className, ...attributes });
    this.mark.before(element);
    return element;
  }

  /**
   * The values next to a place, which is marked.
   * @param {number} pixel from the left
   * @returns {Place | null}
   */
  readAt(pixel) {
    const places = this.places();
    const apart = (/** @type {Place} */ { x }) => Math.abs(this.x(x) - pixel);
    let best = 0;
    places.forEach((one, k) => (best = apart(one) < apart(places[best]) ? k : best));
    const found = places[best];
    this.reading = best;
    if (!found) return null;
    const x = this.x(found.x);
    const line = svg("line", { x1: x, x2: x, y1: this.y(this.up.from), y2: this.y(this.up.to) });
    const dots = found.ys.map((y) => svg("circle", { cx: x, cy: this.y(y), r: 3.5 * this.type }));
    this.mark.replaceChildren(line, ...dots);
    this.mark.removeAttribute("hidden");
    return found;
  }

  /**
   * Where the next place is.
   * @param {number} step from the last one
   * @returns {{x: number, y: number} | null} pixels
   */
  readNext(step) {
    const places = this.places();
    const one = places[Math.max(0, Math.min(places.length - 1, this.reading + step))];
    return one ? { x: this.x(one.x), y: Math.min(...one.ys.map((y) => this.y(y)), this.y(this.up.from)) } : null;
  }

  /** Takes the mark away. */
  readNone() {
    this.mark.setAttribute("hidden", "");
  }

  /**
   * Draws the axes in the chart's own proportion.
   * @param {number} width CSS pixels
   * @param {Axis} across
   * @param {Axis} up
   * @param {string} [vertical] see `layout`
   */
  fit(width, across, up, vertical) {
    const { type, fit } = sizing(this.element);
    const [least, most, part] = this.proportion;
    const room = Math.max(type * least, Math.min(type * most, part * width));
    this.layout(width, Math.max(type * LOWEST, fit * room), across, up, vertical);
  }

  /**
   * Draws the axes where size or axes are new.
   * @param {number} width CSS pixels
   * @param {number} height CSS pixels
   * @param {Axis} across horizontal
   * @param {Axis} up vertical
   * @param {string} [vertical] another title of the vertical axis
   */
  layout(width, height, across, up, vertical = this.titles[0]) {
    const { type } = sizing(this.element);
    const size = [width, height, across, up, vertical, type];
    if (size.every((one, k) => one === this.size[k])) return;
    this.size = size;
    this.width = width;
    this.height = height;
    this.type = type;
    this.across = across;
    this.up = up;
    set(this.element, { viewBox: `0 0 ${width} ${height}`, width, height });
    const [x1, x2, bottom] = [this.x(across.from), this.x(across.to), this.y(up.from)];
    const parts = [svg("text", { x: 0, y: 11 * type, class: "st-axis-title" }, vertical)];
    for (const [value, words] of up.ticks) {
      const y = this.y(value);
      parts.push(svg("line", { x1, x2, y1: y, y2: y }));
      parts.push(svg("text", { x: x1 - 6 * type, y: y + 4 * type, class: "st-right" }, words));
    }
    for (const [value, words] of across.ticks) {
      const x = this.x(value);
      parts.push(svg("line", { x1: x, x2: x, y1: bottom, y2: bottom + 4 * type, class: "st-tick" }));
      parts.push(svg("text", { x, y: bottom + 17 * type, class: "st-middle" }, words));
    }
    parts.push(svg("line", { x1, x2, y1: bottom, y2: bottom, class: "st-tick" }));
    const title = { x: x2, y: height - 2, class: "st-right st-axis-title" };
    parts.push(svg("text", title, this.titles[1]));
    this.axes.replaceChildren(...parts);
  }

  /** Pixels from the left of a value on the horizontal axis.
   * @param {number} value
   * @returns {number} */
  x(value) {
    const { from, to } = this.across;
    const left = AROUND.left * this.type;
    return left + ((value - from) / (to - from)) * (this.width - left - AROUND.right);
  }

  /** Pixels from the top of a value on the vertical axis; values beyond it stay at its ends.
   * @param {number} value
   * @returns {number} */
  y(value) {
    const { from, to } = this.up;
    const share = Math.max(0, Math.min(1, (value - from) / (to - from)));
    const [above, below] = [AROUND.above * this.type, AROUND.below * this.type];
    return this.height - below - share * (this.height - below - above);
  }

  /** A point as SVG paths spell it.
   * @param {number} x
   * @param {number} y
   * @returns {string} */
  point(x, y) {
    return `${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`;
  }

  /** Path of a line through points.
   * @param {[number, number][]} points
   * @returns {string} */
  line(points) {
    return points.length ? `M${points.map(([x, y]) => this.point(x, y)).join("L")}` : "";
  }

  /** Path of a bar from zero to a value, 0.8 wide, around a place of the horizontal axis.
   * @param {number} at
   * @param {number} value
   * @returns {string} */
  barAt(at, value) {
    const [left, right] = [this.x(at - 0.4).toFixed(1), this.x(at + 0.4).toFixed(1)];
    const zero = this.y(0).toFixed(1);
    return `M${left} ${zero}V${this.y(value).toFixed(1)}H${right}V${zero}Z`;
  }

  /**
   * Path of a step line over cells of an axis of degrees.
   * @param {ArrayLike<number>} values one per degree
   * @param {number} from first degree
   * @param {number} to degree after the last
   * @returns {string}
   */
  steps(values, from, to) {
    let path = "";
    for (let l = from; l < to; l++) {
      path += `${path ? "L" : "M"}${this.point(octaveEdge(l), values[l])}H${this.x(octaveEdge(l + 1)).toFixed(1)}`;
    }
    return path;
  }
}
