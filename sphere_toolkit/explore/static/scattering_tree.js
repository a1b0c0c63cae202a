// Where does a scattering network lead the energy of a signal?

import { SphericalHarmonics } from "./sht.js";
import { packColours, Projection } from "./draw.js";
import { Picture, Pictures } from "./pictures.js";
import { Scattering, TreeView } from "./tree_of_paths.js";
import { binary, explorer, html, isDark, menu } from "./ui.js";

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
  if (value < 0.0005) return value === 0 ? "0\u00a0%" : "<\u00a00.001\u00a0%";
  const digits = value >= 1 ? 1 : value >= 0.1 ? 2 : 3;
  return `${value.toFixed(digits)}\u00a0%`;
}

/** Reads and checks what Python sent. */
function readTree(model) {
  const L = model.get("L");
  const lists = ["names", "scales", "paths", "bands", "rings"].map((name) => model.get(name));
  const [names, scales, paths, bands, rings] = lists;
  if (!(Number.isInteger(L) && L > 0 && lists.every((list) => list?.length))) {
    throw new Error("the explorer's description of its tree is incomplete");
  }
  if (!names.includes(model.get("signal"))) throw new Error(`no signal “${model.get("signal")}”`);
  if (indexOfPath(paths, model.get("path")) < 0) throw new Error(`no path “${model.get("path")}”`);
  const size = L * (L + 1);
  const all = binary(model, "coefficients", Float32Array, names.length * size);
  const windows = binary(model, "windows", Float32Array, scales.length * L);
  const colours = binary(model, "colours", Uint8Array, 2 * 3 * 256);
  return {
    L, names, paths,
    bank: { scales, bands, rings, windows: scales.map((_, k) => windows.subarray(k * L, (k + 1) * L)) },
    scaling: binary(model, "scaling", Float32Array),
    signals: names.map((_, k) => all.subarray(k * size, (k + 1) * size)),
    colours: [0, 1].map((k) => packColours(colours.subarray(k * 768, (k + 1) * 768))),
    coastlines: binary(model, "coastlines", Int16Array),
    units: model.get("units"),
    norms: model.get("norms"),
    onEarth: model.get("on_earth"),
  };
}

function indexOfPath(paths, path) {
  return paths.findIndex((known) => `${known}` === `${path}`);
}

/** Builds the explorer in its stage. */
function buildTree(model, stage) {
  const state = readTree(model);
  const { L, names, paths } = state;
  const network = new Scattering(L, paths, state.bank, state.scaling);
  const display = new SphericalHarmonics(L, DRAWN_RINGS, 2 * DRAWN_RINGS);
  const size = 2 * DRAWN_RINGS * DRAWN_RINGS;
  const samples = [new Float32Array(size), new Float32Array(size)];
  const projection = new Projection(DRAWN_RINGS, 2 * DRAWN_RINGS);
  const pair = [new Picture(projection, false), new Picture(projection, false)];
  const pictures = new Pictures(model, stage, pair, state);
  const signals = menu("Signal", names, model.get("signal"), (name) => stage.choose(model, "signal", name));
  const tree = new TreeView(network, (k) => stage.choose(model, "path", paths[k]));
  const budget = new Budget();
  const depths = new Depths(paths);
  const result = html("p", { class: "st-result", "aria-live": "polite" });
  const controls = html("div", { class: "st-controls" });
  if (names.length > 1) controls.append(signals.element);
  controls.append(pictures.button);
  const heads = depths.heads;
  const left = html("div", { class: "st-tree-side" }, heads, tree.element, depths.element);
  const right = html("div", { class: "st-tree-side" }, pair[0].head, pair[0].sphere.element);
  right.append(pair[1].head, pair[1].sphere.element, budget.element);
  const caption = html("p", { class: "st-caption" }, html("b", {}, "Try it. "), treeCaption());
  stage.body.append(controls, html("div", { class: "st-tree-sides" }, left, right), result, caption);

  let fresh = false; // whether the samples are those of the chosen path
  const begin = () => {
    network.start(state.signals[names.indexOf(model.get("signal"))]);
    fresh = false;
  };
  stage.follow(model, "signal", () => {
    signals.input.value = model.get("signal");
    pictures.drawCoasts();
    begin();
    stage.schedule();
  });
  stage.follow(model, "path", () => {
    fresh = false;
    stage.schedule();
  });
  stage.follow(model, "view", () => {
    pictures.resize();
    stage.schedule();
  });
  begin();
  stage.start(() => {
    const k = indexOfPath(paths, model.get("path"));
    const asked = !fresh;
    if (asked) network.show(k, display, samples[0], samples[1]);
    fresh = true;
    const until = performance.now() + AHEAD;
    while (!asked && network.missing >= 0 && performance.now() < until) network.node(network.missing);
    const which = names.indexOf(model.get("signal"));
    paintPair(pair, samples, network.node(k), paths[k], { state, which });
    tree.show(k, fineShare);
    budget.show(network, k);
    depths.show(network);
    result.replaceChildren(...treeWords(depths));
    stage.root.dataset.signal = names[which];
    stage.root.dataset.path = `${paths[k]}`;
    stage.root.dataset.known = network.known;
    if (network.missing >= 0) stage.schedule();
  }, () => {
    pictures.resize();
    tree.layout(tree.element.clientWidth);
  });
}

