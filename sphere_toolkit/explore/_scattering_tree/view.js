// Where does a scattering network lead the energy of a signal?

import { html, math, number, ShareBar } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { COLOUR_SPAN, LinkedFigures, peakOf, SphereFigure, UNIT_RMS } from "../_page/figures.js";
import { openButton } from "../_page/files.js";
import { memo } from "../_page/memo.js";
import { TransformCache } from "../_page/cache.js";
import { ScatteringNetwork } from "../_page/scattering.js";
import { readBank } from "../_page/state.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";
import { fineShare, TreeView } from "./tree.js";

/** Rings of the grid that is drawn: the network's own grids are too coarse for the eye. */
const DRAWN_RINGS = 256;

/** Milliseconds of a frame that go to paths nobody has asked for yet. */
const AHEAD = 6;

/** @param {ExplorerView} view */
function build(view) {
  const { controls, state: { L }, model } = view;
  const oversampling = model.get("oversampling");
  if (![1, 2, 4].includes(oversampling)) throw new Error(`no oversampling “${oversampling}”`);
  const paths = controls.path.declared.options;
  const network = new ScatteringNetwork(L, paths, readBank(model, L), new TransformCache());
  const projection = new Projection(DRAWN_RINGS, 2 * DRAWN_RINGS);
  const figures = [new SphereFigure(projection), new SphereFigure(projection)];
  const linked = new LinkedFigures(view, figures);
  const tree = new TreeView(network, (k) => controls.path.choose(paths[k]));
  const budget = new Budget();
  const depths = new Depths(paths);
  const side = html("div", { class: "st-tree-side" }, tree.element, budget.element);
  const shown = figures.flatMap(({ head, element }) => [head, element]);
  const pictures = html("div", { class: "st-tree-pictures" }, ...shown);
  view.body.append(
    view.row(controls.signal, controls.nonlinearity, controls.view, openButton(view)),
    html("div", { class: "st-tree-sides" }, side, pictures),
    view.result, depths.element, view.caption(ADVICE),
  );
  const begin = memo((alm, nonlinearity) => {
    network.begin(alm, nonlinearity, oversampling);
    return {};
  });
  let fresh = false; // whether this frame has done its share of work already
  const sample = memo((_, k) => {
    network.sample(k, DRAWN_RINGS, figures[0].samples, figures[1].samples);
    fresh = true;
  });
  view.start(() => {
    const k = controls.path.index;
    fresh = false;
    const nonlinearity = controls.nonlinearity.value;
    sample(begin(view.signal.alm, nonlinearity), k);
    if (!fresh) lookAhead(network);
    linked.coast(view.signal.coastlines);
    showPath(view, figures, network.node(k).arriving, paths[k]);
    figures[0].element.setAttribute("data-link", `path-${paths[k]}`);
    figures[1].element.setAttribute("data-link", `kept path-${paths[k]}`);
    figures[1].element.setAttribute("data-lights", "kept");
    tree.show(k);
    budget.show(network, k);
    depths.show(network);
    view.result.replaceChildren(...treeWords(depths, nonlinearity));
    Object.assign(view.root.dataset, {
      signal: view.signal.name, nonlinearity, path: `${paths[k]}`, known: network.known,
    });
    if (network.missing >= 0) view.schedule();
  }, equation);
  view.layouts.push(() => tree.layout(budget.element.clientWidth));
}

/**
 * Computes paths that nobody has asked for yet, for a part of a frame.
 * @param {ScatteringNetwork} network
 */
function lookAhead(network) {
  const until = performance.now() + AHEAD;
  while (network.missing >= 0 && performance.now() < until) network.node(network.missing);
}

/**
 * U[p] f and S[p] f on the sphere.
 * @param {ExplorerView} view
 * @param {SphereFigure[]} figures
 * @param {number} arriving energy of U[p] f
 * @param {number[]} path
 */
function showPath({ signal: { name, norm, unit } }, figures, arriving, path) {
  const index = `[${path.join(", ")}]`;
  const limits = [COLOUR_SPAN * Math.sqrt(arriving) * UNIT_RMS, peakOf(figures[1].samples)];
  figures.forEach((figure, k) => {
    const letter = "US"[k];
    figure.setSigned(path.length === 0);
    figure.paint({ limit: limits[k], norm, unit, what: `${letter}${index} of: ${name}`, empty: "No energy on this path." });
    const formula = math(html("i", {}, letter), `${index} `, html("i", {}, "f"));
    figure.title.replaceChildren(k ? "Its average: " : "Arrives: ", formula);
  });
}

/** The parts of the energy at a path, and what they light up: the picture of the average is one of them. */
const PARTS = ["kept", "on", "lost"];

