// A trained network on a digit that turns: do its layers turn with it, and its logits stand still?

import { coefficientLength, energyPerDegree } from "../_page/sht.js";
import { Projection } from "../_page/draw.js";
import { Rotator } from "../_page/rotation.js";
import { Picture } from "../_page/picture.js";
import { readSignals, requireKnown, requireList } from "../_page/signals.js";
import { angleSliders, DEGREE, makeTurnable, turnAngles } from "../_page/turning.js";
import { readNetwork, softmax } from "./zonal_network.js";
import { choices, explorer, html, isDark, menu, percent } from "../_page/ui.js";

/** Rings of the grids that are drawn: of the digit, and of the small globes. */
const DIGIT_RINGS = 128;
const LAYER_RINGS = 64;

/** Errors below this are the page's own rounding, in single precision. */
const NO_ERROR = 2e-6;

/** Bars reach this far beyond the logits of the upright digit, as a part of their range. */
const MARGIN = 0.15;

/** The mathematics: the network on a digit upright and rotated, and how they differ. */
class TurningNetwork {
  constructor(L, network) {
    this.network = network;
    this.rotated = new Float32Array(coefficientLength(L));
    this.rotator = new Rotator(L);
    this.rotators = network.limits.slice(1).map((limit) => new Rotator(limit));
    /** Per layer and channel: of the upright digit, and of the rotated one. */
    this.layers = [network.room(), network.room()];
    this.logits = [];
    this.errors = this.rotators.map(() => 0);
    this.moved = 0;
  }

  /** Runs on the digit itself, whatever the rotation. */
  prepare(alm, oversampling) {
    this.oversampling = oversampling;
    this.logits[0] = this.network.run(alm, oversampling, this.layers[0]);
  }

  /** Runs on the digit rotated by Euler angles, degrees, and compares. */
  rotate(alm, angles) {
    const turn = angles.map((angle) => angle * DEGREE);
    this.rotator.rotate(alm, ...turn, this.rotated);
    this.logits[1] = this.network.run(this.rotated, this.oversampling, this.layers[1]);
    this.errors = this.rotators.map((rotator, k) => this.layerError(rotator, k, turn));
    this.moved = Math.hypot(...this.logits[1].map((z, k) => z - this.logits[0][k])) / Math.hypot(...this.logits[0]);
  }

  /** How far a layer of the rotated digit is from that of the upright one, rotated. */
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

function totalEnergy(alm, L) {
  const energies = new Float64Array(L);
  energyPerDegree(alm, energies);
  return energies.reduce((sum, e) => sum + e, 0);
}

/** Some channels on globes that share their colours: the digit alone, or a layer. */
class Globes {
  /**
   * @param {string} what of the text alternative
   * @param {number} count
   * @param {object} projection a `Projection`
   * @param {boolean} keys whether the keyboard turns them
   */
  constructor(what, count, projection, keys) {
    this.what = what;
    this.pictures = Array.from({ length: count }, () => new Picture(projection));
    for (const picture of this.pictures) picture.keys = keys;
    this.samples = new Float32Array(projection.rings * projection.longitudes);
    this.error = html("span", { class: "st-layer-error" });
    this.pictures[0].title.append(what, this.error);
    this.row = html("div", { class: "st-row" }, ...this.pictures.map(({ sphere }) => sphere.element));
    this.element = html("div", { class: "st-layer" }, this.pictures[0].head, this.row);
  }

  /** Fixes the colours to what the upright channels span, so that they stay while it turns. */
  span(transform, channels) {
    let [lowest, highest] = [0, 0];
    for (const alm of channels) {
      transform.inverse(alm, this.samples);
      for (const value of this.samples) {
        if (value < lowest) lowest = value;
        else if (value > highest) highest = value;
      }
    }
    this.limit = Math.max(highest, -lowest);
    for (const picture of this.pictures) picture.setSigned(lowest < -0.05 * highest);
  }

  paint(transform, channels) {
    channels.forEach((alm, k) => {
      transform.inverse(alm, this.samples);
      const name = channels.length > 1 ? `${this.what.toLowerCase()}, channel ${k + 1}` : "the rotated digit";
      this.pictures[k].paint(this.samples, this.limit, 1, "", name);
    });
  }
}

/** Logits of the rotated digit as bars, those of the upright one as outlines. */
class LogitBars {
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