/** Paints U[p] f and S[p] f and names them. */
function paintPair(pair, samples, node, path, { state, which }) {
  const norm = state.norms[which];
  const unit = state.units[which] ? ` ${state.units[which]}` : "";
  const colours = state.colours[isDark() ? 1 : 0];
  const index = `[${path.join(", ")}]`;
  let most = 0;
  for (const value of samples[1]) most = Math.max(most, Math.abs(value));
  const limits = [REACH * Math.sqrt(node.arriving / (4 * Math.PI)), most];
  ["U", "S"].forEach((letter, k) => {
    pair[k].signed = path.length === 0;
    pair[k].paint(samples[k], limits[k], colours);
    const words = k === 0 ? " arrives here" : " its average";
    const title = [html("i", {}, letter), `${index} `, html("i", {}, "f")];
    const math = html("span", { class: "st-math" }, ...title);
    const spoken = `${letter}${index} of: ${state.names[which]}`;
    pair[k].describe([math, words], spoken, limits[k] * norm, unit);
  });
}

/** What becomes of the energy that arrives at the chosen path, as one bar and in words. */
class Budget {
  constructor() {
    this.parts = ["kept", "on", "lost"].map((name) => html("span", { class: `st-part st-${name}` }));
    this.words = html("p", { class: "st-share" });
    const bar = html("div", { class: "st-budget-bar", "aria-hidden": "true" }, ...this.parts);
    this.element = html("div", { class: "st-budget" }, bar, this.words);
  }

  show(network, k) {
    const { arriving, kept } = network.node(k);
    const on = network.handedOn(k);
    const lost = Math.max(0, arriving - kept - on);
    const all = arriving || 1;
    [kept, on, lost].forEach((part, i) => (this.parts[i].style.width = `${(100 * part) / all}%`));
    this.words.replaceChildren(
      html("b", { class: "st-number" }, fineShare(arriving)), " of the energy arrives: ",
      fineShare(kept), " stays in the average, ", fineShare(on), " goes on to the right, ",
      fineShare(lost), " is left out.",
    );
    Object.assign(this.element.dataset, { arriving, kept, on, lost });
  }
}

/** Energy of the averages by depth, as bars. */
class Depths {
  constructor(paths) {
    this.lengths = paths.map((path) => path.length);
    this.depth = Math.max(...this.lengths);
    const labels = Array.from({ length: this.depth + 1 }, (_, d) => `depth ${d}`);
    this.heads = html("div", { class: "st-depth-heads", "aria-hidden": "true" });
    this.heads.append(...labels.map((label) => html("span", {}, label)));
    this.heads.style.gridTemplateColumns = `repeat(${labels.length}, 1fr)`;
    this.rows = [...labels, "no path"].map((label) => {
      const fill = html("span", { class: "st-fill" });
      const number = html("b", {});
      const cells = [html("span", {}, label), html("span", { class: "st-track" }, fill), number];
      return { fill, number, element: html("li", {}, ...cells) };
    });
    this.rows.at(-1).element.className = "st-no-path";
    const list = html("ul", { class: "st-depths" }, ...this.rows.map((row) => row.element));
    const title = html("p", { class: "st-title-text" }, "Energy by depth");
    this.element = html("div", {}, title, list);
  }

  /** Sums over the paths that are known. */
  show(network) {
    this.complete = network.missing < 0;
    this.shares = new Array(this.depth + 2).fill(0);
    network.nodes.forEach((node, k) => (this.shares[this.lengths[k]] += node?.kept ?? 0));
    const total = this.shares.reduce((sum, share) => sum + share, 0);
    this.shares[this.depth + 1] = this.complete ? 1 - total : 0;
    this.rows.forEach(({ fill, number, element }, d) => {
      fill.style.width = `${100 * Math.max(0, this.shares[d])}%`;
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
    upTo, html("b", {}, fineShare(before)), " of the energy, ", `depth ${depth} adds `,
    html("b", { class: "st-number" }, fineShare(shares[depth])), ". The rest, ",
    html("b", {}, fineShare(shares[depth + 1])),
    ", the modulus leaves at degrees where no coarser wavelet looks.",
  ];
}

function treeCaption() {
  return (
    "Choose a node, or walk along the tree with the arrow keys: (6, 4) is the modulus at scale 6, " +
    "seen through the wavelet of scale 4, and its modulus. The wider a line, the more energy " +
    "arrives (its root); under each path stands what its average keeps. Then change the signal."
  );
}

export default explorer("scattering_tree", "Where the energy goes in a scattering network", buildTree);
