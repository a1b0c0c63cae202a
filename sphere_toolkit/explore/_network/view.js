// A trained network on a digit that turns: do its layers turn with it, and its logits stand still?

import { errorText, html, number, percent, ROUNDING, signed } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { extremes, LinkedFigures, SphereFigure } from "../_page/figures.js";
import { memo } from "../_page/memo.js";
import { inRadians, Rotator } from "../_page/rotation.js";
import { coefficientLength, totalEnergy } from "../_page/coefficients.js";
import { requireList } from "../_page/state.js";
import { eulerRow } from "../_page/euler.js";
import { turnByDragging } from "../_page/turning.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";
import { readNetwork, softmax } from "./zonal_network.js";

/** Rings of the grids that are drawn: of the digit, and of the small globes. */
const DIGIT_RINGS = 128;
const LAYER_RINGS = 64;

/** Bars reach this far beyond the logits of the upright digit, as a part of their range. */
const MARGIN = 0.15;

/** The mathematics: the network on a digit upright and rotated, and how they differ. */
class TurningNetwork {
  /**
   * @param {number} L band-limit of the digits
   * @param {import("./zonal_network.js").ZonalCNN} network
   */
  constructor(L, network) {
    this.network = network;
    this.rotated = new Float32Array(coefficientLength(L));
    this.rotator = new Rotator(L);
    this.rotators = network.limits.slice(1).map((limit) => new Rotator(limit));
    /** Per layer and channel: of the upright digit, and of the rotated one. */
    this.layers = [network.room(), network.room()];
    /** Of the upright digit, and of the rotated one. @type {Float64Array[]} */
    this.logits = [];
    this.oversampling = 1;
    this.errors = this.rotators.map(() => 0);
    this.moved = 0;
  }

  /** Runs on the digit itself, whatever the rotation.
   * @param {Float32Array} alm
   * @param {number} oversampling */
  prepare(alm, oversampling) {
    this.oversampling = oversampling;
    this.logits[0] = this.network.run(alm, oversampling, this.layers[0]);
  }

  /** Runs on the digit rotated by Euler angles, degrees, and compares.
   * @param {Float32Array} alm
   * @param {number[]} angles */
  rotate(alm, angles) {
    const turn = inRadians(angles);
    this.rotator.rotate(alm, ...turn, this.rotated);
    this.logits[1] = this.network.run(this.rotated, this.oversampling, this.layers[1]);
    this.errors = this.rotators.map((rotator, k) => this.layerError(rotator, k, turn));
    const [upright, rotated] = this.logits;
    this.moved = Math.hypot(...rotated.map((z, k) => z - upright[k])) / Math.hypot(...upright);
  }

  /** How far a layer of the rotated digit is from that of the upright one, rotated.
   * @param {Rotator} rotator
   * @param {number} k which layer
   * @param {[number, number, number]} turn
   * @returns {number} */
  layerError(rotator, k, turn) {
    const difference = new Float32Array(coefficientLength(rotator.L));
    let [apart, size] = [0, 0];
    this.layers[0][k].forEach((upright, channel) => {
      rotator.rotate(upright, ...turn, difference);
      const found = this.layers[1][k][channel];
      for (let i = 0; i < difference.length; i++) difference[i] -= found[i];
      apart += totalEnergy(difference, rotator.L);
      size += totalEnergy(upright, rotator.L);
    });
    return Math.sqrt(apart / size);
  }
}

/** Some channels on globes that share their colours: the digit alone, or a layer. */
class Globes {
  /**
   * @param {string} what of the text alternative
   * @param {number} count
   * @param {Projection} projection
   * @param {boolean} keys whether the keyboard turns them
   */
  constructor(what, count, projection, keys) {
    this.what = what;
    this.figures = Array.from({ length: count }, () => new SphereFigure(projection));
    for (const figure of this.figures) figure.keys = keys;
    this.error = html("span", { class: "st-layer-error" });
    this.figures[0].title.append(what, this.error);
    this.row = html("div", { class: "st-row" }, ...this.figures.map(({ element }) => element));
    this.element = html("div", { class: "st-layer" }, this.figures[0].head, this.row);
    this.limit = 0;
  }