  draw([upright, rotated]) {
    const [least, most] = [Math.min(0, ...upright), Math.max(0, ...upright)];
    const [from, range] = [least - MARGIN * (most - least), (1 + 2 * MARGIN) * (most - least)];
    const place = (z) => 100 * Math.max(0, Math.min(1, (z - from) / range));
    const set = ({ style }, z) => {
      const [a, b] = [place(Math.min(0, z)), place(Math.max(0, z))];
      style.left = `${a}%`;
      style.width = `${b - a}%`;
    };
    const best = rotated.indexOf(Math.max(...rotated));
    this.rows.forEach(({ bar, ghost, element }, k) => {
      set(bar, rotated[k]);
      set(ghost, upright[k]);
      element.classList.toggle("st-best", k === best);
    });
    const spoken = this.names.map((name, k) => `${name}: ${rotated[k].toFixed(1)} (${upright[k].toFixed(1)})`);
    this.bars.setAttribute("aria-label", `Logits of the rotated digit, of the upright one in brackets. ${spoken.join(", ")}.`);
  }
}

/** The controls, each of which follows the model and changes it. */
function networkControls(model, stage, names, changed) {
  const digit = menu("Digit", names, model.get("signal"), (value) => stage.choose(model, "signal", value));
  const grid = choices("Oversampling", { 1: "1", 2: "2", 4: "4" }, `${model.get("oversampling")}`, (value) => {
    stage.choose(model, "oversampling", Number(value));
  });
  const follow = (trait, update) => stage.follow(model, trait, () => {
    update(`${model.get(trait)}`);
    changed(true);
  });
  follow("signal", (value) => (digit.input.value = value));
  follow("oversampling", grid.choose);
  const first = html("div", { class: "st-controls" }, digit.element, grid.element);
  return [first, angleSliders(model, stage, () => changed(false))];
}

/** Reads and checks what Python sent. */
function readState(model) {
  const state = readSignals(model);
  const { L, names, norms } = state;
  requireKnown(model, "oversampling", [1, 2, 4]);
  requireList(model, "angles", Number.isFinite, 3);
  const accuracy = requireList(model, "accuracy", (share) => share >= 0 && share <= 1, 2);
  const digits = state.signals.map((alm, k) => alm.map((x) => x * norms[k])); // its own scale matters here
  return { ...state, digits, accuracy, network: readNetwork(model, L, names.length) };
}

/** Builds the explorer in its stage. */
function buildNetwork(model, stage) {
  const state = readState(model);
  const { L, names, network } = state;
  const core = new TurningNetwork(L, network);
  const above = (rings) => {
    const projection = new Projection(rings, 2 * rings);
    projection.turn(0, Math.PI / 2); // the digit lies over the pole
    return projection;
  };
  const digit = new Globes("Digit, rotated", 1, above(DIGIT_RINGS), true);
  const small = above(LAYER_RINGS);
  const layers = network.channels.slice(1).map((n, k) => new Globes(`Layer ${k + 1}`, n, small, false));
  const bars = new LogitBars(names);
  const transforms = network.limits.slice(1).map((limit) => network.workshop.transform(limit, LAYER_RINGS));
  const large = network.workshop.transform(L, DIGIT_RINGS);
  let stale = true; // whether the upright digit has to go through the network again

  const controls = networkControls(model, stage, names, (all) => {
    stale ||= all;
    stage.schedule();
  });
  const number = html("p", { class: "st-result", "aria-live": "polite" });
  const caption = html("p", { class: "st-caption" }, html("b", {}, "Try it. "), networkCaption(state.accuracy));
  const column = html("div", { class: "st-layers" }, ...layers.map(({ element }) => element));
  const flow = html("div", { class: "st-flow" }, digit.element, column, bars.element);
  stage.body.append(...controls, flow, number, caption);
  const turned = turnAngles(model, stage);
  const pictures = [digit, ...layers].flatMap((one) => one.pictures);
  for (const picture of pictures) makeTurnable(picture, turned);

  stage.start(() => {
    const which = names.indexOf(model.get("signal"));
    const alm = state.digits[which];
    if (stale) {
      core.prepare(alm, model.get("oversampling"));
      digit.span(large, [alm]);
      layers.forEach((layer, k) => layer.span(transforms[k], core.layers[0][k]));
    }
    stale = false;
    core.rotate(alm, model.get("angles"));
    digit.paint(large, [core.rotated]);
    layers.forEach((layer, k) => {
      layer.paint(transforms[k], core.layers[1][k]);
      layer.error.textContent = ` error ${errorText(core.errors[k])}`;
    });
    bars.draw(core.logits);
    number.replaceChildren(...verdict(core, names, which));
    Object.assign(stage.root.dataset, {
      signal: names[which], oversampling: core.oversampling, angles: model.get("angles").join(","),
      errors: core.errors.join(","), moved: core.moved,
      logits: core.logits[1].join(","), upright: core.logits[0].join(","),
    });
  }, () => {
    for (const picture of pictures) picture.layout("globe", state.colours[isDark() ? 1 : 0]);
  });
}

function errorText(error) {
  return error < NO_ERROR ? "0" : `${Number((100 * error).toPrecision(2))}\u00a0%`;
}

/** What the network says, and how far its logits moved. */
function verdict({ logits, moved, errors, oversampling }, names, truth) {
  const [before, now] = logits.map((z) => {
    const shares = softmax(z);
    const best = shares.indexOf(Math.max(...shares));
    return { best, words: `${names[best]} (${percent(shares[best])})` };
  });
  const says = html("b", { class: "st-number" }, now.words);
  const upright = now.best === before.best ? "as of the upright digit" : `of the upright digit ${before.words}`;
  const wrong = now.best === truth ? "" : `; it is a ${names[truth]}`;
  const size = html("b", { class: "st-number" }, errorText(moved));
  const why = {
    1: "A grid no finer than the band-limit takes the high degrees that ReLU makes for low ones, and every layer adds to the error.",
    2: "A grid twice as fine, as in training, holds most of what ReLU makes.",
    4: "The finer the grid, the fewer of the degrees that ReLU makes are taken for low ones.",
  };
  const exact = errors.every((error) => error < NO_ERROR);
  const reason = exact ? "This rotation carries the grids into themselves." : why[oversampling];
  return ["The network says ", says, `, ${upright}${wrong}. Its logits have moved by `, size, `. ${reason}`];
}

function networkCaption([upright, rotated]) {
  return (
    "Drag a globe, or move the angles: every layer turns with the digit, and the logits stand still, " +
    "though the network was trained on upright digits alone. Beside each layer stands its error: the " +
    "difference between rotating the digit and rotating the layer, relative to the layer. Set the " +
    "oversampling to 1, then to 4: which layer errs most, and by how much do the logits move? On test " +
    `digits the network is right for ${percent(upright)} upright and ${percent(rotated)} rotated at random.`
  );
}

export default explorer("network", "Does a trained network turn with its input?", buildNetwork);
