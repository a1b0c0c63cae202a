// Line charts with any axes, for numbers that `SpectrumChart` does not draw.

import { octaveEdge, svg } from "./chart.js";

/** Pixels around the plotting area. */
const AROUND = { left: 40, right: 4, above: 26, below: 36 };

/**
 * An axis in units that are plotted as they are: take logarithms first where it shall be so.
 * @typedef {{from: number, to: number, ticks: [number, string][]}} Axis
 */

/** A chart whose curves the caller adds and moves. */
export class LineChart {
  /**
   * @param {string} vertical title of the vertical axis
   * @param {string} horizontal title of the horizontal axis
   */
  constructor(vertical, horizontal) {
    this.titles = [vertical, horizontal];
    this.element = svg("svg", { class: "st-chart", role: "img" });
    this.axes = svg("g", { class: "st-axes" });
    this.element.append(this.axes);
    this.size = [];
  }

  /**
   * Adds an element above those that are there.
   * @param {string} name of an SVG element
   * @param {string} className
   * @returns {SVGElement}
   */
  add(name, className) {
    const element = svg(name, { class: className });
    this.element.append(element);
    return element;
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
    const size = [width, height, across, up, vertical];
    if (size.every((one, k) => one === this.size[k])) return;
    this.size = size;
    Object.assign(this, { width, height, across, up });
    this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.element.setAttribute("width", width);
    this.element.setAttribute("height", height);
    const [x1, x2, bottom] = [this.x(across.from), this.x(across.to), this.y(up.from)];
    const parts = [svg("text", { x: 0, y: 11, class: "st-axis-title" }, vertical)];
    for (const [value, words] of up.ticks) {
      const y = this.y(value);
      parts.push(svg("line", { x1, x2, y1: y, y2: y }));
      parts.push(svg("text", { x: x1 - 6, y: y + 4, class: "st-right" }, words));
    }
    for (const [value, words] of across.ticks) {
      const x = this.x(value);
      parts.push(svg("line", { x1: x, x2: x, y1: bottom, y2: bottom + 4, class: "st-tick" }));
      parts.push(svg("text", { x, y: bottom + 17, class: "st-middle" }, words));
    }
    parts.push(svg("line", { x1, x2, y1: bottom, y2: bottom, class: "st-tick" }));
    const title = { x: x2, y: height - 2, class: "st-right st-axis-title" };
    parts.push(svg("text", title, this.titles[1]));
    this.axes.replaceChildren(...parts);
  }

  /** Pixels from the left of a value on the horizontal axis. */
  x(value) {
    const { from, to } = this.across;
    return AROUND.left + ((value - from) / (to - from)) * (this.width - AROUND.left - AROUND.right);
  }

  /** Pixels from the top of a value on the vertical axis; values beyond it stay at its ends. */
  y(value) {
    const { from, to } = this.up;
    const share = Math.max(0, Math.min(1, (value - from) / (to - from)));
    return this.height - AROUND.below - share * (this.height - AROUND.below - AROUND.above);
  }

  /** A point as SVG paths spell it. */
  point(x, y) {
    return `${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`;
  }

  /**
   * Path of a step line over cells of an axis of degrees.
   * @param {ArrayLike<number>} values one per degree
   * @param {number} from first degree
   * @param {number} to degree after the last
   * @returns {string} begins at the bottom of the axis, and ends there
   */
  steps(values, from, to) {
    if (to <= from) return "";
    const bottom = this.y(this.up.from).toFixed(1);
    let path = `M${this.x(octaveEdge(from)).toFixed(1)} ${bottom}`;
    for (let l = from; l < to; l++) {
      path += `V${this.y(values[l]).toFixed(1)}H${this.x(octaveEdge(l + 1)).toFixed(1)}`;
    }
    return `${path}V${bottom}`;
  }
}

/**
 * The logarithmic axis of degrees, in octaves; degree 0 has a cell of its own at the left.
 * @param {number} L exclusive band-limit
 * @returns {Axis}
 */
export function degreeAxis(L) {
  const ticks = [[(octaveEdge(0) + octaveEdge(1)) / 2, "0"]];
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
  const ticks = Array.from({ length: decades + 1 }, (_, k) => [
    -k, words[k] ?? `10${superscript(2 - k)} %`,
  ]);
  return { from: -decades, to: 0, ticks };
}

/** An integer in raised digits. */
export function superscript(n) {
  return `${n}`.replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
}
