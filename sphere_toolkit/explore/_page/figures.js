// Signals on the sphere with heading and colour bar, alone, in columns, and linked to each other.

import { onDrag } from "./drag.js";
import { paintColourBar, SphereView } from "./draw.js";
import { html, placeWords, short, signed, withUnit } from "./dom.js";
import { memo } from "./memo.js";
import { readables } from "./reading.js";

/** An arrow key turns a globe by this angle, radians. */
const KEY_TURN = 0.1;

/** Colours span this many times the root mean square of a signal. */
export const COLOUR_SPAN = 3;

/** Root mean square over the sphere of a signal of unit energy. */
export const UNIT_RMS = 1 / Math.sqrt(4 * Math.PI);

/**
 * The smallest and the largest of several values and zero.
 * @param {Float32Array} values
 * @returns {[number, number]}
 */
export function extremes(values) {
  let [lowest, highest] = [0, 0];
  for (let k = 0; k < values.length; k++) {
    if (values[k] < lowest) lowest = values[k];
    else if (values[k] > highest) highest = values[k];
  }
  return [lowest, highest];
}

/**
 * The largest absolute value.
 * @param {ArrayLike<number>} values
 * @returns {number}
 */
export function peakOf(values) {
  let most = 0;
  for (let k = 0; k < values.length; k++) most = Math.max(most, Math.abs(values[k]));
  return most;
}

/** Below this a signal of unit energy is zero. */
const ZERO = 1e-12;

/** A part of the last colour's value that is hardly seen, and one that is not seen at all. */
const FAINT = 0.05;
const UNSEEN = 1 / 256;

/** Narrower pictures have no room for a sentence, pixels. */
const ROOMY = 150;

/** Of the pixels one in this many is looked at. */
const SPARSE = 11;

/** A map or globe, and the heading above it: `head` and `element` go into the page. */
export class SphereFigure {
  /**
   * @param {Projection} projection shared by the figures that turn together
   * @param {string} [title]
   */
  constructor(projection, title = "") {
    this.sphere = new SphereView(projection);
    this.element = this.sphere.element;
    readables.set(this.element, this);
    /** Whether it shows the Earth, whose places have latitudes. */
    this.onEarth = false;
    /** The samples' unit. */
    this.shown = { norm: 1, unit: "" };
    /** What it shows, on the projection's grid. */
    this.samples = new Float32Array(projection.rings * projection.longitudes);
    this.signed = true;
    /** Without coastlines, whatever the signal: what it shows has no place on the Earth. */
    this.bare = false;
    /** Where the signal is not known, see rings.js. @type {Uint8Array | null} */
    this.mask = null;
    /** Whether the keyboard turns the globe; one of many in a row leaves that to the first. */
    this.keys = true;
    this.title = html("span", { class: "st-title-text" }, title);
    this.bar = html("canvas", { class: "st-bar", "aria-hidden": "true" });
    this.low = html("span");
    this.high = html("span");
    this.missing = html("span", { class: "st-missing", hidden: "" }, "grey: no samples");
    /** Why there is nothing to be seen. */
    this.note = html("p", { class: "st-empty", hidden: "" });
    this.element.append(this.note);
    const box = html("span", { class: "st-bar-box" }, this.missing, this.low, this.bar, this.high);
    this.head = html("div", { class: "st-head" }, this.title, box);
  }

  /** Heading, picture and more as a cell of a grid. */
  cell(/** @type {HTMLElement[]} */ ...more) {
    return html("div", { class: "st-cell" }, this.head, this.element, ...more);
  }

  /**
   * Takes over size, theme and kind; call it for every figure after a change of these.
   * @param {"map" | "globe"} kind
   * @param {Uint32Array} colours 256 of them
   */
  layout(kind, colours) {
    const { element, sphere: { projection } } = this;
    element.className = `st-sphere st-${kind}`;
    projection.resize(kind, element.clientWidth);
    this.colours = colours;
    this.paintBar();
    this.sphere.resize();
    if (kind === "globe" && this.keys) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }

  /**
   * Tells whether the samples to come have two signs; otherwise the bar begins at zero.
   * @param {boolean} both
   */
  setSigned(both) {
    if (both === this.signed) return;
    this.signed = both;
    if (this.colours) this.paintBar();
  }

  /** Draws the colours that occur. */
  paintBar() {
    paintColourBar(this.bar, this.signed ? this.colours : this.colours.subarray(128));
  }

  /**
   * Draws coastlines and what is missing, or takes them away.
   * @param {Int16Array | null} lines
   */
  coast(lines) {
    this.missing.hidden = this.bare || !this.mask;
    this.sphere.drawCoast(this.bare ? null : lines, "rgb(0 0 0 / 55%)", this.bare ? null : this.mask);
  }

