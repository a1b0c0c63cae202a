// Where does a scattering network lead the energy of a signal?

import { Projection } from "../_page/draw.js";
import { Network } from "../_page/network.js";
import { Picture } from "../_page/picture.js";
import { Pictures } from "../_page/pictures.js";
import { readBank, readPaths, readScaling } from "../_page/bank.js";
import { readSignals, requireList } from "../_page/signals.js";
import { TreeView } from "./tree.js";
import { explorer, html, menu } from "../_page/ui.js";

/** Rings of the grid that is drawn: the network's own grids are too coarse for the eye. */
const DRAWN_RINGS = 256;

/** Colours of U[p] f span this many times its root mean square. */
const REACH = 3;

/** Milliseconds of a frame that go to paths nobody has asked for yet. */
const AHEAD = 6;

/**
 * A share as a percentage of at least two digits.
 * @param {number} share 0 .. 1
 * @returns {string}
 */
export function fineShare(share) {
  const value = 100 * Math.max(0, share);
  if (value < 0.0005) return value === 0 ? "0\u00a0%" : "<0.001\u00a0%";
  const digits = value >= 1 ? 1 : value >= 0.1 ? 2 : 3;
  return `${value.toFixed(digits)}\u00a0%`;
}

/** Reads and checks what Python sent. */
function readTree(model) {
  const signals = readSignals(model);
  const bank = readBank(model, signals.L);
  const paths = readPaths(model, bank.scales);
  const isGrid = (rings) => rings >= 8 && Number.isInteger(Math.log2(rings));
  bank.rings = requireList(model, "rings", isGrid, bank.scales.length);
  if (indexOfPath(paths, model.get("path")) < 0) throw new Error(`no path “${model.get("path")}”`);
  return { ...signals, paths, bank, scaling: readScaling(model, bank.windows) };
}

function indexOfPath(paths, path) {
  return paths.findIndex((known) => `${known}` === `${path}`);
}

/** Builds the explorer in its stage. */
function buildTree(model, stage) {
  const state = readTree(model);
  const { L, names, paths, signals } = state;
  const network = new Network(L, paths, state.bank, state.scaling);
  const projection = new Projection(DRAWN_RINGS, 2 * DRAWN_RINGS);
  const pair = ["U", "S"].map((letter) => new Drawn(letter, projection));
  const pictures = new Pictures(model, stage, pair.map((drawn) => drawn.picture), state);
  const choice = menu("Signal", names, model.get("signal"), (name) => stage.choose(model, "signal", name));
  const tree = new TreeView(network, (k) => stage.choose(model, "path", paths[k]));
  const budget = new Budget();
  const depths = new Depths(paths);
  const result = html("p", { class: "st-result", "aria-live": "polite" });
  const controls = html("div", { class: "st-controls" });
  if (names.length > 1) controls.append(choice.element);
  controls.append(pictures.button);
  const side = html("div", { class: "st-tree-side" }, tree.element, budget.element);
  const shown = pair.flatMap(({ picture }) => [picture.head, picture.sphere.element]);
  const sides = html("div", { class: "st-tree-sides" }, side);
  sides.append(html("div", { class: "st-tree-pictures" }, ...shown), depths.element);
  const caption = html("p", { class: "st-caption" }, html("b", {}, "Try it. "), treeCaption());
  stage.body.append(controls, sides, result, caption);

  let stale = true; // whether the pictures show another path
  const which = () => names.indexOf(model.get("signal"));
  const begin = () => network.begin(signals[which()]);
  stage.follow(model, "signal", () => {
    choice.input.value = model.get("signal");
    pictures.drawCoasts();
    begin();
    stale = true;
    stage.schedule();
  });
  stage.follow(model, "path", () => {
    stale = true;
    stage.schedule();
  });
  begin();
  const draw = () => {
    const k = indexOfPath(paths, model.get("path"));
    if (stale) network.sample(k, DRAWN_RINGS, pair[0].samples, pair[1].samples);
    else lookAhead(network);
    stale = false;
    for (const drawn of pair) drawn.show(network.node(k), paths[k], state, which());
    tree.show(k, fineShare);
    budget.show(network, k);
    depths.show(network);
    result.replaceChildren(...treeWords(depths));
    Object.assign(stage.root.dataset, {
      signal: names[which()], path: `${paths[k]}`, known: network.known,
    });
    if (network.missing >= 0) stage.schedule();
  };
  stage.start(draw, () => {
    pictures.layout();
    tree.layout(budget.element.clientWidth);
  });
}

/** Computes paths that nobody has asked for yet, for a part of a frame. */
function lookAhead(network) {
  const until = performance.now() + AHEAD;
  while (network.missing >= 0 && performance.now() < until) network.node(network.missing);
}

/** U[p] f or S[p] f on the sphere. */
class Drawn {
  constructor(letter, projection) {
    this.letter = letter;
    this.picture = new Picture(projection);
    this.samples = new Float32Array(projection.rings * projection.longitudes);
  }

