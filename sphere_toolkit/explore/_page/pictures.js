// Pictures that show the same view of the sphere, and the button that changes it.

import { makeDraggable } from "./draw.js";
import { requireKnown } from "./signals.js";
import { html, isDark } from "./ui.js";

/** Pictures of one projection: maps, or globes that turn together. */
export class Pictures {
  /**
   * @param {object} model its `view` is "map" or "globe", its `signal` one of `names`
   * @param {object} stage the explorer's `Stage`
   * @param {object[]} pictures each a `Picture` of the same projection
   * @param {object} state what `readSignals` gives
   */
  constructor(model, stage, pictures, state) {
    requireKnown(model, "view", ["map", "globe"]);
    Object.assign(this, { model, pictures, state });
    this.button = html("button", { type: "button", class: "st-button" });
    this.button.addEventListener("click", () => {
      stage.choose(model, "view", model.get("view") === "map" ? "globe" : "map");
    });
    stage.follow(model, "view", () => {
      this.layout();
      stage.schedule();
    });
    for (const { sphere } of pictures) {
      makeDraggable(sphere, () => {
        this.drawCoasts();
        stage.schedule();
      });
    }
  }

  /** Takes over view, width and theme. */
  layout() {
    const kind = this.model.get("view");
    this.button.textContent = kind === "map" ? "Show globes" : "Show maps";
    const colours = this.state.colours[isDark() ? 1 : 0];
    for (const picture of this.pictures) picture.layout(kind, colours);
    this.drawCoasts();
  }

  /** Draws coastlines where the chosen signal lives on the Earth. */
  drawCoasts() {
    const { names, onEarth, coastlines } = this.state;
    const lines = onEarth[names.indexOf(this.model.get("signal"))] ? coastlines : null;
    for (const picture of this.pictures) picture.coast(picture.bare ? null : lines, isDark());
  }
}