/** What becomes of the energy that arrives at the chosen path: one bar, and words. */
class Budget {
  constructor() {
    this.title = html("p", { class: "st-title-text" });
    this.bar = new ShareBar();
    this.bar.parts.forEach((part, i) => part.setAttribute("data-link", PARTS[i]));
    this.words = html("p", { class: "st-share" });
    this.element = html("div", { class: "st-budget" }, this.title, this.bar.element, this.words);
  }

  /**
   * @param {ScatteringNetwork} network
   * @param {number} k path
   */
  show(network, k) {
    const { arriving } = network.node(k);
    const kept = network.kept(k);
    const on = network.handedOn(k);
    const lost = Math.max(0, arriving - kept - on);
    const path = network.paths[k];
    const where = path.length ? `at path ${path.join(", ")}` : "as the signal";
    this.title.replaceChildren(
      number(fineShare(arriving)), ` of the energy arrives ${where}`,
    );
    const parts = [kept, on, lost];
    this.bar.show(parts.map((part) => part / (arriving || 1)));
    this.words.replaceChildren();
    [" in its average", " on to the right", " on no path"].forEach((words, i) => {
      const swatch = html("span", { class: `st-swatch ${this.bar.parts[i].className}`, "aria-hidden": "true" });
      this.words.append(html("span", { "data-link": PARTS[i] }, swatch, html("b", {}, fineShare(parts[i])), words), " ");
    });
    Object.assign(this.element.dataset, { arriving, kept, on, lost });
  }
}

/** Energy of the averages by depth, as bars. */
class Depths {
  /** @param {number[][]} paths */
  constructor(paths) {
    this.complete = false;
    /** @type {number[]} */
    this.shares = [];
    this.lengths = paths.map((path) => path.length);
    this.depth = Math.max(...this.lengths);
    const labels = Array.from({ length: this.depth + 1 }, (_, d) => `depth ${d}`);
    this.rows = [...labels, "on no path"].map((label, d) => {
      const fill = html("span", { class: "st-fill" });
      const share = html("b", {});
      const track = html("span", { class: "st-track", "aria-hidden": "true" }, fill);
      const row = { class: "st-columns", "data-link": `depth-${d}` };
      return { fill, share, element: html("li", row, html("span", {}, label), track, share) };
    });
    this.rows[this.depth + 1].element.classList.add("st-no-path");
    const list = html("ul", { class: "st-depths" }, ...this.rows.map((row) => row.element));
    const title = html("p", { class: "st-title-text" }, "Energy in the averages, by depth");
    this.element = html("div", { class: "st-tree-depths st-told" }, title, list);
  }

  /** Sums over the paths, once all are known.
   * @param {ScatteringNetwork} network */
  show(network) {
    this.complete = network.missing < 0;
    this.shares = new Array(this.depth + 2).fill(0);
    network.nodes.forEach((node, k) => (this.shares[this.lengths[k]] += node ? network.kept(k) : 0));
    const total = this.shares.reduce((sum, share) => sum + share, 0);
    this.shares[this.depth + 1] = this.complete ? Math.max(0, 1 - total) : 0;
    this.rows.forEach(({ fill, share, element }, d) => {
      fill.style.width = `${100 * this.shares[d]}%`;
      share.textContent = this.complete ? fineShare(this.shares[d]) : "…";
      element.dataset.share = `${this.shares[d]}`;
    });
  }
}

/**
 * @param {Depths} depths
 * @param {string} nonlinearity
 * @returns {(Node | string)[]}
 */
function treeWords({ complete, shares, depth }, nonlinearity) {
  if (!complete) return ["…"];
  const before = shares.slice(0, depth).reduce((sum, share) => sum + share, 0);
  const upTo = depth === 1 ? "Depth 0 keeps " : `Depths 0 to ${depth - 1} keep `;
  return [
    upTo, html("b", {}, fineShare(before)), ` of the energy; depth ${depth} adds `,
    number(fineShare(shares[depth])), ". The rest, ",
    html("b", {}, fineShare(shares[depth + 1])),
    `, is on no path: the ${NOUNS[nonlinearity] ?? nonlinearity} left it at degrees where no coarser wavelet looks, or it lies deeper.`,
  ];
}

/** How nonlinearities are called that are not called by their names. @type {Object<string, string>} */
const NOUNS = { rms: "local RMS" };

const ADVICE =
  "Choose a node, or walk along the tree with the arrow keys: 5, 4 is the modulus at scale 5, seen " +
  "through the wavelet of scale 4, and its modulus again. The wider a line, the more energy " +
  "arrives (fourfold for twice the width); under each path stands what its average keeps. " +
  "Follow the numbers to the right, then change the signal: is there one that needs a third depth? " +
  "With the envelope or the root mean square around each point (RMS) in place of the modulus, how " +
  "much is on no path?";

export default explorer("scattering_tree", "Where the energy goes in a scattering network", build);