  show({ arriving }, path, { names, norms, units }, which) {
    const { letter, picture, samples } = this;
    let limit = REACH * Math.sqrt(arriving / (4 * Math.PI));
    if (letter === "S") limit = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const index = `[${path.join(", ")}]`;
    picture.setSigned(path.length === 0);
    picture.paint(samples, limit, norms[which], units[which], `${letter}${index} of: ${names[which]}`);
    const math = html("span", { class: "st-math" }, html("i", {}, letter), `${index} `, html("i", {}, "f"));
    picture.title.replaceChildren(letter === "U" ? "Arrives: " : "Its average: ", math);
  }
}

/** What becomes of the energy that arrives at the chosen path: one bar, and words. */
class Budget {
  constructor() {
    this.title = html("p", { class: "st-title-text" });
    this.parts = ["kept", "on", "lost"].map((name) => html("span", { class: `st-part st-${name}` }));
    this.words = html("p", { class: "st-share" });
    const bar = html("div", { class: "st-budget-bar", "aria-hidden": "true" }, ...this.parts);
    this.element = html("div", { class: "st-budget" }, this.title, bar, this.words);
  }

  show(network, k) {
    const { arriving, kept } = network.node(k);
    const on = network.handedOn(k);
    const lost = Math.max(0, arriving - kept - on);
    const path = network.paths[k];
    const where = path.length ? `at path ${path.join(", ")}` : "as the signal";
    this.title.replaceChildren(
      html("b", { class: "st-number" }, fineShare(arriving)), ` of the energy arrives ${where}`,
    );
    const names = ["kept", "on", "lost"];
    const words = [" in its average", " on to the right", " on no path"];
    this.words.replaceChildren();
    [kept, on, lost].forEach((part, i) => {
      this.parts[i].style.width = `${(100 * part) / (arriving || 1)}%`;
      const swatch = html("span", { class: `st-swatch st-${names[i]}`, "aria-hidden": "true" });
      this.words.append(html("span", {}, swatch, html("b", {}, fineShare(part)), words[i]), " ");
    });
    Object.assign(this.element.dataset, { arriving, kept, on, lost });
  }
}

/** Energy of the averages by depth, as bars. */
class Depths {
  constructor(paths) {
    this.lengths = paths.map((path) => path.length);
    this.depth = Math.max(...this.lengths);
    const labels = Array.from({ length: this.depth + 1 }, (_, d) => `depth ${d}`);
    this.rows = [...labels, "on no path"].map((label) => {
      const fill = html("span", { class: "st-fill" });
      const number = html("b", {});
      const track = html("span", { class: "st-track", "aria-hidden": "true" }, fill);
      return { fill, number, element: html("li", {}, html("span", {}, label), track, number) };
    });
    this.rows.at(-1).element.className = "st-no-path";
    const list = html("ul", { class: "st-depths" }, ...this.rows.map((row) => row.element));
    const title = html("p", { class: "st-title-text" }, "Energy in the averages, by depth");
    this.element = html("div", { class: "st-tree-depths" }, title, list);
  }

  /** Sums over the paths, once all are known. */
  show(network) {
    this.complete = network.missing < 0;
    this.shares = new Array(this.depth + 2).fill(0);
    network.nodes.forEach((node, k) => (this.shares[this.lengths[k]] += node?.kept ?? 0));
    const total = this.shares.reduce((sum, share) => sum + share, 0);
    this.shares[this.depth + 1] = this.complete ? Math.max(0, 1 - total) : 0;
    this.rows.forEach(({ fill, number, element }, d) => {
      fill.style.width = `${100 * this.shares[d]}%`;
      number.textContent = this.complete ? fineShare(this.shares[d]) : "…";
      element.dataset.share = this.shares[d];
    });
  }
}

function treeWords({ complete, shares, depth }) {
  if (!complete) return ["…"];
  const before = shares.slice(0, depth).reduce((sum, share) => sum + share, 0);
  const upTo = depth === 1 ? "Depth 0 keeps " : `Depths 0 to ${depth - 1} keep `;
  return [
    upTo, html("b", {}, fineShare(before)), ` of the energy; depth ${depth} adds `,
    html("b", { class: "st-number" }, fineShare(shares[depth])), ". The rest, ",
    html("b", {}, fineShare(shares[depth + 1])),
    ", is on no path: the modulus left it at degrees where no coarser wavelet looks, or it lies deeper.",
  ];
}

function treeCaption() {
  return (
    "Choose a node, or walk along the tree with the arrow keys: 5, 4 is the modulus at scale 5, seen " +
    "through the wavelet of scale 4, and its modulus again. The wider a line, the more energy " +
    "arrives (fourfold for twice the width); under each path stands what its average keeps. " +
    "Follow the numbers to the right, then change the signal: is there one that needs a third depth?"
  );
}

export default explorer("scattering_tree", "Where the energy goes in a scattering network", buildTree);