  /**
   * Fixes the colours to what the upright channels span, so that they stay while it turns.
   * @param {SphericalHarmonics} transform
   * @param {Float32Array[]} channels
   */
  span(transform, channels) {
    const ends = channels.map((alm, k) => {
      transform.inverse(alm, this.figures[k].samples);
      return extremes(this.figures[k].samples);
    });
    const lowest = Math.min(...ends.map(([low]) => low));
    const highest = Math.max(...ends.map(([, high]) => high));
    this.limit = Math.max(highest, -lowest);
    for (const figure of this.figures) figure.setSigned(lowest < -0.05 * highest);
  }

  /**
   * @param {SphericalHarmonics} transform
   * @param {Float32Array[]} channels
   */
  paint(transform, channels) {
    this.figures.forEach((figure, k) => {
      transform.inverse(channels[k], figure.samples);
      const channel = `${this.what.toLowerCase()}, channel ${k + 1}`;
      figure.paint({ limit: this.limit, what: channels.length > 1 ? channel : "the rotated digit" });
    });
  }
}

/** Logits of the rotated digit as bars, those of the upright one as outlines. */
class LogitBars {
  /** @param {string[]} names of the classes */
  constructor(names) {
    this.names = names;
    this.rows = names.map((name) => {
      const [bar, ghost] = [html("span", { class: "st-logit-bar" }), html("span", { class: "st-logit-ghost" })];
      const track = html("span", { class: "st-track" }, bar, ghost);
      return { bar, ghost, element: html("div", { class: "st-logit" }, html("span", {}, name), track) };
    });
    const rows = this.rows.map(({ element }) => element);
    this.bars = html("div", { class: "st-logit-rows", role: "img" }, ...rows);
    const title = html("span", { class: "st-title-text" }, "Logits");
    const key = html("p", { class: "st-logit-key" }, "bars: rotated · outlines: upright");
    this.element = html("div", { class: "st-logits" }, html("div", { class: "st-head" }, title), this.bars, key);
  }

  /** @param {Float64Array[]} logits */
  draw([upright, rotated]) {
    const [least, most] = [Math.min(0, ...upright), Math.max(0, ...upright)];
    const [from, range] = [least - MARGIN * (most - least), (1 + 2 * MARGIN) * (most - least)];
    const place = (/** @type {number} */ z) => 100 * Math.max(0, Math.min(1, (z - from) / range));
    const stretch = (/** @type {HTMLElement} */ { style }, /** @type {number} */ z) => {
      const [a, b] = [place(Math.min(0, z)), place(Math.max(0, z))];
      style.left = `${a}%`;
      style.width = `${b - a}%`;
    };
    const best = rotated.indexOf(Math.max(...rotated));
    this.rows.forEach(({ bar, ghost, element }, k) => {
      stretch(bar, rotated[k]);
      stretch(ghost, upright[k]);
      element.classList.toggle("st-best", k === best);
      element.dataset.reading = `${signed(rotated[k].toFixed(2))}\nlogit of ${this.names[k]}; upright ${signed(upright[k].toFixed(2))}`;
    });
    const spoken = this.names.map((name, k) => `${name}: ${rotated[k].toFixed(1)} (${upright[k].toFixed(1)})`);
    this.bars.setAttribute("aria-label", `Logits of the rotated digit, of the upright one in brackets. ${spoken.join(", ")}.`);
  }
}

