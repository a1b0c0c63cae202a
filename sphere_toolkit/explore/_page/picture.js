// One signal on the sphere with its heading and its colour bar.

import { paintColourBar, SphereView } from "./draw.js";
import { html, short } from "./ui.js";

/** A map or globe, and the heading above it: `head` and `sphere.element` go into the page. */
export class Picture {
  /** @param {object} projection a `Projection`, shared by the pictures that turn together */
  constructor(projection) {
    this.sphere = new SphereView(projection);
    this.signed = true;
    /** Without coastlines, whatever the signal: what it shows has no place on the Earth. */
    this.bare = false;
    /** Whether the keyboard turns the globe; one of many in a row leaves that to the first. */
    this.keys = true;
    this.title = html("span", { class: "st-title-text" });
    this.bar = html("canvas", { class: "st-bar", "aria-hidden": "true" });
    this.low = html("span");
    this.high = html("span");
    const box = html("span", { class: "st-bar-box" }, this.low, this.bar, this.high);
    this.head = html("div", { class: "st-head" }, this.title, box);
  }

  /**
   * Takes over size, theme and kind; call it for every picture after a change of these.
   * @param {"map" | "globe"} kind
   * @param {Uint32Array} colours 256 of them
   */
  layout(kind, colours) {
    const { element, projection } = this.sphere;
    element.className = `st-sphere st-${kind}`;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    projection.resize(kind, ratio * element.clientWidth);
    this.colours = colours;
    this.paintBar();
    this.sphere.resize();
    if (kind === "globe" && this.keys) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }

  /** Tells whether the samples to come have two signs; otherwise the bar begins at zero. */
  setSigned(signed) {
    if (signed === this.signed) return;
    this.signed = signed;
    if (this.colours) this.paintBar();
  }

  /** Draws the colours that occur. */
  paintBar() {
    paintColourBar(this.bar, this.signed ? this.colours : this.colours.subarray(128));
  }

  /**
   * Draws coastlines, or takes them away.
   * @param {Int16Array | null} lines
   * @param {boolean} dark whether the page is dark
   */
  coast(lines, dark) {
    this.sphere.drawCoast(lines, dark ? "rgb(255 255 255 / 60%)" : "rgb(0 0 0 / 55%)");
  }

  /**
   * Draws samples with zero in the middle of the colours.
   * @param {Float32Array} samples on the projection's grid
   * @param {number} limit value of the last colour, in the samples' unit
   * @param {number} norm the samples' unit in terms of `unit`
   * @param {string} unit
   * @param {string} what the text alternative names
   */
  paint(samples, limit, norm, unit, what) {
    this.sphere.paint(samples, limit, this.colours);
    const range = `${short(limit * norm)}${unit && ` ${unit}`}`;
    const low = this.signed && limit > 0 ? `−${short(limit * norm)}` : "0";
    this.low.textContent = low;
    this.high.textContent = range;
    const globe = this.keys ? "Globe, turned by arrow keys," : "Globe";
    const kind = this.sphere.projection.kind === "globe" ? globe : "Map";
    const label = `${kind} of ${what}. Colours from ${low} to ${range}.`;
    this.sphere.element.setAttribute("aria-label", label);
  }
}
