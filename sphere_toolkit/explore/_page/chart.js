// Line charts in SVG: the page's own fonts and colours, sharp at any zoom.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Creates an SVG element.
 * @param {string} name
 * @param {Object<string, string | number>} [attributes]
 * @param {string} [text]
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

/** Degrees are drawn in steps of at least this many octaves: finer ones would only look noisy. */
const STEP = 1 / 8;

/** Width of the bar of degree 0, in octaves; also the unit of the vertical axis. */
const UNIT = 1 / 2;

/** Upper ends that the vertical axis may have, shares per half octave. */
const TOPS = [0.8, 1.2, 2, 4, 8, 20, 40, 80, 200, 400];

/** Left end of the horizontal axis, in octaves. */
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
 * How energy is spread over degrees: a step line whose area over a range of degrees is the share
 * of energy there. Horizontally degrees on a logarithmic scale; vertically share per half octave.
 */
export class SpectrumChart {
  /**
   * @param {number} L exclusive band-limit of the axis
   * @param {string} title of the vertical axis
   */
  constructor(L, title) {
    this.L = L;
    this.title = title;
    this.width = 0;
    this.height = 0;
    this.top = TOPS[0];
    this.element = svg("svg", { class: "st-chart", role: "img" });
    this.axes = svg("g", { class: "st-axes" });
    this.band = svg("rect", { class: "st-band" });
    this.bandLabel = svg("text", { class: "st-band-label" });
    this.area = svg("path", { class: "st-area" });
    this.moved = svg("path", { class: "st-moved" });
    this.ghost = svg("path", { class: "st-ghost" });
    this.line = svg("path", { class: "st-line" });
    this.element.append(this.band, this.axes, this.area, this.moved, this.ghost, this.line);
    this.element.append(this.bandLabel);
  }

  /**
   * Draws the axes for a size.
   * @param {number} width CSS pixels
   * @param {number} height CSS pixels
   * @param {number} top upper end of the vertical axis, share per half octave
   */
  layout(width, height, top) {
    if (width === this.width && height === this.height && top === this.top) return;
    Object.assign(this, { width, height, top });
    this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.element.setAttribute("width", width);
    this.element.setAttribute("height", height);
    const left = this.x(START);
    const right = this.x(octaveEdge(this.L));
    const bottom = this.y(0);
    const parts = [svg("text", { x: 0, y: 11, class: "st-axis-title" }, this.title)];
    for (let k = 0; k <= 4; k++) {
      const y = this.y((k * top) / 4);
      parts.push(svg("line", { x1: left, x2: right, y1: y, y2: y }));
      const text = `${Math.round(25 * k * top)}${k === 4 ? " %" : ""}`;
      parts.push(svg("text", { x: left - 6, y: y + 4, class: "st-right" }, text));
    }
    for (let l = 0; l < this.L; l = l === 0 ? 1 : 2 * l) {
      const x = l === 0 ? this.x(START + UNIT / 2) : this.x(Math.log2(l));
      parts.push(svg("line", { x1: x, x2: x, y1: bottom, y2: bottom + 4, class: "st-tick" }));
      parts.push(svg("text", { x, y: bottom + 17, class: "st-middle" }, `${l}`));
    }
    parts.push(svg("line", { x1: left, x2: right, y1: bottom, y2: bottom, class: "st-tick" }));
    const title = { x: right, y: height - 2, class: "st-right st-axis-title" };
    parts.push(svg("text", title, "degree ℓ"));
    this.axes.replaceChildren(...parts);
  }

  /** Pixels from the left of an octave. */
  x(octave) {
    const left = 40;
    return left + ((octave - START) / (octaveEdge(this.L) - START)) * (this.width - 4 - left);
  }

  /** Pixels from the top of a share per half octave. */
  y(share) {
    const above = 26;
    const bottom = this.height - 36;
    return bottom - (share / this.top) * (bottom - above);
  }

  /**
   * Draws one spectrum.
   * @param {Float64Array} share (L,) share of energy at each degree
   * @param {number} first first degree of the wavelet's band
   * @param {number} end degree after its last one
   * @param {string} label of the band
   * @param {Float64Array | null} ghost (L,) a spectrum to compare with, drawn thin
   */
  draw(share, first, end, label, ghost) {
    const left = this.x(octaveEdge(first));
    const right = this.x(octaveEdge(end));
    this.band.setAttribute("x", left);
    this.band.setAttribute("width", Math.max(0, right - left));
    this.band.setAttribute("y", this.y(this.top));
    this.band.setAttribute("height", this.y(0) - this.y(this.top));
    const crowded = this.width - (left + right) / 2 < 40;
    this.bandLabel.textContent = label;
    this.bandLabel.setAttribute("class", `st-band-label ${crowded ? "st-right" : "st-middle"}`);
    this.bandLabel.setAttribute("x", crowded ? this.width - 8 : (left + right) / 2);
    this.bandLabel.setAttribute("y", this.y(this.top) + 14);
    const below = this.steps(share, 0, first);
    const rest = this.steps(share, first, end) + this.steps(share, end, this.L);
    const bottom = this.y(0);
    const close = (path, from) => path && `M${path.slice(1)}V${bottom}H${this.x(octaveEdge(from))}Z`;
    this.line.setAttribute("d", `M${(below + rest).slice(1)}`);
    this.moved.setAttribute("d", close(below, 0));
    this.area.setAttribute("d", close(rest, first));
    const other = ghost
      ? this.steps(ghost, 0, first) + this.steps(ghost, first, end) + this.steps(ghost, end, this.L)
      : "";
    this.ghost.setAttribute("d", other && `M${other.slice(1)}`);
  }

  /** Path of the step line over degrees from .. to - 1, as a continuation ("L...") of another. */
  steps(share, from, to) {
    let path = "";
    for (let l = from; l < to; ) {
      const stop = nextStep(l, to);
      const y = this.y(Math.min(this.top, density(share, l, stop))).toFixed(1);
      path += `L${this.x(octaveEdge(l)).toFixed(1)} ${y}H${this.x(octaveEdge(stop)).toFixed(1)}`;
      l = stop;
    }
    return path;
  }
}

/** Degree at which the step that starts at degree l ends; `to` bounds it. */
function nextStep(l, to) {
  let stop = l + 1;
  while (stop < to && octaveEdge(stop) - octaveEdge(l) < STEP) stop++;
  return stop;
}

/** Share per half octave over degrees from .. to - 1. */
function density(share, from, to) {
  let sum = 0;
  for (let l = from; l < to; l++) sum += share[l];
  return (UNIT * sum) / (octaveEdge(to) - octaveEdge(from));
}

/**
 * Upper end of a vertical axis on which several spectra fit.
 * @param {Float64Array[]} shares each (L,)
 * @param {number} first first degree of the wavelet's band
 * @param {number} end degree after its last one
 * @returns {number} share per half octave
 */
export function axisTop(shares, first, end) {
  let most = 0;
  for (const share of shares) {
    for (let l = 0; l < share.length; ) {
      const stop = nextStep(l, l < first ? first : l < end ? end : share.length);
      most = Math.max(most, density(share, l, stop));
      l = stop;
    }
  }
  return TOPS.find((top) => most <= top) ?? TOPS.at(-1);
}