/** @param {ExplorerView} view */
function build(view) {
  const { controls, model, state: { L, names, norms, signals } } = view;
  const accuracy = requireList(model, "accuracy", (share) => share >= 0 && share <= 1, 2);
  const digits = signals.map((alm, k) => alm.map((x) => x * norms[k])); // its own scale matters here
  const network = readNetwork(model, L, names.length);
  const core = new TurningNetwork(L, network);
  const above = (/** @type {number} */ rings) => {
    const projection = new Projection(rings, 2 * rings);
    projection.turn(0, Math.PI / 2); // the digit lies over the pole
    return projection;
  };
  const digit = new Globes("Digit, rotated", 1, above(DIGIT_RINGS), true);
  const small = above(LAYER_RINGS);
  const layers = network.channels.slice(1).map((n, k) => new Globes(`Layer ${k + 1}`, n, small, false));
  const figures = [digit, ...layers].flatMap((one) => one.figures);
  new LinkedFigures(view, figures, { kind: "globe", draggable: false });
  turnByDragging(view, figures);
  const bars = new LogitBars(names);
  const column = html("div", { class: "st-layers" }, ...layers.map(({ element }) => element));
  const euler = eulerRow(controls.angles);
  view.body.append(
    view.row(controls.signal, controls.oversampling), euler.element,
    html("div", { class: "st-flow" }, digit.element, column, bars.element),
    view.result, view.caption(advice(accuracy)),
  );
  const transforms = network.limits.slice(1).map((limit) => network.cache.transform(limit, LAYER_RINGS));
  const large = network.cache.transform(L, DIGIT_RINGS);
  const prepare = memo((alm, oversampling) => {
    core.prepare(alm, oversampling);
    digit.span(large, [alm]);
    layers.forEach((layer, k) => layer.span(transforms[k], core.layers[0][k]));
  });
  view.start(() => {
    const { which, name } = view.signal;
    const [angles, oversampling] = [controls.angles.value, controls.oversampling.value];
    prepare(digits[which], oversampling);
    euler.show(inRadians(angles));
    core.rotate(digits[which], angles);
    digit.paint(large, [core.rotated]);
    layers.forEach((layer, k) => {
      layer.paint(transforms[k], core.layers[1][k]);
      layer.error.textContent = ` error ${errorText(core.errors[k])}`;
    });
    bars.draw(core.logits);
    view.result.replaceChildren(...verdict(core, names, which));
    Object.assign(view.root.dataset, {
      signal: name, oversampling, angles: angles.join(","),
      errors: core.errors.join(","), moved: core.moved,
      logits: core.logits[1].join(","), upright: core.logits[0].join(","),
    });
  }, equation);
}

/**
 * What the network says, and how far its logits moved.
 * @param {TurningNetwork} core
 * @param {string[]} names of the classes
 * @param {number} truth
 * @returns {(Node | string)[]}
 */
function verdict({ logits, moved, errors, oversampling }, names, truth) {
  const [before, now] = logits.map((z) => {
    const shares = softmax(z);
    const best = shares.indexOf(Math.max(...shares));
    return { best, words: `${names[best]} (${percent(shares[best])})` };
  });
  const says = number(now.words);
  const upright = now.best === before.best ? "as of the upright digit" : `of the upright digit ${before.words}`;
  const wrong = now.best === truth ? "" : `; it is a ${names[truth]}`;
  const size = number(errorText(moved));
  /** @type {Object<number, string>} */
  const why = {
    1: "A grid no finer than the band-limit takes the high degrees that ReLU makes for low ones, and every layer adds to the error.",
    2: "A grid twice as fine, as in training, holds most of what ReLU makes.",
    4: "The finer the grid, the fewer of the degrees that ReLU makes are taken for low ones.",
  };
  const exact = errors.every((error) => error < ROUNDING);
  const reason = exact ? "This rotation carries the grids into themselves." : why[oversampling];
  return ["The network says ", says, `, ${upright}${wrong}. Its logits have moved by `, size, `. ${reason}`];
}

/**
 * @param {number[]} accuracy on upright and on rotated digits
 * @returns {string}
 */
function advice([upright, rotated]) {
  return (
    "Drag a globe, or move the angles: every layer turns with the digit, and the logits stand still, " +
    "though the network was trained on upright digits alone. Beside each layer stands its error: the " +
    "difference between rotating the digit and rotating the layer, relative to the layer. Set the " +
    "oversampling to 1, then to 4: which layer errs most, and by how much do the logits move? On test " +
    `digits the network is right for ${percent(upright)} upright and ${percent(rotated)} rotated at random.`
  );
}

export default explorer("network", "Does a trained network turn with its input?", build);
