// Pictures of the sphere side by side: headings with colour bars, one button for maps or globes.

import { makeDraggable, paintColourBar, SphereView } from "./draw.js";
import { html, isDark, short } from "./ui.js";

/** A map or globe with a heading and a colour bar. */
export class Picture {
  /**
   * @param {Projection} projection shared by the pictures that turn together
   * @param {boolean} signed whether the values have two signs, at first
   */
  constructor(projection, signed) {
    this.sphere = new SphereView(projection);
    this.signed = signed;
    this.title = html("span", { class: "st-title-text" });
    this.bar = html("canvas", { class: "st-bar", "aria-hidden": "true" });
    this.low = html("span");
    this.high = html("span");
    const bar = html("span", { class: "st-bar-box" }, this.low, this.bar, this.high);
    this.head = html("div", { class: "st-head" }, this.title, bar);
  }

  /**
   * Draws samples.
   * @param {Float32Array} samples on the projection's grid
   * @param {number} limit value of the last colour
   * @param {Uint32Array} colours 256, the middle one for zero
   */
  paint(samples, limit, colours) {
    this.sphere.paint(samples, limit, colours);
    paintColourBar(this.bar, this.signed ? colours : colours.subarray(128));
  }

  /**
   * Writes heading, ends of the colour bar and text alternative.
   * @param {(Node | string)[]} title
   * @param {string} words what is shown, for the text alternative
   * @param {number} limit value of the last colour, in `unit`
   * @param {string} unit with a space before it, or empty
   */
  describe(title, words, limit, unit) {
    const high = `${short(limit)}${unit}`;
    this.title.replaceChildren(...title);
    this.low.textContent = this.signed ? `−${short(limit)}` : "0";
    this.high.textContent = high;
    const kind = this.sphere.projection.kind;
    const picture = kind === "map" ? "Map" : "Globe, turned by arrow keys,";
    const low = this.signed ? `−${high}` : "0";
    const label = `${picture} of ${words}. Colours from ${low} to ${high}.`;
    this.sphere.element.setAttribute("aria-label", label);
  }
}

/** Pictures that show the same view of the sphere, and the button that changes it. */
export class Pictures {
  /**
   * @param {object} model its `view` is "map" or "globe", its `signal` one of `names`
   * @param {Stage} stage
   * @param {Picture[]} pictures of one projection
   * @param {{names: string[], onEarth: boolean[], coastlines: Int16Array}} state
   */
  constructor(model, stage, pictures, { names, onEarth, coastlines }) {
    Object.assign(this, { model, pictures });
    this.projection = pictures[0].sphere.projection;
    this.lines = () => (onEarth[names.indexOf(model.get("signal"))] ? coastlines : null);
    this.button = html("button", { type: "button", class: "st-button" });
    this.button.addEventListener("click", () => {
      stage.choose(model, "view", model.get("view") === "map" ? "globe" : "map");
    });
    for (const { sphere } of pictures) {
      makeDraggable(sphere, () => {
        this.drawCoasts();
        stage.schedule();
      });
    }
  }

  /** Takes over the view that is chosen and the width that there is. */
  resize() {
    const kind = this.model.get("view");
    this.button.textContent = kind === "map" ? "Show globes" : "Show maps";
    for (const { sphere } of this.pictures) sphere.element.className = `st-sphere st-${kind}`;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    this.projection.resize(kind, ratio * this.pictures[0].sphere.element.clientWidth);
    for (const { sphere } of this.pictures) {
      sphere.resize();
      if (kind === "globe") sphere.element.tabIndex = 0;
      else sphere.element.removeAttribute("tabindex");
    }
    this.drawCoasts();
  }

  /** Draws coastlines where the signal lives on the Earth. */
  drawCoasts() {
    const colour = isDark() ? "rgb(255 255 255 / 60%)" : "rgb(0 0 0 / 55%)";
    for (const { sphere } of this.pictures) sphere.drawCoast(this.lines(), colour);
  }
}
