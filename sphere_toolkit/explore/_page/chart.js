// Line charts in SVG: the page's own fonts and colours, sharp at any zoom.

import { set, sizing, svg, superscript } from "./dom.js";

/**
 * An axis in units that are plotted as they are: take logarithms first where it shall be so.
 * @typedef {{from: number, to: number, ticks: [number, string][]}} Axis
 */

/** Pixels around the plotting area. */
const AROUND = { left: 40, right: 4, above: 26, below: 36 };

/** No chart is lower than this many pixels. */
const LOWEST = 110;

/** Degrees are drawn in steps of at least this many octaves: finer ones would only look noisy. */
const STEP = 1 / 8;

/** Width of the bar of degree 0, in octaves; also the unit of a spectrum's vertical axis. */
const UNIT = 1 / 2;

/** Upper ends that a spectrum's vertical axis may have, shares per half octave. */
const TOPS = [0.8, 1.2, 2, 4, 8, 20, 40, 80, 200, 400];

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
 * The logarithmic axis of degrees, in octaves; degree 0 has a cell of its own at the left.
 * @param {number} L exclusive band-limit
 * @returns {Axis}
 */
export function degreeAxis(L) {
  /** @type {[number, string][]} */
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
  /** @type {[number, string][]} */
  const ticks = Array.from({ length: decades + 1 }, (_, k) => [
    -k, words[k] ?? `10${superscript(2 - k)} %`,
  ]);
  return { from: -decades, to: 0, ticks };
}

/** A chart whose curves a subclass or the caller adds and moves. */
export class LineChart {
  /**
   * @param {string} vertical title of the vertical axis
   * @param {string} horizontal title of the horizontal axis
   * @param {[number, number, number]} [proportion] height: least, most, and part of the width
   */
  constructor(vertical, horizontal, proportion = [200, 240, 0.5]) {
    this.titles = [vertical, horizontal];
    this.proportion = proportion;
    this.element = svg("svg", { class: "st-chart", role: "img" });
    this.axes = svg("g", { class: "st-axes" });
    this.element.append(this.axes);
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
    this.element.append(element);
    return element;
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
 * Shares of energy by degree, on a logarithmic axis of degrees, with a wavelet's band marked.
 *
 * Areas are shares: a step from degree a to b is as high as the share of its degrees, divided by
 * its width in octaves and times half an octave.
 */
export class SpectrumChart extends LineChart {
  /**
   * @param {number} L exclusive band-limit of the axis
   * @param {string} title of the vertical axis
   */
  constructor(L, title) {
    super(title, "degree ℓ", [200, 250, 0.52]);
    this.L = L;
    this.degrees = degreeAxis(L);
    this.band = svg("rect", { class: "st-band" });
    this.element.prepend(this.band);
    this.area = this.add("path", "st-area");
    this.moved = this.add("path", "st-moved");
    this.ghost = this.add("path", "st-ghost");
    this.curve = this.add("path", "st-line");
    this.bandLabel = this.add("text", "st-band-label");
  }

  /**
   * Draws one spectrum.
   * @param {Float64Array} share (L,) share of energy at each degree
   * @param {number} first first degree of the wavelet's band
   * @param {number} end degree after its last one
   * @param {Float64Array | null} ghost (L,) a spectrum to compare with, drawn thin
   */
  draw(share, first, end, ghost) {
    const left = this.x(octaveEdge(first));
    const right = this.x(octaveEdge(end));
    const [top, bottom] = [this.y(this.up.to), this.y(0)];
    set(this.band, { x: left, width: Math.max(0, right - left), y: top, height: bottom - top });
    const crowded = this.width - (left + right) / 2 < 40 * this.type;
    this.bandLabel.textContent = bandWords(first, end);
    set(this.bandLabel, {
      class: `st-band-label ${crowded ? "st-right" : "st-middle"}`,
      x: crowded ? this.width - 8 : (left + right) / 2, y: top + 14 * this.type,
    });
    const below = this.densities(share, 0, first);
    const rest = this.densities(share, first, end) + this.densities(share, end, this.L);
    /** @type {(path: string, from: number) => string} */
    const close = (path, from) => path && `M${path.slice(1)}V${bottom}H${this.x(octaveEdge(from))}Z`;
    set(this.curve, { d: `M${(below + rest).slice(1)}` });
    set(this.moved, { d: close(below, 0) });
    set(this.area, { d: close(rest, first) });
    const other = ghost
      ? this.densities(ghost, 0, first) + this.densities(ghost, first, end) + this.densities(ghost, end, this.L)
      : "";
    set(this.ghost, { d: other && `M${other.slice(1)}` });
  }

  /** Path of the step line over degrees from .. to - 1, as a continuation ("L...") of another.
   * @param {Float64Array} share
   * @param {number} from
   * @param {number} to
   * @returns {string} */
  densities(share, from, to) {
    let path = "";
    for (let l = from; l < to; ) {
      const stop = nextStep(l, to);
      path += `L${this.point(octaveEdge(l), density(share, l, stop))}H${this.x(octaveEdge(stop)).toFixed(1)}`;
      l = stop;
    }
    return path;
  }
}

/**
 * The degrees of a wavelet's band.
 * @param {number} first
 * @param {number} end degree after the last one
 * @returns {string}
 */
export function bandWords(first, end) {
  return end - first === 1 ? `ℓ = ${first}` : `ℓ = ${first}–${end - 1}`;
}

/** Degree at which the step that starts at degree l ends; `to` bounds it.
 * @param {number} l
 * @param {number} to
 * @returns {number} */
function nextStep(l, to) {
  let stop = l + 1;
  while (stop < to && octaveEdge(stop) - octaveEdge(l) < STEP) stop++;
  return stop;
}

/** Share per half octave over degrees from .. to - 1.
 * @param {Float64Array} share
 * @param {number} from
 * @param {number} to
 * @returns {number} */
function density(share, from, to) {
  let sum = 0;
  for (let l = from; l < to; l++) sum += share[l];
  return (UNIT * sum) / (octaveEdge(to) - octaveEdge(from));
}

/** The vertical axes of spectra. @type {Axis[]} */
const SPECTRUM_AXES = TOPS.map((top) => ({
  from: 0, to: top,
  ticks: [0, 1, 2, 3, 4].map((k) => [(k * top) / 4, `${Math.round(25 * k * top)}${k === 4 ? " %" : ""}`]),
}));

/**
 * The vertical axis on which several spectra fit.
 * @param {Float64Array[]} shares each (L,)
 * @param {number} first first degree of the wavelet's band
 * @param {number} end degree after its last one
 * @returns {Axis}
 */
export function spectrumAxis(shares, first, end) {
  let most = 0;
  for (const share of shares) {
    for (let l = 0; l < share.length; ) {
      const stop = nextStep(l, l < first ? first : l < end ? end : share.length);
      most = Math.max(most, density(share, l, stop));
      l = stop;
    }
  }
  const axes = SPECTRUM_AXES;
  return axes.find(({ to }) => most <= to) ?? axes[axes.length - 1];
}