  /**
   * Draws its samples with zero in the middle of the colours.
   * @param {object} how
   * @param {number} how.limit value of the last colour, in the samples' unit
   * @param {string} how.what the text alternative names
   * @param {number} [how.norm] the samples' unit in terms of `unit`
   * @param {string} [how.unit]
   * @param {string} [how.empty] what to say where it is zero everywhere
   */
  paint({ limit, what, norm = 1, unit = "", empty = "It is zero everywhere." }) {
    const isZero = !(limit > ZERO);
    this.sphere.paint(this.samples, isZero ? 0 : limit, this.colours);
    const note = isZero ? empty : this.emptiness(limit);
    if (note !== this.note.textContent) this.note.textContent = note;
    this.note.hidden = !note || this.element.clientWidth < ROOMY;
    this.shown = { norm, unit };
    const range = withUnit(short(limit * norm), unit);
    const low = this.signed && limit > 0 ? `−${short(limit * norm)}` : "0";
    this.low.textContent = low;
    this.high.textContent = range;
    const globe = this.keys ? "Globe, turned by arrow keys," : "Globe";
    const kind = this.sphere.projection.kind === "globe" ? globe : "Map";
    this.element.setAttribute("aria-label", `${kind} of ${what}. Colours from ${low} to ${range}.${note && ` ${note}`}`);
  }

  /**
   * Why nothing can be seen, though the signal is not zero.
   * @param {number} limit of the colours
   * @returns {string} empty where something can
   */
  emptiness(limit) {
    const { samples, sphere: { projection: { kind, lookup } } } = this;
    let seen = 0;
    for (let p = 0; p < lookup.length; p += SPARSE) seen = Math.max(seen, Math.abs(samples[lookup[p]]));
    if (seen > FAINT * limit) return "";
    const most = peakOf(samples);
    if (most < UNSEEN * limit) return "Nothing is large enough for these colours.";
    return kind === "globe" && most > 2 * FAINT * limit ? "It lies on the far side: turn the globe." : "";
  }

  /**
   * The value at a place.
   * @param {number} x pixels from the left
   * @param {number} y pixels from the top
   * @returns {import("./reading.js").Reading | null}
   */
  readAt(x, y) {
    const { element, samples, shown: { norm, unit }, sphere, mask, bare, onEarth } = this;
    const point = sphere.projection.pointAt(x / element.clientWidth, y / element.clientHeight);
    if (!point) return null;
    const k = sphere.projection.sampleAt(...point);
    const isMissing = mask && !bare && sphere.isMissing(mask, k);
    const value = isMissing ? "missing" : withUnit(signed(short(samples[k] * norm)), unit);
    return { words: [value, placeWords(point, onEarth)] };
  }
}

/** A column: a figure, a number in words, and a chart of what the figure shows. */
export class Panel {
  /** @param {Projection} projection of its figure */
  constructor(projection) {
    this.figure = new SphereFigure(projection);
    this.number = html("p", { class: "st-share" });
    this.plot = html("div", { class: "st-plot" });
    const { head, element } = this.figure;
    this.element = html("div", { class: "st-panel" }, head, element, this.number, this.plot);
  }

  /**
   * Lights up the picture with what belongs to it, and the other way round.
   * @param {string} name see links.js
   */
  link(name) {
    for (const one of [this.figure.element, this.number]) one.setAttribute("data-link", name);
  }

  /**
   * Puts a chart in place and draws its axes.
   * @param {import("./chart.js").LineChart} chart
   * @param {string} label its text alternative
   * @param {Axis} across
   * @param {Axis} up
   * @param {string} [vertical] title of the vertical axis
   */
  show(chart, label, across, up, vertical) {
    if (this.plot.firstChild !== chart.element) this.plot.replaceChildren(chart.element);
    chart.fit(this.plot.clientWidth, across, up, vertical);
    chart.element.setAttribute("aria-label", label);
  }
}

/** Figures that show the same view of the sphere, maps, or globes that turn together; they follow every layout. */
export class LinkedFigures {
  /**
   * @param {ExplorerView} view
   * @param {SphereFigure[]} figures
   * @param {object} [options]
   * @param {"map" | "globe"} [options.kind] the control "view" decides where there is none
   * @param {boolean} [options.draggable] whether a reader turns the globes
   */
  constructor(view, figures, { kind, draggable = true } = {}) {
    this.view = view;
    this.figures = figures;
    this.kind = kind;
    view.layouts.push(() => this.layout());
    this.coasts = figures.map((figure) => memo((lines) => figure.coast(lines)));
    if (!kind) {
      view.follow("view", () => view.schedule(true));
    }
    for (const { sphere, element } of draggable ? figures : []) {
      const { projection } = sphere;
      /** @type {(east: number, north: number) => void} */
      const turn = (east, north) => {
        projection.turn(projection.longitude + east, projection.latitude + north);
        view.schedule();
      };
      onDrag(element, {
        active: () => projection.kind === "globe",
        dragged: (right, up) => turn(-right, -up),
        stepped: (right, up) => turn(right * KEY_TURN, up * KEY_TURN),
      });
    }
  }

  /** Takes over view, width and theme. */
  layout() {
    const kind = this.kind ?? this.view.model.get("view");
    const { colours } = this.view.state;
    for (const figure of this.figures) figure.layout(kind, colours);
  }

  /**
   * Draws coastlines where that has become necessary.
   * @param {Int16Array | null} lines
   */
  coast(lines) {
    const { mask } = this.view.signal;
    this.figures.forEach((figure, k) => {
      const { bare, sphere: { projection: { kind, width, longitude, latitude } } } = figure;
      figure.mask = mask;
      figure.onEarth = this.view.signal.coastlines !== null && !bare;
      this.coasts[k](lines, bare, mask, kind, width, longitude, latitude);
    });
  }
}
